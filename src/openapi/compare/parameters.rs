//! Parameters: which are partners, which come and go, and how their values are written.

use std::collections::BTreeMap;

use super::lifecycle::{self, Subject};
use super::pairs::{Change, Comparison, Field, Flow, Key, Writing, says_nothing};
use super::{content, empty, template};
use crate::openapi::finding::Proof;
use crate::openapi::model::{
    At, Description, MediaType, Operation, Parameter, ParameterId, ParameterIn, Schema, SchemaId, Segment,
    Serialisation, Types,
};
use crate::openapi::rules::{Place, What, of, single};
use crate::openapi::tree::{Kind, Node};

/// What makes two parameters partners: where they are carried and their name. Names of headers have no case, and those of
/// the path are their position in the template.
fn identity(
    side: &Description<'_>,
    operation: &Operation<'_>,
    parameter: &Parameter<'_>,
) -> (ParameterIn, String) {
    let name = match parameter.place {
        ParameterIn::Header => parameter.name.to_ascii_lowercase(),
        ParameterIn::Path => {
            let path = side.paths[operation.path as usize].path;
            let position = template::variables(path).iter().position(|name| *name == parameter.name);
            // One that is not in the template has no position, and no variable is named like this.
            position.map_or_else(|| format!("}}{}", parameter.name), |position| position.to_string())
        }
        _ => parameter.name.to_owned(),
    };
    (parameter.place, name)
}

/// Compares the parameters of two operations.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    was: &Operation<'_>,
    is: &Operation<'_>,
    flow: Flow,
) {
    let (base, revision) = (comparison.base, comparison.revision);
    let listed = |side: &Description<'_>, operation: &Operation<'_>| {
        let mut list: Vec<_> = operation
            .parameters
            .iter()
            .map(|&id| (identity(side, operation, &side.parameters[id.0 as usize]), id))
            .collect();
        list.sort();
        list
    };
    let (old, new) = (listed(base, was), listed(revision, is));
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for (name, id) in &old {
        match new.binary_search_by(|(other, _)| other.cmp(name)) {
            Ok(found) => {
                comparison.hold(Key::Parameter(*id, new[found].1, flow));
            }
            Err(_) => gone.push(*id),
        }
    }
    for (name, id) in &new {
        if old.binary_search_by(|(other, _)| other.cmp(name)).is_err() {
            come.push(*id);
        }
    }
    // One that cannot be read may be any of those that are missed.
    let broken = come.iter().copied().find(|id| revision.parameters[id.0 as usize].broken);
    if let (Some(broken), Some(missed)) = (broken, gone.first()) {
        let (missed, broken) = (&base.parameters[missed.0 as usize], &revision.parameters[broken.0 as usize]);
        comparison.unreadable(missed.at, broken.at, "the parameter");
        come.retain(|id| !revision.parameters[id.0 as usize].broken);
        gone.clear();
    }
    for id in gone {
        removed(comparison, id, flow);
    }
    for id in come {
        added(comparison, id, was, is, flow);
    }
}

fn arguments(parameter: &Parameter<'_>) -> Vec<(&'static str, String)> {
    vec![("name", parameter.name.to_owned()), ("in", parameter.place.as_str().to_owned())]
}

fn removed(comparison: &mut Comparison<'_, '_>, id: ParameterId, flow: Flow) {
    let parameter = &comparison.base.parameters[id.0 as usize];
    if parameter.broken || lifecycle::promises_nothing(&parameter.lifecycle) {
        return;
    }
    let rule = match (flow, parameter.lifecycle.deprecated, parameter.required) {
        (Flow::Received, None, true) => &single::REQUIRED_RESPONSE_HEADER_REMOVED,
        (Flow::Received, None, false) => &single::OPTIONAL_RESPONSE_HEADER_REMOVED,
        // Whose end was announced was not promised for ever, whoever sends it.
        _ => lifecycle::parameter_removal(comparison, &parameter.lifecycle),
    };
    let mut arguments = arguments(parameter);
    arguments.extend(lifecycle::announced(&parameter.lifecycle));
    let base = Some(parameter.at);
    comparison.note(Change { rule, proof: Proof::Rule, base, revision: None, arguments });
}

