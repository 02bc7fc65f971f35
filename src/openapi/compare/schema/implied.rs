//! What follows from what a view says, though no keyword of its own says it: types, bounds, lengths, counts, names.
//!
//! Everything here holds for every value of the view, so that an inclusion may rest on it; what is not seen to follow is
//! left out. Each is a walk over the parts, with one view more for a `not`; only lists of values are walked through.

use std::borrow::Cow;

use super::admits::{divides, least_multiple};
use super::answer::Answer;
use super::formats;
use super::objects::Names;
use super::shape::{Shape, beyond_values, only_excludes};
use super::value::Value;
use super::view::{Conjunction, Group, Limit, Union, View, effective};
use super::{Judge, Side};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{Schema, SchemaId, Types};

/// The most values that are told one by one.
const VALUES: usize = 1_000;

/// A bound of numbers, and whether it is outside itself.
pub(super) type Edge = Option<(Decimal, bool)>;

/// Bounds that follow.
#[derive(Debug, Clone)]
pub(super) struct Implied {
    /// The lower and the upper bound of numbers.
    pub(super) numbers: (Edge, Edge),
    /// The least and the greatest length of texts.
    pub(super) lengths: (u64, Option<u64>),
}

impl<'c, 't> Judge<'c, 't> {
    /// What `view` asks for without saying so in place: what is not excluded, what a condition that always or never holds
    /// leads to, what depends on a property that must be there. None where that is nothing new.
    pub(super) fn unfolded(&self, view: &View<'c, 't>) -> Option<Conjunction> {
        let side = view.conjunction.side;
        let mut more = view.conjunction.clone();
        for part in &view.parts {
            let schema: &Schema<'t> = part.schema;
            let mut found: Vec<SchemaId> =
                schema.not.and_then(|not| self.twice_excluded(side, not)).into_iter().collect();
            if let Some(when) = schema.when {
                let follows = match self.shape(side, when) {
                    Shape::Anything => schema.then,
                    Shape::Nothing => schema.otherwise,
                    _ => None,
                };
                found.extend(follows);
            }
            let asked = |name: &str| view.parts.iter().any(|part| requires(part.schema, name));
            let follows = schema.dependent_schemas.iter().filter(|dependent| asked(dependent.name));
            // What a dependency says of values that are no objects, it does not say.
            if Types::OBJECT.contains(view.types) {
                found.extend(follows.map(|dependent| dependent.schema));
            }
            for schema in found {
                if !more.schemas.contains(&schema) {
                    more.schemas.push(schema);
                }
            }
        }
        (more.schemas.len() > view.conjunction.schemas.len()).then_some(more)
    }

    /// What is left by a `not` that excludes nothing but what another `not` leaves.
    pub(super) fn twice_excluded(&self, side: Side, not: SchemaId) -> Option<SchemaId> {
        let core = self.schema(side, self.peel(side, not));
        core.not.filter(|_| only_excludes(core))
    }

    /// The types of the values of `view`: without those that `not` excludes as a whole, and without fractions where all
    /// are multiples of a whole number.
    pub(super) fn narrowed_types(&self, view: &View<'c, 't>) -> Types {
        let mut types = view.types;
        for part in &view.parts {
            if part.schema.multiple_of.as_ref().is_some_and(|step| step.value.is_integer()) {
                types = types.without(Types::FRACTION);
            }
            if let Some(not) = part.schema.not
                && let Shape::Types(excluded) = self.shape(view.conjunction.side, not)
            {
                types = types.without(excluded);
            }
        }
        types
    }

    /// The bounds of numbers and lengths that follow from all that `view` says.
    pub(super) fn implied(&mut self, view: &View<'c, 't>) -> Implied {
        let integers = !view.types.meets(Types::FRACTION);
        let mut implied = Implied {
            numbers: (None, None),
            lengths: (
                view.most(|s| s.min_length).map_or(0, |set| set.value),
                view.least(|s| s.max_length).map(|set| set.value),
            ),
        };
        let (mut lows, mut highs) = (Vec::new(), Vec::new());
        lows.extend(view.minimum.as_ref().map(|limit| (limit.value.clone(), limit.exclusive)));
        highs.extend(view.maximum.as_ref().map(|limit| (limit.value.clone(), limit.exclusive)));
        for format in formats::of(view, true) {
            if let Some((low, high)) = formats::range(format.value) {
                lows.push((low, false));
                highs.push((high, false));
            }
        }
        let nots: Vec<SchemaId> = view.parts.iter().filter_map(|part| part.schema.not).collect();
        for not in nots {
            let excluded = self.view(&Conjunction::one(view.conjunction.side, not).only(view.types));
            if let Some((low, high)) = only_bounds(view, &excluded) {
                // What is not above is below, and what is excluded with its edge is left without.
                lows.extend(high.map(|(value, exclusive)| (value, !exclusive)));
                highs.extend(low.map(|(value, exclusive)| (value, !exclusive)));
            }
            let (least, most) = only_lengths(view, &excluded);
            implied.lengths.0 = implied.lengths.0.max(least);
            implied.lengths.1 = implied.lengths.1.into_iter().chain(most).min();
        }
        let whole = |lower: bool| {
            move |(value, exclusive): (Decimal, bool)| effective((&value, exclusive), lower, integers)
        };
        implied.numbers = (
            lows.into_iter().map(whole(true)).max(),
            highs
                .into_iter()
                .map(whole(false))
                .min_by(|one, other| (&one.0, !one.1).cmp(&(&other.0, !other.1))),
        );
        implied
    }

