//! The model of a description: every version in the same terms, defects at their places, hashes by content.

mod defects;
mod hashes;
mod hostile;
mod render;
mod versions;

use rollgate::openapi::diagnostic::Diagnostic;
use rollgate::openapi::model::{Description, lower};
use rollgate::openapi::read::read;

/// Lowers a document and hands the model on.
pub(crate) fn with<R>(document: &str, use_of: impl FnOnce(&Description<'_>) -> R) -> R {
    let (tree, diagnostics): (_, Vec<Diagnostic>) = read("api.yaml", document.as_bytes());
    use_of(&lower(&tree, diagnostics))
}

/// The model of a document, then what is said of it.
fn shown(document: &str) -> String {
    with(document, |model| format!("{}{}", render::shown(model), render::told(&model.diagnostics)))
}

/// The schemas of a document of a version, then what is said of them.
fn schemas(version: &str, schemas: &str) -> String {
    let indented: String = schemas.lines().map(|line| format!("    {line}\n")).collect();
    let document =
        format!("openapi: {version}\ninfo: {{}}\npaths: {{}}\ncomponents:\n  schemas:\n{indented}");
    let page = shown(&document);
    page.lines().skip(1).map(|line| format!("{line}\n")).collect()
}
