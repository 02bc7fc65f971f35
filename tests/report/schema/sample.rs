//! A report written by hand, over two descriptions written by hand.

use rollgate::openapi::finding::{
    Accepted, Carried, Diagnostic, Direction, Finding, Gravity, Level, Location, OperationKind,
    OperationName, Profile, Proof, Report, Side, SideName, Step, Summary, Verdict, VersionAdvice, Witness,
};
use rollgate::openapi::tree::{Builder, Tree};
use rollgate::report::schema::sources::Sources;

pub(crate) const BASE: &str = r##"openapi: 3.0.3
info: { title: Pet store, version: 1.4.0 }
paths:
  /pets:
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses:
        "200": { description: ok }
    post:
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Pet" }
      responses:
        "201": { description: made }
  /owners:
    get:
      responses:
        "200": { description: ok }
components:
  schemas:
    Pet:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        status: { type: string, enum: [free, sold] }
"##;

pub(crate) const REVISION: &str = r##"openapi: 3.0.3
info: { title: Pet store, version: 2.0.0 }
paths:
  /pets:
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
      responses:
        "200": { description: ok }
    post:
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Pet" }
      responses:
        "201": { description: made }
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: { type: integer }
        name: { type: string }
        status: { type: string, enum: [free, sold, lost] }
"##;

/// The place of `needle` in a text of one of the sides, which has it once.
pub(crate) fn at(file: &str, text: &str, needle: &str) -> Location {
    assert_eq!(text.matches(needle).count(), 1, "{needle}");
    let before = &text[..text.find(needle).unwrap()];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
    Location { file: file.into(), line: u32::try_from(line).unwrap(), column: u32::try_from(column).unwrap() }
}

fn base(needle: &str) -> Location {
    at("v1.yaml", BASE, needle)
}

fn revision(needle: &str) -> Location {
    at("v2.yaml", REVISION, needle)
}

pub(crate) fn finding(level: Level, id: &str, subject: &str, message: &str) -> Finding {
    Finding {
        id: id.into(),
        level,
        proof: Proof::Rule,
        witness: None,
        direction: Direction::None,
        message: message.into(),
        subject: subject.into(),
        base_location: None,
        revision_location: None,
        operation_set: 0,
        operation_count: 0,
        fingerprint: "0123456789abcdef".into(),
    }
}

fn operation(kind: OperationKind, method: &str, path: &str) -> OperationName {
    OperationName { kind, method: method.into(), path: path.into() }
}

/// A report of these findings, with the operations and sets of the sample.
pub(crate) fn report(findings: Vec<Finding>) -> Report {
    let count = |level| u32::try_from(findings.iter().filter(|it| it.level == level).count()).unwrap();
    let proof = |proof| u32::try_from(findings.iter().filter(|it| it.proof == proof).count()).unwrap();
    let verdict = match (count(Level::Error), proof(Proof::Undecided)) {
        (0, 0) => Verdict::Compatible,
        (0, _) => Verdict::Undecided,
        _ => Verdict::Breaking,
    };
    let side = |file: &str, version: &str, operations| Side {
        file: Some(file.into()),
        openapi: Some("3.0.3".into()),
        title: Some("Pet store".into()),
        version: Some(version.into()),
        operations,
    };
    Report {
        version: 1,
        base: side("v1.yaml", "1.4.0", 3),
        revision: side("v2.yaml", "2.0.0", 2),
        summary: Summary {
            verdict,
            error: count(Level::Error),
            warn: count(Level::Warn),
            info: count(Level::Info),
            proven: proof(Proof::Proven),
            undecided: proof(Proof::Undecided),
            rule: proof(Proof::Rule),
        },
        version_advice: Some(VersionAdvice {
            needed: Step::Major,
            made: Step::Major,
            enough: true,
            suggested: None,
        }),
        operations: vec![
            operation(OperationKind::Operation, "get", "/owners"),
            operation(OperationKind::Operation, "get", "/pets"),
            operation(OperationKind::Operation, "post", "/pets"),
            operation(OperationKind::Webhook, "post", "adopted"),
            operation(OperationKind::Callback, "post", "{$request.body#/url}"),
        ],
        operation_sets: vec![vec![0], vec![1], vec![2, 3, 4], vec![0, 1, 2, 3, 4], vec![]],
        diagnostics: vec![],
        findings,
        profile: Profile::Wire,
        filtered: 0,
        off: 0,
        accepted: vec![],
    }
}

/// A report with changes that do not count, for every reason.
pub(crate) fn set_aside() -> Report {
    let mut report = breaking();
    let finding = report.findings.remove(0);
    let entry = Location { file: "accepted.yaml".into(), line: 3, column: 5 };
    let accepted = Accepted {
        finding,
        reason: "agreed".into(),
        owner: Some("team-pets".into()),
        expires: Some("2026-12-31".into()),
        entry,
    };
    Report { profile: Profile::Client, filtered: 2, off: 1, accepted: vec![accepted], ..report }
}

