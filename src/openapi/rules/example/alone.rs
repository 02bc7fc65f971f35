//! Examples of the rules that stand alone, read from a list of them: `%%` with one id, or two that are each other's
//! reverse, the base, `%%`, and the revision; both without the lines that every description begins with.

use super::document::HEAD;

static LIST: &str = include_str!("alone.yaml");

/// The base and the revision of an example of the rule `id`.
pub(super) fn of(id: &str) -> Option<[String; 2]> {
    let mut pieces = LIST.split("%%").skip(1);
    while let (Some(base), Some(revision)) = (pieces.next(), pieces.next()) {
        let (ids, base) = base.split_once('\n')?;
        let sides = [base, revision.trim_start_matches('\n')].map(complete);
        let [base, revision] = sides;
        match ids.split('/').map(str::trim).position(|other| other == id) {
            Some(0) => return Some([base, revision]),
            Some(_) => return Some([revision, base]),
            None => {}
        }
    }
    None
}

fn complete(side: &str) -> String {
    if side.starts_with("info:") { format!("openapi: 3.1.0\n{side}") } else { format!("{HEAD}{side}") }
}
