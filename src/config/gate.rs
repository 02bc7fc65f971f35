//! From the `gate` of a config to the list of its policies and their composition.

use super::check::Findings;
use super::location::Path;
use super::model::Gate;
use super::plan::{GateSpec, MemberSpec, PolicyReference};
use crate::verdict::model::Composition;

/// How deep `all` and `any` may be nested.
const DEEPEST: usize = 8;

/// How many policies a gate may have: each is asked at every look.
const MOST_MEMBERS: usize = 16;

/// The gate at `path`; none where something is wrong with it, which is then among the findings.
pub(super) fn spec(found: &mut Findings<'_>, path: &Path, gate: &Gate) -> Option<GateSpec> {
    let mut members = Vec::new();
    let composition = part(found, path, "", gate, 1, &mut members)?;
    if members.len() > MOST_MEMBERS {
        let message = format!("the gate has {} policies", members.len());
        found.add(path, message, format!("keep at most {MOST_MEMBERS}"));
    }
    Some(GateSpec { composition, members })
}

fn part(
    found: &mut Findings<'_>,
    path: &Path,
    id: &str,
    gate: &Gate,
    depth: usize,
    members: &mut Vec<MemberSpec>,
) -> Option<Composition> {
    if depth > DEEPEST {
        found.add(path, format!("the gate is nested more than {DEEPEST} deep"), "write it flatter");
        return None;
    }
    if gate.settings.is_some() && gate.policy.is_none() {
        let mend = "move them into the entry of the policy that they are for";
        found.add(&path.key("settings"), "settings stand beside a `policy` only", mend);
    }
    let parts = |found: &mut Findings<'_>, members: &mut Vec<MemberSpec>, key: &str, gates: &[Gate]| {
        let path = path.key(key);
        if gates.is_empty() {
            found.add(&path, format!("`{key}` of no policies decides nothing"), "add a policy");
            return None;
        }
        let prefix = if id.is_empty() { key.to_owned() } else { format!("{id}.{key}") };
        // Every part is checked, also after one that failed.
        let parts: Vec<_> = gates
            .iter()
            .enumerate()
            .map(|(at, gate)| {
                part(found, &path.index(at), &format!("{prefix}[{at}]"), gate, depth + 1, members)
            })
            .collect();
        parts.into_iter().collect::<Option<Vec<_>>>()
    };
    match (&gate.all, &gate.any, &gate.policy) {
        (Some(gates), None, None) => parts(found, members, "all", gates).map(Composition::All),
        (None, Some(gates), None) => parts(found, members, "any", gates).map(Composition::Any),
        (None, None, Some(policy)) => {
            let at = path.key("policy");
            let policy = reference(found, &at, policy)?;
            let settings_path = if gate.settings.is_some() { path.key("settings") } else { at.clone() };
            members.push(MemberSpec {
                id: if id.is_empty() { "gate".to_owned() } else { id.to_owned() },
                policy,
                settings: gate.settings.clone().unwrap_or_default(),
                at: found.location(&at),
                settings_at: found.location(&settings_path),
            });
            Some(Composition::Member(members.len() - 1))
        }
        (None, None, None) => {
            found.add(path, "the gate has no policy", "give it exactly one of `policy`, `all`, `any`");
            None
        }
        _ => {
            found.add(path, "the gate says several things", "give it exactly one of `policy`, `all`, `any`");
            None
        }
    }
}

fn reference(found: &mut Findings<'_>, path: &Path, text: &str) -> Option<PolicyReference> {
    if let Some(name) = text.strip_prefix("builtin:") {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
            return Some(PolicyReference::Builtin(name.to_owned()));
        }
        let mend = "write the name of a policy that ships with the program, such as `builtin:thresholds`";
        found.add(path, "this is not the name of a built-in policy", mend);
        return None;
    }
    let beneath = !text.is_empty()
        && !text.starts_with('/')
        && !text.contains(['\\', ':'])
        && !text.chars().any(char::is_control)
        && text.split('/').all(|part| !matches!(part, ".." | ""));
    if beneath {
        return Some(PolicyReference::File(text.to_owned()));
    }
    found.add(
        path,
        "this is not the path of a policy beneath the root of the repository",
        "write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`",
    );
    None
}
