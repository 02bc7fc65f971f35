//! The webhook payload of an event, read leniently: only the fields that are needed, whatever type they have.
//!
//! What is not asked for is skipped without being kept, so that a payload costs little more memory than its bytes.
//! A field of another type than expected is no failure here; who needs it says so by its path.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most items of a list that are looked at.
const ITEMS: usize = 100;

/// A scalar, or what is there in its place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// Not there, or null.
    #[default]
    Absent,
    Text(String),
    Number(u64),
    Flag(bool),
    Other(&'static str),
}

/// An object, or what is there in its place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Node<T> {
    #[default]
    Absent,
    Object(Box<T>),
    Other(&'static str),
}

/// A list of objects, or what is there in its place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum List<T> {
    #[default]
    Absent,
    Items(Vec<Node<T>>),
    Other(&'static str),
}

impl Leaf {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Flag(_) => "a boolean",
            Self::Other(kind) => kind,
        }
    }
}

struct LeafVisitor;

impl<'de> Visitor<'de> for LeafVisitor {
    type Value = Leaf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Leaf, E> {
        Ok(Leaf::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Leaf, E> {
        Ok(Leaf::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Leaf, E> {
        Ok(Leaf::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Leaf, E> {
        Ok(Leaf::Other("a negative number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Leaf, E> {
        Ok(Leaf::Other("a fraction"))
    }

    fn visit_unit<E>(self) -> Result<Leaf, E> {
        Ok(Leaf::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Leaf, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Leaf::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Leaf, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Leaf::Other("an object"))
    }
}

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LeafVisitor)
    }
}

struct NodeVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NodeVisitor<T> {
    type Value = Node<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, _: &str) -> Result<Node<T>, E> {
        Ok(Node::Other("a text"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node<T>, E> {
        Ok(Node::Other("a boolean"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node<T>, E> {
        Ok(Node::Other("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node<T>, E> {
        Ok(Node::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node<T>, E> {
        Ok(Node::Other("a number"))
    }

    fn visit_unit<E>(self) -> Result<Node<T>, E> {
        Ok(Node::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Node<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(|object| Node::Object(Box::new(object)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Node<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, _: &str) -> Result<List<T>, E> {
        Ok(List::Other("a text"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<List<T>, E> {
        Ok(List::Other("a boolean"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<List<T>, E> {
        Ok(List::Other("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<List<T>, E> {
        Ok(List::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<List<T>, E> {
        Ok(List::Other("a number"))
    }

    fn visit_unit<E>(self) -> Result<List<T>, E> {
        Ok(List::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < ITEMS {
            match items.next_element::<Node<T>>()? {
                Some(item) => kept.push(item),
                None => return Ok(List::Items(kept)),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List::Items(kept))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<List<T>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::Other("an object"))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// The payload of any event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    pub(super) action: Leaf,
    pub(super) after: Leaf,
    pub(super) before: Leaf,
    pub(super) number: Leaf,
    pub(super) repository: Node<Repository>,
    pub(super) pull_request: Node<PullRequest>,
    pub(super) merge_group: Node<MergeGroup>,
    pub(super) workflow_run: Node<WorkflowRun>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repository {
    pub(super) full_name: Leaf,
    pub(super) default_branch: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PullRequest {
    pub(super) number: Leaf,
    pub(super) head: Node<Side>,
    pub(super) base: Node<Side>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) reference: Leaf,
    pub(super) sha: Leaf,
    pub(super) repo: Node<Repository>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergeGroup {
    pub(super) head_sha: Leaf,
    pub(super) head_ref: Leaf,
    pub(super) base_sha: Leaf,
    pub(super) base_ref: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WorkflowRun {
    pub(super) head_sha: Leaf,
    pub(super) head_branch: Leaf,
    pub(super) head_repository: Node<Repository>,
    pub(super) pull_requests: List<PullRequest>,
}
