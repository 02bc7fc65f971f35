//! From a finding to the message that shows it: which schemas a search is to look at, and in which message of which
//! operation its value stands. The way there is looked for in the graph of pairs, the shortest one first.

mod whole;

use std::collections::VecDeque;

use serde_json::Value;

use super::empty::said_by_schema;
use super::operations::BasePaths;
use super::pairs::{Change, Graph, Key, PairId, Writing};
use crate::openapi::finding::{Carried, Direction, OperationName, Proof, SideName, Witness};
use crate::openapi::model::{
    Description, HeaderId, MediaType, ParameterIn, ResponseId, SchemaId, Serialisation, Types,
};
use crate::openapi::rules::Place;
use crate::openapi::witness::{Search, Shown, Task, code};

/// How long a way from an operation may be.
const STEPS: usize = 24;

/// The longest value that is told where no message was found with it, in bytes.
const TOLD: usize = 80;

/// How many findings of a report are shown by a message.
const SHOWN: usize = 500;

/// How many other ways to a change are tried where no message is found on the shortest one.
const DETOURS: usize = 6;

/// The shortest ways from operations to all that they hold.
#[derive(Debug)]
pub(super) struct Ways {
    /// For each pair the one that leads to it from an operation; an operation leads to itself.
    from: Vec<Option<PairId>>,
}

impl Ways {
    /// The ways through `graph` from the operations that count by `counting`, which has a word on every pair; from all
    /// without it.
    pub(super) fn new(graph: &Graph, counting: Option<&[bool]>) -> Self {
        let mut from: Vec<Option<PairId>> = vec![None; graph.keys.len()];
        let mut waiting = VecDeque::new();
        for (pair, key) in (0_u32..).map(PairId).zip(&graph.keys) {
            let counts = counting.is_none_or(|counting| counting[pair.0 as usize]);
            if counts && matches!(key, Key::Operation(..)) {
                from[pair.0 as usize] = Some(pair);
                waiting.push_back((pair, 0));
            }
        }
        while let Some((at, steps)) = waiting.pop_front() {
            if steps == STEPS {
                break;
            }
            for &inner in &graph.held[at.0 as usize] {
                let known = &mut from[inner.0 as usize];
                if known.is_none() {
                    *known = Some(at);
                    waiting.push_back((inner, steps + 1));
                }
            }
        }
        Self { from }
    }

    /// Other ways through `graph` from operations to the last of `way`, which leave it nearest to its end.
    fn detours(&self, graph: &Graph, way: &[PairId]) -> Vec<Vec<PairId>> {
        let mut detours = Vec::new();
        for (index, &at) in way.iter().enumerate().skip(1).rev() {
            for &holder in graph.holding(at).iter().filter(|holder| !way.contains(holder)) {
                let mut detour = self.to(holder);
                if detour.is_empty() || detour.iter().any(|pair| way[index..].contains(pair)) {
                    continue;
                }
                detour.extend(&way[index..]);
                detours.push(detour);
                if detours.len() == DETOURS {
                    return detours;
                }
            }
        }
        detours
    }

    /// The pairs from an operation to `pair`, both of them included; empty where none leads there.
    fn to(&self, pair: PairId) -> Vec<PairId> {
        let (mut way, mut at) = (Vec::new(), pair);
        while let Some(from) = self.from[at.0 as usize] {
            way.push(at);
            if from == at {
                break;
            }
            at = from;
        }
        way.reverse();
        way
    }
}

/// Finds the witnesses of a report.
pub(super) struct Witnesses<'g, 'd, 't> {
    graph: &'g Graph,
    sides: [&'d Description<'t>; 2],
    search: Search<'d, 't>,
    ways: &'g Ways,
    left: usize,
    /// A value that shows the change that was looked for last, and of which no message was found that holds it.
    lone: Option<Lone>,
}

/// A value without a message.
struct Lone {
    value: String,
    /// The component that holds it.
    holder: Option<String>,
}

/// Where a value stands.
struct Spot {
    carried: Carried,
    operation: Option<OperationName>,
    status: Option<String>,
    media_type: Option<String>,
    name: Option<String>,
}

impl<'g, 'd, 't> Witnesses<'g, 'd, 't> {
    /// Looks for at most `share` of all that a report may look for. `bases` are the paths of the servers of the operations
    /// of both.
    pub(super) fn new(
        base: &'d Description<'t>,
        revision: &'d Description<'t>,
        graph: &'g Graph,
        ways: &'g Ways,
        bases: &'d [BasePaths; 2],
        share: usize,
    ) -> Self {
        let search = Search::new(base, revision, bases, share);
        Self { graph, sides: [base, revision], search, ways, left: SHOWN / share, lone: None }
    }

