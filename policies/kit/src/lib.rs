//! What the built-in policies share, so that each is only its own decision: the bindings of the interface, the reading of
//! settings, the limits of `thresholds`, and the words for numbers.
//!
//! Nothing here knows a policy by name. It is small on purpose: what a policy does not use is not in its component.

pub mod json;
pub mod limits;
#[cfg(feature = "sample")]
pub mod sample;
pub mod say;
pub mod settings;
pub mod units;

/// Takes nothing back: a policy lives for one call, after which the host clears its memory.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: mini_alloc::MiniAlloc = mini_alloc::MiniAlloc::INIT;

/// The generated interface.
pub mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        missing_debug_implementations,
        unreachable_pub,
        clippy::all,
        clippy::pedantic,
        reason = "generated code"
    )]
    wit_bindgen::generate!({
        path: "../../wit/v1",
        world: "policy",
        additional_derives: [PartialEq],
        pub_export_macro: true,
        default_bindings_module: "kit::bindings",
    });
}

pub use bindings::exports::rollgate::policy::judge::Guest;
pub use bindings::rollgate::policy::{log, types};

use types::Description;

/// Exports a policy. The exports have names that only WebAssembly allows.
#[macro_export]
macro_rules! export {
    ($policy:ident) => {
        #[cfg(target_family = "wasm")]
        mod export {
            #![allow(unsafe_code, reason = "generated code")]
            use super::$policy;
            $crate::bindings::export!($policy with_types_in $crate::bindings);
        }
    };
}

/// What a built-in policy says of itself. Which metrics it needs depends on its settings, so it names none.
#[must_use]
pub fn description(name: &str, version: &str, summary: &str, schema: &str) -> Description {
    Description {
        name: name.into(),
        version: version.into(),
        summary: summary.into(),
        documentation_url: None,
        settings_schema: schema.into(),
        needs: Vec::new(),
    }
}
