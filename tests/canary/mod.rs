//! `rollgate canary` as its users meet it: the real binary, a real HAProxy, and arms that are scraped.

mod broken;
mod dies;
mod settles;
pub(crate) mod stage;
mod steers;
