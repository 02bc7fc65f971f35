//! Hashes of what goes over the wire.

use super::super::Lowering;
use super::values::Values;
use crate::openapi::digest::Encoding;
use crate::openapi::model::{HeaderId, Lifecycle, MediaType, SchemaId, Serialisation};
use crate::openapi::tree::Node;

impl<'t> Lowering<'t> {
    pub(super) fn hash_exchange(&mut self, values: &mut Values<'t>) {
        // Headers first: bodies and responses hold them.
        let mut encoding = Encoding::default();
        for index in 0..self.headers.len() {
            encoding.0.clear();
            let header = &self.headers[index];
            encoding.tag(b'h').tag(u8::from(header.required));
            let broken = header.broken || any_broken(&header.serialisation.content);
            unread(&mut encoding, broken, self.header_nodes[index], values);
            self.serialised(&mut encoding, &header.serialisation);
            lived(&mut encoding, &header.lifecycle, values);
            self.headers[index].hash = encoding.digest();
        }
        for index in 0..self.parameters.len() {
            encoding.0.clear();
            let parameter = &self.parameters[index];
            let within = parameter.place.as_str();
            encoding.tag(b'p').text(within).tag(u8::from(parameter.required));
            let broken = parameter.broken || any_broken(&parameter.serialisation.content);
            unread(&mut encoding, broken, self.parameter_nodes[index], values);
            if within == "header" {
                encoding.text(&parameter.name.to_ascii_lowercase());
            } else {
                encoding.text(parameter.name);
            }
            self.serialised(&mut encoding, &parameter.serialisation);
            lived(&mut encoding, &parameter.lifecycle, values);
            self.parameters[index].hash = encoding.digest();
        }
        for index in 0..self.bodies.len() {
            encoding.0.clear();
            let body = &self.bodies[index];
            encoding.tag(b'q').tag(u8::from(body.required));
            unread(&mut encoding, body.broken || any_broken(&body.content), self.body_nodes[index], values);
            self.contained(&mut encoding, &body.content);
            self.bodies[index].hash = encoding.digest();
        }
        for index in 0..self.responses.len() {
            encoding.0.clear();
            let response = &self.responses[index];
            encoding.tag(b'r');
            let broken = response.broken || any_broken(&response.content);
            unread(&mut encoding, broken, self.response_nodes[index], values);
            self.contained(&mut encoding, &response.content);
            self.headed(&mut encoding, &response.headers);
            encoding.count(response.links.len());
            for (name, link, _) in &response.links {
                encoding.text(name).hash(values.digest(*link));
            }
            self.responses[index].hash = encoding.digest();
        }
    }

    fn schema_hash(&self, id: SchemaId) -> u128 {
        self.schemas[id.0 as usize].hash
    }

    fn serialised(&self, encoding: &mut Encoding, said: &Serialisation<'t>) {
        encoding.text(said.style);
        for flag in [said.explode, said.allow_reserved, said.allow_empty] {
            encoding.tag(u8::from(flag));
        }
        encoding.option(said.schema, |encoding, id| {
            encoding.hash(self.schema_hash(id));
        });
        self.contained(encoding, &said.content);
    }

    fn headed(&self, encoding: &mut Encoding, headers: &[(&'t str, HeaderId)]) {
        encoding.count(headers.len());
        for (name, id) in headers {
            encoding.text(&name.to_ascii_lowercase()).hash(self.headers[id.0 as usize].hash);
        }
    }

    /// Media types, whose order means nothing.
    fn contained(&self, encoding: &mut Encoding, content: &[MediaType<'t>]) {
        let hash = |media: &MediaType<'t>| {
            let mut encoding = Encoding::default();
            encoding.text(media.name).tag(u8::from(media.broken));
            for id in [media.schema, media.item_schema] {
                encoding.option(id, |encoding, id| {
                    encoding.hash(self.schema_hash(id));
                });
            }
            encoding.count(media.encoding.len());
            for part in &media.encoding {
                encoding.text(part.name).maybe(part.content_type).maybe(part.style);
                encoding.option(part.explode, |encoding, explode| {
                    encoding.tag(u8::from(explode));
                });
                encoding.tag(u8::from(part.allow_reserved));
                self.headed(&mut encoding, &part.headers);
            }
            encoding.digest()
        };
        encoding.set(content.iter().map(hash).collect());
    }
}

fn any_broken(content: &[MediaType<'_>]) -> bool {
    content.iter().any(|media| media.broken)
}

/// Of what cannot be read nothing is known but how it is written.
fn unread<'t>(encoding: &mut Encoding, broken: bool, node: Node<'t>, values: &mut Values<'t>) {
    encoding.option(broken.then_some(node), |encoding, node| {
        encoding.hash(values.digest(node));
    });
}

fn lived<'t>(encoding: &mut Encoding, lifecycle: &Lifecycle<'t>, values: &mut Values<'t>) {
    encoding.tag(u8::from(lifecycle.deprecated.is_some()));
    for value in [lifecycle.sunset, lifecycle.stability] {
        encoding.option(value, |encoding, set| {
            encoding.hash(values.digest(set.value));
        });
    }
}
