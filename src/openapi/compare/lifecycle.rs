//! Deprecation, announced ends and maturity: what was promised about how long something stays.

use jiff::civil::Date;

use super::pairs::{Change, Comparison};
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, Lifecycle, Set};
use crate::openapi::rules::{Place, Rule, What, of, single};
use crate::openapi::tree::Node;

/// What has a lifecycle: it decides which rules speak.
#[derive(Debug)]
pub(super) enum Subject {
    /// An operation.
    Operation {
        /// Arguments that name it.
        name: Vec<(&'static str, String)>,
    },
    /// A parameter, header or property.
    Parameter {
        /// Its place.
        place: Place,
        /// Arguments that name it.
        name: Vec<(&'static str, String)>,
    },
}

/// A step in a lifecycle.
#[derive(Debug, Clone, Copy)]
enum Step {
    Deprecated,
    DeprecatedWithSunset,
    Reactivated,
    SunsetUnreadable,
    SunsetTooEarly,
    SunsetMovedEarlier,
    SunsetDeleted,
    StabilityDecreased,
    StabilityIncreased,
    StabilityInvalid,
}

impl Subject {
    fn rule(&self, step: Step) -> &'static Rule {
        match self {
            Self::Operation { .. } => match step {
                Step::Deprecated => &single::ENDPOINT_DEPRECATED,
                Step::DeprecatedWithSunset => &single::ENDPOINT_DEPRECATED_WITH_SUNSET,
                Step::Reactivated => &single::ENDPOINT_REACTIVATED,
                Step::SunsetUnreadable => &single::API_DEPRECATED_SUNSET_PARSE,
                Step::SunsetTooEarly => &single::API_SUNSET_DATE_TOO_SMALL,
                Step::SunsetMovedEarlier => &single::API_SUNSET_DATE_CHANGED_TOO_SMALL,
                Step::SunsetDeleted => &single::SUNSET_DELETED,
                Step::StabilityDecreased => &single::API_STABILITY_DECREASED,
                Step::StabilityIncreased => &single::API_STABILITY_INCREASED,
                Step::StabilityInvalid => &single::API_INVALID_STABILITY_LEVEL,
            },
            Self::Parameter { place, .. } => match what(*place, step) {
                Some(what) => of(*place, what),
                None => &single::API_INVALID_STABILITY_LEVEL,
            },
        }
    }

    fn name(&self) -> &[(&'static str, String)] {
        match self {
            Self::Operation { name } | Self::Parameter { name, .. } => name,
        }
    }
}

/// Parameters and properties have different words for an end that cannot be read, and none for a stability that is none.
fn what(place: Place, step: Step) -> Option<What> {
    let parameter = place.is_field();
    Some(match step {
        Step::Deprecated => What::Deprecated,
        Step::DeprecatedWithSunset if parameter => What::Deprecated,
        Step::DeprecatedWithSunset => What::DeprecatedWithSunset,
        Step::Reactivated => What::Reactivated,
        Step::SunsetUnreadable if parameter => What::SunsetParse,
        Step::SunsetUnreadable => What::DeprecatedSunsetInvalid,
        Step::SunsetTooEarly => What::SunsetDateTooSmall,
        Step::SunsetMovedEarlier => What::SunsetDateChangedTooSmall,
        Step::SunsetDeleted => What::SunsetDeleted,
        Step::StabilityDecreased => What::StabilityDecreased,
        Step::StabilityIncreased => What::StabilityIncreased,
        Step::StabilityInvalid => return None,
    })
}

/// How mature something says it is. Saying nothing is as good as `stable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stability {
    Draft,
    Alpha,
    Beta,
    Stable,
}

fn stability(set: Option<Set<Node<'_>>>) -> Result<Stability, At> {
    let Some(set) = set else { return Ok(Stability::Stable) };
    match set.value.as_str() {
        Some("draft") => Ok(Stability::Draft),
        Some("alpha") => Ok(Stability::Alpha),
        Some("beta") => Ok(Stability::Beta),
        Some("stable") => Ok(Stability::Stable),
        _ => Err(set.at),
    }
}

/// Whether nothing is promised yet: what is `draft` or `alpha` may change and go at any time.
pub(super) fn promises_nothing(lifecycle: &Lifecycle<'_>) -> bool {
    stability(lifecycle.stability).is_ok_and(|stability| stability <= Stability::Alpha)
}

/// The day of an RFC 3339 date or date and time.
fn date(node: Node<'_>) -> Option<Date> {
    let text = node.as_str()?;
    let day = text.get(..10)?;
    let rest = &text[10..];
    (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then(|| day.parse().ok())?
}

/// Whether an announced end has come. Where nobody says what day it is, it has not.
fn has_come(comparison: &Comparison<'_, '_>, end: Date) -> bool {
    comparison.options.today.is_some_and(|today| end <= today)
}

/// The announced end as an argument.
pub(super) fn announced(lifecycle: &Lifecycle<'_>) -> Option<(&'static str, String)> {
    lifecycle.sunset.and_then(|set| set.value.as_str()).map(|end| ("from", end.to_owned()))
}

/// The rule for an operation that is gone.
pub(super) fn removal(
    comparison: &Comparison<'_, '_>,
    lifecycle: &Lifecycle<'_>,
    whole_path: bool,
) -> &'static Rule {
    let pick = |path: &'static Rule, operation: &'static Rule| if whole_path { path } else { operation };
    if lifecycle.deprecated.is_none() {
        return pick(&single::API_PATH_REMOVED_WITHOUT_DEPRECATION, &single::API_REMOVED_WITHOUT_DEPRECATION);
    }
    match lifecycle.sunset.map(|set| date(set.value)) {
        Some(None) => pick(&single::API_PATH_SUNSET_PARSE, &single::API_DEPRECATED_SUNSET_PARSE),
        Some(Some(end)) if !has_come(comparison, end) => {
            pick(&single::API_PATH_REMOVED_BEFORE_SUNSET, &single::API_REMOVED_BEFORE_SUNSET)
        }
        _ => pick(&single::API_PATH_REMOVED_WITH_DEPRECATION, &single::API_REMOVED_WITH_DEPRECATION),
    }
}

/// The rule for a parameter that is gone.
pub(super) fn parameter_removal(comparison: &Comparison<'_, '_>, lifecycle: &Lifecycle<'_>) -> &'static Rule {
    let what = match (lifecycle.deprecated, lifecycle.sunset.map(|set| date(set.value))) {
        (None, _) => What::Removed,
        (Some(_), Some(None)) => What::SunsetParse,
        (Some(_), Some(Some(end))) if !has_come(comparison, end) => What::RemovedBeforeSunset,
        _ => What::RemovedWithDeprecation,
    };
    of(Place::RequestParameter, what)
}

/// Compares what both sides promise about how long something stays.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    subject: &Subject,
    (old_at, was): (At, Lifecycle<'_>),
    (new_at, is): (At, Lifecycle<'_>),
) {
    let note = |comparison: &mut Comparison<'_, '_>,
                step: Step,
                base: Option<At>,
                revision: Option<At>,
                more: &[(&'static str, String)]| {
        comparison.note(Change {
            rule: subject.rule(step),
            proof: Proof::Rule,
            base: Some(base.unwrap_or(old_at)),
            revision: Some(revision.unwrap_or(new_at)),
            arguments: [subject.name(), more].concat(),
        });
    };
    match (was.deprecated, is.deprecated) {
        (None, Some(at)) => match is.sunset {
            None => note(comparison, Step::Deprecated, None, Some(at), &[]),
            Some(set) => match date(set.value) {
                None => note(comparison, Step::SunsetUnreadable, None, Some(set.at), &[]),
                Some(end) if comparison.options.today.is_some_and(|today| end < today) => {
                    note(comparison, Step::SunsetTooEarly, None, Some(set.at), &[("to", end.to_string())]);
                }
                Some(end) => {
                    note(comparison, Step::DeprecatedWithSunset, None, Some(at), &[("to", end.to_string())]);
                }
            },
        },
        (Some(at), None) => note(comparison, Step::Reactivated, Some(at), None, &[]),
        (Some(_), Some(_)) => sunset(comparison, &note, was, is),
        (None, None) => {}
    }
    match (stability(was.stability), stability(is.stability)) {
        (_, Err(at)) if stability(was.stability).is_ok() => {
            let value =
                is.stability.and_then(|set| set.value.as_str()).map(|word| ("value", word.to_owned()));
            note(comparison, Step::StabilityInvalid, None, Some(at), value.as_slice());
        }
        (Ok(old), Ok(new)) if old != new => {
            let step = if new < old { Step::StabilityDecreased } else { Step::StabilityIncreased };
            let word = |stability: Stability| format!("{stability:?}").to_lowercase();
            let more = [("from", word(old)), ("to", word(new))];
            note(comparison, step, was.stability.map(|set| set.at), is.stability.map(|set| set.at), &more);
        }
        _ => {}
    }
}

type Note<'n> = dyn Fn(&mut Comparison<'_, '_>, Step, Option<At>, Option<At>, &[(&'static str, String)]) + 'n;

/// Both sides are deprecated: the announced end may have moved.
fn sunset(comparison: &mut Comparison<'_, '_>, note: &Note<'_>, was: Lifecycle<'_>, is: Lifecycle<'_>) {
    match (was.sunset, is.sunset) {
        (Some(old), None) => {
            let end = announced(&was).into_iter().collect::<Vec<_>>();
            note(comparison, Step::SunsetDeleted, Some(old.at), None, &end);
        }
        (old, Some(new)) => match (old.and_then(|set| date(set.value)), date(new.value)) {
            (_, None)
                // What could not be read before either has not changed.
                if old.is_none_or(|old| date(old.value).is_some()) => {
                    note(comparison, Step::SunsetUnreadable, old.map(|set| set.at), Some(new.at), &[]);
                }
            (Some(before), Some(now)) if now < before => {
                let more = [("from", before.to_string()), ("to", now.to_string())];
                note(comparison, Step::SunsetMovedEarlier, old.map(|set| set.at), Some(new.at), &more);
            }
            (None, Some(now)) if comparison.options.today.is_some_and(|today| now < today) => {
                note(comparison, Step::SunsetTooEarly, None, Some(new.at), &[("to", now.to_string())]);
            }
            _ => {}
        },
        (None, None) => {}
    }
}