/// A removed operation, a schema with three changes, a narrowed parameter, and a defect.
pub(crate) fn breaking() -> Report {
    let removed = Finding {
        base_location: Some(base("get:\n      responses:\n        \"200\": { description: ok }\ncomponents")),
        operation_count: 1,
        ..finding(
            Level::Error,
            "api-removed-without-deprecation",
            "/paths/~1owners/get",
            "the operation was removed",
        )
    };
    let narrowed = Finding {
        proof: Proof::Proven,
        witness: Some(Witness {
            accepted_by: SideName::Base,
            carried: Carried::Query,
            operation: Some(OperationName {
                kind: OperationKind::Operation,
                method: "get".into(),
                path: "/pets".into(),
            }),
            status: None,
            media_type: None,
            name: Some("limit".into()),
            value: Some(serde_json::json!(51)),
            message: None,
            read_as: None,
        }),
        direction: Direction::Request,
        base_location: Some(base("maximum: 100")),
        revision_location: Some(revision("maximum: 50")),
        operation_set: 1,
        operation_count: 1,
        ..finding(
            Level::Error,
            "request-parameter-max-decreased",
            "/paths/~1pets/get/parameters/0/schema/maximum",
            "the maximum of the `query` parameter `limit` went down from `100` to `50`",
        )
    };
    let required = Finding {
        direction: Direction::Request,
        revision_location: Some(revision("name: { type: string }")),
        operation_set: 2,
        operation_count: 3,
        ..finding(
            Level::Error,
            "new-required-request-property",
            "/components/schemas/Pet/properties/name",
            "the required property `name` was added",
        )
    };
    let value = Finding {
        proof: Proof::Undecided,
        direction: Direction::Response,
        base_location: Some(base("enum: [free, sold]")),
        revision_location: Some(revision("enum: [free, sold, lost]")),
        operation_set: 3,
        operation_count: 5,
        ..finding(
            Level::Warn,
            "response-property-enum-value-added",
            "/components/schemas/Pet/properties/status/enum",
            "the value `lost` was added to the enum of `status`",
        )
    };
    let optional = Finding {
        direction: Direction::Response,
        revision_location: Some(revision("name: { type: string }")),
        operation_set: 4,
        ..finding(
            Level::Info,
            "response-required-property-added",
            "/components/schemas/Pet/properties/name",
            "the required property `name` was added",
        )
    };
    let diagnostic = Diagnostic {
        code: "unused-key".into(),
        level: Gravity::Warn,
        message: "`required` names `name`, which has no example".into(),
        location: Some(revision("required: [id, name]")),
        pointer: Some("/components/schemas/Pet/required".into()),
    };
    Report { diagnostics: vec![diagnostic], ..report(vec![removed, required, narrowed, value, optional]) }
}

/// One narrowed parameter.
pub(crate) fn one() -> Report {
    report(vec![breaking().findings.remove(2)])
}

/// Two descriptions that say the same.
pub(crate) fn equal() -> Report {
    Report { operations: vec![], operation_sets: vec![], ..report(vec![]) }
}

/// A description that was deleted.
pub(crate) fn deleted() -> Report {
    let mut report = report(vec![Finding {
        base_location: Some(Location { file: "v1.yaml".into(), line: 1, column: 1 }),
        operation_set: 3,
        operation_count: 5,
        ..finding(Level::Error, "description-deleted", "", "the description was deleted")
    }]);
    report.revision = Side::default();
    report
}

/// Many findings: three places with errors, then hundreds of warnings and infos.
pub(crate) fn long(findings: usize) -> Report {
    let findings = (0..findings).map(|at| {
        let (level, place) = match at {
            0..30 => (Level::Error, at % 3),
            30..200 => (Level::Warn, at % 40),
            _ => (Level::Info, at % 97),
        };
        let subject = format!("/components/schemas/Item{place}/properties/p{at}");
        Finding {
            base_location: Some(base("id: { type: integer }")),
            revision_location: Some(revision("id: { type: integer }")),
            operation_set: 3,
            operation_count: 5,
            ..finding(
                level,
                "response-property-type-changed",
                &subject,
                &format!("the type of `p{at}` changed"),
            )
        }
    });
    report(findings.collect())
}

/// The texts of both sides as trees without values.
pub(crate) struct Texts {
    base: Tree,
    revision: Tree,
}

impl Texts {
    pub(crate) fn new(base: &str, revision: &str) -> Self {
        let tree = |name: &str, text: &str| Builder::new(name, text.to_owned()).finish(None);
        Self { base: tree("v1.yaml", base), revision: tree("v2.yaml", revision) }
    }

    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources::of([&self.base], [&self.revision])
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new(BASE, REVISION)
    }
}
