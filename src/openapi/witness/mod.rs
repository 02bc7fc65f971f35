//! A message that shows a breaking change: one side accepts it, the other refuses it.
//!
//! For a change of a schema, values are made from what the sides ask ([`facets`], [`sample`], [`candidates`]), the
//! plainest first. None of that is trusted: a value is a witness only when `jsonschema`, on documents that are exported
//! from the model ([`export`], [`check`]), accepts it on the one side and refuses it on the other for the reason that the
//! finding names. What no value confirms stays without a witness. Every search is bounded in steps, and all searches of a
//! report together are too; nothing is bounded in time.
//!
//! The room does not use the comparison's view of schemas nor its answers about inclusion; it shares the automata of
//! patterns with it, for texts that are confirmed like any other.

mod candidates;
mod check;
mod effort;
mod exchange;
mod export;
mod facets;
mod ground;
mod message;
mod obstacle;
mod reading;
mod sample;
mod wire;
mod within;
mod written;

use serde_json::Value;

use self::candidates::{Candidate, DEPTHS, Finder};
use self::check::{Checks, Reason};
pub(super) use self::exchange::{Objection, code};
use self::export::Reach;
use self::facets::{Aspect, flat};
use self::ground::{Ground, Part, Side};
pub(super) use self::message::{Sent, answers};
pub(super) use self::reading::Reads;
use self::sample::Sampler;
use super::compare::BasePaths;
use super::finding::Direction;
use super::model::{At, Description, SchemaId, Types};
use super::rules::{Rule, What};

/// How many steps one search may take.
const STEPS: usize = 400;

/// How many steps all searches of a report may take.
const ALL_STEPS: usize = 100_000;

/// How many texts all searches of a report may look for in automata.
const AUTOMATA: usize = 64;

/// How many values are held against both sides first: one of them does, most of the time, and the fewer there are the less
/// has to be exported for them.
const FIRST: usize = 8;

/// How many values are tried for a finding.
const TRIED: usize = 24;

/// A breaking change of a schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'f> {
    /// The schema of the base.
    pub(super) old: SchemaId,
    /// The schema of the revision.
    pub(super) new: SchemaId,
    /// Which way the messages go.
    pub(super) direction: Direction,
    /// What was found.
    pub(super) rule: &'static Rule,
    /// Where it stands in the base.
    pub(super) base: Option<At>,
    /// Where it stands in the revision.
    pub(super) revision: Option<At>,
    /// Whether the value is written as text, as that of a parameter is.
    pub(super) written: bool,
    /// The types whose empty value can be written.
    pub(super) empties: Types,
    /// Whether only names count that the accepting side declares: nobody has shown yet that messages break.
    pub(super) declared: bool,
    /// What fills its sentence.
    pub(super) arguments: &'f [(&'static str, String)],
}

/// A value that is confirmed.
#[derive(Debug)]
pub(super) struct Shown {
    /// The value.
    pub(super) value: Value,
    /// Which alternative the base and the revision take it for; none where one of them refuses it.
    pub(super) read_as: Option<[Value; 2]>,
    aspect: Aspect,
    label: Option<String>,
}

impl Shown {
    fn of(candidate: &Candidate, aspect: Aspect) -> Self {
        Self { value: candidate.value.clone(), read_as: None, aspect, label: candidate.label.clone() }
    }
}

/// Looks for witnesses of the changes between two descriptions.
#[derive(Debug)]
pub(super) struct Search<'d, 't> {
    /// For requests and for responses.
    ways: [Way<'d, 't>; 2],
    /// The paths of the servers of the operations of both descriptions.
    bases: &'d [BasePaths; 2],
    steps: usize,
    automata: usize,
}

/// What is known of messages that go one way.
#[derive(Debug)]
struct Way<'d, 't> {
    ground: Ground<'d, 't>,
    checks: Checks,
}

impl<'d, 't> Search<'d, 't> {
    /// Nothing looked for yet. `bases` are the paths of the servers of the operations of both; this is one of `share`
    /// searches that a report has.
    pub(super) fn new(
        base: &'d Description<'t>,
        revision: &'d Description<'t>,
        bases: &'d [BasePaths; 2],
        share: usize,
    ) -> Self {
        let way =
            |direction| Way { ground: Ground::new([base, revision], direction), checks: Checks::new(share) };
        Self {
            ways: [way(Direction::Request), way(Direction::Response)],
            bases,
            steps: ALL_STEPS / share,
            automata: AUTOMATA / share,
        }
    }

