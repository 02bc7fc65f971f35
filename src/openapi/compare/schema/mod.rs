//! Schemas, compared as sets of values, whatever keywords spell them.
//!
//! Each pair is looked at once, through views ([`view`]) that gather what holds into one form, and only as deep as it is
//! written there: what is inside is a pair of its own. Conjunctions of several schemas, which have no name of their own,
//! are compared within the pair that they turn up in. A change is named by what it does to the set of messages; where
//! the sets as a whole lie within each other ([`included`]), what looks like a loss in one keyword is none. What cannot
//! be shown is said to be undecided. A keyword that speaks of no message, as `maxLength` does beside `type: integer`, is
//! idle: its change is told under the id that users know, and shown to break nobody. Everything is bounded, and a bound
//! that is met is said too.

mod admits;
mod alternatives;
mod annotations;
mod answer;
mod apart;
mod arrays;
mod exclusive;
mod formats;
mod hidden;
mod implied;
mod included;
mod judge;
mod kept;
mod kinds;
mod logic;
mod matching;
mod meaning;
mod members;
mod names;
mod objects;
mod pair;
mod pattern;
mod scalars;
mod shape;
mod shortest;
mod strict;
mod texts;
mod unevaluated;
mod unions;
mod value;
mod view;
mod wrapping;

use std::collections::BTreeSet;

pub(in crate::openapi) use formats::exact_pattern;
pub(in crate::openapi) use implied::one_of;
pub(super) use judge::Judge;
pub(super) use shape::is_octets;
pub(in crate::openapi) use shortest::shortest;
pub(in crate::openapi) use texts::WHOLE;

use self::answer::Answer;
use self::pair::{Child, Pair};
use self::view::Conjunction;
use super::lifecycle::{self, Subject};
use super::pairs::{Change, Comparison, Field, Writing};
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, SchemaId, Types};
use crate::openapi::rules::{Place, Rule, What};

/// The most branches of a union that are looked at.
const BRANCHES: usize = 1_000;

/// The most conjunctions that are compared within one pair.
const FRAMES: usize = 300;

/// The most of them that matter to no message: what lies deeper is not told.
const IDLE: usize = 24;

/// One of the two descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    Base,
    Revision,
}

/// Compares one pair of schemas: notes what changed between them, and holds what is inside.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    (old, new): (SchemaId, SchemaId),
    place: Place,
    writing: Writing,
) {
    let mut work = Work { comparison, waiting: Vec::new(), seen: BTreeSet::new(), spent: false, idle: IDLE };
    work.waiting.push((
        Conjunction::one(Side::Base, old),
        Conjunction::one(Side::Revision, new),
        (place, writing),
        false,
    ));
    while let Some((old, new, place, idle)) = work.waiting.pop() {
        work.frame(&old, &new, place, idle);
    }
}

