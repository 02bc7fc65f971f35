//! JSON: what is right, and what is wrong in every way that people and tools get it wrong.

use insta::assert_snapshot;

use super::shown;

fn json(text: impl AsRef<[u8]>) -> String {
    shown("api.json", text)
}

#[test]
fn values_know_their_places() {
    assert_snapshot!(json("{\n  \"a\": [1, -0.5e+3, true, false, null],\n\t\"b\" : {\"é\": \"x\\ny\", \"\": {}}\r\n}\n"), @r#"
    {} 1:1
      a 2:3 = [] 2:8
        - 1 2:9
        - -0.5e+3 2:12
        - true 2:21
        - false 2:27
        - null 2:34
      b 3:2 = {} 3:8
        é 3:9 = "x\ny" 3:14
         3:22 = {} 3:26
    "#);
}

#[test]
fn a_file_may_be_one_scalar() {
    assert_snapshot!(json(" \"a\\u00e9\" "), @r#"
    "aé" 1:2
    "#);
    assert_snapshot!(json("-12"), @r"
    -12 1:1
    ");
    assert_snapshot!(json("null"), @r"
    null 1:1
    ");
}

#[test]
fn numbers_keep_their_digits() {
    assert_snapshot!(json("[1.10, 123456789012345678901234567890, 1e400, -0, 0.0E-0]"), @r"
    [] 1:1
      - 1.10 1:2
      - 123456789012345678901234567890 1:8
      - 1e400 1:40
      - -0 1:47
      - 0.0E-0 1:51
    ");
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    assert_snapshot!(json("{\"a\": 1,\n \"b\": 2,\n \"\\u0061\": 3,\n \"a\": {\"a\": 4}}"), @r"
    {} 1:1
      b 2:2 = 2 2:7
      a 4:2 = {} 4:7
        a 4:8 = 4 4:13
    warn duplicate-key 3:2 the key `a` stands more than once in this mapping and the last counts: keep one; the first is in line 1
    warn duplicate-key 4:2 the key `a` stands more than once in this mapping and the last counts: keep one; the first is in line 1
    ");
}

#[test]
fn commas_may_be_missing_or_too_many() {
    assert_snapshot!(json("[1 2,, 3,]"), @r"
    [] 1:1
      - 1 1:2
      - 2 1:4
      - 3 1:8
    warn missing-comma 1:4 a comma is missing before this: write it
    warn stray-character 1:6 a comma stands here without a value before it: remove it
    warn trailing-comma 1:10 a comma stands before this bracket, which JSON does not allow: remove it
    ");
    assert_snapshot!(json("{,\"a\": 1 \"b\": 2,, \"c\": 3\n,}"), @r"
    {} 1:1
      a 1:3 = 1 1:8
      b 1:10 = 2 1:15
      c 1:19 = 3 1:24
    warn stray-character 1:2 a comma stands here without a member before it: remove it
    warn missing-comma 1:10 a comma is missing before this: write it
    warn stray-character 1:17 a comma stands here without a member before it: remove it
    warn trailing-comma 2:2 a comma stands before this bracket, which JSON does not allow: remove it
    ");
}

#[test]
fn comments_are_passed_over_and_told_once() {
    assert_snapshot!(json("// one\n{\"a\": /* two */ 1, // three\n \"b\": 2}"), @r"
    {} 2:1
      a 2:2 = 1 2:17
      b 3:2 = 2 3:7
    warn comment 1:1 JSON has no comments, and most readers refuse the file: remove it, or write the file as YAML
    ");
    assert_snapshot!(json("[1 /* no end"), @r"
    [] 1:1
      - 1 1:2
    warn comment 1:4 JSON has no comments, and most readers refuse the file: remove it, or write the file as YAML
    error unclosed-comment 1:4 the comment that begins here is never closed: write `*/`
    error truncated 1:13 the file ends inside what a `[` opens, and the rest is missing: complete it; it begins in line 1
    ");
}

#[test]
fn what_was_read_of_a_truncated_file_stays() {
    assert_snapshot!(json("{\"a\": {\"b\": [1, 2"), @r"
    {} 1:1
      a 1:2 = {} 1:7
        b 1:8 = [] 1:13
          - 1 1:14
          - 2 1:17
    error truncated 1:18 the file ends inside what a `[` opens, and the rest is missing: complete it; it begins in line 1
    ");
    assert_snapshot!(json("{\"a\": 1, \"b\":"), @r"
    {} 1:1
      a 1:2 = 1 1:7
      b 1:10 = null 1:14
    error truncated 1:14 the file ends inside what a `{` opens, and the rest is missing: complete it; it begins in line 1
    ");
    assert_snapshot!(json("{\"a\": 1, \"b"), @r"
    {} 1:1
      a 1:2 = 1 1:7
      b 1:10 = null 1:12
    error unclosed-text 1:10 the text that begins here has no closing quote in its line: write one
    error truncated 1:12 the file ends inside what a `{` opens, and the rest is missing: complete it; it begins in line 1
    ");
    assert_snapshot!(json("[tru"), @r#"
    [] 1:1
      - "tru" 1:2
    warn bare-word 1:2 `tru` is no value of JSON and is read as text: write it in double quotes
    error truncated 1:5 the file ends inside what a `[` opens, and the rest is missing: complete it; it begins in line 1
    "#);
    assert_snapshot!(json("{\"a\""), @r"
    {} 1:1
      a 1:2 = null 1:5
    error truncated 1:5 the file ends inside what a `{` opens, and the rest is missing: complete it; it begins in line 1
    ");
}

#[test]
fn a_forgotten_bracket_is_supplied() {
    assert_snapshot!(json("{\"a\": [1, 2,\n \"b\": 3}"), @r#"
    {} 1:1
      a 1:2 = [] 1:7
        - 1 1:8
        - 2 1:11
        - "b" 2:2
        - 3 2:7
    warn stray-character 2:5 a colon stands in a list: remove it, or write the list as a mapping
    error unclosed-bracket 2:8 a `]` is missing before this `}`: write it; what is open begins in line 1
    "#);
    assert_snapshot!(json("{\"a\": {\"x\": [1, {\"y\": 2}, \"b\": 3}}"), @r#"
    {} 1:1
      a 1:2 = {} 1:7
        x 1:8 = [] 1:13
          - 1 1:14
          - {} 1:17
            y 1:18 = 2 1:23
          - "b" 1:27
          - 3 1:32
    warn stray-character 1:30 a colon stands in a list: remove it, or write the list as a mapping
    error unclosed-bracket 1:33 a `]` is missing before this `}`: write it; what is open begins in line 1
    "#);
}

#[test]
fn a_bracket_of_the_wrong_kind_closes_what_is_open() {
    assert_snapshot!(json("[1, 2}"), @r"
    [] 1:1
      - 1 1:2
      - 2 1:5
    error wrong-bracket 1:6 a `]` closes what is open here, and this is a `}`: replace it; what is open begins in line 1
    ");
    assert_snapshot!(json("{\"a\": 1]"), @r"
    {} 1:1
      a 1:2 = 1 1:7
    error wrong-bracket 1:8 a `}` closes what is open here, and this is a `]`: replace it; what is open begins in line 1
    ");
}

#[test]
fn colons_keys_and_values_may_be_missing() {
    assert_snapshot!(json("{\"a\" 1, \"b\": , \"c\", : 4, {\"d\": 5}, \"e\" = 6, \"f\":: 7, \"g\":}"), @r"
    {} 1:1
      a 1:2 = 1 1:6
      b 1:9 = null 1:14
      c 1:16 = null 1:19
      e 1:36 = 6 1:42
      f 1:45 = 7 1:51
      g 1:54 = null 1:58
    warn missing-colon 1:6 a colon is missing between the key and its value: write it
    error missing-value 1:14 a value is missing here: write one
    warn missing-colon 1:19 a colon is missing between the key and its value: write it
    error missing-value 1:19 a value is missing here: write one
    error missing-key 1:21 a key is missing before this colon, and its value is not read: write the key
    error missing-key 1:26 a key is missing before this value, which is not read: write the key
    warn missing-colon 1:40 a colon is missing between the key and its value: write it
    warn stray-character 1:49 a colon stands here that belongs to no key: remove it
    error missing-value 1:58 a value is missing here: write one
    ");
    assert_snapshot!(json("[\"a\": 1, : 2]"), @r#"
    [] 1:1
      - "a" 1:2
      - 1 1:7
      - 2 1:12
    warn stray-character 1:5 a colon stands in a list: remove it, or write the list as a mapping
    warn stray-character 1:10 a colon stands in a list: remove it, or write the list as a mapping
    "#);
}

#[test]
fn quotes_may_be_missing_or_of_the_wrong_kind() {
    assert_snapshot!(json("{'a': 'it\\'s', b: True, c-d: some text, e: http://x.y/z, \"f\": Infinity}"), @r#"
    {} 1:1
      a 1:2 = "it's" 1:7
      b 1:16 = true 1:19
      c-d 1:25 = "some text" 1:30
      e 1:41 = "http://x.y/z" 1:44
      f 1:58 = "Infinity" 1:63
    warn single-quotes 1:2 JSON writes texts in double quotes: replace the single ones
    warn single-quotes 1:7 JSON writes texts in double quotes: replace the single ones
    warn bad-escape 1:10 a backslash stands before a character that needs none and means that character: remove the backslash, or double it
    warn bare-word 1:16 the key `b` has no quotes: write it in double quotes
    warn bare-word 1:19 `True` is no value of JSON and is read as true: write `true`
    warn bare-word 1:25 the key `c-d` has no quotes: write it in double quotes
    warn bare-word 1:30 `some text` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:41 the key `e` has no quotes: write it in double quotes
    warn bare-word 1:44 `http://x.y/z` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:63 `Infinity` is no value of JSON and is read as text: write it in double quotes
    "#);
    assert_snapshot!(json("{\"a\": \"no end,\n \"b\": \"nor here\n}"), @r#"
    {} 1:1
      a 1:2 = "no end" 1:7
      b 2:2 = "nor here" 2:7
    error unclosed-text 1:7 the text that begins here has no closing quote in its line: write one
    error unclosed-text 2:7 the text that begins here has no closing quote in its line: write one
    "#);
}

#[test]
fn escapes_are_read_and_wrong_ones_told() {
    assert_snapshot!(json(r#"["\"\\\/\b\f\n\r\t\u20AC\ud83d\ude00"]"#), @r#"
    [] 1:1
      - "\"\\/\u{8}\u{c}\n\r\t€😀" 1:2
    "#);
    assert_snapshot!(json(r#"["\ud83d", "\ude00\ud83d", "\ud83d\u0041", "\x41 \u12 \u"]"#), @r#"
    [] 1:1
      - "�" 1:2
      - "��" 1:12
      - "�A" 1:28
      - "x41 u12 u" 1:44
    warn half-surrogate 1:3 half of a surrogate pair stands alone and is replaced: write the whole character
    warn half-surrogate 1:13 half of a surrogate pair stands alone and is replaced: write the whole character
    warn half-surrogate 1:19 half of a surrogate pair stands alone and is replaced: write the whole character
    warn half-surrogate 1:29 half of a surrogate pair stands alone and is replaced: write the whole character
    warn bad-escape 1:45 a backslash stands before a character that needs none and means that character: remove the backslash, or double it
    warn bad-escape 1:50 four hexadecimal digits follow `\u`: write them, or double the backslash
    warn bad-escape 1:55 four hexadecimal digits follow `\u`: write them, or double the backslash
    "#);
}

#[test]
fn control_characters_in_texts_stay() {
    assert_snapshot!(json("[\"a\tb\", \"c\u{1}\"]"), @r#"
    [] 1:1
      - "a\tb" 1:2
      - "c\u{1}" 1:9
    warn control-character 1:4 a control character stands in a text: write it as an escape such as `\t`
    warn control-character 1:11 a control character stands in a text: write it as an escape such as `\t`
    "#);
}

#[test]
fn malformed_numbers_mean_what_they_mean_in_yaml() {
    assert_snapshot!(json("[01, +1, .5, 5., 0x1F, 1.2.3, -, NaN, 1e, 2024-01-01]"), @r#"
    [] 1:1
      - 1 1:2
      - 1 1:6
      - 0.5 1:10
      - 5.0 1:14
      - 31 1:18
      - "1.2.3" 1:24
      - "-" 1:31
      - "NaN" 1:34
      - "1e" 1:39
      - "2024-01-01" 1:43
    warn malformed-number 1:2 `01` is no value of JSON and is read as `1`: write that
    warn malformed-number 1:6 `+1` is no value of JSON and is read as `1`: write that
    warn malformed-number 1:10 `.5` is no value of JSON and is read as `0.5`: write that
    warn malformed-number 1:14 `5.` is no value of JSON and is read as `5.0`: write that
    warn malformed-number 1:18 `0x1F` is no value of JSON and is read as `31`: write that
    warn bare-word 1:24 `1.2.3` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:31 `-` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:34 `NaN` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:39 `1e` is no value of JSON and is read as text: write it in double quotes
    warn bare-word 1:43 `2024-01-01` is no value of JSON and is read as text: write it in double quotes
    "#);
}

#[test]
fn what_follows_the_value_is_not_read() {
    assert_snapshot!(json("{\"a\": 1}}\n{\"b\": 2}"), @r"
    {} 1:1
      a 1:2 = 1 1:7
    error trailing-text 1:9 the value of the file ends before this, and what follows is not read: remove it, or the bracket too many before it
    ");
    assert_snapshot!(json("[1] , 2"), @r"
    [] 1:1
      - 1 1:2
    error trailing-text 1:5 the value of the file ends before this, and what follows is not read: remove it, or the bracket too many before it
    ");
}

#[test]
fn characters_that_begin_nothing_are_passed_over() {
    assert_snapshot!(json("[\u{1} 1, \u{feff}2]"), @r"
    [] 1:1
      - 1 1:4
      - 2 1:8
    warn stray-character 1:2 the character U+0001 does not belong here: remove it
    warn stray-character 1:7 the character U+FEFF does not belong here: remove it
    ");
    assert_snapshot!(json("{\u{2}\"a\": \u{3} 1}"), @r"
    {} 1:1
      a 1:3 = 1 1:10
    warn stray-character 1:2 the character U+0002 does not belong here: remove it
    warn stray-character 1:8 the character U+0003 does not belong here: remove it
    ");
}

#[test]
fn a_file_without_a_value_is_told() {
    assert_snapshot!(json(""), @r"
    nothing
    error empty-file 1:1 the file holds no value: write a description, or remove the file
    ");
    assert_snapshot!(json(" \n// nothing\n"), @r"
    nothing
    error empty-file 1:1 the file holds no value: write a description, or remove the file
    ");
    assert_snapshot!(json("{"), @r"
    {} 1:1
    error truncated 1:2 the file ends inside what a `{` opens, and the rest is missing: complete it; it begins in line 1
    ");
}

#[test]
fn every_encoding_is_read() {
    let text = "{\"ключ\": \"😀\"}";
    let utf16 = |big: bool| {
        text.encode_utf16().flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
    };
    let utf32 = |big: bool| {
        text.chars()
            .map(u32::from)
            .flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
    };
    let expected = json(text);
    assert_snapshot!(expected, @r#"
    {} 1:1
      ключ 1:2 = "😀" 1:10
    "#);
    let with = |mark: &[u8], bytes: Vec<u8>| json([mark, &bytes].concat());
    assert_eq!(with(b"\xEF\xBB\xBF", text.into()), expected);
    assert_eq!(with(b"\xFF\xFE", utf16(false).collect()), expected);
    assert_eq!(with(b"\xFE\xFF", utf16(true).collect()), expected);
    assert_eq!(with(b"\xFF\xFE\0\0", utf32(false).collect()), expected);
    assert_eq!(with(b"\0\0\xFE\xFF", utf32(true).collect()), expected);
    for (big, bytes) in [(true, utf16(true).collect::<Vec<u8>>()), (false, utf16(false).collect())] {
        assert_eq!(json(bytes), expected, "UTF-16 without a mark, big: {big}");
    }
    assert_eq!(json(utf32(true).collect::<Vec<u8>>()), expected);
    assert_eq!(json(utf32(false).collect::<Vec<u8>>()), expected);
}

#[test]
fn what_is_not_the_encoding_is_replaced_and_told_once() {
    assert_snapshot!(json(b"{\"a\": \"\xff\xfe\", \"b\": \"\xc3\"}"), @r#"
    {} 1:1
      a 1:2 = "��" 1:7
      b 1:13 = "�" 1:18
    warn not-utf-8 1:8 the file is not UTF-8 from here on, and what cannot be read is replaced: save it as UTF-8
    "#);
    assert_snapshot!(json(b"\xFE\xFF\0[\0\"\xD8\0\0\"\0]\0"), @r#"
    [] 1:1
      - "�" 1:2
    warn not-unicode 1:3 this is not UTF-16, which the file begins as: save it as UTF-8
    "#);
    assert_snapshot!(json(b"\0\0\xFE\xFF\0\0\0[\0\0\0\"\0\x11\0\0\0\0\xD8\0\0\0\0\"\0\0\0]"), @r#"
    [] 1:1
      - "��" 1:2
    warn not-unicode 1:3 this is not UTF-32, which the file begins as: save it as UTF-8
    "#);
}

#[test]
fn messages_quote_little_of_the_file() {
    let key = "k".repeat(1000);
    assert_snapshot!(json(format!("{{\"{key}\": 1, \"{key}\": 2}}")).replace(&key, "<key>"), @r"
    {} 1:1
      <key> 1:1009 = 2 1:2013
    warn duplicate-key 1:1009 the key `kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…` stands more than once in this mapping and the last counts: keep one; the first is in line 1
    ");
}
