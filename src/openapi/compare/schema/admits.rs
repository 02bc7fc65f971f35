//! Whether a schema admits a value that a description spells out, null, or a boolean. The plain evaluation of JSON Schema, with
//! a third answer for what is not evaluated and for values and schemas without measure.

use super::answer::Answer;
use super::formats;
use super::value::Value;
use super::view::{Conjunction, Union};
use super::{Judge, Side};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{Schema, SchemaId, Types};
use crate::openapi::tree::{Kind, Node};

/// How deep an evaluation goes.
const DEPTH: usize = 64;

/// How many steps an evaluation takes.
const STEPS: usize = 20_000;

/// The longest pattern, and the longest text that one is held against.
const PATTERN: usize = 1_000;

/// What is evaluated.
#[derive(Debug, Clone, Copy)]
enum Instance<'t> {
    Null,
    Boolean(bool),
    /// An object without properties.
    Empty,
    Node(Node<'t>),
    Name(&'t str),
}

impl<'t> Instance<'t> {
    fn types(self) -> Types {
        match self {
            Self::Null => Types::NULL,
            Self::Boolean(_) => Types::BOOLEAN,
            Self::Empty => Types::OBJECT,
            Self::Name(_) => Types::STRING,
            Self::Node(node) => match node.kind() {
                Kind::Sequence => Types::ARRAY,
                Kind::Mapping => Types::OBJECT,
                _ => Value::of(node).types(),
            },
        }
    }

    fn is(self, node: Node<'t>) -> bool {
        match (self, node.kind()) {
            (Self::Null, kind) => kind == Kind::Null,
            (Self::Boolean(value), _) => node.as_bool() == Some(value),
            (Self::Empty, kind) => kind == Kind::Mapping && node.is_empty(),
            (Self::Name(name), _) => node.as_str() == Some(name),
            (Self::Node(own), kind) if own.kind() != kind => false,
            (Self::Node(own), Kind::String) => own.as_str() == node.as_str(),
            (Self::Node(own), _) => Value::of(own) == Value::of(node),
        }
    }
}

struct Evaluation<'j, 'c, 't> {
    judge: &'j Judge<'c, 't>,
    side: Side,
    steps: usize,
    /// Whether an answer stands on the end of the road rather than on the value.
    cut: bool,
}

impl<'t> Judge<'_, 't> {
    /// Whether `conjunction` admits `value`; unions that it leaves out count.
    pub(super) fn admits(&self, value: Node<'t>, conjunction: &Conjunction) -> Answer {
        self.admits_instance(Instance::Node(value), conjunction)
    }

    /// Whether `conjunction` admits a boolean; unions that it leaves out count.
    pub(super) fn admits_boolean(&self, value: bool, conjunction: &Conjunction) -> Answer {
        self.admits_instance(Instance::Boolean(value), conjunction)
    }

    /// Whether `conjunction` admits the text `name`.
    pub(super) fn admits_name(&self, name: &'t str, conjunction: &Conjunction) -> Answer {
        self.admits_instance(Instance::Name(name), conjunction)
    }

    /// Whether a schema admits an object without properties, as an empty form is.
    pub(in super::super) fn admits_empty(&self, revision: bool, schema: SchemaId) -> bool {
        let side = if revision { Side::Revision } else { Side::Base };
        self.admits_instance(Instance::Empty, &Conjunction::one(side, schema)).is_yes()
    }

    fn admits_instance(&self, value: Instance<'t>, conjunction: &Conjunction) -> Answer {
        if !conjunction.types.meets(value.types()) {
            return Answer::No;
        }
        let mut evaluation = Evaluation { judge: self, side: conjunction.side, steps: STEPS, cut: false };
        conjunction
            .schemas
            .iter()
            .fold(Answer::Yes, |answer, &schema| answer.and(evaluation.admits(value, schema, DEPTH)))
    }

    /// Whether `schema` admits null.
    pub(super) fn admits_null(&mut self, side: Side, schema: SchemaId) -> Answer {
        if let Some(known) = self.null[side as usize][schema.0 as usize] {
            return known;
        }
        let mut evaluation = Evaluation { judge: self, side, steps: STEPS, cut: false };
        let answer = evaluation.admits(Instance::Null, schema, DEPTH);
        self.null[side as usize][schema.0 as usize] = Some(answer);
        answer
    }
}

