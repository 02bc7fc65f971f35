//! What a stranger tries: a pull request from a fork that brings its own judge, or takes the description away from the
//! one that there is. Nothing of it counts, on any event, whatever is checked out.

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{broken, config, grown, old};
use crate::policy::guest::{Guest, Reason, Verdict};

const WEB: &str = "web: { schema: { description: api.yaml } }";

fn yes() -> Vec<u8> {
    Guest::saying(Verdict::Promote, &[Reason { text: "whatever", ..Reason::default() }]).component()
}

#[test]
fn a_config_that_a_pull_request_brings_or_changes_does_not_count() {
    let without = [("openapi.yaml", old())];
    let without = without.each_ref().map(|(path, content)| (*path, content.as_str()));
    let web = config(&[WEB]);
    let with = [(".rollgate.yaml", web.as_str()), ("api.yaml", &old())];
    let mut all = Vec::new();
    // It brings one that finds nothing bad, or nothing at all.
    for own in [
        config(&["api: { schema: { description: openapi.yaml, fail-on: none } }"]),
        config(&["api: { schema: { description: elsewhere.yaml } }"]),
        "not a config".to_owned(),
    ] {
        let pull = PullRequest::of(&without, |repo| {
            repo.write("openapi.yaml", broken()).write(".rollgate.yaml", &own).write("elsewhere.yaml", old());
        });
        all.push(pull.in_every_way(&[]));
    }
    // It changes the one that there is.
    for own in [
        config(&["web: { schema: { description: api.yaml, fail-on: none } }"]),
        config(&["web: { schema: { description: api.yaml, gate: { policy: yes.wasm } } }"]),
        config(&["other: { schema: { description: other.yaml } }"]),
        "not a config".to_owned(),
    ] {
        let pull = PullRequest::of(&with, |repo| {
            repo.write("api.yaml", broken()).write(".rollgate.yaml", &own).write("yes.wasm", yes());
            repo.write("other.yaml", old());
        });
        all.push(pull.in_every_way(&[]));
    }
    // It takes it away.
    let pull = PullRequest::of(&with, |repo| {
        repo.write("api.yaml", broken()).git(&["rm", "-q", ".rollgate.yaml"]);
    });
    all.push(pull.in_every_way(&[]));
    assert_snapshot!(all.join("\n\n"), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn a_policy_that_a_pull_request_changes_does_not_count() {
    assert_snapshot!(bringing(false, "mallory/shop").in_every_way(&[]), @r"
    web failed: changed api.yaml endpoint-added
      the policy gate.wasm fails the change: not today
    exit code 1
    ");
}

/// A base whose config says whether pull requests bring policies, and a pull request that brings one and says that it may.
fn bringing(allowed: bool, from: &str) -> PullRequest {
    let own = |allowed: bool| {
        let schema =
            format!("description: api.yaml, gate: {{ policy: gate.wasm }}, allow-pr-policies: {allowed}");
        config(&[&format!("web: {{ schema: {{ {schema} }} }}")])
    };
    let no =
        Guest::saying(Verdict::Rollback, &[Reason { text: "not today", ..Reason::default() }]).component();
    let pull = PullRequest::of(&[("api.yaml", &old())], |_| {});
    let repo = pull.repo;
    repo.git(&["switch", "-q", "main"]);
    repo.write("gate.wasm", no).write(".rollgate.yaml", own(allowed));
    let base = repo.commit().to_string();
    repo.git(&["switch", "-q", "-C", "change"]);
    repo.write("gate.wasm", yes()).write(".rollgate.yaml", own(true)).write("api.yaml", grown());
    let head = repo.commit().to_string();
    repo.git(&["switch", "-q", "--detach", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "change"]);
    let merge = repo.sha("HEAD").to_string();
    PullRequest { repo, base, head, merge, from: from.into(), ..pull }
}

/// Only where the base branch allows it, of a branch of the same repository, and on `pull_request`.
#[test]
fn a_policy_that_a_pull_request_may_bring_counts() {
    let judged = |pull: &PullRequest| {
        Way::ALL.map(|way| (way, pull.checked(way, &[]).contains("fails the change: not today")))
    };
    let base = |way: Way| !matches!(way, Way::Merge | Way::Head | Way::Base);
    for (way, by_base) in judged(&bringing(true, "octo/shop")) {
        assert_eq!(by_base, base(way), "{way:?}");
    }
    for pull in [bringing(true, "mallory/shop"), bringing(false, "octo/shop")] {
        for (way, by_base) in judged(&pull) {
            assert!(by_base, "{way:?}");
        }
    }
}

#[test]
fn a_description_cannot_be_hidden() {
    let web = config(&[WEB]);
    let with = [(".rollgate.yaml", web.as_str()), ("api.yaml", &old())];
    let entry = |path: &str| config(&[&format!("web: {{ schema: {{ description: {path} }} }}")]);
    let mut all = Vec::new();
    let mut tried = |what: &str, change: &dyn Fn(&crate::source::repo::Repo)| {
        all.push(format!("{what}\n{}", PullRequest::of(&with, change).in_every_way(&[])));
    };
    tried("gone", &|repo| _ = repo.git(&["rm", "-q", "api.yaml"]));
    tried("at another place, without its entry", &|repo| _ = repo.git(&["mv", "api.yaml", "b.yaml"]));
    tried("at another place, with its entry", &|repo| {
        repo.git(&["mv", "api.yaml", "b.yaml"]);
        repo.write(".rollgate.yaml", entry("b.yaml"));
    });
    tried("at another place, broken, with its entry", &|repo| {
        repo.git(&["mv", "api.yaml", "b.yaml"]);
        repo.write("b.yaml", broken()).write(".rollgate.yaml", entry("b.yaml"));
    });
    tried("broken, with an entry for a copy", &|repo| {
        repo.write("b.yaml", old()).write("api.yaml", broken()).write(".rollgate.yaml", entry("b.yaml"));
    });
    tried("left as it is, with an entry for a broken one", &|repo| {
        repo.write("b.yaml", broken()).write(".rollgate.yaml", entry("b.yaml"));
    });
    tried("left as it is, with an entry for none", &|repo| _ = repo.write(".rollgate.yaml", entry("b.yaml")));
    tried("a link out of the tree", &|repo| {
        repo.git(&["rm", "-q", "api.yaml"]);
        repo.link("/etc/hostname", "api.yaml");
    });
    tried("a link to a broken one", &|repo| {
        repo.git(&["rm", "-q", "api.yaml"]);
        repo.write("b.yaml", broken()).link("b.yaml", "api.yaml");
    });
    tried("no description any more", &|repo| _ = repo.write("api.yaml", "x-openapi: 3.0.3\n"));
    assert_snapshot!(all.join("\n\n"), @r"
    gone
    web failed: deleted api.yaml description-removed
    exit code 1

    at another place, without its entry
    web failed: deleted api.yaml description-removed
    exit code 1

    at another place, with its entry
    web passed: unchanged b.yaml (was api.yaml)
    exit code 0

    at another place, broken, with its entry
    web failed: changed b.yaml (was api.yaml) api-path-removed-without-deprecation
    exit code 1

    broken, with an entry for a copy
    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    left as it is, with an entry for a broken one
    web failed: changed b.yaml (was api.yaml) api-path-removed-without-deprecation
    exit code 1

    left as it is, with an entry for none
    web failed: deleted api.yaml description-removed
    exit code 1

    a link out of the tree
    web failed: changed api.yaml api-path-removed-without-deprecation revision-unreadable
      api.yaml cannot be read, so it does not pass
    exit code 1

    a link to a broken one
    web failed: changed api.yaml api-path-removed-without-deprecation
    exit code 1

    no description any more
    web failed: changed api.yaml api-path-removed-without-deprecation revision-unreadable
      api.yaml cannot be read, so it does not pass
    exit code 1
    ");
}

#[test]
fn a_description_that_was_found_cannot_be_hidden_either() {
    let (one, other) = (old(), old().replace("Shop", "Other"));
    let with = [("openapi.yaml", one.as_str()), ("pay/openapi/pay.yaml", &other)];
    let mut all = Vec::new();
    let mut tried = |what: &str, change: &dyn Fn(&crate::source::repo::Repo)| {
        all.push(format!("{what}\n{}", PullRequest::of(&with, change).in_every_way(&[])));
    };
    tried("under a name that is not looked for", &|repo| _ = repo.git(&["mv", "openapi.yaml", "b.yaml"]));
    tried("at another place, broken", &|repo| {
        repo.git(&["mv", "openapi.yaml", "swagger.yaml"]);
        repo.write("swagger.yaml", broken());
    });
    tried("a link to a broken one", &|repo| {
        repo.git(&["rm", "-q", "openapi.yaml"]);
        repo.write("b.yaml", broken()).link("b.yaml", "openapi.yaml");
    });
    tried("no description any more", &|repo| _ = repo.write("pay/openapi/pay.yaml", "schemas: {}\n"));
    tried("in a folder that is not looked into", &|repo| {
        repo.write(".hidden/x", "");
        repo.git(&["mv", "openapi.yaml", ".hidden/openapi.yaml"]);
    });
    assert_snapshot!(all.join("\n\n"), @r"
    under a name that is not looked for
    api failed: deleted openapi.yaml description-removed
    exit code 1

    at another place, broken
    api failed: changed swagger.yaml (was openapi.yaml) api-path-removed-without-deprecation
    exit code 1

    a link to a broken one
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1

    no description any more
    api passed: unchanged openapi.yaml
    pay failed: changed pay/openapi/pay.yaml api-path-removed-without-deprecation revision-unreadable
      pay/openapi/pay.yaml cannot be read, so it does not pass
    exit code 1

    in a folder that is not looked into
    api failed: deleted openapi.yaml description-removed
    exit code 1
    ");
}

#[test]
fn a_config_that_a_pull_request_brings_under_a_name_of_the_workflow_is_told_of() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| {
        repo.write("openapi.yaml", broken()).write("ci/gate.yaml", config(&[WEB]));
    });
    assert_snapshot!(pull.in_every_way(&["--config", "ci/gate.yaml"]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
}
