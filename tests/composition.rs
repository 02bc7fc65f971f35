//! What a composition concludes: the table of `docs/policies.md`, cell by cell.

use rollgate::verdict::combine::combine;
use rollgate::verdict::model::{
    Answer, Composition, Fault, FaultKind, Member, Outcome, Refusal, Share, Verdict,
};

/// An answer in the words of the table.
fn answer(word: &str) -> Answer {
    let says = |verdict| Answer::Outcome(Outcome { verdict, reasons: Vec::new(), memory: Vec::new() });
    match word {
        "fault" => {
            Answer::Fault(Fault { kind: FaultKind::Trapped, message: "unreachable".into(), mend: None })
        }
        "refusal" => Answer::Refusal(Refusal::InsufficientData("12 requests".into())),
        verdict => says(verdict_of(verdict)),
    }
}

fn verdict_of(words: &str) -> Verdict {
    let number = |rest: &str| rest.split(' ').next().unwrap().parse::<u32>().unwrap();
    if let Some(rest) = words.strip_prefix("advance to ") {
        return Verdict::Advance(Some(u8::try_from(number(rest)).unwrap()));
    }
    if let Some(rest) = words.strip_prefix("hold for ") {
        return Verdict::Hold(Some(number(rest)));
    }
    match words {
        "advance" => Verdict::Advance(None),
        "promote" => Verdict::Promote,
        "hold" | "hold (fault)" | "hold (refusal)" => Verdict::Hold(None),
        "rollback" => Verdict::Rollback,
        other => panic!("{other}"),
    }
}

fn members(words: &str) -> Vec<Member> {
    let answers = words.split(", ").map(answer).enumerate();
    let member = |(at, answer)| Member {
        id: format!("part {at}"),
        policy: "p.wasm".into(),
        digest: None,
        answer,
        log: Vec::new(),
        usage: None,
    };
    answers.map(member).collect()
}

#[test]
fn every_cell_of_the_documented_table_is_what_is_concluded() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, table) = docs.split_once("| the parts say | `all` |").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let parts = || (0..3).map(Composition::Member).collect::<Vec<_>>();
    let shares = [2, 1, 1].into_iter().zip(parts()).map(|(weight, part)| Share { weight, part }).collect();
    let compositions = [
        Composition::All(parts()),
        Composition::Any(parts()),
        Composition::Quorum { needed: 2, of: parts() },
        Composition::Weighted { needed: 3, of: shares },
    ];
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let members = members(cells[0]);
        assert_eq!((members.len(), cells.len()), (3, 5), "{row}");
        for (composition, cell) in compositions.iter().zip(&cells[1..]) {
            let decision = combine(composition, &members);
            assert_eq!(decision.verdict, verdict_of(cell), "{composition:?} of {}", cells[0]);
            // A hold that nobody asked for says why.
            let blocked = matches!(decision.verdict, Verdict::Hold(_)) && !decision.blocked_by.is_empty();
            assert_eq!(blocked, cell.contains('('), "{composition:?} of {}", cells[0]);
            assert_eq!(decision.fault, cells[0].contains("fault"), "{row}");
        }
    }
    assert!(rows.len() >= 16, "{rows:?}");
}
