//! The split between the two arms of a quickstart, and the driver that sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;

use crate::support::units::Weight;
use crate::traffic::{Driver, DriverError, Reading};

/// The canary's share of the load, shared between the driver and the load generator.
#[derive(Debug, Clone, Default)]
pub struct Split(Arc<AtomicU8>);

impl Split {
    /// The canary's share.
    #[must_use]
    pub fn weight(&self) -> Weight {
        Weight::new(self.0.load(Ordering::Relaxed)).unwrap_or(Weight::FULL)
    }

    /// Gives the canary this share from the next request on.
    pub fn set(&self, weight: Weight) {
        self.0.store(weight.percent(), Ordering::Relaxed);
    }
}

/// Sets the split of a load generator in this process.
#[derive(Debug, Clone)]
pub struct Local(pub Split);

#[async_trait]
impl Driver for Local {
    fn describe(&self) -> String {
        "the load generator in this process".into()
    }

    async fn set(&mut self, weight: Weight) -> Result<(), DriverError> {
        self.0.set(weight);
        Ok(())
    }

    async fn read(&mut self) -> Result<Reading, DriverError> {
        let weight = self.0.weight();
        let detail = format!("canary {weight}, baseline {}", weight.complement());
        Ok(Reading { weight: Some(weight), detail, generation: None })
    }
}
