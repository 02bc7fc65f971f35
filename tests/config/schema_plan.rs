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
    assert_snapshot!(plans.map(told).join("\n"), @r#"
    api/web.yaml: builtin:schema {}
    web.yaml: builtin:schema {"fail-on":"warn"}
    web.yaml: builtin:schema {"fail-on":"none"}, own.wasm {}
    "#);
}

#[test]
fn what_counts_is_read_as_a_whole_or_not_at_all() {
    let wrong = [
        "{ description: web.yaml, profile: clients }",
        "{ description: web.yaml, levels: { endpoint-addd: off, endpoint-added: never } }",
        "{ description: web.yaml, levels: { nothing-like-this: off } }",
        "{ description: web.yaml, include: [ /pets, pets, 'operation:' ] }",
        "{ description: web.yaml, exclude: tag:internal }",
        "{ description: web.yaml, accepted: ../accepted.yaml }",
    ];
    assert_snapshot!(wrong.map(|schema| told(with(schema))).join("\n\n"), @r#"
    error: unknown value `clients`
     --> .rollgate.yaml:3:52 (services.web.schema.profile)
      |
    3 |   web: { schema: { description: web.yaml, profile: clients } }
      |                                                    ^^^^^^^
      = help: did you mean `client`?

    error: unknown value `never`
     --> .rollgate.yaml:3:89 (services.web.schema.levels.endpoint-added)
      |
    3 |   web: { schema: { description: web.yaml, levels: { endpoint-addd: off, endpoint-added: never } } }
      |                                                                                         ^^^^^
      = help: known here: `error`, `warn`, `info`, `off`

    error: there is no rule `nothing-like-this`
     --> .rollgate.yaml:3:53 (services.web.schema.levels.nothing-like-this)
      |
    3 |   web: { schema: { description: web.yaml, levels: { nothing-like-this: off } } }
      |                                                     ^^^^^^^^^^^^^^^^^
      = help: `rollgate schema rules` lists them

    error: this is no pattern of operations
     --> .rollgate.yaml:3:61 (services.web.schema.include[1])
      |
    3 |   web: { schema: { description: web.yaml, include: [ /pets, pets, 'operation:' ] } }
      |                                                             ^^^^
      = help: write paths such as `/internal/**`, operations such as `GET /pets/*`, `operation:ID`, or `tag:NAME`

    error: the pattern is empty
     --> .rollgate.yaml:3:67 (services.web.schema.include[2])
      |
    3 |   web: { schema: { description: web.yaml, include: [ /pets, pets, 'operation:' ] } }
      |                                                                   ^^^^^^^^^^^^
      = help: write paths such as `/internal/**`, operations such as `GET /pets/*`, `operation:ID`, or `tag:NAME`

    error: expected a list, found text
     --> .rollgate.yaml:3:52 (services.web.schema.exclude)
      |
    3 |   web: { schema: { description: web.yaml, exclude: tag:internal } }
      |                                                    ^^^^^^^^^^^^

    error: failed to use the path "../accepted.yaml": it leads out of the root; name a file beneath it
     --> .rollgate.yaml:3:53 (services.web.schema.accepted)
      |
    3 |   web: { schema: { description: web.yaml, accepted: ../accepted.yaml } }
      |                                                     ^^^^^^^^^^^^^^^^
      = help: write the path of a file beneath the root of the repository, such as `services/web/accepted.yaml`
    "#);
    let plan = plan(
        &with(
            "{ description: web.yaml, profile: sdk, levels: { endpoint-added: off }, include: [ /pets, 'GET /**' ], \
             exclude: [ tag:internal ], accepted: ./lists//web.yaml }",
        ),
        None,
    );
    let counting = plan.services["web"].schema.clone().unwrap().counting;
    assert_eq!(counting.profile.as_str(), "sdk");
    assert_eq!(counting.levels["endpoint-added"].as_str(), "off");
    assert_eq!((counting.filter.include.len(), counting.filter.exclude.len()), (2, 1));
    assert_eq!(counting.accepted.unwrap().as_str(), "lists/web.yaml");
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
    assert_snapshot!(wrong.map(|schema| told(with(schema))).join("\n\n"), @r#"
    error: failed to use the path "../web.yaml": it leads out of the root; name a file beneath it
     --> .rollgate.yaml:3:33 (services.web.schema.description)
      |
    3 |   web: { schema: { description: ../web.yaml } }
      |                                 ^^^^^^^^^^^
      = help: write the path of a file beneath the root of the repository, such as `services/web/openapi.yaml`

    error: failed to use the path "/etc/passwd": it is absolute; write it relative to the root
     --> .rollgate.yaml:3:33 (services.web.schema.description)
      |
    3 |   web: { schema: { description: /etc/passwd } }
      |                                 ^^^^^^^^^^^
      = help: write the path of a file beneath the root of the repository, such as `services/web/openapi.yaml`

    error: unknown value `never`
     --> .rollgate.yaml:3:52 (services.web.schema.fail-on)
      |
    3 |   web: { schema: { description: web.yaml, fail-on: never } }
      |                                                    ^^^^^
      = help: known here: `error`, `warn`, `info`, `none`

    error: `fail-on` stands beside a `gate` of its own, which would not see it
     --> .rollgate.yaml:3:43 (services.web.schema.fail-on)
      |
    3 |   web: { schema: { description: web.yaml, fail-on: warn, gate: { policy: own.wasm } } }
      |                                           ^^^^^^^
      = help: write it into the gate: `{ policy: builtin:schema, settings: { fail-on: … } }`

    error: the gate has no policy
     --> .rollgate.yaml:3:43 (services.web.schema.gate)
      |
    3 |   web: { schema: { description: web.yaml, gate: {} } }
      |                                           ^^^^
      = help: give it exactly one of `policy`, `all`, `any`

    error: the key `description` is missing
     --> .rollgate.yaml:3:10 (services.web.schema)
      |
    3 |   web: { schema: { fail-on: error } }
      |          ^^^^^^
      = help: add it

    error: unknown key `base`
     --> .rollgate.yaml:3:43 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: main } }
      |                                           ^^^^
      = help: did you mean `gate`?
    "#);
}

#[test]
fn a_service_without_anything_to_do_is_an_error() {
    assert_snapshot!(told("version: 1\nservices:\n  web: {}\n"), @r"
    error: nothing is to be done for this service
     --> .rollgate.yaml:3:3 (services.web)
      |
    3 |   web: {}
      |   ^^^
      = help: give it a `schema`, such as `schema: { description: openapi.yaml }`, or a `canary`
    ");
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
