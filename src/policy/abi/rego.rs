//! Policies that were compiled from Rego: core modules of OPA's WebAssembly ABI 1.x.
//!
//! `input` is the snapshot as JSON, as it is recorded; `data` is `{"settings": …, "memory": …}`. What the entrypoint says is
//! mapped by [`outcome`]; a rule without a value declines. The module gets nothing of the host but its memory: a policy
//! that needs a built-in function which is not part of the module is refused, since those read clocks and networks.
//!
//! It runs in the same process, store and limits as a component, each call in a fresh instance.

use serde::Deserialize;
use wasmtime::{Caller, Extern, ExternType, Instance, Linker, Memory, MemoryType, Module, TypedFunc};

use super::Store;
use crate::policy::Description;
use crate::policy::engine::Host;
use crate::snapshot::model::{Fact, FactValue, Snapshot};
use crate::support::text;
use crate::verdict::model::{Outcome, Reason, Refusal, Severity, Verdict};

/// A global that every module of this ABI exports.
pub const MARK: &str = "opa_wasm_abi_version";

/// What a module may import from `env`.
pub const IMPORTABLE: [&str; 8] = [
    "memory",
    "opa_abort",
    "opa_println",
    "opa_builtin0",
    "opa_builtin1",
    "opa_builtin2",
    "opa_builtin3",
    "opa_builtin4",
];

/// The rule that is asked where a module has several entrypoints.
const ENTRYPOINT: &str = "rollgate/verdict";

/// How the guest left the ABI.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

fn violation<T>(message: impl Into<String>) -> wasmtime::Result<T> {
    Err(Violation(message.into()).into())
}

/// A compiled module with what it may call.
pub struct Rego {
    module: Module,
    linker: Linker<Host>,
    memory: MemoryType,
}

impl Rego {
    /// Finds the memory that the module wants, and gives it what the ABI asks for.
    pub fn new(module: Module) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(module.engine());
        linker.func_wrap(
            "env",
            "opa_abort",
            |mut caller: Caller<'_, Host>, at: u32| -> wasmtime::Result<()> {
                let said = match caller.get_export("memory") {
                    Some(Extern::Memory(memory)) => text_at(memory.data(&caller), at, text::SHOWN),
                    _ => None,
                };
                violation(format!(
                    "the policy aborted: {}",
                    text::line(&said.unwrap_or_default(), text::SHOWN)
                ))
            },
        )?;
        // What a policy prints is for its author at home.
        linker.func_wrap("env", "opa_println", |_: u32| {})?;
        let missing =
            |_: u32| violation::<u32>("it calls a built-in function of the host, of which a policy has none");
        linker.func_wrap("env", "opa_builtin0", move |id: u32, _: u32| missing(id))?;
        linker.func_wrap("env", "opa_builtin1", move |id: u32, _: u32, _: u32| missing(id))?;
        linker.func_wrap("env", "opa_builtin2", move |id: u32, _: u32, _: u32, _: u32| missing(id))?;
        linker
            .func_wrap("env", "opa_builtin3", move |id: u32, _: u32, _: u32, _: u32, _: u32| missing(id))?;
        linker.func_wrap("env", "opa_builtin4", move |id: u32, _: u32, _: u32, _: u32, _: u32, _: u32| {
            missing(id)
        })?;
        let memory = module.imports().find_map(|import| match import.ty() {
            ExternType::Memory(memory) => Some(memory),
            _ => None,
        });
        let Some(memory) = memory else { return violation("it does not import its memory") };
        Ok(Self { module, linker, memory })
    }

    /// What the module tells of itself; a module that needs what no policy has is refused here.
    pub fn describe(&self, store: &mut Store) -> wasmtime::Result<Description> {
        let mut call = self.instantiate(store)?;
        let (major, minor) = (call.global(MARK)?, call.global("opa_wasm_abi_minor_version")?);
        if major != 1 || minor < 2 {
            return violation(format!(
                "it has version {major}.{minor} of OPA's ABI; 1.2 and later 1.x are spoken"
            ));
        }
        let builtins: serde_json::Map<String, serde_json::Value> = call.table("builtins")?;
        if let Some(name) = builtins.keys().next() {
            return violation(format!(
                "it needs the built-in function `{}` of the host, of which a policy has none",
                text::line(name, 100)
            ));
        }
        call.entrypoint()?;
        Ok(Description {
            name: "rego".into(),
            version: format!("{major}.{minor}"),
            summary: "A policy that was compiled from Rego".into(),
            documentation_url: None,
            settings_schema: r#"{"type":"object"}"#.into(),
            needs: Vec::new(),
        })
    }

    /// Evaluates the entrypoint.
    pub fn evaluate(
        &self,
        store: &mut Store,
        snapshot: &Snapshot,
        settings: &str,
        memory: &[u8],
    ) -> wasmtime::Result<Result<Outcome, Refusal>> {
        let settings: serde_json::Value = serde_json::from_str(settings)?;
        let data = serde_json::json!({ "settings": settings, "memory": String::from_utf8_lossy(memory) });
        let mut call = self.instantiate(store)?;
        let entrypoint = call.entrypoint()?;
        let (at, length) = call.put(&serde_json::to_vec(&data)?)?;
        let data =
            call.function::<(u32, u32), u32>("opa_json_parse")?.call(&mut *call.store, (at, length))?;
        let (input, length) = call.put(&serde_json::to_vec(snapshot)?)?;
        let heap = call.function::<(), u32>("opa_heap_ptr_get")?.call(&mut *call.store, ())?;
        let eval = call.function::<(u32, u32, u32, u32, u32, u32, u32), u32>("opa_eval")?;
        let said = eval.call(&mut *call.store, (0, entrypoint, data, input, length, heap, 0))?;
        outcome(&call.text(said)?)
    }

    fn instantiate<'s>(&self, store: &'s mut Store) -> wasmtime::Result<Call<'s>> {
        let memory = Memory::new(&mut *store, self.memory.clone())?;
        let mut linker = self.linker.clone();
        linker.define(&mut *store, "env", "memory", memory)?;
        let instance = linker.instantiate(&mut *store, &self.module)?;
        store.data_mut().started();
        Ok(Call { store, instance, memory })
    }
}