fn added(
    comparison: &mut Comparison<'_, '_>,
    id: ParameterId,
    was: &Operation<'_>,
    is: &Operation<'_>,
    flow: Flow,
) {
    let parameter = &comparison.revision.parameters[id.0 as usize];
    if parameter.broken {
        comparison.unreadable(was.at, parameter.at, "the parameter");
        return;
    }
    let rule = match (flow, parameter.place, parameter.required) {
        // A variable of a template that both sides have: nobody sends more than before.
        (_, ParameterIn::Path, _) if variable_is_old(comparison, parameter, was, is) => return,
        (Flow::Received, _, _) => of(Place::ResponseHeader, What::Added),
        (Flow::Sent, ParameterIn::Path, _) => &single::NEW_REQUEST_PATH_PARAMETER,
        (Flow::Sent, _, required) if of_path(comparison, parameter) => {
            if required {
                &single::NEW_REQUIRED_REQUEST_DEFAULT_PARAMETER_TO_EXISTING_PATH
            } else {
                &single::NEW_OPTIONAL_REQUEST_DEFAULT_PARAMETER_TO_EXISTING_PATH
            }
        }
        (Flow::Sent, _, true) => &single::NEW_REQUIRED_REQUEST_PARAMETER,
        (Flow::Sent, _, false) => &single::NEW_OPTIONAL_REQUEST_PARAMETER,
    };
    comparison.note(Change {
        rule,
        proof: Proof::Rule,
        base: None,
        revision: Some(parameter.at),
        arguments: arguments(parameter),
    });
}

/// Whether a parameter of the revision stands at a path, for all of its operations.
fn of_path(comparison: &Comparison<'_, '_>, parameter: &Parameter<'_>) -> bool {
    let trails = &comparison.revision.trails;
    match trails.segments(parameter.at.trail).as_slice() {
        [Segment::Key("paths"), _, Segment::Key("parameters"), ..] => true,
        // A path item in another file, by whatever way it is found there.
        [way @ .., Segment::Key("parameters"), Segment::Index(_)] if trails.file(parameter.at.trail) != 0 => {
            let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
            !matches!(way.last(), Some(Segment::Key(key)) if methods.contains(key))
        }
        _ => false,
    }
}

fn variable_is_old(
    comparison: &Comparison<'_, '_>,
    parameter: &Parameter<'_>,
    was: &Operation<'_>,
    is: &Operation<'_>,
) -> bool {
    let old = template::variables(comparison.base.paths[was.path as usize].path).len();
    let new = template::variables(comparison.revision.paths[is.path as usize].path);
    new.iter().position(|name| *name == parameter.name).is_some_and(|position| position < old)
}

/// Compares a pair of parameters.
pub(super) fn pair(comparison: &mut Comparison<'_, '_>, old: ParameterId, new: ParameterId, flow: Flow) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (was, is) = (&base.parameters[old.0 as usize], &revision.parameters[new.0 as usize]);
    if comparison.unreadable_side((was.broken, was.at), (is.broken, is.at), "the parameter") {
        return;
    }
    let place = flow.field();
    let subject = Subject::Parameter { place, name: arguments(is) };
    lifecycle::compare(comparison, &subject, (was.at, was.lifecycle), (is.at, is.lifecycle));
    let sides = ((was.required, was.required_at), (is.required, is.required_at));
    comparison.required(place, sides.0, sides.1, arguments(is));
    empty::compare(comparison, was, is, flow);
    let taking = if flow == Flow::Sent { is } else { was };
    let field = Field {
        name: is.name,
        carried: Some(is.place.as_str()),
        repeats: repeats(comparison, &was.serialisation, &is.serialisation, flow),
        empties: empty::said_by_schema(was.empties().or(is.empties()), taking),
    };
    serialisation(comparison, &was.serialisation, &is.serialisation, place, field);
}

