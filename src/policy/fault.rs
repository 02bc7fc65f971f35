//! Names what went wrong: from the compiler's and runtime's errors to a [`Fault`] that a user can read.
//!
//! Invariant: every error has a kind. The runtime types its traps; what it says in words alone (a pointer
//! out of bounds, a limit at instantiation) is told by those words, and a test of each with a hostile guest
//! fails when they change.

use wasmtime::Trap;

use super::abi::WrongShape;
use super::abi::rego::Violation;
use super::limits::{Limits, amount, size};
use crate::support::text;
use crate::verdict::model::{Fault, FaultKind};

/// A fault that is being written.
pub struct Draft(Fault);

/// A fault of `kind`; `message` continues the sentence "the policy cannot be used: …".
#[must_use]
pub fn new(kind: FaultKind, message: String) -> Draft {
    Draft(Fault { kind, message, mend: None })
}

impl Draft {
    /// Says what the policy's author can do.
    #[must_use]
    pub fn mend(mut self, mend: &str) -> Self {
        self.0.mend = Some(mend.to_owned());
        self
    }
}

impl From<Draft> for Fault {
    fn from(draft: Draft) -> Self {
        draft.0
    }
}

/// What the limiter saw during a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// Linear memory that was asked for and not given, in bytes.
    pub memory: Option<u64>,
    /// Table elements that were asked for and not given.
    pub table: Option<u64>,
}

/// The fault of a call that ended in `error`; `function` is the sentence's subject.
#[must_use]
pub fn of_call(error: &wasmtime::Error, function: &str, refused: Refused, limits: &Limits) -> Fault {
    if error.is::<WrongShape>() {
        return of_linking(error);
    }
    if let Some(violation) = error.downcast_ref::<Violation>() {
        return new(FaultKind::ContractViolation, text::line(&violation.0, 400))
            .mend("see how policies in Rego are written in docs/policies.md")
            .into();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return of_trap(*trap, function, refused, limits).into();
    }
    let words = error.root_cause().to_string();
    if words.contains("hostcalls has been exhausted") {
        return new(
            FaultKind::OutputTooLarge,
            format!("{function} handed over more than {}", size(limits.hostcall_bytes)),
        )
        .mend("return less: fewer reasons, shorter texts, a smaller memory")
        .into();
    }
    if error.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<rustix::io::Errno>()) {
        return new(
            FaultKind::MemoryLimit,
            format!("its process could not get what {function} needs: {}", text::line(&words, 200)),
        )
        .mend(&format!("the policy, its code and its compiler share {} of memory", size(limits.worker_bytes)))
        .into();
    }
    if words.contains("exceeds memory limits")
        || words.contains("exceeds table limits")
        || words.contains("resource limit exceeded")
        || refused != Refused::default()
    {
        return new(
            FaultKind::MemoryLimit,
            format!("it needs more at its start than a policy may have: {}", text::line(&words, 200)),
        )
        .mend(&format!(
            "declare at most {} of memory and {} table elements",
            size(limits.memory_bytes),
            limits.table_elements
        ))
        .into();
    }
    new(
        FaultKind::ContractViolation,
        format!("{function} returned what the interface does not allow: {}", text::line(&words, 200)),
    )
    .mend("build it again with current bindings for `rollgate:policy@1.0.0`")
    .into()
}

fn of_trap(trap: Trap, function: &str, refused: Refused, limits: &Limits) -> Draft {
    match trap {
        Trap::OutOfFuel => new(
            FaultKind::FuelExhausted,
            format!("{function} used up its {} units of fuel", amount(limits.fuel)),
        )
        .mend("look for a loop that does not end, or do less work for each metric"),
        Trap::StackOverflow => new(
            FaultKind::Trapped,
            format!("{function} trapped: it needed more than {} of stack", size(limits.stack_bytes)),
        )
        .mend("look for a recursion that does not end"),
        Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::InvalidDiscriminant
        | Trap::InvalidChar
        | Trap::UnalignedPointer
        | Trap::CannotLeaveComponent
        | Trap::CannotEnterComponent => new(
            FaultKind::ContractViolation,
            format!("{function} returned what the interface does not allow: {}", words_of(trap)),
        )
        .mend("build it again with current bindings for `rollgate:policy@1.0.0`"),
        // A guest that is refused memory rarely says so: its allocator aborts, which is a bare trap.
        _ if refused.memory.is_some() => new(
            FaultKind::MemoryLimit,
            format!(
                "{function} trapped after it was refused memory beyond {}: {}",
                size(limits.memory_bytes),
                words_of(trap)
            ),
        )
        .mend("look for a collection that grows without a bound"),
        _ if refused.table.is_some() => new(
            FaultKind::MemoryLimit,
            format!(
                "{function} trapped after it was refused a table beyond {} elements: {}",
                limits.table_elements,
                words_of(trap)
            ),
        ),
        _ => new(FaultKind::Trapped, format!("{function} trapped: {}", words_of(trap)))
            .mend("a failed assertion or a panic ends like this; log before it to find the place"),
    }
}

fn words_of(trap: Trap) -> String {
    let words = trap.to_string();
    words.strip_prefix("wasm trap: ").unwrap_or(&words).to_owned()
}

/// The fault of a component that neither compiler accepts.
#[must_use]
pub fn of_compilation(winch: Option<&wasmtime::Error>, cranelift: Option<&wasmtime::Error>) -> Fault {
    let words = cranelift.or(winch).map_or_else(String::new, |error| error.root_cause().to_string());
    let mut fault = new(FaultKind::NotAPolicy, format!("it cannot be compiled: {}", text::line(&words, 200)));
    if words.contains("async feature") {
        fault = fault.mend("build it without asynchronous functions; `componentize-qjs` needs `--sync`");
    }
    fault.into()
}

/// The fault of a component whose imports or exports have other types than the interface.
#[must_use]
pub fn of_linking(error: &wasmtime::Error) -> Fault {
    new(
        FaultKind::WrongWorld,
        format!("it is built for another interface: {}", text::line(&format!("{error:#}"), 300)),
    )
    .mend("build it for the world `policy` of the package `rollgate:policy@1.0.0`")
    .into()
}
