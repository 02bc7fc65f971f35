//! Who may call. A requirement is an OR of ANDs of schemes with scopes; a scheme is what it asks for, not its name.
//!
//! An old set of credentials must still be let in: each old alternative must satisfy some new one. What a client
//! receives, in webhooks and callbacks, is judged the other way round.

use super::pairs::{Change, Comparison, Key};
use crate::openapi::finding::{OperationKind, Proof};
use crate::openapi::model::{
    At, Description, Flow as OAuthFlow, Operation, SchemeKind, SecurityRequirement, SecurityScheme, Set,
};
use crate::openapi::rules::{Rule, single};

type Alternative<'t> = Vec<(&'t str, Vec<&'t str>, At)>;

/// The rules of one of the two places where security is said.
struct Rules {
    tightened: &'static Rule,
    loosened: &'static Rule,
    added: &'static Rule,
    removed: &'static Rule,
    scope_added: &'static Rule,
    scope_removed: &'static Rule,
}

fn rules(global: bool) -> Rules {
    if global {
        Rules {
            tightened: &single::API_GLOBAL_SECURITY_TIGHTENED,
            loosened: &single::API_GLOBAL_SECURITY_LOOSENED,
            added: &single::API_GLOBAL_SECURITY_ADDED,
            removed: &single::API_GLOBAL_SECURITY_REMOVED,
            scope_added: &single::API_GLOBAL_SECURITY_SCOPE_ADDED,
            scope_removed: &single::API_GLOBAL_SECURITY_SCOPE_REMOVED,
        }
    } else {
        Rules {
            tightened: &single::API_SECURITY_TIGHTENED,
            loosened: &single::API_SECURITY_LOOSENED,
            added: &single::API_SECURITY_ADDED,
            removed: &single::API_SECURITY_REMOVED,
            scope_added: &single::API_SECURITY_SCOPE_ADDED,
            scope_removed: &single::API_SECURITY_SCOPE_REMOVED,
        }
    }
}

/// Compares what two operations ask for.
pub(super) fn operation(comparison: &mut Comparison<'_, '_>, was: &Operation<'_>, is: &Operation<'_>) {
    let kind = comparison.base.paths[was.path as usize].kind;
    schemes(comparison, was.security.as_deref(), is.security.as_deref());
    // An operation that says nothing inherits whatever the document says, nothing included.
    let inherits = |operation: &Operation<'_>| operation.security_inherited || operation.security.is_none();
    if inherits(was) && inherits(is) && kind == OperationKind::Operation {
        comparison.hold(Key::Security);
        return;
    }
    let (old, new) = (was.security.clone(), is.security.clone());
    match kind {
        OperationKind::Operation => {
            requirement(comparison, old.as_deref(), new.as_deref(), (was.at, is.at), false, false);
        }
        // The server authenticates itself to the client: what it may show less of, the client may miss.
        OperationKind::Webhook | OperationKind::Callback => {
            requirement(comparison, old.as_deref(), new.as_deref(), (was.at, is.at), false, true);
        }
    }
}

/// Compares what the documents ask of all operations that say nothing themselves.
pub(super) fn documents(comparison: &mut Comparison<'_, '_>) {
    let (old, new) = (comparison.base.security.clone(), comparison.revision.security.clone());
    let at =
        |side: Option<&SecurityRequirement<'_>>| side.map_or_else(At::root, |requirement| requirement.at);
    let owners = (at(old.as_deref()), at(new.as_deref()));
    requirement(comparison, old.as_deref(), new.as_deref(), owners, true, false);
}

