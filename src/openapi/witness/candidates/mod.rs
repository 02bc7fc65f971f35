//! Values that may tell two sides apart: a value that both would accept, changed by what the refusing side asks for more.
//!
//! A candidate carries the places of the keywords that it was made from, so that a finding is shown by a value that
//! breaks what the finding speaks of. Work is bounded by a number of candidates and by the steps of the sampler.

mod members;
mod rims;
mod scalars;
mod variety;

use serde_json::{Value, json};

use super::facets::{Aspect, Facets, Flat, TURN, facets, flat};
use super::ground::{Part, Side};
use super::sample::Sampler;
use crate::openapi::model::{At, Schema, Types};

/// The most candidates for a finding.
pub(super) const MOST: usize = 48;

/// The most branches of a union that are looked at on either side.
const BRANCHES: usize = 12;

/// The most branches that are looked at for one of a certain name.
const NAMED: usize = 100;

/// How often another branch of each further union is taken.
const TURNS: usize = 2;

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
    /// The types whose empty value can be written.
    pub(super) empties: Types,
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
            let place = choice % TURN;
            let against = if depth == 0 { vec![place % others] } else { near(place, others) };
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
            let mut look = Look {
                demands: facets(ground, &both, Some((refusing, self.aspect))),
                asked: facets(ground, &own_flat, None),
                refused: facets(ground, &their_flat, None),
                own: own_flat,
                theirs: their_flat,
            };
            look.demands.fill(self.empties);
            look.asked.fill(self.empties);
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

    /// Which branches of the accepting side are looked at: the same of each union at first, and then others of those that
    /// stand within another or beside it.
    fn choices(&self, own: &[Part], many: usize) -> Vec<usize> {
        let ground = self.sampler.ground;
        let mut choices = self.named(own, many);
        let several = |&choice: &usize| flat(ground, own, choice, None).unions > 1;
        if self.aspect == Aspect::Whole && choices.iter().any(several) {
            let turned = (1..=TURNS).flat_map(|turn| choices.iter().map(move |choice| turn * TURN + choice));
            choices.extend(turned.collect::<Vec<_>>());
        }
        choices
    }

    /// The branches that the finding names, where it names one; else all.
    fn named(&self, own: &[Part], many: usize) -> Vec<usize> {
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
        self.spelled_out(look);
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
            Aspect::Tag => self.tagged(look),
            Aspect::Whole => self.variety(look),
        }
    }

    fn make(&mut self, demands: &Facets<'t>) -> Option<Value> {
        self.sampler.steps = self.sampler.steps.checked_sub(1)?;
        self.sampler.make(demands, VALUES)
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

    /// What lies inside: a member or an item that tells the sides apart, within a value that does not.
    fn inside(&mut self, look: &Look<'d, 't>, depth: usize) {
        let whole = Facets { types: Some(Types::OBJECT), ..look.demands.clone() };
        if look.asked.admitted().meets(Types::OBJECT) {
            // The property that the finding names first: others may have changed too.
            let path = self.name;
            let named =
                move |name: &str| path.is_some_and(|path| path.split(['.', '[']).any(|step| step == name));
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
            // What only the refusing side declares is among all others on the accepting one.
            for (&name, theirs) in look.refused.properties.iter().filter(|(name, _)| named(name)) {
                if look.asked.properties.contains_key(name) || look.demands.absent.contains(name) {
                    continue;
                }
                for candidate in self.below(&look.asked.others, theirs, depth) {
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
            empties: Types::ANY,
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
