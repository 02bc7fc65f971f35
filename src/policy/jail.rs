//! What a worker gives up before it touches a byte of a guest.
//!
//! By the time this runs the host has already cleared the environment, dropped root's user and group for
//! 65534, and made every descriptor but the two pipes close on exec. In here, in this order: the death signal,
//! `no_new_privs`, not being dumpable, Landlock with no rule (no file, no TCP, no signal or abstract socket
//! outside), the resource limits, and seccomp with a list of the few system calls that computing takes.
//!
//! Invariant: what guards a secret is never one layer alone. Opening and connecting are refused by the
//! descriptor limit, by Landlock and by seccomp; signalling and tracing the host by the user id (where the host
//! is root), by Landlock and by seccomp. Only seccomp keeps a worker of the host's own user from lowering the
//! host's resource limits.
//! What a kernel does not offer is returned as a note for people; what it offers and refuses is an error.

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
mod calls;

/// What the host sets.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Memory that can be written, in bytes.
    pub memory: u64,
    /// Address space beside it, which is reserved and holds nothing, in bytes.
    pub reserved: u64,
    /// What is entered; less than all only to show that each layer holds alone.
    #[cfg(feature = "test-probes")]
    pub layers: Layers,
}

/// How much of the jail is entered.
#[cfg(feature = "test-probes")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layers {
    /// All of it, as always.
    #[default]
    All,
    /// All but the filter of system calls.
    WithoutFilter,
    /// Only what the host did: another user, and a host that is not dumpable.
    UserOnly,
}

/// Why a jail could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum JailError {
    /// A system call failed.
    #[error("{what}: {source}")]
    Refused {
        /// What was to be done.
        what: &'static str,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// Landlock exists but refused.
    #[error("landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    /// The filter of system calls exists but could not be installed.
    #[error("seccomp: {0}")]
    Seccomp(String),
}

/// Gives everything up, for this process for good. To be called while there is one thread.
///
/// Returns what of the jail this machine does not offer, a sentence for each layer.
pub fn enter(bounds: &Bounds) -> Result<Vec<String>, JailError> {
    let refused = |what| move |error: rustix::io::Errno| JailError::Refused { what, source: error.into() };
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(refused("asking to die with the host"))?;
    // Had the host ended before that line, standard input is at its end and the first read notices.
    rustix::thread::set_no_new_privs(true).map_err(refused("giving up new privileges"))?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(refused("refusing to be traced"))?;
    #[cfg(feature = "test-probes")]
    if bounds.layers == Layers::UserOnly {
        return Ok(Vec::new());
    }

    let mut notes = Vec::new();
    if !confine_with_landlock()? {
        notes.push(
            "this kernel has no Landlock: the policy worker is confined by its user, its limits and seccomp alone"
                .to_owned(),
        );
    }
    for (resource, limit, what) in [
        (Resource::Data, bounds.memory, "limiting memory"),
        // The limit of memory counts what can be written; this one bounds what was written and then only read, too.
        (Resource::As, bounds.memory.saturating_add(bounds.reserved), "limiting address space"),
        (Resource::Core, 0, "forbidding core dumps"),
        (Resource::Fsize, 0, "forbidding files"),
        (Resource::Memlock, 0, "forbidding locked memory"),
        (Resource::Msgqueue, 0, "forbidding message queues"),
        // Exactly what is open: no call can make a new descriptor.
        (Resource::Nofile, 3, "forbidding new descriptors"),
    ] {
        let limit = rustix::process::getrlimit(resource).maximum.map_or(limit, |hard| hard.min(limit));
        rustix::process::setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })
            .map_err(refused(what))?;
    }
    #[cfg(feature = "test-probes")]
    if bounds.layers == Layers::WithoutFilter {
        return Ok(notes);
    }
    if !filter_calls()? {
        notes.push(
            "this processor has no filter of system calls: the policy worker is confined by its user and its limits alone"
                .to_owned(),
        );
    }
    Ok(notes)
}

fn confine_with_landlock() -> Result<bool, JailError> {
    use landlock::{ABI, Access, AccessFs, AccessNet, Compatible, RulesetAttr, Scope};
    let abi = ABI::V6;
    let status = landlock::Ruleset::default()
        .set_compatibility(landlock::CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset != landlock::RulesetStatus::NotEnforced)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
fn filter_calls() -> Result<bool, JailError> {
    calls::install().map(|()| true).map_err(|error| JailError::Seccomp(error.to_string()))
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
fn filter_calls() -> Result<bool, JailError> {
    Ok(false)
}
