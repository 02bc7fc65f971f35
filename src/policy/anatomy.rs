//! Says whether some bytes can be a policy at all, before anything is compiled: cheap refusals first.
//!
//! Pure. Size, magic and layer, validation with an allow-list of proposals, imports, exports and their
//! version. It answers with what was found or with a fault that tells the author what to change, by
//! the tool that made the file where that shows. Runs in the worker: the host never parses a stranger's
//! WebAssembly.

use serde::{Deserialize, Serialize};
use wasmparser::{Encoding, KnownCustom, Parser, Payload, Validator, WasmFeatures};

use super::abi::rego;
use super::fault;
use super::limits::{Limits, size};
use crate::support::text;
use crate::support::units::Sha256;
use crate::verdict::model::{Fault, FaultKind};

/// The interface that a policy exports.
pub const JUDGE: &str = "rollgate:policy/judge";

/// The interfaces that a policy may import. `types` holds no function; encoders list it where `judge` uses it.
const IMPORTABLE: [&str; 2] = ["rollgate:policy/log", "rollgate:policy/types"];

/// The major versions that the host speaks.
#[cfg(not(feature = "test-probes"))]
const MAJORS: [u64; 1] = [1];
#[cfg(feature = "test-probes")]
const MAJORS: [u64; 2] = [1, super::abi::fictional::MAJOR];

/// A version of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Raised when records change.
    pub major: u64,
    /// Raised when something optional is added.
    pub minor: u64,
    /// Raised for corrections of the text.
    pub patch: u64,
}

impl std::fmt::Display for Interface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What the bytes of a policy are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A component of the world `policy`.
    Component,
    /// A core module that was compiled from Rego.
    Rego,
}

/// What the bytes of a policy show without being run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Anatomy {
    /// Length in bytes.
    pub size: u64,
    /// Digest of the bytes.
    pub digest: Sha256,
    /// What they are.
    pub kind: Kind,
    /// Version of the exported `judge`; of OPA's ABI where it was compiled from Rego.
    pub interface: Interface,
    /// Names of the imports, in the order of the file.
    pub imports: Vec<String>,
    /// Names of the exports, in the order of the file.
    pub exports: Vec<String>,
    /// What made it, as it says itself: names and versions, each once, at most [`PRODUCERS`].
    pub producers: Vec<String>,
}

impl Anatomy {
    /// The interface in words: its version, or that of OPA's ABI.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self.kind {
            Kind::Component => self.interface.to_string(),
            Kind::Rego => format!("opa-wasm-{}", self.interface.major),
        }
    }
}

/// Says whether `bytes` can be a policy.
pub fn examine(bytes: &[u8], limits: &Limits) -> Result<Anatomy, Fault> {
    if bytes.len() as u64 > limits.component_bytes {
        return Err(too_large(bytes.len() as u64, limits));
    }
    let kind = if Parser::is_core_wasm(bytes) && contains(bytes, rego::MARK.as_bytes()) {
        Kind::Rego
    } else {
        is_component(bytes)?;
        Kind::Component
    };
    let Names { imports, exports, producers } = names(bytes)?;
    let interface = match kind {
        Kind::Component => {
            refuse_foreign(&imports, bytes)?;
            choose(&exports)?
        }
        Kind::Rego => {
            refuse_strange(&imports, &exports)?;
            Interface { major: 1, minor: 0, patch: 0 }
        }
    };
    Validator::new_with_features(proposals()).validate_all(bytes).map_err(|error| invalid(&error))?;
    Ok(Anatomy {
        size: bytes.len() as u64,
        digest: Sha256::of(bytes),
        kind,
        interface,
        imports,
        exports,
        producers,
    })
}

/// The fault of a policy that is larger than allowed.
#[must_use]
pub fn too_large(length: u64, limits: &Limits) -> Fault {
    fault::new(
        FaultKind::NotAPolicy,
        format!("it has {}, of which at most {} are accepted", size(length), size(limits.component_bytes)),
    )
    .mend("strip debug information and names from the component")
    .into()
}

/// The WebAssembly proposals that a policy may use: what both compilers of the host agree on. Several
/// memories in a module are needed by the adapters that the component model itself puts between instances.
/// Tail calls are compiled by Cranelift alone.
pub(super) fn proposals() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::CALL_INDIRECT_OVERLONG
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::BULK_MEMORY_OPT
        | WasmFeatures::SIMD
        | WasmFeatures::FLOATS
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::GC_TYPES
        | WasmFeatures::COMPONENT_MODEL
}

fn not_a_policy(message: impl Into<String>) -> Fault {
    fault::new(FaultKind::NotAPolicy, message.into()).into()
}

