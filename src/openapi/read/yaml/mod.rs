//! YAML over the events of its parser: the first document of a file, in the core schema, with anchors shared and merge
//! keys carried out.
//!
//! A place that is not YAML ends the parser. It is reported, blanked in a copy, and the copy is read from the start, as
//! long as that stays cheap; what cannot be passed over ends the document there.

mod events;
mod fault;
mod feed;
mod offsets;
mod values;

use std::borrow::Cow;

use super::Reading;
use super::problems::Problems;
use crate::openapi::tree::Builder;
use events::Reader;
use fault::Repairs;

/// Reads `source` as YAML; also whether the parser came to its end.
pub(super) fn read(name: &str, source: &str, problems: &Problems) -> (Reading, bool) {
    let mut repairs = Repairs::new(source);
    let mut text = Cow::Borrowed(source);
    let mut found = problems.clone();
    loop {
        let mut reader = Reader::new(source, Builder::detached(name), found.clone());
        let fault = reader.run(&text, repairs.end());
        let Some(fault) = fault else {
            let whole = repairs.is_empty();
            return (reader.finish(), whole);
        };
        // What is reported of a line that is passed over stays with it, whatever the next pass finds.
        fault.report(&text, &mut found);
        if let Some(mended) = repairs.mend(&text, &fault) {
            text = Cow::Owned(mended);
        } else {
            fault.report(&text, reader.problems_mut());
            return (reader.finish(), false);
        }
    }
}
