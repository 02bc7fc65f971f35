//! What a schema says beside the values that it admits: its default, and how long it stays.

use super::pair::Pair;
use super::value::{Value, shown};
use super::view::View;
use crate::openapi::model::{Lifecycle, Schema, Set};
use crate::openapi::rules::What;
use crate::openapi::tree::Node;

fn first<'t, T>(view: &View<'_, 't>, pick: impl Fn(&Schema<'t>) -> Option<T>) -> Option<T> {
    view.parts.iter().find_map(|part| pick(part.schema))
}

/// Compares defaults: they change no message, but what happens where one is left out.
pub(super) fn defaults(pair: &mut Pair<'_, '_>) {
    let (old, new) = (first(&pair.old, |schema| schema.default), first(&pair.new, |schema| schema.default));
    let text = |set: Set<Node<'_>>| shown(set.value);
    match (old, new) {
        (None, None) => {}
        (None, Some(new)) => {
            pair.told(What::DefaultValueAdded, (None, Some(new.at)), vec![("to", text(new))]);
        }
        (Some(old), None) => {
            pair.told(What::DefaultValueRemoved, (Some(old.at), None), vec![("from", text(old))]);
        }
        (Some(old), Some(new)) if Value::of(old.value) == Value::of(new.value) => {}
        (Some(old), Some(new)) => {
            let arguments = vec![("from", text(old)), ("to", text(new))];
            pair.told(What::DefaultValueChanged, (Some(old.at), Some(new.at)), arguments);
        }
    }
}

/// What `view` says of how long it stays.
pub(super) fn lifecycle<'t>(view: &View<'_, 't>) -> Lifecycle<'t> {
    Lifecycle {
        deprecated: first(view, |schema| schema.deprecated),
        sunset: first(view, |schema| schema.sunset),
        stability: first(view, |schema| schema.stability),
    }
}