    /// How many items lists of `view` have at least and at most.
    pub(super) fn item_counts(&mut self, view: &View<'c, 't>) -> (u64, Option<u64>) {
        let side = view.conjunction.side;
        let mut least = view.most(|s| s.min_items).map_or(0, |set| set.value);
        for part in view.parts.iter().filter(|part| part.schema.contains.is_some()) {
            least = least.max(part.schema.min_contains.map_or(1, |set| set.value));
        }
        let prefix = self.firsts(view);
        let mut most = view.least(|s| s.max_items).map(|set| set.value);
        for index in 0..=prefix {
            let item = self.item(view, (index < prefix).then_some(index), true);
            if item.schemas.iter().any(|&schema| self.is_false(side, schema)) {
                most = most.into_iter().chain([index as u64]).min();
                break;
            }
        }
        (least, most)
    }

    /// The names that objects of `view` may have, where `propertyNames` lists them.
    pub(super) fn listed_names(&mut self, view: &View<'c, 't>) -> Option<Vec<&'t str>> {
        let side = view.conjunction.side;
        let names: Vec<SchemaId> = view.parts.iter().filter_map(|part| part.schema.property_names).collect();
        if names.is_empty() {
            return None;
        }
        let listed = self.view(&Conjunction::all(side, names).only(Types::STRING)).finite?;
        (listed.len() <= VALUES).then(|| {
            let texts = listed.iter().filter_map(|member| match member.value {
                Value::String(text) => Some(text),
                _ => None,
            });
            texts.collect()
        })
    }

    /// Whether `part`, which does not spell its values out, has only values that `whole` spells out: whole numbers between
    /// two bounds, texts of patterns, what is empty.
    pub(super) fn among_values(&mut self, part: &View<'c, 't>, whole: &View<'c, 't>) -> Answer {
        // Other types than booleans have more values than are spelled out, unless something confines them.
        let plain = part.groups.is_empty() && !part.parts.iter().any(|one| one.schema.not.is_some());
        let more = plain && part.types != Types::BOOLEAN && !part.types.meets(Types::INTEGER);
        let values = whole.finite.as_deref().unwrap_or_default();
        let exact = whole.groups.is_empty() && !whole.parts.iter().any(|part| beyond_values(part.schema));
        let admitted: Vec<&Value<'t>> = values
            .iter()
            .filter(|member| {
                exact || member.node.is_some_and(|node| self.admits(node, &whole.conjunction).is_yes())
            })
            .map(|member| &member.value)
            .collect();
        let mut types = part.types;
        let has = |value: &Value<'t>| admitted.binary_search_by(|one| (*one).cmp(value)).is_ok();
        if types.meets(Types::BOOLEAN) && has(&Value::Boolean(true)) && has(&Value::Boolean(false)) {
            types = types.without(Types::BOOLEAN);
        }
        let implied = self.implied(part);
        if !types.meets(Types::FRACTION)
            && let (Some((low, false)), Some((high, false))) = &implied.numbers
            && let (Some(low), Some(high)) = (low.as_i128(), high.as_i128())
            && high.checked_sub(low).is_some_and(|count| count < VALUES as i128)
        {
            let steps = || part.parts.iter().filter_map(|part| part.schema.multiple_of.as_ref());
            let all = (low..=high).all(|number| {
                let number = Decimal::parse(&number.to_string());
                number.is_some_and(|number| {
                    steps().any(|step| divides(&step.value, &number).is_no()) || has(&Value::Number(number))
                })
            });
            if all {
                types = types.without(Types::INTEGER);
            }
        }
        if types.meets(Types::STRING) {
            let texts: Vec<&str> = admitted
                .iter()
                .filter_map(|value| if let Value::String(text) = value { Some(*text) } else { None })
                .collect();
            let empty = implied.lengths.1 == Some(0) && texts.contains(&"");
            if empty || self.is_one_of(part, &implied, &texts) {
                types = types.without(Types::STRING);
            }
        }
        let empty = |is_object: bool| {
            admitted.iter().any(|value| {
                matches!(value, Value::Compound(object, text)
                if *object == is_object && (text == "[]" || text == "{}"))
            })
        };
        if types.meets(Types::ARRAY) && empty(false) && self.item_counts(part).1 == Some(0) {
            types = types.without(Types::ARRAY);
        }
        let most = part.least(|s| s.max_properties);
        if types.meets(Types::OBJECT) && empty(true) && most.is_some_and(|most| most.value == 0) {
            types = types.without(Types::OBJECT);
        }
        match types.is_none() {
            true => Answer::Yes,
            false if more => Answer::No,
            false => Answer::Unknown,
        }
    }

    /// Whether every text of `part` is one of `texts`.
    fn is_one_of(&mut self, part: &View<'c, 't>, implied: &Implied, texts: &[&str]) -> bool {
        let own = written(part, implied.lengths);
        if own.is_empty() || texts.is_empty() || texts.len() > VALUES {
            return false;
        }
        self.patterns.together_in(&own, one_of(texts.iter().copied()).into())
    }

    /// Whether alternatives of a union that bound numbers and say no more of them cover the numbers of `part` together.
    pub(super) fn covered(&mut self, part: &View<'c, 't>, side: Side, group: &Group<'c, 't>) -> bool {
        if group.union != Union::AnyOf
            || part.types.is_none()
            || !Types::NUMBER.contains(part.types)
            || part.finite.is_some()
        {
            return false;
        }
        let integers = !part.types.meets(Types::FRACTION);
        let mut ranges: Vec<(Edge, Edge)> = Vec::new();
        for &branch in &group.branches {
            let view = self.view(&Conjunction::one(side, branch).only(part.types));
            ranges.extend(bounded(part, &view));
        }
        let (low, high) = self.implied(part).numbers;
        // What lies below this edge is covered, and whether the edge itself is not; none where nothing is.
        let mut reached = low.map(|(value, exclusive)| (value, !exclusive));
        for _ in 0..ranges.len() {
            let next = ranges.iter().filter(|(low, _)| match (low, &reached) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(low), Some(edge)) => touches(edge, low, integers),
            });
            // The end that lies furthest; none is the end of all.
            let ends: Vec<&Edge> = next.map(|(_, high)| high).collect();
            if ends.iter().any(|end| end.is_none()) {
                return true;
            }
            let Some(furthest) =
                ends.into_iter().flatten().max_by(|one, other| (&one.0, !one.1).cmp(&(&other.0, !other.1)))
            else {
                return false;
            };
            reached = Some((furthest.0.clone(), furthest.1));
            if high.as_ref().is_some_and(|high| (&high.0, !high.1) <= (&furthest.0, !furthest.1)) {
                return true;
            }
        }
        false
    }
}