/// One instance.
struct Call<'s> {
    store: &'s mut Store,
    instance: Instance,
    memory: Memory,
}

impl Call<'_> {
    fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        name: &str,
    ) -> wasmtime::Result<TypedFunc<P, R>> {
        self.instance.get_typed_func(&mut *self.store, name)
    }

    fn global(&mut self, name: &str) -> wasmtime::Result<i32> {
        let global = self.instance.get_global(&mut *self.store, name);
        match global.map(|global| global.get(&mut *self.store)) {
            Some(wasmtime::Val::I32(value)) => Ok(value),
            _ => violation(format!("it does not export the number `{name}`")),
        }
    }

    /// Puts bytes into the guest's memory.
    fn put(&mut self, bytes: &[u8]) -> wasmtime::Result<(u32, u32)> {
        let Ok(length) = u32::try_from(bytes.len()) else { return violation("the snapshot is too long") };
        let at = self.function::<u32, u32>("opa_malloc")?.call(&mut *self.store, length)?;
        self.memory.write(&mut *self.store, at as usize, bytes)?;
        Ok((at, length))
    }

    /// A text that ends with a zero byte, of which a bounded part is read.
    fn text(&mut self, at: u32) -> wasmtime::Result<String> {
        let most = usize::try_from(self.store.data().hostcall_bytes()).unwrap_or(usize::MAX);
        match text_at(self.memory.data(&*self.store), at, most) {
            Some(text) => Ok(text),
            None => violation("what it returned is no text, or too long"),
        }
    }

    /// What one of the module's tables says, as JSON.
    fn table(&mut self, name: &str) -> wasmtime::Result<serde_json::Map<String, serde_json::Value>> {
        let table = self.function::<(), u32>(name)?.call(&mut *self.store, ())?;
        let json = self.function::<u32, u32>("opa_json_dump")?.call(&mut *self.store, table)?;
        Ok(serde_json::from_str(&self.text(json)?)?)
    }

    /// The number of the only entrypoint, or of [`ENTRYPOINT`] among several.
    fn entrypoint(&mut self) -> wasmtime::Result<u32> {
        let entrypoints = self.table("entrypoints")?;
        let found = match entrypoints.len() {
            1 => entrypoints.values().next(),
            _ => entrypoints.get(ENTRYPOINT),
        };
        match found.and_then(serde_json::Value::as_u64).and_then(|id| u32::try_from(id).ok()) {
            Some(id) => Ok(id),
            None => {
                violation(format!("it has {} entrypoints, none of them `{ENTRYPOINT}`", entrypoints.len()))
            }
        }
    }
}

