//! Reports, one renderer per file. Pure: a report can be made again from the record at any time and has the
//! same bytes.
//!
//! `canary` is what a report of a canary says and `gather` makes it from the record; `markdown`, `text` and
//! `json` only lay it out. `terminal` and `news` show a rollout that runs, from what its controller tells. All
//! foreign text passes `support::text` here; instants are shown as the record has them, in UTC and since the
//! start of the run.

pub mod canary;
pub mod gate;
pub mod gather;
pub mod problems;
pub mod timeline;
pub mod next;
pub mod numbers;
pub mod paint;
pub mod json;
pub mod look;
pub mod markdown;
pub mod text;
pub mod news;
pub mod link;
pub mod policy;
pub mod publication;
pub mod schema;
pub mod simulate;
pub mod spark;
pub mod terminal;
