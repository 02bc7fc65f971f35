//! One line of a foreign text around a place in it, with a mark under that place. Pure.
//!
//! What is shown has passed `support::text` and is of bounded width, however long the line is; what it costs follows
//! the width and not the line.

use std::fmt;

use super::text;

/// A line around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    number: usize,
    shown: String,
    lead: usize,
    marks: usize,
}

impl Excerpt {
    /// The line of this `number` that goes on with `from` after `before`, with a mark under the first `marked`
    /// characters of `from`. At most `width` characters of it are shown, seven in twelve of them before the mark where
    /// not all of it fits.
    /// `veil` gives what stands for a character at this distance from the mark, so that secrets can be hidden.
    #[must_use]
    pub fn new(
        number: usize,
        (before, from): (&str, &str),
        marked: usize,
        width: usize,
        veil: impl Fn(isize, char) -> char,
    ) -> Self {
        let behind = from.chars().take(width).count();
        let most = (width * 7 / 12).max(width - behind);
        let mut near: Vec<char> = before.chars().rev().take(most + 1).collect();
        let is_cut = near.len() > most;
        near.truncate(most);
        let mut rest = from.chars();
        let kept: Vec<char> = rest.by_ref().take(width - near.len()).collect();
        let is_longer = rest.next().is_some();
        let distance = |index: usize| isize::try_from(index).unwrap_or(isize::MAX);
        let near: String = (1..)
            .zip(&near)
            .map(|(index, &it)| veil(-distance(index), it))
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .collect();
        let near = if is_cut { format!("…{near}") } else { near };
        let kept: Vec<char> = kept.iter().enumerate().map(|(at, &it)| veil(distance(at), it)).collect();
        let mut shown = text::error_line(&format!("{near}{}", kept.iter().collect::<String>()));
        if is_longer {
            shown.push('…');
        }
        let lead = shown_length(&near, kept.first().copied());
        let pointed_at: String = kept[..marked.min(kept.len())].iter().collect();
        let marks = shown_length(&format!("x{}", pointed_at.trim_end()), None).saturating_sub(1).max(1);
        Self { number, shown, lead, marks }
    }

    /// Number of the line.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The line as it is shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What stands under the line: the mark in its place.
    #[must_use]
    pub fn mark(&self) -> String {
        format!("{}{}", " ".repeat(self.lead), "^".repeat(self.marks))
    }

    /// Width of the line number.
    #[must_use]
    pub fn gutter(&self) -> usize {
        self.number.to_string().len()
    }
}

/// How many characters of the shown form come before the one that follows `prefix`.
fn shown_length(prefix: &str, next: Option<char>) -> usize {
    let next = next.filter(char::is_ascii_punctuation).unwrap_or('x');
    text::error_line(&format!("{prefix}{next}")).chars().count().saturating_sub(1)
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = " ".repeat(self.gutter());
        writeln!(f, "{margin} |")?;
        writeln!(f, "{} | {}", self.number, self.shown)?;
        write!(f, "{margin} | {}", self.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, from: &str, marked: usize, width: usize) -> String {
        Excerpt::new(7, (before, from), marked, width, |_, character| character).to_string()
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        assert_eq!(shown("  a: ", "bc d", 2, 40), "  |\n7 |   a: bc d\n  |      ^^");
    }

    #[test]
    fn an_endless_line_is_cut_on_both_sides_of_the_mark() {
        let far = "x".repeat(1 << 20);
        assert_eq!(
            shown(&far, &format!("mark{far}"), 4, 24),
            format!("  |\n7 | …{0}mark{1}…\n  | {2}^^^^", "x".repeat(14), "x".repeat(6), " ".repeat(15))
        );
    }

    #[test]
    fn what_is_veiled_is_not_shown() {
        let excerpt =
            Excerpt::new(1, ("key: ", "secret"), 6, 40, |distance, it| if distance >= 0 { '*' } else { it });
        assert_eq!(excerpt.shown(), "key: ******");
    }
}
