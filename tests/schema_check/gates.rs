//! Gates of a service's own: what their answers mean for a change of a description.

use insta::assert_snapshot;

use super::{broken, checked, config, grown, old, repository};
use crate::policy::guest::{Guest, Reason, Verdict};
use crate::source::repo::Repo;

/// A repository whose description grew, with a gate of this config.
fn gated(gate: &str, policies: &[(&str, Vec<u8>)]) -> Repo {
    let repo = repository(&[("api.yaml", &old())]);
    repo.write(
        ".rollgate.yaml",
        config(&[&format!("web: {{ schema: {{ description: api.yaml, gate: {gate} }} }}")]),
    );
    for (path, bytes) in policies {
        repo.write(path, bytes);
    }
    repo.write("api.yaml", grown()).commit();
    repo
}

fn saying(verdict: Verdict, text: &str) -> Vec<u8> {
    Guest::saying(verdict, &[Reason { text, ..Reason::default() }]).component()
}

#[test]
fn the_answers_of_a_policy_are_exit_codes() {
    let policies = [
        ("promotes", saying(Verdict::Promote, "fine")),
        ("holds", saying(Verdict::Hold, "the owner has not answered")),
        ("rolls back", saying(Verdict::Rollback, "not before Monday")),
        ("advances", saying(Verdict::Advance(Some(20)), "")),
        ("traps", Guest::doing("unreachable").component()),
        (
            "declines",
            Guest::judging(|image| format!("i32.const {}", image.refusal(1, "too little"))).component(),
        ),
    ];
    let mut all = Vec::new();
    for (what, policy) in policies {
        let repo = gated("{ policy: own.wasm }", &[("own.wasm", policy)]);
        all.push(format!("{what}\n{}", checked(&repo, &[])));
    }
    assert_snapshot!(all.join("\n\n"), @r"
    promotes
    web passed: changed api.yaml endpoint-added
      the policy own.wasm passes the change: fine
    exit code 0

    holds
    web undecided: changed api.yaml endpoint-added
      the policy own.wasm does not decide: the owner has not answered
    exit code 3

    rolls back
    web failed: changed api.yaml endpoint-added
      the policy own.wasm fails the change: not before Monday
    exit code 1

    advances
    web fault: changed api.yaml endpoint-added
      the policy own.wasm broke: contract-violation: it says `advance` of a pull request, which has no steps
    exit code 4

    traps
    web fault: changed api.yaml endpoint-added
      the policy own.wasm broke: trapped: `evaluate` trapped: wasm `unreachable` instruction executed; a failed assertion or a panic ends like this; log before it to find the place
    exit code 4

    declines
    web undecided: changed api.yaml endpoint-added
      the policy own.wasm does not judge: too little
    exit code 3
    ");
}

#[test]
fn policies_are_composed_and_none_that_broke_lets_a_change_pass() {
    let policies = [
        ("yes.wasm", saying(Verdict::Promote, "")),
        ("broken.wasm", Guest::doing("unreachable").component()),
    ];
    let any = gated("{ any: [ { policy: yes.wasm }, { policy: broken.wasm } ] }", &policies);
    assert_snapshot!(checked(&any, &[]), @r"
    web fault: changed api.yaml endpoint-added
      the policy yes.wasm passes the change
      the policy broken.wasm broke: trapped: `evaluate` trapped: wasm `unreachable` instruction executed; a failed assertion or a panic ends like this; log before it to find the place
    exit code 4
    ");
    let all = gated(
        "{ all: [ { policy: 'builtin:schema', settings: { fail-on: info } }, { policy: yes.wasm } ] }",
        &policies,
    );
    assert_snapshot!(checked(&all, &[]), @r"
    web failed: changed api.yaml endpoint-added
      the policy yes.wasm passes the change
    exit code 1
    ");
    assert_snapshot!(checked(&all, &["--fail-on", "none"]), @r"
    error: the service `web` has a `gate` of its own, which would not see the level to fail on; set it in the settings of `builtin:schema` there
    exit code 2
    ");
}

#[test]
fn a_gate_that_cannot_be_opened_is_an_error_of_the_config() {
    for gate in [
        "{ policy: gone.wasm }",
        "{ policy: 'builtin:schema', settings: { fail-on: never } }",
        "{ policy: api.yaml }",
    ] {
        let told = checked(&gated(gate, &[]), &[]);
        assert!(
            told.starts_with(
                "web fault: changed api.yaml endpoint-added\n  the gate has a problem; .rollgate.yaml:3:"
            ),
            "{told}"
        );
        assert!(told.contains("\nerror: web: the gate has a problem\n.rollgate.yaml:3:"), "{gate}: {told}");
        assert!(told.ends_with("exit code 2"), "{gate}: {told}");
    }
}

#[test]
fn the_limits_of_a_config_hold_for_its_policies() {
    let gate = |limits: &str| checked(&gated(&format!("{{ policy: 'builtin:schema' }}{limits}"), &[]), &[]);
    assert!(gate("").ends_with("exit code 0"));
    assert!(gate(", limits: { fuel: 100000000, evaluate-wall: 1s }").ends_with("exit code 0"));
    let told = gate(", limits: { fuel: 5 }");
    assert!(told.contains(" used up its 5 units of fuel [fuel-exhausted]"), "{told}");
    assert!(told.ends_with("exit code 2"), "{told}");
}

#[test]
fn the_heading_says_what_the_gate_concluded() {
    let heading = |repo: &Repo, arguments: &[&str]| {
        let output = super::run(repo.path(), &[], &[&["--format", "markdown"], arguments].concat());
        String::from_utf8(output.stdout).unwrap().lines().next().unwrap().to_owned()
    };
    let own = |policy: Vec<u8>| heading(&gated("{ policy: own.wasm }", &[("own.wasm", policy)]), &[]);
    let builtin = |change: &dyn Fn(&Repo), arguments: &[&str]| {
        let repo = repository(&[("a/openapi.yaml", &old())]);
        change(&repo);
        heading(&repo, &[&["--base", "HEAD"], arguments].concat())
    };
    let all = [
        own(saying(Verdict::Promote, "")),
        own(saying(Verdict::Rollback, "")),
        own(saying(Verdict::Hold, "")),
        own(Guest::doing("unreachable").component()),
        heading(&gated("{ policy: gone.wasm }", &[]), &[]),
        builtin(&|repo| _ = repo.write("a/openapi.yaml", broken()), &[]),
        builtin(&|repo| _ = repo.write("a/openapi.yaml", broken()), &["--fail-on", "none"]),
        builtin(&|repo| _ = repo.write("b/openapi.yaml", grown()), &["--service", "b"]),
        builtin(&|repo| _ = repo.write("b/openapi.yaml", "openapi: ["), &["--service", "b"]),
        builtin(&|_| (), &[]),
    ];
    assert_snapshot!(all.join("\n"), @r"
    ## ✅ web (Shop 1): compatible
    ## ❌ web (Shop 1): compatible, and refused
    ## ⚠️ web (Shop 1): compatible, and not decided
    ## ❌ web (Shop 1): compatible, and not judged
    ## ❌ web (Shop 1): compatible, and not judged
    ## ❌ a (Shop 1): breaking
    ## ⚠️ a (Shop 1): breaking, and passed
    ## ✅ b (Shop 1): new
    ## ❌ b (b/openapi.yaml): new, and refused
    ## ✅ a: no changes
    ");
}

#[test]
fn nobody_is_asked_where_nothing_changed() {
    let repo = gated("{ policy: no.wasm }", &[("no.wasm", saying(Verdict::Rollback, "never"))]);
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    web passed: unchanged api.yaml
    exit code 0
    ");
}

#[test]
fn of_several_services_a_fault_counts_over_undecided_over_failed() {
    let gate = |name: &str| {
        format!("{name}: {{ schema: {{ description: {name}.yaml, gate: {{ policy: {name}.wasm }} }} }}")
    };
    let code = |services: &[&str]| {
        let repo = repository(
            &services
                .iter()
                .map(|name| (format!("{name}.yaml"), old()))
                .collect::<Vec<_>>()
                .iter()
                .map(|(path, content)| (path.as_str(), content.as_str()))
                .collect::<Vec<_>>(),
        );
        let entries: Vec<String> = services.iter().map(|name| gate(name)).collect();
        repo.write(".rollgate.yaml", config(&entries.iter().map(String::as_str).collect::<Vec<_>>()));
        for name in services {
            let policy = match *name {
                "fault" => Guest::doing("unreachable").component(),
                "hold" => saying(Verdict::Hold, ""),
                "no" => saying(Verdict::Rollback, ""),
                _ => saying(Verdict::Promote, ""),
            };
            repo.write(&format!("{name}.wasm"), policy).write(&format!("{name}.yaml"), broken());
        }
        repo.commit();
        checked(&repo, &[]).rsplit(' ').next().unwrap().to_owned()
    };
    let codes = [
        code(&["yes"]),
        code(&["no", "yes"]),
        code(&["hold", "no", "yes"]),
        code(&["fault", "hold", "no", "yes"]),
    ];
    assert_eq!(codes, ["0", "1", "3", "4"]);
}
