//! Files that were made to harm: whatever comes in, a tree comes out, and what is said of it is short.

use proptest::prelude::*;
use rollgate::openapi::diagnostic::Diagnostic;
use rollgate::openapi::read::limits::MAX_DIAGNOSTICS;
use rollgate::openapi::read::read;
use rollgate::openapi::tree::Tree;

use crate::support::property::check;

/// What holds of every file.
fn prove(name: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    let (tree, diagnostics) = read(name, bytes);
    let (again, same) = read(name, bytes);
    prop_assert_eq!(&diagnostics, &same);
    prop_assert_eq!(format!("{tree:?}"), format!("{again:?}"));
    prop_assert!(tree.root().is_some() || !diagnostics.is_empty());
    sound(&tree, &diagnostics)
}

fn sound(tree: &Tree, diagnostics: &[Diagnostic]) -> Result<(), TestCaseError> {
    prop_assert!(diagnostics.len() <= MAX_DIAGNOSTICS + 1);
    let lines = tree.source().split(['\n', '\r']).count();
    for Diagnostic { code, message, location, .. } in diagnostics {
        prop_assert!(
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
        prop_assert!(message.chars().count() < 300, "{}", message);
        prop_assert!(message.contains(':'), "{} names no mend", message);
        let location = location.as_ref().unwrap();
        prop_assert!(location.line >= 1 && location.line as usize <= lines && location.column >= 1);
    }
    let end = tree.source().len();
    let mut open: Vec<_> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        prop_assert!(node.at() as usize <= end && tree.source().is_char_boundary(node.at() as usize));
        let mut keys: Vec<_> = node.members().map(|member| member.key).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), count, "a key stands twice in the tree");
        if let Some(digits) = node.as_number() {
            let json = serde_json::from_str::<serde::de::IgnoredAny>(digits);
            prop_assert!(
                json.is_ok() && digits.starts_with(|first: char| first == '-' || first.is_ascii_digit()),
                "{}",
                digits
            );
        }
        open.extend(node.items());
        open.extend(node.members().map(|member| member.value));
    }
    Ok(())
}

const JSON: &str = r#"{
  "openapi": "3.1.0", // about
  "paths": {"/a/{b}": {"get": {"x": [1, -2.5e3, true, null, "a\u00e9\ud83d\ude00\n"]}}},
  "é": {"a": [], "a": {}, },
}
"#;

const YAML: &str = "openapi: 3.1.0\ninfo: &info\n  title: \"A \\u00e9\\n\" # about\n  'x': it''s\n  text: |\n    a\n     b\n  fold: >-\n    c\npaths:\n  /a/{b}:\n    get: {x: [1, -2.5e3, true, ~, !!str 4], <<: *info}\n  ? é\n  :\n  - *info\n  - - 1\n    - b: c\n      d:\n---\nnext: 1\n";

#[test]
fn any_bytes_are_read() {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        // More often something that a reader knows.
        prop::collection::vec(
            prop::sample::select(
                b"{}[]\",:'-?#&*!|>%@`\\/<~0123eE+.antruefls \n\r\t\0\xc3\xa9\xef\xbb\xbf\xff".to_vec()
            ),
            0..120
        ),
        any::<String>().prop_map(String::into_bytes),
    ];
    check(2048, &(bytes, prop::sample::select(vec!["a.json", "a.yaml", "a"])), |(bytes, name)| {
        prove(name, &bytes)
    });
}

#[test]
fn documents_with_wounds_are_read() {
    let piece = prop::sample::select(vec![
        "",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ",",
        ":",
        ": ",
        "\n",
        "\r",
        "\t",
        " ",
        "  ",
        "#",
        "//",
        "/*",
        "- ",
        "? ",
        "&a ",
        "*a",
        "*info",
        "<<: *info",
        "!!int ",
        "!x ",
        "|",
        ">",
        "%TAG",
        "---\n",
        "...\n",
        "\\",
        "\\u",
        "\\ud83d",
        "\0",
        "\u{feff}",
        "é",
        "1e999",
        "0x",
        "@",
        "`",
        "a: b: c",
    ]);
    let wound = (any::<prop::sample::Index>(), 0..12_usize, piece);
    let wounds = prop::collection::vec(wound, 1..5);
    check(2048, &(wounds, any::<bool>()), |(wounds, is_json)| {
        let mut text = if is_json { JSON } else { YAML }.to_owned();
        for (place, cut, piece) in wounds {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if starts.is_empty() {
                break;
            }
            let index = place.index(starts.len());
            let end = starts.get(index + cut).copied().unwrap_or(text.len());
            text.replace_range(starts[index]..end, piece);
        }
        prove(if is_json { "a.json" } else { "a.yaml" }, text.as_bytes())?;
        prove("a", text.as_bytes())
    });
}

