//! The invariants of `src/README.md`, held by reading the source tree, and shown to catch what breaks them.

mod house;
mod rules;
mod scan;

use house::House;
use insta::assert_snapshot;

fn holds(rule: fn(&House) -> Vec<String>) {
    let broken = rule(&House::of_this_project());
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// What a rule finds in a tree with a planted violation; it finds nothing in the tree as it is.
fn caught(rule: fn(&House) -> Vec<String>, plant: impl Fn(House) -> House) -> String {
    let before = rule(&House::of_this_project());
    let mut found = rule(&plant(House::of_this_project()));
    found.retain(|line| !before.contains(line));
    found.join("\n")
}

#[test]
fn pure_rooms_import_no_client_file_system_clock_environment_or_runtime() {
    holds(rules::pure_rooms_are_pure);
}

#[test]
fn nothing_between_snapshot_and_traffic_reads_the_network() {
    holds(rules::verdicts_read_no_network);
}

#[test]
fn support_knows_no_room_and_no_room_knows_the_commands() {
    holds(rules::rooms_keep_their_place);
}

#[test]
fn the_library_and_the_map_have_the_rooms_in_the_order_of_the_data() {
    holds(rules::rooms_are_in_order);
}

#[test]
fn every_source_and_test_file_is_compiled() {
    holds(rules::every_file_is_reached);
}

#[test]
fn every_file_is_short_and_opens_with_what_it_is_for() {
    holds(rules::files_are_short_and_introduced);
}

#[test]
fn no_text_names_a_machine_and_no_source_puts_anything_off() {
    holds(rules::no_forbidden_word);
}

/// A new file in a room, which no other file names yet.
fn planted(house: House, room: &str, text: &str) -> House {
    house
        .with_line(&format!("src/{room}/mod.rs"), "mod planted;")
        .with(&format!("src/{room}/planted.rs"), text)
}

#[test]
fn a_pure_room_that_reaches_out_is_caught() {
    let pure = |text: &str| caught(rules::pure_rooms_are_pure, |house| planted(house, "verdict", text));
    assert_snapshot!(pure("use std::{fmt, fs}; fn now() { jiff::Zoned::now(); }"), @r"
    src/verdict/planted.rs: a pure room names jiff::Zoned::now
    src/verdict/planted.rs: a pure room names std::fs
    ");
    assert_snapshot!(
        pure("use std::time; fn f() { g!(time::Instant::now()) }"),
        @"src/verdict/planted.rs: a pure room names std::time::Instant::now"
    );
    assert_snapshot!(pure("use std::time::*;"), @"src/verdict/planted.rs: a pure room names std::time::*");
    assert_snapshot!(pure("use std::time::Duration; use std::fmt;"), @"");
    assert_snapshot!(
        pure("use crate::support::clock::Clock;"),
        @"src/verdict/planted.rs: a pure room is handed crate::support::clock::Clock"
    );
    assert_snapshot!(
        pure("use crate::support::clock::SystemClock;"),
        @r"
    src/verdict/planted.rs: a pure room names std::time::Instant (by way of src/support/clock.rs)
    src/verdict/planted.rs: a pure room names std::time::Instant::now (by way of src/support/clock.rs)
    src/verdict/planted.rs: a pure room names std::time::SystemTime (by way of src/support/clock.rs)
    src/verdict/planted.rs: a pure room names std::time::SystemTime::now (by way of src/support/clock.rs)
    "
    );
}

#[test]
fn a_pure_room_that_reaches_out_through_another_is_caught() {
    let found = caught(rules::pure_rooms_are_pure, |house| {
        let house = planted(house, "verdict", "use crate::observe::{Sink, Plain};");
        planted(house, "observe", "use reqwest::Client; pub struct Sink(Client);")
            .with_line("src/observe/mod.rs", "pub use planted::Sink; pub struct Plain;")
    });
    assert_snapshot!(found, @"src/verdict/planted.rs: a pure room names reqwest::Client (by way of src/observe/planted.rs)");
    let passed_by = caught(rules::pure_rooms_are_pure, |house| {
        let house = planted(house, "verdict", "use crate::planted::Plain;");
        house
            .with_line("src/lib.rs", "mod planted;")
            .with("src/planted/mod.rs", "mod inner; pub use inner::Sink; pub struct Plain;")
            .with("src/planted/inner.rs", "use reqwest::Client; pub struct Sink(Client);")
    });
    assert_snapshot!(passed_by, @"");
}

#[test]
fn what_only_tests_compile_may_reach_out() {
    let found = caught(rules::pure_rooms_are_pure, |house| {
        planted(house, "verdict", "#[cfg(test)] mod tests { use std::fs; }")
            .with_line("src/verdict/mod.rs", "#[cfg(test)] mod cases;")
            .with("src/verdict/cases.rs", "use std::fs;")
    });
    assert_snapshot!(found, @"");
}

#[test]
fn a_policy_host_or_rollout_with_a_connection_is_caught() {
    let host = caught(rules::verdicts_read_no_network, |house| {
        planted(house, "policy", "use tokio::net::{TcpStream as Wire};")
    });
    assert_snapshot!(host, @"src/policy/planted.rs: names tokio::net::TcpStream, which reads the network");
    let rollout = caught(rules::verdicts_read_no_network, |house| {
        planted(
            house,
            "rollout",
            "use crate::traffic::driver::haproxy::Haproxy; use crate::traffic::Driver; use reqwest::Client;",
        )
    });
    assert_snapshot!(rollout, @r"
    src/rollout/planted.rs: names crate::traffic::driver::haproxy::Haproxy; the rollout only knows the traits
    src/rollout/planted.rs: names reqwest::Client; the rollout only knows the traits
    ");
}

#[test]
fn a_room_out_of_place_is_caught() {
    let found = caught(rules::rooms_keep_their_place, |house| {
        house
            .with_line("src/support/text.rs", "use crate::verdict::model::Verdict;")
            .with_line("src/report/mod.rs", "fn f() { std::io::stdout(); crate::cli::run(); }")
    });
    assert_snapshot!(found, @r"
    src/report/mod.rs: names crate::cli::run; no room knows the commands
    src/report/mod.rs: names std::io::stdout; only cli and observe write to the terminal
    src/support/text.rs: support knows no room, but names crate::verdict::model::Verdict
    ");
}

#[test]
fn a_room_out_of_order_or_off_the_map_is_caught() {
    let found = caught(rules::rooms_are_in_order, |_| {
        House::default()
            .with("src/lib.rs", "pub mod verdict;\npub mod config;\npub mod attic;\n")
            .with("src/README.md", "### `config`\n\n### `verdict`\n")
    });
    assert_snapshot!(found, @r"
    src/lib.rs: the way of the data is config, verdict, not verdict, config
    src/README.md: describes the rooms config, verdict, but src/lib.rs has verdict, config, attic
    ");
}

#[test]
fn a_forgotten_file_is_caught() {
    let found = caught(rules::every_file_is_reached, |house| {
        house
            .with("src/verdict/attic.rs", "//! Not declared.\n")
            .with("tests/attic.rs", "//! Not declared.\n")
            .without_line("tests/main.rs", "mod architecture;")
    });
    assert_snapshot!(found, @r"
    src/verdict/attic.rs: no `mod` leads to it
    tests/architecture/house.rs: no `mod` leads to it
    tests/architecture/mod.rs: no `mod` leads to it
    tests/architecture/rules.rs: no `mod` leads to it
    tests/architecture/scan.rs: no `mod` leads to it
    tests/attic.rs: no `mod` leads to it
    ");
}

#[test]
fn a_long_or_nameless_file_is_caught() {
    let found = caught(rules::files_are_short_and_introduced, |house| {
        house
            .with("src/utils.rs", "use std::fmt;\n")
            .with("src/long.rs", &format!("//! Long.\n{}", "\n".repeat(600)))
    });
    assert_snapshot!(found, @r#"
    src/long.rs: 601 lines, 600 at most
    src/utils.rs: opens with "use std::fmt;" instead of `//!` and what it is for
    src/utils.rs: the name does not say what it holds
    "#);
}

#[test]
fn a_forbidden_word_is_caught() {
    let found = caught(rules::no_forbidden_word, |house| {
        house
            .with("docs/x.md", concat!("see /ro", "ot/.x"))
            .with("src/x.rs", concat!("//! X.\n// TO", "DO: y"))
    });
    let expected = [concat!("docs/x.md:1: has \"/ro", "ot/.\""), concat!("src/x.rs:2: has \"TO", "DO\"")];
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}