    /// A value that one of the two schemas of `task` accepts and the other refuses because of what changed: of requests
    /// the base accepts it, of responses the revision does.
    pub(super) fn value(&mut self, task: &Task<'_>) -> Option<Shown> {
        let aspects = aspects(task.rule);
        aspects.iter().find_map(|&aspect| self.broken(task, aspect))
    }

    /// Whether no search may go on.
    pub(super) fn is_spent(&self) -> bool {
        self.steps == 0 || self.ways.iter().any(|way| way.checks.are_spent())
    }

    /// What of a pair of schemas makes values hard to find, in the words of the format.
    pub(super) fn obstacle(&self, old: SchemaId, new: SchemaId) -> Option<String> {
        obstacle::of(&self.ways[0].ground, old, new)
    }

    /// A value that breaks what `aspect` stands for.
    fn broken(&mut self, task: &Task<'_>, aspect: Aspect) -> Option<Shown> {
        let way = &mut self.ways[usize::from(task.direction == Direction::Response)];
        let Way { ground, checks } = way;
        let ground: &Ground<'d, 't> = ground;
        let accepting = Side::accepting(task.direction);
        let part = |side| Part { side, id: if side == Side::Base { task.old } else { task.new } };
        let (own, theirs) = (part(accepting), part(accepting.other()));
        let used_up = self.steps == 0 || checks.are_spent();
        if used_up || [own, theirs].into_iter().any(|part| obstacle::is_oversized(ground, part)) {
            return None;
        }
        let mut sampler = Sampler::new(ground, STEPS.min(self.steps), self.automata);
        let allowed = sampler.steps;
        let mut rest: Vec<Candidate> = Vec::new();
        let mut found = None;
        for depth in DEPTHS {
            let mut finder = Finder {
                sampler: &mut sampler,
                aspect,
                accepting,
                empties: task.empties,
                value: argument(task, "value"),
                name: argument(task, "name"),
                found: Vec::new(),
            };
            finder.look(&[own], &[theirs], depth);
            let mut ranked: Vec<(u8, usize, Candidate)> = finder
                .found
                .into_iter()
                .filter(|candidate| can_be_written(&candidate.value, task.empties))
                // Null has no text, so everybody writes it as they like.
                .filter(|candidate| !(task.written && candidate.value.is_null()))
                .filter(|candidate| !task.declared || obstacle::is_declared(ground, own, &candidate.value))
                .filter_map(|candidate| {
                    Some((rank(task, aspect, &candidate)?, candidate.value.to_string().len(), candidate))
                })
                .collect();
            ranked.sort_by_key(|(rank, length, _)| (*rank, *length));
            let (sure, others): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|(rank, ..)| *rank <= 1);
            rest.extend(others.into_iter().map(|(_, _, candidate)| candidate));
            let sure: Vec<Candidate> = sure.into_iter().map(|(_, _, candidate)| candidate).collect();
            found = confirmed(ground, checks, [own, theirs], aspect, task.written, &sure);
            if found.is_some() {
                break;
            }
            if aspect == Aspect::Tag {
                rest.extend(sure);
            }
        }
        self.steps = self.steps.saturating_sub((allowed - sampler.steps).max(1));
        self.automata = sampler.automata;
        let found = found.or_else(|| confirmed(ground, checks, [own, theirs], aspect, task.written, &rest));
        if found.is_some() || aspect != Aspect::Tag {
            return found;
        }
        // Both may take it, each for another alternative.
        rest.into_iter().take(TRIED).find_map(|candidate| {
            let (one, other) =
                (dispatched(ground, own, &candidate.value)?, dispatched(ground, theirs, &candidate.value)?);
            let differ = one != other && alike(ground, checks, [own, theirs], &candidate.value);
            let read = if accepting == Side::Base { [one, other] } else { [other, one] };
            let read_as = Some(read.map(Value::String));
            differ.then(|| Shown { read_as, ..Shown::of(&candidate, aspect) })
        })
    }
}

/// Whether a value is not empty, or of the types `empties`.
fn can_be_written(value: &Value, empties: Types) -> bool {
    match value {
        Value::String(text) => !text.is_empty() || empties.meets(Types::STRING),
        Value::Array(items) => !items.is_empty() || empties.meets(Types::ARRAY),
        Value::Object(members) => !members.is_empty() || empties.meets(Types::OBJECT),
        _ => true,
    }
}