fn text_at(memory: &[u8], at: u32, most: usize) -> Option<String> {
    let bytes = memory.get(at as usize..)?;
    let end = bytes.iter().take(most.saturating_add(1)).position(|byte| *byte == 0)?;
    String::from_utf8(bytes.get(..end)?.to_vec()).ok()
}

/// What an entrypoint may say: a verdict as a word, or with what belongs to it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Said {
    Word(Word),
    Whole(Whole),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Advance,
    Promote,
    Hold,
    Rollback,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Whole {
    verdict: Option<Word>,
    refuse: Option<String>,
    weight: Option<u8>,
    seconds: Option<u32>,
    #[serde(default)]
    reasons: Vec<Why>,
    #[serde(default)]
    memory: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Why {
    Text(String),
    Whole {
        #[serde(default)]
        severity: Option<Severity>,
        text: String,
        #[serde(default)]
        metric: Option<String>,
        #[serde(default)]
        evidence: serde_json::Map<String, serde_json::Value>,
    },
}

/// The outcome that OPA's set of results says.
fn outcome(json: &str) -> wasmtime::Result<Result<Outcome, Refusal>> {
    #[derive(Deserialize)]
    struct Result_ {
        result: serde_json::Value,
    }
    let results: Vec<Result_> = serde_json::from_str(json)?;
    let Some(first) = results.into_iter().next() else {
        let text = "the entrypoint has no value for this snapshot";
        return Ok(Err(Refusal::InsufficientData(text.into())));
    };
    let said: Said = match serde_json::from_value(first.result) {
        Ok(said) => said,
        Err(_) => {
            return violation(
                "the entrypoint is neither a verdict nor an object with `verdict`, `weight`, `seconds`, `reasons`, `memory` or `refuse`",
            );
        }
    };
    let whole = match said {
        Said::Word(verdict) => Whole {
            verdict: Some(verdict),
            refuse: None,
            weight: None,
            seconds: None,
            reasons: Vec::new(),
            memory: String::new(),
        },
        Said::Whole(whole) => whole,
    };
    let verdict = match (whole.verdict, whole.refuse) {
        (None, Some(why)) => return Ok(Err(Refusal::Other(why))),
        (Some(Word::Advance), None) => Verdict::Advance(whole.weight),
        (Some(Word::Promote), None) => Verdict::Promote,
        (Some(Word::Hold), None) => Verdict::Hold(whole.seconds),
        (Some(Word::Rollback), None) => Verdict::Rollback,
        _ => return violation("the entrypoint says both or neither of `verdict` and `refuse`"),
    };
    let reasons = whole.reasons.into_iter().map(reason).collect();
    Ok(Ok(Outcome { verdict, reasons, memory: whole.memory.into_bytes() }))
}

fn reason(why: Why) -> Reason {
    match why {
        Why::Text(text) => Reason { severity: Severity::Info, text, metric: None, evidence: Vec::new() },
        Why::Whole { severity, text, metric, evidence } => {
            let evidence = evidence.into_iter().map(|(name, value)| Fact { name, value: fact(value) });
            let severity = severity.unwrap_or(Severity::Info);
            Reason { severity, text, metric, evidence: evidence.collect() }
        }
    }
}

fn fact(value: serde_json::Value) -> FactValue {
    match value {
        serde_json::Value::Bool(value) => FactValue::Boolean(value),
        serde_json::Value::String(value) => FactValue::Text(value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(value) => FactValue::Integer(value),
            None => FactValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        other => FactValue::Text(other.to_string()),
    }
}
