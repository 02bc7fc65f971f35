//! The plainest value that meets demands: few members, short texts, small numbers. What it makes is a candidate, which a
//! validator confirms or not; work is counted in steps and bounded.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::export::{TEXTS, number};
use super::facets::{Facets, facets as facets_of, flat};
use super::ground::{Ground, Part};
use crate::openapi::compare::{exact_pattern, one_of, shortest};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::Types;

/// How deep values go.
const DEPTH: usize = 10;

/// The most branches of a union that are tried for a value.
const BRANCHES: usize = 6;

/// The longest text, list or object that is made.
const LONGEST: u64 = 5_000;

/// Makes values.
#[derive(Debug)]
pub(super) struct Sampler<'x, 'd, 't> {
    pub(super) ground: &'x Ground<'d, 't>,
    /// How many more values may be made.
    pub(super) steps: usize,
    /// How many more texts may be looked for in automata.
    pub(super) automata: usize,
    known: BTreeMap<Vec<Part>, Option<Value>>,
}

impl<'x, 'd, 't> Sampler<'x, 'd, 't> {
    pub(super) fn new(ground: &'x Ground<'d, 't>, steps: usize, automata: usize) -> Self {
        Self { ground, steps, automata, known: BTreeMap::new() }
    }

    /// A value that all of `parts` admit.
    pub(super) fn of(&mut self, parts: &[Part], depth: usize) -> Option<Value> {
        if let Some(known) = self.known.get(parts) {
            return known.clone();
        }
        if self.steps == 0 || depth == 0 {
            return None;
        }
        self.steps -= 1;
        let mut found = None;
        let mut choice = 0;
        while found.is_none() {
            let flat = flat(self.ground, parts, choice, None);
            let facets = facets_of(self.ground, &flat, None);
            found = self.make(&facets, depth);
            choice += 1;
            if choice >= flat.widest.min(BRANCHES) {
                break;
            }
        }
        // What fails for want of depth says nothing of another depth.
        if found.is_some() || depth == DEPTH {
            self.known.insert(parts.to_vec(), found.clone());
        }
        found
    }

    /// A value that meets `facets`.
    pub(super) fn make(&mut self, facets: &Facets<'t>, depth: usize) -> Option<Value> {
        self.nth(facets, 0, depth)
    }

    /// A value that meets `facets`, another one for each number.
    pub(super) fn nth(&mut self, facets: &Facets<'t>, nth: usize, depth: usize) -> Option<Value> {
        if facets.never {
            return None;
        }
        if let Some(finite) = &facets.finite {
            let fits =
                |value: &&Value| facets.admitted().meets(types(value)) && !facets.forbidden.contains(value);
            return finite.iter().filter(fits).nth(nth).cloned();
        }
        for kind in order(facets) {
            let made = match kind {
                Types::STRING => self.text(facets, nth).map(Value::String),
                Types::INTEGER => whole(facets, nth),
                Types::FRACTION => fraction(facets, nth),
                Types::BOOLEAN => [json!(true), json!(false)]
                    .into_iter()
                    .filter(|value| !facets.forbidden.contains(value))
                    .nth(nth),
                Types::NULL => (nth == 0 && !facets.forbidden.contains(&Value::Null)).then_some(Value::Null),
                Types::ARRAY => self.array(facets, nth, depth),
                _ => self.object(facets, nth, depth),
            };
            if made.is_some() {
                return made;
            }
        }
        None
    }

    fn text(&mut self, facets: &Facets<'t>, nth: usize) -> Option<String> {
        let (least, most) = facets.length;
        if most.is_some_and(|most| most < least) || least > LONGEST {
            return None;
        }
        let fits = |text: &str| {
            let length = text.chars().count() as u64;
            length >= least
                && most.is_none_or(|most| length <= most)
                && !facets.forbidden.iter().any(|value| value.as_str() == Some(text))
        };
        let shown = |nth: usize| facets.shown().filter(|text| fits(text)).map(str::to_owned).nth(nth);
        if !facets.patterns.is_empty() || facets.outside.is_some() {
            if nth > 0 {
                return None;
            }
            let mut patterns = facets.patterns.clone();
            patterns.extend(facets.formats.iter().filter_map(|format| exact_pattern(format)));
            // A pattern together with a format is more than an automaton knows, most of the time: the author's own text may do.
            if facets.formats.iter().any(|format| plain(format).is_some() && exact_pattern(format).is_none())
                && let Some(text) = shown(0)
            {
                return Some(text);
            }
            if self.automata == 0 {
                return shown(0);
            }
            self.automata -= 1;
            let found = |outside: Option<&str>| {
                shortest(&patterns, outside, (least.max(1), most))
                    .or_else(|| shortest(&patterns, outside, (least, most)))
            };
            let mut listed = facets.forbidden.iter().filter_map(Value::as_str).peekable();
            if facets.outside.is_none()
                && listed.peek().is_some()
                && let Some(text) = found(Some(&one_of(listed)))
            {
                return Some(text);
            }
            return found(facets.outside).or_else(|| shown(0));
        }
        let known = facets.formats.iter().find_map(|format| plain(format));
        if let Some(texts) = known {
            let own = texts.iter().copied().filter(|text| fits(text)).nth(nth);
            return own.map(str::to_owned).or_else(|| shown(nth));
        }
        let unknown = facets.formats.iter().any(|format| !TEXTS.contains(format));
        if unknown && let Some(text) = shown(nth) {
            return Some(text);
        }
        let length = usize::try_from(least.max(1).min(most.unwrap_or(u64::MAX))).ok()?;
        let letters = ('a'..='z').filter(|_| length > 0).map(|letter| letter.to_string().repeat(length));
        let all = letters.chain((length == 0).then(String::new));
        // Beyond the alphabet, longer texts.
        let longer = (1..40).map(|more| "a".repeat(length + more));
        all.chain(longer).filter(|text| fits(text)).nth(nth)
    }

