//! From events to nodes.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::fault::{Fault, Reason, line_of};
use super::feed::{Ahead, Feed};
use super::offsets::Offsets;
use super::values::{Properties, Shape};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::read::Reading;
use crate::openapi::read::limits::{MAX_ALIASED, MAX_DEPTH, MAX_NODES, MAX_SKIPPED_DEPTH};
use crate::openapi::read::members::{Counts, Entry, hash, unite};
use crate::openapi::read::problems::Problems;
use crate::openapi::tree::{Builder, Kept, Kind, NodeId};

/// A value with what an alias of it costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) id: NodeId,
    /// How many nodes it is, those of aliases included.
    size: u64,
    /// How deep it is.
    height: usize,
}

/// What an anchor names.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    /// What is still being read.
    Open,
    Made(Made),
}

/// A key that waits for its value.
#[derive(Debug, Clone, Copy)]
enum Key {
    Named(Kept, usize),
    /// `<<`.
    Merge(usize),
    /// What is no text: its value is dropped.
    Dropped,
}

/// A collection that is open.
#[derive(Debug)]
struct Frame {
    mapping: bool,
    at: usize,
    /// Where its items or entries begin.
    base: usize,
    anchor: usize,
    key: Option<Key>,
    /// Whether it stands where a key is wanted.
    is_key: bool,
    merges: Vec<(NodeId, usize)>,
    size: u64,
    height: usize,
}

/// What is reported once per file.
#[derive(Debug, Default)]
struct Told {
    depth: bool,
    nodes: bool,
    aliases: bool,
}

