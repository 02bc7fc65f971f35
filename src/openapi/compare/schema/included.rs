//! Whether every message that one conjunction admits is one that another admits: shown, refuted, or not known.
//!
//! Recursion is coinductive: an inclusion that turns up within itself holds until something refutes it. Names that a
//! side does not declare are taken as unused, except where it says what they may hold; a property that messages of the
//! direction do not carry is not there. A budget bounds every question: beyond it the answer is `Unknown`.

use super::answer::Answer;
use super::implied::require_dependents;
use super::kept::{counts, numbers, strings};
use super::meaning::is_plain;
use super::objects::{self, Slot};
use super::shape::constrains;
use super::unevaluated::Inside;
use super::view::{Conjunction, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Schema, SchemaId, Types};

/// How many pairs of conjunctions a question may look into.
pub(super) const STEPS: usize = 400;

/// How deep it may go.
pub(super) const DEPTH: usize = 40;

/// How often what follows may have something follow in turn.
const UNFOLDED: usize = 4;

/// What is asked: whether all of the first is in the second, for messages of a direction; and whether names count that
/// nothing declares.
pub(super) type Question = (Conjunction, Conjunction, Direction, bool);

/// An inclusion that is being looked into.
#[derive(Debug)]
pub(in crate::openapi::compare) struct Open {
    key: Question,
    /// Whether it turned up within itself.
    assumed: bool,
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether all of `part` is in `whole`, for messages of `direction`.
    pub(super) fn included(
        &mut self,
        part: &Conjunction,
        whole: &Conjunction,
        direction: Direction,
    ) -> Answer {
        let outermost = self.open.is_empty();
        if outermost {
            self.steps = STEPS;
            self.refill();
        }
        self.look(part, whole, direction)
    }

