//! What a canary makes known on the forge.

use rollgate::report::publication::{Conclusion, GateKind};
use rollgate::report::{gate, markdown};
use rollgate::rollout::machine::{Event, Signal};

use super::sample::{self, Sample};

#[test]
fn every_end_has_its_conclusion() {
    let stopped = Event::Stopped(Signal::Interrupt);
    let cancelled = Sample { record: sample::running() }.event(100, stopped).shifted(101, 0).record;
    let conclusions = [
        sample::promoted(),
        sample::rolled_back(),
        sample::unconfirmed(),
        sample::drifted(),
        sample::running(),
        cancelled,
    ]
    .map(|record| gate::publication(&record).conclusion);
    assert_eq!(
        conclusions,
        [
            Conclusion::Passed,
            Conclusion::Failed,
            Conclusion::Fault,
            Conclusion::Fault,
            Conclusion::Pending,
            Conclusion::Cancelled,
        ]
    );
}

#[test]
fn the_headline_says_what_happened_in_a_line() {
    let published = gate::publication(&sample::rolled_back());
    assert_eq!(published.subject.context(), "rollgate/shop/canary");
    assert_eq!(published.subject.gate, GateKind::Canary);
    insta::assert_snapshot!(published.headline, @"shop: canary rolled back by the gate. Canary 1.5.0 against baseline 1.4.0 was taken back after 22 s at 10 % of traffic: the gate said so. All traffic is on the baseline, read back from the router. At look 2, builtin:thresholds said: error rate 5.24 % is above the limit of 2 % for 15 s. At least 420 requests reached the canary, 22 of them failed.");
}

#[test]
fn the_body_has_every_line_of_the_report_and_what_decided_comes_first() {
    for record in [sample::promoted(), sample::rolled_back(), sample::unconfirmed(), sample::running_longer()]
    {
        let whole = markdown::render(&record);
        let body = gate::publication(&record).body;
        let lines = |text: &str| {
            let mut lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!(lines(&body.within(usize::MAX)), lines(&whole));
    }
    let body = gate::publication(&sample::rolled_back()).body;
    assert!(body.blocks[0].starts_with("### Reasons of look"), "{}", body.blocks[0]);
    // A reader that allows little gets the verdict and the reasons.
    let short = body.within(body.head.len() + body.blocks[0].len() + body.tail.len() + 120);
    assert!(short.contains("### Reasons of look") && short.contains("more that do not fit here"), "{short}");
}
