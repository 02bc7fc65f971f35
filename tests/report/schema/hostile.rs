//! Reports of descriptions in which everything that can be foreign is hostile.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rollgate::openapi::finding::{
    Carried, Diagnostic, Gravity, Location, OperationKind, OperationName, Report, SideName, Witness,
};
use rollgate::report::link::{Links, Pages};
use rollgate::report::publication::{Conclusion, GateKind, Subject};
use rollgate::report::schema::json::{self, Listing};
use rollgate::report::schema::publication::{self, Judgement};
use rollgate::report::schema::sources::Sources;
use rollgate::report::schema::text::{self, Layout};
use rollgate::report::schema::{html, junit, sarif};

use super::sample::{self, Texts};
use crate::support::property;

const EVIL: &str = "\x1b[2J|a\r\n| b | <img src=x onerror=y> `c` ``` [d](http://e.example) @team ::error::f ##[g] \u{202e}h\n```\n## i </details>";

/// A report in which every foreign text is this one.
fn all(evil: &str) -> Report {
    let mut report = sample::breaking();
    for side in [&mut report.base, &mut report.revision] {
        side.title = Some(evil.into());
        side.version = Some(evil.into());
        side.openapi = Some(evil.into());
        side.file = Some(evil.into());
    }
    for operation in &mut report.operations {
        *operation = OperationName { kind: OperationKind::Webhook, method: evil.into(), path: evil.into() };
    }
    let place = Location { file: evil.into(), line: 1, column: 1 };
    for finding in &mut report.findings {
        finding.message = evil.into();
        finding.id = evil.into();
        finding.witness = Some(Witness {
            accepted_by: SideName::Base,
            carried: Carried::Body,
            operation: Some(OperationName {
                kind: OperationKind::Webhook,
                method: evil.into(),
                path: evil.into(),
            }),
            status: Some(evil.into()),
            media_type: Some(evil.into()),
            name: Some(evil.into()),
            value: Some(serde_json::json!({ evil: [evil] })),
            message: Some(evil.into()),
            read_as: Some([serde_json::json!(evil), serde_json::json!([evil])].into()),
        });
        finding.subject = format!("/components/schemas/{}", evil.replace('~', "~0").replace('/', "~1"));
        finding.base_location = Some(place.clone());
        finding.revision_location = Some(place.clone());
    }
    report.diagnostics.push(Diagnostic {
        code: evil.into(),
        level: Gravity::Error,
        message: evil.into(),
        location: Some(place),
        pointer: Some(evil.into()),
    });
    report
}

fn texts(evil: &str) -> [rollgate::openapi::tree::Tree; 2] {
    [(); 2].map(|()| rollgate::openapi::tree::Builder::new(evil, evil.to_owned()).finish(None))
}

fn in_all_forms(evil: &str) -> [String; 7] {
    let report = all(evil);
    let [base, revision] = texts(evil);
    let sources = Sources::of([&base], [&revision]);
    let pages = Pages::github("https://github.com", "acme/shop", &"a".repeat(40));
    let links = Links { base: pages.clone(), revision: pages };
    let judgement = Judgement {
        subject: Subject { service: "shop".into(), gate: GateKind::Schema },
        conclusion: Conclusion::Failed,
        remarks: vec![evil.into()],
    };
    let publication = publication::of(&report, &sources, &links, judgement);
    let annotations: Vec<_> =
        publication.annotations.iter().map(|it| format!("{}\n{}", it.title, it.message)).collect();
    [
        text::render(&report, &sources, Layout::default()),
        publication.summary(),
        publication.headline,
        annotations.join("\n"),
        html::render(&report, &sources),
        sarif::render(&report, &sources),
        junit::render(&report),
    ]
}

/// What no line of a report may do, whatever it quotes.
fn harmless(page: &str) -> Result<(), TestCaseError> {
    let bad = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2028}')
    };
    prop_assert!(!page.chars().any(bad), "{page:?}");
    prop_assert!(!page.contains("::") && !page.contains("##["), "{page}");
    Ok(())
}

