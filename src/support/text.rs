//! Makes foreign text safe to show. Whatever a guest, a description, a metric label or a server says
//! reaches a terminal, a log, a comment or the runner only through here.
//!
//! Known secrets are masked (`support::secret`); apart from that pure. The result has no control characters (so no ANSI sequences and no new lines), no bidirectional
//! overrides, cannot start a workflow command of the GitHub runner, and has a bounded length.

use std::fmt::Write as _;

/// How much of a foreign text is shown where the caller has no reason for another bound.
pub const SHOWN: usize = 1024;

/// One line of foreign text, at most `limit` characters.
///
/// Control and invisible formatting characters become spaces, runs of white space become one, and the
/// markers of workflow commands (`::` and `##[`) are broken by a zero-free visible change: `::` becomes
/// `: :` and `##[` becomes `## [`.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    line_with(text, limit, true)
}

fn line_with(text: &str, limit: usize, fold_spaces: bool) -> String {
    let mut shown = String::new();
    let mut length = 0;
    let mut pending_space = false;
    let text = super::secret::mask(text);
    for character in text.trim().chars() {
        if (character == ' ' && fold_spaces)
            || (character != ' ' && character.is_whitespace())
            || is_unsafe(character)
        {
            pending_space = !shown.is_empty();
            continue;
        }
        let breaks_command =
            (character == ':' && shown.ends_with(':')) || (character == '[' && shown.ends_with("##"));
        if (pending_space || breaks_command) && !shown.is_empty() {
            shown.push(' ');
            length += 1;
        }
        pending_space = false;
        if length >= limit {
            shown.truncate(shown.trim_end().len());
            shown.push('…');
            return shown;
        }
        shown.push(character);
        length += 1;
    }
    shown
}

/// A line of an error message that may quote foreign text: as [`line()`], but its indentation stays, so that
/// source excerpts keep their shape.
#[must_use]
pub fn error_line(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    format!("{}{}", &text[..indent], line_with(text, 4096, false))
}

/// A page of several lines whose pieces are safe, with the markers of workflow commands broken where the
/// pieces form one together, as a name that ends in a colon does before a colon.
#[must_use]
pub fn page(text: &str) -> String {
    let mut page = text.replace("##[", "## [");
    while page.contains("::") {
        page = page.replace("::", ": :");
    }
    page
}

/// One line of foreign text for Markdown: as [`line()`], with everything that Markdown or HTML would
/// interpret escaped.
#[must_use]
pub fn markdown(text: &str, limit: usize) -> String {
    let mut escaped = String::new();
    for character in line(text, limit).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // GitHub turns mentions into notifications and bare addresses into links.
            '@' => escaped.push_str("&#64;"),
            // Round brackets mean something only after square ones, which are escaped.
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '+' | '!' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

/// One line of foreign text for HTML, between tags or in a quoted attribute: as [`line()`], with the characters
/// escaped that HTML would interpret, and the mentions and bare addresses that GitHub would.
#[must_use]
pub fn html(text: &str, limit: usize) -> String {
    let mut escaped = String::new();
    for character in line(text, limit).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '@' => escaped.push_str("&#64;"),
            '`' => escaped.push_str("&#96;"),
            _ => escaped.push(character),
        }
    }
    escaped.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

/// A JSON text that says the same and is safe to print: what a terminal or the runner would interpret inside of
/// its strings stands there as an escape.
#[must_use]
pub fn json(serialized: &str) -> String {
    let mut safe = String::with_capacity(serialized.len());
    let mut units = [0; 2];
    for character in serialized.chars() {
        if character != '\n' && is_unsafe(character) {
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else if character == ':' && safe.ends_with(':') {
            safe.push_str("\\u003a");
        } else if character == '[' && safe.ends_with("##") {
            safe.push_str("\\u005b");
        } else {
            safe.push(character);
        }
    }
    safe
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_sequences_and_new_lines_are_gone() {
        assert_eq!(line("a\x1b[31mred\r\n::error::x\u{2028}y\u{202e}z", 100), "a [31mred : :error: :x y z");
    }

    #[test]
    fn workflow_commands_are_broken() {
        assert_eq!(line("::add-mask::x", 100), ": :add-mask: :x");
        assert_eq!(line("##[error]x", 100), "## [error]x");
        assert_eq!(line(":::::", 100), ": : : : :");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("abc", 3), "abc");
    }

    #[test]
    fn pieces_do_not_form_a_workflow_command_together() {
        assert_eq!(page("a:: b\n:::\n##[c"), "a: : b\n: : :\n## [c");
    }

    #[test]
    fn markdown_is_plain_text() {
        assert_eq!(
            markdown("![x](http://e.x) <b>@team</b> |", 100),
            "\\!\\[x\\](http:&#47;&#47;e.x) &lt;b&gt;&#64;team&lt;/b&gt; \\|"
        );
    }

    #[test]
    fn html_is_plain_text() {
        assert_eq!(
            html("<a href=\"http://e.x\" on='x'>@team & `b`", 100),
            "&lt;a href=&quot;http:&#47;&#47;e.x&quot; on=&#39;x&#39;&gt;&#64;team &amp; &#96;b&#96;"
        );
    }

    #[test]
    fn json_says_the_same_and_starts_no_command() {
        let foreign = "::error::a ##[error]b \u{9b}2J \u{202e}c \u{e0001}d :::";
        let serialized = serde_json::json!({ "a:": [foreign] }).to_string();
        let shown = json(&serialized);
        assert!(!shown.contains("::") && !shown.contains("##[") && !shown.chars().any(is_unsafe), "{shown}");
        assert_eq!(shown.parse::<serde_json::Value>().unwrap()["a:"][0], foreign);
    }

    proptest! {
        #[test]
        fn no_line_can_do_harm(text in any::<String>(), limit in 0..200_usize) {
            let shown = line(&text, limit);
            prop_assert!(!shown.chars().any(is_unsafe));
            prop_assert!(!shown.contains("::") && !shown.contains("##["));
            prop_assert!(shown.chars().count() <= 2 * limit + 2);
            prop_assert_eq!(line(&shown, usize::MAX), shown);
        }
    }
}