/// Holds the schemes that a requirement names, so that what changes in one reaches the operations that ask for it.
fn schemes(
    comparison: &mut Comparison<'_, '_>,
    old: Option<&SecurityRequirement<'_>>,
    new: Option<&SecurityRequirement<'_>>,
) {
    let (Some(old), Some(new)) = (old, new) else { return };
    let mut names: Vec<&str> = old.alternatives.iter().flatten().map(|(name, _, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let kept = new.alternatives.iter().flatten().any(|(other, _, _)| *other == name);
        if let (true, Some(base), Some(revision)) =
            (kept, index(comparison.base, name), index(comparison.revision, name))
        {
            comparison.hold(Key::SecurityScheme(Some(base), Some(revision)));
        }
    }
}

fn index(side: &Description<'_>, name: &str) -> Option<u32> {
    side.security_schemes.iter().position(|(other, _)| *other == name).and_then(|at| u32::try_from(at).ok())
}

fn scheme<'d, 't>(side: &'d Description<'t>, name: &str) -> Option<&'d SecurityScheme<'t>> {
    side.security_schemes.iter().find(|(other, _)| *other == name).map(|(_, scheme)| scheme)
}

/// Whether the same credential serves both. Schemes of one name are one scheme: how it has changed is found where it is
/// defined.
fn same_credential(comparison: &Comparison<'_, '_>, old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    match (scheme(comparison.base, old), scheme(comparison.revision, new)) {
        (Some(old), Some(new)) => same_kind(&old.kind, &new.kind),
        _ => false,
    }
}

fn same_kind(old: &SchemeKind<'_>, new: &SchemeKind<'_>) -> bool {
    match (old, new) {
        (SchemeKind::ApiKey { name, place }, SchemeKind::ApiKey { name: other, place: elsewhere }) => {
            let same_name = if place.value == "header" {
                name.value.eq_ignore_ascii_case(other.value)
            } else {
                name.value == other.value
            };
            same_name && place.value == elsewhere.value
        }
        (SchemeKind::Http { scheme, .. }, SchemeKind::Http { scheme: other, .. }) => {
            scheme.value.eq_ignore_ascii_case(other.value)
        }
        (SchemeKind::MutualTls, SchemeKind::MutualTls) => true,
        (SchemeKind::OAuth2(flows), SchemeKind::OAuth2(others)) => {
            flows.len() == others.len()
                && flows.iter().zip(others).all(|(flow, other)| {
                    let url = |set: Option<Set<&str>>| set.map(|set| set.value.to_owned());
                    flow.kind == other.kind
                        && url(flow.authorization_url) == url(other.authorization_url)
                        && url(flow.token_url) == url(other.token_url)
                })
        }
        (SchemeKind::OpenIdConnect { url }, SchemeKind::OpenIdConnect { url: other }) => {
            url.value == other.value
        }
        // Nothing is concluded from what cannot be read.
        _ => false,
    }
}

/// Whether credentials that satisfy `old` satisfy `new`, scopes set aside.
fn satisfies(comparison: &Comparison<'_, '_>, old: &Alternative<'_>, new: &Alternative<'_>) -> bool {
    new.iter().all(|(wanted, _, _)| old.iter().any(|(name, _, _)| same_credential(comparison, name, wanted)))
}

/// Scopes that `new` asks for and `old` does not have, with their places.
fn missing_scopes<'t>(
    comparison: &Comparison<'_, '_>,
    old: &Alternative<'_>,
    new: &Alternative<'t>,
    forwards: bool,
) -> Vec<(&'t str, &'t str, At)> {
    let same = |one: &str, other: &str| {
        if forwards {
            same_credential(comparison, one, other)
        } else {
            same_credential(comparison, other, one)
        }
    };
    let mut missing = Vec::new();
    for (wanted, scopes, at) in new {
        for scope in scopes {
            let held = old.iter().any(|(name, held, _)| same(name, wanted) && held.contains(scope));
            if !held {
                missing.push((*wanted, *scope, *at));
            }
        }
    }
    missing
}

