//! From a guest's sources or core module to a policy: a component that the host accepts.
//!
//! Edge: runs the author's own `cargo`. The bytes that come out depend on the sources, the lock file and the
//! toolchain, not on the machine: every path that the compiler would write into them is replaced.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::anatomy;
use super::limits::Limits;
use crate::support::fs;
use crate::verdict::model::Fault;

/// Bytes of stack that a guest gets of its memory: the linker's usual 1 MiB would have to be cleared for every call.
const STACK: u32 = 64 << 10;

/// The compilation target of Rust guests: WebAssembly that imports nothing of its own accord.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The longest core module that is read; with debug information they are far longer than the component.
const MODULE_BYTES: u64 = 256 << 20;

/// Why no policy came out.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No Rust crate where one was expected.
    #[error("{path} holds no Rust crate: it has no Cargo.toml", path = .0.display())]
    NotACrate(PathBuf),
    /// A tool could not be started.
    #[error("install Rust from https://rustup.rs, since {tool} cannot be started")]
    Tool {
        /// Its name.
        tool: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The toolchain cannot compile guests.
    #[error("the Rust target {TARGET} is not installed: run `rustup target add {TARGET}`")]
    TargetMissing,
    /// Compiling failed; cargo has said why.
    #[error("compile the guest in {path}: cargo has said why above", path = .0.display())]
    Compile(PathBuf),
    /// Cargo's answer could not be understood.
    #[error("read what {tool} answered: {reason}")]
    Answer {
        /// The tool.
        tool: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The crate is a workspace, or has no library for WebAssembly.
    #[error(
        "{path} builds no WebAssembly module: give its Cargo.toml a `[lib]` with `crate-type = [\"cdylib\"]`", path = .0.display()
    )]
    NoModule(PathBuf),
    /// A file could not be read.
    #[error("read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: fs::ReadError,
    },
    /// The bytes are not a core module.
    #[error("{0}")]
    NotAModule(&'static str),
    /// The module does not fit the interface.
    #[error("make a component of the module: {reason}{mend}")]
    Componentize {
        /// What wit-component says.
        reason: String,
        /// What the author can do; empty, or text that follows.
        mend: &'static str,
    },
    /// The host would refuse the component.
    #[error("the component is no policy: {message}{mend}", message = .0.message, mend = .0.mend.as_ref().map_or(String::new(), |mend| format!("; {mend}")))]
    NotAPolicy(Fault),
}

/// How a guest crate is compiled.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Fail if the lock file is missing or out of date.
    pub locked: bool,
    /// Where cargo keeps what it compiles; none for its own choice.
    pub target_dir: Option<PathBuf>,
}

/// A policy, built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Name of the crate or the module's file, without extension.
    pub name: String,
    /// The component.
    pub component: Vec<u8>,
}

/// Compiles the guest crate in `dir` and makes a component of it.
pub fn from_crate(dir: &Path, options: &Options) -> Result<Built, BuildError> {
    let manifest = dir.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(BuildError::NotACrate(dir.into()));
    }
    let toolchain = Toolchain::of(dir)?;
    let metadata = Metadata::of(dir, options.locked)?;
    let output = Command::new("cargo")
        .current_dir(dir)
        .args([
            "build",
            "--release",
            "--lib",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(options.locked.then_some("--locked"))
        .args(options.target_dir.iter().flat_map(|dir| [OsStr::new("--target-dir"), dir.as_os_str()]))
        .arg("--config")
        .arg(format!("target.{TARGET}.rustflags={}", flags(&metadata, &toolchain)))
        // They would replace the flags above, and make the bytes depend on the shell.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_INCREMENTAL")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| BuildError::Tool { tool: "cargo", source })?;
    if !output.status.success() {
        return Err(BuildError::Compile(dir.into()));
    }
    let module = module_of(&String::from_utf8_lossy(&output.stdout), &manifest)
        .ok_or_else(|| BuildError::NoModule(dir.into()))?;
    from_module(&module)
}

/// Makes a component of the core module in the file `path`.
pub fn from_module(path: &Path) -> Result<Built, BuildError> {
    let read = fs::read_start(path, MODULE_BYTES + 1);
    let module = read.map_err(|source| BuildError::Read { path: path.into(), source })?;
    if u64::try_from(module.len()).is_ok_and(|length| length > MODULE_BYTES) {
        return Err(BuildError::NotAModule(
            "the file is longer than 256 MiB: strip debug information from it",
        ));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Built { name, component: componentize(&module)? })
}

/// Makes a component of a core module that was compiled with the bindings of `wit/`.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    match module {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {}
        [b'\0', b'a', b's', b'm', _, 0, 1, 0, ..] => {
            return Err(BuildError::NotAModule("the file is a component already: use it as it is"));
        }
        _ => {
            return Err(BuildError::NotAModule(
                "the file is not a WebAssembly module: name a guest crate's directory or a core module",
            ));
        }
    }
    let described = described(module)
        .map_err(|error| BuildError::Componentize { reason: format!("{error:#}"), mend: "" })?;
    let encode = || wit_component::ComponentEncoder::default().validate(true).module(&described)?.encode();
    let component = encode().map_err(|error| {
        let reason = format!("{error:#}");
        let mend = if reason.contains("wasi_snapshot_preview1") || reason.contains("wasi:") {
            "; the module wants WASI, which a policy never gets: compile it for wasm32-unknown-unknown"
        } else if reason.contains("import") {
            "; a policy imports nothing but `log` of rollgate:policy"
        } else {
            ""
        };
        BuildError::Componentize { reason, mend }
    })?;
    match anatomy::examine(&component, &Limits::default()) {
        Ok(_) => Ok(component),
        Err(fault) => Err(BuildError::NotAPolicy(fault)),
    }
}

