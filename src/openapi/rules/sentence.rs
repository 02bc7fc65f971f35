//! Fills the templates of sentences.
//!
//! A template is text with `{name}` for arguments and `[…]` for pieces that are left out where one of their arguments is
//! missing, or `[…|…]` with what stands there instead. Outside of brackets a missing argument leaves `…`, and its quotes
//! stay. `{subject}` is what the change happened to. Arguments are foreign text: each becomes one line of bounded length.

use crate::support::text;

/// The most characters of an argument that a sentence shows.
const SHOWN: usize = 120;

/// What arguments are looked up in.
pub(super) type Arguments<'a> = &'a [(&'static str, String)];

/// The sentence of `template`.
pub(super) fn fill(template: &str, subject: &str, arguments: Arguments<'_>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let (before, after) = rest.split_at(open);
        piece(&mut out, before, subject, arguments);
        let Some(close) = after.find(']') else {
            piece(&mut out, after, subject, arguments);
            return out;
        };
        let (with, without) = after[1..close].split_once('|').unwrap_or((&after[1..close], ""));
        let mut optional = String::new();
        out.push_str(if piece(&mut optional, with, subject, arguments) { &optional } else { without });
        rest = &after[close + 1..];
    }
    piece(&mut out, rest, subject, arguments);
    out
}

/// Appends `template`, which has no brackets; whether no argument was missing.
fn piece(out: &mut String, template: &str, subject: &str, arguments: Arguments<'_>) -> bool {
    let mut complete = true;
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let Some(close) = after.find('}') else {
            out.push_str(&rest[open..]);
            return complete;
        };
        let name = &after[..close];
        if name == "subject" {
            out.push_str(&fill(subject, "", arguments));
        } else if let Some((_, value)) = arguments.iter().find(|(known, _)| *known == name) {
            out.push_str(&text::line(value, SHOWN));
        } else {
            out.push('…');
            complete = false;
        }
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    complete
}