/// Whether both ask for the same credentials with the same scopes.
fn same_alternative(comparison: &Comparison<'_, '_>, old: &Alternative<'_>, new: &Alternative<'_>) -> bool {
    old.len() == new.len()
        && satisfies(comparison, old, new)
        && missing_scopes(comparison, old, new, true).is_empty()
        && missing_scopes(comparison, new, old, false).is_empty()
}

fn names(alternative: &Alternative<'_>) -> String {
    let names: Vec<_> = alternative.iter().map(|(name, _, _)| *name).collect();
    names.join(" and ")
}

fn admits_everybody(requirement: Option<&SecurityRequirement<'_>>) -> bool {
    requirement.is_none_or(|requirement| {
        requirement.alternatives.is_empty() || requirement.alternatives.iter().any(Vec::is_empty)
    })
}

fn requirement(
    comparison: &mut Comparison<'_, '_>,
    old: Option<&SecurityRequirement<'_>>,
    new: Option<&SecurityRequirement<'_>>,
    owners: (At, At),
    global: bool,
    received: bool,
) {
    let rules = rules(global);
    let (old_at, new_at) = (old.map_or(owners.0, |side| side.at), new.map_or(owners.1, |side| side.at));
    let mut note = |rule: &'static Rule, base: At, revision: At, arguments: Vec<(&'static str, String)>| {
        comparison.note(Change {
            rule,
            proof: Proof::Rule,
            base: Some(base),
            revision: Some(revision),
            arguments,
        });
    };
    let all = |requirement: Option<&SecurityRequirement<'_>>| {
        let alternatives = requirement.map_or(&[][..], |requirement| &requirement.alternatives);
        let words: Vec<_> = alternatives.iter().filter(|one| !one.is_empty()).map(names).collect();
        words.join(" or ")
    };
    match (admits_everybody(old), admits_everybody(new)) {
        (true, true) => return,
        (true, false) => {
            // The credentials that a webhook shows are the client's to check: more of them harm nobody.
            let rule = if received { rules.added } else { rules.tightened };
            note(rule, old_at, new_at, vec![("name", all(new)), ("to", all(new))]);
            return;
        }
        (false, true) => {
            let rule = if received { rules.removed } else { rules.loosened };
            note(rule, old_at, new_at, vec![("name", all(old)), ("from", all(old))]);
            return;
        }
        (false, false) => {}
    }
    let (Some(old), Some(new)) = (old, new) else { return };
    let mut answered = vec![false; new.alternatives.len()];
    for alternative in &old.alternatives {
        let at = alternative.first().map_or(old.at, |(_, _, at)| *at);
        // The new alternative that these credentials satisfy with the fewest scopes missing.
        let partner = (0..new.alternatives.len())
            .filter(|&index| satisfies(comparison, alternative, &new.alternatives[index]))
            .min_by_key(|&index| {
                missing_scopes(comparison, alternative, &new.alternatives[index], true).len()
            });
        let Some(partner) = partner else {
            comparison.note(Change {
                rule: rules.removed,
                proof: Proof::Rule,
                base: Some(at),
                revision: None,
                arguments: vec![("name", names(alternative))],
            });
            continue;
        };
        answered[partner] = true;
        let other = &new.alternatives[partner];
        for (name, scope, at_new) in missing_scopes(comparison, alternative, other, true) {
            let rule = if received { rules.scope_removed } else { rules.scope_added };
            let arguments = vec![("value", scope.to_owned()), ("name", name.to_owned())];
            let (base, revision) = (None, Some(at_new));
            comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
        }
        for (name, scope, at_old) in missing_scopes(comparison, other, alternative, false) {
            // A scheme that is no longer asked for takes its scopes along.
            if !other.iter().any(|(other, _, _)| same_credential(comparison, name, other)) {
                continue;
            }
            let rule = if received { rules.scope_added } else { rules.scope_removed };
            let arguments = vec![("value", scope.to_owned()), ("name", name.to_owned())];
            let (base, revision) = (Some(at_old), None);
            comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
        }
    }
    for (alternative, answered) in new.alternatives.iter().zip(answered) {
        // One that is said twice is answered once.
        let known = || old.alternatives.iter().any(|other| same_alternative(comparison, other, alternative));
        if !answered && !known() {
            comparison.note(Change {
                rule: rules.added,
                proof: Proof::Rule,
                base: None,
                revision: Some(alternative.first().map_or(new.at, |(_, _, at)| *at)),
                arguments: vec![("name", names(alternative))],
            });
        }
    }
}

