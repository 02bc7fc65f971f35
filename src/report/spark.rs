//! What fits into a line of a terminal: bars, sparklines, and text cut to a width in columns.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The newest of `values` as a line of blocks, at most `width` of them, from 0 to `most`.
#[must_use]
pub fn line(values: &[f64], most: f64, width: usize) -> String {
    let newest = &values[values.len().saturating_sub(width)..];
    newest.iter().map(|value| LEVELS[level(*value, most)]).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
fn level(value: f64, most: f64) -> usize {
    if most > 0.0 && value > 0.0 { (value / most * 7.0).round().clamp(0.0, 7.0) as usize } else { 0 }
}

/// A bar of `width` columns, filled for `share` of it: its filled and its empty part.
///
/// A share above nothing fills at least one column, one below everything leaves at least one empty.
#[must_use]
pub fn bar(share: f64, width: usize, filled: char, empty: char) -> (String, String) {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the width")]
    let exact = (share * width as f64).round() as usize;
    let least = usize::from(share > 0.0).min(width);
    let most = width - usize::from(share < 1.0).min(width);
    let full = exact.max(least).min(most.max(least));
    (filled.to_string().repeat(full), empty.to_string().repeat(width - full))
}

/// How many columns `text` takes at most: wide letters take two. Text that terminals disagree on is counted
/// as the wider.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// `text` cut to `width` columns; what is cut shows as `…`.
#[must_use]
pub fn clip(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut clipped = String::new();
    for character in text.chars() {
        match room.checked_sub(width_of(character)) {
            Some(left) => room = left,
            None => break,
        }
        clipped.push(character);
    }
    if width > 0 {
        clipped.push('…');
    }
    clipped
}

/// `text` in at most `most` lines of `width` columns, broken at spaces.
#[must_use]
pub fn wrap(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if columns(&joined) <= width || line.is_empty() {
            line = joined;
        } else if lines.len() + 1 < most {
            lines.push(clip(&line, width));
            word.clone_into(&mut line);
        } else {
            let rest: Vec<_> = std::iter::once(word).chain(words).collect();
            line = format!("{line} {}", rest.join(" "));
            break;
        }
    }
    lines.push(clip(&line, width));
    lines
}

/// Unicode's East Asian wide and full-width blocks (UAX 11) and the pictographs, in ranges.
fn width_of(character: char) -> usize {
    let wide = matches!(character,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe10}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sparkline_shows_the_newest_values_on_a_common_scale() {
        assert_eq!(line(&[9.0, 0.0, 1.0, 2.0, 4.0], 4.0, 4), "▁▃▅█");
        assert_eq!(line(&[0.0, 0.0], 0.0, 8), "▁▁");
        assert_eq!(line(&[f64::NAN, 1.0], 1.0, 8), "▁█");
    }

    #[test]
    fn a_bar_never_hides_a_small_share() {
        assert_eq!(bar(0.01, 10, '#', '.'), ("#".into(), ".........".into()));
        assert_eq!(bar(0.99, 10, '#', '.'), ("#########".into(), ".".into()));
        assert_eq!(bar(0.0, 3, '#', '.'), (String::new(), "...".into()));
        assert_eq!(bar(1.0, 3, '#', '.'), ("###".into(), String::new()));
        assert_eq!(bar(0.5, 0, '#', '.'), (String::new(), String::new()));
    }

    #[test]
    fn long_sentences_are_wrapped_and_cut() {
        assert_eq!(wrap("one two three four five", 9, 2), ["one two", "three fo…"]);
        assert_eq!(wrap("unbreakable", 5, 2), ["unbr…"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text in any::<String>(), width in 0..50_usize, share in any::<f64>()) {
            prop_assert!(columns(&clip(&text, width)) <= width);
            prop_assert!(wrap(&text, width, 3).iter().all(|line| columns(line) <= width));
            let (filled, empty) = bar(share, width, '#', '.');
            prop_assert_eq!(filled.len() + empty.len(), width);
        }
    }
}
