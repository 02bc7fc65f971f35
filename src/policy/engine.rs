//! Compiles a policy and calls it, each call in a fresh store within its limits.
//!
//! Invariants. The fuel, the memory limiter and the bound on what a call hands over are set before
//! instantiation, since a start function runs then. No state lives from one call to the next: a trapped
//! instance is poisoned, and a policy's memory is what it returned, nothing else. Nothing precompiled is
//! ever loaded.
//!
//! Two things end a call: fuel, which is the same on every machine and so part of the verdict's
//! reproducibility, and the wall clock, which is the host's alone: it kills the process. There is no clock
//! in here, so epoch interruption stays off: a ticking thread would end a call in between, at a moment that
//! differs from run to run, and costs up to a fifth of the speed for a case that the kill has to cover anyway
//! (one `memory.fill` of the whole memory costs one unit of fuel and checks no epoch until it is done).
//! Out of fuel is therefore always [`FaultKind::FuelExhausted`], and out of time always
//! [`FaultKind::TimedOut`].

use serde::{Deserialize, Serialize};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{
    Config, Engine, Module, OptLevel, PoolingAllocationConfig, RegallocAlgorithm, ResourceLimiter,
};

use super::abi::{Abi, rego, v1};
use super::anatomy::{Anatomy, Kind};
use super::fault::{self, Refused};
use super::limits::{Limits, size};
use super::memory::Memory;
use super::{Description, SettingsProblem, review};
use crate::snapshot::model::Snapshot;
use crate::support::text;
#[cfg(doc)]
use crate::verdict::model::FaultKind;
use crate::verdict::model::{Answer, Fault, LogLine, Usage};

/// What runs policies: the fuel of a call is the same for one version of it.
pub const RUNTIME: &str = "wasmtime 48.0.8";

/// What turns WebAssembly into machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compiler {
    /// One pass, five to eight times faster to compile.
    Winch,
    /// Optimising, and complete: compiles what Winch does not know.
    Cranelift,
}

impl Compiler {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Winch => "winch",
            Self::Cranelift => "cranelift",
        }
    }
}

/// Which compiler may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Winch, and Cranelift where Winch refuses.
    #[default]
    Automatic,
    /// This one.
    Only(Compiler),
}

/// The settings of the runtime.
///
/// Threads, garbage collection, typed function references, stack switching and asynchronous components are
/// not compiled in. Several memories must stay allowed: the compiler itself makes modules with several to pass
/// values between the instances of a component, and panics where it may not.
fn config(compiler: Compiler, limits: &Limits, memory: Memory) -> Config {
    let mut config = Config::new();
    config
        .strategy(match compiler {
            Compiler::Winch => wasmtime::Strategy::Winch,
            Compiler::Cranelift => wasmtime::Strategy::Cranelift,
        })
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_relaxed_simd(false)
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_tail_call(compiler == Compiler::Cranelift)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .max_wasm_stack(bytes(limits.stack_bytes))
        .memory_guard_size(GUARD)
        // It would make a file in memory for each policy; the worker cannot open anything.
        .memory_init_cow(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(16));
    if compiler == Compiler::Winch {
        // The way into each function of a table is compiled by Cranelift even so: a few instructions that nothing improves,
        // which cost more to compile than all else where there are thousands.
        config
            .cranelift_opt_level(OptLevel::None)
            .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    }
    match memory {
        Memory::Lasting => config.memory_reservation(REACH).allocation_strategy(pool(limits)),
        // A memory that grows beyond what was reserved is copied, so too little would let growth by small steps take seconds.
        Memory::OfEachCall => config.memory_reservation(0).memory_reservation_for_growth(16 * 1024 * 1024),
    };
    config
}

/// How far the address of a load or a store reaches, without its constant offset, which [`GUARD`] takes in. Where all of it
/// is reserved, and nothing but the policy's memory can be touched, the processor finds what is out of bounds, and the
/// code that Winch makes need not compare each address, twice, with the memory's size: what is large is compiled in six
/// sevenths of the time and memory.
const REACH: u64 = 1 << 32;

/// What follows a memory, and comes before it, and can never be touched.
const GUARD: u64 = 32 << 20;

/// The address space that is reserved around the one memory of a policy and holds nothing.
pub const RESERVED: u64 = REACH + 2 * GUARD;

