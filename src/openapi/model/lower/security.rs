//! Security schemes, and who may call.

use std::sync::Arc;

use super::report::quoted;
use super::{Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Flow, SchemeKind, SecurityRequirement, SecurityScheme, Set};

impl<'t> Lowering<'t> {
    pub(super) fn security_of_document(&mut self, root: Place<'t>) {
        let holder = match self.format {
            Format::V2 => self.member(root, "securityDefinitions"),
            _ => self.component(root, "securitySchemes"),
        };
        if let Some(holder) = holder.and_then(|holder| self.whole(holder))
            && self.is_mapping(holder)
        {
            for member in holder.node.members() {
                let at = self.below(holder.at, member);
                let scheme = self.security_scheme(Place { node: member.value, at });
                self.security_schemes.push((member.key, scheme));
            }
        }
        self.security = self.member(root, "security").map(|place| Arc::new(self.requirement(place)));
    }

    /// A list of alternatives. What cannot be read is an alternative that names a scheme that is not there: nobody has it.
    pub(super) fn requirement(&mut self, place: Place<'t>) -> SecurityRequirement<'t> {
        let mut alternatives = Vec::new();
        if !self.is_list(place) {
            alternatives.push(vec![("", Vec::new(), place.at)]);
            return SecurityRequirement { at: place.at, alternatives };
        }
        for (index, node) in place.node.items().enumerate() {
            let item = self.item(place.at, index, node);
            if !self.is_mapping(item) {
                alternatives.push(vec![("", Vec::new(), item.at)]);
                continue;
            }
            let mut all = Vec::with_capacity(node.len());
            for member in node.members() {
                let at = self.below(item.at, member);
                if !self.security_named(member.key) {
                    let name = quoted(member.key);
                    let message =
                        format_args!("there is no security scheme `{name}`: define it, or mend the name");
                    self.report(Gravity::Error, "unknown-security-scheme", at, message);
                }
                match self.names(Place { node: member.value, at }, member.key) {
                    Some(scopes) => {
                        all.push((member.key, scopes.into_iter().map(|(name, _)| name).collect(), at));
                    }
                    None => all.extend([(member.key, Vec::new(), at), ("", Vec::new(), at)]),
                }
            }
            all.sort_by_key(|&(name, _, _)| name);
            alternatives.push(all);
        }
        SecurityRequirement { at: place.at, alternatives }
    }

    fn security_named(&mut self, name: &str) -> bool {
        if self.scheme_names.is_empty() {
            for &(name, _) in &self.security_schemes {
                self.scheme_names.insert(name, ());
            }
        }
        self.scheme_names.get(name).is_some()
    }

    fn security_scheme(&mut self, place: Place<'t>) -> SecurityScheme<'t> {
        let at = place.at;
        let unknown = SecurityScheme { at, kind: SchemeKind::Unknown(None) };
        let Some(place) = self.followed(place, "securitySchemes") else { return unknown };
        let Some(kind) = self.required_text(place, "type") else { return unknown };
        let lowered = match kind.value {
            "apiKey" => {
                let (name, place) = (self.required_text(place, "name"), self.required_text(place, "in"));
                name.zip(place).map(|(name, place)| SchemeKind::ApiKey { name, place })
            }
            "http" => self.required_text(place, "scheme").map(|scheme| {
                let bearer_format = self.text_member(place, "bearerFormat").map(|it| it.value);
                SchemeKind::Http { scheme, bearer_format }
            }),
            "basic" if self.format == Format::V2 => {
                Some(SchemeKind::Http { scheme: Set { value: "basic", at: kind.at }, bearer_format: None })
            }
            "mutualTLS" => Some(SchemeKind::MutualTls),
            "openIdConnect" => {
                self.required_text(place, "openIdConnectUrl").map(|url| SchemeKind::OpenIdConnect { url })
            }
            "oauth2" if self.format == Format::V2 => self.required_text(place, "flow").map(|flow| {
                let name = match flow.value {
                    "application" => "clientCredentials",
                    "accessCode" => "authorizationCode",
                    other => other,
                };
                SchemeKind::OAuth2(vec![self.flow(place, name)])
            }),
            "oauth2" => self.member(place, "flows").filter(|flows| self.is_mapping(*flows)).map(|flows| {
                let mut all = Vec::with_capacity(flows.node.len());
                for member in flows.node.members().filter(|member| !member.key.starts_with("x-")) {
                    let at = self.below(flows.at, member);
                    let flow = Place { node: member.value, at };
                    if self.is_mapping(flow) {
                        all.push(self.flow(flow, member.key));
                    }
                }
                SchemeKind::OAuth2(all)
            }),
            _ => {
                let name = quoted(kind.value);
                let known = "apiKey, http, mutualTLS, oauth2, openIdConnect";
                let message = format_args!("`{name}` is no type of a security scheme: write one of {known}");
                self.report(Gravity::Error, "unknown-type", kind.at, message);
                None
            }
        };
        SecurityScheme { at, kind: lowered.unwrap_or(SchemeKind::Unknown(Some(kind.value))) }
    }

    fn flow(&mut self, place: Place<'t>, kind: &'t str) -> Flow<'t> {
        let mut scopes = Vec::new();
        if let Some(named) = self.member(place, "scopes")
            && self.is_mapping(named)
        {
            for member in named.node.members() {
                let at = self.below(named.at, member);
                scopes.push(Set { value: member.key, at });
            }
        }
        scopes.sort_by_key(|scope| scope.value);
        Flow {
            kind,
            at: place.at,
            authorization_url: self.text_member(place, "authorizationUrl"),
            token_url: self.text_member(place, "tokenUrl"),
            refresh_url: self.text_member(place, "refreshUrl"),
            scopes,
        }
    }

    /// A string that has to be there.
    pub(super) fn required_text(&mut self, owner: Place<'t>, key: &str) -> Option<Set<&'t str>> {
        if owner.node.get(key).is_none() {
            self.report(
                Gravity::Error,
                "missing-field",
                owner.at,
                format_args!("`{key}` is missing: add it"),
            );
            return None;
        }
        self.text_member(owner, key)
    }

    /// A string that may be there.
    pub(super) fn text_member(&mut self, owner: Place<'t>, key: &str) -> Option<Set<&'t str>> {
        let place = self.member(owner, key)?;
        self.string(place, key).map(|value| Set { value, at: place.at })
    }
}
