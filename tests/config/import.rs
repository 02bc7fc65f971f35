//! `rollgate config import`: what users of another comparison have written.

use insta::assert_snapshot;
use std::process::Command;

/// What the command says in a folder with these files: the settings, then the remarks.
fn import(files: &[(&str, &[u8])], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["config", "import", "oasdiff"])
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let written = std::fs::read_to_string(folder.path().join("out.yaml")).unwrap_or_default();
    format!("{stdout}{written}{stderr}exit code {}", output.status.code().unwrap())
}

#[test]
fn levels_are_carried_over() {
    let levels = b"api-security-removed    err\nendpoint-added none\n\nrequest-parameter-removed WARN\nno-such-check err\n\
        endpoint-added\nendpoint-added info\napi-deprecated-sunset-missing err\nendpoint-deprecated fatal\n";
    assert_snapshot!(import(&[("levels.txt", levels)], &["--severity-levels", "levels.txt"]), @"
    # for .rollgate.yaml, beneath `schema` of a service
    levels:
      api-deprecated-sunset-missing: error
      api-security-removed: error
      endpoint-added: info
      request-parameter-removed: warn
    note: levels.txt:5: there is no rule `no-such-check` (`rollgate schema rules` lists them); the line is left out
    note: levels.txt:6: expected a rule and its level; the line is left out
    note: levels.txt:7: `endpoint-added` stands twice; the last line holds, as it did
    note: levels.txt:8: no finding has the id `api-deprecated-sunset-missing` here, so its level changes nothing: No end has to be announced: a removal without one is reported when it comes.
    note: levels.txt:9: `fatal` is no level; the line is left out
    exit code 0
    ");
}

#[test]
fn ignored_changes_become_accepted_ones() {
    // As the other tool's documentation and its report in one line have them.
    let errors = b"# Breaking changes that we know of\n\
        GET /api/{domain}/{project}/badges/security-score removed the success response with the status '200'\n\
        components removed the schema 'rules'\n \
        - 12.01.2023 In GET /api/{domain}/{project}/badges/security-score we removed the success response with the status '200'\n \
        - 31.10.2023 Removed the schema 'network-policies' from components\n\
        error at old.yaml, in API POST /pets/{id} the `name` request property's maxLength was decreased to `5` [request-property-max-length-decreased].\n\
        GET /internal/.* removed\n\
        delete /pets api removed without deprecation ::error::\x1b[31m\n\
        something about /pets\n";
    let warnings = b"GET /api/{domain}/{project}/install-command deleted the `header` request parameter `network-policies`\n";
    let files: [(&str, &[u8]); 2] = [("err.txt", errors), ("warn.md", warnings)];
    assert_snapshot!(import(&files, &["--err-ignore", "err.txt", "--warn-ignore", "warn.md"]), @r#"
    # for .rollgate.yaml, beneath `schema` of a service
    ---
    # for .rollgate-accepted.yaml
    version: 1
    accepted:
      - id: response-success-status-removed
        operation: "GET /api/{domain}/{project}/badges/security-score"
        reason: "ignored by err.txt:2: GET /api/{domain}/{project}/badges/security-score removed the success response with the status '200'"
      - id: api-schema-removed
        subject: /components/schemas/rules
        reason: "ignored by err.txt:3: components removed the schema 'rules'"
      - id: api-schema-removed
        subject: /components/schemas/network-policies
        reason: "ignored by err.txt:5: - 31.10.2023 Removed the schema 'network-policies' from components"
      - id: request-property-max-length-decreased
        operation: "POST /pets/{id}"
        reason: "ignored by err.txt:6: error at old.yaml, in API POST /pets/{id} the `name` request property's maxLength was decreased to `5` [request-property-max-length-decreased]."
      - id: api-removed-without-deprecation
        operation: "DELETE /pets"
        reason: "ignored by err.txt:8: delete /pets api removed without deprecation :\x3aerror:\x3a[31m"
      - id: request-parameter-removed
        operation: "GET /api/{domain}/{project}/install-command"
        reason: "ignored by warn.md:1: GET /api/{domain}/{project}/install-command deleted the `header` request parameter `network-policies`"
    note: err.txt:2: `response-success-status-removed` is accepted for GET /api/{domain}/{project}/badges/security-score as a whole, not only for what the line names; add a `subject` to narrow it
    note: err.txt:4: `response-success-status-removed` is accepted for GET /api/{domain}/{project}/badges/security-score as a whole, not only for what the line names; add a `subject` to narrow it
    note: err.txt:6: `request-property-max-length-decreased` is accepted for POST /pets/{id} as a whole, not only for what the line names; add a `subject` to narrow it
    note: err.txt:7: no rule is known by these words; it is left out: write the id in brackets behind them, or accept the change with `rollgate schema accept` when it comes
    note: err.txt:8: `api-removed-without-deprecation` is accepted for DELETE /pets as a whole, not only for what the line names; add a `subject` to narrow it
    note: err.txt:9: the line names no operation, such as `GET /pets`; it is left out
    note: warn.md:1: `request-parameter-removed` is accepted for GET /api/{domain}/{project}/install-command as a whole, not only for what the line names; add a `subject` to narrow it
    exit code 0
    "#);
}

#[test]
fn a_config_names_its_files() {
    let config = b"format: json\nflatten-allof: true\nfail-on: WARN\nseverity-levels: levels.txt\nmatch-path: ^/api\nlang: en\nown: 1\n";
    let files: [(&str, &[u8]); 2] = [(".oasdiff.yaml", config), ("levels.txt", b"endpoint-added none\n")];
    assert_snapshot!(import(&files, &[".oasdiff.yaml", "--output", "out.yaml"]), @"
    # for .rollgate.yaml, beneath `schema` of a service
    fail-on: warn
    levels:
      endpoint-added: off
    note: .oasdiff.yaml:1: `format`: an option of the command: `--format`
    note: .oasdiff.yaml:2: `flatten-allof`: not needed: a conjunction is always compared by what it admits
    note: .oasdiff.yaml:5: `match-path`: a regular expression: write `include` with paths such as `/api/**`
    note: .oasdiff.yaml:6: `lang`: reports are in English
    note: .oasdiff.yaml:7: `own`: there is no such setting here; it is left out
    exit code 0
    ");
}

#[test]
fn what_cannot_be_read_is_said() {
    let files: [(&str, &[u8]); 3] = [("a.yaml", b"a: [\n"), ("b.txt", b"\xff\xfe"), ("c.yaml", b"- a\n")];
    let tried = [
        &[][..],
        &["a.yaml"],
        &["c.yaml"],
        &["--severity-levels", "b.txt"],
        &["--err-ignore", "missing.txt"],
        &["--err-ignore", "../x"],
    ];
    assert_snapshot!(tried.map(|arguments| import(&files, arguments)).join("\n\n"), @"
    error: there is nothing to import; name .oasdiff.yaml, --severity-levels, --err-ignore or --warn-ignore
    exit code 2

    error: a.yaml:2: this is not YAML: while parsing a node, did not find expected node content
    exit code 2

    # for .rollgate.yaml, beneath `schema` of a service
    note: c.yaml:1: expected a map of options; nothing is carried over
    exit code 0

    error: b.txt is not UTF-8; save it as UTF-8
    exit code 2

    error: missing.txt cannot be read: there is no such file
    exit code 2

    error: ../x cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    exit code 2
    ");
}

#[test]
fn what_was_carried_over_can_be_read() {
    let errors =
        b"GET /pets api removed without deprecation \"quoted\" \\ \xf0\x9f\x90\xb6 # not a comment: no\n";
    let shown = import(&[("err.txt", errors)], &["--err-ignore", "err.txt"]);
    let (_, list) = shown.split_once("---\n").unwrap();
    let list: String =
        list.lines().take_while(|line| !line.starts_with("note:")).map(|line| format!("{line}\n")).collect();
    let entries = rollgate::config::accepted::parse("accepted.yaml", list.as_bytes()).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        entries[0].reason,
        "ignored by err.txt:1: GET /pets api removed without deprecation \"quoted\" \\ \u{1f436} # not a comment: no"
    );
}

#[test]
fn files_that_a_config_names_are_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("conf/lists")).unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write(
        "conf/.oasdiff.json",
        r#"{ "severity-levels": "lists/levels.txt", "err-ignore": "../errors.txt" }"#,
    );
    write("conf/lists/levels.txt", "endpoint-added none\n");
    write("errors.txt", "DELETE /pets api removed without deprecation\n");
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["config", "import", "oasdiff", "conf/.oasdiff.json"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert_snapshot!(format!("{stdout}{stderr}"), @r#"
    # for .rollgate.yaml, beneath `schema` of a service
    levels:
      endpoint-added: off
    ---
    # for .rollgate-accepted.yaml
    version: 1
    accepted:
      - id: api-removed-without-deprecation
        operation: "DELETE /pets"
        reason: "ignored by errors.txt:1: DELETE /pets api removed without deprecation"
    note: errors.txt:1: `api-removed-without-deprecation` is accepted for DELETE /pets as a whole, not only for what the line names; add a `subject` to narrow it
    "#);
}

#[test]
fn what_was_a_warning_and_is_an_error_is_named() {
    let warnings = b"GET /pets removed the optional property `a` from the response with the `200` status\n\
        POST /pets removed the required property `a` from the response with the `200` status\n";
    let shown = import(&[("warn.txt", warnings)], &["--warn-ignore", "warn.txt"]);
    let notes: Vec<&str> = shown.lines().filter(|line| line.contains("of level")).collect();
    assert_snapshot!(notes.join("\n"), @"note: warn.txt:2: `response-required-property-removed` is of level error here, and was ignored as warn");
}

#[test]
fn a_form_of_config_that_is_not_read_is_said() {
    assert_snapshot!(import(&[(".oasdiff.toml", b"fail-on = 'ERR'\n")], &[".oasdiff.toml"]), @r"
    error: .oasdiff.toml is TOML, which is not read; write it as YAML or JSON
    exit code 2
    ");
}
