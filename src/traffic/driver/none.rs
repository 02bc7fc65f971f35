//! The driver for traffic that something else moves: Rollgate only judges.
//!
//! `set` remembers and `read` returns what was remembered, so that a rollout walks its steps. What this
//! process never set it cannot know; every process is therefore a generation of its own.

use std::hash::{BuildHasher as _, RandomState};

use async_trait::async_trait;

use crate::support::units::Weight;
use crate::traffic::{Driver, DriverError, Reading};

pub(super) struct NoTraffic {
    remembered: Weight,
    generation: String,
}

impl NoTraffic {
    pub(super) fn new() -> Self {
        // Process ids repeat in containers; the keys of a `RandomState` come from the system's randomness.
        let unique = RandomState::new().hash_one(std::process::id());
        Self { remembered: Weight::ZERO, generation: format!("process {unique:016x}") }
    }
}

#[async_trait]
impl Driver for NoTraffic {
    fn describe(&self) -> String {
        "no driver: something else moves traffic".into()
    }

    async fn set(&mut self, weight: Weight) -> Result<(), DriverError> {
        self.remembered = weight;
        Ok(())
    }

    async fn read(&mut self) -> Result<Reading, DriverError> {
        Ok(Reading {
            weight: Some(self.remembered),
            detail: format!("{} announced, moved by something else", self.remembered),
            generation: Some(self.generation.clone()),
        })
    }
}