#[test]
fn hostile_text_is_plain_text_in_markdown() {
    let [_, page, ..] = in_all_forms(EVIL);
    harmless(&page).unwrap();
    let mut is_quoted = false;
    for line in page.lines() {
        if line.starts_with("```") {
            assert!(line == "```" || line == "```diff", "{line}");
            is_quoted = line == "```diff";
        } else if is_quoted {
            assert!(line.starts_with(['+', '-', ' ']), "{line}");
        } else {
            assert!(!line.contains("<img") && !line.contains("@team"), "{line}");
            assert!(!line.replace("\\]", "").contains("](http://"), "{line}");
            assert!(!line.starts_with('#') || line.starts_with("## ❌ "), "{line}");
        }
    }
    assert_eq!(page.matches("\n</details>\n").count(), page.matches("<details").count());
}

/// Names of the tags of a page.
fn tags(page: &str) -> BTreeSet<&str> {
    page.split('<').skip(1).map(|rest| rest.split(['>', ' ', '\n']).next().unwrap()).collect()
}

#[test]
fn hostile_text_is_plain_text_in_html_and_xml() {
    let [.., page, _, xml] = in_all_forms(EVIL);
    let sound = html::render(&sample::breaking(), &Texts::default().sources());
    assert_eq!(tags(&page).difference(&tags(&sound)).collect::<Vec<_>>(), Vec::<&&str>::new());
    let sound = junit::render(&sample::breaking());
    assert_eq!(tags(&xml).difference(&tags(&sound)).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn no_cell_of_the_table_of_places_can_break_it() {
    let mut report = all(EVIL);
    report.findings[0].subject = "/paths/~1x".into();
    let page = rollgate::report::schema::markdown::render(&report, &Sources::default(), &Links::default());
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 4, "{page}");
    for row in rows {
        assert_eq!(row.replace("\\\\", "").replace("\\|", "").matches('|').count(), 5, "{row}");
    }
}

#[test]
fn no_text_breaks_any_form() {
    property::check(48, &any::<String>(), |evil| {
        for page in in_all_forms(&evil) {
            harmless(&page)?;
        }
        for listing in [Listing::PerPlace, Listing::PerOperation] {
            let shown = json::render(&all(&evil), listing);
            harmless(&shown)?;
            let report: serde_json::Value = serde_json::from_str(&shown).unwrap();
            prop_assert_eq!(&report["findings"][0]["message"], &evil);
        }
        Ok(())
    });
}

#[test]
fn json_says_exactly_what_the_description_says() {
    let shown = json::render(&all(EVIL), Listing::PerPlace);
    harmless(&shown).unwrap();
    let report: Report = serde_json::from_str(&shown).unwrap();
    assert_eq!(report, all(EVIL));
}

#[test]
fn endless_texts_are_cut() {
    let endless = "x\u{5b57}`".repeat(1 << 18);
    for page in in_all_forms(&endless) {
        assert!(page.len() < 128 * 1024, "{}", page.len());
    }
}

#[test]
fn one_endless_line_is_shown_around_the_place() {
    let mut report = sample::report(vec![sample::breaking().findings.remove(2)]);
    let filler = format!("{{\"{}\": 1, ", "字".repeat(40_000));
    let base = format!("{filler}\"maximum\": 100}}");
    // Beyond 64 KiB of one line a column counts bytes.
    let place =
        Location { file: "v1.yaml".into(), line: 1, column: u32::try_from(filler.len()).unwrap() + 1 };
    report.findings[0].base_location = Some(place);
    let texts = Texts::new(&base, sample::REVISION);
    let shown = text::render(&report, &texts.sources(), Layout::default());
    let lines: Vec<&str> = shown.lines().filter(|line| line.contains(" | ") && !line.contains('[')).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    1 | - …字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字": 1, "maximum": 100}
      |                                                                           ^^^^^^^^^
    7 | + - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
      |                                                        ^^^^^^^
    "#);
}

#[test]
fn a_place_beyond_its_file_has_no_excerpt() {
    let mut report = sample::report(vec![sample::breaking().findings.remove(2)]);
    for place in [(0, 0), (u32::MAX, u32::MAX), (7, u32::MAX), (1_000, 1)] {
        let place = Location { file: "v1.yaml".into(), line: place.0, column: place.1 };
        report.findings[0].base_location = Some(place.clone());
        report.findings[0].revision_location = Some(place);
        let _ = text::render(&report, &Texts::default().sources(), Layout::default());
    }
}