/// Whether both sides accept a value.
fn alike(ground: &Ground<'_, '_>, checks: &mut Checks, parts: [Part; 2], value: &Value) -> bool {
    let mut reach = Reach::default();
    reach.add(value);
    parts.into_iter().all(|part| checks.accepts(ground, part, &reach, value))
}

/// The name of the alternative that the discriminator of `part` takes a value for.
fn dispatched(ground: &Ground<'_, '_>, part: Part, value: &Value) -> Option<String> {
    let flat = flat(ground, &[part], 0, None);
    let (part, schema) = flat.schemas.iter().find(|(_, schema)| schema.discriminator.is_some())?;
    let discriminator = schema.discriminator.as_ref()?;
    let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    let tag = value.get(discriminator.property)?;
    let known = ground.tags(*part, discriminator, &branches);
    let id = known.iter().find(|(known, _)| known == tag).map(|&(_, id)| id).or(discriminator.default)?;
    let target = ground.schema(Part { id, ..*part });
    let name = target.name.or_else(|| ground.schema(Part { id: target.reference?, ..*part }).name);
    name.map(str::to_owned)
}

/// The first of `candidates` that `own` accepts and `theirs` refuses for the reason at hand.
fn confirmed(
    ground: &Ground<'_, '_>,
    checks: &mut Checks,
    [own, theirs]: [Part; 2],
    aspect: Aspect,
    written: bool,
    candidates: &[Candidate],
) -> Option<Shown> {
    let mut mixed = None;
    let tried = &candidates[..candidates.len().min(TRIED)];
    let (first, others) = tried.split_at(tried.len().min(FIRST));
    for batch in [first, others] {
        let mut reach = Reach::default();
        for candidate in batch {
            reach.add(&candidate.value);
        }
        for candidate in batch {
            let value = &candidate.value;
            if !checks.accepts(ground, own, &reach, value) {
                continue;
            }
            let reasons = checks.refuses(ground, theirs, &reach, value);
            // What is written as text may be read as another type, and be accepted as that; one value may be a list of one.
            let mut other = if written { readings(value) } else { Vec::new() };
            if written && !value.is_array() && !value.is_object() {
                let lists = [value].into_iter().chain(&other).map(|one| Value::Array(vec![one.clone()]));
                other = lists.chain(other.iter().cloned()).collect();
            }
            if other.iter().any(|value| checks.refuses(ground, theirs, &reach, value).is_empty()) {
                continue;
            }
            let explained = |reason: &Reason| explains(aspect, reason, candidate);
            if !reasons.is_empty() && reasons.iter().all(explained) {
                return Some(Shown::of(candidate, aspect));
            }
            if mixed.is_none() && reasons.iter().any(explained) {
                mixed = Some(Shown::of(candidate, aspect));
            }
        }
    }
    mixed
}

/// What else a value may be read as where it is written without quotes, as in a query.
fn readings(value: &Value) -> Vec<Value> {
    fn each(value: &Value, read: &impl Fn(&Value) -> Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| each(item, read)).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), each(value, read))).collect())
            }
            scalar => read(scalar),
        }
    }
    let parsed = each(value, &|scalar| match scalar {
        Value::String(text) => match serde_json::from_str(text) {
            Ok(read @ (Value::Number(_) | Value::Bool(_))) => read,
            _ => scalar.clone(),
        },
        other => other.clone(),
    });
    let texts = each(value, &|scalar| match scalar {
        Value::Number(_) | Value::Bool(_) => Value::String(scalar.to_string()),
        other => other.clone(),
    });
    [parsed, texts].into_iter().filter(|read| read != value).collect()
}

