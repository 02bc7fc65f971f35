//! What of a comparison counts: promises, levels of single rules, operations, accepted changes.

use std::fmt::Write;

use insta::assert_snapshot;
use jiff::civil::date;
use rollgate::openapi::compare::compare;
use rollgate::openapi::finding::{Level, Location, Report};
use rollgate::openapi::judge::{Entry, Filter, Judged, Judgement, Setting, judge, out_of_date};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use rollgate::openapi::rules::Profile;
use serde_json::Value;

use super::compared::compared;
use crate::support::shared_data::conformance;

/// The differences of two descriptions, judged.
fn judged(base: &[u8], revision: &[u8], judgement: &Judgement) -> Judged {
    let ((old, old_defects), (new, new_defects)) = (read("base", base), read("revision", revision));
    let (old, new) = (lower(&old, old_defects), lower(&new, new_defects));
    judge(compare(&old, &new, &judgement.options()), &[&old, &new], judgement)
}

fn promising(profile: Profile) -> Judgement {
    Judgement { profile, today: Some(date(2026, 7, 1)), ..Judgement::default() }
}

/// What counts in a report, and what does not, a line each.
fn told(report: &Report) -> String {
    let mut told = String::new();
    let operations = |finding| {
        let names = report.reached(finding).map(|name| format!(" {} {}", name.method, name.path));
        names.collect::<String>()
    };
    for finding in &report.findings {
        writeln!(told, "{} {}{}", finding.level.as_str(), finding.id, operations(finding)).unwrap();
    }
    for accepted in &report.accepted {
        let finding = &accepted.finding;
        let (level, reason) = (finding.level.as_str(), &accepted.reason);
        writeln!(told, "accepted {level} {}{}: {reason}", finding.id, operations(finding)).unwrap();
    }
    let summary = &report.summary;
    writeln!(
        told,
        "{:?}: {} error, {} warn, {} info, {} filtered, {} off",
        summary.verdict, summary.error, summary.warn, summary.info, report.filtered, report.off
    )
    .unwrap();
    told
}

/// Two operations share what changed, and one is not to be told of.
#[test]
fn what_is_excluded_is_not_shown_either() {
    let whole = |most: u32| {
        let operation = "{ requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/S' } } } }, responses: {} }";
        format!(
            "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n  /a: {{ post: {operation} }}\n  /b: {{ post: {operation} }}\ncomponents: {{ schemas: {{ S: {{ type: integer, maximum: {most} }} }} }}\n"
        )
    };
    let shown = |exclude: &[&str]| {
        let exclude = exclude.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let judgement =
            Judgement { filter: Filter { exclude, ..Filter::default() }, ..promising(Profile::Wire) };
        let report = judged(whole(9).as_bytes(), whole(8).as_bytes(), &judgement).report;
        let shown = report.findings.iter().filter_map(|finding| finding.witness.as_ref()?.operation.as_ref());
        shown.map(|operation| operation.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&[]), ["/a"]);
    assert_eq!(shown(&["/a"]), ["/b"]);
    assert_eq!(shown(&["/b"]), ["/a"]);
    assert_eq!(shown(&["/a", "/b"]), [""; 0]);
}

#[test]
fn without_settings_a_report_comes_out_as_it_went_in() {
    let folder = conformance().join("probes/cases");
    for case in ["002", "070", "215", "308", "374", "404", "416", "442"] {
        let side = |side: &str| std::fs::read(folder.join(format!("{case}-{side}.json"))).unwrap();
        let (base, revision) = (side("base"), side("rev"));
        let judged = judged(&base, &revision, &promising(Profile::Wire));
        assert_eq!(judged.report, compared(&base, &revision), "{case}");
        assert!(judged.met.is_empty());
    }
}

