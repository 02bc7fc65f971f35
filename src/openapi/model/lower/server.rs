//! Where an API is served.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Lowering, Place};
use crate::openapi::model::Server;
use crate::openapi::tree::{Kind, Node};

impl<'t> Lowering<'t> {
    pub(super) fn server_list(&mut self, place: Place<'t>) -> Arc<[Server<'t>]> {
        if !self.is_list(place) {
            return Arc::new([]);
        }
        let mut servers = Vec::with_capacity(place.node.len());
        for (index, node) in place.node.items().enumerate() {
            let item = self.item(place.at, index, node);
            if !self.is_mapping(item) {
                continue;
            }
            let Some(url) = self.required_text(item, "url") else { continue };
            let variables = self.member(item, "variables").map(|variables| self.variables(variables));
            servers.push(Server {
                url: Cow::Borrowed(url.value),
                variables: variables.unwrap_or_default(),
                at: item.at,
            });
        }
        servers.into()
    }

    fn variables(&mut self, place: Place<'t>) -> Vec<(&'t str, Option<&'t str>, Vec<&'t str>)> {
        if !self.is_mapping(place) {
            return Vec::new();
        }
        let mut variables = Vec::with_capacity(place.node.len());
        for member in place.node.members() {
            let default = member.value.get("default").and_then(Node::as_str);
            let values = member.value.get("enum").filter(|values| values.kind() == Kind::Sequence);
            let values = values.into_iter().flat_map(Node::items).filter_map(Node::as_str).collect();
            variables.push((member.key, default, values));
        }
        variables.sort_by_key(|&(name, _, _)| name);
        variables
    }

    /// Swagger's `schemes`, `host` and `basePath`.
    pub(super) fn swagger_servers(&mut self, root: Place<'t>) -> Arc<[Server<'t>]> {
        let (host, path) = (self.text_member(root, "host"), self.text_member(root, "basePath"));
        let Some(at) = path.or(host).map(|set| set.at) else { return Arc::new([]) };
        let path = path.map_or("", |path| path.value);
        let Some(host) = host else {
            return Arc::new([Server { url: Cow::Borrowed(path), variables: Vec::new(), at }]);
        };
        let schemes = self.member(root, "schemes").and_then(|schemes| self.names(schemes, "schemes"));
        let schemes = schemes.unwrap_or_default();
        if schemes.is_empty() {
            let url = Cow::Owned(format!("//{}{path}", host.value));
            return Arc::new([Server { url, variables: Vec::new(), at }]);
        }
        let server = |&(scheme, _): &(&str, _)| Server {
            url: Cow::Owned(format!("{scheme}://{}{path}", host.value)),
            variables: Vec::new(),
            at,
        };
        schemes.iter().map(server).collect()
    }
}
