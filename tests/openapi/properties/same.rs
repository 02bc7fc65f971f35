//! Other words for the same values are no alarm, in either direction and whichever side comes first; and verdicts agree
//! with one another.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::json;

use super::edits::{edited, once};
use super::schemas::Grammar;
use super::spellings::respelled;
use super::world::{World, alarms, between, breaks, is_safe, is_undecided, lines, plainly, strictly};
use crate::support::property;
use crate::support::tape::Tape;

fn drawn() -> impl Strategy<Value = (Tape, Tape)> {
    (Tape::any(64), Tape::any(32))
}

/// No finding between two worlds that breaks; with `silent`, none that may break either.
fn agree(one: &World, other: &World, silent: bool) -> Result<(), TestCaseError> {
    for (old, new) in [(one, other), (other, one)] {
        for answered in [false, true] {
            let (base, revision) = (old.description(answered), new.description(answered));
            for options in [plainly(), strictly()] {
                let report = between(&base, &revision, &options);
                if !report.diagnostics.is_empty() {
                    return Ok(());
                }
                let found = if silent { alarms(&report) } else { lines(&report) };
                prop_assert!(
                    if silent { found.is_empty() } else { !breaks(&report) },
                    "{}{found:#?}\nfrom {base}\nto   {revision}",
                    if options.strict { "strict " } else { "" }
                );
            }
        }
    }
    Ok(())
}

#[test]
fn other_words_for_the_same_values_are_silent() {
    property::check(150, &drawn(), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Grammar::USUAL);
        agree(&old, &respelled(&old, &mut edits, false), true)
    });
}

#[test]
fn other_words_with_every_keyword_break_nobody() {
    property::check(150, &drawn(), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Grammar::FULL);
        agree(&old, &respelled(&old, &mut edits, false), false)
    });
}

#[test]
fn odd_words_for_the_same_values_break_nobody() {
    property::check(150, &drawn(), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Grammar::PLAIN);
        agree(&old, &respelled(&old, &mut edits, true), false)
    });
}

/// Every way in which two sides admit null beside a type.
#[test]
fn null_is_one_value_however_it_is_admitted() {
    property::check(60, &drawn(), |(mut tape, _)| {
        let mut world = World::of(&mut tape, Grammar::PLAIN);
        let kind = tape.of(&["string", "integer", "object", "array"]);
        let mut map = serde_json::Map::new();
        match kind {
            "string" => super::schemas::string(&mut tape, &mut map),
            "integer" => super::schemas::number(&mut tape, &mut map),
            "object" => {
                super::schemas::object(&mut tape, Grammar::PLAIN, super::schemas::Spot::message(1), &mut map);
            }
            _ => super::schemas::array(&mut tape, Grammar::PLAIN, super::schemas::Spot::message(1), &mut map),
        }
        map.insert("type".into(), json!(kind));
        let mut listed = map.clone();
        listed.insert("type".into(), json!(["null", kind]));
        let mut spelled = vec![
            json!(listed),
            json!({ "anyOf": [map, { "type": "null" }] }),
            json!({ "oneOf": [{ "const": null }, map] }),
            json!({ "anyOf": [{ "enum": [null] }, { "allOf": [map] }] }),
            json!({ "type": [kind, "null"], "anyOf": [map, { "type": "null" }] }),
        ];
        // A component that may be null, by its name.
        world.components.insert("Null".into(), json!({ "type": "null" }));
        world.components.insert("It".into(), json!(map));
        spelled.push(
            json!({ "oneOf": [{ "$ref": "#/components/schemas/It" }, { "$ref": "#/components/schemas/Null" }] }),
        );
        let worlds: Vec<World> = spelled
            .into_iter()
            .map(|schema| World { schema, components: world.components.clone() })
            .collect();
        for (index, one) in worlds.iter().enumerate() {
            for other in &worlds[..index] {
                agree(one, other, true)?;
            }
        }
        Ok(())
    });
}

#[test]
fn swapping_the_sides_swaps_requests_and_responses() {
    property::check(250, &drawn(), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Grammar::USUAL);
        // Small edits tell more than worlds apart.
        let new = if edits.one_in(4) {
            World { components: old.components.clone(), ..World::of(&mut edits, Grammar::JOINED) }
        } else {
            edited(&old, &mut edits, Grammar::USUAL)
        };
        for (one, other) in [(&old, &new), (&new, &old)] {
            let request = between(&one.description(false), &other.description(false), &plainly());
            let response = between(&other.description(true), &one.description(true), &plainly());
            if !request.diagnostics.is_empty() || !response.diagnostics.is_empty() {
                return Ok(());
            }
            if is_undecided(&request) || is_undecided(&response) {
                continue;
            }
            prop_assert_eq!(
                breaks(&request),
                breaks(&response),
                "request {:#?}\nresponse {:#?}\n{}\n{}",
                lines(&request),
                lines(&response),
                one.description(false),
                other.description(false)
            );
        }
        Ok(())
    });
}

/// Where every value counts, safe is a relation of sets: what lies within what lies within lies within.
#[test]
fn two_safe_edits_are_one_safe_change() {
    let safe = std::cell::Cell::new(0);
    property::check(400, &drawn(), |(mut tape, mut edits)| {
        let first = World::of(&mut tape, Grammar::FULL);
        let mut second = first.clone();
        once(&mut second, &mut edits, Grammar::FULL);
        let mut third = second.clone();
        once(&mut third, &mut edits, Grammar::FULL);
        for answered in [false, true] {
            let [one, two, three] = [&first, &second, &third].map(|world| world.description(answered));
            let both = [(&one, &two), (&two, &three)].iter().all(|(base, revision)| {
                let report = between(base, revision, &strictly());
                is_safe(&report) && report.diagnostics.is_empty()
            });
            if !both {
                continue;
            }
            safe.set(safe.get() + 1);
            let report = between(&one, &three, &strictly());
            prop_assert!(!breaks(&report), "{:#?}\n{one}\n{two}\n{three}", lines(&report));
        }
        Ok(())
    });
    assert!(safe.get() > 80, "only {} pairs of edits are safe", safe.get());
}
