//! Any bytes, and any well-formed modules and components: the loader refuses or accepts them, and never panics.
//!
//! The cases are few, for every run has the same ones; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` draw more and others.

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;
use rollgate::policy::anatomy::{self, Anatomy, Interface};
use rollgate::policy::build;
use rollgate::policy::engine::{Compiler, Policy, Strategy};
use rollgate::policy::limits::Limits;
use rollgate::support::units::Sha256;

use super::guest::{Guest, Verdict};
use crate::support::property;

fn bytes(most: usize) -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// Small, so that no case is a bomb: bombs are tested by themselves.
fn limits() -> Limits {
    Limits { component_bytes: 256 * 1024, fuel: 1_000_000, ..Limits::default() }
}

/// Compiles bytes as if they had been examined: what the runtime makes of them must be an answer too.
fn compile(bytes: &[u8]) {
    let anatomy = Anatomy {
        size: bytes.len() as u64,
        digest: Sha256::of(bytes),
        kind: rollgate::policy::anatomy::Kind::Component,
        interface: Interface { major: 1, minor: 0, patch: 0 },
        imports: Vec::new(),
        exports: Vec::new(),
        producers: Vec::new(),
    };
    for compiler in [Compiler::Winch, Compiler::Cranelift] {
        if let Ok(policy) = Policy::compile(bytes, &anatomy, limits(), Strategy::Only(compiler)) {
            let _ = policy.describe();
        }
    }
}

#[test]
fn any_module_is_made_a_component_or_refused() {
    property::check(60, &bytes(4096), |drawn| {
        if let Ok(module) = wasm_smith::Module::arbitrary(&mut Unstructured::new(&drawn)) {
            let module = module.to_bytes();
            assert!(anatomy::examine(&module, &limits()).is_err(), "a core module is no policy");
            if let Ok(component) = build::componentize(&module) {
                let _ = anatomy::examine(&component, &limits());
            }
        }
        Ok(())
    });
}

#[test]
fn any_component_is_examined_and_compiled_or_refused() {
    property::check(60, &bytes(4096), |drawn| {
        if let Ok(component) = wasm_smith::Component::arbitrary(&mut Unstructured::new(&drawn)) {
            let component = component.to_bytes();
            let _ = anatomy::examine(&component, &limits());
            compile(&component);
        }
        Ok(())
    });
}

#[test]
fn a_wounded_policy_is_examined_and_compiled_or_refused() {
    let whole = Guest::saying(Verdict::Promote, &[]).component();
    let wound = (any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    property::check(60, &prop::collection::vec(wound, 1..4), |wounds| {
        let mut bytes = whole.clone();
        for (at, byte, cut) in wounds {
            let at = at.index(bytes.len());
            if cut {
                bytes.remove(at);
            } else {
                bytes[at] = byte;
            }
        }
        let examined = anatomy::examine(&bytes, &limits());
        if examined.is_ok() {
            compile(&bytes);
        }
        Ok(())
    });
}
