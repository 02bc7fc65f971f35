//! A running rollout as lines, one for each event and look: what is shown where there is no terminal.
//!
//! The lines are stable and can be searched: time since the start, then a sentence that begins with what
//! happened.

use super::canary::{Grade, Kind, LookRow};
use super::gather;
use super::markdown::arm_in_full;
use super::timeline;
use crate::rollout::machine::{Event, Phase};
use crate::rollout::plan::Plan;
use crate::rollout::progress::Progress;
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

/// Something new about a rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Time since the run was taken up.
    pub elapsed: Millis,
    /// How grave it is.
    pub grade: Grade,
    /// What, in one sentence.
    pub text: String,
    /// More of it, where a line has the room: the numbers and the reason of a look.
    pub detail: String,
}

impl News {
    /// As a line of its own.
    #[must_use]
    pub fn line(&self) -> String {
        let seconds = format!("+{:.1}s", self.elapsed.as_secs_f64());
        let mark = match self.grade {
            Grade::Critical => "ATTENTION: ",
            Grade::Info | Grade::Warning => "",
        };
        let detail = if self.detail.is_empty() { String::new() } else { format!("; {}", self.detail) };
        format!("{seconds:>8}  {mark}{}{detail}", self.text)
    }
}

/// Turns what a controller tells into news; remembers what it needs to tell what is new.
#[derive(Debug, Clone, Default)]
pub struct Reporter {
    plan: Option<Plan>,
    began: Option<Timestamp>,
    phase: Option<Phase>,
    look: Option<LookRow>,
}

impl Reporter {
    /// What is new in `progress`.
    pub fn on(&mut self, progress: &Progress<'_>) -> Vec<News> {
        match progress {
            Progress::Began { header, resumed } => {
                self.plan = Some(header.plan.clone());
                let context = &header.context;
                let verb = if *resumed { "carrying on" } else { "taking up" };
                let driver = text::line(&header.driver, 200);
                let text = format!(
                    "{verb} the canary of {}, run {}; traffic by {driver}",
                    text::line(&context.service, 120),
                    text::line(&context.run_id, 120)
                );
                vec![News { elapsed: Millis(0), grade: Grade::Info, text, detail: String::new() }]
            }
            Progress::Event { at, event, state } => {
                let elapsed = self.elapsed(*at);
                let before = self.phase.replace(state.phase).unwrap_or(Phase::Ready);
                let Some(plan) = &self.plan else { return Vec::new() };
                let mut detail = match event {
                    Event::Looked { .. } => {
                        self.look.take().map(|look| look_detail(&look)).unwrap_or_default()
                    }
                    _ => String::new(),
                };
                timeline::sentences(plan, before, event, state)
                    .into_iter()
                    .map(|(grade, text)| News { elapsed, grade, text, detail: std::mem::take(&mut detail) })
                    .collect()
            }
            Progress::Look(look) => {
                let began = *self.began.get_or_insert(look.at);
                self.look = Some(gather::look_of(look, began));
                Vec::new()
            }
            Progress::Trouble { at, message } => vec![News {
                elapsed: self.elapsed(*at),
                grade: Grade::Warning,
                text: format!("trouble: {}", text::line(message, 400)),
                detail: String::new(),
            }],
            Progress::Waiting { .. } => Vec::new(),
        }
    }

    fn elapsed(&mut self, at: Timestamp) -> Millis {
        at.since(*self.began.get_or_insert(at))
    }
}

/// The numbers and the reason of a look in a line.
fn look_detail(look: &LookRow) -> String {
    let mut parts = Vec::new();
    for kind in [Kind::Ratio, Kind::Latency] {
        if let Some(metric) = look.metrics.iter().find(|metric| metric.kind == kind) {
            parts.push(if metric.state == "ok" {
                format!(
                    "{} canary {}, baseline {}",
                    metric.name,
                    arm_in_full(metric, &metric.canary),
                    arm_in_full(metric, &metric.baseline)
                )
            } else {
                format!("{} {}", metric.name, metric.state)
            });
        }
    }
    if let Some(reason) = look.reasons.first() {
        parts.push(format!("{}: {}", reason.policy, reason.text));
    }
    parts.join("; ")
}
