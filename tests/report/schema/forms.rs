//! The forms of a report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use rollgate::openapi::finding::{Finding, Level, Report};
use rollgate::openapi::read::read;
use rollgate::report::link::{Links, Pages};
use rollgate::report::publication::{Conclusion, GateKind, Publication, Subject};
use rollgate::report::schema::json::{self, Listing};
use rollgate::report::schema::publication::{self, Judgement};
use rollgate::report::schema::sources::Sources;
use rollgate::report::schema::text::{self, Layout};
use rollgate::report::schema::{html, junit, markdown, sarif};
use sha2::{Digest as _, Sha256};

use super::sample::{self, Texts};

fn as_text(report: &Report) -> String {
    text::render(report, &Texts::default().sources(), Layout::default())
}

fn as_markdown(report: &Report) -> String {
    markdown::render(report, &Texts::default().sources(), &Links::default())
}

fn published(report: &Report, remarks: &[&str]) -> Publication {
    let commit = |digit: &str| digit.repeat(40);
    let pages = |digit| Pages::github("https://github.com", "acme/shop", &commit(digit));
    let judgement = Judgement {
        subject: Subject { service: "shop".into(), gate: GateKind::Schema },
        conclusion: Conclusion::Failed,
        remarks: remarks.iter().map(|remark| (*remark).to_owned()).collect(),
    };
    let links = Links { base: pages("a"), revision: pages("b") };
    publication::of(report, &Texts::default().sources(), &links, judgement)
}

#[test]
fn breaking_changes_in_a_terminal() {
    assert_snapshot!(as_text(&sample::breaking()), @r"
    Pet store 1.4.0 → 2.0.0: breaking
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 2 operations)
      findings  3 errors, 1 warning, 1 info in 3 places, reaching 5 operations
      version   needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough

       errors warnings   info  place
            1        1      1  schema Pet
            1        ·      ·  GET /owners
            1        ·      ·  GET /pets

    schema Pet  1 error, 1 warning, 1 info
    ──────────────────────────────────────
    error[new-required-request-property] the required property `name` was added
      request · POST /pets, webhook POST adopted and callback POST {$request.body#/url}
      --> v2.yaml:24:9, added
        24 | + name: { type: string }
           |   ^^^^

    warn[response-property-enum-value-added] the value `lost` was added to the enum of `status`
      response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided
      --> v2.yaml:25:33, was v1.yaml:28:33
        28 | - status: { type: string, enum: [free, sold] }
           |                           ^^^^
        25 | + status: { type: string, enum: [free, sold, lost] }
           |                           ^^^^

    info[response-required-property-added] the required property `name` was added
      response · reaches no operation
      --> v2.yaml:24:9, added
        24 | + name: { type: string }
           |   ^^^^

    GET /owners  1 error
    ────────────────────
    error[api-removed-without-deprecation] the operation was removed
      --> v1.yaml:18:5, removed
        18 | - get:
           |   ^^^

    GET /pets  1 error
    ──────────────────
    error[request-parameter-max-decreased] the maximum of the `query` parameter `limit` went down from `100` to `50`
      request · proven
      for example GET /pets with limit = 51 in the query (the base accepts it, the revision does not)
      --> v2.yaml:7:62, was v1.yaml:7:62
         7 | - - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
           |                                                        ^^^^^^^
         7 | + - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
           |                                                        ^^^^^^^

    1 defect of the descriptions themselves

    warn[unused-key] `required` names `name`, which has no example
      --> v2.yaml:21:7 (/components/schemas/Pet/required)
        21 |   required: [id, name]
           |   ^^^^^^^^
    ");
}

#[test]
fn colour_adds_only_control_sequences() {
    let layout = Layout { colour: true, ..Layout::default() };
    let coloured = text::render(&sample::breaking(), &Texts::default().sources(), layout);
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, as_text(&sample::breaking()));
    assert!(coloured.contains("\u{1b}[1;31merror\u{1b}[0m[new-required-request-property]"), "{coloured}");
}

#[test]
fn breaking_changes_without_their_sources() {
    let shown = text::render(&sample::breaking(), &Sources::default(), Layout::default());
    assert!(!shown.contains(" | "), "{shown}");
    assert!(shown.contains("  --> v2.yaml:7:62, was v1.yaml:7:62\n"), "{shown}");
}