    fn array(&mut self, facets: &Facets<'t>, nth: usize, depth: usize) -> Option<Value> {
        let (least, most) = facets.count;
        let needed: u64 = facets.contains.iter().map(|(_, least)| *least).sum();
        let wanted = least.max(needed).max(nth as u64);
        if most.is_some_and(|most| wanted > most) || wanted > LONGEST {
            return None;
        }
        let mut items: Vec<Value> = Vec::new();
        let mut contained: Vec<Part> = Vec::new();
        for &(part, least) in &facets.contains {
            contained.extend((0..least).map(|_| part));
        }
        let mut different = 0;
        while (items.len() as u64) < wanted {
            let mut parts = facets.prefix.get(items.len()).unwrap_or(&facets.items).clone();
            parts.extend(contained.get(items.len()));
            let item = if facets.unique {
                let flat = flat(self.ground, &parts, 0, None);
                let demands = facets_of(self.ground, &flat, None);
                let mut item = self.nth(&demands, different, depth.checked_sub(1)?)?;
                while items.contains(&item) {
                    different += 1;
                    self.steps = self.steps.checked_sub(1)?;
                    item = self.nth(&demands, different, depth.checked_sub(1)?)?;
                }
                different += 1;
                item
            } else {
                self.of(&parts, depth.checked_sub(1)?)?
            };
            items.push(item);
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, facets: &Facets<'t>, nth: usize, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        for name in &facets.required {
            if !facets.absent.contains(name) {
                self.member(facets, name, depth, &mut members)?;
            } else if !facets.planted.contains_key(*name) {
                return None;
            }
        }
        for (name, value) in &facets.planted {
            members.insert(name.clone(), value.clone());
        }
        for (name, needed) in &facets.dependent {
            if members.contains_key(*name) {
                for name in needed {
                    self.member(facets, name, depth, &mut members)?;
                }
            }
        }
        let (least, most) = facets.size;
        if least > LONGEST || most.is_some_and(|most| (members.len() as u64) > most) {
            return None;
        }
        for &name in facets.properties.keys() {
            if members.len() as u64 >= least {
                break;
            }
            if !facets.absent.contains(name) {
                let _ = self.member(facets, name, depth, &mut members);
            }
        }
        let mut number = 0;
        while (members.len() as u64) < least {
            number += 1;
            let value = self.of(&facets.others, depth.checked_sub(1)?)?;
            members.insert(format!("key{number}"), value);
        }
        if nth > 0 {
            // Another value of a member makes another object.
            let name = facets.properties.keys().find(|name| !facets.absent.contains(*name));
            let (name, parts) = match name {
                Some(name) => ((*name).to_owned(), facets.properties[name].clone()),
                None => ("key".to_owned(), facets.others.clone()),
            };
            let flat = flat(self.ground, &parts, 0, None);
            let demands = facets_of(self.ground, &flat, None);
            let value = self.nth(&demands, nth - 1, depth.checked_sub(1)?)?;
            if members.get(&name) == Some(&value) {
                return None;
            }
            members.insert(name, value);
        }
        Some(Value::Object(members))
    }

    /// Puts the member `name` into an object that does not have it.
    pub(super) fn member(
        &mut self,
        facets: &Facets<'t>,
        name: &str,
        depth: usize,
        members: &mut Map<String, Value>,
    ) -> Option<()> {
        if members.contains_key(name) || facets.planted.contains_key(name) {
            return Some(());
        }
        let parts = facets.properties.get(name).unwrap_or(&facets.others);
        let value = self.of(parts, depth.checked_sub(1)?)?;
        members.insert(name.to_owned(), value);
        Some(())
    }
}

/// The types that demands admit, the likeliest first.
fn order(facets: &Facets<'_>) -> Vec<Types> {
    let admitted = facets.admitted();
    let object = !facets.properties.is_empty() || !facets.required.is_empty() || facets.size.0 > 0;
    let array = !facets.items.is_empty() || !facets.prefix.is_empty() || facets.count.0 > 0;
    let number = facets.low.is_some() || facets.high.is_some() || !facets.steps.is_empty();
    let mut order = Vec::new();
    for (likely, kind) in [
        (object, Types::OBJECT),
        (array, Types::ARRAY),
        (number, Types::INTEGER),
        (true, Types::STRING),
        (true, Types::INTEGER),
        (true, Types::FRACTION),
        (true, Types::BOOLEAN),
        (true, Types::OBJECT),
        (true, Types::ARRAY),
        (true, Types::NULL),
    ] {
        if likely && admitted.contains(kind) && !order.contains(&kind) {
            order.push(kind);
        }
    }
    order
}

