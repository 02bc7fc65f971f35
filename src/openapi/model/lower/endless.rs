//! Schemas that are defined by themselves: references that lead back without a step into the value, so that no value
//! could ever be judged. The references that close such a circle are cut.

use super::Lowering;
use super::graph::Graph;
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::Schema;

impl Lowering<'_> {
    pub(super) fn cut_endless_schemas(&mut self) {
        let graph = Graph::of(&self.schemas, |schema: &Schema<'_>, edge| schema.edges_in_place(edge));
        let mut circle_of = vec![0_u32; self.schemas.len()];
        let mut circles = 0;
        graph.components(|members, endless| {
            if endless {
                circles += 1;
                for &member in members {
                    circle_of[member as usize] = circles;
                }
            }
        });
        if circles == 0 {
            return;
        }
        // In the order of the document, so that the defects are told in it. A circle has a reference in it, because
        // what is written inside one another ends.
        for index in 0..circle_of.len() {
            let schema = &self.schemas[index];
            let Some(target) = schema.reference else { continue };
            if circle_of[index] == 0 || circle_of.get(target.0 as usize) != Some(&circle_of[index]) {
                continue;
            }
            let at = schema.at;
            let nothing = self.nothing(at);
            let schema = &mut self.schemas[index];
            schema.reference = Some(nothing);
            schema.broken = true;
            let message = format_args!(
                "this schema refers to itself without a step into the value, so it says nothing: break the circle"
            );
            self.report(Gravity::Error, "endless-reference", at, message);
        }
    }
}