impl<'t> Evaluation<'_, '_, 't> {
    fn admits(&mut self, value: Instance<'t>, id: SchemaId, depth: usize) -> Answer {
        if let (Instance::Null, Some(known)) = (value, self.judge.null[self.side as usize][id.0 as usize]) {
            return known;
        }
        if self.steps == 0 || depth == 0 {
            self.cut = true;
            return Answer::Unknown;
        }
        self.steps -= 1;
        let schema = self.judge.schema(self.side, id);
        if schema.broken {
            return Answer::Unknown;
        }
        if schema.always == Some(false) || schema.types.is_some_and(|types| !types.value.meets(value.types()))
        {
            return Answer::No;
        }
        let mut answer = self.listed(value, schema);
        if answer.is_no() {
            return answer;
        }
        answer = answer.and(match value {
            Instance::Null | Instance::Boolean(_) => Answer::Yes,
            Instance::Empty => Answer::of(
                schema.required.is_empty() && schema.min_properties.is_none_or(|set| set.value == 0),
            ),
            Instance::Name(name) => text(name, schema),
            Instance::Node(node) => match node.kind() {
                Kind::Null | Kind::Boolean => Answer::Yes,
                Kind::Number => numeric(node, schema),
                Kind::String => text(node.as_str().unwrap_or_default(), schema),
                Kind::Sequence => self.array(node, schema, depth),
                Kind::Mapping => self.object(node, schema, depth),
            },
        });
        for &inner in schema.reference.iter().chain(&schema.all_of) {
            if answer.is_no() {
                return answer;
            }
            answer = answer.and(self.admits(value, inner, depth - 1));
        }
        for (union, branches) in [(Union::AnyOf, &schema.any_of), (Union::OneOf, &schema.one_of)] {
            if !branches.is_empty() && !answer.is_no() {
                answer = answer.and(self.union(value, union, branches, depth));
            }
        }
        if let Some(not) = schema.not
            && !answer.is_no()
        {
            answer = answer.and(self.admits(value, not, depth - 1).not());
        }
        if let Some(when) = schema.when
            && (schema.then.is_some() || schema.otherwise.is_some())
            && !answer.is_no()
        {
            let mut branch =
                |branch: Option<SchemaId>| branch.map_or(Answer::Yes, |id| self.admits(value, id, depth - 1));
            let (then, otherwise) = (branch(schema.then), branch(schema.otherwise));
            let when = self.admits(value, when, depth - 1);
            answer = answer.and(when.and(then).or(when.not().and(otherwise)).or(then.and(otherwise)));
        }
        answer
    }

    fn listed(&mut self, value: Instance<'t>, schema: &Schema<'t>) -> Answer {
        if schema.constant.is_some_and(|constant| !value.is(constant.value)) {
            return Answer::No;
        }
        let Some(enumeration) = schema.enumeration else { return Answer::Yes };
        for item in enumeration.value.items() {
            if self.steps == 0 {
                self.cut = true;
                return Answer::Unknown;
            }
            self.steps -= 1;
            if value.is(item) {
                return Answer::Yes;
            }
        }
        Answer::No
    }

    fn union(&mut self, value: Instance<'t>, union: Union, branches: &[SchemaId], depth: usize) -> Answer {
        let (mut yes, mut unknown) = (0_usize, 0_usize);
        for &branch in branches {
            match self.admits(value, branch, depth - 1) {
                Answer::Yes => yes += 1,
                Answer::No => {}
                Answer::Unknown => unknown += 1,
            }
            let settled = match union {
                Union::AnyOf => yes > 0,
                Union::OneOf => yes > 1,
            };
            if settled {
                return Answer::of(union == Union::AnyOf);
            }
        }
        match (yes, unknown) {
            (0, 0) => Answer::No,
            (1, 0) => Answer::Yes,
            _ => Answer::Unknown,
        }
    }

    fn array(&mut self, node: Node<'t>, schema: &Schema<'t>, depth: usize) -> Answer {
        let count = node.len() as u64;
        let mut answer =
            within(count, schema.min_items.map(|set| set.value), schema.max_items.map(|set| set.value));
        for (index, item) in node.items().enumerate() {
            if answer.is_no() {
                return answer;
            }
            if let Some(inner) = schema.prefix_items.get(index).copied().or(schema.items) {
                answer = answer.and(self.admits(Instance::Node(item), inner, depth - 1));
            }
        }
        let simple = schema.unique_items.is_none() || count < 2;
        let described = schema.items.is_some() || count <= schema.prefix_items.len() as u64;
        if !simple || schema.contains.is_some() || (schema.unevaluated_items.is_some() && !described) {
            answer = answer.and(Answer::Unknown);
        }
        answer
    }

    fn object(&mut self, node: Node<'t>, schema: &Schema<'t>, depth: usize) -> Answer {
        let count = node.len() as u64;
        let (low, high) =
            (schema.min_properties.map(|set| set.value), schema.max_properties.map(|set| set.value));
        let mut answer = within(count, low, high);
        if schema.required.iter().any(|&(name, _)| node.get(name).is_none()) {
            return Answer::No;
        }
        for member in node.members() {
            if answer.is_no() {
                return answer;
            }
            let declared = declared(schema, member.key);
            if let Some(inner) = declared {
                answer = answer.and(self.admits(Instance::Node(member.value), inner, depth - 1));
            }
            if !schema.pattern_properties.is_empty() {
                answer = answer.and(Answer::Unknown);
            } else if let (None, Some(inner)) = (declared, schema.additional_properties) {
                answer = answer.and(self.admits(Instance::Node(member.value), inner, depth - 1));
            }
            if let Some(names) = schema.property_names {
                answer = answer.and(self.admits(Instance::Name(member.key), names, depth - 1));
            }
        }
        let described = schema.additional_properties.is_some()
            || node.members().all(|member| declared(schema, member.key).is_some());
        if !schema.dependent_required.is_empty()
            || !schema.dependent_schemas.is_empty()
            || (schema.unevaluated_properties.is_some() && !described)
        {
            answer = answer.and(Answer::Unknown);
        }
        answer
    }
}

