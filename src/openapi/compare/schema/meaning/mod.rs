//! What a conjunction means, as a digest: where two are equal, both admit the same messages and say the same beside them,
//! whatever words they use.
//!
//! A digest is made of a view, which is a normal form already: conjunctions gathered, bounds joined, null apart. What
//! cannot be brought into that form (what was evaluated, a discriminator, a schema that leads back to itself) counts by
//! its words. A digest is only made where somebody asks; unequal ones say nothing.

mod unions;

use self::unions::Unions;
use super::admits::divides;
use super::pattern::any_text;
use super::shape::beyond_values;
use super::value::Value;
use super::view::{Conjunction, Limit, Member, View};
use super::{Judge, Side, annotations, formats, objects};
use crate::openapi::decimal::Decimal;
use crate::openapi::digest::Encoding;
use crate::openapi::finding::Direction;
use crate::openapi::model::{Named, Schema, SchemaId, Types};
use crate::support::lookup::{Lookup, Seed};

/// How many views a question may build.
const STEPS: usize = 1_000;

/// How deep it may go.
const DEPTH: usize = 32;

/// The longest text of a value that is told apart by it.
const VALUE: usize = 20_000;

/// Digests that are known.
#[derive(Debug)]
pub(super) struct Meanings {
    /// None for those of which it is known that nothing is found out.
    single: Lookup<(Side, SchemaId, Types), Option<u128>>,
    several: Lookup<Conjunction, Option<u128>>,
    steps: usize,
    depth: usize,
    /// Whether the question at hand met a bound: what it did not find out, another one still may.
    bound: bool,
}

impl Meanings {
    pub(super) fn new(seed: Seed) -> Self {
        Self { single: Lookup::new(seed), several: Lookup::new(seed), steps: 0, depth: 0, bound: false }
    }
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether two conjunctions are shown to mean the same.
    pub(super) fn alike(&mut self, one: &Conjunction, other: &Conjunction) -> bool {
        if self.same(one, other) {
            return true;
        }
        // Within a question about sets there is one budget for all that it asks.
        if self.open.is_empty() {
            self.refill();
        }
        let first = self.meaning(one);
        first.is_some() && first == self.meaning(other)
    }

    /// Whether two schemas are shown to mean the same.
    pub(super) fn alike_one(&mut self, (side, one): (Side, SchemaId), (to, other): (Side, SchemaId)) -> bool {
        self.alike(&Conjunction::one(side, one), &Conjunction::one(to, other))
    }

    /// Begins a question.
    pub(super) fn refill(&mut self) {
        self.meanings.steps = STEPS;
        self.meanings.bound = false;
    }

    /// The digest of what a conjunction means; none where that was not found out.
    pub(super) fn meaning(&mut self, conjunction: &Conjunction) -> Option<u128> {
        let single = match conjunction.schemas.as_slice() {
            &[one] if conjunction.chosen.is_empty() => Some((conjunction.side, one, conjunction.types)),
            _ => None,
        };
        let known = match &single {
            Some(single) => self.meanings.single.get(single),
            None => self.meanings.several.get(conjunction),
        };
        if let Some(&known) = known {
            return known;
        }
        if self.meanings.depth >= DEPTH {
            self.meanings.bound = true;
            return None;
        }
        self.afford()?;
        self.meanings.depth += 1;
        let view = self.view(conjunction);
        let found = self.told(&view);
        self.meanings.depth -= 1;
        if found.is_none() && self.meanings.bound {
            return None;
        }
        match single {
            Some(single) => self.meanings.single.insert(single, found),
            None => self.meanings.several.insert(conjunction.clone(), found),
        };
        found
    }

    /// Takes a view from the budget.
    fn afford(&mut self) -> Option<()> {
        let left = self.meanings.steps.checked_sub(1);
        self.meanings.steps = left.unwrap_or(0);
        self.meanings.bound |= left.is_none();
        left.map(|_| ())
    }