    /// A message that shows `change`, which was found at `pairs`.
    pub(super) fn of(&mut self, pairs: &[PairId], change: &Change) -> Option<Witness> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.lone = None;
        pairs.iter().find_map(|&pair| match self.key(pair) {
            Key::Schema(old, new, place, writing) => self.schema(pair, (old, new), (place, writing), change),
            _ => self.message(pair, change),
        })
    }

    /// What stands in the way of a message that shows `change`.
    pub(super) fn obstacle(&self, pairs: &[PairId], change: &Change) -> String {
        let word = |word: &str| word.to_owned();
        if self.left == 0 || self.search.is_spent() {
            return word("the budget");
        }
        if let Some(Lone { value, holder }) = &self.lone {
            let holder =
                holder.as_ref().map_or_else(|| word("what the message"), |name| format!("what `{name}`"));
            return format!("{holder} asks for beside the value `{value}`");
        }
        for &pair in pairs {
            if let Key::Schema(old, new, ..) = self.key(pair) {
                return self.search.obstacle(old, new).unwrap_or_else(|| word("the schema as a whole"));
            }
        }
        let id = change.rule.id.as_ref();
        let of = |what: &str| id.contains(what);
        word(if of("removed") && id.starts_with("api-") && !of("security") {
            "another path that takes the same requests"
        } else if of("security") {
            "what its security schemes ask for"
        } else if of("encoding") || of("style") || of("explode") || of("content-changed") {
            "how its values are written"
        } else {
            "what the rest of the message asks for"
        })
    }

    fn key(&self, pair: PairId) -> Key {
        self.graph.keys[pair.0 as usize]
    }

    fn schema(
        &mut self,
        pair: PairId,
        (old, new): (SchemaId, SchemaId),
        (place, writing): (Place, Writing),
        change: &Change,
    ) -> Option<Witness> {
        let direction = place.direction();
        let written = writing != Writing::Typed;
        let way = self.ways.to(pair);
        let accepted_by = if direction == Direction::Response { SideName::Revision } else { SideName::Base };
        // A parameter is written as a whole: what is inside of it may be empty.
        let empties = match way.as_slice() {
            [.., parameter, own] if *own == pair => match self.key(*parameter) {
                Key::Parameter(old, new, _) => {
                    let was = &self.sides[0].parameters[old.0 as usize];
                    let is = &self.sides[1].parameters[new.0 as usize];
                    let (own, theirs) = if accepted_by == SideName::Base { (was, is) } else { (is, was) };
                    said_by_schema(own.empties(), theirs)
                }
                _ => Types::ANY,
            },
            _ => Types::ANY,
        };
        let task = Task {
            old,
            new,
            direction,
            rule: change.rule,
            base: change.base,
            revision: change.revision,
            written,
            empties,
            declared: change.proof == Proof::Undecided,
            arguments: &change.arguments,
        };
        let shown = self.search.value(&task)?;
        let mut found = self.on(&way, &task, &shown, accepted_by);
        if found.is_none() {
            let detours = self.ways.detours(self.graph, &way);
            found = detours.iter().find_map(|way| self.on(way, &task, &shown, accepted_by));
        }
        let Some((value, spot)) = found else {
            self.lone = self.lone(&shown.value, &self.schemas(&way), accepted_by);
            return None;
        };
        let Spot { carried, operation, status, media_type, name } = spot;
        let (value, read_as) = (Some(value), shown.read_as.map(Into::into));
        Some(Witness {
            accepted_by,
            carried,
            operation,
            status,
            media_type,
            name,
            value,
            message: None,
            read_as,
        })
    }

    /// The pairs of schemas on `way`, the outermost first.
    fn schemas(&self, way: &[PairId]) -> Vec<(SchemaId, SchemaId)> {
        let schemas = way.iter().filter_map(|&pair| match self.key(pair) {
            Key::Schema(old, new, ..) => Some((old, new)),
            _ => None,
        });
        schemas.collect()
    }

    /// What shows `task` in what lies on `way` to it, and where that stands.
    fn on(
        &mut self,
        way: &[PairId],
        task: &Task<'_>,
        shown: &Shown,
        side: SideName,
    ) -> Option<(Value, Spot)> {
        let holders = self.schemas(way);
        let outermost = holders.first().copied().unwrap_or((task.old, task.new));
        let value = match holders.as_slice() {
            // The last of them is the schema itself.
            [around @ .., _] if !around.is_empty() => self.search.within(task, shown, around)?,
            _ => shown.value.clone(),
        };
        // Where no operation leads here, or what carries it is no message of its own (an item of a stream, a header of a
        // part), the value is all that there is.
        let spot = self.spot(way, side, outermost).unwrap_or_else(|| {
            let own = if side == SideName::Base { outermost.0 } else { outermost.1 };
            let name = self.sides[side as usize].schemas[own.0 as usize].name;
            Spot {
                carried: Carried::Schema,
                operation: None,
                status: None,
                media_type: None,
                name: name.map(str::to_owned),
            }
        });
        Some((value, spot))
    }

    /// What is known where `value` was found and no message with it, in what `holders` hold; none where it is too long to tell.
    fn lone(&self, value: &Value, holders: &[(SchemaId, SchemaId)], side: SideName) -> Option<Lone> {
        let value = Some(value.to_string()).filter(|text| text.len() <= TOLD)?;
        let description = self.sides[side as usize];
        let names = holders.iter().rev().skip(1).filter_map(|&(old, new)| {
            let own = if side == SideName::Base { old } else { new };
            description.schemas[own.0 as usize].name
        });
        let holder = names.map(str::to_owned).next();
        Some(Lone { value, holder })
    }

    /// A status for which both sides of a pair of operations have the responses that are compared; `received` holds where
    /// the revision sends it.
    fn status(
        &self,
        (old, new): (u32, u32),
        (was, is): (ResponseId, ResponseId),
        received: bool,
    ) -> Option<String> {
        let [base, revision] = self.sides;
        let before = (&base.operations[old as usize], was);
        let after = (&revision.operations[new as usize], is);
        let (own, (other, theirs)) = if received { (after, before) } else { (before, after) };
        code(own, (other, Some(theirs)))
    }

    /// Where a value of the schema stands that `way` leads to: of `schemas`, the one of its side.
    fn spot(&self, way: &[PairId], side: SideName, schemas: (SchemaId, SchemaId)) -> Option<Spot> {
        let description = self.sides[side as usize];
        let pick = |old: u32, new: u32| if side == SideName::Base { old } else { new };
        let own = if side == SideName::Base { schemas.0 } else { schemas.1 };
        // A message is of the narrower one of two types that hold for it.
        let narrower = |base: &[MediaType<'_>], revision: &[MediaType<'_>]| {
            let (was, is) = (media(base, schemas.0)?, media(revision, schemas.1)?);
            let (own, theirs) = if side == SideName::Base { (was, is) } else { (is, was) };
            Some(if own.ends_with("/*") && !theirs.ends_with("/*") { theirs } else { own })
        };
        let [base, revision] = self.sides;
        let mut keys = way.iter().map(|&pair| self.key(pair));
        let Some(Key::Operation(old, new)) = keys.next() else { return None };
        let operations = (old?, new?);
        let operation = &description.operations[pick(operations.0, operations.1) as usize];
        let item = &description.paths[operation.path as usize];
        let name = OperationName {
            kind: item.kind,
            method: operation.method.to_owned(),
            path: item.path.to_owned(),
        };
        let mut spot = Spot {
            carried: Carried::Body,
            operation: Some(name),
            status: None,
            media_type: None,
            name: None,
        };
        match keys.next()? {
            Key::Body(old, new, _) => {
                let (was, is) = (&base.bodies[old.0 as usize], &revision.bodies[new.0 as usize]);
                spot.media_type = Some(narrower(&was.content, &is.content)?);
            }
            Key::Parameter(old, new, _) => {
                let parameter = &description.parameters[pick(old.0, new.0) as usize];
                spot.carried = match parameter.place {
                    ParameterIn::Path => Carried::Path,
                    ParameterIn::Query => Carried::Query,
                    ParameterIn::Querystring => Carried::Querystring,
                    ParameterIn::Header => Carried::Header,
                    ParameterIn::Cookie => Carried::Cookie,
                };
                spot.name = Some(parameter.name.to_owned());
                spot.media_type = written(&parameter.serialisation, own)?;
            }
            Key::Response(old, new, _) => {
                let response = &description.responses[pick(old.0, new.0) as usize];
                spot.status = Some(self.status(operations, (old, new), side == SideName::Revision)?);
                if let Some(Key::Header(old, new, _)) = keys.next() {
                    let id = HeaderId(pick(old.0, new.0));
                    let (name, _) = response.headers.iter().find(|(_, header)| *header == id)?;
                    spot.carried = Carried::Header;
                    spot.name = Some((*name).to_owned());
                    spot.media_type = written(&description.headers[id.0 as usize].serialisation, own)?;
                } else {
                    let (was, is) = (&base.responses[old.0 as usize], &revision.responses[new.0 as usize]);
                    spot.media_type = Some(narrower(&was.content, &is.content)?);
                }
            }
            _ => return None,
        }
        Some(spot)
    }
}

/// The media type that has the schema `own`.
fn media(content: &[MediaType<'_>], own: SchemaId) -> Option<String> {
    content.iter().find(|media| media.schema == Some(own)).map(|media| media.name.to_owned())
}

/// The media type in which a parameter or header with the schema `own` is written, if it has one; none where the schema
/// is not its own.
#[expect(clippy::option_option, reason = "a value without a media type is not the same as no value")]
fn written(serialisation: &Serialisation<'_>, own: SchemaId) -> Option<Option<String>> {
    if serialisation.schema == Some(own) {
        return Some(None);
    }
    media(&serialisation.content, own).map(Some)
}
