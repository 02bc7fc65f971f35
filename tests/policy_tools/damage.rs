//! Records that were edited, cut or mixed up: each is an error that names the place, at once.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rollgate::rollout::recorded::{self, Recorded};
use rollgate::snapshot::canonical;
use rollgate::support::units::Sha256;
use rustix::fs::{CWD, Mode, mkfifoat};

use super::corpus::{failing, record, rollout};

const LIMIT: &str = r#"{ "error-rate": 0.01 }"#;

/// What is done to a run, in a word, and how.
type Edit<'a> = (&'a str, &'a dyn Fn(&Path));

/// A check of three looks.
fn check(folder: &Path) -> PathBuf {
    let snapshots = vec![failing(1), failing(2), failing(30)];
    record(folder, "run-1", &[("builtin:thresholds", LIMIT)], snapshots);
    folder.join(".rollgate/checks/run-1")
}

/// A rollout of three looks.
fn canary(folder: &Path) -> PathBuf {
    rollout(folder, "run-1", LIMIT, vec![failing(1), failing(2), failing(3)])
}

fn look(run: &Path, number: u32) -> PathBuf {
    run.join(format!("looks/{number:04}.json"))
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Writes a look as an editor of JSON would.
fn format(path: &Path) {
    let look: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    std::fs::write(path, serde_json::to_string_pretty(&look).unwrap()).unwrap();
}

fn remove(path: PathBuf) {
    std::fs::remove_file(path).unwrap();
}

/// What reading says within ten seconds.
fn read(run: &Path) -> Result<Recorded, String> {
    let (said, hears) = mpsc::channel();
    let run = run.to_owned();
    std::thread::spawn(move || {
        // Nobody hears what is said too late.
        let _ = said.send(recorded::read(&run).map_err(|error| error.to_string()));
    });
    hears.recv_timeout(Duration::from_secs(10)).expect("reading ends")
}

/// What is said of each edit of a run.
fn errors(begin: fn(&Path) -> PathBuf, edits: &[Edit<'_>]) -> String {
    let said = edits.iter().map(|(what, edit)| {
        let folder = tempfile::tempdir().unwrap();
        let run = begin(folder.path());
        edit(&run);
        let error = read(&run).expect_err(what);
        format!("{what}: {}\n", error.replace(&format!("{}/.rollgate/", folder.path().display()), ""))
    });
    said.collect()
}

#[test]
fn what_was_done_to_a_check_is_an_error_with_its_place() {
    let edits: [Edit<'_>; 11] = [
        ("an edited look", &|run| replace(&look(run, 1), "\"bad\":1", "\"bad\":0")),
        ("edited settings of the last look", &|run| replace(&look(run, 3), "0.01", "0.09")),
        ("a look that was formatted", &|run| format(&look(run, 2))),
        ("a look that is gone", &|run| remove(look(run, 2))),
        ("a last look that is gone", &|run| remove(look(run, 3))),
        ("looks in another order", &|run| std::fs::rename(look(run, 2), look(run, 1)).unwrap()),
        ("a look that is cut", &|run| {
            let file = std::fs::read(look(run, 2)).unwrap();
            std::fs::write(look(run, 2), &file[..file.len() / 2]).unwrap();
        }),
        ("another version", &|run| replace(&look(run, 3), "\"version\":1}", "\"version\":9}")),
        ("an edited journal", &|run| replace(&run.join("looks.jsonl"), "\"look\":1", "\"look\":2")),
        ("a journal that is gone", &|run| remove(run.join("looks.jsonl"))),
        ("no looks", &|run| std::fs::remove_dir_all(run.join("looks")).unwrap()),
    ];
    insta::assert_snapshot!(errors(check, &edits), @r"
    an edited look: read checks/run-1/looks/0001.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    edited settings of the last look: read checks/run-1/looks/0003.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    a look that was formatted: read checks/run-1/looks/0002.json: it is not canonical JSON (RFC 8785), as it was written; it was formatted or edited
    a look that is gone: read checks/run-1/looks/0002.json: it is not there
    a last look that is gone: read checks/run-1/looks/0003.json: it is not there
    looks in another order: read checks/run-1/looks/0001.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    a look that is cut: read checks/run-1/looks/0002.json: EOF while parsing a value at line 1 column 1312
    another version: read checks/run-1/looks/0003.json: it has version 9, this program reads version 1
    an edited journal: read checks/run-1/looks.jsonl line 2: it does not follow the line before; the record was damaged or edited, so its run cannot be carried on
    a journal that is gone: read checks/run-1/looks.jsonl: it is not there, and has the digests of the looks; the record was damaged or edited
    no looks: read checks/run-1/looks/0001.json: it is not there
    ");
}

#[test]
fn what_was_done_to_a_rollout_is_an_error_with_its_place() {
    let edits: [Edit<'_>; 7] = [
        ("an edited look", &|run| replace(&look(run, 2), "\"bad\":2", "\"bad\":0")),
        ("an edited limit of the last look", &|run| {
            replace(&look(run, 3), "\"memory-bytes\":", "\"memory-bytes\":1");
        }),
        ("a last look that was formatted", &|run| format(&look(run, 3))),
        ("a last look that is gone", &|run| remove(look(run, 3))),
        ("a header that is gone", &|run| remove(run.join("header.json"))),
        ("a journal that is gone", &|run| remove(run.join("journal.jsonl"))),
        ("no looks", &|run| std::fs::remove_dir_all(run.join("looks")).unwrap()),
    ];
    insta::assert_snapshot!(errors(canary, &edits), @r"
    an edited look: read runs/run-1/looks/0002.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    an edited limit of the last look: read runs/run-1/looks/0003.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    a last look that was formatted: read runs/run-1/looks/0003.json: it is not canonical JSON (RFC 8785), as it was written; it was formatted or edited
    a last look that is gone: read runs/run-1/looks/0003.json: it is not there
    a header that is gone: read runs/run-1/header.json: it is not there, and journal.jsonl is that of a rollout, which has one; the record was damaged or edited
    a journal that is gone: open runs/run-1/journal.jsonl: there is no such file
    no looks: read runs/run-1/looks/0001.json: it is not there
    ");
}

#[test]
fn a_journal_without_digests_still_holds_the_chain_and_the_decisions() {
    let edits: [Edit<'_>; 4] = [
        ("an edited look", &|run| {
            without_digests(run);
            replace(&look(run, 1), "\"settings\":\"", "\"settings\":\" ");
        }),
        ("a look that was formatted", &|run| {
            without_digests(run);
            format(&look(run, 3));
        }),
        ("an edited decision", &|run| {
            without_digests(run);
            replace(&look(run, 3), "\"fault\":false,\"verdict\"", "\"fault\":true,\"verdict\"");
        }),
        ("a first look that follows another", &|run| {
            without_digests(run);
            let digest = Sha256::of(b"a look");
            replace(&look(run, 1), "\"previous\":null", &format!("\"previous\":\"{digest}\""));
        }),
    ];
    insta::assert_snapshot!(errors(canary, &edits), @r"
    an edited look: read runs/run-1/looks/0002.json: it names another digest of look 1 than 0001.json has: look 1 or look 2 was damaged or edited
    a look that was formatted: read runs/run-1/looks/0003.json: it is not canonical JSON (RFC 8785), as it was written; it was formatted or edited
    an edited decision: read runs/run-1/looks/0003.json: its decision is not the one in the journal; the record was damaged or edited
    a first look that follows another: read runs/run-1/looks/0001.json: it names a look before it, and is the first; the record was damaged or edited
    ");
}

/// Writes the journal anew with lines that do not have the digests of the looks.
fn without_digests(run: &Path) {
    let path = run.join("journal.jsonl");
    let mut previous = serde_json::Value::Null;
    let mut text = String::new();
    for line in std::fs::read_to_string(&path).unwrap().lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(looked) = line.pointer_mut("/entry/event/looked") {
            looked.as_object_mut().unwrap().remove("record").unwrap();
        }
        line["previous"] = previous;
        let line = line.to_string();
        previous = Sha256::of(line.as_bytes()).to_string().into();
        text += &format!("{line}\n");
    }
    std::fs::write(path, text).unwrap();
    assert_eq!(read(run).unwrap().looks.len(), 3);
}

#[test]
fn a_pipe_or_a_folder_in_place_of_a_file_is_an_error_and_not_waited_for() {
    let pipe = |name: &'static str| {
        move |run: &Path| {
            remove(run.join(name));
            mkfifoat(CWD, run.join(name), Mode::RWXU).unwrap();
        }
    };
    let edits: [Edit<'_>; 4] = [
        ("a pipe for a look", &pipe("looks/0003.json")),
        ("a pipe for the header", &pipe("header.json")),
        ("a pipe for the journal", &pipe("journal.jsonl")),
        ("a folder for a look", &|run| {
            remove(look(run, 1));
            std::fs::create_dir(look(run, 1)).unwrap();
        }),
    ];
    insta::assert_snapshot!(errors(canary, &edits), @r"
    a pipe for a look: read runs/run-1/looks/0003.json: it is not a regular file
    a pipe for the header: read runs/run-1/header.json: it is not a regular file
    a pipe for the journal: open runs/run-1/journal.jsonl: it is not a regular file
    a folder for a look: read runs/run-1/looks/0001.json: it is not a regular file
    ");
}

#[test]
fn only_looks_that_are_there_are_named_as_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let run = canary(folder.path());
    for stray in [9_999, 4_294_967_295, 4] {
        std::fs::copy(look(&run, 3), look(&run, stray)).unwrap();
    }
    std::fs::copy(look(&run, 3), run.join("looks/07.json")).unwrap();
    let read = read(&run).unwrap();
    assert_eq!(read.looks.len(), 3);
    insta::assert_snapshot!(read.left_out.join("\n"), @r"
    look 4 has no line in the journal: its process ended before it acted on it
    look 9999 has no line in the journal
    look 4294967295 has no line in the journal
    ");
    for stray in 5..15 {
        std::fs::copy(look(&run, 3), look(&run, stray)).unwrap();
    }
    let left_out = recorded::read(&run).unwrap().left_out;
    assert_eq!(left_out.len(), 9);
    assert_eq!(left_out[8], "5 more looks have no line in the journal");
}

#[test]
fn a_rollout_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let run = canary(folder.path());
    let read = read(&run).unwrap();
    assert_eq!((read.looks.len(), read.left_out.len(), read.header.is_some()), (3, 0, true));
    let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    for look in &read.looks {
        let digest = canonical::digest(look).unwrap();
        assert!(journal.contains(&format!("\"record\":\"{digest}\"")), "{journal}");
    }
}
