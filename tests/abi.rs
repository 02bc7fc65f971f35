//! The interface is a promise: released versions are kept, the working one must not break them, and guests that were built
//! for them must load and decide as recorded.

use std::path::{Path, PathBuf};

use rollgate::policy::engine::Strategy;
use rollgate::policy::limits::Limits;
use rollgate::policy::member::{Load, Question};
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::seat::Seat;
use rollgate::support::units::{Millis, Sha256};
use rollgate::verdict::compare;
use wit_component::semver_check;
use wit_parser::{Resolve, WorldId};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn interface(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap()
}

/// The world of a released version and that of `working`, in one resolution.
fn worlds(released: &str, working: &str) -> (Resolve, WorldId, WorldId) {
    let mut resolve = Resolve::default();
    // Two packages of one name and version cannot stand side by side; the check compares shapes, not versions.
    let mut world = |text: &str, version: &str| {
        let (head, rest) = text.split_once("package rollgate:policy@").unwrap();
        let (_, rest) = rest.split_once(';').unwrap();
        let text = format!("{head}package rollgate:policy@{version};{rest}");
        let package = resolve.push_str("policy.wit", &text).unwrap();
        resolve.select_world(&[package], Some("policy")).unwrap()
    };
    let (one, other) = (world(released, "0.0.1"), world(working, "0.0.2"));
    (resolve, one, other)
}

fn version_of(wit: &str) -> semver::Version {
    let (_, rest) = wit.split_once("package rollgate:policy@").unwrap();
    rest.split_once(';').unwrap().0.parse().unwrap()
}

/// Released versions in the order of their numbers.
fn released() -> Vec<String> {
    let folders = std::fs::read_dir(root("tests/fixtures/wit-released")).unwrap();
    let mut names: Vec<_> =
        folders.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort_by_key(|name| name.parse::<semver::Version>().unwrap());
    names
}

/// Digests of what was released. A line is added with a release and never changed.
const RELEASED: &[(&str, &str)] =
    &[("1.0.0", "9a6bb606a0551e3dbe325a60fc90ca4269189d23a183c1dc06624e4cf2fd2098")];

#[test]
fn released_versions_are_never_edited() {
    let found: Vec<(String, String)> = released()
        .into_iter()
        .map(|version| {
            let text = interface(&format!("tests/fixtures/wit-released/{version}/policy.wit"));
            assert_eq!(version_of(&text).to_string(), version);
            let digest = Sha256::of(text.as_bytes()).to_string();
            (version, digest)
        })
        .collect();
    let recorded: Vec<_> =
        RELEASED.iter().map(|(version, digest)| ((*version).to_owned(), (*digest).to_owned())).collect();
    assert_eq!(found, recorded);
}

#[test]
fn the_working_world_does_not_break_a_released_one_of_its_major() {
    let working = interface("wit/v1/policy.wit");
    for version in released() {
        let old = interface(&format!("tests/fixtures/wit-released/{version}/policy.wit"));
        if version_of(&old).major != version_of(&working).major {
            continue;
        }
        assert!(version_of(&old) <= version_of(&working));
        let (resolve, old, new) = worlds(&old, &working);
        semver_check(resolve, old, new).unwrap();
    }
}

#[test]
fn a_break_is_noticed() {
    let old = interface("tests/fixtures/wit-released/1.0.0/policy.wit");
    for (from, to) in [
        ("steps: u32,", "steps: u32, extra: u32,"),
        ("memory: list<u8>) -> result", "memory: list<u8>, more: u32) -> result"),
        (
            "    describe: func() -> description;\n",
            "    describe: func() -> description;\n    explain: func() -> string;\n",
        ),
    ] {
        let broken = old.replacen(from, to, 1);
        assert_ne!(old, broken, "{from}");
        let (resolve, released, working) = worlds(&old, &broken);
        assert!(semver_check(resolve, released, working).is_err(), "{from}");
    }
}

/// A guest that was built once, with what it must answer to the two cases of a new policy.
struct Exhibit {
    file: &'static str,
    language: &'static str,
    sha256: &'static str,
}

/// Guests built for released versions, by language. A line is added with a release and never changed.
const MUSEUM: &[Exhibit] = &[
    Exhibit {
        file: "1.0.0/c.wasm",
        language: "C, wit-bindgen 0.61.1, clang 14",
        sha256: "145043e1c2bfe421cbe06097efb8faf70a3064e30fe5065038284063d054bf03",
    },
    Exhibit {
        file: "1.0.0/javascript.wasm",
        language: "JavaScript, componentize-qjs 0.4.5",
        sha256: "e34f0e0028f16f7c6f39bed9e571bb02749bf65afdf02328c0624be8f8096572",
    },
    Exhibit {
        file: "1.0.0/rust.wasm",
        language: "Rust 1.95, wit-bindgen 0.61.1",
        sha256: "076a06d7749fae57a46b13df8a65b518bbafc9ecacc40642b7f31c7f5546188f",
    },
];

#[tokio::test]
async fn guests_of_released_versions_load_and_decide_as_recorded() {
    for exhibit in MUSEUM {
        let bytes = std::fs::read(root("tests/fixtures/museum").join(exhibit.file)).unwrap();
        assert_eq!(Sha256::of(&bytes).to_string(), exhibit.sha256, "{}", exhibit.file);
        let load = Load {
            program: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
            bytes: bytes.into(),
            // With all the time that a busy machine takes to compile them.
            limits: Limits { compile_wall: Millis(300_000), ..Limits::default() },
            strategy: Strategy::Automatic,
        };
        let mut seat = Seat::open(load).await.unwrap_or_else(|fault| panic!("{}: {fault}", exhibit.language));
        let version = exhibit.file.split('/').next().unwrap();
        assert_eq!(seat.loaded().anatomy.interface.to_string(), version);
        let file = std::fs::read(root("templates/policy/cases.yaml")).unwrap();
        let cases = rollgate::config::cases::parse("cases.yaml", &file, &|_| Err(String::new())).unwrap();
        let mut answers = Vec::new();
        for case in &cases.cases {
            let body = serde_json::to_vec(&case.snapshot).unwrap();
            let question = Question { snapshot: &case.snapshot, body: &body, settings: "{}", memory: &[] };
            answers.push(compare::answer(&seat.evaluate(question).await.answer).clone());
        }
        seat.close().await;
        assert_eq!(answers, ["advance", "rollback"], "{}", exhibit.language);
    }
    let kept = std::fs::read_dir(root("tests/fixtures/museum/1.0.0")).unwrap().count();
    assert_eq!(kept, MUSEUM.len(), "every guest of the museum is asked");
}
