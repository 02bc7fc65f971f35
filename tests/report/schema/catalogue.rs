//! The list of rules, the explanation of one, and the defects of a description.

use insta::assert_snapshot;
use rollgate::openapi::finding::{Diagnostic, Direction, Gravity, Level, Location};
use rollgate::report::schema::catalogue::{Catalogue, Difference, Entry, Explanation, Pair, VERSION};
use rollgate::report::schema::text::Layout;
use rollgate::report::schema::validation::Validation;

use super::sample::{self, Texts};

fn entry(id: &str, level: Level, direction: Direction) -> Entry {
    Entry {
        id: id.into(),
        level,
        direction,
        known: true,
        never_emitted: None,
        differs: None,
        what: format!("`{id}` happened."),
    }
}

pub(crate) fn sample() -> Catalogue {
    Catalogue::new(vec![
        entry("response-success-status-removed", Level::Error, Direction::Response),
        Entry {
            never_emitted: Some("Comments have no effect on clients.".into()),
            ..entry("api-comment-changed", Level::Info, Direction::None)
        },
        Entry { known: false, ..entry("description-deleted", Level::Error, Direction::None) },
        entry("new-optional-request-parameter", Level::Info, Direction::Request),
    ])
}

pub(crate) fn explanation() -> Explanation {
    Explanation {
        version: VERSION,
        rule: Entry {
            differs: Some(Difference {
                level: Level::Warn,
                reason: "A request that worked is refused.".into(),
            }),
            ..entry("request-parameter-became-required", Level::Error, Direction::Request)
        },
        why: "Clients that do not send it are refused with 400.".into(),
        mend: "Keep it optional and give it a default on the server.".into(),
        example: Some(Pair {
            base: "name: limit\nin: query\nrequired: false\n".into(),
            bad: "name: limit\nin: query\nrequired: true\n".into(),
            mended: "name: limit\nin: query\nrequired: false\nschema: { default: 20 }\n".into(),
        }),
    }
}

pub(crate) fn validation() -> Validation {
    let place = |needle| Some(sample::at("v2.yaml", sample::REVISION, needle));
    let diagnostic = |level, code: &str, message: &str, location: Option<Location>| Diagnostic {
        code: code.into(),
        level,
        message: message.into(),
        location,
        pointer: None,
    };
    Validation::new(
        sample::breaking().revision,
        vec![
            diagnostic(Gravity::Warn, "unknown-version", "3.0.3 is read as 3.0", place("openapi: 3.0.3")),
            diagnostic(Gravity::Error, "broken-reference", "`Pet` is not there", place("$ref")),
        ],
    )
}

#[test]
fn the_rules_in_a_terminal() {
    assert_snapshot!(sample().text(false), @"
    info  api-comment-changed              never emitted
    error description-deleted              own
    info  new-optional-request-parameter   request
    error response-success-status-removed  response

    4 rules: 3 known from the shared catalogue, 1 of them never emitted, and 1 of Rollgate's own.
    `rollgate schema explain ID` says what a rule means, with an example.
    ");
}

#[test]
fn the_rules_as_a_reference() {
    assert_snapshot!(sample().markdown(), @"
    4 rules: 3 known from the shared catalogue, 1 of them never emitted, and 1 of Rollgate's own.

    | rule | level | direction | what happened |
    | :--- | :--- | :--- | :--- |
    | <code>description-deleted</code> (own) | error |  | <code>description-deleted</code> happened. |
    | <code>new-optional-request-parameter</code> | info | request | <code>new-optional-request-parameter</code> happened. |
    | <code>response-success-status-removed</code> | error | response | <code>response-success-status-removed</code> happened. |

    Never emitted:

    | rule | reason |
    | :--- | :--- |
    | <code>api-comment-changed</code> | Comments have no effect on clients. |
    ");
}

#[test]
fn a_rule_is_explained() {
    assert_snapshot!(explanation().text(false), @"
    request-parameter-became-required error
    request · known from the shared catalogue

    The shared catalogue says warn
      A request that worked is refused.

    What happened
      `request-parameter-became-required` happened.

    Why it matters
      Clients that do not send it are refused with 400.

    What to do
      Keep it optional and give it a default on the server.

    This has the finding
        name: limit
        in: query
      - required: false
      + required: true

    This does not
        name: limit
        in: query
        required: false
      + schema: { default: 20 }
    ");
    assert_snapshot!(explanation().markdown(), @"
    ## <code>request-parameter-became-required</code>

    Level **error**, request.

    The shared catalogue says **warn**: A request that worked is refused.

    **What happened.** <code>request-parameter-became-required</code> happened.

    **Why it matters.** Clients that do not send it are refused with 400.

    **What to do.** Keep it optional and give it a default on the server.

    This has the finding:

    ```diff
      name: limit
      in: query
    - required: false
    + required: true
    ```

    This does not:

    ```diff
      name: limit
      in: query
      required: false
    + schema: { default: 20 }
    ```
    ");
}

#[test]
fn the_defects_of_a_description_in_a_terminal() {
    let texts = Texts::default();
    assert_snapshot!(validation().text(&texts.sources(), Layout::default()), @r##"
    v2.yaml (OpenAPI 3.0.3, 2 operations): not valid, 1 error, 1 warning

    error[broken-reference] `Pet` is not there
      --> v2.yaml:14:23
        14 |   schema: { $ref: "#/components/schemas/Pet" }
           |             ^^^^

    warn[unknown-version] 3.0.3 is read as 3.0
      --> v2.yaml:1:1
         1 |   openapi: 3.0.3
           |   ^^^^^^^
    "##);
}

#[test]
fn the_defects_of_a_description_in_markdown() {
    assert_snapshot!(validation().markdown(), @"
    ## ❌ v2.yaml (OpenAPI 3.0.3, 2 operations): not valid, 1 error, 1 warning

    - **error** v2.yaml:14:23 <code>Pet</code> is not there · <code>broken-reference</code>
    - **warn** v2.yaml:1:1 3.0.3 is read as 3.0 · <code>unknown-version</code>
    ");
}
