//! The limits of this room, in one place. Each turns into a clear error, never into less than what was asked for.

use std::time::Duration;

/// How many bytes a description may have.
pub const DESCRIPTION: usize = 64 * 1024 * 1024;

/// How many files a description may refer to, those that are not there included. Together with it they may have as many
/// bytes as a description.
pub const FILES: usize = 1_000;

/// How many URLs a description may refer to. They count as files too.
pub const URLS: usize = 100;

/// How long the documents at all of them may take together.
pub const FOLLOWING: Duration = Duration::from_mins(2);

/// How many characters a path may have.
pub const PATH: usize = 4_096;

/// How many symbolic links are followed on the way to one file.
pub const LINKS: usize = 16;

/// How many bytes the target of a symbolic link may have.
pub const LINK: usize = 4_096;

/// How many folders deep a tree is walked.
pub const DEPTH: usize = 128;

/// How many entries of a tree are looked at in one walk.
pub const ENTRIES: usize = 2_000_000;

/// How many files one search may find.
pub const FOUND: usize = 10_000;

/// How many changed paths are listed between two commits.
pub const CHANGES: usize = 500_000;

/// How many commits are visited in search of a merge base.
pub const COMMITS: usize = 3_000_000;

/// How many bytes an object of the local database may have while it is unpacked, bases of deltas included.
pub const OBJECT: usize = 256 * 1024 * 1024;

/// How many bytes a file of the repository's own administration may have, such as its config.
pub const ADMINISTRATION: u64 = 16 * 1024 * 1024;

/// How many bytes the file of packed references may have.
pub const PACKED_REFERENCES: u64 = 512 * 1024 * 1024;

/// How many characters a revision may have.
pub const REVISION: usize = 512;

/// How long one question to the local object database may take.
pub const LOCAL: Duration = Duration::from_mins(2);

/// How many trees one walk asks the API for where it cannot list all at once.
pub const API_TREES: usize = 500;

/// How many bytes the API's answer to a comparison may have: it lists changed files with their patches.
pub const COMPARISON: usize = 64 * 1024 * 1024;

/// How many characters a published version may have.
pub const VERSION: usize = 100;

/// How many versions of a service may be published in one store.
pub const VERSIONS: usize = 10_000;

/// How many bytes the list of them may have.
pub const INDEX: usize = 4 * 1024 * 1024;

/// How often a publication begins anew because others publish at the same time.
pub const PUBLISHING: u32 = 20;

/// How many tags are looked at for the last released version.
pub const TAGS: usize = 100_000;

/// How many bytes the manifest of an artifact in a registry may have, and the answer that gives a token.
pub const MANIFEST: usize = 1024 * 1024;

/// How many bytes of what a registry says are read where it refuses.
pub const REFUSAL: usize = 64 * 1024;