/// The gravest level of each pair whose verdict depends on the promise, under each promise, beside what it is about.
#[test]
fn pairs_that_depend_on_the_promise_are_judged_by_it() {
    let folder = conformance().join("probes");
    let index: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
    let mut table = format!("{:<5}{:<9}{:<9}{:<9}{:<9}\n", "", "wire", "client", "sdk", "strict");
    for probe in &index {
        let text = |key: &str| probe[key].as_str().unwrap();
        if text("verdict") != "policy" {
            continue;
        }
        let side = |side: &str| {
            std::fs::read(folder.join("cases").join(format!("{}-{side}.json", text("case")))).unwrap()
        };
        let (base, revision) = (side("base"), side("rev"));
        write!(table, "{:<5}", text("case")).unwrap();
        let mut before: Option<Level> = None;
        for profile in Profile::ALL {
            let report = judged(&base, &revision, &promising(profile)).report;
            let gravest = report.findings.iter().map(|finding| finding.level).min();
            assert!(before.is_none_or(|before| gravest.is_some_and(|now| now <= before)), "{table}{profile}");
            before = gravest;
            write!(table, "{:<9}", gravest.map_or("-", Level::as_str)).unwrap();
        }
        writeln!(table, "{}", text("name")).unwrap();
    }
    assert_snapshot!(table, @"
         wire     client   sdk      strict   
    070  error    error    error    error    contentEncoding base64 added [request]
    071  error    error    error    error    contentEncoding base64 added [response]
    213  warn     error    error    error    req: property removed (open)
    215  info     error    error    error    res: optional property removed
    231  info     error    error    error    req: required prop became readOnly
    248  info     info     warn     error    single schema -> oneOf[same,other] [request]
    278  warn     error    error    error    allOf member removed [request]
    284  error    error    error    error    discriminator mapping key removed [request]
    285  error    error    error    error    discriminator mapping retargeted [request]
    296  error    error    error    error    discriminator mapping key removed [response]
    297  error    error    error    error    discriminator mapping retargeted [response]
    308  info     warn     error    error    default changed [request]
    309  info     info     info     info     default changed [response]
    310  info     warn     warn     warn     default added [request]
    311  info     info     info     info     default added [response]
    314  warn     error    error    error    query removed
    315  warn     error    error    error    query removed (was required)
    328  warn     error    error    error    header renamed optional
    334  warn     error    error    error    cookie removed
    335  warn     error    error    error    cookie removed (was required)
    338  warn     error    error    error    cookie renamed optional
    350  warn     error    error    error    allowReserved true->false
    351  error    error    error    error    param schema -> content json
    357  error    error    error    error    query deepObject property became required
    358  warn     error    error    error    query deepObject property removed
    363  warn     error    error    error    path-level param removed
    374  error    error    error    error    path literal replaced by template /x/me -> /x/{id}
    375  info     info     info     info     operation removed, was deprecated (no sunset)
    377  info     info     info     info     operation removed after x-sunset
    380  -        -        -        -        duplicate path templates /x/{a} and /x/{b} in one spec
    383  error    error    error    error    request body removed
    401  error    error    error    error    form-urlencoded property became required
    404  info     error    error    error    success status added
    405  info     warn     warn     error    error 404 added
    407  info     error    error    error    200 -> 2XX
    410  info     warn     warn     error    400 -> default
    416  info     error    error    error    optional response header removed
    440  info     info     info     info     oauth scope removed from scheme but still required
    442  error    error    error    error    server url changed
    443  warn     error    error    error    server removed (one of two)
    458  warn     error    error    error    link removed
    459  warn     error    error    error    link parameters changed
    461  error    error    error    error    deprecated property removed from response
    464  error    error    error    error    stability beta->alpha
    465  error    error    error    error    breaking in alpha op (excluded by default)
    ");
}

/// A description with one operation that takes and gives `schema`.
fn with(schema: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n  /a:\n    post:\n      requestBody:\n        content:\n          \
         application/json:\n            schema: {schema}\n      responses:\n        '200':\n          description: ok\n          \
         content:\n            application/json:\n              schema: {schema}\n"
    )
}

