//! What several subjects need: the real servers, started on free ports and gone when dropped, and small
//! services with a load on them.

pub(crate) mod arm;
pub(crate) mod fake_github;
pub(crate) mod git_objects;
pub(crate) mod haproxy;
pub(crate) mod hostile;
pub(crate) mod load;
pub(crate) mod ports;
pub(crate) mod prism;
pub(crate) mod prometheus;
pub(crate) mod property;
pub(crate) mod served;
pub(crate) mod shared_data;
#[cfg(feature = "attestations")]
pub(crate) mod sigstore;
pub(crate) mod stores;
pub(crate) mod tape;