/// Whether a reason to refuse is what a change of `aspect` gives.
fn explains(aspect: Aspect, reason: &Reason, candidate: &Candidate) -> bool {
    let keyword = reason.keyword.as_str();
    if matches!(keyword, "anyOf" | "oneOf" | "not" | "falseSchema") {
        return true;
    }
    match aspect {
        Aspect::Types => matches!(keyword, "type" | "enum" | "const"),
        Aspect::Values => {
            // A value that the finding names is lost whatever refuses it.
            matches!(keyword, "enum" | "const")
                || (candidate.label.is_some() && !matches!(keyword, "required" | "additionalProperties"))
        }
        Aspect::Minimum => matches!(keyword, "minimum" | "exclusiveMinimum"),
        Aspect::Maximum => matches!(keyword, "maximum" | "exclusiveMaximum"),
        Aspect::Multiple => keyword == "multipleOf",
        Aspect::MinLength => keyword == "minLength",
        Aspect::MaxLength => keyword == "maxLength",
        Aspect::Pattern => keyword == "pattern",
        Aspect::Format => matches!(keyword, "format" | "minimum" | "maximum"),
        Aspect::MinItems => keyword == "minItems",
        Aspect::MaxItems => keyword == "maxItems",
        Aspect::Unique => keyword == "uniqueItems",
        Aspect::Contains => matches!(keyword, "contains" | "minContains" | "maxContains"),
        Aspect::Required => keyword == "required" && reason.missing.as_deref() == candidate.label.as_deref(),
        Aspect::MinProperties => keyword == "minProperties",
        Aspect::MaxProperties => keyword == "maxProperties",
        Aspect::Dependent => matches!(keyword, "required" | "dependentRequired"),
        Aspect::Items | Aspect::Others | Aspect::Names | Aspect::Tag | Aspect::Whole => true,
    }
}

fn argument<'f>(task: &Task<'f>, wanted: &str) -> Option<&'f str> {
    task.arguments.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
}

/// How well a candidate fits what was found, the best first; none where it shows something else.
fn rank(task: &Task<'_>, aspect: Aspect, candidate: &Candidate) -> Option<u8> {
    let argument = |wanted| argument(task, wanted);
    let here = candidate
        .places
        .iter()
        .any(|&(side, at)| Some(at) == if side == Side::Base { task.base } else { task.revision });
    let label = candidate.label.as_deref();
    let told = match aspect {
        Aspect::Required => {
            let names = [argument("value"), argument("name")];
            let fits = |name: &str, label: &str| name == label || name.ends_with(&format!(".{label}"));
            label.is_some_and(|label| names.into_iter().flatten().any(|name| fits(name, label)))
        }
        Aspect::Values => match argument("value") {
            Some(value) => {
                label.is_some_and(|label| value == label || value.starts_with(&format!("{label} and ")))
            }
            None => true,
        },
        Aspect::Others => {
            label.is_some_and(|label| argument("name").is_some_and(|name| name.ends_with(label)))
        }
        _ => match (argument("value"), label) {
            (Some(value), Some(label)) => value.split(", ").any(|value| value == label),
            _ => true,
        },
    };
    let strict = matches!(aspect, Aspect::Required)
        || (aspect == Aspect::Values && argument("value").is_some() && label.is_some() && !here);
    match (here, told) {
        (true, true) => Some(0),
        (true, false) if aspect == Aspect::Required => None,
        (true, false) => Some(1),
        (false, true) => Some(2),
        (false, false) => (!strict).then_some(3),
    }
}

