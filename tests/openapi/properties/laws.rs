//! Laws that hold for all descriptions, whatever is compared: nothing differs from itself, and two descriptions have one
//! report.

use proptest::prelude::*;
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::Report;
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use serde_json::{Value, json};

use super::edits::once;
use super::schemas::Grammar;
use super::world::{World, between, breaks, is_safe, lines, plainly};
use crate::support::property;
use crate::support::tape::Tape;

/// With nothing left out because it is the same.
fn in_full() -> Options {
    Options { in_full: true, ..plainly() }
}

#[test]
fn a_description_does_not_differ_from_itself() {
    property::check(300, &Tape::any(160), |mut tape| {
        let world = World::of(&mut tape, Grammar::EVERYTHING);
        for description in [false, true].map(|answered| world.description(answered)) {
            let found = lines(&between(&description, &description, &in_full()));
            prop_assert!(found.is_empty(), "{found:#?}\n{description}");
        }
        Ok(())
    });
}

/// The same value with the keys of objects in another order.
fn reordered(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let members: Vec<String> =
                map.iter().rev().map(|(key, value)| format!("{}:{}", json!(key), reordered(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reordered).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

fn between_texts(base: &str, revision: &str, options: &Options) -> Report {
    let (old, of_old) = read("base", base.as_bytes());
    let (new, of_new) = read("revision", revision.as_bytes());
    compare(&lower(&old, of_old), &lower(&new, of_new), options)
}

#[test]
fn the_order_of_keys_means_nothing() {
    property::check(150, &Tape::any(160), |mut tape| {
        let world = World::of(&mut tape, Grammar::EVERYTHING);
        for description in [false, true].map(|answered| world.description(answered)) {
            for options in [plainly(), in_full()] {
                let found =
                    lines(&between_texts(&description.to_string(), &reordered(&description), &options));
                prop_assert!(found.is_empty(), "{found:#?}\n{description}");
            }
        }
        Ok(())
    });
}

#[test]
fn any_two_descriptions_have_one_report() {
    property::check(150, &(Tape::any(160), Tape::any(160)), |(mut tape, mut other)| {
        let [old, new] = [&mut tape, &mut other].map(|tape| World::of(tape, Grammar::EVERYTHING));
        for (base, revision) in
            [false, true].map(|answered| (old.description(answered), new.description(answered)))
        {
            for options in [plainly(), in_full()] {
                let first = between(&base, &revision, &options);
                prop_assert_eq!(&first, &between(&base, &revision, &options));
            }
        }
        Ok(())
    });
}

#[test]
fn two_descriptions_have_the_same_witnesses_each_time() {
    property::check(40, &(Tape::any(64), Tape::any(24)), |(mut tape, mut edits)| {
        let old = World::of(&mut tape, Grammar::EVERYTHING);
        let new = super::edits::edited(&old, &mut edits, Grammar::EVERYTHING);
        let (base, revision) = (old.description(true), new.description(true));
        let report = || between(&base, &revision, &Options::default());
        prop_assert_eq!(report(), report());
        Ok(())
    });
}

/// Every name of a property, declared or asked for, and every component that a schema speaks of.
fn spoken(value: &Value, names: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Object(members)) = map.get("properties") {
                names.extend(members.keys().cloned());
            }
            if let Some(Value::Array(required)) = map.get("required") {
                names.extend(required.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            if let Some(Value::String(target)) = map.get("$ref") {
                names.insert(target.clone());
            }
            map.values().for_each(|inner| spoken(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| spoken(inner, names)),
        _ => {}
    }
}

/// Names that nothing declares are taken as unused, so two safe changes are one only where none is forgotten on the way.
#[test]
fn two_safe_changes_that_forget_no_name_are_one_safe_change() {
    property::check(300, &(Tape::any(64), Tape::any(32)), |(mut tape, mut edits)| {
        let first = World::of(&mut tape, Grammar::PLAIN);
        let mut second = first.clone();
        once(&mut second, &mut edits, Grammar::PLAIN);
        let mut third = second.clone();
        once(&mut third, &mut edits, Grammar::PLAIN);
        let [before, then] = [&first, &second].map(|world| {
            let mut names = std::collections::BTreeSet::default();
            spoken(&world.description(false), &mut names);
            names
        });
        if !before.is_subset(&then) {
            return Ok(());
        }
        for answered in [false, true] {
            let [one, two, three] = [&first, &second, &third].map(|world| world.description(answered));
            // What is gone may come back as something else, and what may be there under any name as well: no breach of a
            // promise, but no safe step on the way either.
            let safe = |base: &Value, revision: &Value| {
                let report = between(base, revision, &plainly());
                let unclear =
                    ["-property-removed", "-additional-properties-", "-undeclared-", "-type-generalized"];
                let forgets = |line: &String| unclear.iter().any(|id| line.contains(id));
                report.diagnostics.is_empty() && is_safe(&report) && !lines(&report).iter().any(forgets)
            };
            if safe(&one, &two) && safe(&two, &three) {
                let found = between(&one, &three, &plainly());
                prop_assert!(!breaks(&found), "{:#?}\n{one}\n{two}\n{three}", lines(&found));
            }
        }
        Ok(())
    });
}
