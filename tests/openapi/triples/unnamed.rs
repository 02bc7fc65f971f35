//! Expected ids that are named otherwise here, or not at all, and why.

/// An expected id that is not found.
#[derive(Debug)]
pub(super) struct Unnamed {
    /// The files of the base and of the revision.
    pub(super) pair: &'static str,
    /// The expected id.
    pub(super) id: &'static str,
    /// How often it is expected there.
    pub(super) count: usize,
    /// What is found in its place; empty where nothing is.
    pub(super) ours: &'static str,
    /// Why.
    pub(super) reason: &'static str,
}

/// All of them.
pub(super) static UNNAMED: &[Unnamed] = &[];
