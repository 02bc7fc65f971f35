//! Ids of the known catalogue that a comparison never finds, and why.

/// Ids that share a reason.
#[derive(Debug)]
pub struct Silent {
    /// The ids.
    pub ids: &'static [&'static str],
    /// Why nothing is found under them.
    pub reason: &'static str,
}

/// All of them.
pub static SILENT: &[Silent] = &[];

/// Why `id` is never found.
#[must_use]
pub fn reason(id: &str) -> Option<&'static str> {
    SILENT.iter().find(|silent| silent.ids.contains(&id)).map(|silent| silent.reason)
}
