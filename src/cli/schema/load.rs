//! Reads the files that a description refers to, until it has them all: the one place where a reference makes Rollgate
//! read something.
//!
//! What is asked of the tree is bounded in number and in bytes, and comes in an order that depends on the description
//! alone. A file that is not there, or is none that is read, is a defect of the places that refer to it; what failed
//! outside of the tree is an error, because asking again may bring another description.

use crate::openapi::bundle::{Absence, Bundle};
use crate::openapi::diagnostic::Diagnostic;
use crate::openapi::read::read;
use crate::openapi::tree::Tree;
use crate::source::{RepoPath, Source, SourceError, limits};

/// How many files are asked for at once.
const AT_ONCE: usize = 4;

/// The description at `path` in `source`, which was read already, with its files. `name` says how locations name them.
pub(super) async fn bundle(
    source: &dyn Source,
    path: &RepoPath,
    (tree, defects): (Tree, Vec<Diagnostic>),
    name: &(dyn Fn(&RepoPath) -> String + Send + Sync),
) -> Result<Bundle, SourceError> {
    if !source.has_others() {
        return Ok(Bundle::alone(tree, defects));
    }
    let mut left = limits::DESCRIPTION.saturating_sub(tree.source().len());
    let mut asked = 0;
    let mut bundle = Bundle::rooted(path.as_str(), tree, defects);
    loop {
        let wanted = bundle.wanted();
        if wanted.is_empty() {
            return Ok(bundle);
        }
        let mut paths = Vec::new();
        for path in wanted {
            asked += 1;
            match RepoPath::new(&path) {
                _ if asked > limits::FILES => bundle.lack(path, too_many()),
                Ok(path) => paths.push(path),
                Err(error) => bundle.lack(path, Absence::Unreadable(error.fault().to_owned())),
            }
        }
        for some in paths.chunks(AT_ONCE) {
            let ask = async |index: usize| match some.get(index) {
                Some(path) => Some(source.read(path, left).await),
                None => None,
            };
            let (first, second, third, fourth) = tokio::join!(ask(0), ask(1), ask(2), ask(3));
            for (path, answer) in some.iter().zip([first, second, third, fourth]) {
                let absence = match answer {
                    None => continue,
                    Some(Ok(bytes)) if bytes.len() <= left => {
                        left -= bytes.len();
                        let (tree, defects) = read(&name(path), &bytes);
                        bundle.add(path.as_str(), tree, defects);
                        continue;
                    }
                    Some(Ok(_) | Err(SourceError::TooLong { .. })) => too_long(),
                    Some(Err(SourceError::Missing { .. })) => Absence::Missing,
                    Some(Err(error)) => match error.fault() {
                        Some(why) => Absence::Unreadable(why),
                        None => return Err(error),
                    },
                };
                bundle.lack(path.to_string(), absence);
            }
        }
    }
}

fn too_many() -> Absence {
    Absence::TooMuch(format!(
        "the description refers to more than {} files; bundle some of them",
        limits::FILES
    ))
}

fn too_long() -> Absence {
    let limit = limits::DESCRIPTION / (1024 * 1024);
    Absence::TooMuch(format!("with it, the files of the description are longer than {limit} MiB together"))
}

/// How a file is written from elsewhere, where `main` is written for the description, and `seen` is how the description
/// sees the file.
pub(super) fn beside(main: &str, seen: &str) -> String {
    let (root, folder) = match main.rsplit_once('/') {
        Some((folder, _)) => (if main.starts_with('/') { "/" } else { "" }, folder),
        None => ("", ""),
    };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in seen.split('/') {
        match parts.last() {
            Some(&last) if part == ".." && last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_they_are_written_from_where_the_description_is() {
        for (main, seen, name) in [
            ("openapi.yaml", "schemas/pet.yaml", "schemas/pet.yaml"),
            ("openapi.yaml", "../common.yaml", "../common.yaml"),
            ("api/v1/openapi.yaml", "../../common.yaml", "common.yaml"),
            ("../api/openapi.yaml", "../../common.yaml", "../../common.yaml"),
            ("./api/openapi.yaml", "pet.yaml", "api/pet.yaml"),
            ("/tmp/api/openapi.yaml", "../pet.yaml", "/tmp/pet.yaml"),
        ] {
            assert_eq!(beside(main, seen), name, "{main} {seen}");
        }
    }
}