/// What a value has to break to show a finding of `rule`; nothing where no value does.
#[expect(clippy::too_many_lines, reason = "a list, with a line for every change that a value shows")]
fn aspects(rule: &Rule) -> &'static [Aspect] {
    let Some(what) = rule.change() else {
        return match rule.id.as_ref() {
            "new-required-request-property"
            | "new-required-request-property-with-default"
            | "new-required-request-header-property"
            | "new-required-request-parameter-property"
            | "request-required-property-became-not-read-only"
            | "response-required-property-became-write-only"
            | "response-required-property-removed" => &[Aspect::Required],
            _ => &[],
        };
    };
    match what {
        What::TypeChanged
        | What::TypeGeneralized
        | What::TypeSpecialized
        | What::ListOfTypesNarrowed
        | What::ListOfTypesWidened
        | What::BecameNullable
        | What::BecameNotNullable => {
            // A change of format alone is told as one of the type.
            &[Aspect::Types, Aspect::Format]
        }
        What::BecameEnum
        | What::BecameExtensibleEnum
        | What::EnumRemoved
        | What::EnumValueAdded
        | What::EnumValueRemoved
        | What::ConstAdded
        | What::ConstChanged
        | What::ConstRemoved => &[Aspect::Values],
        What::MinSet
        | What::MinUnset
        | What::MinIncreased
        | What::MinDecreased
        | What::ExclusiveMinSet
        | What::ExclusiveMinUnset
        | What::ExclusiveMinIncreased
        | What::ExclusiveMinDecreased => &[Aspect::Minimum],
        What::MaxSet
        | What::MaxUnset
        | What::MaxIncreased
        | What::MaxDecreased
        | What::ExclusiveMaxSet
        | What::ExclusiveMaxUnset
        | What::ExclusiveMaxIncreased
        | What::ExclusiveMaxDecreased => &[Aspect::Maximum],
        What::MultipleOfChanged
        | What::MultipleOfGeneralized
        | What::MultipleOfSet
        | What::MultipleOfSpecialized
        | What::MultipleOfUnset => &[Aspect::Multiple],
        What::MinLengthSet | What::MinLengthUnset | What::MinLengthIncreased | What::MinLengthDecreased => {
            &[Aspect::MinLength]
        }
        What::MaxLengthSet | What::MaxLengthUnset | What::MaxLengthIncreased | What::MaxLengthDecreased => {
            &[Aspect::MaxLength]
        }
        What::PatternAdded
        | What::PatternChanged
        | What::PatternGeneralized
        | What::PatternRemoved
        | What::PatternSpecialized => &[Aspect::Pattern],
        What::MinItemsSet | What::MinItemsUnset | What::MinItemsIncreased | What::MinItemsDecreased => {
            &[Aspect::MinItems]
        }
        What::MaxItemsSet | What::MaxItemsUnset | What::MaxItemsIncreased | What::MaxItemsDecreased => {
            &[Aspect::MaxItems]
        }
        What::UniqueItemsSet | What::UniqueItemsUnset => &[Aspect::Unique],
        What::ItemsAdded
        | What::ItemsRemoved
        | What::PrefixItemsAdded
        | What::PrefixItemsRemoved
        | What::UnevaluatedItemsAdded
        | What::UnevaluatedItemsClosed
        | What::UnevaluatedItemsOpened
        | What::UnevaluatedItemsRemoved => &[Aspect::Items],
        What::ContainsAdded
        | What::ContainsRemoved
        | What::MaxContainsDecreased
        | What::MaxContainsIncreased
        | What::MaxContainsSet
        | What::MaxContainsUnset
        | What::MinContainsDecreased
        | What::MinContainsIncreased
        | What::MinContainsSet
        | What::MinContainsUnset => &[Aspect::Contains],
        What::BecameRequired
        | What::BecameRequiredWithDefault
        | What::BecameOptional
        | What::RequiredUndeclaredAdded
        | What::RequiredUndeclaredRemoved => &[Aspect::Required],
        What::AdditionalPropertiesClosed
        | What::AdditionalPropertiesOpened
        | What::AdditionalPropertiesSchemaAdded
        | What::AdditionalPropertiesSchemaRemoved
        | What::AddedToClosed
        | What::RemovedFromClosed
        | What::PatternPropertyAdded
        | What::PatternPropertyRemoved
        | What::UnevaluatedPropertiesAdded
        | What::UnevaluatedPropertiesClosed
        | What::UnevaluatedPropertiesOpened
        | What::UnevaluatedPropertiesRemoved => &[Aspect::Others],
        What::PropertyNamesAdded | What::PropertyNamesRemoved => &[Aspect::Names],
        What::MinPropertiesSet
        | What::MinPropertiesUnset
        | What::MinPropertiesIncreased
        | What::MinPropertiesDecreased => &[Aspect::MinProperties],
        What::MaxPropertiesSet
        | What::MaxPropertiesUnset
        | What::MaxPropertiesIncreased
        | What::MaxPropertiesDecreased => &[Aspect::MaxProperties],
        What::DependentRequiredAdded | What::DependentRequiredChanged | What::DependentRequiredRemoved => {
            &[Aspect::Dependent]
        }
        What::AnyOfAdded
        | What::AnyOfRemoved
        | What::OneOfAdded
        | What::OneOfOverlaps
        | What::OneOfRemoved
        | What::WrappedInOneOf
        | What::WrappedInOneOfOriginalPreserved
        | What::NotAdded
        | What::NotRemoved
        | What::IfAdded
        | What::IfRemoved
        | What::ThenAdded
        | What::ThenRemoved
        | What::ElseAdded
        | What::ElseRemoved
        | What::DependentSchemaAdded
        | What::DependentSchemaRemoved
        | What::SchemaBecameFalse
        | What::SchemaBecameNotFalse
        | What::NotChanged
        | What::BecameUndecided => &[Aspect::Whole],
        What::DiscriminatorMappingChanged
        | What::DiscriminatorMappingDeleted
        | What::DiscriminatorPropertyNameChanged => &[Aspect::Tag],
        _ => &[],
    }
}
