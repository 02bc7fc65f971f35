//! Operations: effective parameters, responses by status, security, and the rest.

use std::borrow::Cow;

use super::path::Shared;
use super::report::quoted;
use super::{At, Format, Lowering, OPERATION, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::finding::OperationKind;
use crate::openapi::model::{Lifecycle, Operation, ParameterId, ParameterIn, ResponseId, Set};
use crate::openapi::tree::Node;

/// The parameters that one list declares.
#[derive(Debug, Default, Clone)]
pub(super) struct Declared<'t> {
    pub(super) ids: Vec<ParameterId>,
    /// Swagger's body and form parameters.
    pub(super) payload: Vec<Place<'t>>,
}

/// What identifies a parameter.
type Key<'t> = (ParameterIn, Cow<'t, str>);

impl<'t> Lowering<'t> {
    pub(super) fn operation(&mut self, method: &'t str, place: Place<'t>, shared: &Shared<'t>) {
        let index = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        // Whoever answers a webhook or a callback is none that the document asks for credentials.
        let called = self.paths[shared.path as usize].kind == OperationKind::Operation;
        let security = self.security.clone().filter(|_| called);
        let mut operation = Operation {
            path: shared.path,
            method,
            at: place.at,
            broken: false,
            operation_id: None,
            tags: Vec::new(),
            parameters: Vec::new(),
            body: None,
            responses: Vec::new(),
            responses_broken: false,
            security_inherited: security.is_some(),
            security,
            servers: shared.servers.clone(),
            lifecycle: Lifecycle::default(),
        };
        let cost = OPERATION
            + shared.declared.ids.len()
            + shared.variables.as_ref().map_or(0, Vec::len)
            + weight(place.node);
        if !self.spend(cost) {
            self.too_large(place.at);
            operation.broken = true;
            self.operations.push(operation);
            return;
        }
        if !self.is_mapping(place) {
            operation.broken = true;
            self.operations.push(operation);
            return;
        }
        let mut own = Declared::default();
        let mut own_at = place.at;
        let (mut callbacks, mut body, mut responses) = (None, None, None);
        for member in place.node.members() {
            if !matches!(
                member.key,
                "operationId"
                    | "tags"
                    | "parameters"
                    | "requestBody"
                    | "responses"
                    | "callbacks"
                    | "security"
                    | "servers"
            ) {
                continue;
            }
            let value = Place { node: member.value, at: self.below(place.at, member) };
            match member.key {
                "operationId" => {
                    operation.operation_id =
                        self.string(value, member.key).map(|id| Set { value: id, at: value.at });
                }
                "tags" => {
                    let tags = self.names(value, member.key).unwrap_or_default();
                    operation.tags = tags.into_iter().map(|(value, at)| Set { value, at }).collect();
                }
                "parameters" => {
                    own = self.declared(value);
                    own_at = value.at;
                }
                "requestBody" => body = Some(value),
                "responses" => responses = Some(value),
                "callbacks" => callbacks = Some(value),
                "security" => {
                    operation.security = Some(std::sync::Arc::new(self.requirement(value)));
                    operation.security_inherited = false;
                }
                _ => operation.servers = Some(self.server_list(value)),
            }
        }
        operation.lifecycle = self.lifecycle(place);
        operation.parameters = self.effective(&shared.declared.ids, &own.ids);
        if self.format == Format::V2 {
            operation.body = self.swagger_payload(place, own_at, &shared.declared.payload, &own.payload);
        } else {
            operation.body = body.map(|body| self.body(body));
        }
        match responses {
            Some(responses) => self.responses_of(&mut operation, place, responses),
            None if self.format.has_json_schema() => {}
            None => {
                let message = format_args!("`responses` is missing: say what is answered");
                self.report(Gravity::Warn, "missing-field", place.at, message);
            }
        }
        self.check_identity(&operation);
        self.check_variables(&operation, shared);
        self.operations.push(operation);
        if let Some(callbacks) = callbacks.filter(|_| self.format != Format::V2) {
            self.callbacks(index, callbacks, shared.depth);
        }
    }

    fn check_identity(&mut self, operation: &Operation<'t>) {
        let Some(id) = operation.operation_id else { return };
        // Callbacks that several operations share are one operation in the document.
        if self.paths[operation.path as usize].callback.is_some() {
            return;
        }
        if self.seen.ids.insert(id.value, ()).is_some() {
            let name = quoted(id.value);
            let message =
                format_args!("`{name}` is the operationId of another operation too: give each its own");
            self.report(Gravity::Warn, "duplicate-operation-id", id.at, message);
        }
    }

