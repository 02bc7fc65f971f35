//! What applies when, and what it decides. Weekdays of 2026: 12 October and 23 November are Mondays.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kit::sample::{MINUTE, absent, errors, outcome_text, snapshot, verdict_text};

use crate::calendar::{moment, show};
use crate::judge::judge;
use crate::settings::read;

const WEEK: &str = r#"{
    "hours": [
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00", "limits": {"error-rate": "0.5%"}},
        {"days": ["fri"], "from": "22:00", "to": "06:00", "limits": "hold"}
    ],
    "otherwise": {"error-rate": "1%"},
    "freezes": [
        {"from": "2026-12-24", "to": "2027-01-01", "why": "year end"},
        {"from": "2026-11-23T12:00", "to": "2026-11-23T13:00"}
    ]
}"#;

/// The outcome at a local time, `seconds` after the minute, with so many errors of 1000 requests.
fn told(settings: &str, time: &str, seconds: u64, bad: u64, offset: i32) -> String {
    let mut look = snapshot(10, vec![errors(1000, bad)]);
    let local = u64::try_from(moment(time).unwrap().0).unwrap() * MINUTE + seconds * 1000;
    look.context.now_ms = local.checked_add_signed(-i64::from(offset) * 1000).unwrap();
    look.context.utc_offset_seconds = offset;
    outcome_text(&judge(&look, &read(settings).unwrap(), b"").unwrap())
}

fn verdict(time: &str, bad: u64) -> String {
    told(WEEK, time, 0, bad, 0).lines().next().unwrap().to_owned()
}

#[test]
fn limits_are_stricter_in_business_hours() {
    // Ten errors of a thousand are allowed outside of business hours, five within.
    for (time, allowed) in [
        ("2026-10-12T08:59", 10),
        ("2026-10-12T09:00", 5),
        ("2026-10-12T16:59", 5),
        ("2026-10-12T17:00", 10),
        ("2026-10-16T09:00", 5),
        ("2026-10-17T12:00", 10),
        ("2026-10-18T12:00", 10),
    ] {
        assert_eq!(
            [verdict(time, allowed - 1), verdict(time, allowed), verdict(time, allowed + 1)],
            ["advance", "advance", "rollback"],
            "{time}"
        );
    }
}

#[test]
fn hours_may_pass_midnight_and_belong_to_the_day_on_which_they_begin() {
    assert_eq!(verdict("2026-10-16T21:59", 0), "advance");
    assert_eq!(verdict("2026-10-16T22:00", 0), "hold for 28800 s");
    assert_eq!(verdict("2026-10-17T05:59", 0), "hold for 60 s");
    assert_eq!(verdict("2026-10-17T06:00", 0), "advance");
    assert_eq!(verdict("2026-10-16T05:00", 0), "advance");
    assert_eq!(
        told(WEEK, "2026-10-17T05:59", 30, 1000, 0),
        "hold for 30 s\nwarning [-] the canary gets no more traffic at this hour until 2026-10-17 06:00 {}"
    );
}

#[test]
fn a_freeze_holds_and_still_rolls_back() {
    assert_eq!(verdict("2026-12-23T23:59", 0), "advance");
    assert_eq!(verdict("2026-12-24T00:00", 0), "hold for 777600 s");
    assert_eq!(verdict("2027-01-01T23:59", 0), "hold for 60 s");
    // The night of a Friday, which goes on.
    assert_eq!(verdict("2027-01-02T00:00", 0), "hold for 21600 s");
    assert_eq!(verdict("2026-12-25T20:00", 11), "rollback");
    assert_eq!(
        told(WEEK, "2026-11-23T12:59", 1, 0, 0),
        "hold for 59 s\n\
         warning [-] there is a freeze until 2026-11-23 13:00 {}\n\
         info [errors] error rate 0 % is within the limit of 0.5 % (1000 requests) {value: 0.0, limit: 0.005, requests: 1000, bad: 0.0}"
    );
    assert_eq!(verdict("2026-11-23T13:00", 0), "advance");
}

