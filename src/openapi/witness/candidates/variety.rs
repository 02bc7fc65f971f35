//! Plain values of many kinds, for changes that no single keyword makes: unions, negation, conditions.

use serde_json::{Value, json};

use super::{BRANCHES, Finder, Look, VALUES};
use crate::openapi::model::{At, SchemaId, Types};
use crate::openapi::witness::facets::{Facets, Flat, facets, flat};
use crate::openapi::witness::ground::{Part, Side};

/// The most names that alternatives are told by.
pub(super) const NAMES: usize = 12;

/// A value of each of some types.
const WRONG: [(Types, fn() -> Value); 3] =
    [(Types::BOOLEAN, || Value::Bool(true)), (Types::INTEGER, || json!(1)), (Types::STRING, || json!("a"))];

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    /// Values of the alternatives that the tags of a discriminator lead to: of the tag that the finding names, where it
    /// names one.
    pub(super) fn tagged(&mut self, look: &Look<'d, 't>) {
        let ground = self.sampler.ground;
        for &(part, schema) in &look.own.schemas {
            let Some(discriminator) = &schema.discriminator else { continue };
            let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
            let wanted = self.value;
            let named = |tag: &Value| wanted.is_none_or(|wanted| tag.as_str() == Some(wanted));
            for (tag, target) in ground.tags(part, discriminator, &branches).iter() {
                let target = *target;
                if !named(tag) || self.full() {
                    continue;
                }
                let leads = |id: SchemaId| {
                    id == target || ground.schema(Part { id, ..part }).reference == Some(target)
                };
                let own = branches.iter().position(|&branch| leads(branch));
                let both = [part, Part { id: target, ..part }];
                let chosen = match own {
                    Some(choice) => flat(ground, &both[..1], choice, None),
                    None => flat(ground, &both, 0, None),
                };
                let mut demands = facets(ground, &chosen, None);
                demands.types = Some(Types::OBJECT);
                demands.required.insert(discriminator.property);
                demands.planted.insert(discriminator.property.to_owned(), tag.clone());
                let value = self.make(&demands);
                let at = discriminator.mapping.iter().find(|(known, ..)| tag.as_str() == Some(known));
                let at = at.map_or(discriminator.at, |(.., at)| *at);
                self.push(value, vec![(part.side, at), (part.side, discriminator.at)], tag.as_str());
            }
        }
    }

    /// Plain and full values of the accepting side, whatever they may break.
    pub(super) fn variety(&mut self, look: &Look<'d, 't>) {
        let mut places: Vec<(Side, At)> = Vec::new();
        for &part in look.own.taken.iter().chain(&look.theirs.taken) {
            let schema = self.sampler.ground.schema(part);
            places.push((part.side, schema.at));
            if let Some(id) = schema.reference {
                places.push((part.side, self.sampler.ground.schema(Part { id, ..part }).at));
            }
        }
        let label = look.own.taken.first().and_then(|&part| self.label(part));
        for (part, schema) in look.theirs.schemas.iter().chain(&look.own.schemas) {
            let inner = [schema.not, schema.when, schema.then, schema.otherwise, schema.contains];
            let dependent = schema.dependent_schemas.iter().map(|named| named.schema);
            for id in inner.into_iter().flatten().chain(dependent) {
                let part = Part { id, ..*part };
                places.push((part.side, self.sampler.ground.schema(part).at));
                // A value that is of the accepting side and of this one too.
                let mut all: Vec<Part> = look.own.schemas.iter().map(|(part, _)| *part).collect();
                all.push(part);
                let value = self.sampler.of(&all, VALUES);
                self.push(value, places.clone(), label);
            }
            for named in &schema.dependent_schemas {
                let mut demands = Facets { types: Some(Types::OBJECT), ..look.asked.clone() };
                demands.required.insert(named.name);
                let value = self.make(&demands);
                self.push(value, vec![(part.side, named.at), (part.side, schema.at)], Some(named.name));
            }
        }
        self.together(look, &places, label);
        let all = Facets::clone(&look.demands);
        for demands in [&look.asked, &all] {
            let value = self.make(demands);
            self.push(value, places.clone(), label);
            if !demands.admitted().meets(Types::OBJECT) || demands.properties.is_empty() {
                continue;
            }
            for name in self.telling(demands) {
                let mut demands = Facets { types: Some(Types::OBJECT), ..demands.clone() };
                demands.required.insert(name);
                let value = self.make(&demands);
                self.push(value, places.clone(), label);
            }
        }
        let patterned = |flat: &Flat<'d, 't>| {
            flat.schemas.iter().any(|(_, schema)| !schema.pattern_properties.is_empty())
        };
        if patterned(&look.own) || patterned(&look.theirs) {
            self.others(look);
        }
        self.lone(look, &places, label);
        self.rims(look, &places, label);
        if look.asked.finite.is_none() {
            for kind in [
                Types::STRING,
                Types::INTEGER,
                Types::BOOLEAN,
                Types::NULL,
                Types::ARRAY,
                Types::FRACTION,
                Types::OBJECT,
            ] {
                if look.asked.admitted().meets(kind) {
                    for nth in 0..2 {
                        let demands = Facets { types: Some(kind), ..look.asked.clone() };
                        let value = self.sampler.nth(&demands, nth, VALUES);
                        self.push(value, places.clone(), label);
                    }
                }
            }
            let mut demands = Facets { types: Some(Types::ARRAY), ..look.asked.clone() };
            demands.count.0 = demands.count.0.max(1);
            if demands.admitted().meets(Types::ARRAY) && look.asked.admitted().meets(Types::ARRAY) {
                let value = self.make(&demands);
                self.push(value, places.clone(), label);
            }
        }
        for value in look.asked.finite.iter().flatten().take(8) {
            self.push(Some(value.clone()), places.clone(), label);
        }
    }

    /// Objects that hold all that several branches of an `anyOf` speak of, where nothing else may be there.
    fn together(&mut self, look: &Look<'d, 't>, places: &[(Side, At)], label: Option<&str>) {
        let ground = self.sampler.ground;
        let own: Vec<Part> = look.own.schemas.iter().map(|(part, _)| *part).collect();
        if look.own.schemas.iter().all(|(_, schema)| schema.unevaluated_properties.is_none()) {
            return;
        }
        for (part, schema) in look.own.schemas.iter().filter(|(_, schema)| schema.any_of.len() > 1) {
            for both in schema.any_of.windows(2).take(BRANCHES) {
                let branches = both.iter().map(|&id| Part { id, ..*part });
                let all: Vec<Part> = own.iter().copied().chain(branches).collect();
                let mut demands = facets(ground, &flat(ground, &all, 0, None), None);
                demands.types = Some(Types::OBJECT);
                demands.required.extend(demands.properties.keys());
                let value = self.make(&demands);
                self.push(value, places.to_vec(), label);
            }
        }
    }

    /// The names that alternatives are told by, as far as few names do it: where there are many, those whose values are
    /// spelled out come first.
    pub(super) fn telling(&self, demands: &Facets<'t>) -> Vec<&'t str> {
        let ground = self.sampler.ground;
        let held = demands.properties.iter().filter(|(name, _)| !demands.absent.contains(*name));
        let mut names: Vec<(&'t str, &Vec<Part>)> = held.map(|(&name, parts)| (name, parts)).collect();
        if names.len() > NAMES {
            let spells = |part: &Part| {
                let schema = ground.schema(*part);
                schema.enumeration.is_some() || schema.constant.is_some()
            };
            names.sort_by_key(|(_, parts)| !parts.iter().any(spells));
        }
        names.into_iter().take(NAMES).map(|(name, _)| name).collect()
    }

    /// A value of one alternative of `oneOf` that the others refuse, by members that only these declare.
    fn lone(&mut self, look: &Look<'d, 't>, places: &[(Side, At)], label: Option<&str>) {
        let ground = self.sampler.ground;
        let mut demands = Facets { types: Some(Types::OBJECT), ..look.asked.clone() };
        let taken = &look.own.taken;
        let unions = look.own.schemas.iter().filter(|(_, schema)| schema.discriminator.is_none());
        let others = unions.flat_map(|(part, schema)| {
            let ids = schema.one_of.iter().take(BRANCHES).map(|&id| Part { id, ..*part });
            ids.filter(|other| !taken.contains(other)).collect::<Vec<_>>()
        });
        for other in others {
            let theirs = facets(ground, &flat(ground, &[other], 0, None), None);
            let member = theirs.properties.iter().find_map(|(&name, parts)| {
                let free = !look.asked.properties.contains_key(name)
                    && !look.asked.absent.contains(name)
                    && !theirs.absent.contains(name);
                let admitted =
                    free.then(|| facets(ground, &flat(ground, parts, 0, None), None).admitted())?;
                let wrong = WRONG.iter().find(|(kind, _)| !admitted.meets(*kind))?;
                Some((name, (wrong.1)()))
            });
            if let Some((name, value)) = member {
                demands.planted.insert(name.to_owned(), value);
            }
        }
        if demands.planted.len() > look.asked.planted.len() {
            let value = self.make(&demands);
            self.push(value, places.to_vec(), label);
        }
    }
}
