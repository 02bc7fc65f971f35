//! Scalars of keywords: read where they are what the keyword asks for, reported where they are not.

use super::{Lowering, Place};
use crate::openapi::decimal::Decimal;
use crate::openapi::tree::Kind;

impl<'t> Lowering<'t> {
    /// A string.
    pub(super) fn string(&mut self, place: Place<'t>, keyword: &str) -> Option<&'t str> {
        let text = place.node.as_str();
        if text.is_none() {
            self.wrong_type(place, keyword, "a string");
        }
        text
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, place: Place<'t>, keyword: &str) -> Option<bool> {
        let flag = place.node.as_bool();
        if flag.is_none() {
            self.wrong_type(place, keyword, "`true` or `false`");
        }
        flag
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, place: Place<'t>, keyword: &str) -> Option<u64> {
        let count = place.node.as_number().and_then(Decimal::parse).and_then(|number| number.as_u64());
        if count.is_none() {
            self.wrong_type(place, keyword, "a whole number from 0");
        }
        count
    }

    /// A number.
    pub(super) fn number(&mut self, place: Place<'t>, keyword: &str) -> Option<Decimal> {
        let number = place.node.as_number().and_then(Decimal::parse);
        if number.is_none() {
            self.wrong_type(place, keyword, "a number");
        }
        number
    }

    /// Strings of a list, ascending, each once, with their places; none where any of it is something else.
    pub(super) fn names(&mut self, place: Place<'t>, keyword: &str) -> Option<Vec<(&'t str, super::At)>> {
        if place.node.kind() != Kind::Sequence {
            self.wrong_type(place, keyword, "a list of names");
            return None;
        }
        let mut names = Vec::with_capacity(place.node.len());
        let mut readable = true;
        for (index, node) in place.node.items().enumerate() {
            let item = self.item(place.at, index, node);
            if let Some(name) = node.as_str() {
                names.push((name, item.at));
            } else {
                self.wrong_type(item, keyword, "a list of names");
                readable = false;
            }
        }
        names.sort_by_key(|&(name, _)| name);
        names.dedup_by_key(|(name, _)| *name);
        readable.then_some(names)
    }
}
