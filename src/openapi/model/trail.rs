//! Where things stand: JSON Pointers that cost a word each until somebody asks for their text.

use std::fmt::Write as _;

/// Names a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrailId(u32);

/// A place: its pointer, and the offset of its first byte in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Its pointer.
    pub trail: TrailId,
    /// Its offset. For a member of a mapping, that of the key.
    pub offset: u32,
}

impl At {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self { trail: TrailId(0), offset: 0 }
    }
}

/// One step of a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'t> {
    /// A key of a mapping.
    Key(&'t str),
    /// An item of a sequence.
    Index(u32),
}

/// All trails of a description.
#[derive(Debug)]
pub struct Trails<'t>(Vec<(TrailId, Segment<'t>)>);

impl Default for Trails<'_> {
    fn default() -> Self {
        Self(vec![(TrailId(0), Segment::Index(0))])
    }
}

impl<'t> Trails<'t> {
    /// The trail of the whole document.
    pub const ROOT: TrailId = TrailId(0);

    /// The trail one step below `parent`.
    pub fn below(&mut self, parent: TrailId, segment: Segment<'t>) -> TrailId {
        self.0.push((parent, segment));
        TrailId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// The trail two steps below: a key, then another.
    pub fn member(&mut self, parent: TrailId, keyword: &'t str, key: &'t str) -> TrailId {
        let outer = self.below(parent, Segment::Key(keyword));
        self.below(outer, Segment::Key(key))
    }

    /// The steps from the root to `trail`.
    #[must_use]
    pub fn segments(&self, trail: TrailId) -> Vec<Segment<'t>> {
        let mut segments = Vec::new();
        let mut at = trail;
        while at != Self::ROOT {
            let Some(&(parent, segment)) = self.0.get(at.0 as usize) else { break };
            segments.push(segment);
            at = parent;
        }
        segments.reverse();
        segments
    }

    /// The JSON Pointer (RFC 6901) of `trail`.
    #[must_use]
    pub fn pointer(&self, trail: TrailId) -> String {
        let mut pointer = String::new();
        for segment in self.segments(trail) {
            pointer.push('/');
            match segment {
                Segment::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Segment::Index(index) => {
                    let _ = write!(pointer, "{index}");
                }
            }
        }
        pointer
    }
}