/// How much of a memory is cleared in place before the next call gets it; the rest is given back to the kernel, which
/// clears what is touched again, page by page. A policy in Rust or C that judges some twenty metrics uses less.
const CLEARED_IN_PLACE: usize = 512 * 1024;

/// One place for the memory and the tables of the one instance that runs at a time: mapping them anew for each call is
/// what would cost most of a short one.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let number = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(1)
        .total_core_instances(number(limits.instances))
        .total_memories(1)
        .max_memories_per_module(1)
        .max_memory_size(bytes(limits.memory_bytes))
        .linear_memory_keep_resident(CLEARED_IN_PLACE)
        .total_tables(number(limits.tables))
        .max_tables_per_module(number(limits.tables))
        .table_elements(bytes(limits.table_elements))
        .table_keep_resident(CLEARED_IN_PLACE)
        // What the runtime keeps of an instance grows with the component, whose size has its own limit.
        .max_component_instance_size(bytes(limits.component_bytes))
        .max_core_instance_size(bytes(limits.component_bytes));
    pool
}

fn bytes(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// What the host keeps of one call.
pub struct Host {
    limits: Limits,
    memory: u64,
    peak_memory: u64,
    table_elements: u64,
    refused: Refused,
    log: Vec<LogLine>,
    unkept_lines: u64,
    started: bool,
}

impl Host {
    /// Notes that the start function has ended.
    pub(super) fn started(&mut self) {
        self.started = true;
    }

    /// What one call may hand over.
    pub(super) fn hostcall_bytes(&self) -> u64 {
        self.limits.hostcall_bytes
    }

    fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: 0,
            peak_memory: 0,
            table_elements: 0,
            refused: Refused::default(),
            log: Vec::new(),
            unkept_lines: 0,
            started: false,
        }
    }

    fn into_log(mut self) -> Vec<LogLine> {
        let mut note = |message: String| self.log.push(LogLine { level: "warn".into(), message });
        if self.unkept_lines > 0 {
            note(format!("(host) {} more lines were not kept", self.unkept_lines));
        }
        if self.refused.memory.is_some() {
            note(format!("(host) memory beyond {} was refused", size(self.limits.memory_bytes)));
        }
        if self.refused.table.is_some() {
            note(format!("(host) a table beyond {} elements was refused", self.limits.table_elements));
        }
        self.log
    }
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_sub(current as u64).saturating_add(desired as u64);
        if total > self.limits.memory_bytes {
            self.refused.memory = Some(total);
            return Ok(false);
        }
        self.memory = total;
        self.peak_memory = self.peak_memory.max(total);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_sub(current as u64).saturating_add(desired as u64);
        if total > self.limits.table_elements {
            self.refused.table = Some(total);
            return Ok(false);
        }
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        bytes(self.limits.instances)
    }

    fn tables(&self) -> usize {
        bytes(self.limits.tables)
    }

    fn memories(&self) -> usize {
        bytes(self.limits.memories)
    }
}

impl v1::log::Host for Host {
    fn write(&mut self, level: v1::log::Level, message: String) {
        if self.log.len() as u64 >= self.limits.log_lines {
            self.unkept_lines += 1;
            return;
        }
        let level = match level {
            v1::log::Level::Debug => "debug",
            v1::log::Level::Info => "info",
            v1::log::Level::Warn => "warn",
        };
        let message = text::line(&message, bytes(self.limits.log_characters));
        self.log.push(LogLine { level: level.into(), message });
    }
}

/// What came of one call, and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Called<T> {
    /// What it returned, or how it broke.
    pub result: T,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// What it used.
    pub usage: Usage,
}

/// What the compiler made.
enum Code {
    Component(Component),
    Module(Module),
}

/// A compiled policy.
pub struct Policy {
    engine: Engine,
    abi: Abi,
    limits: Limits,
    compiler: Compiler,
}

