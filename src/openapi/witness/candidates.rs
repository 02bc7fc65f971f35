//! Values that may tell two sides apart: a value that both would accept, changed by what the refusing side asks for more.
//!
//! A candidate carries the places of the keywords that it was made from, so that a finding is shown by a value that
//! breaks what the finding speaks of. Work is bounded by a number of candidates and by the steps of the sampler.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::export::number;
use super::facets::{Aspect, Facets, Flat, facets, flat, spelled};
use super::ground::{Part, Side};
use super::sample::{Sampler, plain, types};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Schema, Types};

/// The most candidates for a finding.
pub(super) const MOST: usize = 48;

/// The most branches of a union that are looked at on either side.
const BRANCHES: usize = 12;

/// The most branches that are looked at for one of a certain name.
const NAMED: usize = 100;

/// How deep what is inside of a schema is looked at.
const DEPTH: usize = 3;

/// How deep values go.
const VALUES: usize = 8;

/// A value with what it was made from.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) value: Value,
    /// Places of the keywords that it turns on, of either side.
    pub(super) places: Vec<(Side, At)>,
    /// The property, value or alternative that it turns on.
    pub(super) label: Option<String>,
}

/// Looks for candidates.
pub(super) struct Finder<'s, 'x, 'd, 't> {
    pub(super) sampler: &'s mut Sampler<'x, 'd, 't>,
    pub(super) aspect: Aspect,
    /// The side that accepts.
    pub(super) accepting: Side,
    /// The value that the finding names, where it names one.
    pub(super) value: Option<&'s str>,
    /// The way to the property that the finding names.
    pub(super) name: Option<&'s str>,
    pub(super) found: Vec<Candidate>,
}