#[test]
fn descriptions_that_say_the_same() {
    assert_snapshot!(as_text(&sample::equal()), @r"
    Pet store 1.4.0 → 2.0.0: no changes
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 2 operations)
      version   needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough
    ");
    assert_snapshot!(as_markdown(&sample::equal()), @"
    ## ✅ Pet store 1.4.0 → 2.0.0: no changes

    Nothing changed that matters to clients.

    <sub>base v1.yaml (OpenAPI 3.0.3, 3 operations) · revision v2.yaml (OpenAPI 3.0.3, 2 operations)</sub>
    ");
    assert_snapshot!(json::render(&sample::equal(), Listing::PerPlace), @r#"
    {
      "version": 1,
      "base": {"file":"v1.yaml","openapi":"3.0.3","title":"Pet store","version":"1.4.0","operations":3},
      "revision": {"file":"v2.yaml","openapi":"3.0.3","title":"Pet store","version":"2.0.0","operations":2},
      "summary": {"verdict":"compatible","error":0,"warn":0,"info":0,"proven":0,"undecided":0,"rule":0},
      "version_advice": {"needed":"major","made":"major","enough":true,"suggested":null},
      "operations": [],
      "operation_sets": [],
      "diagnostics": [],
      "findings": []
    }
    "#);
}

#[test]
fn a_deleted_description() {
    let shown = text::render(&sample::deleted(), &Sources::default(), Layout::default());
    assert_snapshot!(shown, @r"
    Pet store 1.4.0: breaking
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  does not exist
      findings  1 error in 1 place, reaching 5 operations

    the description as a whole  1 error
    ───────────────────────────────────
    error[description-deleted] the description was deleted
      GET /owners, GET /pets, POST /pets and 2 more operations
      --> v1.yaml:1:1, removed
    ");
}

#[test]
fn breaking_changes_for_programs() {
    assert_snapshot!(json::render(&sample::breaking(), Listing::PerPlace), @r#"
    {
      "version": 1,
      "base": {"file":"v1.yaml","openapi":"3.0.3","title":"Pet store","version":"1.4.0","operations":3},
      "revision": {"file":"v2.yaml","openapi":"3.0.3","title":"Pet store","version":"2.0.0","operations":2},
      "summary": {"verdict":"breaking","error":3,"warn":1,"info":1,"proven":1,"undecided":1,"rule":3},
      "version_advice": {"needed":"major","made":"major","enough":true,"suggested":null},
      "operations": [
        {"kind":"operation","method":"get","path":"/owners"},
        {"kind":"operation","method":"get","path":"/pets"},
        {"kind":"operation","method":"post","path":"/pets"},
        {"kind":"webhook","method":"post","path":"adopted"},
        {"kind":"callback","method":"post","path":"{$request.body#/url}"}
      ],
      "operation_sets": [
        [0],
        [1],
        [2,3,4],
        [0,1,2,3,4],
        []
      ],
      "diagnostics": [
        {"code":"unused-key","level":"warn","message":"`required` names `name`, which has no example","location":{"file":"v2.yaml","line":21,"column":7},"pointer":"/components/schemas/Pet/required"}
      ],
      "findings": [
        {"id":"api-removed-without-deprecation","level":"error","proof":"rule","witness":null,"direction":"none","message":"the operation was removed","subject":"/paths/~1owners/get","base_location":{"file":"v1.yaml","line":18,"column":5},"revision_location":null,"operation_set":0,"operation_count":1,"fingerprint":"0123456789abcdef"},
        {"id":"new-required-request-property","level":"error","proof":"rule","witness":null,"direction":"request","message":"the required property `name` was added","subject":"/components/schemas/Pet/properties/name","base_location":null,"revision_location":{"file":"v2.yaml","line":24,"column":9},"operation_set":2,"operation_count":3,"fingerprint":"0123456789abcdef"},
        {"id":"request-parameter-max-decreased","level":"error","proof":"proven","witness":{"accepted_by":"base","carried":"query","operation":{"kind":"operation","method":"get","path":"/pets"},"name":"limit","value":51},"direction":"request","message":"the maximum of the `query` parameter `limit` went down from `100` to `50`","subject":"/paths/~1pets/get/parameters/0/schema/maximum","base_location":{"file":"v1.yaml","line":7,"column":62},"revision_location":{"file":"v2.yaml","line":7,"column":62},"operation_set":1,"operation_count":1,"fingerprint":"0123456789abcdef"},
        {"id":"response-property-enum-value-added","level":"warn","proof":"undecided","witness":null,"direction":"response","message":"the value `lost` was added to the enum of `status`","subject":"/components/schemas/Pet/properties/status/enum","base_location":{"file":"v1.yaml","line":28,"column":33},"revision_location":{"file":"v2.yaml","line":25,"column":33},"operation_set":3,"operation_count":5,"fingerprint":"0123456789abcdef"},
        {"id":"response-required-property-added","level":"info","proof":"rule","witness":null,"direction":"response","message":"the required property `name` was added","subject":"/components/schemas/Pet/properties/name","base_location":null,"revision_location":{"file":"v2.yaml","line":24,"column":9},"operation_set":4,"operation_count":0,"fingerprint":"0123456789abcdef"}
      ]
    }
    "#);
}

#[test]
fn findings_repeated_for_each_operation() {
    let report: serde_json::Value =
        serde_json::from_str(&json::render(&sample::breaking(), Listing::PerOperation)).unwrap();
    let rows: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let operations = finding["operations"].as_array().unwrap().iter();
            let names: Vec<_> = operations.map(|it| format!("{} {}", it["method"], it["path"])).collect();
            format!("{} {}", finding["id"].as_str().unwrap(), names.join(",")).replace('"', "")
        })
        .collect();
    assert_eq!(
        rows,
        [
            "api-removed-without-deprecation get /owners",
            "new-required-request-property post /pets",
            "new-required-request-property post adopted",
            "new-required-request-property post {$request.body#/url}",
            "request-parameter-max-decreased get /pets",
            "response-property-enum-value-added get /owners",
            "response-property-enum-value-added get /pets",
            "response-property-enum-value-added post /pets",
            "response-property-enum-value-added post adopted",
            "response-property-enum-value-added post {$request.body#/url}",
            "response-required-property-added ",
        ]
    );
}

#[test]
fn breaking_changes_in_markdown() {
    assert_snapshot!(as_markdown(&sample::breaking()), @r"
    ## ❌ Pet store 1.4.0 → 2.0.0: breaking

    **3 errors, 1 warning, 1 info** in 3 places, reaching 5 operations.

    **version** needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough.

    | place | errors | warnings | info |
    | :--- | ---: | ---: | ---: |
    | ❌ schema Pet | 1 | 1 | 1 |
    | ❌ GET /owners | 1 | · | · |
    | ❌ GET /pets | 1 | · | · |

    <details open><summary>❌ <b>schema Pet</b> · 1 error, 1 warning, 1 info</summary>

    ❌ **the required property <code>name</code> was added**<br>
    request · POST /pets, webhook POST adopted and callback POST {\$request.body\#/url} · v2.yaml:24 · <code>new-required-request-property</code>

    ```diff
    + 24 | name: { type: string }
    ```

    ⚠️ **the value <code>lost</code> was added to the enum of <code>status</code>**<br>
    response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided · v2.yaml:25 (was v1.yaml:28) · <code>response-property-enum-value-added</code>

    ```diff
    - 28 | status: { type: string, enum: [free, sold] }
    + 25 | status: { type: string, enum: [free, sold, lost] }
    ```

    ℹ️ **the required property <code>name</code> was added**<br>
    response · reaches no operation · v2.yaml:24 · <code>response-required-property-added</code>

    ```diff
    + 24 | name: { type: string }
    ```

    </details>

    <details open><summary>❌ <b>GET /owners</b> · 1 error</summary>

    ❌ **the operation was removed**<br>
    v1.yaml:18 (removed) · <code>api-removed-without-deprecation</code>

    ```diff
    - 18 | get:
    ```

    </details>

    <details open><summary>❌ <b>GET /pets</b> · 1 error</summary>

    ❌ **the maximum of the <code>query</code> parameter <code>limit</code> went down from <code>100</code> to <code>50</code>**<br>
    request · proven · v2.yaml:7 (was v1.yaml:7) · <code>request-parameter-max-decreased</code><br>
    For example <code>GET /pets with limit = 51 in the query (the base accepts it, the revision does not)</code>

    ```diff
    - 7 | - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
    + 7 | - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
    ```

    </details>

    <details><summary>1 defect of the descriptions themselves</summary>

    - **warn**: <code>required</code> names <code>name</code>, which has no example · v2.yaml:21 · <code>unused-key</code>

    </details>

    <sub>base v1.yaml (OpenAPI 3.0.3, 3 operations) · revision v2.yaml (OpenAPI 3.0.3, 2 operations)</sub>
    ");
}

#[test]
fn what_a_gate_makes_known() {
    let publication = published(
        &sample::breaking(),
        &["mona accepted the break with the label `rollgate:accept-breaking`"],
    );
    assert_snapshot!(publication.headline, @"mona accepted the break with the label `rollgate:accept-breaking`; breaking: 3 errors, 1 warning, 1 info; the operation was removed");
    assert_snapshot!(publication.body.head, @r"
    ## ❌ shop (Pet store 1.4.0 → 2.0.0): breaking

    mona accepted the break with the label <code>rollgate:accept-breaking</code>

    **3 errors, 1 warning, 1 info** in 3 places, reaching 5 operations.

    **version** needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough.

    | place | errors | warnings | info |
    | :--- | ---: | ---: | ---: |
    | ❌ schema Pet | 1 | 1 | 1 |
    | ❌ GET /owners | 1 | · | · |
    | ❌ GET /pets | 1 | · | · |
    ");
    assert_eq!(publication.body.blocks.len(), 4);
    assert_snapshot!(publication.body.blocks[0], @r#"
    <details open><summary>❌ <b>schema Pet</b> · 1 error, 1 warning, 1 info</summary>

    ❌ **the required property <code>name</code> was added**<br>
    request · POST /pets, webhook POST adopted and callback POST {\$request.body\#/url} · [v2.yaml:24](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/v2.yaml#L24) · <code>new-required-request-property</code>

    ```diff
    + 24 | name: { type: string }
    ```

    ⚠️ **the value <code>lost</code> was added to the enum of <code>status</code>**<br>
    response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided · [v2.yaml:25](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/v2.yaml#L25) (was [v1.yaml:28](https://github.com/acme/shop/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/v1.yaml#L28)) · <code>response-property-enum-value-added</code>

    ```diff
    - 28 | status: { type: string, enum: [free, sold] }
    + 25 | status: { type: string, enum: [free, sold, lost] }
    ```

    ℹ️ **the required property <code>name</code> was added**<br>
    response · reaches no operation · [v2.yaml:24](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/v2.yaml#L24) · <code>response-required-property-added</code>

    ```diff
    + 24 | name: { type: string }
    ```

    </details>
    "#);
    let annotations: Vec<_> = publication
        .annotations
        .iter()
        .map(|it| {
            format!(
                "{:?} {}:{}:{:?}\n  {}\n  {}",
                it.level, it.path, it.line, it.column, it.title, it.message
            )
        })
        .collect();
    assert_snapshot!(annotations.join("\n"), @"
    Failure v2.yaml:1:None
      api-removed-without-deprecation
      the operation was removed (GET /owners · was at v1.yaml:18:5)
    Failure v2.yaml:24:Some(9)
      new-required-request-property
      the required property `name` was added (request · POST /pets, webhook POST adopted and callback POST {$request.body#/url})
    Failure v2.yaml:7:Some(62)
      request-parameter-max-decreased
      the maximum of the `query` parameter `limit` went down from `100` to `50` (request · GET /pets · proven)
    Warning v2.yaml:25:Some(33)
      response-property-enum-value-added
      the value `lost` was added to the enum of `status` (response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided)
    Notice v2.yaml:24:Some(9)
      response-required-property-added
      the required property `name` was added (response · reaches no operation)
    ");
}

#[test]
fn breaking_changes_for_code_scanning() {
    assert_snapshot!(sarif::render(&sample::one(), &Texts::default().sources()), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "runs": [
        {
          "automationDetails": {
            "id": "rollgate/schema/"
          },
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "v2.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startColumn": 62,
                      "startLine": 7
                    }
                  }
                }
              ],
              "message": {
                "text": "the maximum of the `query` parameter `limit` went down from `100` to `50` (request · GET /pets · proven); for example GET /pets with limit = 51 in the query (the base accepts it, the revision does not)"
              },
              "partialFingerprints": {
                "rollgate/v1": "0123456789abcdef"
              },
              "relatedLocations": [
                {
                  "id": 1,
                  "message": {
                    "text": "Where it stands in the base."
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "v1.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startColumn": 62,
                      "startLine": 7
                    }
                  }
                }
              ],
              "ruleId": "request-parameter-max-decreased",
              "ruleIndex": 0
            }
          ],
          "tool": {
            "driver": {
              "fullName": "Rollgate, differences of API descriptions",
              "name": "Rollgate",
              "organization": "Rollgate",
              "rules": [
                {
                  "defaultConfiguration": {
                    "level": "error"
                  },
                  "fullDescription": {
                    "text": "The maximum of the parameter `NAME` falls from FROM to TO."
                  },
                  "help": {
                    "text": "Bounds are compared as intervals, so only a bound that moves what is allowed is reported. Requests that the base accepts are refused: clients that send them fail. Keep the bound of the base. Where the change is wanted, make it in a new operation or version, and keep the old one until its clients have moved."
                  },
                  "id": "request-parameter-max-decreased",
                  "name": "RequestParameterMaxDecreased",
                  "properties": {
                    "problem.severity": "error",
                    "tags": [
                      "api",
                      "compatibility"
                    ]
                  },
                  "shortDescription": {
                    "text": "The maximum of the parameter `NAME` falls from FROM to TO."
                  }
                }
              ],
              "semanticVersion": "0.1.0"
            }
          }
        }
      ],
      "version": "2.1.0"
    }
    "#);
}

#[test]
fn breaking_changes_as_test_results() {
    assert_snapshot!(junit::render(&sample::breaking()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rollgate schema" tests="5" failures="3" errors="0" skipped="0">
      <testsuite name="Pet store 1.4.0 → 2.0.0" tests="5" failures="3" errors="0" skipped="0">
        <testcase classname="GET /owners" name="api-removed-without-deprecation: the operation was removed" file="v1.yaml" line="18">
          <failure type="api-removed-without-deprecation" message="the operation was removed">GET /owners
    v1.yaml:18:5</failure>
        </testcase>
        <testcase classname="schema Pet" name="new-required-request-property: the required property &#96;name&#96; was added" file="v2.yaml" line="24">
          <failure type="new-required-request-property" message="the required property &#96;name&#96; was added">request · POST /pets, webhook POST adopted and callback POST {$request.body#/url}
    v2.yaml:24:9</failure>
        </testcase>
        <testcase classname="GET /pets" name="request-parameter-max-decreased: the maximum of the &#96;query&#96; parameter &#96;limit&#96; went down from &#96;100&#96; to &#96;50&#96;" file="v2.yaml" line="7">
          <failure type="request-parameter-max-decreased" message="the maximum of the &#96;query&#96; parameter &#96;limit&#96; went down from &#96;100&#96; to &#96;50&#96;">request · GET /pets · proven
    v1.yaml:7:62
    v2.yaml:7:62</failure>
        </testcase>
        <testcase classname="schema Pet" name="response-property-enum-value-added: the value &#96;lost&#96; was added to the enum of &#96;status&#96;" file="v2.yaml" line="25">
          <system-out>warn: the value &#96;lost&#96; was added to the enum of &#96;status&#96;
    response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided
    v1.yaml:28:33
    v2.yaml:25:33</system-out>
        </testcase>
        <testcase classname="schema Pet" name="response-required-property-added: the required property &#96;name&#96; was added" file="v2.yaml" line="24">
          <system-out>info: the required property &#96;name&#96; was added
    response · reaches no operation
    v2.yaml:24:9</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(junit::render(&sample::equal()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rollgate schema" tests="1" failures="0" errors="0" skipped="0">
      <testsuite name="Pet store 1.4.0 → 2.0.0" tests="1" failures="0" errors="0" skipped="0">
        <testcase classname="the description as a whole" name="no changes"/>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn breaking_changes_as_a_page() {
    let page = html::render(&sample::breaking(), &Texts::default().sources());
    let (head, body) = page.split_once("</head>").unwrap();
    // The digests in the policy are those of what stands in the page.
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let inline =
            page.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
        let digest = STANDARD.encode(Sha256::digest(inline));
        assert!(head.contains(&format!("{directive} 'sha256-{digest}';")), "{head}");
    }
    let main = body.split_once("<main>").unwrap().1.split_once("</main>").unwrap().0;
    assert_snapshot!(main, @r#"

    <details open>
    <summary><span class="dot error"></span>schema Pet <small>1 error, 1 warning, 1 info</small></summary>
    <article data-level="error" data-rule="new-required-request-property">
    <p class="message"><span class="level error">error</span> the required property <code>name</code> was added</p>
    <p class="facts"><code>new-required-request-property</code> request · POST /pets, webhook POST adopted and callback POST {$request.body#/url}</p>
    <div class="sides">
    <div class="base none"></div>
    <div class="revision"><cite>v2.yaml:24:9</cite><pre><i>24</i>name: { type: string }</pre></div>
    </div>
    </article>
    <article data-level="warn" data-rule="response-property-enum-value-added">
    <p class="message"><span class="level warn">warn</span> the value <code>lost</code> was added to the enum of <code>status</code></p>
    <p class="facts"><code>response-property-enum-value-added</code> response · GET /owners, GET /pets, POST /pets and 2 more operations · undecided</p>
    <div class="sides">
    <div class="base"><cite>v1.yaml:28:33</cite><pre><i>28</i>status: { type: string, enum: [free, sold] }</pre></div>
    <div class="revision"><cite>v2.yaml:25:33</cite><pre><i>25</i>status: { type: string, enum: [free, sold, lost] }</pre></div>
    </div>
    </article>
    <article data-level="info" data-rule="response-required-property-added">
    <p class="message"><span class="level info">info</span> the required property <code>name</code> was added</p>
    <p class="facts"><code>response-required-property-added</code> response · reaches no operation</p>
    <div class="sides">
    <div class="base none"></div>
    <div class="revision"><cite>v2.yaml:24:9</cite><pre><i>24</i>name: { type: string }</pre></div>
    </div>
    </article>
    </details>
    <details open>
    <summary><span class="dot error"></span>GET /owners <small>1 error</small></summary>
    <article data-level="error" data-rule="api-removed-without-deprecation">
    <p class="message"><span class="level error">error</span> the operation was removed</p>
    <p class="facts"><code>api-removed-without-deprecation</code> </p>
    <div class="sides">
    <div class="base"><cite>v1.yaml:18:5</cite><pre><i>18</i>get:</pre></div>
    <div class="revision none"></div>
    </div>
    </article>
    </details>
    <details open>
    <summary><span class="dot error"></span>GET /pets <small>1 error</small></summary>
    <article data-level="error" data-rule="request-parameter-max-decreased">
    <p class="message"><span class="level error">error</span> the maximum of the <code>query</code> parameter <code>limit</code> went down from <code>100</code> to <code>50</code></p>
    <p class="facts"><code>request-parameter-max-decreased</code> request · proven</p>
    <p class="facts">for example <code>GET /pets with limit = 51 in the query (the base accepts it, the revision does not)</code></p>
    <div class="sides">
    <div class="base"><cite>v1.yaml:7:62</cite><pre><i>7</i>- { name: limit, in: query, schema: { type: integer, maximum: 100 } }</pre></div>
    <div class="revision"><cite>v2.yaml:7:62</cite><pre><i>7</i>- { name: limit, in: query, schema: { type: integer, maximum: 50 } }</pre></div>
    </div>
    </article>
    </details>
    <details>
    <summary>1 defect of the descriptions themselves</summary>
    <ul>
    <li><span class="level warn">warn</span> <code>required</code> names <code>name</code>, which has no example <cite>v2.yaml:21:7</cite> <code>unused-key</code></li>
    </ul>
    </details>
    "#);
    assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("url("), "nothing is loaded");
}

#[test]
fn what_was_removed_is_annotated_at_the_nearest_part_that_remains() {
    let (base, _) = read("v1.yaml", sample::BASE.as_bytes());
    let (revision, _) = read("v2.yaml", sample::REVISION.as_bytes());
    let sources = Sources::of([&base], [&revision]);
    for (subject, nearest) in [
        ("/paths/~1owners/get", "paths:"),
        ("/components/schemas/Pet/properties/gone", "properties:"),
        // The items behind a removed one move: its index says nothing.
        ("/paths/~1pets/get/parameters/0", "parameters:"),
        ("/security/0", "openapi: 3.0.3"),
        ("", "openapi: 3.0.3"),
    ] {
        let place = sample::at("v1.yaml", sample::BASE, "openapi: 3.0.3");
        let finding =
            Finding { base_location: Some(place), ..sample::finding(Level::Error, "gone", subject, "gone") };
        let annotations = publication::annotations(&sample::report(vec![finding]), &sources);
        let expected = sample::at("v2.yaml", sample::REVISION, nearest);
        let found: Vec<_> = annotations.iter().map(|it| (it.path.clone(), it.line, it.column)).collect();
        assert_eq!(found, [(expected.file, expected.line, None)], "{subject}");
    }
}

#[test]
fn a_long_report_is_summed_up_first_and_cut_after_the_gravest() {
    let report = sample::long(2_000);
    let shown = as_text(&report);
    let head: Vec<&str> = shown.lines().take(33).collect();
    assert_snapshot!(head.join("\n"), @r"
    Pet store 1.4.0 → 2.0.0: breaking
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 2 operations)
      findings  30 errors, 170 warnings, 1,800 info in 97 places, reaching 5 operations
      version   needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough

        times  change
           30  error response-property-type-changed
          170  warn  response-property-type-changed
        1,800  info  response-property-type-changed

       errors warnings   info  place
           10        4     18  schema Item0
           10        4     18  schema Item1
           10        4     18  schema Item2
            ·        5     19  schema Item30
            ·        5     19  schema Item31
            ·        5     19  schema Item32
            ·        5     19  schema Item33
            ·        5     19  schema Item34
            ·        5     19  schema Item35
            ·        5     19  schema Item36
            ·        5     19  schema Item37
            ·        5     19  schema Item38
            ·        5     19  schema Item39
            ·        4     19  schema Item10
            ·        4     19  schema Item11
            ·        4     19  schema Item12
            ·        4     19  schema Item13
            ·        4     19  schema Item14
            ·        4     19  schema Item15
            ·        4     19  schema Item16
                                and 77 more places with 1,503 findings
    ");
    let tail: Vec<&str> = shown.lines().rev().take(2).collect();
    assert_snapshot!(tail.join("\n"), @"1,900 more findings not shown, 57 places without one shown: ask for more with --limit, or for all with --format json");
    // The hundred gravest, each with its line.
    assert_eq!(shown.matches("\nerror[").count(), 30);
    assert_eq!(shown.matches("\nwarn[").count(), 70);
    assert!(shown.len() < 40_000, "{}", shown.len());
}

#[test]
fn a_long_report_fits_every_reader() {
    let report = sample::long(20_000);
    let publication = published(&report, &[]);
    let whole = publication.summary();
    assert!(whole.contains("… and 77 more places with "), "{}", &whole[..4_000]);
    for budget in [1 << 20, 900 * 1024, 65_000, 20_000] {
        let body = publication.body.within(budget);
        assert!(body.len() <= budget && body.starts_with("## ❌ shop (Pet store"), "{}", body.len());
        assert_eq!(body.matches("<details").count(), body.matches("</details>").count());
        assert_eq!(body.matches("```").count() % 2, 0);
    }
    assert!(publication.annotations.len() <= 1_000);
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for report in [sample::breaking(), sample::equal(), sample::deleted(), sample::long(300)] {
        assert_eq!(as_text(&report), as_text(&report.clone()));
        assert_eq!(as_markdown(&report), as_markdown(&report.clone()));
        for listing in [Listing::PerPlace, Listing::PerOperation] {
            assert_eq!(json::render(&report, listing), json::render(&report.clone(), listing));
        }
    }
}
