//! What counts, as the command line says it: promises, levels, operations, accepted changes, in every form.

use insta::assert_snapshot;

use super::{folder, rollgate};

const BASE: &str = r"openapi: 3.0.3
info: { title: Shop, version: '1' }
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [ { name: limit, in: query, schema: { type: integer, maximum: 100 } } ]
      responses: { '200': { description: ok } }
  /internal/dump:
    get:
      responses: { '200': { description: ok } }
";

fn pair() -> tempfile::TempDir {
    let (before, _) = BASE.split_once("  /internal").unwrap();
    let revision = before.replace("maximum: 100", "maximum: 50").replace("listPets", "pets");
    folder(&[("v1.yaml", BASE), ("v2.yaml", &revision)])
}

const LIST: &str = "version: 1
accepted:
  # Nobody called it.
  - id: api-path-removed-without-deprecation
    operation: GET /internal/dump
    reason: only our own job used it <b>
    owner: team-shop
    expires: 2999-12-31
  - id: request-parameter-removed
    subject: /paths/~1toys/get/parameters/0
    reason: never came
  - id: endpoint-added
    subject: ''
    reason: over
    expires: 2020-01-01
";

fn diff(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let folder = pair();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    rollgate(folder.path(), &[&["diff", "v1.yaml", "v2.yaml"], arguments].concat())
}