/// Compares a scheme that both sides define, or notes one that only one side has.
pub(super) fn component(comparison: &mut Comparison<'_, '_>, old: Option<u32>, new: Option<u32>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let was = old.map(|index| &base.security_schemes[index as usize]);
    let is = new.map(|index| &revision.security_schemes[index as usize]);
    match (was, is) {
        (Some((name, was)), Some((_, is))) => definition(comparison, name, was, is),
        (Some((name, was)), None) => comparison.note(Change {
            rule: &single::API_SECURITY_COMPONENT_REMOVED,
            proof: Proof::Rule,
            base: Some(was.at),
            revision: None,
            arguments: vec![("name", (*name).to_owned())],
        }),
        (None, Some((name, is))) => comparison.note(Change {
            rule: &single::API_SECURITY_COMPONENT_ADDED,
            proof: Proof::Rule,
            base: None,
            revision: Some(is.at),
            arguments: vec![("name", (*name).to_owned())],
        }),
        (None, None) => {}
    }
}

/// The types of schemes that the format knows.
const TYPES: [&str; 5] = ["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"];

fn kind_word(kind: &SchemeKind<'_>) -> &'static str {
    match kind {
        SchemeKind::ApiKey { .. } => "apiKey",
        SchemeKind::Http { .. } => "http",
        SchemeKind::MutualTls => "mutualTLS",
        SchemeKind::OAuth2(_) => "oauth2",
        SchemeKind::OpenIdConnect { .. } => "openIdConnect",
        SchemeKind::Unknown(_) => "unknown",
    }
}

fn definition(
    comparison: &mut Comparison<'_, '_>,
    name: &str,
    was: &SecurityScheme<'_>,
    is: &SecurityScheme<'_>,
) {
    if !comparison.asks_for(name) {
        // What cannot be read on both sides is a defect of both, and no change.
        let is_known = !matches!((&was.kind, &is.kind), (SchemeKind::Unknown(_), SchemeKind::Unknown(_)));
        if is_known && !same_kind(&was.kind, &is.kind) {
            comparison.note(Change {
                rule: &single::API_SECURITY_COMPONENT_UNUSED_CHANGED,
                proof: Proof::Rule,
                base: Some(was.at),
                revision: Some(is.at),
                arguments: vec![("name", name.to_owned())],
            });
        }
        return;
    }
    let mut changed = |rule: &'static Rule, base: At, revision: At, from: &str, to: &str| {
        let arguments = vec![("name", name.to_owned()), ("from", from.to_owned()), ("to", to.to_owned())];
        let (base, revision) = (Some(base), Some(revision));
        comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
    };
    match (&was.kind, &is.kind) {
        (SchemeKind::Unknown(_), _) | (SchemeKind::MutualTls, SchemeKind::MutualTls) => {}
        // Another type is a change, also where its details are missing.
        (old, SchemeKind::Unknown(Some(word))) if TYPES.contains(word) && kind_word(old) != *word => {
            changed(&single::API_SECURITY_COMPONENT_TYPE_CHANGED, was.at, is.at, kind_word(old), word);
        }
        (_, SchemeKind::Unknown(_)) => comparison.unreadable(was.at, is.at, "the security scheme"),
        (SchemeKind::ApiKey { name: old, place }, SchemeKind::ApiKey { name: new, place: elsewhere }) => {
            let same_name = if place.value == "header" {
                old.value.eq_ignore_ascii_case(new.value)
            } else {
                old.value == new.value
            };
            if !same_name {
                changed(
                    &single::API_SECURITY_COMPONENT_API_KEY_NAME_CHANGED,
                    old.at,
                    new.at,
                    old.value,
                    new.value,
                );
            }
            if place.value != elsewhere.value {
                let rule = &single::API_SECURITY_COMPONENT_API_KEY_IN_CHANGED;
                changed(rule, place.at, elsewhere.at, place.value, elsewhere.value);
            }
        }
        (SchemeKind::Http { scheme: old, .. }, SchemeKind::Http { scheme: new, .. }) => {
            if !old.value.eq_ignore_ascii_case(new.value) {
                let rule = &single::API_SECURITY_COMPONENT_HTTP_SCHEME_CHANGED;
                changed(rule, old.at, new.at, old.value, new.value);
            }
        }
        (SchemeKind::OpenIdConnect { url: old }, SchemeKind::OpenIdConnect { url: new }) => {
            if old.value != new.value {
                let rule = &single::API_SECURITY_COMPONENT_OPEN_ID_CONNECT_URL_CHANGED;
                changed(rule, old.at, new.at, old.value, new.value);
            }
        }
        (SchemeKind::OAuth2(old), SchemeKind::OAuth2(new)) => flows(comparison, name, old, new),
        (old, new) => {
            let rule = &single::API_SECURITY_COMPONENT_TYPE_CHANGED;
            changed(rule, was.at, is.at, kind_word(old), kind_word(new));
        }
    }
}

