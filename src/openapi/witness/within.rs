//! A value in what holds it: the whole body around a member that breaks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::candidates::Candidate;
use super::facets::{Aspect, Facets, Flat, facets, flat};
use super::ground::{Ground, Part, Side};
use super::sample::Sampler;
use super::{Search, Shown, Task, Way, alike, confirmed};
use crate::openapi::compare::shortest;
use crate::openapi::finding::Direction;
use crate::openapi::model::{SchemaId, Types};

/// The most branches of a union that are looked at for what leads on.
const BRANCHES: usize = 64;

/// The most schemas that are looked at for whether one leads to another.
const LED: usize = 400;

/// How many steps it may take to show a value within what holds it.
const HELD_STEPS: usize = 600;

/// How deep the values go that stand beside.
const DEPTH: usize = 8;

/// The most items that are put beside one.
const ITEMS: u64 = 8;

/// The most properties of which it is asked which values they have.
const TOLD: usize = 100;

/// How many values are few.
const FEW: usize = 8;

/// What stands beside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// What both sides ask for, and no more.
    Agreed,
    /// What the side that accepts the message asks for.
    Accepted,
    /// The same, and every property that has few values: they may tell which alternative is meant.
    Told,
    /// What the side that accepts the message asks for, and members that the other alternatives of `oneOf` refuse.
    Apart,
}

impl Around {
    /// All of them, the plainest first.
    const ALL: [Self; 4] = [Self::Agreed, Self::Accepted, Self::Told, Self::Apart];
}