    /// Asks where names count that nothing declares, as they do in what excludes values or is found among others.
    pub(super) fn strictly<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.strict, true);
        let answer = ask(self);
        self.strict = before;
        answer
    }

    /// The same within a question.
    pub(super) fn look(&mut self, part: &Conjunction, whole: &Conjunction, direction: Direction) -> Answer {
        if whole.schemas.is_empty() && whole.types.contains(part.types) {
            return Answer::Yes;
        }
        let plain = whole.chosen.is_empty() && part.chosen.is_empty();
        if plain && whole.types.contains(part.types) && self.asks_no_more(part, whole) {
            return Answer::Yes;
        }
        let key = (part.clone(), whole.clone(), direction, self.strict);
        if let Some(&settled) = self.settled.get(&key) {
            return settled;
        }
        if let Some(at) = self.open.iter().position(|open| open.key == key) {
            // All that lies between rests on this assumption.
            for open in &mut self.open[at..] {
                open.assumed = true;
            }
            return Answer::Yes;
        }
        if self.steps == 0 || self.open.len() >= DEPTH {
            return Answer::Unknown;
        }
        self.steps -= 1;
        let outermost = self.open.is_empty();
        self.open.push(Open { key: key.clone(), assumed: false });
        let (one, other) = (self.clear(part), self.view(whole));
        let mut answer = self.inside(&one, &other, direction);
        if (answer == Answer::Unknown && self.alike(part, whole))
            || (!answer.is_yes() && self.either_way(&one, whole, direction))
        {
            answer = Answer::Yes;
        }
        let assumed = self.open.pop().is_some_and(|open| open.assumed);
        // A refusal stands whatever was assumed; anything else stands where nothing further out was assumed.
        if answer.is_no() || outermost || (answer.is_yes() && !assumed) {
            self.settled.insert(key, answer);
        }
        answer
    }

    /// The view of `part` with all that follows from what it says.
    pub(super) fn clear(&mut self, part: &Conjunction) -> View<'c, 't> {
        let mut view = self.view(part);
        for _ in 0..UNFOLDED {
            let Some(more) = self.unfolded(&view) else { break };
            view = View { null: view.null, ..self.view(&more) };
            view.conjunction = more;
        }
        view.types = self.narrowed_types(&view);
        view
    }

    fn inside(&mut self, part: &View<'c, 't>, whole: &View<'c, 't>, direction: Direction) -> Answer {
        if part.broken.is_some() || whole.broken.is_some() || part.cut || whole.cut {
            return Answer::Unknown;
        }
        if part.is_impossible() {
            return Answer::Yes;
        }
        let null = part.null.implies(whole.null);
        if null.is_no() {
            return null;
        }
        if whole.conjunction.chosen.is_empty() && whole.conjunction.types.contains(part.conjunction.types) {
            // Every schema that the one side asks for is one that the other asks for too, wrappers aside; null is said
            // by wrappers too.
            let mut own: Vec<u128> = part.parts.iter().map(|part| part.schema.hash).collect();
            own.sort_unstable();
            let kept = whole.parts.iter().all(|part| {
                let schema = part.schema;
                let wrapper = !constrains(schema)
                    && schema.always.is_none()
                    && schema.any_of.len() < 2
                    && schema.one_of.len() < 2;
                wrapper || own.binary_search(&schema.hash).is_ok()
            });
            if kept {
                return null;
            }
        }
        if part.types.is_none() {
            return null;
        }
        if self.foreign_tags(part, whole) {
            return Answer::Unknown;
        }
        if let Some(finite) = &part.finite {
            let plain = is_plain(whole);
            let mut inside = Answer::Yes;
            for member in finite {
                // A value that the other side spells out, where it says no more, needs no second look.
                let spelled = whole
                    .finite
                    .as_ref()
                    .map(|values| values.binary_search_by(|other| other.value.cmp(&member.value)).is_ok());
                inside = inside.and(match (spelled, member.node) {
                    (Some(false), _) => Answer::No,
                    (Some(true), _) if plain => Answer::Yes,
                    (_, Some(node)) => self.admits(node, &whole.conjunction),
                    (_, None) => Answer::Unknown,
                });
                if inside.is_no() {
                    break;
                }
            }
            return null.and(inside);
        }
        if part.types == Types::BOOLEAN {
            let inside = [false, true].into_iter().fold(null, |answer, value| {
                let admitted = |view: &View<'_, '_>| self.admits_boolean(value, &view.conjunction);
                answer.and(admitted(part).implies(admitted(whole)))
            });
            if inside != Answer::Unknown {
                return inside;
            }
        }
        if !part.groups.is_empty() {
            return null.and(self.each_alternative(part, whole, direction));
        }
        if !whole.types.contains(part.types) {
            return Answer::No;
        }
        if whole.finite.is_some() {
            return self.among_values(part, whole).and(null);
        }
        let mut answer = null.and(self.facets(part, whole, direction));
        for index in 0..whole.groups.len() {
            if answer.is_no() {
                break;
            }
            answer = answer.and(self.in_group(part, whole, index, direction));
        }
        answer
    }

    /// Whether `part` keeps every keyword of `whole`, unions left aside.
    fn facets(&mut self, part: &View<'c, 't>, whole: &View<'c, 't>, direction: Direction) -> Answer {
        let types = part.types;
        let mut answer = Answer::Yes;
        if types.meets(Types::NUMBER.or(Types::STRING)) {
            let implied = self.implied(part);
            if types.meets(Types::NUMBER) {
                answer = answer.and(numbers(part, &implied, whole));
            }
            if types.meets(Types::STRING) {
                answer = answer.and(strings(&mut self.patterns, part, &implied, whole));
            }
        }
        if types.meets(Types::ARRAY) && !answer.is_no() {
            answer = answer.and(self.arrays(part, whole, direction));
        }
        if types.meets(Types::OBJECT) && !answer.is_no() {
            answer = answer.and(self.objects(part, whole, None, direction));
        }
        if !answer.is_no() {
            answer = answer.and(self.logic(part, whole, direction));
        }
        answer
    }

    fn arrays(&mut self, part: &View<'c, 't>, whole: &View<'c, 't>, direction: Direction) -> Answer {
        let (least, most) = self.item_counts(part);
        let mut answer = counts((least, most), (whole.most(|s| s.min_items), whole.least(|s| s.max_items)));
        let unique = |view: &View<'c, 't>| view.parts.iter().any(|part| part.schema.unique_items.is_some());
        let short = most.is_some_and(|most| most < 2);
        if unique(whole) && !unique(part) && !short {
            return Answer::No;
        }
        let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let prefix = self.firsts(part).max(self.firsts(whole));
        for index in 0..=prefix.min(most) {
            if answer.is_no() || index == most {
                return answer;
            }
            let at = (index < prefix).then_some(index);
            let alike = self.finds_alike(part, whole, at);
            let (own, theirs) = (self.item(part, at, !alike), self.item(whole, at, false));
            let found = self.look(&own, &theirs, direction);
            let exact = |judge: &mut Self| {
                own == judge.item(part, at, alike) && theirs == judge.item(whole, at, true)
            };
            let left = self.left_over_is_kept((part, &own), whole, Inside::Item(at), direction);
            answer =
                answer.and(if found.is_no() && !exact(self) { Answer::Unknown } else { found.and(left) });
        }
        answer
    }

    /// Whether `part` keeps what `whole` says of objects; what it says of the property `settled` is known to be kept.
    pub(super) fn objects(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        settled: Option<&str>,
        direction: Direction,
    ) -> Answer {
        let theirs = objects::Names::of(whole);
        let mut own = self.tagged_names(part);
        require_dependents(&mut own, part);
        let least = part.most(|s| s.min_properties).map_or(0, |set| set.value);
        let mut answer = counts(
            (least.max(own.required.len() as u64), part.least(|s| s.max_properties).map(|set| set.value)),
            (whole.most(|s| s.min_properties), whole.least(|s| s.max_properties)),
        );
        let listed = self.listed_names(part);
        let mut names = objects::Names::merged(&own, &theirs);
        names.extend(listed.iter().flatten());
        let beneath = self.names_beneath(part);
        names.extend(beneath.keys());
        names.sort_unstable();
        names.dedup();
        let mut all = Vec::new();
        for name in names {
            let (mut mine, their) =
                (self.slot(part, &own, name, direction), self.slot(whole, &theirs, name, direction));
            if mine.hidden || their.hidden || settled == Some(name) {
                continue;
            }
            if their.required.is_some() && mine.required.is_none() {
                return Answer::No;
            }
            let used = listed.as_ref().map(|listed| listed.contains(&name));
            mine.forbidden |= used == Some(false);
            if mine.forbidden || !mine.present() {
                // A name that is not declared is not used, unless something says what it may hold, or every name counts.
                mine.schemas.extend(beneath.get(name).copied().flatten());
                let used = used == Some(true) || beneath.contains_key(name);
                if mine.forbidden || (!self.strict && !mine.described && !used) {
                    continue;
                }
            }
            all.push((name, mine, their));
        }
        // What has nothing inside refutes at once; the rest may take all the steps there are.
        let sides = (part.conjunction.side, whole.conjunction.side);
        all.sort_by_cached_key(|(_, mine, their)| {
            mine.schemas.iter().any(|&one| self.has_inner(sides.0, one))
                || their.schemas.iter().any(|&one| self.has_inner(sides.1, one))
        });
        for (name, mine, their) in all {
            if answer.is_no() {
                return answer;
            }
            answer = answer.and(self.slots((part, mine), (whole, their), Some(name), direction));
        }
        let (mine, their) = (self.rest(part), self.rest(whole));
        answer = answer.and(match (mine.forbidden || listed.is_some(), their.forbidden) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::No,
            (false, false) => self.slots((part, mine), (whole, their), None, direction),
        });
        if answer.is_no() {
            return answer;
        }
        answer.and(self.named(part, whole, &own, listed.as_deref(), direction))
    }

    /// What both sides say of the property `name`; none: of those that neither names.
    fn slots(
        &mut self,
        (part, mine): (&View<'c, 't>, Slot),
        (whole, their): (&View<'c, 't>, Slot),
        name: Option<&str>,
        direction: Direction,
    ) -> Answer {
        let mine = Conjunction::all(part.conjunction.side, mine.schemas);
        if their.forbidden {
            // What admits nothing forbids as well, however it is said.
            let impossible = !mine.schemas.is_empty() && self.view(&mine).is_impossible();
            return if impossible { Answer::Yes } else { Answer::No };
        }
        let their = Conjunction::all(whole.conjunction.side, their.schemas);
        let kept = self.look(&mine, &their, direction);
        if kept.is_no() {
            return kept;
        }
        kept.and(self.left_over_is_kept((part, &mine), whole, Inside::Property(name), direction))
    }

    /// `not`, conditions and `contains`.
    pub(super) fn logic(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        direction: Direction,
    ) -> Answer {
        let sides = (part.conjunction.side, whole.conjunction.side);
        let mut answer = Answer::Yes;
        for their in &whole.parts {
            if answer.is_no() {
                return answer;
            }
            if let Some(not) = their.schema.not {
                let mut kept = Answer::Unknown;
                for own in part.parts.iter().filter_map(|own| own.schema.not) {
                    // What is excluded here includes what is excluded there.
                    let (more, less) = (Conjunction::one(sides.0, own), Conjunction::one(sides.1, not));
                    if self.strictly(|judge| judge.look(&less, &more, direction)).is_yes() {
                        kept = Answer::Yes;
                    }
                }
                if let Some(left) = self.twice_excluded(sides.1, not) {
                    let left = Conjunction::one(sides.1, left);
                    kept = kept.or(self.look(&part.conjunction, &left, direction));
                }
                if !kept.is_yes() {
                    kept = self.apart(&part.conjunction, &Conjunction::one(sides.1, not), direction, false);
                }
                answer = answer.and(kept);
            }
            if let Some(when) = their.schema.when {
                let kept =
                    self.condition(part, when, (their.schema.then, their.schema.otherwise), sides, direction);
                answer = answer.and(kept);
            }
            if let Some(contains) = their.schema.contains {
                answer = answer.and(self.contains(part, their.schema, contains, sides, direction));
            }
            if let Some(content) = their.schema.content_schema {
                let mut own = part.parts.iter().filter_map(|own| own.schema.content_schema);
                let kept = own.any(|own| self.alike_one((sides.0, own), (sides.1, content)));
                answer = answer.and(if kept { Answer::Yes } else { Answer::Unknown });
            }
        }
        answer
    }

    /// Whether all of `part` is in `whole` both where a condition of it holds and where that does not.
    fn either_way(&mut self, part: &View<'c, 't>, whole: &Conjunction, direction: Direction) -> bool {
        let own = &part.conjunction;
        part.parts.iter().any(|condition| {
            let schema = condition.schema;
            let (Some(when), Some(otherwise)) = (schema.when, schema.otherwise) else { return false };
            if own.schemas.contains(&when) || own.schemas.contains(&otherwise) {
                return false;
            }
            let holds = own.with([when].into_iter().chain(schema.then));
            self.look(&own.with([otherwise]), whole, direction).is_yes()
                && self.look(&holds, whole, direction).is_yes()
        })
    }

    /// Whether `part` has a condition that asks for no less.
    fn condition(
        &mut self,
        part: &View<'c, 't>,
        when: SchemaId,
        (then, otherwise): (Option<SchemaId>, Option<SchemaId>),
        sides: (Side, Side),
        direction: Direction,
    ) -> Answer {
        if then.is_none() && otherwise.is_none() {
            return Answer::Yes;
        }
        let mut kept = Answer::Unknown;
        for own in &part.parts {
            let own = own.schema;
            if own.when.is_none_or(|own| !self.alike_one((sides.0, own), (sides.1, when))) {
                continue;
            }
            let mut inside = Answer::Yes;
            for (mine, their) in [(own.then, then), (own.otherwise, otherwise)] {
                let Some(their) = their else { continue };
                let mine = part.conjunction.with(mine);
                inside = inside.and(self.look(&mine, &Conjunction::one(sides.1, their), direction));
            }
            if inside.is_yes() {
                kept = Answer::Yes;
            }
        }
        if kept.is_yes() {
            return kept;
        }
        let asked = |judge: &Self, schema: SchemaId| judge.schema(sides.1, judge.peel(sides.1, schema));
        if let (Some(then), None) = (then, otherwise)
            && self.brings(part, asked(self, when), asked(self, then))
        {
            return Answer::Yes;
        }
        // Where it always or never holds, or whatever it says, what follows is all that is asked.
        let (own, when) = (&part.conjunction, Conjunction::one(sides.1, when));
        let follows = |judge: &mut Self, then: Option<SchemaId>| match then {
            Some(then) => {
                let then = Conjunction::one(sides.1, then);
                judge.strictly(|judge| judge.look(own, &then, direction)).is_yes()
            }
            None => true,
        };
        let (met, missed) = (follows(self, then), follows(self, otherwise));
        let always = met && !missed && self.strictly(|judge| judge.look(own, &when, direction)).is_yes();
        let never = missed && !met && self.apart(own, &when, direction, false).is_yes();
        if (met && missed) || always || never { Answer::Yes } else { Answer::Unknown }
    }

    fn contains(
        &mut self,
        part: &View<'c, 't>,
        their: &Schema<'t>,
        contains: SchemaId,
        sides: (Side, Side),
        direction: Direction,
    ) -> Answer {
        if !part.types.meets(Types::ARRAY) {
            return Answer::Yes;
        }
        let least = their.min_contains.map_or(1, |set| set.value);
        if least == 0 && their.max_contains.is_none() {
            return Answer::Yes;
        }
        for own in &part.parts {
            let Some(mine) = own.schema.contains else { continue };
            let enough = own.schema.min_contains.map_or(1, |set| set.value) >= least;
            let few = their
                .max_contains
                .is_none_or(|most| own.schema.max_contains.is_some_and(|own| own.value <= most.value));
            if enough && few && self.alike_one((sides.0, mine), (sides.1, contains)) {
                return Answer::Yes;
            }
            let narrower = their.max_contains.is_none()
                && enough
                && self.strictly(|judge| {
                    let pair = (Conjunction::one(sides.0, mine), Conjunction::one(sides.1, contains));
                    judge.look(&pair.0, &pair.1, direction).is_yes()
                });
            if narrower {
                return Answer::Yes;
            }
        }
        // Lists that are long enough, and of which every item is one that is sought.
        let (shortest, longest) = self.item_counts(part);
        let few = their.max_contains.is_none_or(|most| longest.is_some_and(|longest| longest <= most.value));
        let prefix = self.firsts(part);
        let sought = Conjunction::one(sides.1, contains);
        let all = few
            && shortest >= least
            && (0..=prefix).all(|index| {
                let item = self.item(part, (index < prefix).then_some(index), true);
                self.strictly(|judge| judge.look(&item, &sought, direction)).is_yes()
            });
        if all { Answer::Yes } else { Answer::Unknown }
    }
}
