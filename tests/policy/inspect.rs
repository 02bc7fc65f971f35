//! What an author is told of a policy.

use insta::assert_snapshot;
use rollgate::policy::engine::{Compiler, Strategy};
use rollgate::policy::inspect::{Report, inspect};
use rollgate::policy::limits::Limits;
use rollgate::policy::member::Load;
use rollgate::policy::process::WorkerProgram;

use super::guest::{Guest, Verdict};

async fn inspected(bytes: Vec<u8>, strategy: Strategy) -> Report {
    let program = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
    inspect(&Load { program, bytes: bytes.into(), limits: Limits::default(), strategy }).await
}

#[tokio::test]
async fn a_policy_that_is_accepted_is_described() {
    let mut guest = Guest::saying(Verdict::Promote, &[]);
    guest.needs = vec![("errors", 0)];
    let bytes = guest.component();
    let length = bytes.len();
    let mut report = inspected(bytes, Strategy::Automatic).await;
    let loaded = report.accepted.as_mut().unwrap();
    assert_eq!(report.digest, loaded.anatomy.digest);
    assert_eq!((report.size, loaded.anatomy.size), (length as u64, length as u64));
    let shown = serde_json::json!({
        "interface": loaded.anatomy.interface.to_string(),
        "imports": loaded.anatomy.imports,
        "exports": loaded.anatomy.exports,
        "description": loaded.description,
        "strategy": loaded.strategy,
    });
    assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
    {
      "description": {
        "documentation-url": null,
        "name": "guest",
        "needs": [
          {
            "kind": "ratio",
            "min-requests": 100,
            "name": "errors"
          }
        ],
        "settings-schema": "{}",
        "summary": "A guest of the tests.",
        "version": "1.0.0"
      },
      "exports": [
        "rollgate:policy/judge@1.0.0"
      ],
      "imports": [
        "rollgate:policy/log@1.0.0",
        "rollgate:policy/types@1.0.0"
      ],
      "interface": "1.0.0",
      "strategy": "winch"
    }
    "#);
}

#[tokio::test]
async fn each_compiler_can_be_asked_for() {
    let mut fuel = Vec::new();
    for compiler in [Compiler::Winch, Compiler::Cranelift] {
        let bytes = Guest::saying(Verdict::Promote, &[]).component();
        let loaded = inspected(bytes, Strategy::Only(compiler)).await.accepted.unwrap();
        assert_eq!(loaded.strategy, compiler.as_str());
        fuel.push(loaded.fuel);
    }
    assert!(fuel.iter().all(|fuel| *fuel > 0), "{fuel:?}");
}

#[tokio::test]
async fn a_policy_that_is_not_accepted_is_told_why() {
    let report = inspected(b"(module)".to_vec(), Strategy::Automatic).await;
    assert_eq!(report.size, 8);
    assert_snapshot!(report.accepted.unwrap_err(), @"not-a-policy: it is WebAssembly text, not a component");
}