#[test]
fn local_time_is_the_hosts_or_that_of_the_settings() {
    // 09:00 in local time, whatever UTC says.
    for offset in [-43_200, -3600, 0, 19_800, 50_400] {
        assert!(told(WEEK, "2026-10-12T09:00", 0, 6, offset).starts_with("rollback\n"), "{offset}");
        assert!(told(WEEK, "2026-10-12T08:59", 59, 6, offset).starts_with("advance\n"), "{offset}");
    }
    let own = WEEK.replacen('{', r#"{"utc-offset": "-05:30","#, 1);
    // 14:30 UTC is 09:00 there.
    assert!(told(&own, "2026-10-12T14:29", 0, 6, 0).starts_with("advance\n"));
    assert!(told(&own, "2026-10-12T14:30", 0, 6, 0).starts_with("rollback\n"));
}

#[test]
fn a_calendar_of_freezes_alone_lets_pass_what_is_outside() {
    let settings = r#"{"freezes": [{"from": "2026-12-24", "to": "2026-12-24"}]}"#;
    assert_eq!(told(settings, "2026-12-23", 0, 1000, 0), "advance\ninfo [-] there is no freeze {}");
    assert!(told(settings, "2026-12-24", 0, 0, 0).starts_with("hold for 86400 s\n"));
}

#[test]
fn absence_holds_and_a_breach_is_remembered_over_hours_without_limits() {
    let settings = read(WEEK).unwrap();
    let look = snapshot(10, vec![absent(errors(1000, 0), None, "empty")]);
    assert_eq!(verdict_text(judge(&look, &settings, b"").unwrap().verdict), "hold");
    let mut night = snapshot(10, vec![errors(1000, 0)]);
    night.context.now_ms = u64::try_from(moment("2026-10-16T23:00").unwrap().0).unwrap() * MINUTE;
    assert_eq!(judge(&night, &settings, b"error-rate 1 2 3\n").unwrap().memory, b"error-rate 1 2 3\n");
}

#[test]
fn days_are_those_of_the_gregorian_calendar() {
    for day in ["1970-01-01", "2000-02-29", "2024-02-29", "2026-12-31", "2100-02-28", "9999-12-31"] {
        let (minute, _) = moment(day).unwrap();
        assert_eq!(show(minute), format!("{day} 00:00"));
        assert_eq!(show(minute + 24 * 60 - 1), format!("{day} 23:59"));
    }
    // 10957 days lie between 1970-01-01 and 2000-01-01.
    assert_eq!(moment("2000-01-01"), Some((10_957 * 24 * 60, true)));
    for wrong in [
        "2026-02-29",
        "2100-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-1-1",
        "2026-04-31",
        "26-01-01",
        "2026-01-01T24:01",
    ] {
        assert_eq!(moment(wrong), None, "{wrong}");
    }
}

#[test]
fn settings_that_cannot_work_are_told_with_their_place() {
    let problems = |text: &str| -> Vec<String> {
        let problems = read(text).unwrap_err();
        problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect()
    };
    assert_eq!(problems("{}"), [" nothing is set: set at least one of hours, otherwise, freezes"]);
    assert_eq!(
        problems(r#"{"hours": [{"limits": "hold"}]}"#),
        [" it is not said what applies outside of `hours`: set `otherwise`"]
    );
    assert_eq!(
        problems(
            r#"{"hours": [{"days": ["mo"], "from": "9:00", "limits": {"p95": "x"}}, {}],
                "otherwise": 1, "freezes": [{"from": "2026-02-30", "to": "2026-01-01"}, {"from": "2026-01-02", "to": "2026-01-01"}],
                "utc-offset": "01:00"}"#
        ),
        [
            "/hours/0/days/0 expected one of mon, tue, wed, thu, fri, sat, sun",
            "/hours/0/from expected a time of day, such as \"09:00\"",
            "/hours/0/limits/p95 expected a duration such as \"500ms\" or \"5m\", or a number of seconds",
            "/hours/1 it has no limits: set `limits`",
            "/otherwise expected limits, or \"hold\"",
            "/freezes/0/from expected a day such as \"2026-12-24\", or a moment such as \"2026-12-24T12:00\"",
            "/freezes/1/to the freeze ends before it begins",
            "/utc-offset expected a difference from UTC, such as \"+01:00\"",
        ]
    );
}
