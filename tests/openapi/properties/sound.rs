//! No value contradicts a verdict: of what is said to be safe, none that the one side admits is refused by the other.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rollgate::openapi::compare::Options;
use rollgate::openapi::finding::Level;
use serde_json::{Map, Value};

use super::super::witness::confirmed::confirm;
use super::edits::edited;
use super::schemas::Grammar;
use super::values::values;
use super::world::{Oracle, World, between, is_safe, lines, plainly, strictly};
use crate::support::property;
use crate::support::tape::Tape;

/// What schemas, edits and values are drawn from.
fn drawn() -> impl Strategy<Value = (Tape, Tape, Tape)> {
    (Tape::any(64), Tape::any(24), Tape::any(300))
}

fn pair(tape: &mut Tape, edits: &mut Tape, grammar: Grammar) -> (World, World) {
    let old = World::of(tape, grammar);
    let new = edited(&old, edits, grammar);
    (old, new)
}

/// How often something was to be contradicted, and how many values were held against that.
#[derive(Debug, Default)]
struct Tally {
    pairs: Cell<u32>,
    safe: Cell<u32>,
    values: Cell<u32>,
}

impl Tally {
    fn add(cell: &Cell<u32>, more: u32) {
        cell.set(cell.get() + more);
    }

    /// A property that is never asked holds always.
    fn suffices(&self) {
        let (pairs, safe, values) = (self.pairs.get(), self.safe.get(), self.values.get());
        assert!(safe * 10 > pairs, "only {safe} of {pairs} verdicts are safe");
        assert!(values > safe * 5, "only {values} values are held against {safe} verdicts");
    }
}

/// Holds values against what is said of requests and of responses. With `strict`, those under any name; without, those
/// that use the names which the narrower side declares.
fn held(old: &World, new: &World, tape: &mut Tape, strict: bool, tally: &Tally) -> Result<(), TestCaseError> {
    if old == new {
        return Ok(());
    }
    let options = if strict { strictly() } else { plainly() };
    let mut drawn = None;
    for answered in [false, true] {
        let (base, revision) = (old.description(answered), new.description(answered));
        let report = between(&base, &revision, &options);
        Tally::add(&tally.pairs, 1);
        if !is_safe(&report) || !report.diagnostics.is_empty() {
            continue;
        }
        Tally::add(&tally.safe, 1);
        let (narrow, wide) = if answered { (new, old) } else { (old, new) };
        // `oneOf` may admit more where its branches are closed, so both have to hold.
        let (sender, closed) =
            (Oracle::of(narrow)?, if strict { None } else { Some(Oracle::of(&narrow.closed())?) });
        let receiver = Oracle::of(wide)?;
        let values = drawn.get_or_insert_with(|| values(tape, old, new));
        let sent =
            |value: &Value| sender.admits(value) && closed.as_ref().is_none_or(|closed| closed.admits(value));
        for value in values.iter().filter(|value| sent(value)) {
            Tally::add(&tally.values, 1);
            if !receiver.admits(value) {
                let of = if answered { "response" } else { "request" };
                return Err(TestCaseError::fail(format!(
                    "{of} {value} is lost\nfrom {base}\nto   {revision}\n{:#?}",
                    lines(&report)
                )));
            }
        }
    }
    Ok(())
}

/// A value of declared names that `narrow` admits and `wide` refuses, as far as a few hundred tell.
pub(in crate::openapi) fn contradiction(
    (narrow, of_narrow): (Value, Map<String, Value>),
    (wide, of_wide): (Value, Map<String, Value>),
) -> Option<Value> {
    let narrow = World { schema: narrow, components: of_narrow };
    let wide = World { schema: wide, components: of_wide };
    let [sender, closed, receiver] =
        [&narrow, &narrow.closed(), &wide].map(|world| Oracle::of(world).unwrap());
    let drawn = (0..12).flat_map(|seed| values(&mut Tape::seeded(seed), &narrow, &wide));
    drawn.into_iter().find(|value| sender.admits(value) && closed.admits(value) && !receiver.admits(value))
}

#[test]
fn where_every_value_counts_no_value_contradicts_what_is_safe() {
    let tally = Tally::default();
    property::check(300, &drawn(), |(mut tape, mut edits, mut values)| {
        let (old, new) = pair(&mut tape, &mut edits, Grammar::FULL);
        held(&old, &new, &mut values, true, &tally)
    });
    tally.suffices();
}

#[test]
fn no_value_of_declared_names_contradicts_what_is_safe() {
    let tally = Tally::default();
    property::check(300, &drawn(), |(mut tape, mut edits, mut values)| {
        let (old, new) = pair(&mut tape, &mut edits, Grammar::FULL);
        held(&old, &new, &mut values, false, &tally)
    });
    tally.suffices();
}

#[test]
fn no_value_contradicts_what_is_safe_of_usual_schemas() {
    let tally = Tally::default();
    property::check(300, &drawn(), |(mut tape, mut edits, mut values)| {
        let (old, new) = pair(&mut tape, &mut edits, Grammar::USUAL);
        held(&old, &new, &mut values, true, &tally)?;
        held(&old, &new, &mut values, false, &tally)
    });
    tally.suffices();
}

#[test]
fn every_witness_of_an_edit_is_confirmed() {
    let (shown, all) = (Cell::new(0), Cell::new(0));
    property::check(150, &drawn(), |(mut tape, mut edits, _)| {
        let (old, new) = pair(&mut tape, &mut edits, Grammar::FULL);
        for answered in [false, true] {
            let (base, revision) = (old.description(answered), new.description(answered));
            let report = between(&base, &revision, &Options::default());
            for finding in report.findings.iter().filter(|finding| finding.level == Level::Error) {
                Tally::add(&all, 1);
                Tally::add(&shown, u32::from(confirm(&base, &revision, finding)));
            }
        }
        Ok(())
    });
    let (shown, all) = (shown.get(), all.get());
    assert!(shown * 2 > all, "only {shown} of {all} breaking changes are shown by a value in its place");
}