impl Search<'_, '_> {
    /// What shows `task`, within a value of the schemas that hold its own: `holders`, the outermost first. None where no
    /// way leads there, or where what is there does not show it.
    pub(in crate::openapi) fn within(
        &mut self,
        task: &Task<'_>,
        shown: &Shown,
        holders: &[(SchemaId, SchemaId)],
    ) -> Option<Value> {
        let found = self.around(task, shown, holders);
        if found.is_some() || shown.read_as.is_some() {
            return found;
        }
        // Of the alternatives that hold it others may have a say in the same value: one is looked for that all of them make
        // of it what is wanted.
        let mut child = (task.old, task.new);
        for (index, &holder) in holders.iter().enumerate().rev() {
            if !self.holds_in_place(task.direction, holder, child) {
                return None;
            }
            child = holder;
            let task = Task { old: holder.0, new: holder.1, ..*task };
            let shown = self.value(&task).or_else(|| self.broken(&task, Aspect::Whole));
            let found = shown.and_then(|shown| match &holders[..index] {
                [] => Some(shown.value),
                outer => self.around(&task, &shown, outer),
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Whether a schema speaks of the same value as one that it holds, of the side that accepts it.
    fn holds_in_place(
        &self,
        direction: Direction,
        holder: (SchemaId, SchemaId),
        child: (SchemaId, SchemaId),
    ) -> bool {
        let side = Side::accepting(direction);
        let pick = |(old, new): (SchemaId, SchemaId)| if side == Side::Base { old } else { new };
        let way = &self.ways[usize::from(direction == Direction::Response)];
        leads(&way.ground, Part { side, id: pick(holder) }, pick(child))
    }

    /// The value that shows `task`, as it is, within one of the outermost of `holders`.
    fn around(&mut self, task: &Task<'_>, shown: &Shown, holders: &[(SchemaId, SchemaId)]) -> Option<Value> {
        let &(old, new) = holders.first()?;
        let Way { ground, checks } = &mut self.ways[usize::from(task.direction == Direction::Response)];
        let ground: &Ground<'_, '_> = ground;
        let accepting = Side::accepting(task.direction);
        let parts = |(old, new): (SchemaId, SchemaId)| {
            let part = |side| Part { side, id: if side == Side::Base { old } else { new } };
            [part(accepting), part(accepting.other())]
        };
        let outermost = parts((old, new));
        Around::ALL.into_iter().find_map(|around| {
            let mut sampler = Sampler::new(ground, HELD_STEPS.min(self.steps), self.automata);
            let allowed = sampler.steps;
            let mut child = parts((task.old, task.new))[0].id;
            let mut value = Some(shown.value.clone());
            for &holder in holders.iter().rev() {
                let holder = parts(holder);
                let asking = if around == Around::Agreed { &holder[..] } else { &holder[..1] };
                value = value.and_then(|inner| held(&mut sampler, holder[0], asking, child, &inner, around));
                child = holder[0].id;
            }
            self.steps = self.steps.saturating_sub(allowed - sampler.steps);
            self.automata = sampler.automata;
            let candidate = Candidate { value: value?, places: Vec::new(), label: shown.label.clone() };
            if shown.read_as.is_some() {
                return alike(ground, checks, outermost, &candidate.value).then_some(candidate.value);
            }
            let found = confirmed(ground, checks, outermost, shown.aspect, task.written, &[candidate])?;
            Some(found.value)
        })
    }
}

/// `value`, which stands at the schema `child`, within a value of `own`, of which all of `parts` ask something; none where no
/// way leads there.
fn held(
    sampler: &mut Sampler<'_, '_, '_>,
    own: Part,
    parts: &[Part],
    child: SchemaId,
    value: &Value,
    around: Around,
) -> Option<Value> {
    if own.id == child {
        return Some(value.clone());
    }
    let ground = sampler.ground;
    let mut choice = 0;
    loop {
        sampler.steps = sampler.steps.checked_sub(1)?;
        let mine = flat(ground, &[own], choice, None);
        let asked = facets(ground, &mine, None);
        let closed = Some(own.side.other());
        let mut demands = facets(ground, &flat(ground, parts, choice, closed), None);
        // What holds for the same value: the value itself, with what else is asked of it.
        let dependent = dependency(ground, &mine, child);
        if dependent.is_some() || mine.schemas.iter().any(|(part, _)| part.id == child) {
            let Value::Object(members) = value else { return Some(value.clone()) };
            // What says which alternative is meant was made up before the alternative was known.
            let inner = Part { id: child, ..own };
            let is_chosen = |branch: &Part| {
                branch.id == child || (leads(ground, *branch, child) && !leads(ground, inner, branch.id))
            };
            let keeps_tags = around != Around::Accepted && mine.taken.iter().any(is_chosen);
            for (name, value) in members {
                if !(keeps_tags && demands.planted.contains_key(name)) {
                    demands.planted.insert(name.clone(), value.clone());
                }
            }
            match around {
                Around::Told => tell(ground, &asked, &mut demands),
                Around::Apart => set_apart(ground, &mine, &asked, &mut demands),
                Around::Agreed | Around::Accepted => {}
            }
            demands.required.extend(dependent);
            demands.types = Some(Types::OBJECT);
            return sampler.make(&demands, DEPTH).or_else(|| Some(value.clone()));
        }
        if asked.admitted().meets(Types::OBJECT) {
            let inner = if let Some((name, part)) = member(ground, &mine, &asked, child) {
                Some((name, held(sampler, part, &[part], child, value, around)?))
            } else if let Some(name) = value.as_str().filter(|_| names(ground, &mine, child)) {
                Some((name.to_owned(), sampler.of(&demands.others, DEPTH)?))
            } else {
                None
            };
            if let Some((name, value)) = inner {
                demands.types = Some(Types::OBJECT);
                demands.planted.insert(name, value);
                if around == Around::Told {
                    tell(ground, &asked, &mut demands);
                }
                return sampler.make(&demands, DEPTH);
            }
        }
        if asked.admitted().meets(Types::ARRAY)
            && let Some((before, part)) = item(ground, &mine, &asked, child)
        {
            let mut items = Vec::new();
            for parts in demands.prefix.iter().take(before) {
                items.push(sampler.of(parts, DEPTH)?);
            }
            items.push(held(sampler, part, &[part], child, value, around)?);
            for &(sought, least) in &asked.contains {
                let missing = least - u64::from(least > 0 && leads(ground, sought, child));
                for _ in 0..missing.min(ITEMS) {
                    items.push(sampler.of(&[sought], DEPTH)?);
                }
            }
            while (items.len() as u64) < demands.count.0.min(ITEMS) {
                let parts = demands.prefix.get(items.len()).unwrap_or(&demands.items);
                items.push(sampler.of(parts, DEPTH)?);
            }
            return Some(Value::Array(items));
        }
        choice += 1;
        if choice >= mine.widest.min(BRANCHES) {
            return None;
        }
    }
}

/// Plants the properties of `asked` that have few values.
fn tell(ground: &Ground<'_, '_>, asked: &Facets<'_>, demands: &mut Facets<'_>) {
    for (&name, parts) in asked.properties.iter().take(TOLD) {
        if demands.absent.contains(name) || demands.planted.contains_key(name) {
            continue;
        }
        let values = facets(ground, &flat(ground, parts, 0, None), None).finite;
        if let Some(first) = values.filter(|all| all.len() <= FEW).and_then(|all| all.into_iter().next()) {
            demands.planted.insert(name.to_owned(), first);
        }
    }
}

/// Plants for each alternative of `oneOf` that was not taken a member that it refuses, and of which the one that was taken
/// says nothing.
fn set_apart(ground: &Ground<'_, '_>, mine: &Flat<'_, '_>, asked: &Facets<'_>, demands: &mut Facets<'_>) {
    let others =
        mine.schemas.iter().filter(|(_, schema)| schema.one_of.len() > 1).flat_map(|&(part, schema)| {
            let branches = schema.one_of.iter().take(BRANCHES).map(move |&id| Part { id, ..part });
            branches.filter(|branch| !mine.taken.contains(branch))
        });
    for other in others {
        let theirs = facets(ground, &flat(ground, &[other], 0, None), None);
        let refused = theirs.properties.iter().find_map(|(name, parts)| {
            let free = !asked.properties.contains_key(name) && !demands.planted.contains_key(*name);
            let admitted = facets(ground, &flat(ground, parts, 0, None), None).admitted();
            let values =
                [(Types::INTEGER, json!(0)), (Types::STRING, json!("a")), (Types::BOOLEAN, json!(true))];
            let (_, value) = values.into_iter().find(|(kind, _)| free && !admitted.meets(*kind))?;
            Some(((*name).to_owned(), value))
        });
        demands.planted.extend(refused);
    }
}

/// The name whose presence makes `child` hold for the same object.
fn dependency<'t>(ground: &Ground<'_, 't>, mine: &Flat<'_, 't>, child: SchemaId) -> Option<&'t str> {
    mine.schemas.iter().find_map(|&(part, schema)| {
        let leading = |id| leads(ground, Part { id, ..part }, child);
        schema.dependent_schemas.iter().find(|dependent| leading(dependent.schema)).map(|found| found.name)
    })
}

/// Whether `child` is what the names of members are.
fn names(ground: &Ground<'_, '_>, mine: &Flat<'_, '_>, child: SchemaId) -> bool {
    mine.schemas.iter().any(|&(part, schema)| {
        schema.property_names.is_some_and(|id| leads(ground, Part { id, ..part }, child))
    })
}

/// The member of objects that leads to `child`: its name, and the schema there.
fn member(
    ground: &Ground<'_, '_>,
    mine: &Flat<'_, '_>,
    asked: &Facets<'_>,
    child: SchemaId,
) -> Option<(String, Part)> {
    let to = |parts: &[Part]| leading(ground, parts, child);
    let mut properties = asked.properties.iter().filter(|(name, _)| !asked.absent.contains(*name));
    if let Some((name, part)) = properties.find_map(|(name, parts)| Some((name, to(parts)?))) {
        return Some(((*name).to_owned(), part));
    }
    mine.schemas.iter().find_map(|&(part, schema)| {
        let inner = |id| Part { id, ..part };
        let patterns = schema.pattern_properties.iter();
        let mut named = patterns.filter_map(|pattern| Some((pattern.name, to(&[inner(pattern.schema)])?)));
        let matching = |pattern| shortest(&[pattern], None, (1, None));
        let of_pattern = named.find_map(|(pattern, part)| Some((matching(pattern)?, part)));
        of_pattern.or_else(|| {
            let others = [schema.additional_properties, schema.unevaluated_properties];
            let found = others.into_iter().flatten().find_map(|id| to(&[inner(id)]))?;
            Some(("key".to_owned(), found))
        })
    })
}

/// The item of lists that leads to `child`: how many come before it, and the schema there.
fn item(
    ground: &Ground<'_, '_>,
    mine: &Flat<'_, '_>,
    asked: &Facets<'_>,
    child: SchemaId,
) -> Option<(usize, Part)> {
    let to = |parts: &[Part]| leading(ground, parts, child);
    let of_prefix = || asked.prefix.iter().enumerate().find_map(|(at, parts)| Some((at, to(parts)?)));
    let others = mine.schemas.iter().flat_map(|&(part, schema)| {
        let others = schema.contains.into_iter().chain(schema.unevaluated_items);
        others.map(move |id| Part { id, ..part })
    });
    let others: Vec<Part> = asked.items.iter().copied().chain(others).collect();
    of_prefix().or_else(|| Some((asked.prefix.len(), to(&others)?)))
}

/// The first of `parts` that leads to `child`.
fn leading(ground: &Ground<'_, '_>, parts: &[Part], child: SchemaId) -> Option<Part> {
    parts.iter().copied().find(|part| leads(ground, *part, child))
}

/// Whether `part` is `child`, or leads to it by what holds for the same value.
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
        let dependent = schema.dependent_schemas.iter().map(|dependent| dependent.schema);
        let inner = branches.copied().chain(conditions).chain(dependent);
        waiting.extend(inner.filter(|&id| seen.insert(id)));
    }
    false
}
