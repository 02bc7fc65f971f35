//! From the `gate` of a config to the list of its policies and their composition.

use super::attestation;
use super::check::Findings;
use super::location::Path;
use super::model::{Gate, Majority};
use super::plan::{GateSpec, MemberSpec, PolicyReference};
use super::{nearest, presets};
use crate::policy::builtin;
use crate::policy::limits::Limits;
use crate::source::registry::{NotAReference, Reference};
use crate::verdict::model::{Composition, Share};

/// How deep compositions may be nested.
const DEEPEST: usize = 8;

/// What a gate may say, of which it says exactly one.
const SAYS: &str = "give it exactly one of `policy`, `all`, `any`, `quorum`, `weighted`, `preset`";

/// The gate at `path` within `limits`; none where something is wrong with it, which is then among the findings.
pub(super) fn spec(found: &mut Findings<'_>, path: &Path, gate: &Gate, limits: Limits) -> Option<GateSpec> {
    let mut members = Vec::new();
    let mut reader = Reader { found, members: &mut members, preset: None };
    if gate.weight.is_some() {
        reader.stray_weight(path);
    }
    let composition = reader.part(path, "", gate, 1)?;
    // Each is asked at every look.
    if members.len() as u64 > limits.members {
        let message = format!("the gate has {} policies", members.len());
        found.add(path, message, format!("keep at most {}", limits.members));
    }
    Some(GateSpec { composition, members, limits })
}

/// Reads a gate part by part.
struct Reader<'r, 't> {
    found: &'r mut Findings<'t>,
    members: &'r mut Vec<MemberSpec>,
    /// Where the preset is named whose gate is being read.
    preset: Option<Path>,
}

impl Reader<'_, '_> {
    fn add(&mut self, path: &Path, message: impl Into<String>, mend: impl Into<String>) {
        let path = self.preset.as_ref().unwrap_or(path);
        self.found.add(path, message, mend);
    }

    fn stray_weight(&mut self, path: &Path) {
        let mend = "remove it, or make the parts a `weighted` gate";
        self.add(&path.key("weight"), "`weight` counts in a `weighted` gate only", mend);
    }

    fn part(&mut self, path: &Path, id: &str, gate: &Gate, depth: usize) -> Option<Composition> {
        if depth > DEEPEST {
            self.add(path, format!("the gate is nested more than {DEEPEST} deep"), "write it flatter");
            return None;
        }
        if gate.settings.is_some() && gate.policy.is_none() {
            let mend = "move them into the entry of the policy that they are for";
            self.add(&path.key("settings"), "settings stand beside a `policy` only", mend);
        }
        if gate.attestation.is_some() && gate.policy.is_none() {
            let mend = "move it into the entry of the policy that it is for";
            self.add(&path.key("attestation"), "an attestation stands beside a `policy` only", mend);
        }
        let Gate { all, any, quorum, weighted, policy, preset, .. } = gate;
        let says = [
            all.is_some(),
            any.is_some(),
            quorum.is_some(),
            weighted.is_some(),
            policy.is_some(),
            preset.is_some(),
        ];
        match says.iter().filter(|says| **says).count() {
            0 => {
                self.add(path, "the gate has no policy", SAYS);
                return None;
            }
            1 => {}
            _ => {
                self.add(path, "the gate says several things", SAYS);
                return None;
            }
        }
        if let Some(gates) = all {
            return self.parts(&path.key("all"), id, "all", gates, depth).map(Composition::All);
        }
        if let Some(gates) = any {
            return self.parts(&path.key("any"), id, "any", gates, depth).map(Composition::Any);
        }
        if let Some(quorum) = quorum {
            return self.quorum(&path.key("quorum"), id, quorum, depth);
        }
        if let Some(weighted) = weighted {
            return self.weighted(&path.key("weighted"), id, weighted, depth);
        }
        if let Some(name) = preset {
            return self.named(&path.key("preset"), id, name, depth);
        }
        self.member(path, id, gate, policy.as_deref().unwrap_or_default())
    }

    /// The parts of a composition. Every part is checked, also after one that failed.
    fn parts(
        &mut self,
        path: &Path,
        id: &str,
        key: &str,
        gates: &[Gate],
        depth: usize,
    ) -> Option<Vec<Composition>> {
        if gates.is_empty() {
            self.add(path, format!("`{key}` of no policies decides nothing"), "add a policy");
            return None;
        }
        let prefix = if id.is_empty() { key.to_owned() } else { format!("{id}.{key}") };
        let mut parts = Vec::with_capacity(gates.len());
        for (at, gate) in gates.iter().enumerate() {
            let path = path.index(at);
            if gate.weight.is_some() && key != "weighted" {
                self.stray_weight(&path);
            }
            parts.push(self.part(&path, &format!("{prefix}[{at}]"), gate, depth + 1));
        }
        parts.into_iter().collect()
    }

