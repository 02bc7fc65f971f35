//! Values at the limits that anything says of a property, for changes of one alternative that another one, or what stands
//! beside both, answers for.

use std::collections::BTreeSet;

use super::{BRANCHES, Finder, Look};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Types};
use crate::openapi::witness::facets::{Facets, facets, flat};
use crate::openapi::witness::ground::{Part, Side};

/// How many limits of one property are tried.
const RIMS: usize = 8;

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    /// Values whose members lie at a limit, or beyond it by the least there is, that some alternative on either side has.
    pub(super) fn rims(&mut self, look: &Look<'d, 't>, places: &[(Side, At)], label: Option<&str>) {
        if !look.asked.admitted().meets(Types::OBJECT) {
            return;
        }
        let ground = self.sampler.ground;
        let mut inner: Vec<Part> = Vec::new();
        for (part, schema) in look.own.schemas.iter().chain(&look.theirs.schemas) {
            inner.push(*part);
            let unions = schema.one_of.iter().chain(&schema.any_of).take(BRANCHES);
            let conditions = schema.then.iter().chain(&schema.otherwise);
            inner.extend(unions.chain(conditions).map(|&id| Part { id, ..*part }));
        }
        // The properties that each of them speaks of.
        let properties = |part: Part| -> Vec<(&'t str, Part)> {
            let schemas = flat(ground, &[part], 0, None).schemas.into_iter();
            let named =
                schemas.flat_map(|(part, schema)| schema.properties.iter().map(move |one| (part, one)));
            named.map(|(part, one)| (one.name, Part { id: one.schema, ..part })).collect()
        };
        let spoken: Vec<_> = inner.into_iter().map(properties).collect();
        for name in self.telling(&look.asked) {
            let (mut lengths, mut numbers) = (BTreeSet::<u64>::new(), Vec::<Decimal>::new());
            for properties in &spoken {
                let of_name = properties.iter().filter(|(known, _)| *known == name);
                let properties: Vec<Part> = of_name.map(|&(_, part)| part).collect();
                let said = facets(ground, &flat(ground, &properties, 0, None), None);
                lengths.extend(said.length.1.into_iter().flat_map(|most| [most, most.saturating_add(1)]));
                let least = Some(said.length.0).filter(|&least| least > 0);
                lengths.extend(least.into_iter().flat_map(|least| [least - 1, least]));
                numbers.extend(said.low.into_iter().chain(said.high).map(|(limit, _)| limit));
            }
            let own = facets(ground, &flat(ground, &look.asked.properties[name], 0, None), None);
            let texts = lengths.into_iter().map(|length| Facets {
                types: Some(Types::STRING),
                length: (
                    length.max(own.length.0),
                    Some(own.length.1.map_or(length, |most| most.min(length))),
                ),
                ..own.clone()
            });
            let beyond = numbers.into_iter().flat_map(|limit| {
                let at = Facets {
                    low: Some((limit.clone(), false)),
                    high: Some((limit.clone(), false)),
                    ..own.clone()
                };
                let above =
                    Facets { low: Some((limit.clone(), true)), near: Some(limit.clone()), ..own.clone() };
                let below = Facets { high: Some((limit.clone(), true)), near: Some(limit), ..own.clone() };
                [at, above, below]
            });
            let kinds = (own.admitted().meets(Types::STRING), own.admitted().meets(Types::NUMBER));
            let demands: Vec<Facets<'t>> =
                texts.filter(|_| kinds.0).chain(beyond.filter(|_| kinds.1)).take(RIMS).collect();
            for value in demands.iter().filter_map(|demands| self.make(demands)).collect::<Vec<_>>() {
                let mut whole = Facets { types: Some(Types::OBJECT), ..look.asked.clone() };
                whole.planted.insert(name.to_owned(), value);
                let value = self.make(&whole);
                self.push(value, places.to_vec(), label);
            }
        }
    }
}