/// The fault of bytes that are no component, or one that uses a proposal that is not on the list.
fn invalid(error: &wasmparser::BinaryReaderError) -> Fault {
    let message = text::line(error.message(), NAME);
    let fault = fault::new(FaultKind::NotAPolicy, format!("it is not a valid component: {message}"));
    if message.contains("async feature") {
        fault.mend("build it without asynchronous functions; `componentize-qjs` needs `--sync`").into()
    } else {
        fault.into()
    }
}

fn is_component(bytes: &[u8]) -> Result<(), Fault> {
    let wrong =
        |message: &str, mend: &str| Err(fault::new(FaultKind::NotAPolicy, message.into()).mend(mend).into());
    if bytes.is_empty() {
        wrong("the file is empty", "build the policy again and look at the builder's messages")
    } else if Parser::is_core_wasm(bytes) {
        wrong(
            "it is a core module, not a component",
            "turn it into a component with `rollgate policy build`, or with `wasm-tools component new`",
        )
    } else if Parser::is_component(bytes) {
        Ok(())
    } else if bytes.starts_with(b"\0asm") {
        wrong(
            "it is WebAssembly of a version that is not known",
            "build it with a toolchain for the component model of 2024 or later",
        )
    } else if bytes.trim_ascii_start().starts_with(b"(") {
        wrong("it is WebAssembly text, not a component", "turn it into a binary with `wasm-tools parse`")
    } else {
        wrong("it is not WebAssembly", "name the .wasm file that the policy's build wrote")
    }
}

/// What a component names.
struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
    producers: Vec<String>,
}

