//! The report of a quickstart: both rollouts, each as any other rollout is reported. Pure.

use std::fmt::Write as _;

use super::act::{Act, POLICY};
use super::load::Counts;
use crate::report::{markdown, numbers};
use crate::rollout::machine::{End, RollbackCause};
use crate::rollout::record::RunRecord;
use crate::support::text;

/// An act that was played.
#[derive(Debug)]
pub struct Played {
    /// What was meant.
    pub act: Act,
    /// What happened.
    pub record: RunRecord,
    /// What the load generator counted from the answers.
    pub counts: Counts,
}

impl Played {
    /// Whether it ended as it was meant to.
    #[must_use]
    pub fn as_meant(&self) -> bool {
        self.record.state.end() == Some(self.act.ends)
    }

    /// Whether it ended because the process was told to stop.
    #[must_use]
    pub fn was_cancelled(&self) -> bool {
        matches!(self.record.state.end(), Some(End::RolledBack(RollbackCause::Cancelled(_)) | End::Left(_)))
    }
}

/// The report, in Markdown. `records` is where the runs are kept.
#[must_use]
pub fn render(played: &[Played], acts: usize, records: &str) -> String {
    let all = played.len() == acts && played.iter().all(Played::as_meant);
    let how = if all {
        "✅ both releases ended as they should"
    } else if played.iter().any(Played::was_cancelled) {
        "⚠️ cancelled, traffic settled"
    } else {
        "⚠️ not every release ended as it should"
    };
    let mut page = format!(
        "# Rollgate quickstart: {how}\n\n\
         Two HTTP services and a load on them ran in this process, with real sockets and real `/metrics`. The split \
         was moved step by step, and `{POLICY}` judged every look from what the services themselves counted. The \
         controller, the policy host and the journal are those of `rollgate canary run`.\n\n\
         | release | meant to be | was | took | answers of the canary | failed | share |\n\
         | :--- | :--- | :--- | ---: | ---: | ---: | ---: |\n"
    );
    for played in played {
        page.push_str(&row(played));
    }
    page.push_str("\nThe last three columns are counted by the load generator, from the answers.\n");
    for Played { record, .. } in played {
        page.push_str("\n---\n\n");
        page.push_str(&markdown::render(record));
    }
    let folder = text::line(records, 300).replace('`', "'");
    let _ = write!(
        page,
        "\n---\n\n### Where to go from here\n\n\
         - The records of these runs, with the journal and the snapshot of every look, are in `{folder}`.\n\
         - A canary of your own needs a `.rollgate.yaml`; `rollgate config schema` prints its JSON Schema for editors, \
         `rollgate config validate` checks it, `rollgate canary run` carries it out.\n\
         - What decides is a policy; `rollgate policy --help` tells how to build and inspect one of your own.\n"
    );
    page
}

fn row(played: &Played) -> String {
    let Played { act, record, counts } = played;
    let began = record.lines.first().map_or(record.header.created, |line| line.at);
    let took = record.lines.last().map_or(began, |line| line.at).since(began);
    let answers = counts.canary + counts.baseline;
    let share = if answers == 0 { 0.0 } else { counts.canary as f64 / answers as f64 };
    let happened = record.state.end().map_or("not ended", in_words);
    let mark = match () {
        () if played.as_meant() => "✅",
        () if played.was_cancelled() => "⚠️",
        () => "❌",
    };
    format!(
        "| {} | {} | {mark} {happened} | {} | {} | {} | {} |\n",
        act.canary,
        in_words(act.ends),
        numbers::span(took),
        numbers::count(counts.canary),
        numbers::count(counts.canary_failed),
        numbers::percent(share),
    )
}

fn in_words(end: End) -> &'static str {
    match end {
        End::Promoted(_) => "promoted",
        End::RolledBack(RollbackCause::Cancelled(_)) => "cancelled and taken back",
        End::RolledBack(_) => "rolled back",
        End::Unconfirmed(_) => "rolled back without confirmation",
        End::Undecided { .. } => "undecided",
        End::Left(_) => "stopped",
        End::Drifted => "drifted",
    }
}
