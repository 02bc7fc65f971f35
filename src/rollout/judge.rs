//! Who answers for the policies of a gate, as a controller knows them. Edge.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::policy::gate::Gate;
use crate::snapshot::model::Snapshot;
use crate::verdict::asked::Asked;
use crate::verdict::model::{Composition, Member};

/// Whoever answers for the policies of a gate.
#[async_trait]
pub trait Judge: Send {
    /// How their answers are combined.
    fn composition(&self) -> &Composition;

    /// With what the policies are asked beside the snapshot, for the record.
    fn asked(&self, memories: &BTreeMap<String, Vec<u8>>) -> Asked;

    /// Asks every policy, each with its own memory by member id. Never fails: faults are answers.
    async fn judge(&mut self, snapshot: &Snapshot, memories: &BTreeMap<String, Vec<u8>>) -> Vec<Member>;
}

#[async_trait]
impl Judge for Gate {
    fn composition(&self) -> &Composition {
        self.composition()
    }

    fn asked(&self, memories: &BTreeMap<String, Vec<u8>>) -> Asked {
        self.asked(memories)
    }

    async fn judge(&mut self, snapshot: &Snapshot, memories: &BTreeMap<String, Vec<u8>>) -> Vec<Member> {
        self.judge(snapshot, memories).await
    }
}