/// One choice of branches on both sides.
struct Look<'d, 't> {
    own: Flat<'d, 't>,
    theirs: Flat<'d, 't>,
    /// What the accepting side asks, and the refusing side but for the aspect.
    demands: Facets<'t>,
    /// What the accepting side asks.
    asked: Facets<'t>,
    /// What the refusing side asks.
    refused: Facets<'t>,
}

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    fn full(&self) -> bool {
        self.found.len() >= MOST || self.sampler.steps == 0
    }

    fn push(&mut self, value: Option<Value>, places: Vec<(Side, At)>, label: Option<&str>) {
        let Some(value) = value else { return };
        if !self.full() && !self.found.iter().any(|known| known.value == value && known.places == places) {
            self.found.push(Candidate { value, places, label: label.map(str::to_owned) });
        }
    }

    /// Candidates of `own`, the parts of the accepting side, against `theirs`.
    pub(super) fn look(&mut self, own: &[Part], theirs: &[Part], depth: usize) {
        let ground = self.sampler.ground;
        let refusing = self.accepting.other();
        let widest = |parts: &[Part]| flat(ground, parts, 0, None).widest.clamp(1, BRANCHES);
        let (many, others) = (widest(own), widest(theirs));
        let mut looks = Vec::new();
        for choice in self.choices(own, many) {
            // Branches that stand in the same place belong together, most of the time.
            let against = if depth == 0 { vec![choice % others] } else { near(choice, others) };
            for other in against {
                looks.push((choice, other));
            }
        }
        let mut below = Vec::new();
        for (choice, other) in looks {
            if self.full() {
                return;
            }
            let own_flat = flat(ground, own, choice, None);
            let their_flat = flat(ground, theirs, other, None);
            let all: Vec<Part> = own.iter().chain(theirs).copied().collect();
            let mut both = flat(ground, &all, choice, Some(refusing));
            if others == 1 && many == 1 {
                both = flat(ground, &all, choice, None);
            }
            let look = Look {
                demands: facets(ground, &both, Some((refusing, self.aspect))),
                asked: facets(ground, &own_flat, None),
                refused: facets(ground, &their_flat, None),
                own: own_flat,
                theirs: their_flat,
            };
            self.here(&look);
            below.push(look);
        }
        if depth == 0 {
            return;
        }
        for look in &below {
            self.inside(look, depth);
        }
    }

    /// Which branches of the accepting side are looked at: the one that the finding names, where there is one.
    fn choices(&self, own: &[Part], many: usize) -> Vec<usize> {
        let ground = self.sampler.ground;
        if let (Aspect::Whole, Some(wanted)) = (self.aspect, self.value) {
            let all = flat(ground, own, 0, None).widest.min(NAMED);
            let named = |choice: &usize| {
                flat(ground, own, *choice, None).taken.iter().any(|&part| self.label(part) == Some(wanted))
            };
            let named: Vec<usize> = (0..all).filter(named).collect();
            if !named.is_empty() {
                return named;
            }
        }
        (0..many).collect()
    }

    /// The name of the component that an alternative is.
    fn label(&self, part: Part) -> Option<&'t str> {
        let ground = self.sampler.ground;
        let schema = ground.schema(part);
        let target = schema.reference.map(|id| ground.schema(Part { id, ..part }));
        schema.name.or(target.and_then(|target| target.name))
    }

    fn here(&mut self, look: &Look<'d, 't>) {
        match self.aspect {
            Aspect::Types => self.types(look),
            Aspect::Values => self.values(look),
            Aspect::Minimum | Aspect::Maximum => self.bounds(look),
            Aspect::Multiple => self.multiples(look),
            Aspect::MinLength | Aspect::MaxLength => self.lengths(look),
            Aspect::Pattern => self.patterns(look),
            Aspect::Format => self.formats(look),
            Aspect::MinItems | Aspect::MaxItems => self.counts(look),
            Aspect::Unique => self.repeated(look),
            Aspect::Items => self.items(look),
            Aspect::Required => self.required(look),
            Aspect::Others => self.others(look),
            Aspect::MinProperties | Aspect::MaxProperties => self.sizes(look),
            Aspect::Dependent => self.dependent(look),
            Aspect::Names => self.names(look),
            Aspect::Contains => {
                self.contains(look);
                self.variety(look);
            }
            Aspect::Whole => self.variety(look),
        }
    }

    fn make(&mut self, demands: &Facets<'t>) -> Option<Value> {
        self.sampler.steps = self.sampler.steps.checked_sub(1)?;
        self.sampler.make(demands, VALUES)
    }

    /// Values of each type that the refusing side may not have.
    fn types(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.types.map(|set| set.at));
        let kinds = [
            Types::STRING,
            Types::INTEGER,
            Types::FRACTION,
            Types::BOOLEAN,
            Types::NULL,
            Types::OBJECT,
            Types::ARRAY,
        ];
        for kind in kinds {
            let admitted = look.asked.admitted();
            // Null may be of the types and still not be among the values.
            let lost =
                kind == Types::NULL || !look.refused.admitted().meets(kind) || !look.theirs.taken.is_empty();
            if admitted.meets(kind) && lost {
                let demands = Facets { types: Some(kind), ..look.demands.clone() };
                let value = self.make(&demands);
                let named = match kind {
                    Types::FRACTION => Types::NUMBER.names(),
                    _ => kind.names(),
                };
                self.push(value, places.clone(), named.first().copied());
                // What the refusing side says of another type may not be met by this one.
                let demands = Facets { types: Some(kind), ..look.asked.clone() };
                let value = self.make(&demands);
                self.push(value, places.clone(), named.first().copied());
            }
        }
    }

    fn values(&mut self, look: &Look<'d, 't>) {
        if look.asked.finite.is_some() {
            let listed: Vec<(Value, At)> =
                look.own.schemas.iter().flat_map(|(_, schema)| spelled(schema)).collect();
            for (value, at) in listed {
                let lost = look.refused.finite.as_ref().is_none_or(|values| !values.contains(&value));
                let kept = look.asked.finite.as_ref().is_some_and(|values| values.contains(&value));
                if lost && kept && look.asked.admitted().meets(types(&value)) {
                    let label = value.to_string();
                    if self.value.is_some_and(|wanted| !wanted.starts_with(&label)) {
                        continue;
                    }
                    self.push(Some(value), vec![(self.accepting, at)], Some(&label));
                }
            }
            return;
        }
        let places =
            places(look, |schema| schema.enumeration.map(|set| set.at).or(schema.constant.map(|set| set.at)));
        for kind in
            [Types::STRING, Types::INTEGER, Types::FRACTION, Types::BOOLEAN, Types::OBJECT, Types::ARRAY]
        {
            if !look.asked.admitted().meets(kind) {
                continue;
            }
            let mut demands = Facets { types: Some(kind), ..look.demands.clone() };
            demands.forbidden.extend(look.refused.finite.iter().flatten().cloned());
            let value = self.make(&demands);
            self.push(value, places.clone(), None);
        }
    }

    fn bounds(&mut self, look: &Look<'d, 't>) {
        let lower = self.aspect == Aspect::Minimum;
        for (part, schema) in &look.theirs.schemas {
            let Some(bound) = (if lower { &schema.minimum } else { &schema.maximum }) else { continue };
            let mut demands = look.demands.clone();
            demands.near = Some(bound.value.clone());
            if lower {
                demands.at_most(&bound.value, !bound.exclusive);
            } else {
                demands.at_least(&bound.value, !bound.exclusive);
            }
            let mut places = vec![(part.side, bound.at)];
            places.extend(own_places(look, |schema| {
                let own = if lower { &schema.minimum } else { &schema.maximum };
                own.as_ref().map(|bound| bound.at)
            }));
            for kind in [Types::INTEGER, Types::FRACTION] {
                demands.types = Some(look.demands.admitted().and(kind));
                let value = if demands.types == Some(Types::NONE) { None } else { self.make(&demands) };
                self.push(value, places.clone(), None);
            }
        }
    }

    fn multiples(&mut self, look: &Look<'d, 't>) {
        let mut places = places(look, |schema| schema.multiple_of.as_ref().map(|bound| bound.at));
        places.dedup();
        let steps: Vec<f64> = look
            .refused
            .steps
            .iter()
            .filter_map(|step| number(step)?.as_f64())
            .filter(|step| *step > 0.0)
            .collect();
        let demands =
            Facets { types: Some(look.demands.admitted().and(Types::NUMBER)), ..look.demands.clone() };
        for nth in 0..40 {
            if self.full() {
                return;
            }
            for kind in [Types::INTEGER, Types::FRACTION] {
                let demands = Facets { types: Some(demands.admitted().and(kind)), ..demands.clone() };
                let value = self.sampler.nth(&demands, nth, VALUES);
                let off = value.as_ref().and_then(Value::as_f64).is_some_and(|value| {
                    steps.iter().any(|step| {
                        let times = value / step;
                        (times - times.round()).abs() > 1e-9
                    })
                });
                if off {
                    self.push(value, places.clone(), None);
                    return;
                }
            }
        }
    }

    fn lengths(&mut self, look: &Look<'d, 't>) {
        let shorter = self.aspect == Aspect::MinLength;
        for (part, schema) in &look.theirs.schemas {
            let Some(set) = (if shorter { schema.min_length } else { schema.max_length }) else { continue };
            let mut demands = Facets { types: Some(Types::STRING), ..look.demands.clone() };
            if shorter {
                let Some(most) = set.value.checked_sub(1) else { continue };
                demands.length.1 = Some(demands.length.1.map_or(most, |own| own.min(most)));
            } else {
                demands.length.0 = demands.length.0.max(set.value.saturating_add(1));
            }
            let mut places = vec![(part.side, set.at)];
            places.extend(own_places(look, |schema| {
                let own = if shorter { schema.min_length } else { schema.max_length };
                own.map(|set| set.at)
            }));
            let value = self.make(&demands);
            self.push(value, places, None);
        }
    }

    fn patterns(&mut self, look: &Look<'d, 't>) {
        for (part, schema) in &look.theirs.schemas {
            let Some(pattern) = schema.pattern else { continue };
            let mut demands = Facets { types: Some(Types::STRING), ..look.demands.clone() };
            demands.outside = Some(pattern.value);
            let mut places = vec![(part.side, pattern.at)];
            places.extend(own_places(look, |schema| schema.pattern.map(|set| set.at)));
            let value = self.make(&demands);
            self.push(value, places.clone(), None);
            // Patterns that no automaton decides may still be told apart by a plain text.
            demands.outside = None;
            let value = self.make(&demands);
            self.push(value, places.clone(), None);
            if look.asked.patterns.is_empty() && look.asked.formats.is_empty() {
                for text in ["a", "A", "0", "-", " ", "é", "a b", ""] {
                    self.push(Some(json!(text)), places.clone(), None);
                }
            }
        }
    }

    fn formats(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.format.map(|set| set.at));
        let demands = Facets { formats: look.asked.formats.clone(), ..look.demands.clone() };
        for kind in [Types::STRING, Types::INTEGER, Types::FRACTION] {
            if demands.admitted().meets(kind) {
                for nth in 0..2 {
                    let demands = Facets { types: Some(kind), ..demands.clone() };
                    let value = self.sampler.nth(&demands, nth, VALUES);
                    self.push(value, places.clone(), None);
                }
            }
        }
        if demands.admitted().meets(Types::STRING) {
            for format in &look.asked.formats {
                for text in plain(format).into_iter().flatten() {
                    self.push(Some(json!(text)), places.clone(), None);
                }
            }
            if look.asked.formats.is_empty() {
                self.push(Some(json!("a b")), places.clone(), None);
            }
        }
        let numbers = ["-1", "128", "256", "32768", "65536", "2147483648", "4294967296"];
        let far = ["9223372036854775808", "1e300", "1e-50"];
        for text in numbers.into_iter().chain(far) {
            let Some(decimal) = Decimal::parse(text) else { continue };
            let kind = if decimal.is_integer() { Types::INTEGER } else { Types::FRACTION };
            if demands.admitted().meets(kind) {
                self.push(number(&decimal), places.clone(), None);
            }
        }
    }

    fn counts(&mut self, look: &Look<'d, 't>) {
        let fewer = self.aspect == Aspect::MinItems;
        for (part, schema) in &look.theirs.schemas {
            let Some(set) = (if fewer { schema.min_items } else { schema.max_items }) else { continue };
            let mut demands = Facets { types: Some(Types::ARRAY), ..look.demands.clone() };
            if fewer {
                let Some(most) = set.value.checked_sub(1) else { continue };
                demands.count.1 = Some(demands.count.1.map_or(most, |own| own.min(most)));
            } else {
                demands.count.0 = demands.count.0.max(set.value.saturating_add(1));
            }
            let mut places = vec![(part.side, set.at)];
            places.extend(own_places(look, |schema| {
                let own = if fewer { schema.min_items } else { schema.max_items };
                own.map(|set| set.at)
            }));
            let value = self.make(&demands);
            self.push(value, places, None);
        }
    }

    fn repeated(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.unique_items);
        let mut demands = Facets { types: Some(Types::ARRAY), unique: false, ..look.demands.clone() };
        demands.count.0 = demands.count.0.max(2);
        let value = self.make(&demands);
        self.push(value, places, None);
    }

    /// Lists of items that only the accepting side admits.
    fn items(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| {
            schema.items.map(|id| {
                let _ = id;
                schema.at
            })
        });
        let longest = look.refused.prefix.len().max(look.asked.prefix.len()).min(16);
        for index in 0..=longest {
            let parts = look.asked.prefix.get(index).unwrap_or(&look.asked.items).clone();
            let mut before = Vec::new();
            for index in 0..index {
                let own = look.asked.prefix.get(index).unwrap_or(&look.asked.items);
                let theirs = look.refused.prefix.get(index).unwrap_or(&look.refused.items);
                let both: Vec<Part> = own.iter().chain(theirs).copied().collect();
                let Some(item) = self.sampler.of(&both, VALUES) else { return };
                before.push(item);
            }
            for item in self.different(&parts) {
                let mut items = before.clone();
                items.push(item);
                self.push(Some(Value::Array(items)), places.clone(), None);
            }
        }
    }

    fn contains(&mut self, look: &Look<'d, 't>) {
        for (_, schema) in &look.theirs.schemas {
            if let (Some(id), Some(most)) = (schema.contains, schema.max_contains) {
                let side = self.accepting.other();
                let mut demands = Facets { types: Some(Types::ARRAY), ..look.demands.clone() };
                demands.contains = vec![(Part { side, id }, most.value.saturating_add(1))];
                let value = self.make(&demands);
                self.push(value, vec![(side, most.at)], None);
            }
        }
    }

    fn required(&mut self, look: &Look<'d, 't>) {
        let mut tried = BTreeSet::new();
        for (part, schema) in &look.theirs.schemas {
            for &(name, at) in &schema.required {
                if look.asked.required.contains(name)
                    || !look.refused.required.contains(name)
                    || !tried.insert((name, at.offset))
                {
                    continue;
                }
                let mut demands = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
                demands.required.extend(look.refused.required.iter().filter(|other| **other != name));
                demands.absent.insert(name);
                demands.planted.remove(name);
                let mut places = vec![(part.side, at)];
                places.extend(property_places(look, name));
                let value = self.make(&demands);
                self.push(value, places.clone(), Some(name));
                // Others that are required too may be ones that nobody can give.
                let mut demands = Facets { types: Some(Types::OBJECT), ..look.asked.clone() };
                demands.absent.insert(name);
                let value = self.make(&demands);
                self.push(value, places, Some(name));
            }
        }
    }

    /// Objects with a name that the refusing side does not know, or of which it says more.
    fn others(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| {
            let closes = schema.additional_properties.or(schema.unevaluated_properties);
            (closes.is_some() || !schema.pattern_properties.is_empty()).then_some(schema.at)
        });
        let mut demands = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
        for (&name, parts) in &look.asked.properties {
            if look.refused.properties.contains_key(name) || look.asked.absent.contains(name) {
                continue;
            }
            let value = self.sampler.of(parts, VALUES);
            let Some(value) = value else { continue };
            demands.planted.insert(name.to_owned(), value);
            let value = self.make(&demands);
            let mut places = places.clone();
            places.extend(property_places(look, name));
            self.push(value, places, Some(name));
            demands.planted.remove(name);
        }
        let mut names = vec!["other".to_owned()];
        for (_, schema) in look.theirs.schemas.iter().chain(&look.own.schemas) {
            for pattern in schema.pattern_properties.iter().take(3) {
                names.extend(crate::openapi::compare::shortest(&[pattern.name], None, (1, None)));
            }
        }
        for name in names {
            if look.asked.properties.contains_key(name.as_str())
                || look.refused.properties.contains_key(name.as_str())
            {
                continue;
            }
            for value in self.different(&look.asked.others) {
                demands.planted.insert(name.clone(), value);
                let value = self.make(&demands);
                self.push(value, places.clone(), Some(&name));
                demands.planted.remove(&name);
            }
        }
    }

    fn sizes(&mut self, look: &Look<'d, 't>) {
        let fewer = self.aspect == Aspect::MinProperties;
        for (part, schema) in &look.theirs.schemas {
            let Some(set) = (if fewer { schema.min_properties } else { schema.max_properties }) else {
                continue;
            };
            let mut demands = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
            if fewer {
                let Some(most) = set.value.checked_sub(1) else { continue };
                demands.size.1 = Some(demands.size.1.map_or(most, |own| own.min(most)));
            } else {
                demands.size.0 = demands.size.0.max(set.value.saturating_add(1));
            }
            let mut places = vec![(part.side, set.at)];
            places.extend(own_places(look, |schema| {
                let own = if fewer { schema.min_properties } else { schema.max_properties };
                own.map(|set| set.at)
            }));
            let value = self.make(&demands);
            self.push(value, places, None);
        }
    }

    fn dependent(&mut self, look: &Look<'d, 't>) {
        for (part, schema) in &look.theirs.schemas {
            for (name, needed, at) in &schema.dependent_required {
                for missing in needed {
                    let mut demands = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
                    demands.required.insert(name);
                    demands.required.remove(missing);
                    demands.absent.insert(missing);
                    let value = self.make(&demands);
                    self.push(value, vec![(part.side, *at)], Some(name));
                }
            }
        }
    }

    fn names(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.property_names.map(|_| schema.at));
        let Some(value) = self.different(&look.asked.others).into_iter().next() else { return };
        for name in
            ["a", "A", "0", "-", " ", "a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
        {
            let mut demands = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
            demands.planted.insert(name.to_owned(), value.clone());
            let value = self.make(&demands);
            self.push(value, places.clone(), None);
        }
    }

    /// One plain value of each type that `parts` admit, and each of the values that they spell out.
    fn different(&mut self, parts: &[Part]) -> Vec<Value> {
        let flat = flat(self.sampler.ground, parts, 0, None);
        let demands = facets(self.sampler.ground, &flat, None);
        let mut values: Vec<Value> = demands.finite.iter().flatten().take(8).cloned().collect();
        for kind in [
            Types::STRING,
            Types::INTEGER,
            Types::BOOLEAN,
            Types::OBJECT,
            Types::ARRAY,
            Types::FRACTION,
            Types::NULL,
        ] {
            if demands.admitted().meets(kind) && demands.finite.is_none() {
                let demands = Facets { types: Some(kind), ..demands.clone() };
                values.extend(self.make(&demands));
            }
        }
        values
    }

    /// Plain and full values of the accepting side, whatever they may break.
    fn variety(&mut self, look: &Look<'d, 't>) {
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
        let all = Facets::clone(&look.demands);
        for demands in [&look.asked, &all] {
            let value = self.make(demands);
            self.push(value, places.clone(), label);
            if !demands.admitted().meets(Types::OBJECT) || demands.properties.is_empty() {
                continue;
            }
            for &name in demands.properties.keys().take(12) {
                if demands.absent.contains(name) {
                    continue;
                }
                let mut demands = Facets { types: Some(Types::OBJECT), ..demands.clone() };
                demands.required.insert(name);
                let value = self.make(&demands);
                self.push(value, places.clone(), label);
            }
        }
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

    /// What lies inside: a member or an item that tells the sides apart, within a value that does not.
    fn inside(&mut self, look: &Look<'d, 't>, depth: usize) {
        let whole = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
        if look.asked.admitted().meets(Types::OBJECT) {
            // The property that the finding names first: others may have changed too.
            let named =
                |name: &str| self.name.is_some_and(|path| path.split(['.', '[']).any(|step| step == name));
            let mut properties: Vec<(&'t str, &Vec<Part>)> =
                look.asked.properties.iter().map(|(&name, parts)| (name, parts)).collect();
            properties.sort_by_key(|(name, _)| !named(name));
            for (name, own) in properties {
                let Some(theirs) = look.refused.properties.get(name) else { continue };
                if self.full() {
                    return;
                }
                if look.demands.absent.contains(name) {
                    continue;
                }
                for candidate in self.below(own, theirs, depth) {
                    let mut demands = whole.clone();
                    demands.planted.insert(name.to_owned(), candidate.value);
                    let value = self.make(&demands);
                    self.push(value, candidate.places, candidate.label.as_deref());
                }
            }
            if !look.asked.others.is_empty() && !look.refused.others.is_empty() {
                for candidate in self.below(&look.asked.others, &look.refused.others, depth) {
                    let mut demands = whole.clone();
                    demands.planted.insert("key".to_owned(), candidate.value);
                    let value = self.make(&demands);
                    self.push(value, candidate.places, candidate.label.as_deref());
                }
            }
        }
        if look.asked.admitted().meets(Types::ARRAY) && !look.asked.items.is_empty() {
            for candidate in self.below(&look.asked.items, &look.refused.items, depth) {
                self.push(Some(json!([candidate.value])), candidate.places, candidate.label.as_deref());
            }
        }
    }

    fn below(&mut self, own: &[Part], theirs: &[Part], depth: usize) -> Vec<Candidate> {
        let same = own.len() == 1
            && theirs.len() == 1
            && self.sampler.ground.schema(own[0]).hash == self.sampler.ground.schema(theirs[0]).hash;
        if same {
            return Vec::new();
        }
        let mut inner = Finder {
            sampler: &mut *self.sampler,
            aspect: self.aspect,
            accepting: self.accepting,
            value: self.value,
            name: self.name,
            found: Vec::new(),
        };
        inner.look(own, theirs, depth - 1);
        inner.found
    }
}

/// The choices of the other side, that in the same place first.
fn near(choice: usize, others: usize) -> Vec<usize> {
    let first = choice % others;
    std::iter::once(first).chain((0..others).filter(|other| *other != first)).take(4).collect()
}

/// How deep a search looks at first, and then.
pub(super) const DEPTHS: [usize; 2] = [0, DEPTH];

fn sided<'d, 't>(flat: &Flat<'d, 't>, place: impl Fn(&Schema<'t>) -> Option<At>) -> Vec<(Side, At)> {
    flat.schemas.iter().filter_map(|(part, schema)| Some((part.side, place(schema)?))).collect()
}

fn own_places<'t>(look: &Look<'_, 't>, place: impl Fn(&Schema<'t>) -> Option<At>) -> Vec<(Side, At)> {
    sided(&look.own, place)
}

/// The places of a keyword on both sides.
fn places<'t>(look: &Look<'_, 't>, place: impl Fn(&Schema<'t>) -> Option<At>) -> Vec<(Side, At)> {
    let mut places = sided(&look.theirs, &place);
    places.extend(sided(&look.own, &place));
    places
}

/// The places where the property `name` is declared.
fn property_places(look: &Look<'_, '_>, name: &str) -> Vec<(Side, At)> {
    places(look, |schema| {
        schema.properties.iter().find(|property| property.name == name).map(|property| property.at)
    })
}
