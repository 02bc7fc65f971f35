//! What the user wrote.

use kit::json::Value;
use kit::limits;
use kit::settings::{Reader, escaped, member};
use kit::types::SettingsProblem;

use crate::calendar::{DAY, Days, minutes_of_day, moment};

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// What applies at a time.
#[derive(Debug, PartialEq)]
pub(crate) enum Rule {
    /// These limits.
    Limits(Box<limits::settings::Settings>),
    /// No more traffic.
    Hold,
}

/// A part of the week.
#[derive(Debug, PartialEq)]
pub(crate) struct Hours {
    /// On which days it begins.
    pub(crate) days: Days,
    /// Minute of the day at which it begins.
    pub(crate) from: i64,
    /// Minute at which it ends, of the same day or of the next.
    pub(crate) to: i64,
    /// What applies then.
    pub(crate) rule: Rule,
}

/// A time without changes, in local minutes.
#[derive(Debug, PartialEq)]
pub(crate) struct Freeze {
    /// Its first minute.
    pub(crate) from: i64,
    /// The minute at which it is over.
    pub(crate) to: i64,
    /// Why there is one.
    pub(crate) why: Option<String>,
}

/// The settings of one rollout.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// The first that fits counts.
    pub(crate) hours: Vec<Hours>,
    /// What applies where none fits.
    pub(crate) otherwise: Option<Rule>,
    /// Times without changes.
    pub(crate) freezes: Vec<Freeze>,
    /// Local time as minutes from UTC; none for the host's.
    pub(crate) offset: Option<i64>,
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    kit::settings::read(text, settings)
}

fn settings(reader: &mut Reader, value: &Value) -> Settings {
    let mut settings = Settings::default();
    for (key, value) in reader.object(value, "").unwrap_or_default() {
        let at = format!("/{}", escaped(key));
        match key.as_str() {
            "hours" => {
                for (index, entry) in reader.list(value, &at).iter().enumerate() {
                    settings.hours.extend(hours(reader, entry, &format!("{at}/{index}")));
                }
            }
            "otherwise" => settings.otherwise = Some(rule(reader, value, &at)),
            "freezes" => {
                for (index, entry) in reader.list(value, &at).iter().enumerate() {
                    settings.freezes.extend(freeze(reader, entry, &format!("{at}/{index}")));
                }
            }
            "utc-offset" => {
                settings.offset = offset(value);
                if settings.offset.is_none() {
                    reader.problem(&at, "expected a difference from UTC, such as \"+01:00\"");
                }
            }
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.is_empty() {
        if settings.hours.is_empty() && settings.otherwise.is_none() && settings.freezes.is_empty() {
            reader.problem("", "nothing is set: set at least one of hours, otherwise, freezes");
        } else if !settings.hours.is_empty() && settings.otherwise.is_none() {
            // Outside of the hours a canary would pass whatever happens.
            reader.problem("", "it is not said what applies outside of `hours`: set `otherwise`");
        }
    }
    settings
}

fn hours(reader: &mut Reader, value: &Value, at: &str) -> Option<Hours> {
    let map = reader.object(value, at)?;
    let mut hours = Hours { days: Days::every(), from: 0, to: DAY, rule: Rule::Hold };
    if member(map, "limits").is_none() {
        reader.problem(at, "it has no limits: set `limits`");
    }
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "days" => {
                hours.days = Days::default();
                for (index, day) in reader.list(value, &at).iter().enumerate() {
                    let known = matches!(day, Value::String(day) if hours.days.add(day));
                    if !known {
                        let at = format!("{at}/{index}");
                        reader.problem(&at, "expected one of mon, tue, wed, thu, fri, sat, sun");
                    }
                }
            }
            "from" => hours.from = time(reader, value, &at),
            "to" => hours.to = time(reader, value, &at),
            "limits" => hours.rule = rule(reader, value, &at),
            _ => reader.unknown(&at),
        }
    }
    if hours.to <= hours.from {
        hours.to += DAY;
    }
    Some(hours)
}

fn time(reader: &mut Reader, value: &Value, at: &str) -> i64 {
    let minutes = match value {
        Value::String(text) => minutes_of_day(text),
        _ => None,
    };
    minutes.unwrap_or_else(|| {
        reader.problem(at, "expected a time of day, such as \"09:00\"");
        0
    })
}

fn rule(reader: &mut Reader, value: &Value, at: &str) -> Rule {
    match value {
        Value::String(word) if word == "hold" => Rule::Hold,
        Value::Object(_) => Rule::Limits(Box::new(reader.limits(value, at))),
        _ => {
            reader.problem(at, "expected limits, or \"hold\"");
            Rule::Hold
        }
    }
}

fn freeze(reader: &mut Reader, value: &Value, at: &str) -> Option<Freeze> {
    let map = reader.object(value, at)?;
    let mut ends = |key: &str, day_after: bool| {
        let pointer = format!("{at}/{key}");
        let found = match member(map, key) {
            Some(Value::String(text)) => moment(text),
            _ => None,
        };
        let Some((minute, is_day)) = found else {
            reader.problem(
                &pointer,
                "expected a day such as \"2026-12-24\", or a moment such as \"2026-12-24T12:00\"",
            );
            return None;
        };
        Some(if is_day && day_after { minute + DAY } else { minute })
    };
    let (from, to) = (ends("from", false), ends("to", true));
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "from" | "to" => {}
            "why" => {
                reader.text(value, &at, "a few words");
            }
            _ => reader.unknown(&at),
        }
    }
    let (from, to) = (from?, to?);
    if to <= from {
        reader.problem(&format!("{at}/to"), "the freeze ends before it begins");
    }
    let why = match member(map, "why") {
        Some(Value::String(why)) => Some(why.clone()),
        _ => None,
    };
    Some(Freeze { from, to, why })
}

/// Minutes from UTC, of at most a day.
fn offset(value: &Value) -> Option<i64> {
    let Value::String(text) = value else { return None };
    let (sign, time) = text.split_at_checked(1)?;
    let minutes = minutes_of_day(time).filter(|minutes| *minutes < DAY)?;
    match sign {
        "+" => Some(minutes),
        "-" => Some(-minutes),
        _ => None,
    }
}
