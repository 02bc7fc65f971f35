//! Where things stand: JSON Pointers that cost a word each until somebody asks for their text. The first step of each
//! is the file that it lies in.

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
pub struct Trails<'t> {
    /// The roots of the files first: each leads to itself.
    steps: Vec<(TrailId, Segment<'t>)>,
    /// The files as seen from the folder of the first one, which is the description itself.
    files: Vec<&'t str>,
}

impl Default for Trails<'_> {
    fn default() -> Self {
        Self::of(vec![""])
    }
}

impl<'t> Trails<'t> {
    /// The trail of the description itself.
    pub const ROOT: TrailId = TrailId(0);

    /// No trails but the roots of these files, as they are seen from the folder of the first one.
    #[must_use]
    pub fn of(files: Vec<&'t str>) -> Self {
        let roots = 0..u32::try_from(files.len()).unwrap_or(u32::MAX);
        Self { steps: roots.map(|number| (TrailId(number), Segment::Index(number))).collect(), files }
    }

    /// The trail of a whole file.
    #[must_use]
    pub fn root(file: u32) -> TrailId {
        TrailId(file)
    }

    /// The trail one step below `parent`.
    pub fn below(&mut self, parent: TrailId, segment: Segment<'t>) -> TrailId {
        self.steps.push((parent, segment));
        TrailId(u32::try_from(self.steps.len() - 1).unwrap_or(u32::MAX))
    }

    /// The trail two steps below: a key, then another.
    pub fn member(&mut self, parent: TrailId, keyword: &'t str, key: &'t str) -> TrailId {
        let outer = self.below(parent, Segment::Key(keyword));
        self.below(outer, Segment::Key(key))
    }

    /// The file that `trail` lies in: 0 for the description itself.
    #[must_use]
    pub fn file(&self, trail: TrailId) -> u32 {
        let mut at = trail;
        while !self.is_root(at) {
            let Some(&(parent, _)) = self.steps.get(at.0 as usize) else { return 0 };
            at = parent;
        }
        at.0
    }

    /// Whether it is the trail of a whole file.
    #[must_use]
    pub fn is_root(&self, trail: TrailId) -> bool {
        (trail.0 as usize) < self.files.len()
    }

    /// The steps from the root of the file to `trail`.
    #[must_use]
    pub fn segments(&self, trail: TrailId) -> Vec<Segment<'t>> {
        let mut segments = Vec::new();
        let mut at = trail;
        while !self.is_root(at) {
            let Some(&(parent, segment)) = self.steps.get(at.0 as usize) else { break };
            segments.push(segment);
            at = parent;
        }
        segments.reverse();
        segments
    }

    /// The last name on the way to `trail`: a key, or that of the file without its ending.
    #[must_use]
    pub fn name(&self, trail: TrailId) -> Option<&'t str> {
        let key = self.segments(trail).into_iter().rev().find_map(|segment| match segment {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        });
        key.or_else(|| self.stem(self.file(trail)))
    }

    /// The name of a file without its folder and its ending; none for the description itself.
    #[must_use]
    pub fn stem(&self, file: u32) -> Option<&'t str> {
        let path = self.files.get(file as usize)?;
        let name = path.rsplit_once('/').map_or(*path, |(_, name)| name);
        Some(name.split_once('.').map_or(name, |(stem, _)| stem)).filter(|stem| !stem.is_empty())
    }

    /// The JSON Pointer (RFC 6901) of `trail` within its file.
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

    /// What identifies the place: its JSON Pointer; for one in another file than the description itself, that file as seen
    /// from there, `#`, and the pointer.
    #[must_use]
    pub fn subject(&self, trail: TrailId) -> String {
        let pointer = self.pointer(trail);
        match self.file(trail) {
            0 => pointer,
            file => {
                let path = self.files.get(file as usize).copied().unwrap_or_default();
                format!("{}#{pointer}", path.replace('%', "%25").replace('#', "%23"))
            }
        }
    }
}
