//! The view of a running rollout in a terminal: what a controller tells goes in, lines of a given width come
//! out. Whoever owns the terminal redraws them in place.
//!
//! Pure, and knows nothing of what is being released: everything shown comes from the controller's progress.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::canary::{Grade, Kind, LookRow, VerdictName};
use super::news::Reporter;
use super::numbers::{self, NONE};
use super::paint::Style;
use super::{gather, spark, timeline};
use crate::rollout::machine::{End, Phase, State};
use crate::rollout::plan::Plan;
use crate::rollout::progress::Progress;
use crate::rollout::record::LookRecord;
use crate::snapshot::model::{Arm, Metric, MetricKind};
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

/// The narrowest view; in a narrower terminal the lines are cut.
pub const NARROWEST: usize = 40;

/// The widest view: beyond it bars say no more.
const WIDEST: usize = 110;

/// Lines of the log that are shown where the terminal has the height.
const LOG: usize = 6;

/// Values that a sparkline remembers.
const REMEMBERED: usize = 512;

const LABEL: usize = 9;

/// Room for the view, in columns and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
}

/// A line in pieces; measured before it is coloured.
#[derive(Debug, Default)]
struct Line(Vec<(Style, String)>);

impl Line {
    fn labelled(label: &str) -> Self {
        Self::default().and(Style::Dim, format!(" {}", pad(label, LABEL)))
    }

    fn and(mut self, style: Style, text: impl Into<String>) -> Self {
        self.0.push((style, text.into()));
        self
    }

    fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| spark::columns(text)).sum()
    }

    fn finish(self, width: usize, colour: bool) -> String {
        let mut room = width;
        let mut line = String::new();
        for (style, text) in self.0 {
            let text = spark::clip(&text, room);
            room -= spark::columns(&text);
            if text.is_empty() {
                continue;
            }
            line.push_str(&style.paint(&text, colour));
        }
        if colour { line } else { line.trim_end().to_owned() }
    }
}

/// What a metric showed over time in one arm.
#[derive(Debug, Clone, Default)]
struct Trace {
    past: Vec<f64>,
    present: Vec<f64>,
}

impl Trace {
    /// Takes the series of a look. A look repeats what the looks before it saw of the same stay.
    fn take(&mut self, series: &[f64], anew: bool) {
        if anew {
            self.past.append(&mut self.present);
            let surplus = self.past.len().saturating_sub(REMEMBERED);
            self.past.drain(..surplus);
        }
        self.present = series[series.len().saturating_sub(REMEMBERED)..].to_vec();
    }

    fn values(&self) -> Vec<f64> {
        self.past.iter().chain(&self.present).copied().collect()
    }
}

#[derive(Debug, Clone, Default)]
struct Traces {
    canary: Trace,
    baseline: Trace,
}

/// The view of a rollout, as far as it has been told.
#[derive(Debug, Clone)]
pub struct View {
    title: String,
    subject: String,
    plan: Option<Plan>,
    state: State,
    began: Option<Timestamp>,
    now: Timestamp,
    reporter: Reporter,
    log: VecDeque<(Millis, Grade, String)>,
    look: Option<LookRow>,
    rates: [String; 2],
    stay: Option<(u32, Millis)>,
    errors: Traces,
    latency: Traces,
}

