//! YAML: the core schema, what it shares and merges, and what stands behind a place that is broken.

use insta::assert_snapshot;

use super::shown;

fn yaml(text: impl AsRef<[u8]>) -> String {
    shown("api.yaml", text)
}

#[test]
fn values_know_their_places() {
    assert_snapshot!(yaml("# about\nopenapi: 3.1.0\ninfo:\n  title: \"A \\\"b\\\"\"\n  \"x y\": 'it''s'\n  none:\nlist:\n- é: 1\n  f: 2\n-\n  - a\n  - [b, {c: d}]\n"), @r#"
    {} 2:1
      openapi 2:1 = "3.1.0" 2:10
      info 3:1 = {} 4:3
        title 4:3 = "A \"b\"" 4:10
        x y 5:3 = "it's" 5:10
        none 6:3 = null 6:7
      list 7:1 = [] 8:1
        - {} 8:3
          é 8:3 = 1 8:6
          f 9:3 = 2 9:6
        - [] 11:3
          - "a" 11:5
          - [] 12:5
            - "b" 12:6
            - {} 12:9
              c 12:10 = "d" 12:13
    "#);
}

#[test]
fn a_list_begins_at_its_dash_however_it_is_indented() {
    assert_snapshot!(yaml("a:\n- 1\nb:\n  -   2\nc:\n- - 3\n- # four\n  4\nd:\n- [5]\ne: [6]\n"), @r"
    {} 1:1
      a 1:1 = [] 2:1
        - 1 2:3
      b 3:1 = [] 4:3
        - 2 4:7
      c 5:1 = [] 6:1
        - [] 6:3
          - 3 6:5
        - 4 8:3
      d 9:1 = [] 10:1
        - [] 10:3
          - 5 10:4
      e 11:1 = [] 11:4
        - 6 11:5
    ");
}

#[test]
fn texts_of_every_style_are_read() {
    assert_snapshot!(yaml("literal: |\n  a\n   b\n\nfolded: >-\n  a\n  b\n\n  c\nkeep: |+\n  a\n\nplain: a\n  b\nsingle: 'a\n  b'\ndouble: \"a\\\n  b\\x41\\u00e9\\U0001F600\"\n"), @r#"
    {} 1:1
      literal 1:1 = "a\n b\n" 2:3
      folded 5:1 = "a b\nc" 6:3
      keep 10:1 = "a\n\n" 11:3
      plain 13:1 = "a b" 13:8
      single 15:1 = "a b" 15:9
      double 17:1 = "abAé😀" 17:9
    "#);
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    assert_snapshot!(yaml("- [~, null, Null, NULL, nUll]\n- [true, True, TRUE, false, yes, no, on, Off, y]\n- [0, -0, +12, 012, -007, 0o17, 0x1F, 0xfg, 0o8, 1_000]\n- [1.5, .5, -.5, 5., +1.e3, 01.50, 1e3, 1E+3, 1e, ., +]\n- [12:30, 2024-01-01, 1.2.3]\n"), @r#"
    [] 1:1
      - [] 1:3
        - null 1:4
        - null 1:7
        - null 1:13
        - null 1:19
        - "nUll" 1:25
      - [] 2:3
        - true 2:4
        - true 2:10
        - true 2:16
        - false 2:22
        - "yes" 2:29
        - "no" 2:34
        - "on" 2:38
        - "Off" 2:42
        - "y" 2:47
      - [] 3:3
        - 0 3:4
        - -0 3:7
        - 12 3:11
        - 12 3:16
        - -7 3:21
        - 15 3:27
        - 31 3:33
        - "0xfg" 3:39
        - "0o8" 3:45
        - "1_000" 3:50
      - [] 4:3
        - 1.5 4:4
        - 0.5 4:9
        - -0.5 4:13
        - 5.0 4:18
        - 1.0e3 4:22
        - 1.50 4:29
        - 1e3 4:36
        - 1E+3 4:41
        - "1e" 4:47
        - "." 4:51
        - "+" 4:54
      - [] 5:3
        - "12:30" 5:4
        - "2024-01-01" 5:11
        - "1.2.3" 5:23
    "#);
}

#[test]
fn numbers_that_json_does_not_have_are_texts() {
    assert_snapshot!(yaml("- .inf\n- -.INF\n- .nan\n- 0xffffffffffffffffffffffffffffffff\n- 0x100000000000000000000000000000000\n- 123456789012345678901234567890\n"), @r#"
    [] 1:1
      - ".inf" 1:3
      - "-.INF" 2:3
      - ".nan" 3:3
      - 340282366920938463463374607431768211455 4:3
      - "0x100000000000000000000000000000000" 5:3
      - 123456789012345678901234567890 6:3
    warn number-beyond-json 1:3 `.inf` is a number that JSON does not have and is read as text: quote it, or write another
    warn number-beyond-json 2:3 `-.INF` is a number that JSON does not have and is read as text: quote it, or write another
    warn number-beyond-json 3:3 `.nan` is a number that JSON does not have and is read as text: quote it, or write another
    warn number-beyond-json 5:3 `0x100000000000000000000000000000000` is a number that JSON does not have and is read as text: quote it, or write another
    "#);
}

#[test]
fn keys_that_are_no_texts_become_their_texts() {
    assert_snapshot!(yaml("200: a\ntrue: b\n1.50: c\n~: d\n0x1F: e\n? f\n: g\n!!str 7: h\n"), @r#"
    {} 1:1
      200 1:1 = "a" 1:6
      true 2:1 = "b" 2:7
      1.50 3:1 = "c" 3:7
      ~ 4:1 = "d" 4:4
      0x1F 5:1 = "e" 5:7
      f 6:3 = "g" 7:3
      7 8:7 = "h" 8:10
    "#);
    assert_snapshot!(yaml("? [a, b]\n: 1\n? {c: d}\n: [2]\ne: 3\n"), @r"
    {} 1:1
      e 5:1 = 3 5:4
    error key-not-text 1:3 a list or a mapping stands as a key, and its value is not read: write a text
    error key-not-text 3:3 a list or a mapping stands as a key, and its value is not read: write a text
    ");
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    assert_snapshot!(yaml("a: 1\n'a': 2\nb: {c: 1, \"c\": 2}\n"), @r"
    {} 1:1
      a 2:1 = 2 2:6
      b 3:1 = {} 3:4
        c 3:11 = 2 3:16
    warn duplicate-key 2:1 the key `a` stands more than once in this mapping and the last counts: keep one; the first is in line 1
    warn duplicate-key 3:11 the key `c` stands more than once in this mapping and the last counts: keep one; the first is in line 3
    ");
}

#[test]
fn aliases_share_what_their_anchor_names() {
    assert_snapshot!(yaml("a: &x {k: [1]}\nb: *x\nc: [*x, &y two, *y]\n&z d: *z\n*z : 3\ne: &x 4\nf: *x\n"), @r#"
    {} 1:1
      a 1:1 = {} 1:7
        k 1:8 = [] 1:11
          - 1 1:12
      b 2:1 = {} 1:7
        k 1:8 = [] 1:11
          - 1 1:12
      c 3:1 = [] 3:4
        - {} 1:7
          k 1:8 = [] 1:11
            - 1 1:12
        - "two" 3:12
        - "two" 3:12
      d 5:1 = 3 5:6
      e 6:1 = 4 6:7
      f 7:1 = 4 6:7
    warn duplicate-key 5:1 the key `d` stands more than once in this mapping and the last counts: keep one; the first is in line 4
    "#);
}

#[test]
fn an_alias_that_leads_nowhere_is_null() {
    assert_snapshot!(yaml("a: &x\n  b: *x\n  c: *unknown\n  *unknown : 1\nd: *x\n"), @r"
    {} 1:1
      a 1:1 = {} 2:3
        b 2:3 = null 2:6
        c 3:3 = null 3:6
      d 5:1 = {} 2:3
        b 2:3 = null 2:6
        c 3:3 = null 3:6
    error alias-in-own-anchor 2:6 an alias stands inside what its anchor names, which has no end, and is read as null: write it out
    error unknown-anchor 3:6 an alias names an anchor that does not stand before it, and is read as null: set the anchor
    error unknown-anchor 4:3 an alias names an anchor that does not stand before it, and is read as null: set the anchor
    ");
}

#[test]
fn merge_keys_are_carried_out() {
    assert_snapshot!(yaml("base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\none:\n  b: own\n  <<: *base\ntwo:\n  <<: [*more, *base]\n  d: 5\nthree: {<<: {e: 6}}\n'<<': text\n"), @r#"
    {} 1:1
      base 1:1 = {} 1:13
        a 1:14 = 1 1:17
        b 1:20 = 2 1:23
      more 2:1 = {} 2:13
        b 2:14 = 3 2:17
        c 2:20 = 4 2:23
      one 3:1 = {} 4:3
        b 4:3 = "own" 4:6
        a 1:14 = 1 1:17
      two 6:1 = {} 7:3
        d 8:3 = 5 8:6
        b 2:14 = 3 2:17
        c 2:20 = 4 2:23
        a 1:14 = 1 1:17
      three 9:1 = {} 9:8
        e 9:14 = 6 9:17
      << 10:1 = "text" 10:7
    "#);
}

#[test]
fn only_mappings_are_merged() {
    assert_snapshot!(yaml("a:\n  <<: 1\n  b: 2\nc:\n  <<: [{d: 3}, text, [{e: 4}]]\n  <<: {f: 5}\ng: {<<: }\n"), @r"
    {} 1:1
      a 1:1 = {} 2:3
        b 3:3 = 2 3:6
      c 4:1 = {} 5:3
        d 5:9 = 3 5:12
        f 6:8 = 5 6:11
      g 7:1 = {} 7:4
    warn merge-not-mapping 2:7 `<<` merges mappings only, and this is none: remove it
    warn merge-not-mapping 5:7 `<<` merges mappings only, and this is none: remove it
    warn merge-not-mapping 5:7 `<<` merges mappings only, and this is none: remove it
    warn duplicate-key 6:3 `<<` stands more than once in this mapping and all are merged: merge a list; the first is in line 5
    warn merge-not-mapping 7:7 `<<` merges mappings only, and this is none: remove it
    ");
}

#[test]
fn tags_of_the_core_schema_are_honoured() {
    assert_snapshot!(yaml("- !!str 12\n- !!int \"12\"\n- !!float 1\n- !!bool 'true'\n- !!null ''\n- ! 12\n- !<tag:yaml.org,2002:str> true\n- !!seq [1]\n- !!map {a: 1}\n- !!str\n- &a !!str 3\n"), @r#"
    [] 1:1
      - "12" 1:9
      - 12 2:9
      - 1 3:11
      - true 4:10
      - null 5:10
      - "12" 6:5
      - "true" 7:17
      - [] 8:9
        - 1 8:10
      - {} 9:9
        a 9:10 = 1 9:13
      - "" 10:3
      - "3" 11:12
    "#);
}

#[test]
fn other_tags_are_told_and_ignored() {
    assert_snapshot!(yaml("- !mine 12\n- !!binary aGk=\n- !!int x\n- !!map [1]\n- !mine {a: 1}\n- !!set {a}\n- !<tag:example.com,2000:x> \"1\"\n"), @r#"
    [] 1:1
      - 12 1:9
      - "aGk=" 2:12
      - "x" 3:9
      - [] 4:9
        - 1 4:10
      - {} 5:9
        a 5:10 = 1 5:13
      - {} 6:9
        a 6:10 = null 6:11
      - "1" 7:20
    warn unknown-tag 1:3 the tag `!mine` means nothing in a description and is ignored: remove it
    warn unknown-tag 2:3 the tag `!!binary` means nothing in a description and is ignored: remove it
    warn tag-mismatch 3:3 the tag `!!int` does not fit this value and is ignored: remove it
    warn tag-mismatch 4:3 the tag `!!map` does not fit this value and is ignored: remove it
    warn unknown-tag 5:3 the tag `!mine` means nothing in a description and is ignored: remove it
    warn unknown-tag 6:3 the tag `!!set` means nothing in a description and is ignored: remove it
    warn unknown-tag 7:3 the tag `!<tag:example.com,2000:x>` means nothing in a description and is ignored: remove it
    "#);
}

#[test]
fn only_the_first_document_counts() {
    assert_snapshot!(yaml("%YAML 1.2\n---\na: 1\n...\n---\nb: 2\n"), @r"
    {} 3:1
      a 3:1 = 1 3:4
    warn more-documents 5:1 the file holds another document, and only the first is read: put it into a file of its own
    ");
    assert_snapshot!(yaml("---\n---\na: 1\n"), @r"
    null 2:1
    warn more-documents 2:1 the file holds another document, and only the first is read: put it into a file of its own
    ");
    assert_snapshot!(yaml("a: 1\n...\nb: 2\n"), @r"
    {} 1:1
      a 1:1 = 1 1:4
    warn more-documents 3:1 the file holds another document, and only the first is read: put it into a file of its own
    ");
}

#[test]
fn braces_may_be_yaml() {
    let text = "{openapi: 3.1.0, paths: {'/a': {get: {}}}, x: [a, b,]} # done\n";
    assert_snapshot!(shown("api.yaml", text), @r#"
    {} 1:1
      openapi 1:2 = "3.1.0" 1:11
      paths 1:18 = {} 1:25
        /a 1:26 = {} 1:32
          get 1:33 = {} 1:38
      x 1:44 = [] 1:47
        - "a" 1:48
        - "b" 1:51
    "#);
    assert_eq!(shown("api", text), shown("api.yaml", text));
    // By its name it is JSON.
    assert_snapshot!(shown("api.json", "{'a': 1}"), @r"
    {} 1:1
      a 1:2 = 1 1:7
    warn single-quotes 1:2 JSON writes texts in double quotes: replace the single ones
    ");
    // YAML would take the comment for text.
    assert_snapshot!(yaml("{ // about\n a: 1}"), @r"
    {} 1:1
      a 2:2 = 1 2:5
    warn comment 1:3 JSON has no comments, and most readers refuse the file: remove it, or write the file as YAML
    warn bare-word 2:2 the key `a` has no quotes: write it in double quotes
    ");
    // Neither the one nor the other.
    assert_snapshot!(yaml("{a: 1, b: [2, \"c\": 3}"), @r#"
    {} 1:1
      a 1:2 = 1 1:5
      b 1:8 = [] 1:11
        - 2 1:12
        - "c" 1:15
        - 3 1:20
    warn bare-word 1:2 the key `a` has no quotes: write it in double quotes
    warn bare-word 1:8 the key `b` has no quotes: write it in double quotes
    warn stray-character 1:18 a colon stands in a list: remove it, or write the list as a mapping
    error unclosed-bracket 1:21 a `]` is missing before this `}`: write it; what is open begins in line 1
    "#);
}

#[test]
fn a_json_text_is_json_under_any_name() {
    assert_snapshot!(yaml("{\"a\":\"\\ud83d\\ude00\",\"b\":[1,2,],}"), @r#"
    {} 1:1
      a 1:2 = "😀" 1:6
      b 1:21 = [] 1:25
        - 1 1:26
        - 2 1:28
    warn trailing-comma 1:30 a comma stands before this bracket, which JSON does not allow: remove it
    warn trailing-comma 1:32 a comma stands before this bracket, which JSON does not allow: remove it
    "#);
}

#[test]
fn a_line_that_is_not_yaml_is_passed_over() {
    assert_snapshot!(yaml("a: 1\nb: x: y\nc: 3\n"), @r"
    {} 1:1
      a 1:1 = 1 1:4
      c 3:1 = 3 3:4
    error yaml-colon 2:5 a colon with a space behind it stands inside a text, or a key is longer than 1024 characters or than its line: quote the text
    ");
    assert_snapshot!(yaml("a:\n  b: 1\n\tc: 2\n  d: 3\n"), @r"
    {} 1:1
      a 1:1 = {} 2:3
        b 2:3 = 1 2:6
        d 4:3 = 3 4:6
    error yaml-tab 3:1 a tab cannot indent YAML: indent with spaces
    error yaml-indentation 3:2 this is neither a key beside those above nor part of a value: align it, or quote the text above
    ");
    assert_snapshot!(yaml("a: \"no end\nb: 2\n"), @r"
    {} 2:1
      b 2:1 = 2 2:4
    error unclosed-text 1:4 the text that begins here has no closing quote, or its lines are indented less than it: close it, or indent them
    ");
    assert_snapshot!(yaml("a:\n    b: 1\n  c: 2\nd: 3\n"), @r"
    {} 1:1
      a 1:1 = {} 2:5
        b 2:5 = 1 2:8
      d 4:1 = 3 4:4
    error yaml-indentation 3:3 this is neither a key beside those above nor part of a value: align it, or quote the text above
    ");
    assert_snapshot!(yaml("a: [1, 2\nb: 3\n"), @r"
    {} 2:1
      b 2:1 = 3 2:4
    error yaml-brackets 2:2 a comma or a closing bracket is missing before this: write it, or quote the text before it
    ");
    assert_snapshot!(yaml("a: @home\nb: \"x\" y\nc: 'd\\q'\ne: \"d\\q\"\nf: 6\n"), @r#"
    {} 3:1
      c 3:1 = "d\\q" 3:4
      f 5:1 = 6 5:4
    error yaml-quotes 1:4 a text cannot begin with this character: quote it
    error yaml-quotes 2:8 something stands behind a closing quote: quote the whole text, or escape the inner quotes
    error bad-escape 4:4 a backslash in double quotes begins no escape that YAML has: double it, or use single quotes
    "#);
    assert_snapshot!(yaml("a: 1\nno colon\nb: 2\n"), @r"
    {} 1:1
      a 1:1 = 1 1:4
      b 3:1 = 2 3:4
    error yaml-colon 2:1 a colon is missing behind this key: write it, or indent the line as part of the text above
    ");
    assert_snapshot!(yaml("a: !un!known 1\nb: 2\n"), @r"
    {} 2:1
      b 2:1 = 2 2:4
    error unknown-tag 1:4 a tag has a prefix that no `%TAG` directive declares: remove the tag
    ");
    assert_snapshot!(yaml("a: 1\n- b\nc: 2\n"), @r"
    {} 1:1
      a 1:1 = 1 1:4
      c 3:1 = 2 3:4
    error yaml-indentation 2:3 this is neither a key beside those above nor part of a value: align it, or quote the text above
    ");
}

#[test]
fn what_a_forgotten_bracket_swallows_is_little() {
    assert_snapshot!(yaml("a: [1, 2\nb: 3\nc: 4\n"), @r"
    {} 2:1
      b 2:1 = 3 2:4
      c 3:1 = 4 3:4
    error yaml-brackets 2:2 a comma or a closing bracket is missing before this: write it, or quote the text before it
    ");
    assert_snapshot!(yaml("a:\n  b: {c: 1\n  d: {\n    e: 2\n  f: 3\n"), @r"
    {} 1:1
      a 1:1 = {} 5:3
        f 5:3 = 3 5:6
    error yaml-brackets 3:4 a comma or a `}` is missing before this: write it, or quote the text before it
    error yaml-brackets 5:4 a comma or a `}` is missing before this: write it, or quote the text before it
    ");
    assert_snapshot!(yaml("a: {\n  b: 1,\n  c: 2\n  d: 3\n}\ne: 4\n"), @r"
    {} 1:1
      a 1:1 = {} 1:4
        b 2:3 = 1 2:6
        c 3:3 = 2 3:6
      e 6:1 = 4 6:4
    error yaml-brackets 4:4 a comma or a `}` is missing before this: write it, or quote the text before it
    ");
    assert_snapshot!(yaml("a: 1]\nb: ]\nc: 2\n"), @r#"
    {} 1:1
      a 1:1 = "1]" 1:4
      c 3:1 = 2 3:4
    error yaml-brackets 2:4 a bracket closes what is not open: remove it, or quote the text
    "#);
}

#[test]
fn tabs_become_spaces() {
    assert_snapshot!(yaml("a:\n\tb:\n\t\tc: 1\n\td: 2\n"), @r"
    {} 1:1
      a 1:1 = {} 2:2
        b 2:2 = {} 3:3
          c 3:3 = 1 3:6
        d 4:2 = 2 4:5
    error yaml-tab 2:1 a tab cannot indent YAML: indent with spaces
    ");
    assert_snapshot!(yaml("a:\n  b:\n  \t- 1\n"), @r"
    {} 1:1
      a 1:1 = {} 2:3
        b 2:3 = [] 3:4
          - 1 3:6
    error yaml-tab 3:3 a tab cannot indent YAML: indent with spaces
    ");
}

#[test]
fn half_surrogates_are_replaced() {
    assert_snapshot!(yaml("a: \"x \\ud83d\\ude00\"\nb: 2\n"), @r#"
    {} 1:1
      a 1:1 = "x ��" 1:4
      b 2:1 = 2 2:4
    error half-surrogate 1:4 an escape names half of a surrogate pair, which YAML does not have, and is replaced: write the character itself
    "#);
}

#[test]
fn what_stands_before_a_nul_stays() {
    assert_snapshot!(yaml("a: 1\nb: 2\0\nc: 3\n"), @r"
    {} 1:1
      a 1:1 = 1 1:4
      b 2:1 = 2 2:4
      c 3:1 = 3 3:4
    warn control-character 2:5 a NUL stands in the file: remove it
    ");
}

#[test]
fn what_was_read_of_a_truncated_file_stays() {
    assert_snapshot!(yaml("a:\n  b: {c: 1, d: [2"), @r"
    {} 1:1
      a 1:1 = {} 2:3
        b 2:3 = {} 2:6
          c 2:7 = 1 2:10
          d 2:13 = [] 2:16
            - 2 2:17
    error yaml-brackets 2:18 a comma or a `]` is missing before this: write it, or quote the text before it
    ");
    assert_snapshot!(yaml("a: 1\nb"), @r"
    {} 1:1
      a 1:1 = 1 1:4
    error yaml-colon 2:1 a colon is missing behind this key: write it, or indent the line as part of the text above
    ");
}

#[test]
fn line_ends_of_every_kind_count() {
    assert_snapshot!(yaml("a: 1\r\nb: 2\rc:\r\n  - é\r\n  - f\n"), @r#"
    {} 1:1
      a 1:1 = 1 1:4
      b 2:1 = 2 2:4
      c 3:1 = [] 4:3
        - "é" 4:5
        - "f" 5:5
    "#);
}
