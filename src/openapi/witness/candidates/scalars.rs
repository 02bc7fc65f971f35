//! Numbers, texts and single values that only one side admits.

use serde_json::{Value, json};

use super::{Finder, Look, VALUES, own_places, places};
use crate::openapi::compare::{WHOLE, shortest};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Schema, Types};
use crate::openapi::witness::export::number;
use crate::openapi::witness::facets::{Aspect, Facets, spelled};
use crate::openapi::witness::ground::Side;
use crate::openapi::witness::sample::{plain, types};

/// The most values of a list that are tried one by one.
const SPELLED: usize = 20;

/// The most digits of a number that every reader of JSON keeps.
const LONGEST: usize = 15;

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    /// Values of each type that the refusing side may not have.
    pub(super) fn types(&mut self, look: &Look<'d, 't>) {
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
        self.written(look, &places);
    }

    /// Whole numbers and booleans that are no texts of the refusing side once they are written as texts, as in a path or a
    /// query.
    fn written(&mut self, look: &Look<'d, 't>, places: &[(Side, At)]) {
        let (own, theirs) = (look.asked.admitted(), look.refused.admitted());
        let lost = |kind| theirs.meets(Types::STRING) && own.meets(kind) && !theirs.meets(kind);
        if lost(Types::BOOLEAN) {
            for value in [true, false] {
                self.push(Some(json!(value)), places.to_vec(), Types::BOOLEAN.names().first().copied());
            }
        }
        if !lost(Types::INTEGER) {
            return;
        }
        let (least, most) = look.refused.length;
        let longer = most.and_then(|most| usize::try_from(most).ok()).filter(|&most| most < LONGEST);
        let mut texts = Vec::new();
        if let Some(most) = longer {
            texts.push(format!("1{}", "0".repeat(most)));
            texts.push(format!("-1{}", "0".repeat(most.saturating_sub(1))));
        }
        texts.extend((least > 1).then(|| "1".to_owned()));
        for pattern in &look.refused.patterns {
            texts.extend(shortest(&[WHOLE], Some(pattern), (1, Some(LONGEST as u64))));
        }
        let named = Types::INTEGER.names();
        for text in texts {
            let value = Decimal::parse(&text).and_then(|decimal| number(&decimal));
            self.push(value, places.to_vec(), named.first().copied());
        }
    }

    pub(super) fn values(&mut self, look: &Look<'d, 't>) {
        if look.asked.finite.is_some() {
            let listed: Vec<(Value, At)> =
                look.own.schemas.iter().flat_map(|(_, schema)| spelled(schema)).collect();
            let told = self.value.and_then(|wanted| serde_json::from_str::<Value>(wanted).ok());
            for (value, at) in listed {
                let mut label = value.to_string();
                match self.value {
                    // Lists and objects are told with spaces.
                    Some(wanted) if told.as_ref() == Some(&value) => wanted.clone_into(&mut label),
                    Some(wanted) if !wanted.starts_with(&label) => continue,
                    _ => {}
                }
                // One that the finding names may be listed still, and refused by another keyword.
                let lost = self.value.is_some()
                    || look.refused.finite.as_ref().is_none_or(|values| !values.contains(&value));
                let kept = look.asked.finite.as_ref().is_some_and(|values| values.contains(&value));
                if lost && kept && look.asked.admitted().meets(types(&value)) {
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

    /// What the accepting side spells out, where the refusing side asks for more by another keyword.
    pub(super) fn spelled_out(&mut self, look: &Look<'d, 't>) {
        let aspect = self.aspect;
        let keyword = |schema: &Schema<'_>| match aspect {
            Aspect::Minimum => schema.minimum.as_ref().map(|bound| bound.at),
            Aspect::Maximum => schema.maximum.as_ref().map(|bound| bound.at),
            Aspect::Multiple => schema.multiple_of.as_ref().map(|bound| bound.at),
            Aspect::MinLength => schema.min_length.map(|set| set.at),
            Aspect::MaxLength => schema.max_length.map(|set| set.at),
            Aspect::Pattern => schema.pattern.map(|set| set.at),
            Aspect::Format => schema.format.map(|set| set.at),
            _ => None,
        };
        let places = places(look, keyword);
        if !places.is_empty() {
            for value in look.asked.finite.iter().flatten().take(SPELLED) {
                self.push(Some(value.clone()), places.clone(), None);
            }
        }
    }

    pub(super) fn bounds(&mut self, look: &Look<'d, 't>) {
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

    pub(super) fn multiples(&mut self, look: &Look<'d, 't>) {
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
        // A tenth of a step above one of its multiples.
        if demands.admitted().meets(Types::FRACTION) {
            let edge = |edge: &Option<(Decimal, bool)>| number(&edge.as_ref()?.0)?.as_f64();
            for step in &steps {
                let above = edge(&demands.low).unwrap_or_default() / step;
                let value = (above.ceil() + 0.1) * step;
                let fits = edge(&demands.high).is_none_or(|high| value < high);
                let value = if fits { value } else { edge(&demands.high).unwrap_or_default() - step / 10.0 };
                self.push(Some(json!(value)), places.clone(), None);
            }
        }
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

    pub(super) fn lengths(&mut self, look: &Look<'d, 't>) {
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

    pub(super) fn patterns(&mut self, look: &Look<'d, 't>) {
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

    pub(super) fn formats(&mut self, look: &Look<'d, 't>) {
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
}