fn flows(comparison: &mut Comparison<'_, '_>, name: &str, old: &[OAuthFlow<'_>], new: &[OAuthFlow<'_>]) {
    let mut note =
        |rule: &'static Rule, base: Option<At>, revision: Option<At>, more: Vec<(&'static str, String)>| {
            let mut arguments = vec![("name", name.to_owned())];
            arguments.extend(more);
            comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
        };
    for was in old {
        let Some(is) = new.iter().find(|flow| flow.kind == was.kind) else {
            let rule = &single::API_SECURITY_COMPONENT_OAUTH_FLOW_REMOVED;
            note(rule, Some(was.at), None, vec![("value", was.kind.to_owned())]);
            continue;
        };
        let urls = [
            (&single::API_SECURITY_COMPONENT_OAUTH_URL_CHANGED, was.authorization_url, is.authorization_url),
            (&single::API_SECURITY_COMPONENT_OAUTH_TOKEN_URL_CHANGED, was.token_url, is.token_url),
        ];
        for (rule, from, to) in urls {
            let word = |set: Option<Set<&str>>| set.map_or("none", |set| set.value).to_owned();
            if word(from) != word(to) {
                let (base, revision) = (from.map_or(was.at, |set| set.at), to.map_or(is.at, |set| set.at));
                note(rule, Some(base), Some(revision), vec![("from", word(from)), ("to", word(to))]);
            }
        }
        for scope in &was.scopes {
            if !is.scopes.iter().any(|other| other.value == scope.value) {
                let rule = &single::API_SECURITY_COMPONENT_OAUTH_SCOPE_REMOVED;
                note(rule, Some(scope.at), None, vec![("value", scope.value.to_owned())]);
            }
        }
        for scope in &is.scopes {
            if !was.scopes.iter().any(|other| other.value == scope.value) {
                let rule = &single::API_SECURITY_COMPONENT_OAUTH_SCOPE_ADDED;
                note(rule, None, Some(scope.at), vec![("value", scope.value.to_owned())]);
            }
        }
    }
    for is in new {
        if !old.iter().any(|flow| flow.kind == is.kind) {
            let rule = &single::API_SECURITY_COMPONENT_OAUTH_FLOW_ADDED;
            note(rule, None, Some(is.at), vec![("value", is.kind.to_owned())]);
        }
    }
}