/// The module with a description of its world: bindings of most languages add one, those of C leave it to the linker.
fn described(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut described = module.to_vec();
    let (mut judges, mut tells) = (false, false);
    for payload in wasmparser::Parser::new(0).parse_all(module).map_while(Result::ok) {
        match payload {
            wasmparser::Payload::CustomSection(section) => {
                tells |= section.name().starts_with("component-type");
            }
            wasmparser::Payload::ExportSection(section) => {
                let mut names = section.into_iter().map_while(Result::ok);
                judges |= names.any(|export| export.name.starts_with("rollgate:policy/judge@1."));
            }
            _ => {}
        }
    }
    if judges && !tells {
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_str("policy.wit", include_str!("../../wit/v1/policy.wit"))?;
        let world = resolve.select_world(&[package], Some("policy"))?;
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut described, &resolve, world, encoding)?;
    }
    Ok(described)
}

/// What there is to know of the compiler that serves a directory.
struct Toolchain {
    sysroot: PathBuf,
    commit: String,
}

impl Toolchain {
    fn of(dir: &Path) -> Result<Self, BuildError> {
        let sysroot = PathBuf::from(ask("rustc", &["--print", "sysroot"], dir)?.trim());
        if !sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() {
            return Err(BuildError::TargetMissing);
        }
        let version = ask("rustc", &["-vV"], dir)?;
        let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
        Ok(Self { sysroot, commit: commit.unwrap_or("unknown").into() })
    }
}

/// The part of `cargo metadata` that says where sources lie.
#[derive(serde::Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

impl Metadata {
    fn of(dir: &Path, locked: bool) -> Result<Self, BuildError> {
        let mut arguments = vec!["metadata", "--format-version", "1", "--filter-platform", TARGET];
        arguments.extend(locked.then_some("--locked"));
        let answer = ask("cargo", &arguments, dir)?;
        serde_json::from_str(&answer)
            .map_err(|error| BuildError::Answer { tool: "cargo metadata", reason: error.to_string() })
    }
}

/// The compiler's flags, as a TOML list: every directory that it may name in its output is replaced.
fn flags(metadata: &Metadata, toolchain: &Toolchain) -> String {
    let mut remaps = vec![
        (toolchain.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{}", toolchain.commit)),
        (metadata.workspace_root.clone(), "/policy".to_owned()),
        (metadata.target_directory.clone(), "/policy/target".to_owned()),
    ];
    for package in &metadata.packages {
        let Some(dir) = package.manifest_path.parent() else { continue };
        if !dir.starts_with(&metadata.workspace_root) {
            remaps.push((dir.into(), format!("/{}-{}", package.name, package.version)));
        }
    }
    // Of several that fit, the compiler takes the last one.
    let remaps = remaps.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let stack = format!("-Clink-args=-z stack-size={STACK}");
    serde_json::Value::from(remaps.chain([stack]).collect::<Vec<_>>()).to_string()
}

fn ask(tool: &'static str, arguments: &[&str], dir: &Path) -> Result<String, BuildError> {
    let output = Command::new(tool)
        .current_dir(dir)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| BuildError::Tool { tool, source })?;
    if !output.status.success() {
        return Err(BuildError::Answer {
            tool,
            reason: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    String::from_utf8(output.stdout)
        .map_err(|_| BuildError::Answer { tool, reason: "it is not UTF-8".into() })
}

/// The module that cargo's messages name for the crate with this manifest.
fn module_of(messages: &str, manifest: &Path) -> Option<PathBuf> {
    let manifest = manifest.canonicalize().ok()?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let ours = messages
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest));
    let files = ours.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    let mut paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    paths.find(|path| path.extension() == Some(OsStr::new("wasm")))
}
