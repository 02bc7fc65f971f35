//! Whether one side keeps what the other says of numbers, texts and counts, keyword by keyword.

use super::admits::divides;
use super::answer::Answer;
use super::formats::{self, Order};
use super::implied::{self, Implied};
use super::pattern::{Patterns, any_text};
use super::view::View;
use crate::openapi::model::{Set, Types};

/// Counts of one side within those of the other.
pub(super) fn counts(
    (own_low, own_high): (u64, Option<u64>),
    (low, high): (Option<Set<u64>>, Option<Set<u64>>),
) -> Answer {
    let above = low.is_none_or(|low| own_low >= low.value);
    let below = high.is_none_or(|high| own_high.is_some_and(|own| own <= high.value));
    Answer::of(above && below)
}

/// Whether `part` keeps what `whole` says of numbers.
pub(super) fn numbers(part: &View<'_, '_>, implied: &Implied, whole: &View<'_, '_>) -> Answer {
    let (low, high) = &implied.numbers;
    let above = match (low, &whole.minimum) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((own, exclusive)), Some(their)) => (own, *exclusive) >= (&their.value, their.exclusive),
    };
    let below = match (high, &whole.maximum) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some((own, exclusive)), Some(their)) => (own, !*exclusive) <= (&their.value, !their.exclusive),
    };
    // Among integers a bound can look wider and admit the same; only whole numbers were rounded.
    let mut answer = Answer::of(above && below);
    let step = implied::step(part);
    for their in whole.parts.iter().filter_map(|part| part.schema.multiple_of.as_ref()) {
        let mut own = part.parts.iter().filter_map(|own| own.schema.multiple_of.as_ref()).peekable();
        answer = answer.and(match &step {
            Some(own) => divides(&their.value, own),
            // Beyond machine numbers only the same one is known.
            None if own.peek().is_none() => Answer::No,
            None if own.any(|own| own.value == their.value) => Answer::Yes,
            None => Answer::Unknown,
        });
    }
    // The range that a format stands for.
    answer.and(formats_kept(part, whole, true, |format| {
        formats::reaches(format, &implied.numbers)
            || match (formats::range(format), &implied.numbers) {
                (Some((low, high)), (Some((own_low, _)), Some((own_high, _)))) => {
                    !part.types.meets(Types::FRACTION) && *own_low >= low && *own_high <= high
                }
                _ => false,
            }
    }))
}

/// Whether `part` keeps what `whole` says of strings.
pub(super) fn strings<'t>(
    patterns: &mut Patterns<'t>,
    part: &View<'_, 't>,
    implied: &Implied,
    whole: &View<'_, 't>,
) -> Answer {
    let theirs = (whole.most(|s| s.min_length), whole.least(|s| s.max_length));
    let mut answer = counts(implied.lengths, theirs);
    let written = implied::written(part, implied.lengths);
    if answer.is_no() && !written.is_empty() {
        let (least, most) = (theirs.0.map_or(0, |set| set.value), theirs.1.map(|set| set.value));
        let length = implied::length((least, most));
        if patterns.together_in(&written, length.into()) {
            answer = Answer::Yes;
        }
    }
    for their in whole.parts.iter().filter_map(|part| part.schema.pattern) {
        if any_text(their.value) {
            continue;
        }
        let mut own = part.parts.iter().filter_map(|own| own.schema.pattern);
        let kept = own.any(|own| patterns.included(own.value, their.value).is_yes())
            || (!written.is_empty() && patterns.together_in(&written, their.value.into()));
        let unbound =
            !part.parts.iter().any(|own| own.schema.pattern.is_some() || own.schema.format.is_some());
        answer = answer.and(if kept {
            Answer::Yes
        } else if unbound {
            Answer::No
        } else {
            Answer::Unknown
        });
    }
    for (encoding, media) in
        whole.parts.iter().map(|part| (part.schema.content_encoding, part.schema.content_media_type))
    {
        let has = |asked: Option<Set<&str>>, encoding: bool| {
            asked.is_none_or(|asked| {
                let own = part.parts.iter().filter_map(|own| formats::content(own.schema, encoding));
                own.into_iter().any(|own| own.value.eq_ignore_ascii_case(asked.value))
            })
        };
        let kept = has(encoding, true) && has(media, false);
        if (encoding.is_some() || media.is_some()) && !kept {
            answer = answer.and(Answer::Unknown);
        }
    }
    answer.and(formats_kept(part, whole, false, |format| {
        part.parts.iter().any(|own| formats::codes(own.schema, format))
            || formats::exact_pattern(format)
                .is_some_and(|exact| !written.is_empty() && patterns.together_in(&written, exact.into()))
    }))
}

/// Whether `part` keeps the formats that `whole` asks for; `in_other_words` tells whether it says one by a keyword.
fn formats_kept(
    part: &View<'_, '_>,
    whole: &View<'_, '_>,
    numbers: bool,
    mut in_other_words: impl FnMut(&str) -> bool,
) -> Answer {
    let mut answer = Answer::Yes;
    for their in formats::of(whole, numbers) {
        let mut kept = Answer::No;
        let mut any = false;
        for own in formats::of(part, numbers) {
            any = true;
            kept = kept.or(match formats::order(own.value, their.value) {
                Order::Same | Order::Narrower => Answer::Yes,
                Order::Wider | Order::Apart => Answer::No,
                Order::Unknown => Answer::Unknown,
            });
        }
        if in_other_words(their.value) {
            kept = Answer::Yes;
        } else if !any {
            kept = if formats::idle(their.value) {
                Answer::Yes
            } else if formats::custom(their.value) {
                Answer::Unknown
            } else {
                Answer::No
            };
        }
        answer = answer.and(kept);
    }
    answer
}
