//! Whatever the bytes are: no panic, an end in bounded time, and text that is safe to show.

use proptest::prelude::*;
use rollgate::config;

use super::WEB;

/// Reads the bytes, and holds what is said about them to what is promised.
fn read(bytes: &[u8]) {
    match config::parse_all(".rollgate.yaml", bytes) {
        Ok(_) => {}
        Err(errors) => {
            assert!(!errors.errors().is_empty());
            let told = errors.to_string();
            assert!(
                !told
                    .chars()
                    .any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
            );
            assert!(!told.contains("::"), "{told}");
            for error in errors.errors() {
                let Some(location) = &error.location else { continue };
                let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
                let lines: Vec<_> = text.split(['\n', '\r']).collect();
                assert!(location.position.line <= lines.len() + 1, "{told}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_end_in_a_plan_or_in_errors(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn anything_like_yaml_ends_in_a_plan_or_in_errors(text in "([-:?&*!|>%@`{}\\[\\],#'\"a-c1. \n\t\r]|<<|---|\\.\\.\\.){0,120}") {
        read(text.as_bytes());
    }

    #[test]
    fn a_config_with_a_piece_cut_out_ends_in_a_plan_or_in_errors(at in 0..WEB.len(), length in 0..200_usize) {
        let end = (at + length).min(WEB.len());
        read(&[&WEB.as_bytes()[..at], &WEB.as_bytes()[end..]].concat());
    }

    #[test]
    fn a_config_with_a_piece_put_in_ends_in_a_plan_or_in_errors(
        at in 0..WEB.len(),
        piece in "[-:?&*!|>%{}\\[\\],#'\"\n\t0-9a-z$é\u{202e}\u{85}]{1,8}",
    ) {
        read(&[&WEB.as_bytes()[..at], piece.as_bytes(), &WEB.as_bytes()[at..]].concat());
    }

    #[test]
    fn a_config_with_a_piece_from_elsewhere_ends_in_a_plan_or_in_errors(
        at in 0..WEB.len(),
        from in 0..WEB.len(),
        length in 1..120_usize,
    ) {
        let piece = &WEB.as_bytes()[from..(from + length).min(WEB.len())];
        read(&[&WEB.as_bytes()[..at], piece, &WEB.as_bytes()[at..]].concat());
    }

    #[test]
    fn no_cut_shows_a_secret(at in 0..WEB.len(), length in 0..60_usize) {
        let text = WEB.replace("${env:PROMETHEUS_TOKEN}", "hunter2").replace("${env:TENANT}", "hunter2");
        let (at, end) = (at.min(text.len()), (at + length).min(text.len()));
        let cut = [&text.as_bytes()[..at], &text.as_bytes()[end..]].concat();
        if let Err(errors) = config::parse_all(".rollgate.yaml", &cut) {
            // What is left of a key that named a secret may name none.
            let text = String::from_utf8_lossy(&cut);
            if text.contains("bearer:") && text.contains("headers:") {
                prop_assert!(!errors.to_string().contains("hunter2"), "{errors}");
            }
        }
    }
}

#[test]
fn a_long_file_of_anything_ends_soon() {
    const LENGTH: usize = 256 * 1024;
    for piece in [
        "[",
        "{",
        "- ",
        "? ",
        "a: ",
        "&a ",
        "*a ",
        "!x ",
        "'",
        "\"",
        "|",
        "#",
        "\t",
        "\n",
        "\r",
        "%",
        "a",
        "a:\n ",
        "a\n",
        "- a\n",
        "a: {",
        "\"\\x",
        "{a: ",
        "[a, ",
        "? a\n: b\n",
        "- - ",
        "\u{85}",
        "---\n",
        "a: >\n  b\n",
        "[a]: ",
        "!!",
    ] {
        let bytes = piece.repeat(LENGTH / piece.len());
        read(bytes.as_bytes());
        read(
            format!("version: 1\nservices: {}", &bytes[..bytes.floor_char_boundary(LENGTH / 16)]).as_bytes(),
        );
    }
}

#[test]
fn ten_thousand_keys_and_environments_end_soon() {
    let keys: Vec<_> = (0..10_000).map(|n| format!("  k{n}: {{ canary: {{}} }}\n")).collect();
    let keys = keys.concat();
    read(format!("version: 1\nservices:\n{keys}").as_bytes());
    read(format!("version: 1\nservices: {{}}\nenvironments:\n{keys}").as_bytes());
    read(format!("version: 1\nservices:\n{keys}environments:\n{keys}").as_bytes());
}
