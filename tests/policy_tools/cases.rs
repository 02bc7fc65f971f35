//! `rollgate policy test`.

use insta::assert_snapshot;

use super::{holds, policy, told};
use crate::policy::guest::{Guest, Verdict};

/// A folder with these files.
pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

const LIMITS: &str = "\
version: 1
policy: builtin:thresholds
settings: { error-rate: 1%, min-requests: 100 }   # of every case
cases:
  - name: within the limit
    snapshot:
      metrics:
        - { name: errors, kind: ratio, baseline: { requests: 9000, bad: 9 }, canary: { requests: 1000, bad: 10 } }
    expect: advance

  - name: above the limit
    snapshot:
      metrics:
        - { name: errors, kind: ratio, baseline: { requests: 9000, bad: 9 }, canary: { requests: 1000, bad: 11 } }
    # It must not depend on luck.
    expect: hold        # to be mended
    reasons: [ none ]

  - name: many requests of a bad canary
    generate:
      seed: 7
      metrics: [ { name: errors, ratio: { baseline: 0.1%, canary: 5% } } ]

  - name: settings that cannot work
    settings: { error-rate: 200% }
    snapshot: {}
    expect: settings
";

#[test]
fn cases_are_as_expected_or_it_is_said_what_is_not() {
    let folder = folder(&[("cases/limits.yaml", LIMITS)]);
    assert_snapshot!(told(&policy(folder.path(), &["test"])), @r"
    exit 1
    cases/limits.yaml: builtin:thresholds
      ok       within the limit
      differs  above the limit (line 11)
                 it answers rollback; expected hold
      new      many requests of a bad canary (line 19): rollback
      ok       settings that cannot work

    4 cases: 2 as expected, 1 not, 1 without an expectation: write it with --update

    coverage            advance  promote  hold  rollback  refusal  fault  settings
    builtin:thresholds        1        -     -         2        -      -         1
    ");
}

#[test]
fn an_update_writes_what_is_answered_and_keeps_everything_else() {
    let folder = folder(&[("cases/limits.yaml", LIMITS)]);
    let said = told(&policy(folder.path(), &["test", "--update"]));
    assert!(said.starts_with("exit 0\n") && said.ends_with("note: cases/limits.yaml is written\n"), "{said}");
    let written = std::fs::read_to_string(folder.path().join("cases/limits.yaml")).unwrap();
    let changed: Vec<_> = written.lines().filter(|line| !LIMITS.lines().any(|old| old == *line)).collect();
    assert_snapshot!(changed.join("\n"), @r#"
    expect: rollback        # to be mended
    reasons: ["error rate 1.1 % is above the critical limit of 1 % (1000 requests)"]
    expect: rollback
    reasons: ["error rate 5.1 % is above the critical limit of 1 % (2000 requests)"]
    "#);
    let again = told(&policy(folder.path(), &["test", "--update"]));
    assert!(again.contains("4 cases: 4 as expected\n") && !again.contains("is written"), "{again}");
    assert_eq!(std::fs::read_to_string(folder.path().join("cases/limits.yaml")).unwrap(), written);
}

#[test]
fn an_update_is_reported_as_it_was_left() {
    for (form, expected) in [
        ("text", "\n4 cases: 4 as expected\n"),
        ("json", "\"passed\": 4,\n  \"differ\": 0,\n  \"new\": 0,"),
        ("junit", "tests=\"4\" failures=\"0\""),
        ("github", "\n4 cases: 4 as expected\n"),
    ] {
        let folder = folder(&[("cases/limits.yaml", LIMITS)]);
        let said = told(&policy(folder.path(), &["test", "--update", "--format", form]));
        assert!(said.starts_with("exit 0\n") && said.contains(expected), "{said}");
        for word in ["differs", "--update", "<failure", "::error"] {
            assert!(!said.contains(word), "{said}");
        }
    }
}

/// A policy that cannot be loaded gives every case the same answer, which nobody can mean.
#[test]
fn an_update_writes_nothing_of_a_policy_that_cannot_be_loaded() {
    let of_builtin = "version: 1\npolicy: builtin:thresholds\ncases:\n  - name: a\n    settings: { p95: 1s }\n    \
                      snapshot: {}\n";
    let of_file = of_builtin.replace("builtin:thresholds", "p.wasm");
    let folder = folder(&[("cases/a.yaml", of_builtin), ("cases/b.yaml", &of_file)]);
    let whole = Guest::doing("unreachable").component();
    std::fs::write(folder.path().join("p.wasm"), &whole[..whole.len() - 1]).unwrap();
    let said = told(&policy(folder.path(), &["test", "--update"]));
    assert!(said.starts_with("exit 2\nerror: load p.wasm: not-a-policy: "), "{said}");
    assert!(said.ends_with("; nothing is written\n"), "{said}");
    for (file, before) in [("a", of_builtin), ("b", &of_file)] {
        let after = std::fs::read_to_string(folder.path().join(format!("cases/{file}.yaml"))).unwrap();
        assert_eq!(after, before);
    }
    // Without it the fault is an answer as any other, which a case may expect.
    let said = told(&policy(folder.path(), &["test", "cases/b.yaml"]));
    assert!(said.starts_with("exit 1\n") && said.contains(": broke (not-a-policy): "), "{said}");
}

#[test]
fn a_fault_is_told_with_its_mend() {
    let case = "version: 1\ncases: [ { name: a, snapshot: {}, expect: hold } ]\n";
    let folder = folder(&[("cases/a.yaml", case)]);
    std::fs::write(folder.path().join("core.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    let said = told(&policy(folder.path(), &["test", "--policy", "core.wasm"]));
    let docs = told(&policy(folder.path(), &["docs", "core.wasm"]));
    let (_, told) = docs.trim_end().split_once("not-a-policy: ").unwrap();
    assert!(
        said.contains(&format!("it answers broke (not-a-policy): {told}; expected hold\n")),
        "{said}{docs}"
    );
}

#[test]
fn a_policy_or_a_value_that_cannot_be_is_told_in_the_words_of_cases() {
    let case = |policy: &str, more: &str| {
        format!("version: 1\npolicy: {policy}\ncases: [ {{ name: a, snapshot: {{}}{more} }} ]\n")
    };
    let all: Vec<_> =
        [("builtin:x", ""), ("../p.wasm", ""), ("folder", ""), ("&p p.wasm", ""), ("p.wasm", ", <<: {}")]
            .iter()
            .map(|(name, more)| {
                let folder = folder(&[("cases/a.yaml", &case(name, more)), ("folder/x", "")]);
                told(&policy(folder.path(), &["test"]))
            })
            .collect();
    assert_snapshot!(all.join(""), @r"
    exit 2
    error: cases/a.yaml:2:9: there is no built-in policy `x`; the built-in ones are `business-hours`, `health`, `mann-whitney`, `quota`, `schema`, `sequential`, `slo`, `thresholds`
    exit 2
    error: cases/a.yaml:2:9: the policy `../p.wasm` cannot be read: it is outside of `.`, the folder that is tested; move it there, without a symbolic link out of it
    exit 2
    error: cases/a.yaml:2:9: the policy `folder` cannot be read: it is not a regular file; name another one with --policy
    exit 2
    error: this is an anchor, and anchors and aliases are not supported
     --> cases/a.yaml:2:9 (policy)
      |
    2 | policy: &p p.wasm
      |         ^^^^^^^^^
      = help: write the value out
    exit 2
    error: merge keys are not supported
     --> cases/a.yaml:3:35 (cases[0].'<<')
      |
    3 | cases: [ { name: a, snapshot: {}, <<: {} } ]
      |                                   ^^
      = help: write the keys out
    ");
}

const PAGE: &str = "\
# A page of cases

```yaml
version: 1
policy: p.wasm
```

Read as a specification.

## a broken policy is a fault

```yaml
snapshot: {}
expect: fault
detail: trapped
```

## what is new is told

Text.

```yaml
snapshot:
  position: { weight: 50 }
```

```console
$ not a case
```
";

#[test]
fn a_page_of_markdown_is_cases_too() {
    let folder = folder(&[("cases/page.md", PAGE), ("cases/README.md", "About the cases.\n")]);
    std::fs::write(folder.path().join("p.wasm"), Guest::doing("unreachable").component()).unwrap();
    assert_snapshot!(told(&policy(folder.path(), &["test"])), @r"
    exit 1
    cases/page.md: p.wasm
      ok       a broken policy is a fault
      new      what is new is told (line 23): broke (trapped): `evaluate` trapped: wasm `unreachable` instruction executed; a failed assertion or a panic ends like this; log before it to find the place

    2 cases: 1 as expected, 1 without an expectation: write it with --update
    without cases: cases/README.md

    coverage  advance  promote  hold  rollback  refusal  fault  settings
    p.wasm          -        -     -         -        -      2         -
    ");
    let said = told(&policy(folder.path(), &["test", "--update"]));
    assert!(said.starts_with("exit 0\n"), "{said}");
    let written = std::fs::read_to_string(folder.path().join("cases/page.md")).unwrap();
    let expected = PAGE.replace("weight: 50 }\n", "weight: 50 }\nexpect: fault\ndetail: \"trapped\"\n");
    assert_eq!(written, expected);
}

#[test]
fn every_form_has_the_cases_that_are_not_as_expected() {
    let folder = folder(&[("cases/limits.yaml", LIMITS)]);
    let form =
        |name: &str| String::from_utf8(policy(folder.path(), &["test", "--format", name]).stdout).unwrap();
    assert_snapshot!(form("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rollgate policy test" tests="4" failures="2" errors="0" skipped="0">
      <testsuite name="cases/limits.yaml" tests="4" failures="2" errors="0" skipped="0">
        <testcase classname="builtin:thresholds" name="within the limit" file="cases/limits.yaml" line="5"/>
        <testcase classname="builtin:thresholds" name="above the limit" file="cases/limits.yaml" line="11">
          <failure message="it answers rollback; expected hold"/>
        </testcase>
        <testcase classname="builtin:thresholds" name="many requests of a bad canary" file="cases/limits.yaml" line="19">
          <failure message="nothing is expected yet; the policy answers rollback"/>
        </testcase>
        <testcase classname="builtin:thresholds" name="settings that cannot work" file="cases/limits.yaml" line="24"/>
      </testsuite>
    </testsuites>
    "#);
    let annotations: Vec<String> =
        form("github").lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect();
    assert_snapshot!(annotations.join("\n"), @r"
    ::error file=cases/limits.yaml,line=11,title=policy case%3A above the limit::it answers rollback; expected hold
    ::error file=cases/limits.yaml,line=19,title=policy case%3A many requests of a bad canary::nothing is expected yet; the policy answers rollback
    ");
    holds("policy-test.schema.json", &rollgate::report::policy::tested::schema(), &form("json"));
}

#[test]
fn a_bad_file_of_cases_is_an_error_with_its_places() {
    let bad = "\
version: 1
policy: builtin:thresholds
cases:
  - name: one
    snapshot: { position: { weight: 101 } }
    expect: hold
  - name: two
    snapshot: { metrics: [ { name: errors, kind: ratio, canary: { request: 5 } } ] }
    expect: roll-back
  - name: three
    expect: hold
    weight: 5
";
    let told_of = |text: &str| {
        let folder = folder(&[("cases/bad.yaml", text)]);
        told(&policy(folder.path(), &["test"]))
    };
    assert_snapshot!(told_of(bad), @r"
    exit 2
    error: unknown key `request`
     --> cases/bad.yaml:8:67 (cases[1].snapshot.metrics[0].canary.request)
      |
    8 |     snapshot: { metrics: [ { name: errors, kind: ratio, canary: { request: 5 } } ] }
      |                                                                   ^^^^^^^
      = help: did you mean `requests`?

    error: unknown value `roll-back`
     --> cases/bad.yaml:9:13 (cases[1].expect)
      |
    9 |     expect: roll-back
      |             ^^^^^^^^^
      = help: did you mean `rollback`?
    ");
    let rules = "\
version: 2
policy: builtin:thresholds
cases:
  - { name: one, snapshot: {}, snapshot-file: ../x.json }
  - { name: two }
  - { name: two, snapshot: {}, expect: hold, weight: 5 }
  - { name: three, generate: { seed: 1, metrics: [ { name: a, ratio: { baseline: 0, canary: 2 } } ] } }
  - { name: four, snapshot-file: ../x.json }
  - { name: five, snapshot: {}, memory: '???' }
  - { snapshot: {} }
";
    assert_snapshot!(told_of(rules), @r"
    exit 2
    error: there is no version 2 of this format
     --> cases/bad.yaml:1:10 (version)
      |
    1 | version: 2
      |          ^
      = help: write `version: 1`

    error: the case has two snapshots
     --> cases/bad.yaml:4:47 (cases[0].snapshot-file)
      |
    4 |   - { name: one, snapshot: {}, snapshot-file: ../x.json }
      |                                               ^^^^^^^^^
      = help: keep `snapshot-file`, or `snapshot` and `generate`

    error: the case has no snapshot
     --> cases/bad.yaml:5:5 (cases[1])
      |
    5 |   - { name: two }
      |     ^^^^^^^^^^^^^
      = help: add `snapshot`, `generate` or `snapshot-file`

    error: `hold` has no `weight`
     --> cases/bad.yaml:6:54 (cases[2].weight)
      |
    6 |   - { name: two, snapshot: {}, expect: hold, weight: 5 }
      |                                                      ^
      = help: remove it, or expect what it belongs to

    error: `a` has a probability beyond 0 to 100 %
     --> cases/bad.yaml:7:41 (cases[3].generate.metrics)
      |
    7 |   - { name: three, generate: { seed: 1, metrics: [ { name: a, ratio: { baseline: 0, canary: 2 } } ] } }
      |                                         ^^^^^^^
      = help: write another one

    error: it is outside of `.`, the folder that is tested; move it there, without a symbolic link out of it
     --> cases/bad.yaml:8:34 (cases[4].snapshot-file)
      |
    8 |   - { name: four, snapshot-file: ../x.json }
      |                                  ^^^^^^^^^
      = help: name a JSON file of a snapshot or a recorded look

    error: this is not base64: Invalid symbol 63, offset 0.
     --> cases/bad.yaml:9:41 (cases[5].memory)
      |
    9 |   - { name: five, snapshot: {}, memory: '???' }
      |                                         ^^^^^
      = help: copy it from a record

    error: the case has no name
      --> cases/bad.yaml:10:5 (cases[6])
       |
    10 |   - { snapshot: {} }
       |     ^^^^^^^^^^^^^^^^
       = help: add `name: …`
    ");
}

#[test]
fn what_is_missing_is_named() {
    let none = folder(&[]);
    let prose = folder(&[("cases/README.md", "# About\n\n## The cases\n\nNone yet.\n")]);
    let unbuilt = folder(&[(
        "cases/a.yaml",
        "version: 1\npolicy: p.wasm\ncases: [ { name: a, snapshot: {}, expect: hold } ]\n",
    )]);
    let unnamed =
        folder(&[("cases/a.yaml", "version: 1\ncases: [ { name: a, snapshot: {}, expect: hold } ]\n")]);
    let all: Vec<_> =
        [none, prose, unbuilt, unnamed].iter().map(|it| told(&policy(it.path(), &["test"]))).collect();
    assert_snapshot!(all.join("\n"), @r"
    exit 2
    error: . has no cases: write some to ./cases/*.yaml, or name another folder

    exit 2
    error: there are no cases in cases/README.md: write each as a `yaml` block beneath a `##` heading of its own

    exit 2
    error: cases/a.yaml:2:9: the policy `p.wasm` cannot be read: there is no such file; build it first, or name another one with --policy

    exit 2
    error: cases/a.yaml names no policy: add `policy: FILE`, or name one with --policy
    ");
}

#[test]
fn the_published_schema_accepts_the_cases() {
    let schema = rollgate::config::cases::schema();
    crate::report::schema::published::published("cases.schema.json", &schema);
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let cases: serde_json::Value = serde_yaml::from_str(LIMITS).unwrap();
    assert!(validator.is_valid(&cases));
    let wrong = LIMITS.replace("expect: advance", "expect: forward");
    assert!(!validator.is_valid(&serde_yaml::from_str(&wrong).unwrap()));
}

#[test]
fn a_snapshot_of_a_record_is_a_case() {
    let folder = folder(&[(
        "cases/recorded.yaml",
        "version: 1\npolicy: p.wasm\ncases: [ { name: recorded, snapshot-file: look.json, expect: promote } ]\n",
    )]);
    std::fs::write(folder.path().join("p.wasm"), Guest::saying(Verdict::Promote, &[]).component()).unwrap();
    super::corpus::record(folder.path(), "run-1", &[("p.wasm", "{}")], vec![super::corpus::failing(1)]);
    let look = folder.path().join(".rollgate/checks/run-1/looks/0001.json");
    std::fs::copy(look, folder.path().join("look.json")).unwrap();
    let said = told(&policy(folder.path(), &["test"]));
    assert!(said.starts_with("exit 0\n"), "{said}");
}

/// The cases that lie beside every built-in policy: all as expected, and every answer that a policy has is shown.
#[test]
fn the_cases_beside_the_built_in_policies_are_as_expected() {
    let coverage: Vec<_> = rollgate::policy::builtin::ALL
        .iter()
        .map(|builtin| {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(builtin.name);
            let said = told(&policy(&folder, &["test"]));
            assert!(said.starts_with("exit 0\n"), "{}: {said}", builtin.name);
            said.lines().last().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_snapshot!(coverage.join("\n"), @r"
    builtin:business-hours 1 - 3 3 - - 1
    builtin:health 2 - 3 2 1 - 1
    builtin:mann-whitney 12 - 10 15 3 - 4
    builtin:quota 2 - 2 1 1 - 1
    builtin:schema - 9 1 10 2 - 2
    builtin:sequential 3 11 20 9 3 - 2
    builtin:slo 1 - 2 3 1 - 1
    builtin:thresholds 16 - 8 12 3 - 2
    ");
}
