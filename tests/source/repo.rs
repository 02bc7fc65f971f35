//! Repositories that the real `git` makes, apart from the configs and variables of whoever runs the tests.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rollgate::source::CommitSha;

/// A repository in a folder of its own; gone when dropped.
pub(crate) struct Repo {
    folder: tempfile::TempDir,
    /// Commits get dates one minute apart, so that hashes and orders are the same on every run.
    clock: AtomicU32,
}

impl Repo {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        let repo = Self::beside();
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// A folder that is no repository yet.
    pub(crate) fn beside() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: AtomicU32::new(0) }
    }

    /// A clone over Git's own protocol, so that depths and filters count.
    pub(crate) fn clone_of(origin: &Self, arguments: &[&str]) -> Self {
        let repo = Self::beside();
        let url = format!("file://{}", origin.path().display());
        repo.git(&[&["clone", "-q"], arguments, &[&url, "."]].concat());
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file, with the folders that are missing.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn link(&self, target: &str, path: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.join(path)).unwrap();
        self
    }

    /// Commits everything that is in the worktree.
    pub(crate) fn commit(&self) -> CommitSha {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.sha("HEAD")
    }

    pub(crate) fn sha(&self, revision: &str) -> CommitSha {
        self.git(&["rev-parse", &format!("{revision}^{{commit}}")]).parse().unwrap()
    }

    /// What `git` prints; it must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.tried(arguments).unwrap_or_else(|error| panic!("git {arguments:?}: {error}"))
    }

    /// What `git` prints, or what it complains of.
    pub(crate) fn tried(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let minutes = self.clock.fetch_add(1, Ordering::Relaxed);
        let date = format!("{} +0000", 1_700_000_000 + 60 * minutes);
        let mut command = Command::new("git");
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].map(|name| (name, date.clone())))
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Test")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "test@example.com")))
            // Tests give repositories to other users, and clone over `file://` with submodules.
            .args(["-c", "safe.directory=*", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Takes in commits as `git fast-import` reads them.
    pub(crate) fn import(&self, stream: &str) -> &Self {
        let mut child =
            self.command(&["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        self
    }
}

/// A commit for [`Repo::import`]: its number, date and parents, and the files that it has in all.
pub(crate) fn commit(number: usize, date: u32, parents: &[usize], files: &[(String, String)]) -> String {
    let mut stream = format!(
        "commit refs/heads/c{number}\nmark :{}\ncommitter T <t@example.com> {} +0000\ndata 0\n",
        number + 1,
        1_700_000_000 + date
    );
    for (index, parent) in parents.iter().enumerate() {
        let word = if index == 0 { "from" } else { "merge" };
        writeln!(stream, "{word} :{}", parent + 1).unwrap();
    }
    stream.push_str("deleteall\n");
    for (path, content) in files {
        let mode = if content.ends_with('x') { "100755" } else { "100644" };
        writeln!(stream, "M {mode} inline {path}\ndata {}\n{content}", content.len()).unwrap();
    }
    stream
}