#[test]
fn a_promise_raises_levels() {
    let ids = |profile: &str| {
        let told = diff(&[], &["--profile", profile]);
        let lines = told.lines().filter(|line| {
            ["error[", "warn[", "info[", "  profile", "exit"].iter().any(|start| line.starts_with(start))
        });
        lines.map(|line| line.split(']').next().unwrap().to_owned() + "\n").collect::<String>()
    };
    assert_snapshot!(["wire", "sdk"].map(ids).join("\n"), @"
    error[request-parameter-max-decreased
    info[api-operation-id-removed
    error[api-path-removed-without-deprecation
    exit code 1

      profile   sdk
    error[api-operation-id-removed
    error[request-parameter-max-decreased
    error[api-path-removed-without-deprecation
    exit code 1
    ");
}

#[test]
fn levels_and_operations_are_chosen() {
    let arguments = ["--level", "request-parameter-max-decreased=off", "--exclude", "/internal/**"];
    assert_snapshot!(diff(&[], &arguments), @r"
    Shop 1: compatible
      base      v1.yaml (OpenAPI 3.0.3, 2 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 1 operation)
      findings  1 info in 1 place, reaching 1 operation
      version   needs a minor step, to 1.1.0 or later; 1 stays, which is too little
      besides   1 left out by filters, 1 set to off

    GET /pets  1 info
    ─────────────────
    info[api-operation-id-removed] the operation loses the id `listPets` and gets `pets`
      --> v2.yaml:6:7, was v1.yaml:6:7
         6 | - operationId: listPets
           |   ^^^^^^^^^^^
         6 | + operationId: pets
           |   ^^^^^^^^^^^
    exit code 0
    ");
}

#[test]
fn what_cannot_be_understood_is_said() {
    let wrong = [
        ["--profile", "lenient"],
        ["--level", "endpoint-addd=off"],
        ["--level", "endpoint-added=never"],
        ["--level", "endpoint-added"],
        ["--include", "pets"],
        ["--exclude", "tag:"],
        ["--accepted", "missing.yaml"],
        ["--accepted", "../accepted.yaml"],
    ];
    assert_snapshot!(wrong.map(|arguments| diff(&[], &arguments)).join("\n\n"), @"
    error: invalid value 'lenient' for '--profile <PROFILE>': expected one of `wire`, `client`, `sdk` and `strict`

    For more information, try '--help'.
    exit code 2

    error: invalid value 'endpoint-addd=off' for '--level <ID=LEVEL>': there is no rule `endpoint-addd`; did you mean `endpoint-added`?

    For more information, try '--help'.
    exit code 2

    error: invalid value 'endpoint-added=never' for '--level <ID=LEVEL>': `never` is no level; write error, warn, info or off

    For more information, try '--help'.
    exit code 2

    error: invalid value 'endpoint-added' for '--level <ID=LEVEL>': write it as `ID=LEVEL`, such as `endpoint-added=off`

    For more information, try '--help'.
    exit code 2

    error: invalid value 'pets' for '--include <PATTERN>': this is no pattern of operations; write paths such as `/internal/**`, operations such as `GET /pets/*`, `operation:ID`, or `tag:NAME`

    For more information, try '--help'.
    exit code 2

    error: invalid value 'tag:' for '--exclude <PATTERN>': the pattern is empty; write paths such as `/internal/**`, operations such as `GET /pets/*`, `operation:ID`, or `tag:NAME`

    For more information, try '--help'.
    exit code 2

    error: there is no list of accepted changes missing.yaml; write one with `rollgate schema accept`, or leave `--accepted` out
    exit code 2

    error: the list of accepted changes ../accepted.yaml cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    exit code 2
    ");
}

#[test]
fn accepted_changes_are_shown_as_such_and_do_not_fail() {
    assert_snapshot!(diff(&[("list.yaml", LIST)], &["--accepted", "list.yaml", "--level", "request-parameter-max-decreased=warn"]), @r"
    Shop 1: compatible
      base      v1.yaml (OpenAPI 3.0.3, 2 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 1 operation)
      findings  1 warning, 1 info in 1 place, reaching 1 operation
      version   needs a minor step, to 1.1.0 or later; 1 stays, which is too little
      besides   1 accepted

    GET /pets  1 warning, 1 info
    ────────────────────────────
    warn[request-parameter-max-decreased] the maximum of the query parameter `limit` falls from 100 to 50
      request · proven
      for example GET /pets with limit = 51 in the query (the base accepts it, the revision does not)
      --> v2.yaml:7:72, was v1.yaml:7:72
         7 | - parameters: [ { name: limit, in: query, schema: { type: integer, maximum: 100 } } ]
           |                                                                    ^^^^^^^
         7 | + parameters: [ { name: limit, in: query, schema: { type: integer, maximum: 50 } } ]
           |                                                                    ^^^^^^^

    info[api-operation-id-removed] the operation loses the id `listPets` and gets `pets`
      --> v2.yaml:6:7, was v1.yaml:6:7
         6 | - operationId: listPets
           |   ^^^^^^^^^^^
         6 | + operationId: pets
           |   ^^^^^^^^^^^

    1 accepted change

    error[api-path-removed-without-deprecation] the path `/internal/dump` is gone, and this operation of it was not deprecated
      --> v1.yaml:10:5
      accepted in list.yaml:4:5: only our own job used it <b> (team-shop, until 2999-12-31)

    2 remarks on the settings

    warn[accepted-stale] `request-parameter-removed` at `/paths/~1toys/get/parameters/0` is accepted and not found: remove the entry
      --> list.yaml:9:5

    warn[accepted-expired] `endpoint-added` of the whole description was accepted until 2020-01-01: it counts again; renew the day or remove the entry
      --> list.yaml:12:5
    exit code 0
    ");
}

#[test]
fn accepted_changes_are_in_every_form() {
    let shown = |format: &str| {
        let arguments = ["--accepted", "list.yaml", "--fail-on", "none", "--format", format];
        diff(&[("list.yaml", LIST)], &arguments)
    };
    assert_snapshot!(shown("json"), @r#"
    {
      "version": 1,
      "base": {"file":"v1.yaml","openapi":"3.0.3","title":"Shop","version":"1","operations":2},
      "revision": {"file":"v2.yaml","openapi":"3.0.3","title":"Shop","version":"1","operations":1},
      "summary": {"verdict":"breaking","error":1,"warn":0,"info":1,"proven":1,"undecided":0,"rule":1},
      "version_advice": {"needed":"major","made":"none","enough":false,"suggested":"2.0.0"},
      "operations": [
        {"kind":"operation","method":"get","path":"/internal/dump"},
        {"kind":"operation","method":"get","path":"/pets"}
      ],
      "operation_sets": [
        [0],
        [1]
      ],
      "diagnostics": [
        {"code":"accepted-stale","level":"warn","message":"`request-parameter-removed` at `/paths/~1toys/get/parameters/0` is accepted and not found: remove the entry","location":{"file":"list.yaml","line":9,"column":5}},
        {"code":"accepted-expired","level":"warn","message":"`endpoint-added` of the whole description was accepted until 2020-01-01: it counts again; renew the day or remove the entry","location":{"file":"list.yaml","line":12,"column":5}}
      ],
      "findings": [
        {"id":"request-parameter-max-decreased","level":"error","proof":"proven","witness":{"accepted_by":"base","carried":"query","operation":{"kind":"operation","method":"get","path":"/pets"},"name":"limit","value":51},"direction":"request","message":"the maximum of the query parameter `limit` falls from 100 to 50","subject":"/paths/~1pets/get/parameters/0/schema/maximum","base_location":{"file":"v1.yaml","line":7,"column":72},"revision_location":{"file":"v2.yaml","line":7,"column":72},"operation_set":1,"operation_count":1,"fingerprint":"05cd22c41f3e5035"},
        {"id":"api-operation-id-removed","level":"info","proof":"rule","witness":null,"direction":"none","message":"the operation loses the id `listPets` and gets `pets`","subject":"/paths/~1pets/get/operationId","base_location":{"file":"v1.yaml","line":6,"column":7},"revision_location":{"file":"v2.yaml","line":6,"column":7},"operation_set":1,"operation_count":1,"fingerprint":"793e525838b24c88"}
      ],
      "accepted": [
        {"finding":{"id":"api-path-removed-without-deprecation","level":"error","proof":"proven","witness":{"accepted_by":"base","carried":"message","operation":{"kind":"operation","method":"get","path":"/internal/dump"},"message":"GET /internal/dump HTTP/1.1"},"direction":"none","message":"the path `/internal/dump` is gone, and this operation of it was not deprecated","subject":"/paths/~1internal~1dump/get","base_location":{"file":"v1.yaml","line":10,"column":5},"revision_location":null,"operation_set":0,"operation_count":1,"fingerprint":"de417d4be9ac3c8c"},"reason":"only our own job used it <b>","owner":"team-shop","expires":"2999-12-31","entry":{"file":"list.yaml","line":4,"column":5}}
      ]
    }
    exit code 0
    "#);
    assert_snapshot!(shown("markdown"), @r"
    ## ❌ Shop 1: breaking

    **1 error, 1 info** in 1 place, reaching 1 operation.

    **version** needs a major step, to 2.0.0 or later; 1 stays, which is too little.

    Besides: 1 accepted.

    <details open><summary>❌ <b>GET /pets</b> · 1 error, 1 info</summary>

    ❌ **the maximum of the query parameter <code>limit</code> falls from 100 to 50**<br>
    request · proven · v2.yaml:7 (was v1.yaml:7) · <code>request-parameter-max-decreased</code><br>
    For example <code>GET /pets with limit = 51 in the query (the base accepts it, the revision does not)</code>

    ```diff
    - 7 | parameters: [ { name: limit, in: query, schema: { type: integer, maximum: 100 } } ]
    + 7 | parameters: [ { name: limit, in: query, schema: { type: integer, maximum: 50 } } ]
    ```

    ℹ️ **the operation loses the id <code>listPets</code> and gets <code>pets</code>**<br>
    v2.yaml:6 (was v1.yaml:6) · <code>api-operation-id-removed</code>

    ```diff
    - 6 | operationId: listPets
    + 6 | operationId: pets
    ```

    </details>

    <details><summary>1 accepted change</summary>

    - ❌ the path <code>/internal/dump</code> is gone, and this operation of it was not deprecated · <code>api-path-removed-without-deprecation</code> · list.yaml:4<br>
      accepted: only our own job used it &lt;b&gt; (team-shop, until 2999-12-31)

    </details>

    <details><summary>2 remarks on the settings</summary>

    - **warn**: <code>request-parameter-removed</code> at <code>/paths/\~1toys/get/parameters/0</code> is accepted and not found: remove the entry · list.yaml:9 · <code>accepted-stale</code>
    - **warn**: <code>endpoint-added</code> of the whole description was accepted until 2020-01-01: it counts again; renew the day or remove the entry · list.yaml:12 · <code>accepted-expired</code>

    </details>

    <sub>base v1.yaml (OpenAPI 3.0.3, 2 operations) · revision v2.yaml (OpenAPI 3.0.3, 1 operation)</sub>
    exit code 0
    ");
    assert_snapshot!(shown("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rollgate schema" tests="3" failures="1" errors="0" skipped="1">
      <testsuite name="Shop 1" tests="3" failures="1" errors="0" skipped="1">
        <testcase classname="GET /pets" name="request-parameter-max-decreased: the maximum of the query parameter &#96;limit&#96; falls from 100 to 50" file="v2.yaml" line="7">
          <failure type="request-parameter-max-decreased" message="the maximum of the query parameter &#96;limit&#96; falls from 100 to 50">request · GET /pets · proven
    v1.yaml:7:72
    v2.yaml:7:72</failure>
        </testcase>
        <testcase classname="GET /pets" name="api-operation-id-removed: the operation loses the id &#96;listPets&#96; and gets &#96;pets&#96;" file="v2.yaml" line="6">
          <system-out>info: the operation loses the id &#96;listPets&#96; and gets &#96;pets&#96;
    GET /pets
    v1.yaml:6:7
    v2.yaml:6:7</system-out>
        </testcase>
        <testcase classname="GET /internal/dump" name="api-path-removed-without-deprecation: the path &#96;/internal/dump&#96; is gone, and this operation of it was not deprecated" file="v1.yaml" line="10">
          <skipped message="accepted: only our own job used it &lt;b&gt; (team-shop, until 2999-12-31)"/>
        </testcase>
      </testsuite>
    </testsuites>
    exit code 0
    "#);
    assert_snapshot!(shown("github"), @r"
    ::error file=v2.yaml,line=7,col=72,title=request-parameter-max-decreased::the maximum of the query parameter `limit` falls from 100 to 50 (request · GET /pets · proven)
    ::notice file=v2.yaml,line=6,col=7,title=api-operation-id-removed::the operation loses the id `listPets` and gets `pets` (GET /pets)
    ::warning file=list.yaml,line=9,col=5,title=accepted-stale::`request-parameter-removed` at `/paths/~1toys/get/parameters/0` is accepted and not found: remove the entry
    ::warning file=list.yaml,line=12,col=5,title=accepted-expired::`endpoint-added` of the whole description was accepted until 2020-01-01: it counts again; renew the day or remove the entry
    breaking: 1 error, 1 info; the maximum of the query parameter `limit` falls from 100 to 50; 1 accepted
    exit code 0
    ");
    let html = shown("html");
    let from = html.find("<summary>1 accepted").unwrap();
    assert_snapshot!(&html[from..html.find("</main>").unwrap()], @r#"
    <summary>1 accepted change</summary>
    <ul>
    <li><span class="level error">error</span> the path <code>/internal/dump</code> is gone, and this operation of it was not deprecated <code>api-path-removed-without-deprecation</code> <cite>list.yaml:4:5</cite><br>accepted: only our own job used it &lt;b&gt; (team-shop, until 2999-12-31)</li>
    </ul>
    </details>
    <details>
    <summary>2 remarks on the settings</summary>
    <ul>
    <li><span class="level warn">warn</span> <code>request-parameter-removed</code> at <code>/paths/~1toys/get/parameters/0</code> is accepted and not found: remove the entry <cite>list.yaml:9:5</cite> <code>accepted-stale</code></li>
    <li><span class="level warn">warn</span> <code>endpoint-added</code> of the whole description was accepted until 2020-01-01: it counts again; renew the day or remove the entry <cite>list.yaml:12:5</cite> <code>accepted-expired</code></li>
    </ul>
    </details>
    "#);
    let sarif: serde_json::Value =
        serde_json::from_str(shown("sarif").split_once("\nexit code").unwrap().0).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_snapshot!(format!("{:#}", results.last().unwrap()["suppressions"]), @r#"
    [
      {
        "justification": "only our own job used it <b> (team-shop, until 2999-12-31)",
        "kind": "external",
        "location": {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "list.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startColumn": 5,
              "startLine": 4
            }
          }
        },
        "status": "accepted"
      }
    ]
    "#);
    assert!(results[..results.len() - 1].iter().all(|result| result.get("suppressions").is_none()));
}

/// A list of accepted changes with this entry.
fn list(entry: &str) -> String {
    format!("version: 1\naccepted:\n  - {}\n", entry.replace('\n', "\n    "))
}

#[test]
fn a_list_that_cannot_be_understood_is_an_error_with_its_place() {
    let good = "id: endpoint-added\nsubject: /paths\nreason: fine";
    let lists = [
        list("id: endpoint-addd\nsubject: /paths\nreason: fine"),
        list("id: endpoint-added\nreason: fine"),
        list("id: endpoint-added\nsubject: paths\nreason: fine"),
        list("id: endpoint-added\noperation: /pets\nreason: fine"),
        list("id: endpoint-added\nfingerprint: 12\nreason: fine"),
        list("id: endpoint-added\nfingerprint: ABCDEF0123456789\nreason: fine"),
        list("id: endpoint-added\nsubject: /paths"),
        list("id: endpoint-added\nsubject: /paths\nreason: ' '"),
        list("id: endpoint-added\nsubject: /paths\nreason: fine\nexpires: 2026-02-30"),
        list("id: endpoint-added\nsubject: /paths\nreason: fine\nexpires: 20261231"),
        list("id: endpoint-added\nsubject: /paths\nreason: fine\nuntil: 2026-12-31"),
        list(good) + &list(good).split_once("accepted:\n").unwrap().1.replace("/paths", "'/paths'"),
        "accepted: []\n".to_owned(),
        "version: 2\naccepted: []\n".to_owned(),
        "version: 1\naccepted: { id: x }\n".to_owned(),
        "- id: x\n".to_owned(),
        list(&good.replace("fine", "*anchor")),
    ];
    let told = lists.map(|list| diff(&[("list.yaml", &list)], &["--accepted", "list.yaml"]));
    assert_snapshot!(told.join("\n\n"), @r"
    error: there is no rule `endpoint-addd`
     --> list.yaml:3:9 (accepted[0].id)
      |
    3 |   - id: endpoint-addd
      |         ^^^^^^^^^^^^^
      = help: did you mean `endpoint-added`?
    exit code 2

    error: the entry names no place, and would accept every change of its rule
     --> list.yaml:3:9 (accepted[0].id)
      |
    3 |   - id: endpoint-added
      |         ^^^^^^^^^^^^^^
      = help: add the `subject`, `operation` or `fingerprint` that the report shows
    exit code 2

    error: this is no JSON Pointer
     --> list.yaml:4:14 (accepted[0].subject)
      |
    4 |     subject: paths
      |              ^^^^^
      = help: write it as the report has it, such as `/components/schemas/Pet` or `pet.yaml#/properties/id`
    exit code 2

    error: this is no operation
     --> list.yaml:4:16 (accepted[0].operation)
      |
    4 |     operation: /pets
      |                ^^^^^
      = help: write the method and the path, such as `GET /pets/{id}`
    exit code 2

    error: expected text, found a number
     --> list.yaml:4:18 (accepted[0].fingerprint)
      |
    4 |     fingerprint: 12
      |                  ^^
      = help: put it in quotes if it is meant as text
    exit code 2

    error: a fingerprint has 16 hexadecimal digits
     --> list.yaml:4:18 (accepted[0].fingerprint)
      |
    4 |     fingerprint: ABCDEF0123456789
      |                  ^^^^^^^^^^^^^^^^
      = help: copy it from the report, in quotes if it is digits only
    exit code 2

    error: the key `reason` is missing
     --> list.yaml:3:5 (accepted[0])
      |
    3 |   - id: endpoint-added
      |     ^^^^^^^^^^^^^^^^^^
      = help: add it
    exit code 2

    error: there is no reason
     --> list.yaml:5:13 (accepted[0].reason)
      |
    5 |     reason: ' '
      |             ^^^
      = help: say why this change is accepted
    exit code 2

    error: `2026-02-30` is no day
     --> list.yaml:6:14 (accepted[0].expires)
      |
    6 |     expires: 2026-02-30
      |              ^^^^^^^^^^
      = help: write the last day as in `2026-12-31`
    exit code 2

    error: expected text, found a number
     --> list.yaml:6:14 (accepted[0].expires)
      |
    6 |     expires: 20261231
      |              ^^^^^^^^
      = help: put it in quotes if it is meant as text
    exit code 2

    error: unknown key `until`
     --> list.yaml:6:5 (accepted[0].until)
      |
    6 |     until: 2026-12-31
      |     ^^^^^
      = help: known here: `id`, `subject`, `operation`, `fingerprint`, `reason`, `expires`, `owner`
    exit code 2

    error: the same change is accepted twice
     --> list.yaml:6:5 (accepted[1])
      |
    6 |   - id: endpoint-added
      |     ^^^^^^^^^^^^^^^^^^
      = help: the first is in line 3; keep one
    exit code 2

    error: the key `version` is missing
     --> list.yaml:1:1
      |
    1 | accepted: []
      | ^^^^^^^^^^^^
      = help: add it
    exit code 2

    error: there is no version 2 of this format
     --> list.yaml:1:10 (version)
      |
    1 | version: 2
      |          ^
      = help: write `version: 1`
    exit code 2

    error: expected a list, found a map
     --> list.yaml:2:1 (accepted)
      |
    2 | accepted: { id: x }
      | ^^^^^^^^
    exit code 2

    error: expected a map, found a list
     --> list.yaml:1:1
      |
    1 | - id: x
      | ^^^^^^^
    exit code 2

    error: this is not YAML: while parsing node, found unknown anchor
     --> list.yaml:5:13 (accepted[0].reason)
      |
    5 |     reason: *anchor
      |             ^
    exit code 2
    ");
}

#[test]
fn an_empty_list_accepts_nothing() {
    for list in
        ["", "# nothing yet\n\n", "version: 1\n", "version: 1\naccepted: []\n", "version: 1\naccepted:\n"]
    {
        let told = diff(&[("list.yaml", list)], &["--accepted", "list.yaml"]);
        assert_eq!(told, diff(&[], &[]), "{list:?}");
    }
}

#[test]
fn a_list_that_is_no_text_too_long_or_elsewhere_is_refused() {
    let folder = pair();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("latin.yaml", b"version: 1\naccepted: # \xe9\n");
    write("huge.yaml", "# x\n".repeat(300_000).as_bytes());
    let entry = |at: usize| format!("  - {{ id: endpoint-added, subject: /{at}, reason: fine }}\n");
    write(
        "many.yaml",
        ("version: 1\naccepted:\n".to_owned() + &(0..1_001).map(entry).collect::<String>()).as_bytes(),
    );
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("link.yaml")).unwrap();
    std::fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    let told = ["latin", "huge", "many", "link", "folder"].map(|name| {
        rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--accepted", &format!("{name}.yaml")])
    });
    assert_snapshot!(told.join("\n\n"), @"
    error: the file is not UTF-8 here
     --> latin.yaml:2:13
      = help: save it as UTF-8
    exit code 2

    error: the list of accepted changes huge.yaml cannot be read: it is longer than 1048576 bytes
    exit code 2

    error: there are 1001 entries
     --> many.yaml:2:1 (accepted)
      |
    2 | accepted:
      | ^^^^^^^^
      = help: keep at most 1000: remove those that are not found any more
    exit code 2

    error: the list of accepted changes link.yaml cannot be read: it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it
    exit code 2

    error: the list of accepted changes folder.yaml cannot be read: it is not a regular file
    exit code 2
    ");
}

#[test]
fn accepting_writes_what_was_found() {
    let folder = pair();
    let read = || std::fs::read_to_string(folder.path().join(".rollgate-accepted.yaml")).unwrap();
    let accept = |arguments: &[&str]| {
        rollgate(
            folder.path(),
            &[&["accept", "v1.yaml", "v2.yaml", "--reason", "agreed: with \"all\""], arguments].concat(),
        )
    };
    let id = ["--id", "request-parameter-max-decreased"];
    let mut all = vec![accept(&id), read()];
    // More of them, and what is there stays as it is.
    let own = read().replace("accepted:\n", "accepted: # ours\n  # the first\n") + "# the end\n";
    std::fs::write(folder.path().join(".rollgate-accepted.yaml"), own).unwrap();
    all.push(accept(&["--exact", "--owner", "team-shop", "--expires", "2999-12-31"]));
    all.push(read());
    // The same once more: another reason, a day, an owner.
    let again = ["--reason", "agreed again", "--owner", "team-pets", "--expires", "2999-01-01"];
    all.push(rollgate(folder.path(), &[&["accept", "v1.yaml", "v2.yaml"], &id[..], &again].concat()));
    all.push(read());
    all.push(rollgate(
        folder.path(),
        &["diff", "v1.yaml", "v2.yaml", "--accepted", ".rollgate-accepted.yaml", "--fail-on", "error"],
    ));
    assert_snapshot!(all.join("\n---\n"), @r#"
    accepted in .rollgate-accepted.yaml: 1 change
      error[request-parameter-max-decreased] the maximum of the query parameter `limit` falls from 100 to 50
    exit code 0
    ---
    version: 1
    accepted:
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "agreed: with \"all\""

    ---
    accepted in .rollgate-accepted.yaml: 2 changes
      error[api-path-removed-without-deprecation] the path `/internal/dump` is gone, and this operation of it was not deprecated
      error[request-parameter-max-decreased] the maximum of the query parameter `limit` falls from 100 to 50
    exit code 0
    ---
    version: 1
    accepted: # ours
      # the first
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "agreed: with \"all\""
      - id: api-path-removed-without-deprecation
        subject: /paths/~1internal~1dump/get
        fingerprint: "de417d4be9ac3c8c"
        reason: "agreed: with \"all\""
        owner: "team-shop"
        expires: 2999-12-31
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        fingerprint: "05cd22c41f3e5035"
        reason: "agreed: with \"all\""
        owner: "team-shop"
        expires: 2999-12-31
    # the end

    ---
    accepted in .rollgate-accepted.yaml: 1 change
      error[request-parameter-max-decreased] the maximum of the query parameter `limit` falls from 100 to 50
    exit code 0
    ---
    version: 1
    accepted: # ours
      # the first
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "agreed again"
        expires: 2999-01-01
        owner: "team-pets"
      - id: api-path-removed-without-deprecation
        subject: /paths/~1internal~1dump/get
        fingerprint: "de417d4be9ac3c8c"
        reason: "agreed: with \"all\""
        owner: "team-shop"
        expires: 2999-12-31
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        fingerprint: "05cd22c41f3e5035"
        reason: "agreed: with \"all\""
        owner: "team-shop"
        expires: 2999-12-31
    # the end

    ---
    Shop 1: compatible
      base      v1.yaml (OpenAPI 3.0.3, 2 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 1 operation)
      findings  1 info in 1 place, reaching 1 operation
      version   needs a minor step, to 1.1.0 or later; 1 stays, which is too little
      besides   2 accepted

    GET /pets  1 info
    ─────────────────
    info[api-operation-id-removed] the operation loses the id `listPets` and gets `pets`
      --> v2.yaml:6:7, was v1.yaml:6:7
         6 | - operationId: listPets
           |   ^^^^^^^^^^^
         6 | + operationId: pets
           |   ^^^^^^^^^^^

    2 accepted changes

    error[api-path-removed-without-deprecation] the path `/internal/dump` is gone, and this operation of it was not deprecated
      --> v1.yaml:10:5
      accepted in .rollgate-accepted.yaml:9:5: agreed: with "all" (team-shop, until 2999-12-31)

    error[request-parameter-max-decreased] the maximum of the query parameter `limit` falls from 100 to 50
      --> v2.yaml:7:72
      accepted in .rollgate-accepted.yaml:4:5: agreed again (team-pets, until 2999-01-01)
    exit code 0
    "#);
}

#[test]
fn a_change_is_accepted_for_one_operation() {
    let folder = pair();
    let arguments = ["--reason", "fine", "--operation", "get /internal/dump", "--accepted", "lists/own.yaml"];
    let told = rollgate(folder.path(), &[&["accept", "v1.yaml", "v2.yaml"], &arguments[..]].concat());
    let list = std::fs::read_to_string(folder.path().join("lists/own.yaml")).unwrap();
    assert_snapshot!(format!("{told}\n{list}"), @r#"
    accepted in lists/own.yaml: 1 change
      error[api-path-removed-without-deprecation] the path `/internal/dump` is gone, and this operation of it was not deprecated
    exit code 0
    version: 1
    accepted:
      - id: api-path-removed-without-deprecation
        subject: /paths/~1internal~1dump/get
        operation: "GET /internal/dump"
        reason: "fine"
    "#);
}

#[test]
fn nothing_is_accepted_that_was_not_found() {
    let folder = pair();
    let tried = [
        &["v1.yaml", "v1.yaml", "--reason", "fine"][..],
        &["v1.yaml", "v2.yaml", "--reason", "fine", "--id", "endpoint-added"],
        &["v1.yaml", "v2.yaml", "--reason", "fine", "--id", "endpoint-addd"],
        &["v1.yaml", "v2.yaml", "--reason", " "],
        &["v1.yaml", "v2.yaml", "--reason", "fine", "--expires", "2020-01-01"],
        &["v1.yaml", "v2.yaml", "--reason", "fine", "--expires", "soon"],
        &["v1.yaml", "v2.yaml"],
        &["v1.yaml", "--reason", "fine"],
    ];
    let told = tried.map(|arguments| rollgate(folder.path(), &[&["accept"], arguments].concat()));
    assert!(!folder.path().join(".rollgate-accepted.yaml").exists());
    assert_snapshot!(told.join("\n\n"), @"
    error: nothing is accepted: there is no finding of level error; name others with --id or --subject
    exit code 2

    error: nothing is accepted: there is no such finding; `rollgate schema diff` shows what there is
    exit code 2

    error: there is no rule `endpoint-addd`; did you mean `endpoint-added`?
    exit code 2

    error: --reason is empty; say why the changes are accepted
    exit code 2

    error: --expires 2020-01-01 is over; name today or a later day
    exit code 2

    error: invalid value 'soon' for '--expires <DATE>': failed to parse four digit integer as year: invalid digit, expected 0-9 but got s

    For more information, try '--help'.
    exit code 2

    error: the following required arguments were not provided:
      --reason <TEXT>

    Usage: rollgate schema accept --reason <TEXT> <BASE> <REVISION>

    For more information, try '--help'.
    exit code 2

    error: the following required arguments were not provided:
      <REVISION>

    Usage: rollgate schema accept --reason <TEXT> <BASE> <REVISION>

    For more information, try '--help'.
    exit code 2
    ");
}

#[test]
fn a_list_is_added_to_in_its_own_form_or_not_at_all() {
    let accept = |list: &str| {
        let folder = pair();
        let path = folder.path().join(".rollgate-accepted.yaml");
        std::fs::write(&path, list).unwrap();
        let told = rollgate(
            folder.path(),
            &["accept", "v1.yaml", "v2.yaml", "--reason", "fine", "--id", "request-parameter-max-decreased"],
        );
        let after = std::fs::read_to_string(&path).unwrap();
        let after = if after == list { "(as it was)".to_owned() } else { after.replace('\r', "␍") };
        format!("{}\n{after}", told.lines().next().unwrap())
    };
    let lists = [
        "# ours\n",
        "version: 1\n",
        "version: 1\naccepted: [] # none\n",
        "version: 1\naccepted:\n",
        "accepted:\n- id: endpoint-added\n  subject: /a\n  reason: |\n    one\n    two\n# behind\nversion: 1\n",
        "version: 1\r\naccepted:\r\n    - id: endpoint-added\r\n      subject: /a\r\n      reason: fine\r\n",
        "version: 1\naccepted: [ { id: endpoint-added, subject: /a, reason: fine } ]\n",
        "version: 1\naccepted:\n  - { id: request-parameter-max-decreased, subject: /a, reason: fine }\n",
        "version: 1\naccepted:\n  -\n    id: endpoint-added\n    subject: /a\n    reason: fine\n",
        "version: 1\naccepted:\n  - id: endpoint-added\n",
        "not a list\n",
    ];
    assert_snapshot!(lists.map(accept).join("\n\n"), @r#"
    accepted in .rollgate-accepted.yaml: 1 change
    # ours
    version: 1
    accepted:
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "fine"


    accepted in .rollgate-accepted.yaml: 1 change
    version: 1
    accepted:
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "fine"


    accepted in .rollgate-accepted.yaml: 1 change
    version: 1
    accepted:
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "fine"


    accepted in .rollgate-accepted.yaml: 1 change
    version: 1
    accepted:
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "fine"


    accepted in .rollgate-accepted.yaml: 1 change
    accepted:
    - id: endpoint-added
      subject: /a
      reason: |
        one
        two
    - id: request-parameter-max-decreased
      subject: /paths/~1pets/get/parameters/0/schema/maximum
      reason: "fine"
    # behind
    version: 1


    accepted in .rollgate-accepted.yaml: 1 change
    version: 1␍
    accepted:␍
        - id: endpoint-added␍
          subject: /a␍
          reason: fine␍
        - id: request-parameter-max-decreased␍
          subject: /paths/~1pets/get/parameters/0/schema/maximum␍
          reason: "fine"␍


    error: failed to add to .rollgate-accepted.yaml: its entries do not stand in lines of their own; write each as `- id: …` with its keys below
    (as it was)

    accepted in .rollgate-accepted.yaml: 1 change
    version: 1
    accepted:
      - { id: request-parameter-max-decreased, subject: /a, reason: fine }
      - id: request-parameter-max-decreased
        subject: /paths/~1pets/get/parameters/0/schema/maximum
        reason: "fine"


    error: failed to add to .rollgate-accepted.yaml: its entries do not stand in lines of their own; write each as `- id: …` with its keys below
    (as it was)

    error: the key `reason` is missing
    (as it was)

    error: expected a map, found text
    (as it was)
    "#);
}

#[test]
fn a_pattern_that_includes_nothing_is_told() {
    // Of the two that meet nothing only the one matters that was to make something count.
    let told = diff(&[], &["--include", "/pest/**", "--exclude", "tag:none", "--fail-on", "info"]);
    assert_snapshot!(told, @r"
    Shop 1: compatible
      base      v1.yaml (OpenAPI 3.0.3, 2 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 1 operation)
      besides   3 left out by filters

    1 remark on the settings

    warn[filter-idle] `include` has `/pest/**`, and no operation of either side is so called: mend the pattern, or take it out
    exit code 0
    ");
    let told = diff(&[], &["--include", "/pets", "--include", "operation:pets"]);
    assert!(!told.contains("filter-idle"), "{told}");
}

#[test]
fn texts_that_no_list_takes_are_not_written() {
    let folder = pair();
    let long = "x".repeat(1_001);
    let tried = [
        &["--reason", &long][..],
        &["--reason", "fine", "--owner", &long],
        &["--reason", "fine", "--owner", " "],
    ];
    let told = tried.map(|arguments| {
        let told = rollgate(folder.path(), &[&["accept", "v1.yaml", "v2.yaml"], arguments].concat());
        told.lines().next().unwrap().to_owned()
    });
    assert_snapshot!(told.join("\n"), @r"
    error: failed to add to .rollgate-accepted.yaml: the reason is longer than 1000 characters; shorten it
    error: failed to add to .rollgate-accepted.yaml: the owner is longer than 200 characters; shorten it
    accepted in .rollgate-accepted.yaml: 2 changes
    ");
    let list = std::fs::read_to_string(folder.path().join(".rollgate-accepted.yaml")).unwrap();
    assert!(!list.contains("owner"), "{list}");
}

#[test]
fn an_operation_is_the_same_in_any_case() {
    let entry =
        |operation: &str| format!("  - {{ id: endpoint-added, operation: {operation}, reason: fine }}\n");
    let list = format!("version: 1\naccepted:\n{}{}", entry("GET /pets"), entry("get  /pets"));
    let told = diff(&[("list.yaml", &list)], &["--accepted", "list.yaml"]);
    assert!(told.starts_with("error: the same change is accepted twice"), "{told}");
}

#[test]
fn what_is_left_out_is_not_counted_as_reached() {
    let text = |required: &str| {
        let get = "get: { responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/P' } } } } } }";
        format!(
            "openapi: 3.0.3\ninfo: {{ title: t, version: '1' }}\npaths:\n  /a: {{ {get} }}\n  /b: {{ {get} }}\ncomponents: {{ schemas: {{ P: {{ type: object, required: [{required}], properties: {{ id: {{ type: string }} }} }} }} }}\n"
        )
    };
    let folder = folder(&[("v1.yaml", &text("id")), ("v2.yaml", &text(""))]);
    let told = rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--exclude", "/b"]);
    assert!(told.contains("1 error in 1 place, reaching 1 operation\n"), "{told}");
    assert!(told.contains("response · GET /a · proven\n"), "{told}");
}

#[test]
fn a_change_does_not_take_itself_out() {
    let text = |variable: &str, tag: &str, kind: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{ title: t, version: '1' }}\npaths:\n  /a/{{{variable}}}:\n    get:\n      tags: [{tag}]\n      operationId: {tag}A\n      parameters:\n        - {{ name: {variable}, in: path, required: true, schema: {{ type: {kind} }} }}\n      responses: {{ '200': {{ description: d }} }}\n"
        )
    };
    let (public, internal) = (text("id", "public", "string"), text("own", "internal", "integer"));
    let folder = folder(&[("v1.yaml", &public), ("v2.yaml", &internal)]);
    let diff = |sides: [&str; 2], filter: [&str; 2]| {
        rollgate(folder.path(), &[&["diff"], &sides[..], &filter[..]].concat())
    };
    let hidden = |told: &str| told.contains("compatible") && told.ends_with("exit code 0");
    for (option, pattern, is_hidden) in [
        // What was public is, whatever the revision calls it, and wherever its variables have other names.
        ("--exclude", "tag:internal", false),
        ("--exclude", "operation:internal*", false),
        ("--exclude", "tag:public", true),
        ("--include", "tag:public", false),
        ("--include", "tag:internal", false),
        ("--include", "tag:none", true),
    ] {
        let told = diff(["v1.yaml", "v2.yaml"], [option, pattern]);
        assert_eq!(hidden(&told), is_hidden, "{option} {pattern}: {told}");
    }
}