/// The type of a value; a number without fraction is an integer.
pub(super) fn types(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(number) => {
            let whole = number.as_f64().is_none_or(|number| number.fract() == 0.0);
            if whole { Types::INTEGER } else { Types::FRACTION }
        }
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

fn machine(decimal: &Decimal) -> Option<f64> {
    number(decimal)?.as_f64()
}

fn whole(facets: &Facets<'_>, nth: usize) -> Option<Value> {
    let nth = i128::try_from(nth).ok()?;
    let floor = |decimal: &Decimal, up: bool| -> Option<i128> {
        if let Some(whole) = decimal.as_i128() {
            return Some(whole);
        }
        let number = machine(decimal).filter(|number| number.abs() < 9e15)?;
        // The range was asked for above.
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and below 2^53")]
        Some(if up { number.ceil() } else { number.floor() } as i128)
    };
    let low = match &facets.low {
        Some((bound, out)) => {
            let whole = floor(bound, true)?;
            Some(if *out && bound.is_integer() { whole.checked_add(1)? } else { whole })
        }
        None => None,
    };
    let high = match &facets.high {
        Some((bound, out)) => {
            let whole = floor(bound, false)?;
            Some(if *out && bound.is_integer() { whole.checked_sub(1)? } else { whole })
        }
        None => None,
    };
    let mut step: i128 = 1;
    for own in &facets.steps {
        let own = own.as_i128().unwrap_or(1).max(1);
        step = step.checked_mul(own)? / gcd(step, own);
    }
    let near = facets.near.as_ref().and_then(|near| floor(near, true)).unwrap_or(0);
    let mut start = near.max(low.unwrap_or(i128::MIN)).min(high.unwrap_or(i128::MAX));
    let down = low.is_none() && high.is_some_and(|high| high <= near);
    let over = start.rem_euclid(step);
    if over != 0 {
        start = if down || (facets.near.is_some() && low.is_none()) {
            start.checked_sub(over)?
        } else {
            start.checked_add(step - over)?
        };
    }
    let inside = |value: &i128| {
        low.is_none_or(|low| *value >= low)
            && high.is_none_or(|high| *value <= high)
            && !facets.forbidden.contains(&json!(i64::try_from(*value).unwrap_or_default()))
    };
    let upward = (0..200_i128).map(|index| start + index * step * if down { -1 } else { 1 });
    let downward = (1..200_i128).map(|index| start - index * step);
    let value = upward.chain(downward).filter(inside).nth(usize::try_from(nth).ok()?)?;
    i64::try_from(value)
        .map(|value| json!(value))
        .or_else(|_| u64::try_from(value).map(|value| json!(value)))
        .ok()
}

fn fraction(facets: &Facets<'_>, nth: usize) -> Option<Value> {
    let low = facets.low.as_ref().and_then(|(bound, _)| machine(bound));
    let high = facets.high.as_ref().and_then(|(bound, _)| machine(bound));
    let step = facets.steps.first().and_then(machine);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let nth = nth as f64;
    let value = match (low, high, step) {
        (_, _, Some(step)) => {
            let start = low.map_or(1.0, |low| (low / step).ceil().max(1.0));
            (start + nth) * step
        }
        (Some(low), Some(high), None) => f64::midpoint(low, high) + nth * (high - low) / 1024.0,
        (Some(low), None, None) => low.floor().max(0.0).max(low.floor()) + 0.5 + nth,
        (None, Some(high), None) => high.ceil() - 0.5 - nth,
        (None, None, None) => 0.5 + nth,
    };
    let inside = low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high);
    (inside && value.is_finite() && value.fract() != 0.0).then(|| json!(value))
}

fn gcd(one: i128, other: i128) -> i128 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// Texts of a format.
pub(super) fn plain(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "byte" => &["YQ==", "Yg=="],
        "date" => &["2024-01-31", "2024-02-01"],
        "date-time" => &["2024-01-31T12:00:00Z", "2024-02-01T12:00:00Z"],
        "duration" => &["P1D", "P2D"],
        "email" | "idn-email" => &["a@example.com", "b@example.com", "a@b.c", "a@b"],
        "hostname" | "idn-hostname" => &["example.com", "example.org"],
        "ipv4" => &["192.0.2.1", "192.0.2.2"],
        "ipv6" => &["2001:db8::1", "2001:db8::2"],
        "iri" | "iri-reference" | "uri" | "uri-reference" => {
            &["https://example.com/", "https://example.org/"]
        }
        "json-pointer" => &["/a", "/b"],
        "regex" => &["a", "b"],
        "relative-json-pointer" => &["0", "1"],
        "time" => &["12:00:00Z", "13:00:00Z"],
        "uri-template" => &["/{a}", "/{b}"],
        "uuid" => &["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"],
        _ => return None,
    })
}