    /// The digest of what is inside another: of a schema that leads back to itself by its words.
    fn code(&mut self, conjunction: &Conjunction) -> Option<u128> {
        let side = conjunction.side;
        if conjunction.schemas.iter().any(|&schema| self.leads_back(side, schema)) {
            self.by_words(conjunction)
        } else {
            self.meaning(conjunction)
        }
    }

    /// Whether a schema leads back to itself.
    fn leads_back(&self, side: Side, schema: SchemaId) -> bool {
        self.schema(side, self.peel(side, schema)).recursive
    }

    /// The digest of a part of a value; zero for one that may be anything, as most are that nothing speaks of.
    fn part(&mut self, conjunction: &Conjunction) -> Option<u128> {
        if conjunction.schemas.is_empty() {
            return Some(0);
        }
        let anything = self.meaning(&Conjunction::all(conjunction.side, Vec::new()))?;
        self.code(conjunction).map(|code| if code == anything { 0 } else { code })
    }

    fn by_words(&self, conjunction: &Conjunction) -> Option<u128> {
        let side = conjunction.side;
        let mut hashes: Vec<u128> =
            conjunction.schemas.iter().map(|&schema| self.hash(side, self.peel(side, schema))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let whole = conjunction.chosen.is_empty();
        whole.then(|| Encoding::default().tag(b'W').tag(conjunction.types.0).list(&hashes).digest())
    }

    fn told(&mut self, view: &View<'c, 't>) -> Option<u128> {
        let null = match (view.null.is_yes(), view.null.is_no()) {
            (true, _) => 1,
            (_, true) => 0,
            _ => return self.by_words(&view.conjunction),
        };
        let mut chosen: Option<View<'c, 't>> = None;
        loop {
            let view = chosen.as_ref().unwrap_or(view);
            if view.broken.is_some() || view.cut || is_worded(view) {
                return self.by_words(&view.conjunction);
            }
            let mut out = Encoding::default();
            beside(out.tag(b'M').tag(null), view)?;
            let mut body = Encoding::default();
            match self.body(&mut body, view)? {
                Body::Nothing => {}
                Body::Told => out.0.append(&mut body.0),
                Body::Instead(conjunction) => {
                    self.afford()?;
                    chosen = Some(self.view(&conjunction));
                    continue;
                }
            }
            return Some(out.digest());
        }
    }

    /// What is said of values that are not null.
    fn body(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<Body> {
        let side = view.conjunction.side;
        let types = view.types;
        if types.is_none() {
            return Some(Body::Nothing);
        }
        let groups = match self.unions(view)? {
            Unions::Nothing => return Some(Body::Nothing),
            Unions::Chosen(conjunction) => return Some(Body::Instead(conjunction)),
            Unions::Values(values) => {
                section(out, b'e', values);
                return Some(Body::Told);
            }
            Unions::Left(groups) => groups,
        };
        match self.spelled_out(out, view)? {
            Spelled::None => return Some(Body::Nothing),
            Spelled::All => return Some(Body::Told),
            Spelled::Some => {}
        }
        out.tag(types.0);
        let mut excluded = Vec::new();
        for not in view.parts.iter().filter_map(|part| part.schema.not) {
            excluded.push(self.code(&Conjunction::one(side, not).only(types))?);
        }
        if !excluded.is_empty() {
            let everything = self.code(&Conjunction::all(side, Vec::new()).only(types))?;
            if excluded.contains(&everything) {
                return Some(Body::Nothing);
            }
            let nothing = self.nothing(view)?;
            excluded.retain(|&code| code != nothing);
        }
        section(out, b'n', excluded);
        section(out, b'u', groups);
        self.conditions(out, view)?;
        if types.meets(Types::NUMBER) {
            numbers(out, view);
        }
        if types.meets(Types::STRING) {
            self.texts(out, view)?;
        }
        if types.meets(Types::ARRAY) {
            self.lists(out, view)?;
        }
        if types.meets(Types::OBJECT) {
            self.objects_told(out, view)?;
        }
        Some(Body::Told)
    }

    /// The digest of what admits nothing.
    fn nothing(&mut self, view: &View<'c, 't>) -> Option<u128> {
        self.meaning(&Conjunction::all(view.conjunction.side, Vec::new()).only(Types::NONE))
    }

    /// The values that are spelled out.
    fn spelled_out(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<Spelled> {
        let mut list = Vec::new();
        let exact = match &view.finite {
            Some(members) => {
                for member in members {
                    list.push(value(&member.value)?);
                }
                self.is_exact(view, members)
            }
            None if view.types == Types::BOOLEAN && is_plain(view) => {
                list.push(value(&Value::Boolean(false))?);
                list.push(value(&Value::Boolean(true))?);
                true
            }
            None => return Some(Spelled::Some),
        };
        let none = exact && list.is_empty();
        section(out, b'e', list);
        Some(match exact {
            true if none => Spelled::None,
            true => Spelled::All,
            false => Spelled::Some,
        })
    }

    /// Whether a view admits all the values that it spells out.
    fn is_exact(&self, view: &View<'c, 't>, members: &[Member<'t>]) -> bool {
        is_plain(view)
            || members
                .iter()
                .all(|member| member.node.is_some_and(|node| self.admits(node, &view.conjunction).is_yes()))
    }

    fn conditions(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<()> {
        let (side, types) = (view.conjunction.side, view.types);
        let mut all = Vec::new();
        for part in &view.parts {
            let schema: &Schema<'t> = part.schema;
            let Some(when) = schema.when else { continue };
            let mut either = |branch: Option<SchemaId>| {
                let conjunction = Conjunction::all(side, branch.into_iter().collect());
                self.code(&conjunction.only(types))
            };
            let (when, then) = (either(Some(when))?, either(schema.then)?);
            let (otherwise, everything) = (either(schema.otherwise)?, either(None)?);
            if then != everything || otherwise != everything {
                all.push(Encoding::default().hash(when).hash(then).hash(otherwise).digest());
            }
        }
        section(out, b'c', all);
        Some(())
    }

    fn texts(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<()> {
        out.tag(b's');
        let least = view.most(|s| s.min_length).filter(|set| set.value > 0);
        counts(out, least.map(|set| set.value), view.least(|s| s.max_length).map(|set| set.value));
        let patterns = view.parts.iter().filter_map(|part| part.schema.pattern);
        let patterns = patterns.map(|set| set.value).filter(|pattern| !any_text(pattern));
        section(out, b'p', patterns.map(|one| Encoding::default().text(one).digest()).collect());
        formats_told(out, view, false);
        let mut coded = Vec::new();
        for part in &view.parts {
            for (tag, text) in [(0, part.schema.content_encoding), (1, part.schema.content_media_type)] {
                coded.extend(text.map(|set| Encoding::default().tag(tag).text(set.value).digest()));
            }
            if let Some(content) = part.schema.content_schema {
                let code = self.code(&Conjunction::one(view.conjunction.side, content))?;
                coded.push(Encoding::default().tag(2).hash(code).digest());
            }
        }
        section(out, b'k', coded);
        Some(())
    }

    fn lists(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<()> {
        out.tag(b'a');
        let most = view.least(|s| s.max_items).map(|set| set.value);
        counts(out, view.most(|s| s.min_items).map(|set| set.value).filter(|&least| least > 0), most);
        let unique = view.parts.iter().any(|part| part.schema.unique_items.is_some());
        out.tag(u8::from(unique && most.is_none_or(|most| most > 1)));
        let reach = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let prefix = self.firsts(view);
        let mut items = Vec::new();
        for index in 0..prefix.min(reach) {
            let item = self.item(view, Some(index), false);
            items.push(self.part(&item)?);
        }
        let rest = self.item(view, None, false);
        let rest = if prefix < reach { Some(self.part(&rest)?) } else { None };
        while rest.is_some() && items.last().copied() == rest {
            items.pop();
        }
        out.list(&items).option(rest, |out, rest| {
            out.hash(rest);
        });
        let mut contained = Vec::new();
        for part in &view.parts {
            let Some(contains) = part.schema.contains else { continue };
            let least = part.schema.min_contains.map_or(1, |set| set.value);
            let most = part.schema.max_contains.map(|set| set.value);
            if least > 0 || most.is_some() {
                let code = self.code(&Conjunction::one(view.conjunction.side, contains))?;
                let mut one = Encoding::default();
                counts(one.hash(code), Some(least), most);
                contained.push(one.digest());
            }
        }
        section(out, b'i', contained);
        Some(())
    }

    fn objects_told(&mut self, out: &mut Encoding, view: &View<'c, 't>) -> Option<()> {
        let side = view.conjunction.side;
        out.tag(b'o');
        let names = objects::Names::of(view);
        let most = view.least(|s| s.max_properties).map(|set| set.value);
        let least = view.most(|s| s.min_properties).map(|set| set.value);
        counts(out, least.filter(|&least| least > names.required.len() as u64), most);
        for name in objects::Names::merged(&names, &names) {
            let slot = self.slot(view, &names, name, Direction::None);
            out.tag(1).text(name);
            out.tag(u8::from(slot.present())).tag(u8::from(slot.required.is_some()));
            out.tag(u8::from(slot.access.read_only)).tag(u8::from(slot.access.write_only));
            if slot.forbidden {
                out.tag(0);
            } else {
                let code = self.part(&Conjunction::all(side, slot.schemas))?;
                out.tag(1).hash(code);
            }
        }
        out.tag(0);
        let mut rests = Vec::new();
        for part in &view.parts {
            let schema: &Schema<'t> = part.schema;
            let rest = schema.additional_properties.or(schema.unevaluated_properties);
            let rest = rest.filter(|&rest| !self.is_true(side, rest));
            let mut patterns = Vec::new();
            for pattern in &schema.pattern_properties {
                patterns.push(self.under_name(side, pattern, Types::ANY)?);
            }
            if let Some(rest) = rest {
                let rest = self.code(&Conjunction::one(side, rest))?;
                let mut one = Encoding::default();
                section(one.hash(rest), b'p', patterns);
                rests.push(one.digest());
            } else {
                rests.append(&mut patterns);
            }
        }
        section(out, b'r', rests);
        let any_name = self.code(&Conjunction::all(side, Vec::new()).only(Types::STRING))?;
        let mut of_names = Vec::new();
        for names in view.parts.iter().filter_map(|part| part.schema.property_names) {
            let code = self.code(&Conjunction::one(side, names).only(Types::STRING))?;
            of_names.extend((code != any_name).then_some(code));
        }
        section(out, b'q', of_names);
        let mut needs = Vec::new();
        for part in &view.parts {
            for (name, wanted, _) in &part.schema.dependent_required {
                needs.extend(wanted.iter().map(|one| Encoding::default().text(name).text(one).digest()));
            }
            for dependent in &part.schema.dependent_schemas {
                needs.push(self.under_name(side, dependent, Types::OBJECT)?);
            }
        }
        section(out, b'd', needs);
        Some(())
    }

    fn under_name(&mut self, side: Side, named: &Named<'t>, types: Types) -> Option<u128> {
        let code = self.code(&Conjunction::one(side, named.schema).only(types))?;
        Some(Encoding::default().tag(2).text(named.name).hash(code).digest())
    }
}

/// Whether `view` says something that depends on more than values, or on values seen elsewhere. What a schema without
/// others in its place leaves over is what it does not name itself.
fn is_worded(view: &View<'_, '_>) -> bool {
    let alone = view.parts.len() == 1 && view.groups.is_empty();
    view.parts.iter().any(|part| {
        let schema = part.schema;
        let alone = alone && schema.when.is_none() && schema.dependent_schemas.is_empty();
        schema.discriminator.is_some()
            || (schema.unevaluated_properties.is_some() && !alone)
            || (schema.unevaluated_items.is_some() && !(alone && schema.contains.is_none()))
    })
}

/// Whether a view says nothing of values beyond types and lists of them.
pub(super) fn is_plain(view: &View<'_, '_>) -> bool {
    view.groups.is_empty() && !view.parts.iter().any(|part| beyond_values(part.schema))
}

/// What is said of values that are not null.
enum Body {
    /// There are none.
    Nothing,
    /// What this says.
    Instead(Conjunction),
    /// It was written down.
    Told,
}

/// What values that are spelled out say.
enum Spelled {
    /// There are no values at all.
    None,
    /// Which they are, and nothing else matters.
    All,
    /// No more than other keywords do.
    Some,
}

/// A set of digests.
fn section(out: &mut Encoding, tag: u8, mut digests: Vec<u128>) {
    digests.sort_unstable();
    digests.dedup();
    out.tag(tag).list(&digests);
}

fn counts(out: &mut Encoding, least: Option<u64>, most: Option<u64>) {
    for count in [least, most] {
        out.option(count, |out, count| {
            out.number(count);
        });
    }
}

fn value(value: &Value<'_>) -> Option<u128> {
    let mut out = Encoding::default();
    match value {
        Value::Null => out.tag(0),
        Value::Boolean(value) => out.tag(1).tag(u8::from(*value)),
        Value::Number(number) => out.tag(2).decimal(number),
        Value::String(text) => out.tag(3).text(text),
        // Of one that was cut, its place is a part.
        Value::Compound(_, text) if text.len() > VALUE || text.contains('#') => return None,
        Value::Compound(is_object, text) => out.tag(4).tag(u8::from(*is_object)).text(text),
    };
    Some(out.digest())
}

/// Whether nothing is said beside values.
fn is_quiet(view: &View<'_, '_>) -> bool {
    view.parts.iter().all(|part| {
        let schema = part.schema;
        schema.read_only.is_none()
            && schema.write_only.is_none()
            && schema.idle_nullable.is_none()
            && schema.default.is_none()
            && schema.deprecated.is_none()
            && schema.sunset.is_none()
            && schema.stability.is_none()
    })
}

/// What is said beside values.
fn beside(out: &mut Encoding, view: &View<'_, '_>) -> Option<()> {
    let any = |is: fn(&Schema<'_>) -> bool| view.parts.iter().any(|part| is(part.schema));
    let lifecycle = annotations::lifecycle(view);
    for flag in [
        any(|schema| schema.read_only.is_some()),
        any(|schema| schema.write_only.is_some()),
        any(|schema| schema.idle_nullable.is_some()),
        lifecycle.deprecated.is_some(),
    ] {
        out.tag(u8::from(flag));
    }
    let default = view.parts.iter().find_map(|part| part.schema.default);
    for set in [default, lifecycle.sunset, lifecycle.stability] {
        let digest = match set {
            Some(set) => Some(value(&Value::of(set.value))?),
            None => None,
        };
        out.option(digest, |out, digest| {
            out.hash(digest);
        });
    }
    let mut open = Vec::new();
    for list in view.parts.iter().filter_map(|part| part.schema.extensible_enum) {
        out.tag(b'x');
        for item in list.value.items() {
            open.push(value(&Value::of(item))?);
        }
    }
    section(out, b'x', open);
    Some(())
}

fn numbers(out: &mut Encoding, view: &View<'_, '_>) {
    out.tag(b'd');
    let limit = |out: &mut Encoding, limit: Option<&Limit<'_>>| {
        out.option(limit, |out, limit| {
            out.tag(u8::from(limit.exclusive)).decimal(&limit.value);
        });
    };
    limit(out, view.minimum.as_ref());
    limit(out, view.maximum.as_ref());
    let integers = !view.types.meets(Types::FRACTION);
    let steps: Vec<&Decimal> =
        view.parts.iter().filter_map(|part| Some(&part.schema.multiple_of.as_ref()?.value)).collect();
    let mut digests = Vec::new();
    for &step in &steps {
        let idle = (integers && divides(step, &Decimal::from_u64(1)).is_yes())
            || steps.iter().any(|&other| other != step && divides(step, other).is_yes());
        if !idle {
            digests.push(Encoding::default().decimal(step).digest());
        }
    }
    section(out, b'm', digests);
    formats_told(out, view, true);
}

fn formats_told(out: &mut Encoding, view: &View<'_, '_>, numbers: bool) {
    let formats = formats::of(view, numbers).into_iter().filter(|format| !formats::idle(format.value));
    section(out, b'f', formats.map(|format| Encoding::default().text(format.value).digest()).collect());
}