/// The schema that `schema` declares for the property `name`.
pub(super) fn declared(schema: &Schema<'_>, name: &str) -> Option<SchemaId> {
    let index = schema.properties.binary_search_by(|property| property.name.cmp(name)).ok()?;
    Some(schema.properties[index].schema)
}

fn within(count: u64, low: Option<u64>, high: Option<u64>) -> Answer {
    Answer::of(low.is_none_or(|low| count >= low) && high.is_none_or(|high| count <= high))
}

fn numeric(node: Node<'_>, schema: &Schema<'_>) -> Answer {
    let Some(number) = node.as_number().and_then(Decimal::parse) else { return Answer::Unknown };
    let low = schema
        .minimum
        .as_ref()
        .is_none_or(|bound| number > bound.value || (number == bound.value && !bound.exclusive));
    let high = schema
        .maximum
        .as_ref()
        .is_none_or(|bound| number < bound.value || (number == bound.value && !bound.exclusive));
    let multiple = schema.multiple_of.as_ref().map_or(Answer::Yes, |bound| divides(&bound.value, &number));
    let format = match schema.format.map(|format| format.value) {
        Some("int32") => Answer::of(number.as_i128().is_some_and(|number| i32::try_from(number).is_ok())),
        Some("int64") => Answer::of(number.as_i128().is_some_and(|number| i64::try_from(number).is_ok())),
        Some("float" | "double") | None => Answer::Yes,
        Some(_) => Answer::Unknown,
    };
    Answer::of(low && high).and(multiple).and(format)
}

fn text(text: &str, schema: &Schema<'_>) -> Answer {
    let mut answer = Answer::Yes;
    if schema.min_length.is_some() || schema.max_length.is_some() {
        let count = text.chars().count() as u64;
        answer =
            within(count, schema.min_length.map(|set| set.value), schema.max_length.map(|set| set.value));
    }
    if let Some(pattern) = schema.pattern
        && !answer.is_no()
    {
        answer = answer.and(matches(pattern.value, text));
    }
    if let Some(format) = schema.format.filter(|format| !formats::numeric(format.value)) {
        answer = answer.and(formats::holds(format.value, text));
    }
    if schema.content_schema.is_some() {
        answer = answer.and(Answer::Unknown);
    }
    answer
}

/// Whether `pattern` is found in `text`.
pub(super) fn matches(pattern: &str, text: &str) -> Answer {
    if pattern.len() > PATTERN || text.len() > PATTERN {
        return Answer::Unknown;
    }
    match regex_lite::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        // `\d`, `\s` and `\w` of both dialects agree on ASCII only.
        Ok(regex) if text.is_ascii() || !pattern.contains('\\') => Answer::of(regex.is_match(text)),
        _ => Answer::Unknown,
    }
}

/// Whether `number` is a multiple of `step`.
pub(super) fn divides(step: &Decimal, number: &Decimal) -> Answer {
    if number.is_zero() {
        return Answer::Yes;
    }
    if step.is_zero() || step.is_negative() {
        return Answer::Unknown;
    }
    match whole(step, number) {
        Some((step, number, _)) if step != 0 => Answer::of(number % step == 0),
        _ => Answer::Unknown,
    }
}

/// The least number that is a multiple of both, where machine numbers hold it.
pub(super) fn least_multiple(one: &Decimal, other: &Decimal) -> Option<Decimal> {
    let (first, second, scale) = whole(one, other)?;
    let (mut divisor, mut rest) = (first, second);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let multiple = first.checked_div(divisor)?.checked_mul(second)?;
    Decimal::parse(&format!("{multiple}e-{scale}")).filter(|multiple| !multiple.is_zero())
}

/// Both times the power of ten that makes both whole, without signs, and that power.
fn whole(one: &Decimal, other: &Decimal) -> Option<(i128, i128, i64)> {
    let scaled = |decimal: &Decimal, scale: i64| -> Option<i128> {
        let (digits, exponent) = decimal.parts();
        let zeros = exponent.checked_add(scale)?.checked_sub(i64::try_from(digits.len()).ok()?)?;
        let zeros = u32::try_from(zeros).ok()?;
        digits.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(zeros)?)
    };
    let places = |decimal: &Decimal| {
        let (digits, exponent) = decimal.parts();
        i64::try_from(digits.len()).unwrap_or(i64::MAX).saturating_sub(exponent)
    };
    let scale = places(one).max(places(other)).max(0);
    Some((scaled(one, scale)?, scaled(other, scale)?, scale))
}