/// Whether a range that begins at `low` leaves nothing out behind what is covered up to `edge`; with the edge, where that
/// is itself outside of what is covered.
fn touches(edge: &(Decimal, bool), low: &(Decimal, bool), integers: bool) -> bool {
    let next = || {
        let next = edge.0.as_i128().and_then(|value| value.checked_add(1));
        next.and_then(|value| Decimal::parse(&value.to_string()))
    };
    match low.0.cmp(&edge.0) {
        std::cmp::Ordering::Less => true,
        // Between two that both leave their edge out, the edge is missing.
        std::cmp::Ordering::Equal => !(edge.1 && low.1),
        std::cmp::Ordering::Greater => {
            integers && !edge.1 && !low.1 && edge.0.is_integer() && next().is_some_and(|next| low.0 <= next)
        }
    }
}

/// The bounds of `view`, where it says no more of numbers of `part` than these.
fn bounded(part: &View<'_, '_>, view: &View<'_, '_>) -> Option<(Edge, Edge)> {
    let numbers = part.types.and(Types::NUMBER);
    let plain = !numbers.is_none()
        && view.types.contains(numbers)
        && is_readable(view)
        && view.parts.iter().all(|part| part.schema.multiple_of.is_none())
        && formats::of(view, true).is_empty();
    let edge = |limit: &Option<Limit<'_>>| limit.as_ref().map(|limit| (limit.value.clone(), limit.exclusive));
    plain.then(|| (edge(&view.minimum), edge(&view.maximum)))
}

