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

/// Version of the release that the CI job installs: the one that wrote it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

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

/// The files of a new policy of this name, whose folder is at this path beneath the root of its repository.
#[must_use]
pub fn files(language: Language, name: &str, folder: &str) -> Vec<File> {
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
    let filled = |content: &str| {
        content
            .replace("{{install}}", include_str!("../../templates/policy/install.yml"))
            .replace("{{ci}}", include_str!("../../templates/policy/ci.md"))
            .replace("{{directory}}", &scalar(folder))
            .replace("{{folder}}", &shown(folder))
            .replace("{{version}}", VERSION)
            .replace(NAME, name)
    };
    let mut files: Vec<File> =
        templates.iter().map(|(path, content)| File { path, content: filled(content) }).collect();
    let cases = include_str!("../../templates/policy/cases.yaml");
    files.push(File { path: "cases/basics.yaml", content: cases.into() });
    let interface = include_str!("../../wit/v1/policy.wit");
    files.push(File { path: "wit/policy.wit", content: interface.into() });
    if language == Language::Rust {
        files.push(File { path: "Cargo.lock", content: lock(name) });
    }
    files
}

/// A path as a value of YAML.
fn scalar(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/');
    let is_inner = |byte: u8| is_plain(byte) || byte == b'-';
    // A number, or a word such as `true`, would not be text.
    let is_text = path.contains('/') || path.contains('-') || path == ".";
    if is_text && path.bytes().take(1).all(is_plain) && path.bytes().all(is_inner) {
        path.to_owned()
    } else {
        serde_json::Value::from(path).to_string()
    }
}

/// A path in a sentence of Markdown.
fn shown(path: &str) -> String {
    if path == "." { "the root itself".to_owned() } else { format!("`{}`", path.replace('`', "'")) }
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
            let files = files(language, "error-cap", "policies/error-cap");
            assert!(files.iter().all(|file| !file.content.contains("{{")), "{language:?}");
            assert!(files.iter().any(|file| file.content.contains("error-cap")), "{language:?}");
        }
    }

    #[test]
    fn the_job_has_the_folder_and_installs_the_program() {
        for language in [Language::Rust, Language::Js, Language::Python, Language::C] {
            for (folder, written) in [
                (".", "."),
                ("policies/error-cap", "policies/error-cap"),
                ("true", "\"true\""),
                ("a b/error-cap", "\"a b/error-cap\""),
                ("-x/error-cap", "\"-x/error-cap\""),
                ("a: b/error-cap", "\"a: b/error-cap\""),
            ] {
                let files = files(language, "error-cap", folder);
                let job = files.iter().find(|file| file.path.ends_with("/policy.yml")).unwrap();
                assert!(job.content.contains(&format!("working-directory: {written}\n")), "{}", job.content);
                let job: serde_yaml::Value = serde_yaml::from_str(&job.content).unwrap();
                let job = &job["jobs"]["test"];
                assert_eq!(job["defaults"]["run"]["working-directory"], folder);
                let steps: Vec<_> = job["steps"].as_sequence().unwrap().iter().collect();
                let at = |what: &str| {
                    let runs = |step: &&serde_yaml::Value| {
                        step["run"].as_str().is_some_and(|run| run.contains(what))
                    };
                    steps.iter().position(runs)
                };
                assert!(at("sudo install").unwrap() < at("rollgate policy test").unwrap(), "{language:?}");
                let page = files.iter().find(|file| file.path == "README.md").unwrap();
                assert!(page.content.contains("`install rollgate`"), "{}", page.content);
                assert!(page.content.contains(&shown(folder)), "{}", page.content);
            }
        }
    }

    #[test]
    fn the_lock_file_of_the_example_is_in_the_order_that_cargo_writes() {
        assert_eq!(lock("error-cap"), include_str!("../../examples/policy-rust/Cargo.lock"));
    }
}
