//! Every limit of the policy host, with its default. The one place that states them.
//!
//! Invariant: a limit can be lowered, by the `limits` of a config, never raised. The measured needs behind the
//! defaults: a `QuickJS` policy takes 1.6 MB of component, 4.4 million fuel and 1.5 MB of memory for 20 metrics of
//! 2 × 60 samples; a Python one 18.5 MB, 5.7 million and 12.7 MB.

use serde::{Deserialize, Serialize};

use crate::support::units::Millis;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $default:expr;)*) => {
        /// What a policy may use. Sizes are in bytes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct Limits {
            $($(#[doc = $doc])* pub $name: $type,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The lower of both, limit by limit.
            #[must_use]
            pub fn lowered_to(self, wanted: Self) -> Self {
                Self { $($name: self.$name.min(wanted.$name),)* }
            }

            /// The names and values of those that are other than by default, as a config has them.
            #[must_use]
            pub fn lowered(&self) -> Vec<(String, String)> {
                let default = Self::default();
                let mut lowered = Vec::new();
                $(if self.$name != default.$name {
                    lowered.push((stringify!($name).replace('_', "-"), self.$name.to_string()));
                })*
                lowered
            }
        }
    };
}

/// Hands the table of all limits to the macro `$then`: name, type and default of each.
macro_rules! table {
    ($then:ident) => {
        $then! {
            /// Size of the component.
            component_bytes: u64 = 32 * 1024 * 1024;
            /// Time from the start of the worker to a loaded and described policy.
            compile_wall: Millis = Millis(10_000);
            /// Time for one call of the policy.
            evaluate_wall: Millis = Millis(2_000);
            /// Fuel for one call, instantiation included; about one unit for each instruction.
            fuel: u64 = 1_000_000_000;
            /// Linear memory, all memories of a policy together.
            memory_bytes: u64 = 128 * 1024 * 1024;
            /// Core instances in the component.
            instances: u64 = 64;
            /// Tables.
            tables: u64 = 64;
            /// Linear memories.
            memories: u64 = 8;
            /// Elements, all tables together.
            table_elements: u64 = 100_000;
            /// Stack of the policy.
            stack_bytes: u64 = 512 * 1024;
            /// What one call may hand to the host: log lines, strings and lists of its result.
            hostcall_bytes: u64 = 4 * 1024 * 1024;
            /// Memory of the worker process: compiler, code and policy.
            worker_bytes: u64 = 1024 * 1024 * 1024;
            /// An outcome or a refusal, all its texts and its memory together.
            outcome_bytes: u64 = 256 * 1024;
            /// Reasons of an outcome.
            reasons: u64 = 100;
            /// Facts of a reason.
            evidence: u64 = 50;
            /// What a policy may ask to be given again at the next look.
            policy_memory_bytes: u64 = 64 * 1024;
            /// Log lines kept.
            log_lines: u64 = 64;
            /// Characters of a log line kept.
            log_characters: u64 = 1024;
            /// A text for people, in characters: a reason, a refusal, the summary of a description.
            text_characters: u64 = 1024;
            /// The settings as JSON text.
            settings_bytes: u64 = 256 * 1024;
            /// The JSON Schema of the settings.
            schema_bytes: u64 = 256 * 1024;
            /// Compiled size of a pattern in that schema.
            pattern_bytes: u64 = 1024 * 1024;
            /// Problems with the settings that are reported.
            settings_problems: u64 = 50;
            /// Metrics that a policy may say it needs.
            needs: u64 = 100;
            /// Policies of a gate, each with its own process.
            members: u64 = 16;
            /// A message from the worker to its parent.
            reply_bytes: u64 = 2 * 1024 * 1024;
        }
    };
}
pub(crate) use table;

table!(limits);

/// A size in bytes as people read it: `512 KiB`, `128 MiB`, `1.5 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..KIB => return format!("{bytes} bytes"),
        KIB..MIB => (KIB, "KiB"),
        _ => (MIB, "MiB"),
    };
    let tenths = bytes * 10 / unit;
    if bytes.is_multiple_of(unit) {
        format!("{} {name}", bytes / unit)
    } else if tenths.is_multiple_of(10) {
        // Rounded, it would look like a limit that it is just above.
        format!("{bytes} bytes")
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// An amount of fuel as people read it: `50 million`, `1234`.
#[must_use]
pub fn amount(fuel: u64) -> String {
    if fuel > 0 && fuel.is_multiple_of(1_000_000) {
        format!("{} million", fuel / 1_000_000)
    } else {
        fuel.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_can_be_lowered_but_not_raised() {
        let wanted = Limits { fuel: 1, memory_bytes: u64::MAX, ..Limits::default() };
        let lowered = Limits::default().lowered_to(wanted);
        assert_eq!(lowered, Limits { fuel: 1, ..Limits::default() });
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            [0, 1023, 1024, 65_537, 524_288, 1_572_864, 134_217_728, 1_073_741_824].map(size),
            ["0 bytes", "1023 bytes", "1 KiB", "65537 bytes", "512 KiB", "1.5 MiB", "128 MiB", "1024 MiB"]
        );
        assert_eq!([0, 1, 999_999, 50_000_000].map(amount), ["0", "1", "999999", "50 million"]);
    }
}
