//! Days and minutes of local time. A local minute is the number of minutes from 1970-01-01 00:00 of local time.

/// Minutes of a day.
pub(crate) const DAY: i64 = 24 * 60;

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A set of weekdays.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days(u8);

impl Days {
    /// All of them.
    pub(crate) fn every() -> Self {
        Self(0x7f)
    }

    /// Adds a day by its name; whether there is one.
    pub(crate) fn add(&mut self, name: &str) -> bool {
        let Some(at) = NAMES.iter().position(|known| *known == name) else { return false };
        self.0 |= 1 << at;
        true
    }

    /// Whether the day of a local minute is one of them.
    pub(crate) fn has(self, minute: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let day = (minute.div_euclid(DAY) + 3).rem_euclid(7);
        self.0 >> day & 1 == 1
    }
}

/// The minute of the day of `09:00`; 24:00 is the end of the day.
pub(crate) fn minutes_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY).then_some(total)
}

/// The local minute of `2026-12-24` or `2026-12-24T12:00`, and whether it is a whole day.
pub(crate) fn moment(text: &str) -> Option<(i64, bool)> {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let mut parts = day.split('-');
    let (year, month, date) =
        (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&date) {
        return None;
    }
    let minute = days_from_civil(year, month, date) * DAY;
    match time {
        None => Some((minute, true)),
        Some(time) => Some((minute + minutes_of_day(time)?, false)),
    }
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)
}

/// Days from 1970-01-01 in the Gregorian calendar, by the algorithm of Howard Hinnant's `chrono`-compatible low-level date
/// algorithms: years begin in March, so that the leap day is the last one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A local minute as `2026-12-24 12:00`.
pub(crate) fn show(minute: i64) -> String {
    let (days, time) = (minute.div_euclid(DAY) + 719_468, minute.rem_euclid(DAY));
    let era = days.div_euclid(146_097);
    let of_era = days - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", time / 60, time % 60)
}