#[test]
fn under_the_strict_promise_names_that_nothing_declares_count() {
    let open = "{ type: object, properties: { a: { type: string } } }";
    let more = "{ type: object, properties: { a: { type: string }, b: { type: string } } }";
    let anything = "{ type: object, properties: { a: { type: string }, b: {} } }";
    let closed =
        |schema: &str| schema.replace("{ type: object", "{ type: object, additionalProperties: false");
    let branches = |more: &str| {
        format!(
            "{{ oneOf: [ {{ type: object, required: [a], properties: {{ a: {{ type: string }} }} }}{more} ] }}"
        )
    };
    let other = ", { type: object, required: [b], properties: { b: { type: string } } }";
    let apart = ", { type: string }";
    let mut all = String::new();
    for (what, base, revision) in [
        ("a property comes to an open object", open.to_owned(), more.to_owned()),
        ("a property goes from an open object", more.to_owned(), open.to_owned()),
        ("a property that may be anything comes", open.to_owned(), anything.to_owned()),
        ("a property comes to a closed object", closed(open), closed(more)),
        ("a branch with its own names comes", branches(""), branches(other)),
        ("a branch of another type comes", branches(""), branches(apart)),
    ] {
        let (base, revision) = (with(&base), with(&revision));
        let strict = judged(base.as_bytes(), revision.as_bytes(), &promising(Profile::Strict)).report;
        let wire = judged(base.as_bytes(), revision.as_bytes(), &promising(Profile::Wire)).report;
        let request = |report: &Report| {
            let of = report
                .findings
                .iter()
                .map(|finding| format!("  {} {}\n", finding.level.as_str(), finding.message));
            of.collect::<String>()
        };
        writeln!(all, "{what}\n wire\n{} strict\n{}", request(&wire), request(&strict)).unwrap();
    }
    assert_snapshot!(all, @r"
    a property comes to an open object
     wire
      info the request property `b` is new and need not be sent
      info the response property `b` is new and not always there
     strict
      error properties of the request body whose names match `^b$` must now match a schema; no message was found that shows it: it turns on the schema as a whole
      info the request property `b` is new and need not be sent
      info the response property `b` is new and not always there

    a property goes from an open object
     wire
      warn the request property `b` is gone
      info the response property `b`, which was not always there, is gone
     strict
      error the request property `b` is gone
      error properties of the response body whose names match `^b$` no longer have to match a schema; no message was found that shows it: it turns on the schema as a whole
      error the response property `b`, which was not always there, is gone

    a property that may be anything comes
     wire
      info the request property `b` is new and need not be sent
      info the response property `b` is new and not always there
     strict
      info the request property `b` is new and need not be sent
      info the response property `b` is new and not always there

    a property comes to a closed object
     wire
      error the response property `b` is new, and the base allows no properties beside those that it names
      info the request property `b` is new and need not be sent
     strict
      error the response property `b` is new, and the base allows no properties beside those that it names
      info the request property `b` is new and need not be sent

    a branch with its own names comes
     wire
      error the response body gets one more alternative of `oneOf`
      info the request body gets one more alternative of `oneOf`
     strict
      error the request body becomes one of several schemas (`oneOf`), one of which is the former one
      error the response body gets one more alternative of `oneOf`

    a branch of another type comes
     wire
      error the response body gets one more alternative of `oneOf`
      info the request body gets one more alternative of `oneOf`
     strict
      error the response body gets one more alternative of `oneOf`
      warn the request body gets one more alternative of `oneOf`
    ");
}

/// Two paths with an operation each, one more internal; the component is used by all.
const SHOP: &str = r"openapi: 3.0.3
info: { title: Shop, version: '1' }
paths:
  /pets:
    get:
      operationId: listPets
      tags: [public]
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
    post:
      operationId: addPet
      parameters: [ { name: dry, in: query, schema: { type: boolean } } ]
      responses: { '201': { description: ok } }
  /internal/pets:
    get:
      operationId: dumpPets
      tags: [internal]
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties: { id: { type: string }, name: { type: string }, age: { type: integer } }
";

/// The shop with a name that may be missing, without an age, without the parameter, and without the dump.
fn smaller() -> String {
    let (before, after) = SHOP.split_once("  /internal/pets:\n").unwrap();
    let (_, after) = after.split_once("components:").unwrap();
    format!("{before}components:{after}")
        .replace("required: [id, name]", "required: [id]")
        .replace(", age: { type: integer }", "")
        .replace("parameters: [ { name: dry, in: query, schema: { type: boolean } } ]", "deprecated: true")
}

fn shop(judgement: &Judgement) -> Judged {
    judged(SHOP.as_bytes(), smaller().as_bytes(), judgement)
}

#[test]
fn a_level_of_a_single_rule_holds_whatever_the_promise_says() {
    let levels = [
        ("response-property-became-optional", Setting::Info),
        ("endpoint-deprecated", Setting::Error),
        ("request-parameter-removed", Setting::Off),
    ];
    let levels = levels.map(|(id, setting)| (id.to_owned(), setting));
    let mut all = String::new();
    for profile in Profile::ALL {
        let judgement = Judgement { levels: levels.clone().into(), ..promising(profile) };
        writeln!(all, "{profile}\n{}", told(&shop(&judgement).report)).unwrap();
    }
    assert_snapshot!(all, @"
    wire
    error api-path-removed-without-deprecation get /internal/pets
    error endpoint-deprecated post /pets
    info response-optional-property-removed get /pets
    info response-property-became-optional get /pets
    Breaking: 2 error, 0 warn, 2 info, 0 filtered, 1 off

    client
    error api-path-removed-without-deprecation get /internal/pets
    error endpoint-deprecated post /pets
    error response-optional-property-removed get /pets
    info response-property-became-optional get /pets
    Breaking: 3 error, 0 warn, 1 info, 0 filtered, 1 off

    sdk
    error api-path-removed-without-deprecation get /internal/pets
    error endpoint-deprecated post /pets
    error response-optional-property-removed get /pets
    info response-property-became-optional get /pets
    Breaking: 3 error, 0 warn, 1 info, 0 filtered, 1 off

    strict
    error api-path-removed-without-deprecation get /internal/pets
    error endpoint-deprecated post /pets
    error response-body-pattern-property-removed get /pets
    error response-optional-property-removed get /pets
    info response-property-became-optional get /pets
    Breaking: 4 error, 0 warn, 1 info, 0 filtered, 1 off
    ");
}

#[test]
fn operations_that_nobody_asked_for_are_left_out_and_counted() {
    let mut all = String::new();
    for (include, exclude) in [
        (&[][..], &["/internal/**"][..]),
        (&["get **"], &[]),
        (&["/pets"], &["POST /pets"]),
        (&["operation:list*"], &[]),
        (&[], &["tag:internal", "operation:addPet"]),
        (&["/nothing"], &[]),
    ] {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let filter = Filter { include: patterns(include), exclude: patterns(exclude) };
        let judged = shop(&Judgement { filter, ..promising(Profile::Wire) });
        writeln!(all, "{include:?} without {exclude:?}\n{}", told(&judged.report)).unwrap();
    }
    assert_snapshot!(all, @r#"
    [] without ["/internal/**"]
    error response-property-became-optional get /pets
    warn request-parameter-removed post /pets
    info endpoint-deprecated post /pets
    info response-optional-property-removed get /pets
    Breaking: 1 error, 1 warn, 2 info, 1 filtered, 0 off

    ["get **"] without []
    error api-path-removed-without-deprecation get /internal/pets
    error response-property-became-optional get /pets
    info response-optional-property-removed get /pets
    Breaking: 2 error, 0 warn, 1 info, 2 filtered, 0 off

    ["/pets"] without ["POST /pets"]
    error response-property-became-optional get /pets
    info response-optional-property-removed get /pets
    Breaking: 1 error, 0 warn, 1 info, 3 filtered, 0 off

    ["operation:list*"] without []
    error response-property-became-optional get /pets
    info response-optional-property-removed get /pets
    Breaking: 1 error, 0 warn, 1 info, 3 filtered, 0 off

    [] without ["tag:internal", "operation:addPet"]
    error response-property-became-optional get /pets
    info response-optional-property-removed get /pets
    Breaking: 1 error, 0 warn, 1 info, 3 filtered, 0 off

    ["/nothing"] without []
    Compatible: 0 error, 0 warn, 0 info, 5 filtered, 0 off
    "#);
}

#[test]
fn a_description_that_is_gone_or_broken_is_not_left_out() {
    let filter = Filter { include: vec!["/elsewhere".parse().unwrap()], ..Filter::default() };
    let judgement = Judgement { filter, ..promising(Profile::Wire) };
    let broken = judged(SHOP.as_bytes(), b"openapi: [", &judgement).report;
    assert!(broken.summary.error > 0, "{}", told(&broken));
    let (tree, defects) = read("base", SHOP.as_bytes());
    let description = lower(&tree, defects);
    let gone = judge(rollgate::openapi::compare::deleted(&description), &[&description], &judgement).report;
    assert_eq!(gone.summary.error, 1, "{}", told(&gone));
}

#[test]
fn a_policy_sees_what_counts() {
    let accepted = vec![
        Entry {
            operation: operation("get /internal/pets"),
            ..entry("api-path-removed-without-deprecation", 3)
        },
        Entry { operation: operation("get /pets"), ..entry("response-property-became-optional", 6) },
    ];
    let filter = Filter { exclude: vec!["POST /pets".parse().unwrap()], ..Filter::default() };
    let judged = shop(&Judgement { accepted, filter, ..promising(Profile::Wire) });
    let seen = rollgate::snapshot::schema::report(&judged.report);
    let ids: Vec<_> = seen.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!((seen.errors, seen.warnings, seen.infos), (0, 0, 1));
    assert_eq!(ids, ["response-optional-property-removed"]);
}

#[test]
fn advice_on_the_version_goes_with_what_it_is_about() {
    let versioned = |text: &str, version: &str| text.replace("version: '1'", &format!("version: {version}"));
    let (base, revision) = (versioned(SHOP, "1.0.0"), versioned(&smaller(), "1.1.0"));
    let advice = "api-major-version-not-bumped";
    let has = |judgement: &Judgement| {
        let judged = judged(base.as_bytes(), revision.as_bytes(), judgement);
        judged.report.findings.iter().any(|finding| finding.id == advice)
    };
    let accepted = vec![
        Entry {
            operation: operation("get /internal/pets"),
            ..entry("api-path-removed-without-deprecation", 3)
        },
        Entry { operation: operation("get /pets"), ..entry("response-property-became-optional", 6) },
    ];
    let one = Judgement { accepted: accepted[..1].to_vec(), ..promising(Profile::Wire) };
    let both = Judgement { accepted, ..promising(Profile::Wire) };
    assert_eq!([&promising(Profile::Wire), &one, &both].map(has), [true, true, false]);
}

fn entry(id: &str, line: u32) -> Entry {
    Entry {
        id: id.into(),
        subject: None,
        operation: None,
        fingerprint: None,
        reason: "agreed".into(),
        owner: None,
        expires: None,
        at: Location { file: "accepted.yaml".into(), line, column: 5 },
    }
}

fn operation(text: &str) -> Option<(String, String)> {
    text.split_once(' ').map(|(method, path)| (method.into(), path.into()))
}

#[test]
fn accepted_changes_do_not_count_and_are_told_with_their_reason() {
    let subject = |subject: &str| Some(subject.to_owned());
    let became = "response-property-became-optional";
    let at = "/components/schemas/Pet/required/1";
    let own = shop(&promising(Profile::Wire)).report;
    let finding = own.findings.iter().find(|finding| finding.id == became).unwrap();
    assert_eq!(finding.subject, at);
    let fingerprint = Some(finding.fingerprint.clone());
    let mut all = String::new();
    for (what, accepted) in [
        ("by its place", vec![Entry { subject: subject(at), ..entry(became, 3) }]),
        ("at another place", vec![Entry { subject: subject("/components/schemas/Pet"), ..entry(became, 3) }]),
        ("by its fingerprint", vec![Entry { fingerprint, ..entry(became, 3) }]),
        (
            "by another fingerprint",
            vec![Entry {
                subject: subject(at),
                fingerprint: subject("0000000000000000"),
                ..entry(became, 3)
            }],
        ),
        ("for one of two operations", vec![Entry { operation: operation("get /pets"), ..entry(became, 3) }]),
        (
            "for both operations",
            vec![
                Entry { operation: operation("get /pets"), reason: "first".into(), ..entry(became, 3) },
                Entry {
                    operation: operation("GET /internal/pets"),
                    reason: "second".into(),
                    ..entry(became, 6)
                },
            ],
        ),
        (
            "until yesterday",
            vec![Entry { subject: subject(at), expires: Some(date(2026, 6, 30)), ..entry(became, 3) }],
        ),
        (
            "until today",
            vec![Entry { subject: subject(at), expires: Some(date(2026, 7, 1)), ..entry(became, 3) }],
        ),
    ] {
        let judgement = Judgement { accepted, ..promising(Profile::Wire) };
        let Judged { report, met } = shop(&judgement);
        let kept: String = told(&report)
            .lines()
            .filter(|line| line.contains(became) || line.contains("0 filtered"))
            .map(|line| format!("  {line}\n"))
            .collect();
        let remarks: String = out_of_date(&judgement.accepted, &met, judgement.today)
            .iter()
            .map(|it| format!("  {}: {}\n", it.code, it.message))
            .collect();
        writeln!(all, "{what}\n{kept}{remarks}").unwrap();
    }
    assert_snapshot!(all, @"
    by its place
      accepted error response-property-became-optional get /pets: agreed
      Breaking: 1 error, 1 warn, 2 info, 0 filtered, 0 off

    at another place
      error response-property-became-optional get /pets
      Breaking: 2 error, 1 warn, 2 info, 0 filtered, 0 off
      accepted-stale: `response-property-became-optional` at `/components/schemas/Pet` is accepted and not found: remove the entry

    by its fingerprint
      accepted error response-property-became-optional get /pets: agreed
      Breaking: 1 error, 1 warn, 2 info, 0 filtered, 0 off

    by another fingerprint
      error response-property-became-optional get /pets
      Breaking: 2 error, 1 warn, 2 info, 0 filtered, 0 off
      accepted-stale: `response-property-became-optional` at `/components/schemas/Pet/required/1` with the fingerprint 0000000000000000 is accepted and not found: remove the entry

    for one of two operations
      accepted error response-property-became-optional get /pets: agreed
      Breaking: 1 error, 1 warn, 2 info, 0 filtered, 0 off

    for both operations
      accepted error response-property-became-optional get /pets: first
      Breaking: 1 error, 1 warn, 2 info, 0 filtered, 0 off
      accepted-stale: `response-property-became-optional` for `GET /internal/pets` is accepted and not found: remove the entry

    until yesterday
      error response-property-became-optional get /pets
      Breaking: 2 error, 1 warn, 2 info, 0 filtered, 0 off
      accepted-expired: `response-property-became-optional` at `/components/schemas/Pet/required/1` was accepted until 2026-06-30: it counts again; renew the day or remove the entry

    until today
      accepted error response-property-became-optional get /pets: agreed
      Breaking: 1 error, 1 warn, 2 info, 0 filtered, 0 off
    ");
}