impl Policy {
    /// Compiles `bytes`, which were examined, for calls within `limits`.
    ///
    /// A thread that calls the policy needs a stack of at least four times [`Limits::stack_bytes`].
    pub fn compile(
        bytes: &[u8],
        anatomy: &Anatomy,
        limits: Limits,
        strategy: Strategy,
    ) -> Result<Self, Fault> {
        let memory = Memory::of(bytes, anatomy.kind, &limits);
        let compile = |compiler| -> wasmtime::Result<(Engine, Code, Compiler)> {
            let engine = Engine::new(&config(compiler, &limits, memory))?;
            let code = match anatomy.kind {
                Kind::Component => Code::Component(Component::from_binary(&engine, bytes)?),
                Kind::Rego => Code::Module(Module::from_binary(&engine, bytes)?),
            };
            Ok((engine, code, compiler))
        };
        let (engine, code, compiler) = match strategy {
            Strategy::Only(compiler) => {
                compile(compiler).map_err(|error| fault::of_compilation(None, Some(&error)))?
            }
            Strategy::Automatic => match compile(Compiler::Winch) {
                Ok(compiled) => compiled,
                Err(winch) => compile(Compiler::Cranelift)
                    .map_err(|cranelift| fault::of_compilation(Some(&winch), Some(&cranelift)))?,
            },
        };
        let link = || -> wasmtime::Result<Abi> {
            let component = match code {
                Code::Component(component) => component,
                Code::Module(module) => return Ok(Abi::Rego(Box::new(rego::Rego::new(module)?))),
            };
            let mut linker = Linker::<Host>::new(&engine);
            v1::log::add_to_linker::<Host, HasSelf<Host>>(&mut linker, |host| host)?;
            Abi::choose(&anatomy.interface, linker.instantiate_pre(&component)?)
        };
        let abi = link().map_err(|error| fault::of_linking(&error))?;
        Ok(Self { engine, abi, limits, compiler })
    }

    /// The compiler that made its code.
    #[must_use]
    pub fn compiler(&self) -> Compiler {
        self.compiler
    }

    /// Asks the policy to describe itself. What it says is not yet reviewed.
    pub fn describe(&self) -> Called<Result<Description, Fault>> {
        self.call("describe", |store| self.abi.describe(store))
    }

    /// Has the policy check `settings`, which is JSON text. What it says is not yet reviewed.
    pub fn check_settings(&self, settings: &str) -> Called<Result<Vec<SettingsProblem>, Fault>> {
        self.call("check-settings", |store| self.abi.check_settings(store, settings))
    }

    /// Asks the policy to judge. The answer is reviewed.
    pub fn evaluate(&self, snapshot: &Snapshot, settings: &str, memory: &[u8]) -> Called<Answer> {
        let called = self.call("evaluate", |store| self.abi.evaluate(store, snapshot, settings, memory));
        let answer = match called.result {
            Ok(Ok(outcome)) => Answer::Outcome(outcome),
            Ok(Err(refusal)) => Answer::Refusal(refusal),
            Err(fault) => Answer::Fault(fault),
        };
        Called {
            result: review::answer(answer, snapshot, &self.limits),
            log: called.log,
            usage: called.usage,
        }
    }

    fn call<T>(
        &self,
        function: &str,
        call: impl FnOnce(&mut super::abi::Store) -> wasmtime::Result<T>,
    ) -> Called<Result<T, Fault>> {
        let mut store = super::abi::Store::new(&self.engine, Host::new(self.limits));
        store.limiter(|host| host);
        store.set_hostcall_fuel(bytes(self.limits.hostcall_bytes));
        let result = store.set_fuel(self.limits.fuel).and_then(|()| call(&mut store));
        let left = store.get_fuel().unwrap_or(0);
        let host = store.into_data();
        let function = if host.started { format!("`{function}`") } else { "its start function".into() };
        let result = result.map_err(|error| fault::of_call(&error, &function, host.refused, &self.limits));
        let usage = Usage {
            fuel: self.limits.fuel.saturating_sub(left),
            fuel_limit: self.limits.fuel,
            memory_bytes: host.peak_memory,
            strategy: self.compiler.as_str().into(),
        };
        Called { result, log: host.into_log(), usage }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_runtime_that_is_named_is_the_one_that_is_built_in() {
        let lock = include_str!("../../Cargo.lock");
        let entry = super::RUNTIME.replacen(' ', "\"\nversion = \"", 1);
        assert!(lock.contains(&format!("name = \"{entry}\"\n")), "{}", super::RUNTIME);
    }
}