/// The one bound of what is excluded, where it says no more of numbers.
fn only_bounds(view: &View<'_, '_>, excluded: &View<'_, '_>) -> Option<(Edge, Edge)> {
    bounded(view, excluded).filter(|(low, high)| low.is_some() != high.is_some())
}

/// The least and the greatest length that are left by what excludes texts by their length alone, or the empty text.
fn only_lengths(view: &View<'_, '_>, excluded: &View<'_, '_>) -> (u64, Option<u64>) {
    if let Some(values) = &excluded.finite {
        let exact = excluded.groups.is_empty()
            && excluded.broken.is_none()
            && !excluded.parts.iter().any(|part| beyond_values(part.schema));
        let empty = exact && values.iter().any(|member| member.value == Value::String(""));
        return (u64::from(empty), None);
    }
    let plain = view.types.and(excluded.types).meets(Types::STRING)
        && is_readable(excluded)
        && formats::of(excluded, false).is_empty()
        && excluded.parts.iter().all(|part| {
            let schema = part.schema;
            schema.pattern.is_none()
                && schema.content_encoding.is_none()
                && schema.content_media_type.is_none()
                && schema.content_schema.is_none()
        });
    match (plain, excluded.most(|s| s.min_length), excluded.least(|s| s.max_length)) {
        (true, Some(least), None) => (0, least.value.checked_sub(1)),
        (true, None, Some(most)) => (most.value.saturating_add(1), None),
        _ => (0, None),
    }
}

/// Whether nothing but keywords of their own kind says anything of the numbers and texts of `view`.
fn is_readable(view: &View<'_, '_>) -> bool {
    view.broken.is_none()
        && !view.cut
        && view.finite.is_none()
        && view.groups.is_empty()
        && view.parts.iter().all(|part| part.schema.not.is_none() && part.schema.when.is_none())
}

/// Patterns that every text of `view` matches: its own, those of its formats, and that of its length.
pub(super) fn written<'t>(view: &View<'_, 't>, lengths: (u64, Option<u64>)) -> Vec<Cow<'t, str>> {
    let own = view.parts.iter().filter_map(|part| part.schema.pattern);
    let mut all: Vec<Cow<'t, str>> = own.map(|set| set.value.into()).collect();
    let formats = formats::of(view, false);
    all.extend(formats.into_iter().filter_map(|format| formats::written(format.value)).map(Cow::from));
    if !all.is_empty() && lengths != (0, None) {
        all.push(length(lengths).into());
    }
    all
}

/// The pattern of texts of a length.
pub(super) fn length((least, most): (u64, Option<u64>)) -> String {
    format!("^[\\s\\S]{{{least},{}}}$", most.map_or_else(String::new, |most| most.to_string()))
}

/// The number of which all numbers of `view` are multiples; none where that is not known.
pub(super) fn step(view: &View<'_, '_>) -> Option<Decimal> {
    let integers = !view.types.meets(Types::FRACTION);
    let own = view.parts.iter().filter_map(|part| part.schema.multiple_of.as_ref());
    let mut all = own.map(|bound| bound.value.clone()).chain(integers.then(|| Decimal::from_u64(1)));
    let first = all.next()?;
    let step = all.try_fold(first, |one, other| least_multiple(&one, &other));
    step.filter(|step| !step.is_zero() && !step.is_negative())
}

/// The names that must be there because others must.
pub(super) fn require_dependents<'t>(names: &mut Names<'t>, view: &View<'_, 't>) {
    let dependencies = || view.parts.iter().flat_map(|part| &part.schema.dependent_required);
    let mut more = true;
    while more {
        more = false;
        for (name, wanted, at) in dependencies() {
            if names.required(name).is_none() {
                continue;
            }
            for wanted in wanted {
                more |= names.required(wanted).is_none();
                names.require(wanted, *at);
            }
        }
    }
}

/// Whether `schema` itself asks for the property `name`.
pub(super) fn requires(schema: &Schema<'_>, name: &str) -> bool {
    schema.required.binary_search_by(|&(known, _)| known.cmp(name)).is_ok()
}

/// The pattern of the texts that are one of `texts`.
pub(in crate::openapi) fn one_of<'s>(texts: impl Iterator<Item = &'s str>) -> String {
    let mut all = String::from("^(?:");
    for (index, text) in texts.enumerate() {
        all.push_str(if index == 0 { "" } else { "|" });
        for letter in text.chars() {
            if letter.is_ascii_punctuation() {
                all.push('\\');
            }
            all.push(letter);
        }
    }
    all.push_str(")$");
    all
}