/// Makes a tree of events.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    pub(super) builder: Builder,
    pub(super) problems: Problems,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    /// By number; the parser counts from one.
    anchors: Vec<Option<Anchor>>,
    root: Option<NodeId>,
    nodes: u64,
    /// How many of them aliases added.
    aliased: u64,
    /// How many collections are open beneath the deepest that is read.
    skipped: usize,
    told: Told,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str, builder: Builder, problems: Problems) -> Self {
        Self {
            source,
            builder,
            problems,
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            anchors: Vec::new(),
            root: None,
            nodes: 0,
            aliased: 0,
            skipped: 0,
            told: Told::default(),
        }
    }

    pub(super) fn problems_mut(&mut self) -> &mut Problems {
        &mut self.problems
    }

    /// Reads the first document of `text`, which differs from the source by blanks only, up to `end`.
    pub(super) fn run(&mut self, text: &str, end: usize) -> Option<Fault> {
        if end < text.len() {
            self.problems.error("tag-directive-too-long", end, || {
                "this `%TAG` directive is too long, and what follows is not read: shorten its prefix"
                    .to_owned()
            });
        }
        let text = &text[..end];
        let ahead = Ahead::default();
        let mut offsets = Offsets::new(text);
        let mut parser = Parser::new(Feed::new(text, &ahead));
        let last_line = text.rsplit(['\n', '\r']).next().unwrap_or_default();
        let last_columns = last_line.chars().count();
        let mut last = 0;
        let mut documents = 0;
        loop {
            let (event, span) = match parser.next_event()? {
                Ok(event) => event,
                Err(error) if ahead.is_exceeded() => {
                    drop(error);
                    return Some(Fault { at: last, reason: Reason::Ahead });
                }
                Err(error) => {
                    let at = offsets.of(error.marker().index());
                    if error.info().contains("unknown anchor") {
                        self.unknown_anchor(at);
                        continue;
                    }
                    if documents > 0 && self.frames.is_empty() && self.root.is_some() {
                        self.trailing(at);
                        return None;
                    }
                    let reason =
                        Reason::Syntax { words: error.info().to_owned(), opened: self.opened(last, at) };
                    return Some(Fault { at, reason });
                }
            };
            if ahead.is_exceeded() {
                return Some(Fault { at: last, reason: Reason::Ahead });
            }
            ahead.reset();
            let at = offsets.of(span.start.index());
            last = at;
            match event {
                // The parser ends the last line of the file where nothing else does.
                Event::Scalar(
                    mut scalar,
                    style @ (ScalarStyle::Literal | ScalarStyle::Folded),
                    anchor,
                    tag,
                ) if last_columns >= span.start.col().max(1)
                    && scalar.ends_with('\n')
                    && offsets.of(span.end.index()) == text.len() =>
                {
                    scalar.to_mut().pop();
                    self.event(Event::Scalar(scalar, style, anchor, tag), span, at);
                }
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        self.problems.warn("more-documents", at, || {
                            "the file holds another document, and only the first is read: put it into a file of its own"
                                .to_owned()
                        });
                        return None;
                    }
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                event => self.event(event, span, at),
            }
            if self.told.nodes {
                return None;
            }
            if self.skipped > MAX_SKIPPED_DEPTH {
                return Some(Fault { at, reason: Reason::Deep });
            }
        }
    }

    /// Where the outermost collection in brackets begins that is open at `at`, as far as that can be told: its events come
    /// only when its end was found, and the last of them was at `last`.
    fn opened(&self, last: usize, at: usize) -> Option<usize> {
        let is_bracket = |byte: &u8| matches!(byte, b'[' | b'{');
        let bytes = self.source.as_bytes();
        let frame = self.frames.iter().find(|frame| bytes.get(frame.at).is_some_and(is_bracket));
        frame.map(|frame| frame.at).or_else(|| {
            let between = bytes.get(last..at.max(last))?;
            between.iter().position(is_bracket).map(|length| last + length)
        })
    }

    fn event(&mut self, event: Event<'_>, span: Span, at: usize) {
        if self.skipped > 0 {
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => self.skipped += 1,
                Event::SequenceEnd | Event::MappingEnd => self.skipped -= 1,
                _ => {}
            }
            return;
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let properties = Properties::new(anchor, tag.as_deref(), at);
                let none = text.is_empty() && style == ScalarStyle::Plain;
                let at = if properties.is_any() && !none { self.behind_properties(at) } else { at };
                self.scalar(&text, style, at, &properties);
            }
            Event::Alias(number) => self.alias(number, at),
            Event::SequenceStart(anchor, tag) => {
                let properties = Properties::new(anchor, tag.as_deref(), at);
                let place =
                    if properties.is_any() { self.behind_properties(at) } else { self.dash(at, span) };
                self.check_tag(&properties, Shape::Sequence);
                self.open(false, place, anchor);
            }
            Event::MappingStart(anchor, tag) => {
                let properties = Properties::new(anchor, tag.as_deref(), at);
                let place = if properties.is_any() { self.behind_properties(at) } else { at };
                self.check_tag(&properties, Shape::Mapping);
                self.open(true, place, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => {}
        }
    }

    /// Where a sequence begins: the parser names the first item of one that is indented as its key.
    fn dash(&self, at: usize, span: Span) -> usize {
        let in_mapping = self.frames.last().is_some_and(|frame| frame.mapping && frame.key.is_some());
        if !span.is_empty() || !in_mapping {
            return at;
        }
        let (start, _) = line_of(self.source, at);
        let indent = self.source[start..at].bytes().take_while(|&byte| byte == b' ').count();
        let dash = start + indent;
        let parent = self.frames.last().map_or(0, |frame| frame.at);
        let column = parent - line_of(self.source, parent).0;
        if self.source.as_bytes().get(dash) == Some(&b'-') && indent <= column { dash } else { at }
    }

    fn wants_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.mapping && frame.key.is_none())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: usize, properties: &Properties<'_>) {
        if self.wants_key() {
            let plain_merge = style == ScalarStyle::Plain && text == "<<" && properties.tag.is_none();
            self.check_tag(properties, Shape::Key);
            let kept = self.keep(text, style, at);
            if properties.anchor > 0 {
                let id = self.builder.scalar(Kind::String, at, kept);
                self.name(properties.anchor, Anchor::Made(Made { id, size: 1, height: 0 }));
            }
            self.count(at);
            let key = if plain_merge { Key::Merge(at) } else { Key::Named(kept, at) };
            if let Some(frame) = self.frames.last_mut() {
                frame.key = Some(key);
            }
            return;
        }
        let id = self.value(text, style, at, properties);
        let made = Made { id, size: 1, height: 0 };
        if properties.anchor > 0 {
            self.name(properties.anchor, Anchor::Made(made));
        }
        self.count(at);
        self.place(made, at);
    }

    fn null(&mut self, at: usize) -> Made {
        let text = self.builder.slice(at, at);
        Made { id: self.builder.scalar(Kind::Null, at, text), size: 1, height: 0 }
    }

    fn alias(&mut self, number: usize, at: usize) {
        let made = match self.anchors.get(number).copied().flatten() {
            Some(Anchor::Made(made)) => made,
            Some(Anchor::Open) => {
                self.problems.error("alias-in-own-anchor", at, || {
                    "an alias stands inside what its anchor names, which has no end, and is read as null: write it out"
                        .to_owned()
                });
                self.null(at)
            }
            // The anchor lies where nothing is read.
            None => self.null(at),
        };
        let made = if self.frames.len() + made.height > MAX_DEPTH {
            self.too_deep(at);
            self.null(at)
        } else if self.aliased.saturating_add(made.size) > MAX_ALIASED {
            // The file is read on: only the alias is too much.
            if !std::mem::replace(&mut self.told.aliases, true) {
                self.problems.error("too-many-values", at, || {
                    format!(
                        "aliases add more than {MAX_ALIASED} values to the file; this and others like it are read as \
                         null: repeat less"
                    )
                });
            }
            self.null(at)
        } else {
            made
        };
        self.aliased = self.aliased.saturating_add(made.size);
        self.nodes = self.nodes.saturating_add(made.size);
        if self.wants_key() {
            let key = match self.builder.kind(made.id) {
                Kind::Sequence | Kind::Mapping => {
                    self.key_is_no_text(at);
                    Key::Dropped
                }
                _ => Key::Named(self.builder.scalar_text(made.id), at),
            };
            if let Some(frame) = self.frames.last_mut() {
                frame.key = Some(key);
            }
            return;
        }
        self.place(made, at);
    }

    fn unknown_anchor(&mut self, at: usize) {
        if self.skipped > 0 {
            return;
        }
        self.problems.error("unknown-anchor", at, || {
            "an alias names an anchor that does not stand before it, and is read as null: set the anchor"
                .to_owned()
        });
        let made = self.null(at);
        self.count(at);
        if self.wants_key() {
            if let Some(frame) = self.frames.last_mut() {
                frame.key = Some(Key::Dropped);
            }
            return;
        }
        self.place(made, at);
    }

    fn name(&mut self, number: usize, anchor: Anchor) {
        if number >= self.anchors.len() {
            self.anchors.resize(number + 1, None);
        }
        self.anchors[number] = Some(anchor);
    }

    fn count(&mut self, at: usize) {
        self.nodes += 1;
        if self.nodes > MAX_NODES && !std::mem::replace(&mut self.told.nodes, true) {
            self.problems.error("too-many-values", at, || {
                format!("the file holds more than {MAX_NODES} values, and what follows is not read: split the description")
            });
        }
    }

    fn too_deep(&mut self, at: usize) {
        if !std::mem::replace(&mut self.told.depth, true) {
            self.problems.error("too-deep", at, || {
                format!("values are nested more than {MAX_DEPTH} deep, and what lies deeper is not read: flatten them")
            });
        }
    }

    fn key_is_no_text(&mut self, at: usize) {
        self.problems.error("key-not-text", at, || {
            "a list or a mapping stands as a key, and its value is not read: write a text".to_owned()
        });
    }

    fn open(&mut self, mapping: bool, at: usize, anchor: usize) {
        let is_key = self.wants_key();
        // Within one such key another is no news.
        if is_key && !self.frames.iter().any(|frame| frame.is_key) {
            self.key_is_no_text(at);
        }
        self.count(at);
        if self.frames.len() >= MAX_DEPTH {
            self.too_deep(at);
            self.skipped = 1;
            let made = self.null(at);
            if anchor > 0 {
                self.name(anchor, Anchor::Made(made));
            }
            if is_key {
                if let Some(frame) = self.frames.last_mut() {
                    frame.key = Some(Key::Dropped);
                }
            } else {
                self.place(made, at);
            }
            return;
        }
        if anchor > 0 {
            self.name(anchor, Anchor::Open);
        }
        let base = if mapping { self.entries.len() } else { self.items.len() };
        self.frames.push(Frame {
            mapping,
            at,
            base,
            anchor,
            key: None,
            is_key,
            merges: Vec::new(),
            size: 1,
            height: 1,
        });
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let id = if frame.mapping {
            let place = (self.source, &self.builder);
            unite(&mut self.entries, frame.base, Counts::Last, place, &mut self.problems);
            if !frame.merges.is_empty() {
                self.merge(&frame);
            }
            let members = self.entries[frame.base..].iter().map(|entry| (entry.key, entry.at, entry.value));
            let id = self.builder.mapping_of(frame.at, members);
            self.entries.truncate(frame.base);
            id
        } else {
            let id = self.builder.sequence(frame.at, &self.items[frame.base..]);
            self.items.truncate(frame.base);
            id
        };
        let made = Made { id, size: frame.size, height: frame.height };
        if frame.anchor > 0 {
            self.name(frame.anchor, Anchor::Made(made));
        }
        if frame.is_key {
            if let Some(outer) = self.frames.last_mut() {
                outer.key = Some(Key::Dropped);
            }
            return;
        }
        self.place(made, frame.at);
    }

    /// Adds the members of what is merged into the mapping that ends: its own keys count before those of the first
    /// merged mapping, these before those of the next.
    fn merge(&mut self, frame: &Frame) {
        for &(id, at) in &frame.merges {
            let sources = match self.builder.kind(id) {
                Kind::Sequence => self.builder.items(id).to_vec(),
                _ => vec![id],
            };
            for id in sources {
                if self.builder.kind(id) != Kind::Mapping {
                    self.problems.warn("merge-not-mapping", at, || {
                        "`<<` merges mappings only, and this is none: remove it".to_owned()
                    });
                    continue;
                }
                for (key, at, value) in self.builder.members(id) {
                    let hash = hash(self.builder.text_in(self.source, key).as_bytes());
                    self.entries.push(Entry { key, at, value, hash });
                }
            }
        }
        let place = (self.source, &self.builder);
        unite(&mut self.entries, frame.base, Counts::First, place, &mut self.problems);
    }

    fn place(&mut self, made: Made, at: usize) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(made.id);
            return;
        };
        frame.size = frame.size.saturating_add(made.size);
        frame.height = frame.height.max(made.height + 1);
        if !frame.mapping {
            self.items.push(made.id);
            return;
        }
        match frame.key.take() {
            Some(Key::Named(key, at)) => {
                let hash = hash(self.builder.text_in(self.source, key).as_bytes());
                self.entries.push(Entry { key, at, value: made.id, hash });
            }
            Some(Key::Merge(key_at)) => {
                if let Some(&(_, first)) = frame.merges.first() {
                    let other = Some(("the first is in line", first));
                    self.problems.add("duplicate-key", Gravity::Warn, key_at, other, || {
                        "`<<` stands more than once in this mapping and all are merged: merge a list; "
                            .to_owned()
                    });
                }
                frame.merges.push((made.id, at));
            }
            Some(Key::Dropped) | None => {}
        }
    }

    fn trailing(&mut self, at: usize) {
        self.problems.error("trailing-text", at, || {
            "the document ends before this, and what follows is not read: remove it, or align it with what stands above"
                .to_owned()
        });
    }

    /// Closes what is open and gives the tree away.
    pub(super) fn finish(mut self) -> Reading {
        self.skipped = 0;
        while let Some(frame) = self.frames.last() {
            if let Some(key) = frame.key {
                let at = match key {
                    Key::Named(_, at) | Key::Merge(at) => at,
                    Key::Dropped => frame.at,
                };
                let made = self.null(at);
                self.place(made, at);
            }
            self.close();
        }
        Reading { builder: self.builder, root: self.root, problems: self.problems }
    }
}
