//! A description as it was written: values with the places where they stand.
//!
//! A tree is flat: nodes, members and strings lie in three arenas, so that a file of many megabytes costs a few
//! allocations. Nodes of YAML aliases are shared, so what looks like a tree may be a graph without cycles. The
//! tree knows nothing of OpenAPI.

mod builder;
mod lines;

pub use builder::{Builder, Kept};
pub use lines::{Lines, Position};

/// Names a node of one tree, and of all trees that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// Its number: below [`Tree::len`] for a tree by itself; in trees that are read together those of each tree come behind
    /// those of the trees before it.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`, and what could not be read.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number, with its digits as they were written.
    Number,
    /// A string.
    String,
    /// A list.
    Sequence,
    /// Keys with values, in the order of the file; each key once.
    Mapping,
}

/// Where a text lies: in the source, or, where it was escaped, folded or made, in the tree's own strings.
#[derive(Debug, Clone, Copy)]
struct Text {
    start: u32,
    /// The highest bit tells the arena.
    length: u32,
}

const OWN: u32 = 1 << 31;

#[derive(Debug, Clone, Copy)]
struct Stored {
    kind: Kind,
    /// Offset of the first byte in the source.
    at: u32,
    /// For a scalar the text (`true` and `false` for booleans); for a sequence or a mapping where its items or members lie, and how many there are.
    body: Text,
}

#[derive(Debug, Clone, Copy)]
struct StoredMember {
    key: Text,
    at: u32,
    value: NodeId,
}

/// The values of one file.
#[derive(Debug)]
pub struct Tree {
    /// The file as locations name it.
    name: String,
    /// Its part in what is read together with it.
    part: Part,
    /// The source in UTF-8.
    source: String,
    /// Texts that do not stand in the source letter by letter.
    strings: String,
    nodes: Vec<Stored>,
    items: Vec<NodeId>,
    members: Vec<StoredMember>,
    root: Option<NodeId>,
}

/// Which of several trees this is that are read together.
#[derive(Debug, Default)]
struct Part {
    number: u32,
    /// How many nodes the trees before it have.
    before: u32,
    path: String,
}

impl Tree {
    /// The file as locations name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which one it is of the trees that are read together: 0 for the first, and for a tree by itself.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.part.number
    }

    /// How many nodes the trees have that are read together and come before it.
    #[must_use]
    pub fn nodes_before(&self) -> u32 {
        self.part.before
    }

    /// The file as seen from the folder of the first of the trees that are read together; empty for the first.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.part.path
    }

    /// Puts it behind trees that are read together with it, which have `before` nodes.
    #[must_use]
    pub fn behind(mut self, number: u32, before: u32, path: String) -> Self {
        self.part = Part { number, before, path };
        self
    }

    /// The values of all members with this key, wherever they stand, in an order that depends on the file alone.
    pub fn values_under<'t>(&'t self, key: &'t str) -> impl Iterator<Item = Node<'t>> {
        // Most keys have another length.
        let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
        let all = self.members.iter().filter(move |member| member.key.length & !OWN == length);
        all.filter(move |member| self.text(member.key) == key)
            .map(move |member| Node { tree: self, id: member.value })
    }

    /// The source in UTF-8: offsets count its bytes.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The outermost value; none where the file holds nothing.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|id| Node { tree: self, id })
    }

    /// The node of this name.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id: NodeId(id.0.saturating_sub(self.part.before)) }
    }

    /// How many nodes there are; those of aliases count once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn text(&self, text: Text) -> &str {
        self.text_in(&self.source, text)
    }

    fn text_in<'t>(&'t self, source: &'t str, text: Text) -> &'t str {
        let (arena, length) =
            if text.length & OWN == 0 { (source, text.length) } else { (&*self.strings, text.length & !OWN) };
        let start = text.start as usize;
        arena.get(start..start + length as usize).unwrap_or_default()
    }
}

/// A value of a tree. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    /// Its number in the tree by itself.
    id: NodeId,
}

/// A key of a mapping with its value.
#[derive(Debug, Clone, Copy)]
pub struct Member<'t> {
    /// The key.
    pub key: &'t str,
    /// Offset of the key in the source.
    pub at: u32,
    /// The value.
    pub value: Node<'t>,
}

impl<'t> Node<'t> {
    /// Its name.
    #[must_use]
    pub fn id(self) -> NodeId {
        NodeId(self.tree.part.before.saturating_add(self.id.0))
    }

    /// The tree that it belongs to.
    #[must_use]
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    fn stored(self) -> Stored {
        self.tree.nodes[self.id.0 as usize]
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.stored().kind
    }

    /// Offset of its first byte in the source.
    #[must_use]
    pub fn at(self) -> u32 {
        self.stored().at
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        let stored = self.stored();
        (stored.kind == Kind::String).then(|| self.tree.text(stored.body))
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        let stored = self.stored();
        (stored.kind == Kind::Boolean).then(|| self.tree.text(stored.body) == "true")
    }

    /// The digits of the number, if it is one: JSON's grammar, as precise as they were written.
    #[must_use]
    pub fn as_number(self) -> Option<&'t str> {
        let stored = self.stored();
        (stored.kind == Kind::Number).then(|| self.tree.text(stored.body))
    }

    /// The items of a sequence; none of anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t>> + DoubleEndedIterator + Clone {
        let stored = self.stored();
        let (start, length) = match stored.kind {
            Kind::Sequence => (stored.body.start as usize, stored.body.length as usize),
            _ => (0, 0),
        };
        self.tree.items[start..start + length].iter().map(move |&id| Node { tree: self.tree, id })
    }

    /// The item of a sequence at `index`, from 0.
    #[must_use]
    pub fn item(self, index: usize) -> Option<Node<'t>> {
        let stored = self.stored();
        let within = stored.kind == Kind::Sequence && index < stored.body.length as usize;
        within.then(|| Node { tree: self.tree, id: self.tree.items[stored.body.start as usize + index] })
    }

    /// The members of a mapping; none of anything else.
    pub fn members(self) -> impl ExactSizeIterator<Item = Member<'t>> + DoubleEndedIterator + Clone {
        let stored = self.stored();
        let (start, length) = match stored.kind {
            Kind::Mapping => (stored.body.start as usize, stored.body.length as usize),
            _ => (0, 0),
        };
        let tree = self.tree;
        tree.members[start..start + length].iter().map(move |member| Member {
            key: tree.text(member.key),
            at: member.at,
            value: Node { tree, id: member.value },
        })
    }

    /// The member with this key. Costs the number of members.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.members().find(|member| member.key == key).map(|member| member.value)
    }

    /// How many items or members it has.
    #[must_use]
    pub fn len(self) -> usize {
        match self.kind() {
            Kind::Sequence | Kind::Mapping => self.stored().body.length as usize,
            _ => 0,
        }
    }

    /// Whether it has neither items nor members.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {}", self.kind(), self.at())
    }
}
