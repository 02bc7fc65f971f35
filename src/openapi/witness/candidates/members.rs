//! Lists and objects that only one side admits: too many or too few members, one that is missing, one of a name that is
//! not known.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Finder, Look, VALUES, own_places, places, property_places};
use crate::openapi::compare::shortest;
use crate::openapi::model::Types;
use crate::openapi::witness::facets::{Aspect, Facets};
use crate::openapi::witness::ground::Part;

impl<'d, 't> Finder<'_, '_, 'd, 't> {
    pub(super) fn counts(&mut self, look: &Look<'d, 't>) {
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
            self.push(value, places.clone(), None);
            // A list without items is not always written.
            if fewer && demands.count.0 == 0 && demands.count.1.is_some_and(|most| most > 0) {
                demands.count.0 = 1;
                let value = self.make(&demands);
                self.push(value, places, None);
            }
        }
    }

    pub(super) fn repeated(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.unique_items);
        let mut demands = Facets { types: Some(Types::ARRAY), unique: false, ..look.demands.clone() };
        demands.count.0 = demands.count.0.max(2);
        let value = self.make(&demands);
        self.push(value, places, None);
    }

    /// Lists of items that only the accepting side admits.
    pub(super) fn items(&mut self, look: &Look<'d, 't>) {
        let places = places(look, |schema| schema.items.map(|_| schema.at));
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

    pub(super) fn contains(&mut self, look: &Look<'d, 't>) {
        for (_, schema) in &look.theirs.schemas {
            if let (Some(id), Some(most)) = (schema.contains, schema.max_contains) {
                let side = self.accepting.other();
                let mut demands = Facets { types: Some(Types::ARRAY), ..look.demands.clone() };
                demands.contains = vec![(Part { side, id }, most.value.saturating_add(1))];
                let value = self.make(&demands);
                self.push(value, vec![(side, most.at)], None);
            }
            if let (Some(id), Some(least)) = (schema.contains, schema.min_contains)
                && let Some(fewer) = least.value.checked_sub(1)
            {
                let side = self.accepting.other();
                let mut demands = Facets { types: Some(Types::ARRAY), ..look.demands.clone() };
                demands.contains = vec![(Part { side, id }, fewer)];
                let value = self.make(&demands);
                self.push(value, vec![(side, least.at)], None);
            }
        }
    }

    pub(super) fn required(&mut self, look: &Look<'d, 't>) {
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
    pub(super) fn others(&mut self, look: &Look<'d, 't>) {
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
        // Each with what the accepting side says of its value.
        let mut names = vec![("other".to_owned(), look.asked.others.clone())];
        for (part, schema) in look.theirs.schemas.iter().chain(&look.own.schemas) {
            for pattern in schema.pattern_properties.iter().take(3) {
                let of_pattern = vec![Part { id: pattern.schema, ..*part }];
                let own = if part.side == self.accepting { &of_pattern } else { &look.asked.others };
                names.extend(shortest(&[pattern.name], None, (1, None)).map(|name| (name, own.clone())));
            }
            if let Some(id) = schema.property_names {
                let values = self.different(&[Part { id, ..*part }]);
                let texts = values.iter().filter_map(Value::as_str);
                names.extend(texts.map(|name| (name.to_owned(), look.asked.others.clone())));
            }
        }
        for (name, own) in names {
            if look.asked.properties.contains_key(name.as_str())
                || look.refused.properties.contains_key(name.as_str())
            {
                continue;
            }
            for value in self.different(&own) {
                demands.planted.insert(name.clone(), value);
                let value = self.make(&demands);
                self.push(value, places.clone(), Some(&name));
                demands.planted.remove(&name);
            }
        }
    }

    pub(super) fn sizes(&mut self, look: &Look<'d, 't>) {
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

    pub(super) fn dependent(&mut self, look: &Look<'d, 't>) {
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

    pub(super) fn names(&mut self, look: &Look<'d, 't>) {
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
}
