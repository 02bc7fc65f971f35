//! The view of a running rollout, and the lines that stand for it where there is no terminal.

use rollgate::report::news::Reporter;
use rollgate::report::spark::columns;
use rollgate::report::terminal::{Size, View};
use rollgate::rollout::journal::{Entry, replay};
use rollgate::rollout::machine::Event;
use rollgate::rollout::progress::Progress;
use rollgate::rollout::record::RunRecord;
use rollgate::support::units::Timestamp;

use super::sample;

const ROOMY: Size = Size { width: 80, height: 40 };

/// Tells a watcher what the controller told when it wrote this record.
fn tell(record: &RunRecord, mut watch: impl FnMut(&Progress<'_>)) {
    watch(&Progress::Began { header: &record.header, resumed: false });
    for at in 0..record.lines.len() {
        let Entry::Event(event) = &record.lines[at].entry else { continue };
        if let Event::Looked { look, .. } = event {
            watch(&Progress::Look(&record.looks[*look as usize - 1]));
        }
        let state = replay(&record.header.plan, &record.lines[..=at]);
        watch(&Progress::Event { at: record.lines[at].at, event, state: &state });
    }
}

fn view(record: &RunRecord) -> View {
    let mut view = View::new("rollgate");
    tell(record, |progress| view.take(progress));
    view
}

fn waits(view: &mut View, record: &RunRecord, seconds: u64) {
    let (now, until) = (sample::at(seconds), Timestamp(0));
    view.take(&Progress::Waiting { now, until, state: &record.state });
}

fn screen(view: &View, size: Size) -> String {
    view.lines(size, false).join("\n")
}

#[test]
fn the_view_at_80_columns() {
    let record = sample::running_longer();
    let mut view = view(&record);
    waits(&mut view, &record, 45);
    insta::assert_snapshot!(screen(&view, ROOMY), @"");
}

#[test]
fn the_view_at_40_columns() {
    let record = sample::running_longer();
    let mut view = view(&record);
    waits(&mut view, &record, 45);
    insta::assert_snapshot!(screen(&view, Size { width: 40, height: 40 }), @"");
}

#[test]
fn the_view_before_anything_happened() {
    insta::assert_snapshot!(screen(&View::new("rollgate"), ROOMY), @"");
}

#[test]
fn the_view_after_a_rollback() {
    insta::assert_snapshot!(screen(&view(&sample::rolled_back()), ROOMY), @"");
}

#[test]
fn the_view_of_policies_that_broke_and_metrics_without_data() {
    insta::assert_snapshot!(screen(&view(&sample::unconfirmed()), ROOMY), @"");
}

#[test]
fn no_line_is_wider_and_no_view_higher_than_the_terminal() {
    for record in [sample::promoted(), sample::unconfirmed(), sample::drifted()] {
        let view = view(&record);
        for width in 0..=130 {
            for height in [0, 1, 5, 14, 24, 60] {
                let lines = view.lines(Size { width, height }, false);
                assert!(lines.iter().all(|line| columns(line) <= width), "{width}: {lines:?}");
                assert!(lines.len() <= height.max(2) - 1, "{height}: {lines:?}");
            }
        }
    }
}

#[test]
fn colour_is_all_that_colour_adds() {
    let view = view(&sample::rolled_back());
    let coloured = view.lines(ROOMY, true).join("\n");
    assert!(coloured.contains("\x1b[1;31mrollback\x1b[0m"), "{coloured:?}");
    let plain = regex_lite::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&coloured, "");
    let trimmed: Vec<_> = plain.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), screen(&view, ROOMY));
}

#[test]
fn where_there_is_no_terminal_every_event_is_a_line() {
    let mut lines = Vec::new();
    let mut reporter = Reporter::default();
    let record = sample::rolled_back();
    tell(&record, |progress| lines.extend(reporter.on(progress).iter().map(|news| news.line())));
    let trouble = Progress::Trouble { at: sample::at(23), message: "flush \x1b[2Jthe record" };
    lines.extend(reporter.on(&trouble).iter().map(|news| news.line()));
    insta::assert_snapshot!(lines.join("\n"), @"");
}
