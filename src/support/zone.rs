//! Time zones by name, from the database that is built in: local time is the same on every machine.

use jiff::tz::TimeZoneDatabase;

use super::units::Timestamp;

/// Whether there is a time zone of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    TimeZoneDatabase::bundled().get(name).is_ok()
}

/// How far the local time of the zone is ahead of UTC at an instant, in seconds; 0 where there is no such zone or instant.
#[must_use]
pub fn offset_seconds(name: &str, at: Timestamp) -> i32 {
    let instant = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    match (TimeZoneDatabase::bundled().get(name), instant) {
        (Ok(zone), Some(instant)) => zone.to_offset(instant).seconds(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_follows_the_zone_through_the_year() {
        // 2026-01-15 and 2026-07-15, at noon in UTC.
        let (winter, summer) = (Timestamp(1_768_478_400_000), Timestamp(1_784_116_800_000));
        let offsets = |name| (offset_seconds(name, winter), offset_seconds(name, summer));
        assert_eq!(offsets("Europe/Berlin"), (3600, 7200));
        assert_eq!(offsets("America/New_York"), (-18_000, -14_400));
        assert_eq!(offsets("Asia/Kolkata"), (19_800, 19_800));
        assert_eq!(offsets("UTC"), (0, 0));
        // The hour in which clocks go forward in Berlin: 2026-03-29 at 01:00 UTC.
        let change = 1_774_746_000_000;
        assert_eq!(offset_seconds("Europe/Berlin", Timestamp(change - 1)), 3600);
        assert_eq!(offset_seconds("Europe/Berlin", Timestamp(change)), 7200);
        assert!(is_known("Europe/Berlin") && !is_known("Europe/Nowhere") && !is_known(""));
    }
}