/// The imports and exports of the outermost component, and what made it and its modules.
fn names(bytes: &[u8]) -> Result<Names, Fault> {
    let (mut imports, mut exports, mut producers) = (Vec::new(), Vec::new(), Vec::new());
    let mut nesting: u32 = 0;
    let mut parser = Parser::new(0);
    parser.set_features(proposals());
    for payload in parser.parse_all(bytes) {
        match payload.map_err(|error| invalid(&error))? {
            Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => nesting += 1,
            Payload::End(_) => nesting = nesting.saturating_sub(1),
            Payload::ComponentImportSection(section) if nesting == 1 => {
                for import in section {
                    imports.push(text::line(import.map_err(|error| invalid(&error))?.name.name, NAME));
                }
            }
            Payload::ComponentExportSection(section) if nesting == 1 => {
                for export in section {
                    exports.push(text::line(export.map_err(|error| invalid(&error))?.name.name, NAME));
                }
            }
            Payload::ImportSection(section) if nesting == 1 => {
                for import in section.into_imports() {
                    let import = import.map_err(|error| invalid(&error))?;
                    imports.push(text::line(&format!("{}.{}", import.module, import.name), NAME));
                }
            }
            Payload::ExportSection(section) if nesting == 1 => {
                for export in section {
                    exports.push(text::line(export.map_err(|error| invalid(&error))?.name, NAME));
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(fields) = section.as_known() {
                    add_producers(fields, &mut producers);
                }
            }
            _ => {}
        }
        if imports.len() + exports.len() > NAMES {
            return Err(not_a_policy(format!("it has more than {NAMES} imports and exports")));
        }
    }
    Ok(Names { imports, exports, producers })
}

/// Adds what a section of producers says; what cannot be read of it is nothing that a policy depends on.
fn add_producers(fields: wasmparser::ProducersSectionReader<'_>, producers: &mut Vec<String>) {
    for field in fields.into_iter().map_while(Result::ok).take(PRODUCERS) {
        for value in field.values.into_iter().map_while(Result::ok).take(PRODUCERS) {
            let producer = text::line(&format!("{} {}", value.name, value.version), NAME);
            if producers.len() < PRODUCERS && !producers.contains(&producer) {
                producers.push(producer);
            }
        }
    }
}

/// How many of the tools that made a policy are named.
pub const PRODUCERS: usize = 20;

/// How many characters of a name are kept.
const NAME: usize = 200;
/// How many imports and exports are listed.
const NAMES: usize = 1000;

fn refuse_foreign(imports: &[String], bytes: &[u8]) -> Result<(), Fault> {
    let foreign: Vec<_> =
        imports.iter().filter(|import| !IMPORTABLE.contains(&interface_name(import))).collect();
    let Some(first) = foreign.first() else { return Ok(()) };
    let others = match foreign.len() - 1 {
        0 => String::new(),
        1 => " and one more interface".to_owned(),
        count => format!(" and {count} more interfaces"),
    };
    let mut found = fault::new(
        FaultKind::ForeignImport,
        format!("it imports `{first}`{others}; a policy may import `rollgate:policy/log` alone"),
    );
    if foreign.iter().any(|import| import.starts_with("wasi:")) {
        found = found.mend(&format!("build it without WASI: {}", without_wasi(bytes)));
    } else {
        found = found.mend("remove the import; what a policy needs to know comes with the snapshot");
    }
    Err(found.into())
}

/// Refuses a core module that is not what OPA makes, or that wants more than its ABI has.
fn refuse_strange(imports: &[String], exports: &[String]) -> Result<(), Fault> {
    let foreign = imports
        .iter()
        .find(|import| !import.strip_prefix("env.").is_some_and(|name| rego::IMPORTABLE.contains(&name)));
    if let Some(foreign) = foreign {
        let message = format!(
            "it imports `{foreign}`; a module that was compiled from Rego imports what OPA's ABI names"
        );
        let mend = "build it with `opa build -t wasm`";
        return Err(fault::new(FaultKind::ForeignImport, message).mend(mend).into());
    }
    if !exports.iter().any(|export| export == rego::MARK) {
        return Err(not_a_policy("it is a core module that names OPA's ABI and does not export it"));
    }
    Ok(())
}

/// How the toolchain that left its name in the file is told to do without WASI.
fn without_wasi(bytes: &[u8]) -> &'static str {
    const TOOLCHAINS: [(&[&str], &str); 3] = [
        (&["componentize-py", "libpython"], "`componentize-py … componentize -s`"),
        (
            &["StarlingMonkey", "starling", "mozjs"],
            "`componentize-js -d stdio -d random -d clocks -d http -d fetch-event`",
        ),
        (&["componentize-qjs", "quickjs", "QuickJS"], "`componentize-qjs … --sync --stub-wasi`"),
    ];
    TOOLCHAINS
        .iter()
        .find(|(marks, _)| marks.iter().any(|mark| contains(bytes, mark.as_bytes())))
        .map_or("in Rust, compile for `wasm32-unknown-unknown` instead of `wasm32-wasip2`", |(_, hint)| *hint)
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

fn interface_name(name: &str) -> &str {
    name.split_once('@').map_or(name, |(interface, _)| interface)
}

/// The version of `judge` that is exported, if the host speaks it.
fn choose(exports: &[String]) -> Result<Interface, Fault> {
    let spoken = "this program speaks version 1";
    let Some(judge) = exports.iter().find(|export| interface_name(export) == JUDGE) else {
        return Err(fault::new(
            FaultKind::WrongWorld,
            format!("it does not export `{JUDGE}`: {}", exported(exports)),
        )
        .mend("build it for the world `policy` of the package `rollgate:policy@1.0.0`")
        .into());
    };
    match judge.split_once('@').and_then(|(_, version)| parse_version(version)) {
        Some(interface) if MAJORS.contains(&interface.major) => Ok(interface),
        _ => Err(fault::new(FaultKind::WrongWorld, format!("it exports `{judge}`; {spoken}"))
            .mend("build it for the world `policy` of the package `rollgate:policy@1.0.0`, or use a release of this program that speaks its version")
            .into()),
    }
}

fn exported(exports: &[String]) -> String {
    match exports {
        [] => "it exports nothing".to_owned(),
        [only] => format!("it exports `{only}`"),
        [first, rest @ ..] => format!("it exports `{first}` and {} more", rest.len()),
    }
}

fn parse_version(version: &str) -> Option<Interface> {
    let release = version.split(['-', '+']).next()?;
    let mut parts = release.split('.').map(str::parse::<u64>);
    let interface =
        Interface { major: parts.next()?.ok()?, minor: parts.next()?.ok()?, patch: parts.next()?.ok()? };
    parts.next().is_none().then_some(interface)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_examined_or_refused(tail in prop::collection::vec(any::<u8>(), 0..200), headed in any::<bool>()) {
            let mut bytes = if headed { b"\0asm\x0d\0\x01\0".to_vec() } else { Vec::new() };
            bytes.extend(tail);
            let _ = examine(&bytes, &Limits::default());
        }
    }

    #[test]
    fn only_the_major_version_must_be_known() {
        let exports = |version: &str| vec![format!("{JUDGE}@{version}")];
        assert_eq!(choose(&exports("1.7.3")).unwrap(), Interface { major: 1, minor: 7, patch: 3 });
        for unknown in ["0.9.0", "2.0.0", "99.0.0", "1", "x"] {
            assert_eq!(choose(&exports(unknown)).unwrap_err().kind, FaultKind::WrongWorld);
        }
    }
}
