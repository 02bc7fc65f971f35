//! The `schema` of a service: what it plans, and what is wrong with it.

use insta::assert_snapshot;
use rollgate::config::BasePlan;

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
        "{ description: web.yaml, bass: main }",
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
      = help: give it exactly one of `policy`, `all`, `any`, `quorum`, `weighted`, `preset`

    error: the key `description` is missing
     --> .rollgate.yaml:3:10 (services.web.schema)
      |
    3 |   web: { schema: { fail-on: error } }
      |          ^^^^^^
      = help: add it

    error: unknown key `bass`
     --> .rollgate.yaml:3:43 (services.web.schema.bass)
      |
    3 |   web: { schema: { description: web.yaml, bass: main } }
      |                                           ^^^^
      = help: did you mean `base`?
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

#[test]
fn a_base_is_understood_by_its_form() {
    let told = |base: &str| {
        let plan = plan(&with(&format!("{{ description: web.yaml, base: {base} }}")), None);
        let plan = plan.services["web"].schema.clone().unwrap();
        match plan.base {
            BasePlan::Url { url, bearer } => format!("{base}: the URL {url} with {bearer:?}"),
            plan => format!("{base}: {plan:?}"),
        }
    };
    let bases = [
        "merge-base",
        "origin/main",
        "v1.2.0",
        "'HEAD~2:./api//web.yaml'",
        "released/web.yaml",
        "./released/web",
        "https://example.com/web.yaml?draft=1",
        "http://localhost:8080/web.yaml",
        "{ revision: openapi.yaml }",
        "{ file: released }",
        "{ url: 'https://example.com/web.yaml', bearer: '${env:TOKEN}' }",
        "{ published: { tag: 'web/v*' } }",
        "{ published: { folder: released } }",
        "{ published: { folder: /srv/apis } }",
        "{ published: { s3: { bucket: apis, prefix: a/b, region: eu-west-1, endpoint: 'http://127.0.0.1:9000' } } }",
        "{ published: { gcs: { bucket: apis } } }",
        "{ published: { azure: { account: shop, container: apis } } }",
    ];
    assert_snapshot!(bases.map(told).join("\n"), @r#"
    merge-base: MergeBase
    origin/main: Revision { revision: "origin/main", path: None }
    v1.2.0: Revision { revision: "v1.2.0", path: None }
    'HEAD~2:./api//web.yaml': Revision { revision: "HEAD~2", path: Some("api/web.yaml") }
    released/web.yaml: File("released/web.yaml")
    ./released/web: File("released/web")
    https://example.com/web.yaml?draft=1: the URL https://example.com/web.yaml?draft=1 with None
    http://localhost:8080/web.yaml: the URL http://localhost:8080/web.yaml with None
    { revision: openapi.yaml }: Revision { revision: "openapi.yaml", path: None }
    { file: released }: File("released")
    { url: 'https://example.com/web.yaml', bearer: '${env:TOKEN}' }: the URL https://example.com/web.yaml with Some(${env:TOKEN})
    { published: { tag: 'web/v*' } }: Tag(Pattern { before: "web/v", after: "" })
    { published: { folder: released } }: Published(Beneath("released"))
    { published: { folder: /srv/apis } }: Published(Folder("/srv/apis"))
    { published: { s3: { bucket: apis, prefix: a/b, region: eu-west-1, endpoint: 'http://127.0.0.1:9000' } } }: Published(S3 { bucket: "apis", prefix: Some("a/b"), region: Some("eu-west-1"), endpoint: Some("http://127.0.0.1:9000") })
    { published: { gcs: { bucket: apis } } }: Published(Gcs { bucket: "apis", prefix: None, endpoint: None })
    { published: { azure: { account: shop, container: apis } } }: Published(Azure { account: "shop", container: "apis", prefix: None, endpoint: None })
    "#);
}

#[test]
fn a_base_that_is_none_is_located_and_has_a_mend() {
    let wrong = [
        "''",
        "12",
        "[main]",
        "ftp://example.com/web.yaml",
        "http://example.com/web.yaml",
        "'https://user:secret@example.com/web.yaml'",
        "'https://example.com/web.yaml?token=hunter22'",
        "../web.yaml",
        "'main:'",
        "':web.yaml'",
        "{}",
        "{ file: a.yaml, revision: main }",
        "{ bearer: '${env:TOKEN}', revision: main }",
        "{ url: 'https://example.com/', bearer: hunter2 }",
        "{ urll: x }",
        "{ published: {} }",
        "{ published: { tag: v1.0.0 } }",
        "{ published: { folder: ../apis } }",
        "{ published: { folder: /srv/../apis } }",
        "{ published: { s3: { bucket: a/b, prefix: /x, endpoint: 'http://storage.example.com' } } }",
        "{ published: { gcs: { bucket: apis, prefix: a//b } } }",
        "{ published: { azure: { account: '', container: '..' } } }",
    ];
    let told = |base: &str| told(with(&format!("{{ description: web.yaml, base: {base} }}")));
    assert_snapshot!(wrong.map(told).join("\n\n"), @r#"
    error: this names nothing to compare with
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: '' } }
      |                                                 ^^
      = help: write `merge-base`, a revision such as `origin/main`, `REVISION:PATH`, a file such as `./released.yaml`, a URL, or `{ published: … }`

    error: expected text, found a number
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: 12 } }
      |                                                 ^^
      = help: put it in quotes if it is meant as text

    error: expected text, found a list
     --> .rollgate.yaml:3:43 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: [main] } }
      |                                           ^^^^

    error: the URL "ftp://example.com/web.yaml" is neither http nor https
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: ftp://example.com/web.yaml } }
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write one such as `https://example.com/openapi.yaml`

    error: this URL would be asked without TLS, so that anybody on the way could change the answer
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: http://example.com/web.yaml } }
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it with https; http is for this machine alone

    error: this URL has credentials
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: ****************************************** } }
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: a URL cannot carry a secret: put the token into `bearer: ${env:NAME}` beside `url`

    error: this URL has credentials
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: ********************************************* } }
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: a URL cannot carry a secret: put the token into `bearer: ${env:NAME}` beside `url`

    error: failed to use the path "../web.yaml": it leads out of the root; name a file beneath it
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: ../web.yaml } }
      |                                                 ^^^^^^^^^^^
      = help: name a file beneath the root of the repository, such as `./released/openapi.yaml`

    error: a path is missing after the colon
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: 'main:' } }
      |                                                 ^^^^^^^
      = help: write it as `main:openapi.yaml`, or leave out the colon

    error: a revision is missing
     --> .rollgate.yaml:3:49 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: ':web.yaml' } }
      |                                                 ^^^^^^^^^^^
      = help: write it as `main` or `main:openapi.yaml`

    error: this does not say what to compare with
     --> .rollgate.yaml:3:43 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: {} } }
      |                                           ^^^^
      = help: give it exactly one of `revision`, `file`, `url`, `published`, or write `merge-base`

    error: this does not say what to compare with
     --> .rollgate.yaml:3:43 (services.web.schema.base)
      |
    3 |   web: { schema: { description: web.yaml, base: { file: a.yaml, revision: main } } }
      |                                           ^^^^
      = help: give it exactly one of `revision`, `file`, `url`, `published`, or write `merge-base`

    error: a token without a `url` to ask
     --> .rollgate.yaml:3:51 (services.web.schema.base.bearer)
      |
    3 |   web: { schema: { description: web.yaml, base: { bearer: '${env:TOKEN}', revision: main } } }
      |                                                   ^^^^^^
      = help: add the `url`, or remove the token

    error: a secret field holds something else than the name of a secret
     --> .rollgate.yaml:3:88 (services.web.schema.base.bearer)
      |
    3 |   web: { schema: { description: web.yaml, base: { url: 'https://example.com/', bearer: ******* } } }
      |                                                                                        ^^^^^^^
      = help: put the secret into an environment variable and write its name here: `${env:NAME}`

    error: unknown key `urll`
     --> .rollgate.yaml:3:51 (services.web.schema.base.urll)
      |
    3 |   web: { schema: { description: web.yaml, base: { urll: x } } }
      |                                                   ^^^^
      = help: did you mean `url`?

    error: this does not say where descriptions are published
     --> .rollgate.yaml:3:51 (services.web.schema.base.published)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: {} } } }
      |                                                   ^^^^^^^^^
      = help: give it exactly one of `folder`, `s3`, `gcs`, `azure`, `tag`

    error: a pattern of tags without `*`, which stands for the version
     --> .rollgate.yaml:3:69 (services.web.schema.base.published.tag)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { tag: v1.0.0 } } } }
      |                                                                     ^^^^^^
      = help: write the name of the tags with `*` for the version, such as `v*` or `web-api/v*`

    error: failed to use the path "../apis": it leads out of the root; name a file beneath it
     --> .rollgate.yaml:3:72 (services.web.schema.base.published.folder)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { folder: ../apis } } } }
      |                                                                        ^^^^^^^
      = help: name a folder beneath the root, or an absolute path

    error: this is not the path of a folder
     --> .rollgate.yaml:3:72 (services.web.schema.base.published.folder)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { folder: /srv/../apis } } } }
      |                                                                        ^^^^^^^^^^^^
      = help: write it without `..` and control characters

    error: no bucket has this name
     --> .rollgate.yaml:3:78 (services.web.schema.base.published.s3.bucket)
      |
    3 | …{ schema: { description: web.yaml, base: { published: { s3: { bucket: a/b, prefix: /x, endpoint: 'http://storage.example…
      |                                                                        ^^^
      = help: use letters, digits, `-`, `_` and `.`, beginning with a letter or digit

    error: this is not a folder of a store
     --> .rollgate.yaml:3:91 (services.web.schema.base.published.s3.prefix)
      |
    3 | …escription: web.yaml, base: { published: { s3: { bucket: a/b, prefix: /x, endpoint: 'http://storage.example.com' } } } }…
      |                                                                        ^^
      = help: write plain names with `/` between them and none around them, such as `apis/published`

    error: http://storage.example.com/ would be asked without TLS
     --> .rollgate.yaml:3:105 (services.web.schema.base.published.s3.endpoint)
      |
    3 | …cription: web.yaml, base: { published: { s3: { bucket: a/b, prefix: /x, endpoint: 'http://storage.example.com' } } } } }
      |                                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write one such as `https://storage.example.com`

    error: this is not a folder of a store
     --> .rollgate.yaml:3:93 (services.web.schema.base.published.gcs.prefix)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { gcs: { bucket: apis, prefix: a//b } } } } }
      |                                                                                             ^^^^
      = help: write plain names with `/` between them and none around them, such as `apis/published`

    error: no account has this name
     --> .rollgate.yaml:3:82 (services.web.schema.base.published.azure.account)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { azure: { account: '', container: '..' } } } } }
      |                                                                                  ^^
      = help: use letters, digits, `-`, `_` and `.`, beginning with a letter or digit

    error: no container has this name
     --> .rollgate.yaml:3:97 (services.web.schema.base.published.azure.container)
      |
    3 |   web: { schema: { description: web.yaml, base: { published: { azure: { account: '', container: '..' } } } } }
      |                                                                                                 ^^^^
      = help: use letters, digits, `-`, `_` and `.`, beginning with a letter or digit
    "#);
}

#[test]
fn an_environment_chooses_another_base() {
    let text = with("{ description: web.yaml, base: { published: { folder: released } } }")
        + "environments:\n  a: { services: { web: { schema: { base: { published: { tag: 'v*' } } } } } }\n  \
           b: { services: { web: { schema: { base: main } } } }\n  \
           c: { services: { web: { schema: { base: { file: a.yaml } } } } }\n";
    let base =
        |environment| plan(&text, environment).services["web"].schema.as_ref().unwrap().base.to_string();
    let bases = [None, Some("a"), Some("b"), Some("c")].map(base);
    assert_eq!(bases, ["the folder released", "the tags v*", "main", "a.yaml"]);
}