impl View {
    /// An empty view under this title.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            title: text::line(title, 200),
            subject: String::new(),
            plan: None,
            state: State::default(),
            began: None,
            now: Timestamp(0),
            reporter: Reporter::default(),
            log: VecDeque::new(),
            look: None,
            rates: [NONE.into(), NONE.into()],
            stay: None,
            errors: Traces::default(),
            latency: Traces::default(),
        }
    }

    /// Takes in what the controller tells.
    pub fn take(&mut self, progress: &Progress<'_>) {
        for news in self.reporter.on(progress) {
            self.log.push_back((news.elapsed, news.grade, news.text));
            if self.log.len() > LOG {
                self.log.pop_front();
            }
        }
        match progress {
            Progress::Began { header, .. } => {
                self.plan = Some(header.plan.clone());
                let context = &header.context;
                let revision = |text: &Option<String>| text.as_deref().map(|text| text::line(text, 40));
                self.subject = text::line(&context.service, 60);
                if let Some(canary) = revision(&context.canary_revision) {
                    let _ = write!(self.subject, " {canary}");
                }
                if let Some(baseline) = revision(&context.baseline_revision) {
                    let _ = write!(self.subject, " against {baseline}");
                }
            }
            Progress::Event { at, state, .. } => self.at(*at, state),
            Progress::Waiting { now, state, .. } => self.at(*now, state),
            Progress::Trouble { at, .. } => self.now = self.now.max(*at),
            Progress::Look(look) => self.take_look(look),
        }
    }

    fn at(&mut self, now: Timestamp, state: &State) {
        self.began.get_or_insert(now);
        self.now = self.now.max(now);
        self.state.clone_from(state);
    }

    fn take_look(&mut self, look: &LookRecord) {
        let position = &look.snapshot.position;
        let anew = self
            .stay
            .replace((position.step, position.step_elapsed_ms))
            .is_some_and(|(step, elapsed)| step != position.step || elapsed > position.step_elapsed_ms);
        let metrics = &look.snapshot.metrics;
        let first = |kind| metrics.iter().find(|metric| metric.kind == kind);
        for (kind, traces) in
            [(MetricKind::Ratio, &mut self.errors), (MetricKind::Latency, &mut self.latency)]
        {
            if let Some(Metric { canary, baseline, .. }) = first(kind) {
                traces.canary.take(&canary.series, anew);
                traces.baseline.take(&baseline.series, anew);
            }
        }
        let counting = [MetricKind::Ratio, MetricKind::Latency, MetricKind::Rate].into_iter().find_map(first);
        if let Some(metric) = counting {
            let rate = |arm: &Arm| numbers::rate_of(arm.requests, arm.observed_ms);
            self.rates = [rate(&metric.canary), rate(&metric.baseline)];
        }
        let began = *self.began.get_or_insert(look.at);
        self.look = Some(gather::look_of(look, began));
    }

    /// The view in `size`, one string a line, none wider than it; with control sequences for colour only if
    /// `colour`.
    #[must_use]
    pub fn lines(&self, size: Size, colour: bool) -> Vec<String> {
        let width = size.width.min(WIDEST);
        let mut lines = vec![self.title_line(width)];
        lines.push(self.plan_line(width));
        lines.push(self.split_line(width));
        lines.push(Line::default());
        lines.extend(self.traffic_lines(width));
        lines.push(Line::default());
        lines.extend(self.verdict_lines(width));
        lines.push(self.next_line());
        let room = size.height.saturating_sub(lines.len() + 2).min(LOG);
        if room > 0 && !self.log.is_empty() {
            lines.push(Line::default());
            for (elapsed, grade, text) in self.log.iter().skip(self.log.len().saturating_sub(room)) {
                let since = format!("+{}", clock(*elapsed));
                lines.push(
                    Line::default()
                        .and(Style::Dim, format!(" {since:<LABEL$}"))
                        .and(Style::of(*grade), text.clone()),
                );
            }
        }
        lines.truncate(size.height.saturating_sub(1).max(1));
        lines.into_iter().map(|line| line.finish(width, colour)).collect()
    }

    fn title_line(&self, width: usize) -> Line {
        let elapsed = self.began.map_or(Millis(0), |began| self.now.since(began));
        let right = match (self.state.deadline, self.began) {
            (Some(deadline), Some(began)) => {
                format!("{} of {}", clock(elapsed), clock(deadline.since(began)))
            }
            _ => clock(elapsed),
        };
        let room = width.saturating_sub(spark::columns(&right) + 3);
        let left = if self.subject.is_empty() {
            format!(" {}", self.title)
        } else {
            format!(" {}  {}", self.title, self.subject)
        };
        Line::default()
            .and(Style::Bold, pad(&spark::clip(&left, room), room))
            .and(Style::Plain, "  ")
            .and(Style::Dim, right)
    }

    /// The steps in a row, each with how much of its time has passed; a single one where they do not fit.
    fn plan_line(&self, width: usize) -> Line {
        let Some(plan) = &self.plan else { return Line::labelled("plan") };
        let steps = plan.steps.len();
        let current = self.current_step();
        let room = width.saturating_sub(LABEL + 1);
        let labels: usize = plan.steps.iter().map(|step| step.weight.to_string().len() + 2).sum();
        let bars = plan.steps.iter().filter(|step| step.hold > Millis(0)).count();
        let bar = room.saturating_sub(labels).checked_div(bars).unwrap_or(0).saturating_sub(1).min(24);
        let mut line = Line::labelled("plan");
        if bar < 4 && bars > 0 {
            let at = current.min(steps - 1);
            let step = plan.steps[at];
            line = line.and(Style::Bold, format!("step {} of {steps}, {} ", at + 1, step.weight));
            let room = width.saturating_sub(line.width()).min(24);
            return line.filled(Style::Good, self.passed(at), room, '━', '─');
        }
        for (at, step) in plan.steps.iter().enumerate() {
            let style = match at.cmp(&current) {
                std::cmp::Ordering::Less => Style::Good,
                std::cmp::Ordering::Equal => Style::Bold,
                std::cmp::Ordering::Greater => Style::Dim,
            };
            line = line.and(style, format!("{} ", step.weight));
            if step.hold > Millis(0) {
                line = line.filled(Style::Good, self.passed(at), bar, '━', '─').and(Style::Plain, "  ");
            }
        }
        line
    }

    /// Index of the step that is being set or watched; one past the last when all have passed.
    fn current_step(&self) -> usize {
        let steps = self.plan.as_ref().map_or(0, |plan| plan.steps.len());
        match (self.state.phase, &self.look) {
            (Phase::Ready, _) => 0,
            (Phase::Shifting { step } | Phase::Observing { step, .. }, _) => step,
            (Phase::Promoting { .. } | Phase::Ended(End::Promoted(_)), _) => steps,
            (_, Some(look)) => look.step.saturating_sub(1) as usize,
            (_, None) => 0,
        }
    }

    /// How much of the time of step `at` has passed.
    fn passed(&self, at: usize) -> f64 {
        let current = self.current_step();
        let Some(hold) = self.plan.as_ref().and_then(|plan| plan.steps.get(at)).map(|step| step.hold) else {
            return 0.0;
        };
        match (at.cmp(&current), self.state.phase) {
            (std::cmp::Ordering::Less, _) => 1.0,
            (std::cmp::Ordering::Greater, _) | (_, Phase::Ready | Phase::Shifting { .. }) => 0.0,
            (_, Phase::Observing { since, .. }) => self.now.since(since).as_secs_f64() / hold.as_secs_f64(),
            _ => self.stay.map_or(0.0, |(_, elapsed)| elapsed.as_secs_f64() / hold.as_secs_f64()),
        }
    }

    fn split_line(&self, width: usize) -> Line {
        let weight = self.state.weight;
        let right = format!("  canary {weight}");
        let line = Line::labelled("split");
        let room = width.saturating_sub(line.width() + spark::columns(&right) + 1);
        line.filled(Style::Canary, f64::from(weight.percent()) / 100.0, room, '█', '░')
            .and(Style::Canary, right)
    }

    fn traffic_lines(&self, width: usize) -> Vec<Line> {
        let [canary, baseline] = &self.rates;
        let mut lines = vec![
            Line::labelled("requests")
                .and(Style::Canary, format!("canary {canary}"))
                .and(Style::Plain, format!("  baseline {baseline}")),
        ];
        lines.extend(self.pair(Kind::Ratio, "errors", &self.errors, width));
        lines.extend(self.pair(Kind::Latency, "latency", &self.latency, width));
        lines
    }

    /// The two lines of a metric, canary above baseline on one scale.
    fn pair(&self, kind: Kind, otherwise: &str, traces: &Traces, width: usize) -> Vec<Line> {
        let metric =
            self.look.as_ref().and_then(|look| look.metrics.iter().find(|metric| metric.kind == kind));
        let Some(metric) = metric else {
            return vec![
                Line::labelled(otherwise).and(Style::Canary, format!("canary    {NONE}")),
                Line::labelled("").and(Style::Plain, format!("baseline  {NONE}")),
            ];
        };
        let value = |arm: &super::canary::ArmRow| match (kind, arm.value) {
            (_, None) if metric.state == "ok" => NONE.to_owned(),
            (_, None) => metric.state.clone(),
            (Kind::Latency, Some(p95)) => {
                let p50 = arm.p50.filter(|_| width >= 60).map(numbers::latency);
                let p50 = p50.map(|p50| format!("p50 {p50:<8} ")).unwrap_or_default();
                format!("{p50}p95 {}", numbers::latency(p95))
            }
            (_, Some(value)) => numbers::value(kind.into(), value, &metric.unit),
        };
        let (canary, baseline) = (value(&metric.canary), value(&metric.baseline));
        let column = spark::columns(&canary).max(spark::columns(&baseline)).max(8);
        let room = width.saturating_sub(LABEL + 1 + 10 + column + 3);
        let (of_canary, of_baseline) = (traces.canary.values(), traces.baseline.values());
        let newest =
            |values: &[f64]| values[values.len().saturating_sub(room)..].iter().copied().fold(0.0, f64::max);
        let most = newest(&of_canary).max(newest(&of_baseline));
        let label = spark::clip(&metric.name, LABEL - 1);
        vec![
            Line::labelled(&label)
                .and(Style::Canary, format!("canary    {}", pad(&canary, column + 2)))
                .and(Style::Canary, spark::line(&of_canary, most, room)),
            Line::labelled("")
                .and(Style::Plain, format!("baseline  {}", pad(&baseline, column + 2)))
                .and(Style::Dim, spark::line(&of_baseline, most, room)),
        ]
    }

    fn verdict_lines(&self, width: usize) -> Vec<Line> {
        let Some(look) = &self.look else {
            return vec![
                Line::labelled("verdict").and(Style::Dim, "none yet"),
                Line::default(),
                Line::default(),
            ];
        };
        let style = match look.verdict {
            VerdictName::Promote | VerdictName::Advance => Style::Good,
            VerdictName::Hold => Style::Warn,
            VerdictName::Rollback => Style::Bad,
        };
        let why = match look.reasons.first() {
            _ if !look.blocked_by.is_empty() => format!("{} gave no verdict", look.blocked_by.join(", ")),
            Some(reason) => format!("{}: {}", reason.policy, reason.text),
            None => String::new(),
        };
        let mut wrapped = spark::wrap(&why, width.saturating_sub(LABEL + 1), 2).into_iter();
        let mut head = Line::labelled("verdict").and(style, look.verdict.name());
        head = head.and(Style::Plain, format!(" at look {}, {} %", look.look, look.weight));
        let mut lines = vec![head];
        // Always as many lines, so that what stands below does not jump.
        for _ in 0..2 {
            lines.push(Line::labelled("").and(Style::Plain, wrapped.next().unwrap_or_default()));
        }
        lines
    }

    fn next_line(&self) -> Line {
        let line = Line::labelled(if self.state.end().is_some() { "outcome" } else { "next" });
        let within = |until: Timestamp| numbers::span(Millis(until.since(self.now).0.div_ceil(100) * 100));
        match self.state.phase {
            Phase::Ready => line.and(Style::Dim, "starting"),
            Phase::Shifting { .. } | Phase::Promoting { .. } if self.now < self.state.retry_at => {
                line.and(Style::Warn, format!("setting the weight again in {}", within(self.state.retry_at)))
            }
            Phase::Shifting { .. } | Phase::Promoting { .. } => line.and(Style::Plain, "setting the weight"),
            Phase::Observing { next_look, .. } => {
                let paused = if self.state.paused { ", paused: nothing advances" } else { "" };
                line.and(Style::Plain, format!("look in {}{paused}", within(next_look)))
            }
            Phase::RollingBack { cause, .. } => {
                line.and(Style::Bad, format!("rolling back: {}", timeline::rollback(cause)))
            }
            Phase::Ended(End::Promoted(cause)) => {
                line.and(Style::Good, format!("promoted: {}", timeline::promotion(cause)))
            }
            Phase::Ended(End::RolledBack(cause)) => {
                line.and(Style::Bad, format!("rolled back: {}", timeline::rollback(cause)))
            }
            Phase::Ended(End::Unconfirmed(_)) => line.and(Style::Bad, "ROLLBACK NOT CONFIRMED"),
            Phase::Ended(End::Undecided { .. }) => line.and(Style::Bad, "undecided; traffic stays as it is"),
            Phase::Ended(End::Left(_)) => line.and(Style::Bad, "stopped; traffic stays as it is"),
            Phase::Ended(End::Drifted) => line.and(Style::Bad, "stopped: somebody else moved the traffic"),
        }
    }
}

impl Line {
    fn filled(self, style: Style, share: f64, width: usize, full: char, empty: char) -> Self {
        let (full, empty) = spark::bar(share, width, full, empty);
        self.and(style, full).and(Style::Dim, empty)
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(spark::columns(text))))
}

/// Time since the start as a clock: `0:07`, `12:30`, `1:02:03`.
fn clock(span: Millis) -> String {
    let seconds = span.0 / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
