//! The view of a running rollout, and the lines that stand for it where there is no terminal.

use rollgate::report::news::{News, Reporter};
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
    insta::assert_snapshot!(screen(&view, ROOMY), @r#"
    rollgate  shop 1.5.0 against 1.4.0                                0:45 of 3:00
    plan     10 % ━━━━━━━━━━━━━━━━━━━━━━━━  50 % ━━━━━━━━━━──────────────  100 %
    split    ████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  canary 50 %

    requests canary 20/s  baseline 180/s
    errors   canary    3.1 %     ▁▂▂▁▅█
             baseline  0.56 %    ▂▂▂▂▂▂
    latency  canary    p50 17.5 ms  p95 34.1 ms  ▇▇█▇▇█
             baseline  p50 17.5 ms  p95 33 ms    ▇▇█▇▇█

    verdict  hold at look 4, 50 %
             builtin:thresholds: error rate 3.1 % is above the warning limit of 1 %
             but below the critical one of 5 %, and not yet sustained
    next     look in 7 s

    +0:01    the canary gets 10 % of traffic, read back
    +0:11    look 1: advance
    +0:21    look 2: advance
    +0:31    look 3: advance
    +0:32    the canary gets 50 % of traffic, read back
    +0:42    look 4: hold, ask again in 10 s
    "#);
}

#[test]
fn the_view_at_40_columns() {
    let record = sample::running_longer();
    let mut view = view(&record);
    waits(&mut view, &record, 45);
    insta::assert_snapshot!(screen(&view, Size { width: 40, height: 40 }), @r#"
    rollgate  shop 1.5.0 ag…  0:45 of 3:00
    plan     10 % ━━━━  50 % ━━──  100 %
    split    ████████░░░░░░░░  canary 50 %

    requests canary 20/s  baseline 180/s
    errors   canary    3.1 %     ▁▂▂▁▅█
             baseline  0.56 %    ▂▂▂▂▂▂
    latency  canary    p95 34.1 ms  ▇▇█▇▇█
             baseline  p95 33 ms    ▇▇█▇▇█

    verdict  hold at look 4, 50 %
             builtin:thresholds: error rate
             3.1 % is above the warning li…
    next     look in 7 s

    +0:01    the canary gets 10 % of traff…
    +0:11    look 1: advance
    +0:21    look 2: advance
    +0:31    look 3: advance
    +0:32    the canary gets 50 % of traff…
    +0:42    look 4: hold, ask again in 10…
    "#);
}

#[test]
fn the_view_before_anything_happened() {
    insta::assert_snapshot!(screen(&View::new("rollgate"), ROOMY), @r#"
    rollgate                                                                  0:00
    plan
    split    ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  canary 0 %

    requests canary –  baseline –
    errors   canary    –
             baseline  –
    latency  canary    –
             baseline  –

    verdict  none yet


    next     starting
    "#);
}

#[test]
fn the_view_after_a_rollback() {
    insta::assert_snapshot!(screen(&view(&sample::rolled_back()), ROOMY), @r#"
    rollgate  shop 1.5.0 against 1.4.0                                0:22 of 3:00
    plan     10 % ━━━━━━━━━━━━━━━━────────  50 % ────────────────────────  100 %
    split    ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  canary 0 %

    requests canary 20/s  baseline 180/s
    errors   canary    5.24 %    ▁▅█
             baseline  0.56 %    ▂▂▂
    latency  canary    p50 17.5 ms  p95 34.1 ms  ▇▇█
             baseline  p50 17.5 ms  p95 33 ms    ▇▇█

    verdict  rollback at look 2, 10 %
             builtin:thresholds: error rate 5.24 % is above the limit of 2 % for 15
             s
    outcome  rolled back: the gate said so

    +0:01    the canary gets 10 % of traffic, read back
    +0:11    look 1: hold, ask again in 10 s
    +0:21    look 2: rollback
    +0:21    rolling back: the gate said so
    +0:22    the baseline gets all traffic, read back
    +0:22    rolled back: the gate said so
    "#);
}

#[test]
fn the_view_of_policies_that_broke_and_metrics_without_data() {
    insta::assert_snapshot!(screen(&view(&sample::unconfirmed()), ROOMY), @r#"
    rollgate  shop 1.5.0 against 1.4.0                                0:44 of 3:00
    plan     10 % ━━━━━━━━━━━━━━━━━━━━━━━━  50 % ────────────────────────  100 %
    split    ██████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  canary 10 %

    requests canary –  baseline –
    errors   canary    provider-down
             baseline  provider-down
    latency  canary    –
             baseline  –

    verdict  hold at look 3, 10 %
             policy gave no verdict

    outcome  ROLLBACK NOT CONFIRMED

    +0:40    rolling back: the run was terminated
    +0:41    the weight 0 % could not be set: connect to /run/haproxy.sock: no suc…
    +0:42    the weight 0 % could not be set: connect to /run/haproxy.sock: no suc…
    +0:43    the weight 0 % could not be set: connect to /run/haproxy.sock: no suc…
    +0:44    the weight 0 % could not be set: connect to /run/haproxy.sock: no suc…
    +0:44    the rollback could not be confirmed (the run was terminated)
    "#);
}

#[test]
fn no_line_is_wider_and_no_view_higher_than_the_terminal() {
    for record in [sample::promoted(), sample::unconfirmed(), sample::drifted()] {
        let view = view(&record);
        for width in 0..=130 {
            for height in [0, 1, 5, 14, 24, 60] {
                let lines = view.lines(Size { width, height }, false);
                assert!(lines.iter().all(|line| columns(line) <= width), "{width}: {lines:?}");
                assert!(lines.len() < height.max(2), "{height}: {lines:?}");
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
    tell(&record, |progress| lines.extend(reporter.on(progress).iter().map(News::line)));
    let trouble = Progress::Trouble { at: sample::at(23), message: "flush \x1b[2Jthe record" };
    lines.extend(reporter.on(&trouble).iter().map(News::line));
    insta::assert_snapshot!(lines.join("\n"), @r#"
     +0.0s  taking up the canary of shop, run 20260301T120000Z-0badcafe; traffic by haproxy backend shop: shop-canary, shop-stable
     +0.0s  the rollout begins: 10 % for 30 s, 50 % for 30 s, 100 %
     +1.0s  the canary gets 10 % of traffic, read back
    +11.0s  look 1: hold, ask again in 10 s; errors canary 4.55 % (10 of 220), baseline 0.56 % (11 of 1,980); latency canary P50 17.5 ms, P95 34.1 ms, baseline P50 17.5 ms, P95 33 ms; builtin:thresholds: error rate 4.5 % is above 2 %, not for long enough yet
    +21.0s  ATTENTION: look 2: rollback; errors canary 5.24 % (22 of 420), baseline 0.56 % (21 of 3,780); latency canary P50 17.5 ms, P95 34.1 ms, baseline P50 17.5 ms, P95 33 ms; builtin:thresholds: error rate 5.24 % is above the limit of 2 % for 15 s
    +21.0s  rolling back: the gate said so
    +22.0s  the baseline gets all traffic, read back
    +22.0s  rolled back: the gate said so
    +23.0s  trouble: flush [2Jthe record
    "#);
}
