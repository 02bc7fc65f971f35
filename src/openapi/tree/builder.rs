//! How readers make a tree: values from the inside out, each with the offset where it begins.

use super::{Kind, NodeId, OWN, Part, Stored, StoredMember, Text, Tree};

/// A tree that is being made.
#[derive(Debug)]
pub struct Builder(Tree);

/// A text that was given to the builder.
#[derive(Debug, Clone, Copy)]
pub struct Kept(Text);

impl Builder {
    /// A tree of `source`, with nothing in it.
    #[must_use]
    pub fn new(name: impl Into<String>, source: String) -> Self {
        Self(Tree {
            name: name.into(),
            part: Part::default(),
            source,
            strings: String::new(),
            nodes: Vec::new(),
            items: Vec::new(),
            members: Vec::new(),
            root: None,
        })
    }

    /// A tree whose source comes with [`Builder::finish_over`], so that a reader can borrow it meanwhile.
    #[must_use]
    pub fn detached(name: impl Into<String>) -> Self {
        Self::new(name, String::new())
    }

    /// The source, to read from while building.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The bytes `start..end` of the source as they are.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Kept {
        Kept(Text { start: narrow(start), length: narrow(end.saturating_sub(start)) & !OWN })
    }

    /// A text that does not stand in the source letter by letter.
    pub fn keep(&mut self, text: &str) -> Kept {
        let start = self.0.strings.len();
        self.0.strings.push_str(text);
        Kept(Text { start: narrow(start), length: narrow(text.len()) | OWN })
    }

    /// What a kept text says.
    #[must_use]
    pub fn text(&self, kept: Kept) -> &str {
        self.0.text(kept.0)
    }

    /// What a kept text says, where the source has not come yet.
    #[must_use]
    pub fn text_in<'t>(&'t self, source: &'t str, kept: Kept) -> &'t str {
        self.0.text_in(source, kept.0)
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.0.nodes[id.0 as usize].kind
    }

    /// The text of a scalar; empty for anything else.
    #[must_use]
    pub fn scalar_text(&self, id: NodeId) -> Kept {
        let stored = self.0.nodes[id.0 as usize];
        match stored.kind {
            Kind::Sequence | Kind::Mapping => self.slice(0, 0),
            _ => Kept(stored.body),
        }
    }

    /// The items of a sequence that was given to the builder; none of anything else.
    #[must_use]
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        let stored = self.0.nodes[id.0 as usize];
        match stored.kind {
            Kind::Sequence => {
                let start = stored.body.start as usize;
                &self.0.items[start..start + stored.body.length as usize]
            }
            _ => &[],
        }
    }

    /// The members of a mapping that was given to the builder: key, offset of the key, value. None of anything else.
    pub fn members(&self, id: NodeId) -> impl ExactSizeIterator<Item = (Kept, usize, NodeId)> {
        let stored = self.0.nodes[id.0 as usize];
        let (start, length) = match stored.kind {
            Kind::Mapping => (stored.body.start as usize, stored.body.length as usize),
            _ => (0, 0),
        };
        self.0.members[start..start + length]
            .iter()
            .map(|member| (Kept(member.key), member.at as usize, member.value))
    }

    /// A scalar of `kind`. The text of a boolean is `true` or `false`, that of a number follows JSON's grammar, that of
    /// null is not looked at.
    pub fn scalar(&mut self, kind: Kind, at: usize, text: Kept) -> NodeId {
        self.push(Stored { kind, at: narrow(at), body: text.0 })
    }

    /// A sequence of `items`.
    pub fn sequence(&mut self, at: usize, items: &[NodeId]) -> NodeId {
        let start = self.0.items.len();
        self.0.items.extend_from_slice(items);
        let body = Text { start: narrow(start), length: narrow(items.len()) };
        self.push(Stored { kind: Kind::Sequence, at: narrow(at), body })
    }

    /// A mapping of `members`: key, offset of the key, value. The reader has seen to it that each key comes once.
    pub fn mapping(&mut self, at: usize, members: &[(Kept, usize, NodeId)]) -> NodeId {
        self.mapping_of(at, members.iter().copied())
    }

    /// As [`Builder::mapping`], of members that do not lie side by side.
    pub fn mapping_of(
        &mut self,
        at: usize,
        members: impl IntoIterator<Item = (Kept, usize, NodeId)>,
    ) -> NodeId {
        let start = self.0.members.len();
        self.0.members.extend(members.into_iter().map(|(key, at, value)| StoredMember {
            key: key.0,
            at: narrow(at),
            value,
        }));
        let body = Text { start: narrow(start), length: narrow(self.0.members.len() - start) };
        self.push(Stored { kind: Kind::Mapping, at: narrow(at), body })
    }

    /// The whole tree.
    #[must_use]
    pub fn finish(mut self, root: Option<NodeId>) -> Tree {
        self.0.root = root;
        self.0
    }

    /// The whole tree, of a builder that was [detached](Builder::detached) from `source`.
    #[must_use]
    pub fn finish_over(mut self, source: String, root: Option<NodeId>) -> Tree {
        self.0.source = source;
        self.finish(root)
    }

    fn push(&mut self, stored: Stored) -> NodeId {
        self.0.nodes.push(stored);
        NodeId(narrow(self.0.nodes.len() - 1))
    }
}

/// Readers refuse sources of 2 GiB and more long before this saturates.
fn narrow(wide: usize) -> u32 {
    u32::try_from(wide).unwrap_or(u32::MAX)
}
