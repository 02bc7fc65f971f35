//! The `schema` of a service: what it plans, and what is wrong with it.

use insta::assert_snapshot;

use super::{plan, told};

fn with(schema: &str) -> String {
    format!("version: 1\nservices:\n  web: {{ schema: {schema} }}\n")
}

#[test]
fn the_built_in_policy_decides_unless_there_is_a_gate() {
    let told = |schema: &str| {
        let plan = plan(&with(schema), None);
        let schema = plan.services["web"].schema.clone().unwrap();
        let members: Vec<_> = schema
            .gate
            .members
            .iter()
            .map(|member| format!("{} {}", member.policy, serde_json::Value::Object(member.settings.clone())))
            .collect();
        format!("{}: {}", schema.description, members.join(", "))
    };
    let plans = [
        "{ description: api/web.yaml }",
        "{ description: ./api//../web.yaml, fail-on: warn }",
        "{ description: web.yaml, gate: { all: [ { policy: builtin:schema, settings: { fail-on: none } }, { policy: own.wasm } ] } }",
    ];
    assert_snapshot!(plans.map(told).join("\n"), @"");
}

#[test]
fn what_is_wrong_is_located_and_has_a_mend() {
    let wrong = [
        "{ description: ../web.yaml }",
        "{ description: /etc/passwd }",
        "{ description: web.yaml, fail-on: never }",
        "{ description: web.yaml, fail-on: warn, gate: { policy: own.wasm } }",
        "{ description: web.yaml, gate: {} }",
        "{ fail-on: error }",
        "{ description: web.yaml, base: main }",
    ];
    assert_snapshot!(wrong.map(|schema| told(with(schema))).join("\n\n"), @"");
}

#[test]
fn a_service_without_anything_to_do_is_an_error() {
    assert_snapshot!(told("version: 1\nservices:\n  web: {}\n"), @"");
}

#[test]
fn an_environment_changes_a_part_of_it() {
    let text = with("{ description: web.yaml, fail-on: warn }")
        + "environments: { strict: { services: { web: { schema: { fail-on: info } } } } }\n";
    let level = |environment| {
        plan(&text, environment).services["web"].schema.as_ref().unwrap().fail_on.unwrap().as_str()
    };
    assert_eq!([level(None), level(Some("strict"))], ["warn", "info"]);
}
