//! Headers of responses and of the parts of a body.

use super::report::quoted;
use super::{Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Header, HeaderId, Lifecycle, Serialisation};

impl<'t> Lowering<'t> {
    /// Headers, ascending by name in lower case; none where they cannot be read.
    pub(super) fn header_map(&mut self, place: Place<'t>) -> Option<Vec<(&'t str, HeaderId)>> {
        if !self.is_mapping(place) {
            return None;
        }
        let mut headers = Vec::with_capacity(place.node.len());
        for member in place.node.members() {
            // What `content` says is said there.
            if self.format != Format::V2 && member.key.eq_ignore_ascii_case("content-type") {
                continue;
            }
            let at = self.below(place.at, member);
            headers.push((member.key, at, self.header(Place { node: member.value, at })));
        }
        headers.sort_by_cached_key(|(name, _, _)| name.to_ascii_lowercase());
        for pair in headers.windows(2) {
            if pair[0].0.eq_ignore_ascii_case(pair[1].0) {
                let name = quoted(pair[1].0);
                let message = format_args!(
                    "there is another `{name}`, as case means nothing in names of headers: remove one"
                );
                self.report(Gravity::Warn, "duplicate-header", pair[1].1, message);
            }
        }
        headers.dedup_by(|later, earlier| later.0.eq_ignore_ascii_case(earlier.0));
        Some(headers.into_iter().map(|(name, _, id)| (name, id)).collect())
    }

    fn header(&mut self, place: Place<'t>) -> HeaderId {
        let found = self.followed(place, "headers");
        let node = found.unwrap_or(place).node;
        if let Some(&known) = self.header_at.get(&node.id()) {
            return known;
        }
        let header = match found {
            Some(found) if self.format == Format::V2 => self.swagger_header(found),
            Some(found) => self.read_header(found),
            None => Header { broken: true, ..Header::empty(place) },
        };
        let id = HeaderId(u32::try_from(self.headers.len()).unwrap_or(u32::MAX));
        self.headers.push(header);
        self.header_nodes.push(node);
        self.header_at.insert(node.id(), id);
        id
    }

    fn read_header(&mut self, place: Place<'t>) -> Header<'t> {
        let mut header = Header::empty(place);
        if let Some(required) = self.member(place, "required") {
            match self.boolean(required, "required") {
                Some(said) => header.required = said,
                None => header.broken = true,
            }
            header.required_at = required.at;
        }
        let (serialisation, readable) = self.serialisation(place, "simple", None);
        header.serialisation = serialisation;
        header.broken |= !readable;
        header.lifecycle = self.lifecycle(place);
        header
    }
}

impl Header<'_> {
    pub(super) fn empty(place: Place<'_>) -> Self {
        Self {
            at: place.at,
            required: false,
            required_at: place.at,
            serialisation: Serialisation::unsaid("simple", false, place.at),
            lifecycle: Lifecycle::default(),
            broken: false,
            hash: 0,
        }
    }
}
