//! The stage of `rollgate quickstart`: two small HTTP services, a load on them, and a driver of the split
//! between them, all in this process and over real sockets.
//!
//! Edge. Only the stage is special: the controller, the policies, the provider and the journal that act on it
//! are those of every other rollout, and know nothing of this room. Everything binds to the loopback address
//! on a free port, and is gone when it is dropped.

pub mod chance;
pub mod service;
pub mod load;
pub mod driver;
pub mod act;
pub mod report;
