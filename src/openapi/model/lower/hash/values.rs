//! Digests of values, equal for two spellings of one value.

use std::marker::PhantomData;

use crate::openapi::decimal::Decimal;
use crate::openapi::digest::Encoding;
use crate::openapi::tree::{Kind, Node, NodeId};
use crate::support::lookup::{Lookup, Seed};

/// Digests of values, which YAML aliases may share.
pub(super) struct Values<'t>(Lookup<NodeId, u128>, PhantomData<&'t ()>);

impl<'t> Values<'t> {
    pub(super) fn new(seed: Seed) -> Self {
        Self(Lookup::new(seed), PhantomData)
    }

    /// A value: numbers by their size, mappings without order. Containers are kept, so that a value costs its size once.
    pub(super) fn digest(&mut self, node: Node<'t>) -> u128 {
        let mut open = vec![(node, false)];
        while let Some((node, entered)) = open.pop() {
            if self.0.get(&node.id()).is_some() {
                continue;
            }
            let container = matches!(node.kind(), Kind::Sequence | Kind::Mapping);
            if container && !entered {
                open.push((node, true));
                open.extend(node.items().map(|item| (item, false)));
                open.extend(node.members().map(|member| (member.value, false)));
                continue;
            }
            let known = |id: NodeId| self.0.get(&id).copied().unwrap_or_default();
            let mut encoding = Encoding::default();
            match node.kind() {
                Kind::Null => encoding.tag(b'n'),
                Kind::Boolean => encoding.tag(b'b').tag(u8::from(node.as_bool() == Some(true))),
                Kind::Number => {
                    let digits = node.as_number().unwrap_or_default();
                    match Decimal::parse(digits) {
                        Some(number) => encoding.tag(b'd').decimal(&number),
                        None => encoding.tag(b'w').text(digits),
                    }
                }
                Kind::String => encoding.tag(b's').text(node.as_str().unwrap_or_default()),
                Kind::Sequence => {
                    let items: Vec<u128> = node.items().map(|item| known(item.id())).collect();
                    encoding.tag(b'l').list(&items)
                }
                Kind::Mapping => {
                    let mut members: Vec<_> =
                        node.members().map(|member| (member.key, known(member.value.id()))).collect();
                    members.sort_unstable();
                    encoding.tag(b'm').count(members.len());
                    members
                        .iter()
                        .fold(&mut encoding, |encoding, (key, value)| encoding.text(key).hash(*value))
                }
            };
            self.0.insert(node.id(), encoding.digest());
        }
        self.0.get(&node.id()).copied().unwrap_or_default()
    }

    /// The values of a list, whose order and repetition mean nothing; of anything else the value.
    pub(super) fn set(&mut self, node: Node<'t>) -> Vec<u128> {
        if node.kind() != Kind::Sequence {
            return vec![self.digest(node)];
        }
        let mut values: Vec<u128> = node.items().map(|item| self.digest(item)).collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}
