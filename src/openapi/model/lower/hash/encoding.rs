//! The bytes that are hashed: an encoding in which two things are equal exactly where they mean the same.

use std::marker::PhantomData;

use sha2::{Digest as _, Sha256};

use crate::openapi::decimal::Decimal;
use crate::openapi::tree::{Kind, Node, NodeId};
use crate::support::lookup::{Lookup, Seed};

/// Bytes that say the same exactly where what they stand for does.
#[derive(Debug, Default)]
pub(super) struct Encoding(pub(super) Vec<u8>);

impl Encoding {
    pub(super) fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn count(&mut self, count: usize) -> &mut Self {
        self.number(count as u64)
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.tag(1).text(text),
            None => self.tag(0),
        }
    }

    pub(super) fn hash(&mut self, hash: u128) -> &mut Self {
        self.0.extend_from_slice(&hash.to_le_bytes());
        self
    }

    /// Hashes whose order means nothing.
    pub(super) fn set(&mut self, mut hashes: Vec<u128>) -> &mut Self {
        hashes.sort_unstable();
        self.list(&hashes)
    }

    pub(super) fn list(&mut self, hashes: &[u128]) -> &mut Self {
        self.count(hashes.len());
        for &hash in hashes {
            self.hash(hash);
        }
        self
    }

    /// Whether something is there, and what.
    pub(super) fn option<T>(&mut self, value: Option<T>, encode: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => encode(self.tag(1), value),
            None => {
                self.tag(0);
            }
        }
        self
    }

    pub(super) fn decimal(&mut self, number: &Decimal) -> &mut Self {
        let (digits, exponent) = number.parts();
        self.tag(u8::from(number.is_negative())).text(digits);
        self.0.extend_from_slice(&exponent.to_le_bytes());
        self
    }

    pub(super) fn digest(&self) -> u128 {
        let digest = Sha256::digest(&self.0);
        digest.iter().take(16).fold(0, |hash, &byte| hash << 8 | u128::from(byte))
    }
}

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
