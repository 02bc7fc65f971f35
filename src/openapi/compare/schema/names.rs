//! Keywords about names, held against each other: patterns, dependencies, `propertyNames`.

use std::collections::{BTreeMap, BTreeSet};

use super::Judge;
use super::admits::matches;
use super::answer::Answer;
use super::objects::{Names, Slot};
use super::shape::only_requires;
use super::view::{Conjunction, View};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Named, Schema, SchemaId, Types};

/// The most names that are followed from one.
const FOLLOWED: usize = 256;

/// The most conditions that are.
const CONDITIONS: usize = 64;

/// Names that others bring along.
#[derive(Debug, Default)]
struct Dependencies<'t> {
    /// By a single name.
    of_one: BTreeMap<&'t str, Vec<&'t str>>,
    /// By several names together.
    of_several: Vec<(Vec<&'t str>, Vec<&'t str>)>,
}

impl<'t> Dependencies<'t> {
    /// The names of every object that has those of `given` and of `own`, as far as they are followed.
    fn follow(&self, own: &Names<'t>, given: impl Iterator<Item = &'t str>) -> BTreeSet<&'t str> {
        let mut names = BTreeSet::new();
        let required = own.required.iter().map(|&(name, _)| name).take(FOLLOWED);
        let mut waiting: Vec<&'t str> = required.chain(given).collect();
        while let Some(name) = waiting.pop().filter(|_| names.len() < FOLLOWED) {
            if !names.insert(name) {
                continue;
            }
            waiting.extend(self.of_one.get(name).into_iter().flatten().take(FOLLOWED));
            for (given, brought) in &self.of_several {
                if given.contains(&name) && given.iter().all(|name| names.contains(name)) {
                    waiting.extend(brought);
                }
            }
        }
        names
    }
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether `part`, which speaks of the names `own` and may have no others than `listed`, keeps what `whole` says of
    /// names.
    pub(super) fn named(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        own: &Names<'t>,
        listed: Option<&[&'t str]>,
        direction: Direction,
    ) -> Answer {
        let sides = (part.conjunction.side, whole.conjunction.side);
        let mut answer = Answer::Yes;
        let (mine, rest) = (self.rest(part), self.rest(whole));
        let patterns: Vec<&Named<'t>> =
            part.parts.iter().flat_map(|own| own.schema.pattern_properties.iter()).collect();
        // Names that are listed were looked at one by one.
        for pattern in patterns.iter().filter(|_| listed.is_none()) {
            let mut theirs = whole.parts.iter().flat_map(|their| their.schema.pattern_properties.iter());
            if self.is_false(sides.0, pattern.schema) || theirs.any(|their| their.name == pattern.name) {
                continue;
            }
            let known = literal(pattern.name).is_some_and(|name| {
                whole.parts.iter().any(|their| super::admits::declared(their.schema, name).is_some())
            });
            if known || self.within_pattern((part, whole), pattern, direction) {
                continue;
            }
            // Names of the pattern may be any that the other side does not name.
            let pattern = Conjunction::one(sides.0, pattern.schema);
            answer = answer.and(if rest.forbidden {
                Answer::Unknown
            } else {
                self.look(&pattern, &Conjunction::all(sides.1, rest.schemas.clone()), direction)
                    .or(Answer::Unknown)
            });
        }
        let dependencies = self.dependencies(part);
        for their in &whole.parts {
            for pattern in &their.schema.pattern_properties {
                let own = (own, listed, &mine, patterns.as_slice());
                let kept = self.pattern_kept((part, whole), own, pattern, direction);
                answer = answer.and(kept);
            }
            if let Some(names) = their.schema.property_names {
                let own: Vec<SchemaId> =
                    part.parts.iter().filter_map(|own| own.schema.property_names).collect();
                let only = Types::STRING;
                let pair =
                    (Conjunction::all(sides.0, own).only(only), Conjunction::one(sides.1, names).only(only));
                let closed =
                    || mine.forbidden && patterns.iter().all(|own| self.is_false(sides.0, own.schema));
                let comply = closed() && self.names_comply(part, &pair.1);
                answer = answer.and(match self.look(&pair.0, &pair.1, direction) {
                    Answer::Yes => Answer::Yes,
                    _ if comply => Answer::Yes,
                    // A closed side may have names that all comply.
                    _ => Answer::Unknown,
                });
            }
            for (name, wanted, _) in &their.schema.dependent_required {
                let names = dependencies.follow(own, [*name].into_iter());
                let kept =
                    wanted.iter().all(|wanted| names.contains(wanted) || own.required(wanted).is_some());
                answer = answer.and(if kept { Answer::Yes } else { Answer::Unknown });
            }
            for dependent in &their.schema.dependent_schemas {
                let kept = self.dependent_kept((part, &dependencies), whole, own, dependent, direction);
                answer = answer.and(if kept { Answer::Yes } else { Answer::Unknown });
            }
        }
        answer
    }

    /// Whether all names of a pattern of `part` are of a pattern of `whole`, which admits what it admits.
    fn within_pattern(
        &mut self,
        (part, whole): (&View<'c, 't>, &View<'c, 't>),
        pattern: &Named<'t>,
        direction: Direction,
    ) -> bool {
        let own = Conjunction::one(part.conjunction.side, pattern.schema);
        let theirs = whole.parts.iter().flat_map(|their| their.schema.pattern_properties.iter());
        let mut theirs = theirs.collect::<Vec<_>>().into_iter();
        theirs.any(|their| {
            let wider = Conjunction::one(whole.conjunction.side, their.schema);
            self.patterns.included(pattern.name, their.name).is_yes()
                && self.look(&own, &wider, direction).is_yes()
        })
    }

    /// Whether `part` asks no less of the names of a pattern of `whole`.
    fn pattern_kept(
        &mut self,
        (part, whole): (&View<'c, 't>, &View<'c, 't>),
        (own, listed, rest, patterns): (&Names<'t>, Option<&[&'t str]>, &Slot, &[&Named<'t>]),
        pattern: &Named<'t>,
        direction: Direction,
    ) -> Answer {
        let side = part.conjunction.side;
        let theirs = Conjunction::one(whole.conjunction.side, pattern.schema);
        let mut inside = Answer::Unknown;
        for mine in patterns {
            if mine.name == pattern.name {
                inside = self.look(&Conjunction::one(side, mine.schema), &theirs, direction);
            } else if self.patterns.included(pattern.name, mine.name).is_yes()
                && self.look(&Conjunction::one(side, mine.schema), &theirs, direction).is_yes()
            {
                return Answer::Yes;
            }
        }
        if inside != Answer::Unknown {
            return inside;
        }
        // Names that `part` speaks of were looked at one by one, where it is known which of them are of the pattern.
        let told = own
            .all()
            .chain(listed.unwrap_or_default().iter().copied())
            .all(|name| matches(pattern.name, name) != Answer::Unknown);
        if !told {
            return Answer::Unknown;
        }
        if listed.is_some() || literal(pattern.name).is_some_and(|name| own.has(name)) {
            return Answer::Yes;
        }
        let others = rest.forbidden
            || self.look(&Conjunction::all(side, rest.schemas.clone()), &theirs, direction).is_yes();
        let all = others
            && patterns
                .iter()
                .all(|mine| self.look(&Conjunction::one(side, mine.schema), &theirs, direction).is_yes());
        if all { Answer::Yes } else { Answer::Unknown }
    }

    /// Whether all names that `part` declares are texts of `names`.
    fn names_comply(&self, part: &View<'c, 't>, names: &Conjunction) -> bool {
        let declared = part.parts.iter().flat_map(|own| &own.schema.properties);
        let mut possible = declared.filter(|property| !self.is_false(part.conjunction.side, property.schema));
        possible.all(|property| self.admits_name(property.name, names).is_yes())
    }

    /// What brings names along in objects of `part`.
    fn dependencies(&self, part: &View<'c, 't>) -> Dependencies<'t> {
        let side = part.conjunction.side;
        let asked = |schema: SchemaId| self.schema(side, self.peel(side, schema));
        let required =
            |schema: &Schema<'t>| schema.required.iter().map(|&(name, _)| name).collect::<Vec<_>>();
        let mut all = Dependencies::default();
        for schema in part.parts.iter().map(|part| part.schema) {
            for (name, wanted, _) in &schema.dependent_required {
                all.of_one.entry(name).or_default().extend(wanted);
            }
            for dependent in &schema.dependent_schemas {
                all.of_one.entry(dependent.name).or_default().extend(required(asked(dependent.schema)));
            }
            if let (Some(when), Some(then)) = (schema.when.map(asked), schema.then.map(asked))
                && only_requires(when)
                && all.of_several.len() < CONDITIONS
            {
                all.of_several.push((required(when), required(then)));
            }
        }
        all
    }

    /// Whether all objects of `part` that have the names of `when`, which asks for no more, have those of `then`.
    pub(super) fn brings(&self, part: &View<'c, 't>, when: &Schema<'t>, then: &Schema<'t>) -> bool {
        let is_for_objects = then.types.is_none() || Types::OBJECT.contains(part.types);
        is_for_objects && only_requires(when) && only_requires(then) && {
            let given = when.required.iter().map(|&(name, _)| name);
            let names = self.dependencies(part).follow(&Names::of(part), given);
            then.required.iter().all(|(name, _)| names.contains(name))
        }
    }

    /// Whether every object of `part` that has the property of `dependent` is one of its schema.
    fn dependent_kept(
        &mut self,
        (part, dependencies): (&View<'c, 't>, &Dependencies<'t>),
        whole: &View<'c, 't>,
        own: &Names<'t>,
        dependent: &Named<'t>,
        direction: Direction,
    ) -> bool {
        if self.slot(part, own, dependent.name, direction).forbidden {
            return true;
        }
        let sides = (part.conjunction.side, whole.conjunction.side);
        let asked = self.schema(sides.1, self.peel(sides.1, dependent.schema));
        let brought = dependencies.follow(own, [dependent.name].into_iter());
        let comes = |wanted: &str| brought.contains(wanted) || own.required(wanted).is_some();
        if only_requires(asked) && asked.required.iter().all(|(wanted, _)| comes(wanted)) {
            return true;
        }
        let dependents: Vec<&Named<'t>> =
            part.parts.iter().flat_map(|own| own.schema.dependent_schemas.iter()).collect();
        let mut same = dependents.iter().filter(|own| own.name == dependent.name);
        if same.any(|own| self.alike_one((sides.0, own.schema), (sides.1, dependent.schema))) {
            return true;
        }
        // With what it brings along, and what is there anyway.
        let brought = dependents.iter().filter(|own| own.name == dependent.name).map(|own| own.schema);
        let objects = part.conjunction.with(brought).only(Types::OBJECT);
        let asked = Conjunction::one(sides.1, dependent.schema);
        self.strictly(|judge| judge.look(&objects, &asked, direction)).is_yes()
    }
}

/// The one name that a pattern is found in, where that is plain to see.
fn literal(pattern: &str) -> Option<&str> {
    let name = pattern.strip_prefix('^')?.strip_suffix('$')?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-').then_some(name)
}
