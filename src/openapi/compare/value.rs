//! Values of a description, compared as JSON values: numbers by what they are worth, members in any order.

use crate::openapi::decimal::Decimal;
use crate::openapi::tree::{Kind, Node};

/// Whether two values are the same.
pub(super) fn same(one: Node<'_>, other: Node<'_>) -> bool {
    // The reader bounds how deep values are nested, but not how often an alias repeats them: shared nodes are
    // recognised before they are walked.
    if std::ptr::eq(one.tree(), other.tree()) && one.id() == other.id() {
        return true;
    }
    if one.kind() != other.kind() || one.len() != other.len() {
        return false;
    }
    match one.kind() {
        Kind::Null => true,
        Kind::Boolean => one.as_bool() == other.as_bool(),
        Kind::String => one.as_str() == other.as_str(),
        Kind::Number => match (one.as_number(), other.as_number()) {
            (Some(one), Some(other)) => one == other || Decimal::parse(one) == Decimal::parse(other),
            _ => false,
        },
        Kind::Sequence => one.items().zip(other.items()).all(|(one, other)| same(one, other)),
        Kind::Mapping => {
            let ascending = |node: Node<'_>| {
                let mut keys: Vec<_> =
                    node.members().map(|member| (member.key.to_owned(), member.value.id())).collect();
                keys.sort();
                keys
            };
            let (ours, theirs) = (ascending(one), ascending(other));
            ours.iter().zip(&theirs).all(|((key, ours), (name, theirs))| {
                key == name && same(one.tree().node(*ours), other.tree().node(*theirs))
            })
        }
    }
}
