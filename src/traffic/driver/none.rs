//! The driver for traffic that something else moves: Rollgate only judges.
//!
//! `set` remembers and `read` returns what was remembered, so that a rollout walks its steps. What an earlier
//! process announced is known from its record, which `restore` brings.

use async_trait::async_trait;

use crate::support::units::Weight;
use crate::traffic::{Driver, DriverError, Reading};

pub(super) struct NoTraffic {
    remembered: Weight,
}

impl NoTraffic {
    pub(super) fn new() -> Self {
        Self { remembered: Weight::ZERO }
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
            generation: None,
        })
    }

    fn restore(&mut self, weight: Weight) {
        self.remembered = weight;
    }
}