/// Whether one value is written like a list of one.
pub(super) fn repeats(
    comparison: &Comparison<'_, '_>,
    was: &Serialisation<'_>,
    is: &Serialisation<'_>,
    flow: Flow,
) -> bool {
    let both = [was, is];
    let (side, sent) = match flow {
        Flow::Sent => (comparison.base, was),
        Flow::Received => (comparison.revision, is),
    };
    both.iter().all(|written| written.style == "form" && written.explode)
        // What has no text has no separators in it either.
        || (was.style == is.style
            && was.style != "deepObject"
            && sent.schema.is_some_and(|id| !admits(side, id, Types::STRING, DEPTH)))
}

/// Compares how two values are written, and what they may be.
pub(super) fn serialisation<'t>(
    comparison: &mut Comparison<'_, 't>,
    was: &Serialisation<'_>,
    is: &Serialisation<'_>,
    place: Place,
    field: Field<'t>,
) {
    let name = &field.arguments()[..];
    let note = |comparison: &mut Comparison<'_, '_>, what: What, from: &str, to: &str| {
        let mut arguments = name.to_vec();
        arguments.extend([("from", from.to_owned()), ("to", to.to_owned())]);
        let (base, revision) = (Some(was.at), Some(is.at));
        comparison.note(Change { rule: of(place, what), proof: Proof::Rule, base, revision, arguments });
    };
    match (was.content.is_empty(), is.content.is_empty()) {
        (false, false) => {
            // There should be one, and it is not said in the message which it is.
            let (old, new) = (by_name(&was.content), by_name(&is.content));
            if !old.keys().eq(new.keys()) {
                note(comparison, What::ContentChanged, &listed(&old), &listed(&new));
            }
            for (name, media) in &new {
                let Some(before) = old.get(name) else { continue };
                let sides = ((before.broken, before.at), (media.broken, media.at));
                if comparison.unreadable_side(sides.0, sides.1, "the media type") {
                    continue;
                }
                let writing = content::writing(before, media);
                let field = Field { repeats: false, ..field };
                let places = (before.at, media.at);
                value(comparison, (before.schema, media.schema), places, (place, writing), field);
            }
            return;
        }
        (true, true) => {}
        (schema, _) => {
            let words = if schema { ("schema", "content") } else { ("content", "schema") };
            note(comparison, What::ContentChanged, words.0, words.1);
            return;
        }
    }
    value(comparison, (was.schema, is.schema), (was.at, is.at), (place, Writing::Text), field);
    let shape = Shape::of(comparison.base, was.schema).and(Shape::of(comparison.revision, is.schema));
    // Style and explode say how lists and objects are written; a single value looks the same in any of them,
    // but for the styles that put something in front of it.
    let matters = |style: &str| shape.is_several() || matches!(style, "matrix" | "label");
    if was.style != is.style && (matters(was.style) || matters(is.style)) {
        note(comparison, What::StyleChanged, was.style, is.style);
    } else if was.explode != is.explode && minds_explode(is.style, shape) {
        note(comparison, What::ExplodeChanged, bool_word(was.explode), bool_word(is.explode));
    }
    if was.allow_reserved != is.allow_reserved {
        note(
            comparison,
            What::AllowReservedChanged,
            bool_word(was.allow_reserved),
            bool_word(is.allow_reserved),
        );
    }
}

