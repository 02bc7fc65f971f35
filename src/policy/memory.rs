//! Whether the memory of a policy can stay mapped from one call to the next.
//!
//! Invariant: what is kept is the mapping alone; the runtime clears it before the next instance gets it. Looks at the
//! structure of a component that was examined, and at what this process may have; runs nothing.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, Encoding, Instance, Parser, Payload,
};

use super::anatomy::{Kind, proposals};
use super::engine::RESERVED;
use super::limits::Limits;

/// A page of a linear memory, in bytes.
const PAGE: u64 = 64 * 1024;

/// An element of a table, in bytes.
const ELEMENT: u64 = 8;

/// Where the memory of a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// One place that is reserved once, as far as any address reaches: the policy has one memory, which fits.
    Lasting,
    /// Mapped for each call, as it is needed.
    OfEachCall,
}

impl Memory {
    /// What the policy in `bytes` can have within `limits`.
    pub(super) fn of(bytes: &[u8], kind: Kind, limits: &Limits) -> Self {
        // Tables are mapped as large as they may become, which must leave the compiler most of the worker's memory.
        let tables = limits.tables.saturating_mul(limits.table_elements).saturating_mul(ELEMENT);
        // The memory of a policy that was compiled from Rego is the host's to make.
        let lasting = kind == Kind::Component
            && tables <= limits.worker_bytes / 4
            && can_reserve(limits.worker_bytes)
            && initial(bytes).is_ok_and(|pages| {
                pages.is_some_and(|pages| pages.saturating_mul(PAGE) <= limits.memory_bytes)
            });
        if lasting { Self::Lasting } else { Self::OfEachCall }
    }
}

/// Whether the process may have what is reserved around a memory beside `memory` bytes of its own. The worker's jail allows
/// it; a machine may have set a lower limit before.
fn can_reserve(memory: u64) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As).current;
    limit.is_none_or(|limit| limit >= RESERVED.saturating_add(memory))
}

/// The pages with which the one memory begins that all instances of a component have together; none where they have
/// several, or where it takes more than counting to say. A component without any has zero pages.
fn initial(bytes: &[u8]) -> wasmparser::Result<Option<u64>> {
    let mut parser = Parser::new(0);
    parser.set_features(proposals());
    let mut open = Vec::new();
    // The pages of each memory that a module defines, by the module's index.
    let mut modules: Vec<Vec<u64>> = Vec::new();
    let mut found: Vec<u64> = Vec::new();
    for payload in parser.parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                if encoding == Encoding::Module {
                    // Modules of inner components, which may be instantiated any number of times.
                    if open.len() > 1 {
                        return Ok(None);
                    }
                    modules.push(Vec::new());
                }
                open.push(encoding);
            }
            Payload::End(_) => {
                open.pop();
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    if let Some(module) = modules.last_mut() {
                        module.push(memory.initial);
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        let memories =
                            usize::try_from(module_index).ok().and_then(|index| modules.get(index));
                        let Some(memories) = memories else { return Ok(None) };
                        found.extend(memories);
                        if found.len() > 1 {
                            return Ok(None);
                        }
                    }
                }
            }
            // A module that comes from elsewhere shifts the indices, and can be instantiated out of sight.
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    if let ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. }
                    | ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } = alias?
                    {
                        return Ok(None);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(Some(found.first().copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<u64> {
        initial(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn one_memory_is_counted_wherever_it_is_used() {
        assert_eq!(of("(component)"), Some(0));
        let one = "(component
            (core module $libc (memory (export \"memory\") 17))
            (core module $main (import \"libc\" \"memory\" (memory 1)))
            (core instance $libc (instantiate $libc))
            (core instance $main (instantiate $main (with \"libc\" (instance $libc)))))";
        assert_eq!(of(one), Some(17));
        assert_eq!(
            of(
                "(component (core module $spare (memory 3)) (core module $m (memory 2)) (core instance (instantiate $m)))"
            ),
            Some(2)
        );
    }

    #[test]
    fn what_has_more_than_one_or_hides_them_is_told() {
        for several in [
            "(component (core module $m (memory 1) (memory 1)) (core instance (instantiate $m)))",
            "(component (core module $m (memory 1)) (core instance (instantiate $m)) (core instance (instantiate $m)))",
            "(component (component (core module $m (memory 1)) (core instance (instantiate $m))))",
            "(component $outer (core module $m (memory 1)) (component (alias outer $outer $m (core module $n)) (core instance (instantiate $n))))",
        ] {
            assert_eq!(of(several), None, "{several}");
        }
    }

    #[test]
    fn what_is_beyond_the_limits_is_left_to_the_runtime_to_refuse() {
        let bytes =
            wat::parse_str("(component (core module $m (memory 3)) (core instance (instantiate $m)))")
                .unwrap();
        let within = |pages: u64| {
            Memory::of(&bytes, Kind::Component, &Limits { memory_bytes: pages * PAGE, ..Limits::default() })
        };
        assert_eq!((within(3), within(2)), (Memory::Lasting, Memory::OfEachCall));
        let narrow = Limits { worker_bytes: 128 << 20, ..Limits::default() };
        assert_eq!(Memory::of(&bytes, Kind::Component, &narrow), Memory::OfEachCall);
    }
}