    fn quorum(&mut self, path: &Path, id: &str, quorum: &Majority, depth: usize) -> Option<Composition> {
        let of = self.parts(&path.key("of"), id, "quorum", &quorum.of, depth);
        let (needed, parts) = (quorum.needed, quorum.of.len());
        if !(1..=parts).contains(&(needed as usize)) && parts > 0 {
            let message = format!("{needed} of {parts} can never be what decides");
            self.add(&path.key("needed"), message, format!("write a number from 1 to {parts}"));
        }
        of.map(|of| Composition::Quorum { needed, of })
    }

    fn weighted(&mut self, path: &Path, id: &str, weighted: &Majority, depth: usize) -> Option<Composition> {
        let parts = self.parts(&path.key("of"), id, "weighted", &weighted.of, depth);
        let weights: Vec<u32> = weighted.of.iter().map(|gate| gate.weight.unwrap_or(1)).collect();
        let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let needed = weighted.needed;
        if !(1..=all).contains(&u64::from(needed)) && !weights.is_empty() {
            let message = format!("a weight of {needed} of {all} can never be what decides");
            self.add(&path.key("needed"), message, format!("write a number from 1 to {all}"));
        }
        let shares = weights.into_iter().zip(parts?);
        let of = shares.map(|(weight, part)| Share { weight, part }).collect();
        Some(Composition::Weighted { needed, of })
    }

    /// The gate of a preset; all of it is told at the place that names it.
    fn named(&mut self, path: &Path, id: &str, name: &str, depth: usize) -> Option<Composition> {
        let gate = match presets::gate(name) {
            Ok(gate) => gate,
            Err(mend) => {
                self.add(path, "there is no such preset", mend);
                return None;
            }
        };
        let outer = self.preset.replace(path.clone());
        let composition = self.part(&Path::default(), id, &gate, depth);
        self.preset = outer;
        composition
    }

    fn member(&mut self, path: &Path, id: &str, gate: &Gate, policy: &str) -> Option<Composition> {
        let at = self.preset.clone().unwrap_or_else(|| path.key("policy"));
        let policy = match reference(policy) {
            Ok(PolicyReference::Builtin(name)) if builtin::find(&name).is_none() => {
                let known = builtin::ALL.iter().map(|known| known.name);
                self.add(&at, format!("there is no built-in policy `{name}`"), nearest::of(&name, known));
                return None;
            }
            Ok(policy) => policy,
            Err((message, mend)) => {
                self.add(&at, message, mend);
                return None;
            }
        };
        let attestation = match &gate.attestation {
            Some(_) if matches!(policy, PolicyReference::Builtin(_)) => {
                let mend = "remove it: the program vouches for what it carries";
                self.add(
                    &path.key("attestation"),
                    "a policy that ships with the program has no attestation",
                    mend,
                );
                return None;
            }
            Some(written) => Some(attestation::spec(self.found, &path.key("attestation"), written)?),
            None => None,
        };
        let settings_at =
            if gate.settings.is_some() && self.preset.is_none() { path.key("settings") } else { at.clone() };
        self.members.push(MemberSpec {
            id: if id.is_empty() { "gate".to_owned() } else { id.to_owned() },
            policy,
            settings: gate.settings.clone().unwrap_or_default(),
            attestation,
            at: self.found.location(&at),
            settings_at: self.found.location(&settings_at),
        });
        Some(Composition::Member(self.members.len() - 1))
    }
}

/// The policy that a text names, or what is wrong with it and the mend.
fn reference(text: &str) -> Result<PolicyReference, (&'static str, &'static str)> {
    if let Some(name) = text.strip_prefix("builtin:") {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
            return Ok(PolicyReference::Builtin(name.to_owned()));
        }
        return Err((
            "this is not the name of a built-in policy",
            "write the name of a policy that ships with the program, such as `builtin:thresholds`",
        ));
    }
    if Reference::is_meant(text) {
        let parsed =
            text.parse().map_err(|wrong: NotAReference| ("this names no policy in a registry", wrong.mend()));
        return parsed.map(PolicyReference::Registry);
    }
    if is_beneath(text) {
        return Ok(PolicyReference::File(text.to_owned()));
    }
    Err((
        "this is not the path of a policy beneath the root of the repository",
        "write a relative path without `..`, such as `policies/business-hours.wasm`, or `builtin:NAME`",
    ))
}

/// Whether a text is the path of a file beneath the root of the repository.
pub(super) fn is_beneath(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('/')
        && !text.contains(['\\', ':'])
        && !text.chars().any(char::is_control)
        && text.split('/').all(|part| !matches!(part, ".." | ""))
}