fn bool_word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Compares what values may be; `at` is where they are described. Without a schema any value goes.
fn value<'t>(
    comparison: &mut Comparison<'_, 't>,
    schemas: (Option<SchemaId>, Option<SchemaId>),
    at: (At, At),
    (place, writing): (Place, Writing),
    field: Field<'t>,
) {
    let (what, at, words) = match schemas {
        (None, None) => return,
        (Some(old), Some(new)) => return comparison.schema_of(old, new, (place, writing), field),
        (Some(old), None) if says_nothing(comparison.base, old) => return,
        (Some(old), None) => {
            let old = comparison.base.schemas[old.0 as usize].at;
            (What::TypeGeneralized, (old, at.1), ("schema", "any"))
        }
        (None, Some(new)) if says_nothing(comparison.revision, new) => return,
        (None, Some(new)) => {
            let is_sent = place == Place::RequestParameter;
            let what = if is_sent { What::TypeChanged } else { What::TypeSpecialized };
            (what, (at.0, comparison.revision.schemas[new.0 as usize].at), ("any", "schema"))
        }
    };
    let mut arguments = field.arguments();
    arguments.extend([("from", words.0.to_owned()), ("to", words.1.to_owned())]);
    let (base, revision) = (Some(at.0), Some(at.1));
    comparison.note(Change { rule: of(place, what), proof: Proof::Rule, base, revision, arguments });
}

type ByName<'m, 't> = BTreeMap<content::Name, &'m MediaType<'t>>;

fn by_name<'m, 't>(content: &'m [MediaType<'t>]) -> ByName<'m, 't> {
    content.iter().map(|media| (content::Name::of(media.name), media)).collect()
}

fn listed(content: &ByName<'_, '_>) -> String {
    content.values().map(|media| media.name).collect::<Vec<_>>().join(", ")
}

/// Whether `explode` makes a difference to how values of this shape are written.
pub(super) fn minds_explode(style: &str, shape: Shape) -> bool {
    match style {
        // Lists have commas either way, and names stand in brackets either way.
        "simple" => shape.objects,
        "deepObject" => false,
        _ => shape.is_several(),
    }
}

/// What the values of a parameter may look like, besides one text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    lists: bool,
    objects: bool,
}

impl Shape {
    /// Nothing is known of them.
    pub(super) const ANY: Self = Self { lists: true, objects: true };

    pub(super) fn of(side: &Description<'_>, schema: Option<SchemaId>) -> Self {
        let may = |types| schema.is_some_and(|id| admits(side, id, types, DEPTH));
        Self { lists: may(Types::ARRAY), objects: may(Types::OBJECT) }
    }

    /// What may look so on both sides.
    pub(super) fn and(self, other: Self) -> Self {
        Self { lists: self.lists && other.lists, objects: self.objects && other.objects }
    }

    /// Whether there may be several in one value.
    pub(super) fn is_several(self) -> bool {
        self.lists || self.objects
    }
}

/// How many references and unions are followed to see what values look like.
const DEPTH: u32 = 8;

/// Whether a schema may admit values of one of `types`; whoever hides what it admits deeper is taken to admit them.
fn admits(side: &Description<'_>, id: SchemaId, types: Types, depth: u32) -> bool {
    if depth == 0 {
        return true;
    }
    let schema: &Schema<'_> = &side.schemas[id.0 as usize];
    if !schema.types.map_or(Types::ANY, |set| set.value).meets(types) {
        return false;
    }
    let inner = |id: SchemaId| admits(side, id, types, depth - 1);
    let any = |ids: &[SchemaId]| ids.is_empty() || ids.iter().any(|&id| inner(id));
    let listed = |node: Node<'_>| match node.kind() {
        Kind::Sequence => types.meets(Types::ARRAY) && !node.is_empty(),
        Kind::Mapping => types.meets(Types::OBJECT) && !node.is_empty(),
        _ => types.meets(Types::ANY.without(Types::ARRAY).without(Types::OBJECT)),
    };
    schema.reference.is_none_or(inner)
        && schema.all_of.iter().all(|&id| inner(id))
        && any(&schema.any_of)
        && any(&schema.one_of)
        && schema.enumeration.is_none_or(|set| set.value.items().any(listed))
}
