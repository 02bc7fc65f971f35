//! What is read from `INPUT_…`, and what every error says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::*;

fn given(inputs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        INPUTS.iter().map(|input| (variable(input.name), String::new())).collect();
    all.extend(inputs.iter().map(|(name, value)| (variable(name), (*value).to_owned())));
    all
}

fn told(inputs: &[(&str, &str)]) -> String {
    Inputs::read(&given(inputs)).unwrap_err().to_string()
}

#[test]
fn hyphens_stay_in_the_names_of_variables() {
    assert_eq!(variable("fail-on"), "INPUT_FAIL-ON");
    let inputs = Inputs::read(&given(&[("fail-on", "warn")])).unwrap();
    assert_eq!(inputs.fail_on, Some(FailOn::Warn));
}

#[test]
fn empty_is_unset() {
    let inputs = Inputs::read(&given(&[("service", " \n")])).unwrap();
    assert_eq!(inputs.command, Command::SchemaCheck);
    assert!(inputs.service.is_none() && inputs.status.is_none() && inputs.comment.is_none());
    assert!(inputs.descriptions.is_empty());
}

/// Remembers which variables were asked for.
struct Curious(Mutex<BTreeSet<String>>);

impl Environment for Curious {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().insert(name.to_owned());
        None
    }
}

#[test]
fn every_input_that_is_declared_is_read_and_no_other_but_the_token() {
    let asked = Curious(Mutex::default());
    Inputs::read(&asked).unwrap();
    let names = INPUTS.iter().map(|input| input.name).filter(|name| *name != TOKEN);
    assert_eq!(asked.0.into_inner().unwrap(), names.map(variable).collect());
}

#[test]
fn a_value_that_is_not_allowed_is_told_with_the_ones_that_are() {
    let errors = [
        told(&[("command", "canary")]),
        told(&[("fail-on", "::error::warning\n")]),
        told(&[("comment", "Always")]),
        told(&[("status", "yes")]),
        told(&[("commit", "main")]),
        told(&[("pull-request", "#12")]),
        told(&[("service", "a\nb")]),
        told(&[("base", &"x".repeat(5000))]),
        told(&[("description", &"x\n".repeat(1001))]),
    ]
    .join("\n");
    insta::assert_snapshot!(errors, @r"
    read the input `command`: `canary` is none of `schema-check`, `canary-run`, `canary-look`, `canary-status`, `canary-rollback`
    read the input `fail-on`: `: :error: :warning` is none of `error`, `warn`, `info`, `none`
    read the input `comment`: `Always` is none of `always`, `on-failure`, `changes`, `off`
    read the input `status`: `yes` is none of `true`, `false`
    read the input `commit`: `main` is no full commit: give all its hexadecimal digits, such as `${{ github.sha }}`
    read the input `pull-request`: `#12` is no whole number from 1
    read the input `service`: `a b` is not one line of printable text
    read the input `base`: it is longer than 4096 characters
    read the input `description`: it has 1001 lines, and at most 1000 are taken
    ");
}

#[test]
fn an_input_without_a_meaning_for_the_command_is_an_error() {
    let errors = [
        told(&[("command", "canary-run"), ("base", "main")]),
        told(&[("canary-revision", "v2")]),
        told(&[("command", "canary-look"), ("until-look", "true")]),
    ]
    .join("\n");
    insta::assert_snapshot!(errors, @r"
    read the input `base`: it has no meaning with `command: canary-run`; leave it out
    read the input `canary-revision`: it has no meaning with `command: schema-check`; leave it out
    read the input `until-look`: it has no meaning with `command: canary-look`; leave it out
    ");
}

#[test]
fn a_rollout_that_is_carried_from_run_to_run_has_a_name_and_a_folder() {
    let run = [("command", "canary-run"), ("until-look", "true")];
    let named = [run[0], run[1], ("canary-revision", "v2")];
    insta::assert_snapshot!([told(&run), told(&named)].join("\n"), @r"
    read the input `canary-revision`: `until-look: true` needs it, so that a rollout that has ended is not begun again; name what is rolled out
    read the input `state-dir`: `until-look: true` needs it, since the runner's temporary folder is gone when the next run looks; name a folder beneath the workspace and carry it from run to run, as actions/cache does
    ");
    let placed = [named[0], named[1], named[2], ("state-dir", ".rollgate")];
    assert_eq!(Inputs::read(&given(&placed)).unwrap().until_look, Some(true));
}

#[test]
fn lists_have_one_value_a_line() {
    let inputs = Inputs::read(&given(&[("description", "a.yaml\n\n  b c.yaml \n")])).unwrap();
    assert_eq!(inputs.descriptions, ["a.yaml", "b c.yaml"]);
}
