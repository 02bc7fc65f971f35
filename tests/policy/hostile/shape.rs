//! What lies around a guest: sections, names and descriptions that are too much, too odd, or not what they say.

use insta::assert_snapshot;

use super::{judged, refused};
use crate::policy::guest::{Guest, Verdict};

/// The component with a custom section of so many bytes in front of all others.
fn padded(length: usize) -> Vec<u8> {
    let component = Guest::saying(Verdict::Promote, &[]).component();
    let section = wasm_encoder::CustomSection { name: "padding".into(), data: vec![0; length].into() };
    let mut bytes = component[..8].to_vec();
    bytes.push(0);
    wasm_encoder::Encode::encode(&section, &mut bytes);
    bytes.extend(&component[8..]);
    bytes
}

#[tokio::test]
async fn a_section_that_means_nothing_counts_by_its_size_alone() {
    assert_eq!(refused(padded(30 << 20)).await, "accepted");
    assert_snapshot!(refused(padded(32 << 20)).await, @r"
    the gate has a problem
    gate (policies/guest.wasm): it has 33563601 bytes, of which at most 32 MiB are accepted [not-a-policy]
      mend: strip debug information and names from the component
    ");
}

#[tokio::test]
async fn a_name_that_is_exported_twice_is_refused() {
    let twice = wat::parse_str(
        r#"(component
          (component $empty)
          (instance $i (instantiate $empty))
          (export "rollgate:policy/judge@1.0.0" (instance $i)))"#,
    )
    .unwrap();
    // The section with the export is the last one; it is there once more.
    let export = twice.windows(2).rposition(|pair| pair[0] == 11).unwrap();
    let section = twice[export..].to_vec();
    let length = usize::from(section[1]) + 2;
    let mut bytes = twice.clone();
    bytes.splice(export + length..export + length, section[..length].iter().copied());
    assert_snapshot!(refused(bytes).await, @r"
    the gate has a problem
    gate (policies/guest.wasm): it is not a valid component: export name `rollgate:policy/judge@1.0.0` conflicts with previous name `rollgate:policy/judge@1.0.0` [not-a-policy]
    ");
}

#[tokio::test]
async fn a_schema_that_is_none_is_a_bad_description() {
    let mut told = Vec::new();
    for schema in
        ["{", "[]", r#"{"type":"nonsense"}"#, r#"{"$ref":"https://example.org/x"}"#, r#"{"pattern":"(["}"#]
    {
        let mut guest = Guest::saying(Verdict::Promote, &[]);
        guest.schema = schema.into();
        told.push(refused(guest.component()).await);
    }
    assert_snapshot!(told.join("\n"), @r#"
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: EOF while parsing an object at line 1 column 1 [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: [] is not of types "boolean", "object" [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: "nonsense" is not valid under any of the schemas listed in the 'anyOf' keyword [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: Resource 'https://example.org/x' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.org/x [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    the gate has a problem
    gate (policies/guest.wasm): the schema of its settings is not usable: "([" is not a "regex" [bad-description]
      mend: return a JSON Schema of the draft 2020-12 without references to other documents
    "#);
}

/// What componentize-qjs makes without `--sync`.
#[tokio::test]
async fn a_component_that_wants_asynchronous_calls_is_told_how_to_do_without() {
    let asynchronous = wat::parse_str(
        r#"(component
          (core func $cancel (canon task.cancel))
          (component $empty)
          (instance $i (instantiate $empty))
          (export "rollgate:policy/judge@1.0.0" (instance $i)))"#,
    )
    .unwrap();
    assert_snapshot!(refused(asynchronous).await, @r"
    the gate has a problem
    gate (policies/guest.wasm): it is not a valid component: `task.cancel` requires the component model async feature [not-a-policy]
      mend: build it without asynchronous functions; `componentize-qjs` needs `--sync`
    ");
}

#[tokio::test]
async fn a_long_string_at_the_end_of_memory_is_a_violation() {
    // A list of reasons of which only the length is wrong.
    let guest = Guest::judging(|image| {
        let outcome = image.outcome(Verdict::Promote, &[], b"");
        format!("(i32.store offset=20 (i32.const {outcome}) (i32.const -1)) i32.const {outcome}")
    });
    assert_snapshot!(judged(guest).await, @r"
    contract-violation: `evaluate` returned what the interface does not allow: list pointer/length out of bounds of memory
    mend: build it again with current bindings for `rollgate:policy@1.0.0`
    ");
}
