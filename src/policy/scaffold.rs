//! The first files of a policy, by language: source, interface, cases, CI job and a page on how to build them.
//!
//! Pure: the files are part of the program, from `templates/policy`, with the name put in. The interface is the one
//! that this program speaks.

/// A language that a policy is begun in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Compiled by `cargo` and made a component by this program.
    Rust,
    /// `JavaScript`, run by `QuickJS`.
    Js,
    /// Run by `CPython`.
    Python,
    /// Compiled by clang and made a component by this program.
    C,
}

/// A file of a new policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path beneath the policy's folder.
    pub path: &'static str,
    /// Its content.
    pub content: String,
}

/// What stands for the name in the templates.
const NAME: &str = "{{name}}";

/// The longest name.
const LONGEST: usize = 64;

/// Whether this can be the name of a crate and of a package: lower-case letters, digits and single dashes, a letter first.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !name.ends_with('-')
        && !name.contains("--")
}

/// The files of a new policy of this name, with the commands that build it.
#[must_use]
pub fn files(language: Language, name: &str) -> Vec<File> {
    let templates: &[(&'static str, &str)] = match language {
        Language::Rust => &[
            ("Cargo.toml", include_str!("../../templates/policy/rust/Cargo.toml")),
            ("src/lib.rs", include_str!("../../templates/policy/rust/src/lib.rs")),
            ("README.md", include_str!("../../templates/policy/rust/README.md")),
            (".github/workflows/policy.yml", include_str!("../../templates/policy/rust/ci.yml")),
            (".gitignore", "/target\n"),
        ],
        Language::Js => &[
            ("package.json", include_str!("../../templates/policy/js/package.json")),
            ("policy.js", include_str!("../../templates/policy/js/policy.js")),
            ("README.md", include_str!("../../templates/policy/js/README.md")),
            (".github/workflows/policy.yml", include_str!("../../templates/policy/js/ci.yml")),
            (".gitignore", "/node_modules\n"),
        ],
        Language::Python => &[
            ("requirements.txt", include_str!("../../templates/policy/python/requirements.txt")),
            ("app.py", include_str!("../../templates/policy/python/app.py")),
            ("README.md", include_str!("../../templates/policy/python/README.md")),
            (".github/workflows/policy.yml", include_str!("../../templates/policy/python/ci.yml")),
            (".gitignore", "/.venv\n__pycache__\n"),
        ],
        Language::C => &[
            ("Makefile", include_str!("../../templates/policy/c/Makefile")),
            ("judge.c", include_str!("../../templates/policy/c/judge.c")),
            ("bindings/policy.c", include_str!("../../templates/policy/c/bindings/policy.c")),
            ("bindings/policy.h", include_str!("../../templates/policy/c/bindings/policy.h")),
            ("runtime/runtime.c", include_str!("../../templates/policy/c/runtime/runtime.c")),
            ("runtime/stdlib.h", include_str!("../../templates/policy/c/runtime/stdlib.h")),
            ("runtime/string.h", include_str!("../../templates/policy/c/runtime/string.h")),
            ("README.md", include_str!("../../templates/policy/c/README.md")),
            (".github/workflows/policy.yml", include_str!("../../templates/policy/c/ci.yml")),
            (".gitignore", "/policy.core.wasm\n"),
        ],
    };
    let mut files: Vec<File> =
        templates.iter().map(|(path, content)| File { path, content: content.replace(NAME, name) }).collect();
    let cases = include_str!("../../templates/policy/cases.yaml");
    files.push(File { path: "cases/basics.yaml", content: cases.into() });
    let interface = include_str!("../../wit/v1/policy.wit");
    files.push(File { path: "wit/policy.wit", content: interface.into() });
    if language == Language::Rust {
        files.push(File { path: "Cargo.lock", content: lock(name) });
    }
    files
}

/// The commands that build and test it, in its folder.
#[must_use]
pub fn commands(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &["rollgate policy build . -o policy.wasm", "rollgate policy test"],
        Language::Js => &["npm install", "npm run build", "rollgate policy test"],
        Language::Python => &[
            "python3 -m venv .venv",
            ".venv/bin/pip install -r requirements.txt",
            ".venv/bin/componentize-py -d wit -w policy componentize -s app -o policy.wasm",
            "rollgate policy test",
        ],
        Language::C => &["make", "rollgate policy test"],
    }
}

/// The lock file of the example, whose dependencies are the same, under this name and in the order that cargo writes.
fn lock(name: &str) -> String {
    let example = include_str!("../../examples/policy-rust/Cargo.lock");
    let mut parts = example.split("[[package]]\n");
    let head = parts.next().unwrap_or_default();
    let own = format!("name = \"{name}\"\n");
    let mut packages: Vec<String> =
        parts.map(|part| format!("{}\n", part.trim_end()).replace("name = \"error-cap\"\n", &own)).collect();
    packages.sort_by(|one, other| one.lines().take(2).cmp(other.lines().take(2)));
    let packages: Vec<String> = packages.iter().map(|part| format!("[[package]]\n{part}")).collect();
    format!("{head}{}", packages.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_a_crate_and_of_a_package() {
        for name in ["a", "error-cap", "p99-cap"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-a", "a-", "a--b", "9a", "A", "a b", "a/b", "ä", &"a".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn the_name_is_everywhere_and_nothing_is_left_to_fill_in() {
        for language in [Language::Rust, Language::Js, Language::Python] {
            let files = files(language, "error-cap");
            assert!(files.iter().all(|file| !file.content.contains("{{")), "{language:?}");
            assert!(files.iter().any(|file| file.content.contains("error-cap")), "{language:?}");
        }
    }

    #[test]
    fn the_lock_file_of_the_example_is_in_the_order_that_cargo_writes() {
        assert_eq!(lock("error-cap"), include_str!("../../examples/policy-rust/Cargo.lock"));
    }
}