    /// The parameters that a list declares, each once.
    pub(super) fn declared(&mut self, place: Place<'t>) -> Declared<'t> {
        let mut declared = Declared::default();
        if !self.is_list(place) {
            declared.ids.push(self.broken_parameter(place));
            return declared;
        }
        let mut places = Vec::with_capacity(place.node.len());
        for (index, node) in place.node.items().enumerate() {
            let item = self.item(place.at, index, node);
            if self.format == Format::V2 {
                self.swagger_declared(item, &mut declared);
            } else {
                declared.ids.push(self.parameter(item));
            }
            places.resize(declared.ids.len(), item.at);
        }
        let mut keyed: Vec<(Key<'t>, usize)> = Vec::with_capacity(declared.ids.len());
        let ids = declared.ids.iter().enumerate();
        keyed.extend(ids.filter_map(|(index, &id)| self.key(id).map(|key| (key, index))));
        keyed.sort();
        let mut kept = vec![true; declared.ids.len()];
        for pair in keyed.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            kept[pair[1].1] = false;
        }
        drop(keyed);
        for (index, _) in kept.iter().enumerate().filter(|(_, kept)| !**kept) {
            let parameter = &self.parameters[declared.ids[index].0 as usize];
            let (name, within) = (quoted(parameter.name), parameter.place.as_str());
            let message = format_args!("`{name}` in {within} is there twice: remove one");
            self.report(Gravity::Warn, "duplicate-parameter", places[index], message);
        }
        let mut kept = kept.into_iter();
        declared.ids.retain(|_| kept.next() == Some(true));
        let ignored = self.format != Format::V2;
        declared.ids.retain(|id| !(ignored && is_ignored(&self.parameters[id.0 as usize])));
        declared
    }

    fn key(&self, id: ParameterId) -> Option<Key<'t>> {
        let parameter = &self.parameters[id.0 as usize];
        if parameter.broken && parameter.name.is_empty() {
            return None;
        }
        let name = if parameter.place == ParameterIn::Header
            && parameter.name.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            Cow::Owned(parameter.name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(parameter.name)
        };
        Some((parameter.place, name))
    }

    /// Those of the path that the operation does not declare itself, then those of the operation.
    fn effective(&self, shared: &[ParameterId], own: &[ParameterId]) -> Vec<ParameterId> {
        if shared.is_empty() || own.is_empty() {
            return [shared, own].concat();
        }
        let mut keys: Vec<Key<'t>> = own.iter().filter_map(|&id| self.key(id)).collect();
        keys.sort();
        let overridden = |id| self.key(id).is_some_and(|key| keys.binary_search(&key).is_ok());
        let kept = shared.iter().copied().filter(|&id| !overridden(id));
        kept.chain(own.iter().copied()).collect()
    }

    fn check_variables(&mut self, operation: &Operation<'t>, shared: &Shared<'t>) {
        let Some(variables) = &shared.variables else { return };
        let parameters = || operation.parameters.iter().map(|id| &self.parameters[id.0 as usize]);
        if parameters().any(|parameter| parameter.broken) {
            return;
        }
        let within = parameters().filter(|parameter| parameter.place == ParameterIn::Path);
        let mut declared: Vec<(&'t str, At)> =
            within.map(|parameter| (parameter.name, parameter.at)).collect();
        declared.sort_by_key(|&(name, _)| name);
        for variable in variables {
            if declared.binary_search_by_key(variable, |&(name, _)| name).is_err() {
                let name = quoted(variable);
                let message = format_args!(
                    "`{{{name}}}` of the path is no parameter of this operation: declare it with `in: path`"
                );
                self.report(Gravity::Warn, "undeclared-path-parameter", operation.at, message);
            }
        }
        for (name, at) in declared {
            if variables.binary_search(&name).is_err() {
                let name = quoted(name);
                let message = format_args!(
                    "the path has no `{{{name}}}`: put it into the path, or remove the parameter"
                );
                self.report(Gravity::Warn, "unknown-path-parameter", at, message);
            }
        }
    }

    fn responses_of(&mut self, operation: &mut Operation<'t>, owner: Place<'t>, place: Place<'t>) {
        let Some(place) = self.whole(place).filter(|place| self.is_mapping(*place)) else {
            operation.responses_broken = true;
            return;
        };
        let produces = (self.format == Format::V2).then(|| self.produces_of(owner));
        let mut responses: Vec<(&'t str, ResponseId, At)> = Vec::with_capacity(place.node.len());
        for member in place.node.members().filter(|member| !member.key.starts_with("x-")) {
            let at = self.below(place.at, member);
            let status = self.status(member.key, at);
            let value = Place { node: member.value, at };
            let id = match &produces {
                Some(produces) => self.swagger_response(value, produces),
                None => self.response(value),
            };
            responses.push((status, id, at));
        }
        let mut seen: Vec<&str> = responses.iter().map(|&(status, _, _)| status).collect();
        seen.sort_unstable();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            let status = quoted(pair[0]);
            let message = format_args!("`{status}` is there twice, as case means nothing in it: remove one");
            self.report(Gravity::Error, "duplicate-status", place.at, message);
            operation.responses_broken = true;
        }
        operation.responses = responses;
    }

    /// A status in its one form.
    fn status(&mut self, key: &'t str, at: At) -> &'t str {
        if let &[class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = key.as_bytes() {
            return ["1XX", "2XX", "3XX", "4XX", "5XX"][usize::from(class - b'1')];
        }
        let is_code = matches!(key.as_bytes(), [b'1'..=b'5', second, third]
            if second.is_ascii_digit() && third.is_ascii_digit());
        if !is_code && key != "default" {
            let status = quoted(key);
            let message =
                format_args!("`{status}` is no status: write three digits, `2XX` or the like, or `default`");
            self.report(Gravity::Warn, "unknown-status", at, message);
        }
        key
    }
}

/// What OpenAPI 3 tells readers to ignore: other parts of a description say it.
fn is_ignored(parameter: &crate::openapi::model::Parameter<'_>) -> bool {
    let ignored = ["accept", "content-type", "authorization"];
    parameter.place == ParameterIn::Header
        && !parameter.broken
        && ignored.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
}

/// How much of an operation is read anew each time that its path is referred to.
fn weight(operation: Node<'_>) -> usize {
    operation.members().map(|member| 1 + member.value.len()).sum()
}
