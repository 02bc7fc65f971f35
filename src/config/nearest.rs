//! What somebody who mistyped a name may have meant.

/// A mend for an unknown name: the nearest known one, or all of them.
#[must_use]
pub fn of<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let folded = |name: &str| name.to_lowercase().replace('_', "-");
    // A name is only compared where it could be near: it may be as long as the file.
    let nearest = known
        .clone()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 3)
        .map(|candidate| (strsim::damerau_levenshtein(&folded(name), &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min();
    match nearest {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", list(known)),
    }
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
