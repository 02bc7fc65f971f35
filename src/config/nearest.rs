//! What somebody who mistyped a name may have meant.

use crate::openapi::rules;

/// A mend for an unknown name: the nearest known one, or all of them.
#[must_use]
pub fn of<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match near(name, known.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", list(known)),
    }
}

/// A mend for an unknown rule.
#[must_use]
pub fn rule(id: &str) -> String {
    match near(id, rules::all().map(|rule| rule.id.as_ref())) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => "`rollgate schema rules` lists them".to_owned(),
    }
}

/// The nearest known name, where one is near.
fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = |name: &str| name.to_lowercase().replace('_', "-");
    // A name is only compared where it could be near: it may be as long as the file.
    known
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 3)
        .map(|candidate| (strsim::damerau_levenshtein(&folded(name), &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The names in a sentence, at most thirty of them.
#[must_use]
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let more = names.len().saturating_sub(30);
    names.truncate(30);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
