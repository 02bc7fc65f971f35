//! How much of a file is read. Beyond a limit the rest is left out and reported; nothing here is configurable.

/// The longest file, in bytes as they came.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How deep values may be nested. What lies deeper is read as null.
pub const MAX_DEPTH: usize = 256;

/// How many nodes a file may hold, those of an alias counted wherever it stands.
pub const MAX_NODES: u64 = 5_000_000;

/// How many of them aliases may add, so that what follows them in the file is still read.
pub const MAX_ALIASED: u64 = 4_000_000;

/// How many diagnostics are kept; the others are counted.
pub const MAX_DIAGNOSTICS: usize = 200;

/// How much of a foreign text a message quotes, in characters.
pub(super) const SHOWN: usize = 60;

/// How deep YAML may be nested beneath [`MAX_DEPTH`] before the rest of the file is given up: the parser keeps
/// a state for every level.
pub(super) const MAX_SKIPPED_DEPTH: usize = 4096;

/// How many indicators (`,` `:` `[` `]` `{` `}`) the YAML parser may read before it gives the next event. It holds every
/// token of a collection in brackets until that is closed, at some 170 bytes each.
pub(super) const MAX_INDICATORS_AHEAD: u32 = 1 << 19;

/// The longest `%TAG` directive of YAML: its prefix is copied to every tag.
pub(super) const MAX_TAG_DIRECTIVE: usize = 256;

/// How many bytes are read again to find what stands behind a place that is not YAML.
pub(super) const MAX_REREAD: usize = 32 * 1024 * 1024;

/// How many such places are passed over.
pub(super) const MAX_REPAIRS: usize = 24;
