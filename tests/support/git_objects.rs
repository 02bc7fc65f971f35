//! What GitHub's REST API tells of the objects of a repository, answered from a real one by the real `git`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// An answer.
pub(crate) enum Told {
    /// The members that readers of objects need.
    Json(Value),
    /// The media type, and the bytes.
    Raw(&'static str, Vec<u8>),
}

/// The bytes of a blob, as they are asked for.
pub(crate) const RAW: &str = "application/vnd.github.raw+json";
/// The same media type by its other name.
pub(crate) const BYTES: &str = "application/vnd.github.raw";
/// The name of a commit, alone.
pub(crate) const SHA: &str = "application/vnd.github.sha";

/// A repository's objects.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    folder: PathBuf,
}

impl Objects {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// What is told of `path`, which begins after the name of the repository; none where there is nothing.
    pub(crate) fn tell(&self, path: &str, recursive: bool, accept: &str) -> Option<Told> {
        match path.split_once('/')? {
            ("compare", pair) => self.compare(pair),
            ("commits", revision) if accept == SHA => {
                let revision = revision.strip_prefix("heads/").unwrap_or(revision);
                let sha = self.git(&["rev-parse", "--verify", &format!("{revision}^{{commit}}")])?;
                Some(Told::Raw(SHA, sha.trim_ascii().to_vec()))
            }
            ("git", path) => match path.split_once('/')? {
                ("trees", sha) => self.tree(sha, recursive),
                ("commits", sha) => self.commit(sha),
                ("blobs", sha) if accept == RAW => {
                    Some(Told::Raw(BYTES, self.git(&["cat-file", "blob", sha])?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn compare(&self, pair: &str) -> Option<Told> {
        let (base, head) = pair.split_once("...")?;
        let sha = String::from_utf8(self.git(&["merge-base", base, head])?).ok()?;
        Some(Told::Json(json!({ "merge_base_commit": { "sha": sha.trim() }, "files": [] })))
    }

    fn commit(&self, sha: &str) -> Option<Told> {
        let listed = String::from_utf8(self.git(&["rev-list", "--parents", "-1", sha])?).ok()?;
        let parents: Vec<Value> =
            listed.split_whitespace().skip(1).map(|parent| json!({ "sha": parent })).collect();
        Some(Told::Json(json!({ "sha": sha, "parents": parents })))
    }

    fn tree(&self, sha: &str, recursive: bool) -> Option<Told> {
        let mut arguments = vec!["ls-tree", "-z", "-l", "--full-tree"];
        if recursive {
            arguments.extend(["-r", "-t"]);
        }
        arguments.push(sha);
        let listed = String::from_utf8(self.git(&arguments)?).ok()?;
        let mut lines: Vec<Value> = Vec::new();
        for line in listed.split_terminator('\0') {
            let (about, path) = line.split_once('\t')?;
            let about: Vec<_> = about.split_whitespace().collect();
            let mut entry = json!({ "mode": about[0], "type": about[1], "sha": about[2], "path": path });
            if let Ok(size) = about[3].parse::<u64>() {
                entry["size"] = size.into();
            }
            lines.push(entry);
        }
        Some(Told::Json(json!({ "sha": sha, "tree": lines, "truncated": false })))
    }

    fn git(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        let output = Command::new("git")
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            // A workspace of a job belongs to the runner's user.
            .args(["-c", "safe.directory=*"])
            .args(arguments)
            .output()
            .unwrap();
        output.status.success().then_some(output.stdout)
    }
}
