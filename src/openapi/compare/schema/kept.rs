//! Whether one side keeps what the other says of numbers, texts and counts, keyword by keyword.

use super::admits::divides;
use super::answer::Answer;
use super::formats::{self, Order};
use super::pattern::{Patterns, any_text};
use super::view::View;
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{Set, Types};

/// Counts of one side within those of the other; `implied` is the least that other keywords ask for.
pub(super) fn counts(
    (own_low, own_high): (Option<Set<u64>>, Option<Set<u64>>),
    (low, high): (Option<Set<u64>>, Option<Set<u64>>),
    implied: u64,
) -> Answer {
    let own_low = own_low.map_or(0, |set| set.value).max(implied);
    let above = low.is_none_or(|low| own_low >= low.value);
    let below = high.is_none_or(|high| own_high.is_some_and(|own| own.value <= high.value));
    Answer::of(above && below)
}

/// Whether `part` keeps what `whole` says of numbers.
pub(super) fn numbers(part: &View<'_, '_>, whole: &View<'_, '_>) -> Answer {
    let above = match (&part.minimum, &whole.minimum) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(their)) => (&own.value, own.exclusive) >= (&their.value, their.exclusive),
    };
    let below = match (&part.maximum, &whole.maximum) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(their)) => (&own.value, !own.exclusive) <= (&their.value, !their.exclusive),
    };
    let mut answer = Answer::of(above && below);
    // Among integers a bound can look wider and admit the same; only whole numbers were rounded.
    for their in whole.parts.iter().filter_map(|part| part.schema.multiple_of.as_ref()) {
        let whole_numbers =
            !part.types.meets(Types::FRACTION) && divides(&their.value, &Decimal::from_u64(1)).is_yes();
        let mut kept = Answer::of(whole_numbers);
        for own in part.parts.iter().filter_map(|part| part.schema.multiple_of.as_ref()) {
            kept = kept.or(divides(&their.value, &own.value));
        }
        answer = answer.and(
            if kept.is_no() && part.parts.iter().filter(|own| own.schema.multiple_of.is_some()).count() > 1 {
                Answer::Unknown
            } else {
                kept
            },
        );
    }
    answer.and(format_kept(part, whole, true))
}

/// Whether `part` keeps what `whole` says of strings.
pub(super) fn strings<'t>(patterns: &mut Patterns<'t>, part: &View<'_, 't>, whole: &View<'_, 't>) -> Answer {
    let mut answer = counts(
        (part.most(|s| s.min_length), part.least(|s| s.max_length)),
        (whole.most(|s| s.min_length), whole.least(|s| s.max_length)),
        0,
    );
    for their in whole.parts.iter().filter_map(|part| part.schema.pattern) {
        if any_text(their.value) {
            continue;
        }
        let mut own = part.parts.iter().filter_map(|own| own.schema.pattern);
        let kept = own.any(|own| patterns.included(own.value, their.value).is_yes());
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
        let kept = part.parts.iter().any(|own| {
            encoding.is_none_or(|set| own.schema.content_encoding.is_some_and(|own| own.value == set.value))
                && media
                    .is_none_or(|set| own.schema.content_media_type.is_some_and(|own| own.value == set.value))
        });
        if (encoding.is_some() || media.is_some()) && !kept {
            answer = answer.and(Answer::Unknown);
        }
    }
    answer.and(format_kept(part, whole, false))
}

fn format_kept(part: &View<'_, '_>, whole: &View<'_, '_>, numbers: bool) -> Answer {
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
        if !any {
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
