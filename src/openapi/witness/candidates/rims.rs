//! Values at the limits that anything says of them or of their members, for changes of one alternative that another one,
//! or what stands beside both, answers for.

use std::collections::BTreeSet;

use super::variety::NAMES;
use super::{BRANCHES, Finder, Look};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Types};
use crate::openapi::witness::facets::{Facets, facets, flat};
use crate::openapi::witness::ground::{Part, Side};

/// How many values at limits are tried, for a whole and for one property.
const RIMS: usize = 10;

/// The limits that several schemas have.
#[derive(Default)]
struct Limits {
    /// Lengths of texts at a limit, and those next to it.
    lengths: BTreeSet<u64>,
    numbers: BTreeSet<Decimal>,
}

impl Limits {
    fn add(&mut self, said: &Facets<'_>) {
        self.lengths.extend(said.length.1.into_iter().flat_map(|most| [most, most.saturating_add(1)]));
        let least = Some(said.length.0).filter(|&least| least > 0);
        self.lengths.extend(least.into_iter().flat_map(|least| [least - 1, least]));
        self.numbers.extend(said.low.iter().chain(&said.high).map(|(limit, _)| limit.clone()));
    }

    /// Texts of each length, and numbers at each limit, below all, between two, and above all, that `own` may be.
    fn demands<'t>(&self, own: &Facets<'t>) -> Vec<Facets<'t>> {
        let mut all = Vec::new();
        if own.admitted().meets(Types::STRING) {
            all.extend(self.lengths.iter().map(|&length| {
                let most = own.length.1.map_or(length, |most| most.min(length));
                let length = (length.max(own.length.0), Some(most));
                Facets { types: Some(Types::STRING), length, ..own.clone() }
            }));
        }
        let kinds = [Types::INTEGER, Types::FRACTION].map(|kind| own.admitted().and(kind));
        let mut number = |low: Option<(&Decimal, bool)>, high: Option<(&Decimal, bool)>| {
            for kind in kinds.into_iter().filter(|kind| !kind.is_none()) {
                let near = low.or(high).map(|(limit, _)| limit.clone());
                let mut demands = Facets { types: Some(kind), near, ..own.clone() };
                if let Some((low, exclusive)) = low {
                    demands.at_least(low, exclusive);
                }
                if let Some((high, exclusive)) = high {
                    demands.at_most(high, exclusive);
                }
                all.push(demands);
            }
        };
        for limit in &self.numbers {
            number(Some((limit, false)), Some((limit, false)));
        }
        let edges: Vec<Option<&Decimal>> =
            [None].into_iter().chain(self.numbers.iter().map(Some)).chain([None]).collect();
        for cell in edges.windows(2).filter(|_| !self.numbers.is_empty()) {
            number(cell[0].map(|low| (low, true)), cell[1].map(|high| (high, true)));
        }
        all.truncate(RIMS);
        all
    }
}

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    /// Values at a limit, or beyond it by the least there is, that some alternative on either side has; and such whose
    /// members are.
    pub(super) fn rims(&mut self, look: &Look<'d, 't>, places: &[(Side, At)], label: Option<&str>) {
        let ground = self.sampler.ground;
        let mut inner: Vec<Part> = Vec::new();
        for (part, schema) in look.own.schemas.iter().chain(&look.theirs.schemas) {
            inner.push(*part);
            let unions = schema.one_of.iter().chain(&schema.any_of).take(BRANCHES);
            let conditions = schema.then.iter().chain(&schema.otherwise);
            inner.extend(unions.chain(conditions).map(|&id| Part { id, ..*part }));
        }
        let mut limits = Limits::default();
        for &part in &inner {
            limits.add(&facets(ground, &flat(ground, &[part], 0, None), None));
        }
        for demands in limits.demands(&look.asked) {
            let value = self.make(&demands);
            self.push(value, places.to_vec(), label);
        }
        if !look.asked.admitted().meets(Types::OBJECT) {
            return;
        }
        // The properties that each of them speaks of.
        let properties = |part: Part| -> Vec<(&'t str, Part)> {
            let schemas = flat(ground, &[part], 0, None).schemas.into_iter();
            let named =
                schemas.flat_map(|(part, schema)| schema.properties.iter().map(move |one| (part, one)));
            named.map(|(part, one)| (one.name, Part { id: one.schema, ..part })).collect()
        };
        let spoken: Vec<_> = inner.into_iter().map(properties).collect();
        let mut names = self.telling(&look.asked);
        // An alternative that says nothing of a name takes whatever another one no longer does.
        let unasked = spoken.iter().flatten().map(|&(name, _)| name);
        let mut more: Vec<&'t str> = unasked
            .filter(|name| !look.asked.properties.contains_key(name) && !look.asked.absent.contains(name))
            .collect();
        more.sort_unstable();
        more.dedup();
        names.extend(more.into_iter().take(NAMES));
        for name in names {
            let mut limits = Limits::default();
            for properties in &spoken {
                let of_name = properties.iter().filter(|(known, _)| *known == name);
                let properties: Vec<Part> = of_name.map(|&(_, part)| part).collect();
                limits.add(&facets(ground, &flat(ground, &properties, 0, None), None));
            }
            let own = look.asked.properties.get(name).unwrap_or(&look.asked.others);
            let own = facets(ground, &flat(ground, own, 0, None), None);
            for demands in limits.demands(&own) {
                let Some(value) = self.make(&demands) else { continue };
                let mut whole = Facets { types: Some(Types::OBJECT), ..look.asked.clone() };
                whole.planted.insert(name.to_owned(), value);
                let value = self.make(&whole);
                self.push(value, places.to_vec(), label);
            }
        }
    }
}
