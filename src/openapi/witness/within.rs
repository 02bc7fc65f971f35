//! A value in what holds it: the whole body around a member that breaks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::facets::{facets, flat};
use super::ground::{Ground, Part, Side};
use super::sample::Sampler;
use crate::openapi::model::{SchemaId, Types};

/// The most branches of a union that are looked at for what leads on.
const BRANCHES: usize = 64;

/// The most schemas that are looked at for whether one leads to another.
const LED: usize = 400;

/// How deep the values go that stand beside.
const DEPTH: usize = 8;

/// `value`, which stands at the schema `child`, within a value of the schemas `own` and `theirs`; none where no way leads
/// there.
pub(super) fn within(
    sampler: &mut Sampler<'_, '_, '_>,
    [own, theirs]: [Part; 2],
    child: SchemaId,
    value: &Value,
    closed: Side,
) -> Option<Value> {
    let ground = sampler.ground;
    let mut choice = 0;
    loop {
        sampler.steps = sampler.steps.checked_sub(1)?;
        let held = flat(ground, &[own], choice, None);
        if held.schemas.iter().any(|(part, _)| part.id == child) {
            return Some(value.clone());
        }
        let asked = facets(ground, &held, None);
        let mut demands = facets(ground, &flat(ground, &[own, theirs], choice, Some(closed)), None);
        let mut name = None;
        if asked.admitted().meets(Types::OBJECT) {
            name = asked
                .properties
                .iter()
                .filter(|(name, _)| !asked.absent.contains(*name))
                .find(|(_, parts)| parts.iter().any(|part| leads(ground, *part, child)))
                .map(|(name, _)| (*name).to_owned());
            if name.is_none() && asked.others.iter().any(|part| leads(ground, *part, child)) {
                name = Some("key".to_owned());
            }
        }
        if let Some(name) = name {
            demands.types = Some(Types::OBJECT);
            demands.planted.insert(name, value.clone());
            return sampler.make(&demands, DEPTH);
        }
        if asked.admitted().meets(Types::ARRAY) {
            if asked.items.iter().any(|part| leads(ground, *part, child)) {
                return Some(json!([value]));
            }
            let at =
                asked.prefix.iter().position(|parts| parts.iter().any(|part| leads(ground, *part, child)));
            if let Some(at) = at {
                let mut items = Vec::new();
                for parts in demands.prefix.iter().take(at) {
                    items.push(sampler.of(parts, DEPTH)?);
                }
                items.push(value.clone());
                return Some(Value::Array(items));
            }
        }
        choice += 1;
        if choice >= held.widest.min(BRANCHES) {
            return None;
        }
    }
}

/// Whether `part` is `child`, or leads to it by references, `allOf` and branches.
fn leads(ground: &Ground<'_, '_>, part: Part, child: SchemaId) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::from([part.id]), vec![part.id]);
    while let Some(id) = waiting.pop() {
        if id == child {
            return true;
        }
        if seen.len() > LED {
            return false;
        }
        let schema = ground.schema(Part { id, ..part });
        let branches =
            schema.reference.iter().chain(&schema.all_of).chain(&schema.one_of).chain(&schema.any_of);
        let conditions = [schema.when, schema.then, schema.otherwise].into_iter().flatten();
        waiting.extend(branches.copied().chain(conditions).filter(|&id| seen.insert(id)));
    }
    false
}