/// Whether a change does no more than to ask for values that are not empty, or no longer, where empty ones cannot be
/// written; they can be of the types `empties`.
fn asks_for_no_more(rule: &Rule, arguments: &[(&'static str, String)], empties: Types) -> bool {
    let (types, bound) = match rule.change() {
        Some(What::MinLengthSet) => (Types::STRING, "to"),
        Some(What::MinItemsSet) => (Types::ARRAY, "to"),
        Some(What::MinPropertiesSet) => (Types::OBJECT, "to"),
        Some(What::MinLengthUnset) => (Types::STRING, "from"),
        Some(What::MinItemsUnset) => (Types::ARRAY, "from"),
        Some(What::MinPropertiesUnset) => (Types::OBJECT, "from"),
        _ => return false,
    };
    !empties.meets(types) && arguments.iter().any(|(name, value)| *name == bound && value == "1")
}

/// Two conjunctions, where they stand and how they are written, and whether no message has what they describe.
type Frame = (Conjunction, Conjunction, (Place, Writing), bool);

/// The comparison of one pair, with the conjunctions that turn up in it.
struct Work<'x, 'c, 't> {
    comparison: &'x mut Comparison<'c, 't>,
    waiting: Vec<Frame>,
    seen: BTreeSet<Frame>,
    /// Whether the bound was met and said.
    spent: bool,
    /// How many frames that matter to no message are left.
    idle: usize,
}

impl<'c, 't> Work<'_, 'c, 't> {
    fn frame(
        &mut self,
        old: &Conjunction,
        new: &Conjunction,
        (place, writing): (Place, Writing),
        idle: bool,
    ) {
        if let (Some(one), Some(other), false) = (old.single(), new.single(), idle)
            && self.hand_on(one, other, (place, writing))
        {
            return;
        }
        let repeats = self.comparison.field().is_some_and(|field| field.repeats);
        let judge = &mut self.comparison.judge;
        let mut pair = Pair::new((place, writing), judge.view(old), judge.view(new));
        pair.idle = idle;
        pair.repeats = repeats;
        if self.readable(&mut pair) {
            let judge = &mut self.comparison.judge;
            match (pair.old.is_impossible(), pair.new.is_impossible()) {
                (true, true) => {}
                (false, true) => pair.note(What::SchemaBecameFalse, None, None, Vec::new()),
                (true, false) => pair.note(What::SchemaBecameNotFalse, None, None, Vec::new()),
                (false, false) => match unions::compare(judge, &mut pair) {
                    unions::Rest::Same => {
                        scalars::compare(judge, &mut pair);
                        objects::compare(judge, &mut pair);
                        arrays::compare(judge, &mut pair);
                        logic::compare(judge, &mut pair);
                        members::compare(judge, &mut pair);
                        annotations::defaults(&mut pair);
                        if !idle {
                            self.lifecycle(&pair);
                        }
                    }
                    unions::Rest::Instead(old, new) => {
                        scalars::null(&mut pair);
                        self.wait(Child { old, new, place, idle }, writing);
                    }
                    unions::Rest::Nothing => scalars::null(&mut pair),
                },
            }
            let judge = &mut self.comparison.judge;
            unevaluated::compare(judge, &mut pair);
        }
        self.settle(pair);
    }

    /// Two schemas that do nothing but lead to components, in the same way: what changed, changed there.
    fn hand_on(&mut self, old: SchemaId, new: SchemaId, (place, writing): (Place, Writing)) -> bool {
        let judge = &mut self.comparison.judge;
        let (one, other) = (judge.target(Side::Base, old), judge.target(Side::Revision, new));
        let (Some((old_target, old_null)), Some((new_target, new_null))) = (one, other) else { return false };
        let nulls = [
            judge.admits_null(Side::Base, old),
            judge.admits_null(Side::Base, old_target),
            judge.admits_null(Side::Revision, new),
            judge.admits_null(Side::Revision, new_target),
        ];
        if old_null != new_null || nulls[0] != nulls[2] || nulls[1] != nulls[3] {
            return false;
        }
        let said = |judge: &Judge<'c, 't>, side: Side, schema: SchemaId| judge.annotated(side, schema);
        if said(judge, Side::Base, old) || said(judge, Side::Revision, new) {
            let views = (
                judge.view(&Conjunction::one(Side::Base, old)),
                judge.view(&Conjunction::one(Side::Revision, new)),
            );
            let mut pair = Pair::new((place, writing), views.0, views.1);
            annotations::defaults(&mut pair);
            self.lifecycle(&pair);
            self.settle(pair);
        }
        self.comparison.schema(old_target, new_target, place, writing);
        true
    }

    /// Whether both sides can be read; what cannot is said, and nothing is concluded from it.
    fn readable(&mut self, pair: &mut Pair<'c, 't>) -> bool {
        match (pair.old.broken, pair.new.broken) {
            (None, None) => {}
            (None, Some(at)) => {
                pair.note(What::RevisionUnreadable, None, Some(at), Vec::new());
                return false;
            }
            (Some(at), new) => {
                let same = self.comparison.judge.same(&pair.old.conjunction, &pair.new.conjunction);
                if !same {
                    pair.unproven(What::BaseUnreadable, (Some(at), new), Vec::new(), "unreadable base");
                }
                return false;
            }
        }
        if (pair.old.cut || pair.new.cut)
            && !self.comparison.judge.same(&pair.old.conjunction, &pair.new.conjunction)
        {
            pair.undecided("budget");
        }
        true
    }

    fn lifecycle(&mut self, pair: &Pair<'c, 't>) {
        // Parameters, headers and bodies have a lifecycle of their own.
        if pair.place != pair.place.inside() {
            return;
        }
        let (Some(old), Some(new)) = (pair.old.at, pair.new.at) else { return };
        let (was, is) = (annotations::lifecycle(&pair.old), annotations::lifecycle(&pair.new));
        let quiet = |one: &crate::openapi::model::Lifecycle<'_>| {
            one.deprecated.is_none() && one.sunset.is_none() && one.stability.is_none()
        };
        if quiet(&was) && quiet(&is) {
            return;
        }
        let name = pair::path(&self.comparison.revision.trails, new, None);
        let subject = Subject::Parameter { place: pair.place, name: vec![("name", name)] };
        lifecycle::compare(self.comparison, &subject, (old, was), (new, is));
    }

    /// Notes what was found of `pair` and leaves what is inside to be compared.
    fn settle(&mut self, mut pair: Pair<'c, 't>) {
        let writing = pair.writing;
        let direction = pair.place.direction();
        if pair.alarms() && self.comparison.judge.alike(&pair.old.conjunction, &pair.new.conjunction) {
            pair.calm();
            // What was matched by words is not the same on both sides, and no message breaks by it.
            let judge = &mut self.comparison.judge;
            for child in &mut pair.children {
                child.idle |= !judge.alike(&child.old, &child.new);
            }
        }
        if pair.breaks() || pair.doubts() {
            let (sent, taken) = pair.sent_and_taken();
            if self.comparison.judge.is_all_taken(sent, &taken.conjunction, direction) {
                pair.notes.retain(|note| !note.breaks(direction) && note.proof != Proof::Undecided);
            }
        }
        if writing == Writing::Text {
            let alike = texts::look_alike(&mut self.comparison.judge, &pair);
            let takes_any = texts::takes_any(pair.sent_and_taken().1);
            for note in &mut pair.notes {
                // Null is no text: it is left out, or written as nothing or as `null`, as whoever sends it likes.
                let is_null =
                    matches!(note.rule.change(), Some(What::BecameNullable | What::BecameNotNullable));
                let is_taken = if is_null { takes_any } else { alike };
                match note.breaks(direction) || note.proof == Proof::Undecided {
                    true if is_taken => note.proof = Proof::Proven,
                    true if is_null => note.doubt("null in a text"),
                    _ => {}
                }
            }
        }
        // What is inside of an object that is not a form of its own is somebody else's to write.
        let is_object = pair.old.types.or(pair.new.types).meets(Types::OBJECT);
        let inner = |place: Place| match writing {
            Writing::Form if place == pair.place => Writing::Form,
            Writing::Text
                if is_object && matches!(place, Place::RequestProperty | Place::ResponseProperty) =>
            {
                Writing::Typed
            }
            Writing::Form | Writing::Text => Writing::Text,
            Writing::Typed => Writing::Typed,
        };
        let children: Vec<_> =
            std::mem::take(&mut pair.children).into_iter().map(|child| (inner(child.place), child)).collect();
        let anchor: Option<At> = pair.old.at;
        let paths = |comparison: &Comparison<'c, 't>, property: Option<&str>| match (anchor, pair.new.at) {
            (Some(at), _) => pair::path(&comparison.base.trails, at, property),
            (None, Some(at)) => pair::path(&comparison.revision.trails, at, property),
            (None, None) => property.unwrap_or_default().to_owned(),
        };
        // The value of a parameter is known by the parameter, whatever its schema is called.
        let field = self.comparison.field().filter(|_| pair.place.is_field());
        for note in pair.notes {
            let name = paths(self.comparison, note.property.as_deref());
            let mut arguments = note.arguments;
            if let (Some(field), None) = (field, &note.property) {
                arguments.splice(0..0, field.arguments());
            } else if !name.is_empty() {
                arguments.insert(0, ("name", name));
            }
            let rule = note.rule;
            let is_idle = field.is_some_and(|field| asks_for_no_more(rule, &arguments, field.empties));
            let proof = if is_idle { Proof::Proven } else { note.proof };
            self.comparison.note(Change { rule, proof, base: note.base, revision: note.revision, arguments });
        }
        for (writing, child) in children {
            self.wait(child, writing);
        }
    }

    /// Leaves two conjunctions to be compared: schemas as a pair of their own; others, and those that matter to no message,
    /// here.
    fn wait(&mut self, Child { old, new, place, idle }: Child, writing: Writing) {
        if let (Some(one), Some(other), false) = (old.single(), new.single(), idle) {
            return match self.comparison.field().filter(|_| place.is_field()) {
                Some(field) => {
                    let field = Field { repeats: false, ..field };
                    self.comparison.schema_of(one, other, (place, writing), field);
                }
                None => self.comparison.schema(one, other, place, writing),
            };
        }
        if !self.comparison.options.in_full && self.comparison.judge.same(&old, &new) {
            return;
        }
        let key = (old, new, (place, writing), idle);
        if self.seen.contains(&key) {
            return;
        }
        if idle {
            if self.idle > 0 {
                self.idle -= 1;
                self.seen.insert(key.clone());
                self.waiting.push(key);
            }
            return;
        }
        if self.seen.len() >= FRAMES {
            if !self.spent {
                self.spent = true;
                let (old, new) = (self.comparison.judge.view(&key.0), self.comparison.judge.view(&key.1));
                let mut pair = Pair::new((place, writing), old, new);
                pair.undecided("budget");
                self.settle(pair);
            }
            return;
        }
        self.seen.insert(key.clone());
        self.waiting.push(key);
    }
}