#[test]
fn documents_that_end_anywhere_are_read() {
    for text in [JSON, YAML] {
        for end in 0..text.len() {
            for name in ["a.json", "a.yaml"] {
                prove(name, &text.as_bytes()[..end]).unwrap_or_else(|error| panic!("{end} {error}"));
            }
        }
    }
}

/// Each would take minutes where the cost of a byte grew with the bytes before it.
#[test]
fn what_is_repeated_without_end_costs_its_length() {
    let pieces = [
        "\"",
        "'",
        "`",
        "\\",
        "{",
        "}",
        "[",
        "]",
        "[]",
        "{}",
        "[],",
        ",",
        ":",
        ": ",
        "a: ",
        "a:\n",
        "a\n",
        "a ",
        "\"a\n",
        "\"a\" ",
        "\"a\":",
        "- ",
        "-\n",
        "? ",
        "?\n",
        "! ",
        "!a ",
        "!!str ",
        "&a ",
        "&a\n",
        "*a ",
        "*a\n",
        "|\n",
        ">\n",
        "| ",
        "#",
        "# ",
        "#\n",
        " #\n",
        "//",
        "// \n",
        "/*",
        "/**/",
        "%",
        "%a\n",
        "%TAG ! !\n",
        "---",
        "---\n",
        "--- ",
        "...\n",
        "\t",
        "\t\n",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\0",
        "\u{feff}",
        "é",
        "\u{2028}",
        "1",
        "-",
        "1,",
        "0x",
        "e",
        "\"\\u",
        "\"\\ud83d",
        "\\\n",
        "<<: ",
        "<<:\n",
        "a: 1\n",
        "a: &a\n",
        "{a: ",
        "[a: ",
        "[? ",
        "{? ",
        "''",
        "\"\"",
        "'\n",
        "\"\n",
        "- a: 1\n",
        "- [\n",
        "- {a\n",
        "a: \"\\q\"\n",
        "a: @\n",
        "a: b: c\n",
        "- \t- ",
        "a: [1\n",
        "a: }\n",
        "{\"a\":1}",
        "{'a':1}",
        "{\"a\":{#\n",
        "\"a\",\n",
        "true ",
        "nul",
        "..",
        "\u{1}",
    ];
    for piece in pieces {
        for begin in ["", "{", "[", "a: "] {
            let text = format!("{begin}{}", piece.repeat(12_000 / piece.len()));
            let (tree, diagnostics) = read("a", text.as_bytes());
            assert!(tree.root().is_some() || !diagnostics.is_empty(), "{begin:?} {piece:?}");
            assert!(diagnostics.len() <= MAX_DIAGNOSTICS + 1);
        }
    }
}

#[test]
fn keys_that_are_alike_cost_no_more() {
    // Equal up to the end, of equal hashes as far as a weak hash goes, and equal altogether.
    let long = "x".repeat(2_000);
    let alike: String = (0..2_000).map(|key| format!("\"{long}{key:04}\": {key},\n")).collect();
    let same = "\"a\": 1,\n".repeat(100_000);
    let zeros: String = (1..2_000).map(|length| format!("\"{}\": 1,\n", "\\u0000".repeat(length))).collect();
    for (text, members) in [(alike, 2_000), (same, 1), (zeros, 1_999)] {
        let (tree, _) = read("a.json", format!("{{{text}\"end\": 1}}").as_bytes());
        assert_eq!(tree.root().unwrap().len(), members + 1);
    }
}

#[test]
fn messages_do_not_carry_the_file() {
    let long = "\u{1b}[31m::error::".repeat(1_000);
    for text in
        [format!("{{{long}: 1}}"), format!("a: !{long} 1\n"), format!("? [{long}]\n"), format!("[{long}]")]
    {
        let (tree, diagnostics) = read("a", text.as_bytes());
        sound(&tree, &diagnostics).unwrap();
    }
}
