//! Descriptions that cannot be read, and files that are something else.

use insta::assert_snapshot;

use super::{broken, checked, config, old, repository, shop};

#[test]
fn a_revision_that_cannot_be_read_never_passes() {
    let repo = repository(&[("openapi.yaml", &old())]);
    for content in ["a: [", "", "just a text", "- 1", "\u{0}\u{1}"] {
        repo.write("openapi.yaml", content);
        let told = checked(&repo, &["--base", "HEAD", "--fail-on", "none"]);
        let lines: Vec<_> = told.lines().collect();
        assert!(lines[0].starts_with("api failed: changed openapi.yaml"), "{content:?}: {told}");
        assert_eq!(lines[1], "  openapi.yaml cannot be read, so it does not pass", "{content:?}");
        assert_eq!(lines.last(), Some(&"exit code 1"), "{content:?}: {told}");
    }
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    ");
}

#[test]
fn a_part_that_cannot_be_read_is_a_finding() {
    let repo = repository(&[("openapi.yaml", &old())]);
    repo.write("openapi.yaml", old().replace("get:", "get: 7 #"));
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    api failed: changed openapi.yaml api-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    ");
}

#[test]
fn a_new_description_that_is_none_does_not_pass() {
    let repo = repository(&[("readme.md", "")]);
    repo.write("openapi.yaml", "nothing").commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    api failed: added openapi.yaml
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    ");
    repo.write("openapi.yaml", old());
    assert_snapshot!(checked(&repo, &[]), @r"
    api passed: added openapi.yaml
    exit code 0
    ");
}

#[test]
fn a_base_that_cannot_be_read_is_told_of_and_can_be_mended() {
    let repo = repository(&[("openapi.yaml", "a: [")]);
    repo.write("openapi.yaml", old()).commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    api passed: changed openapi.yaml endpoint-added
    exit code 0
    ");
}

#[test]
fn links_lead_to_files_of_the_tree_and_nowhere_else() {
    let repo = repository(&[("openapi.yaml", &old()), ("broken.yaml", &broken())]);
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("openapi.yaml"), old()).unwrap();
    let absolute = outside.path().join("openapi.yaml");
    let mut all = Vec::new();
    for target in [
        absolute.to_str().unwrap(),
        "../openapi.yaml",
        "openapi.yaml",
        ".git/config",
        "broken.yaml",
        "gone.yaml",
    ] {
        std::fs::remove_file(repo.join("openapi.yaml")).unwrap();
        repo.link(target, "openapi.yaml");
        all.push(checked(&repo, &["--base", "HEAD", "--fail-on", "none"]));
        all.push(checked(&repo, &["--base", "HEAD"]).lines().last().unwrap().to_owned());
    }
    assert_snapshot!(all.join("\n"), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    exit code 1
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    exit code 1
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    exit code 1
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    exit code 1
    api passed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 0
    exit code 1
    api passed: deleted openapi.yaml description-removed
    exit code 0
    exit code 1
    ");
}

#[test]
fn a_folder_in_the_place_of_a_description_does_not_pass() {
    let repo = repository(&[("openapi.yaml", &old())]);
    std::fs::remove_file(repo.join("openapi.yaml")).unwrap();
    repo.write("openapi.yaml/x", "");
    assert_snapshot!(checked(&repo, &["--base", "HEAD"]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation revision-unreadable
      openapi.yaml cannot be read, so it does not pass
    exit code 1
    ");
}

#[test]
fn names_of_strangers_cannot_act_on_a_terminal_or_a_runner() {
    let repo = repository(&[("readme.md", "")]);
    repo.write("::error::x/a\u{1b}[31m/openapi.yaml", old());
    repo.write("##[error]y/openapi.yaml", "a: [");
    repo.commit();
    for form in ["text", "json", "markdown"] {
        let output = super::run(repo.path(), &[], &["--format", form]);
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(
            !shown.contains("::") && !shown.contains("##[") && !shown.contains('\u{1b}'),
            "{form}: {shown}"
        );
        assert!(shown.contains("openapi.yaml"), "{form}: {shown}");
    }
}

#[test]
fn more_descriptions_than_are_checked_at_once_are_an_error() {
    let repo = repository(&[("readme.md", "")]);
    for at in 0..201 {
        repo.write(&format!("s{at}/openapi.yaml"), shop(&["/a"]));
    }
    repo.commit();
    assert_snapshot!(checked(&repo, &[]), @r"
    error: more than 200 descriptions are found, which is the most that is checked at once; name the services' descriptions in .rollgate.yaml, and choose some of them with `--service`
    exit code 2
    ");
}

#[test]
fn paths_out_of_the_repository_are_refused() {
    let repo = repository(&[("openapi.yaml", &old())]);
    for path in ["../x.yaml", "/etc/passwd", ".git/config", ""] {
        repo.write(".rollgate.yaml", config(&[&format!("web: {{ schema: {{ description: '{path}' }} }}")]));
        let told = checked(&repo, &["--base", "HEAD"]);
        assert!(told.starts_with("error: failed to use the path") && told.ends_with("exit code 2"), "{told}");
        let told = checked(&repo, &["--base", "HEAD", "--config", path]);
        assert!(told.ends_with("exit code 2"), "{told}");
    }
}
