//! A step as the runner starts it: `docker run` with its mounts, its variables and its files, owned by its user.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rollgate::config::inputs::{INPUTS, variable};
use serde_json::{Value, json};

use super::engine::{Container, engine, image};

/// The runner's user on hosted machines.
pub(crate) const RUNNER: u32 = 1001;

/// A commit.
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A token that must show up nowhere.
pub(crate) const TOKEN: &str = "ghs_thisIsTheTokenOfTheJob0123456789";

/// One job: the folders that its steps share.
pub(crate) struct Job {
    folder: tempfile::TempDir,
    workspace: PathBuf,
    event: &'static str,
    payload: Value,
    inputs: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    mounts: Vec<PathBuf>,
}

/// How a step ended.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) code: Option<i32>,
    /// Everything that it printed.
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    /// What the post step finds in `STATE_…`.
    pub(crate) state: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl Job {
    /// A job on a push to the main branch, whose workspace is `workspace`.
    pub(crate) fn on_push(workspace: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["_github_home", "_github_workflow", "_runner_file_commands"] {
            std::fs::create_dir_all(folder.path().join("_temp").join(name)).unwrap();
        }
        let payload = json!({
            "ref": "refs/heads/main",
            "before": "1".repeat(40),
            "after": COMMIT,
            "repository": { "full_name": "octo/shop", "default_branch": "main" },
        });
        let job = Self {
            folder,
            workspace: workspace.canonicalize().unwrap(),
            event: "push",
            payload,
            inputs: BTreeMap::new(),
            variables: BTreeMap::new(),
            mounts: Vec::new(),
        };
        job.with("GITHUB_REF", "refs/heads/main").with("GITHUB_SHA", COMMIT)
    }

    /// The same job on another event.
    pub(crate) fn on(mut self, event: &'static str, payload: Value) -> Self {
        (self.event, self.payload) = (event, payload);
        self
    }

    /// The same job of this repository, with its token and the API at `url`.
    pub(crate) fn on_github(self, name: &str, token: &str, url: &str) -> Self {
        let mut job = self.with("GITHUB_REPOSITORY", name).with("GITHUB_API_URL", url).input("token", token);
        job.payload["repository"]["full_name"] = name.into();
        job
    }

    pub(crate) fn input(mut self, name: &str, value: &str) -> Self {
        assert!(INPUTS.iter().any(|input| input.name == name), "{name}");
        self.inputs.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// Something of the machine that the workflow mounts for its router.
    pub(crate) fn mount(mut self, path: &Path) -> Self {
        self.mounts.push(path.to_owned());
        self
    }

    /// The same job where this is checked out.
    pub(crate) fn within(mut self, workspace: &Path) -> Self {
        self.workspace = workspace.canonicalize().unwrap();
        self
    }

    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The runner's temporary folder, on its side.
    pub(crate) fn temp(&self) -> PathBuf {
        self.folder.path().join("_temp")
    }

    /// The client that starts a step: `entrypoint` is one of action.yml's.
    pub(crate) fn client(
        &self,
        container: &Container,
        entrypoint: &str,
        state: &BTreeMap<String, String>,
    ) -> Command {
        let temp = self.temp();
        std::fs::write(temp.join("_github_workflow/event.json"), self.payload.to_string()).unwrap();
        let commands = temp.join("_runner_file_commands");
        for (kind, _) in FILES {
            std::fs::write(commands.join(format!("{kind}_x")), "").unwrap();
        }
        owned(self.folder.path());
        owned(&self.workspace);

        let mut variables: BTreeMap<String, String> =
            INPUTS.iter().map(|input| (variable(input.name), String::new())).collect();
        variables.insert(variable("token"), TOKEN.into());
        variables.extend(self.inputs.iter().map(|(name, value)| (variable(name), value.clone())));
        variables.extend(state.iter().map(|(name, value)| (format!("STATE_{name}"), value.clone())));
        let fixed = [
            ("HOME", "/github/home"),
            ("GITHUB_WORKSPACE", "/github/workspace"),
            ("GITHUB_EVENT_PATH", "/github/workflow/event.json"),
            ("GITHUB_EVENT_NAME", self.event),
            ("GITHUB_REPOSITORY", "octo/shop"),
            ("GITHUB_ACTOR", "mona"),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            // Nobody answers there unless a test says otherwise.
            ("GITHUB_API_URL", "http://127.0.0.1:9"),
            ("RUNNER_TEMP", "/github/runner_temp"),
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
        ];
        for (name, value) in fixed {
            variables.insert(name.into(), value.into());
        }
        for (kind, name) in FILES {
            variables.insert(name.into(), format!("/github/file_commands/{kind}_x"));
        }
        variables.extend(self.variables.clone());

        let mut client = engine("podman");
        // The network of the job; here the machine's, where the servers of the tests are.
        client.args([
            "run",
            "--name",
            &container.0,
            "--label",
            "job",
            "--workdir",
            "/github/workspace",
            "--rm",
        ]);
        client.args(["--network", "host"]);
        for (name, value) in &variables {
            client.args(["-e", name]).env(name, value);
        }
        client.args(["--entrypoint", entrypoint]);
        let mut mount = |from: &Path, to: &str| {
            client.args(["-v", &format!("{}:{to}", from.display())]);
        };
        mount(&temp, "/github/runner_temp");
        mount(&temp.join("_github_home"), "/github/home");
        mount(&temp.join("_github_workflow"), "/github/workflow");
        mount(&temp.join("_runner_file_commands"), "/github/file_commands");
        mount(&self.workspace, "/github/workspace");
        for path in &self.mounts {
            mount(path, &path.to_string_lossy());
        }
        client.arg(image()).stdout(Stdio::piped()).stderr(Stdio::piped());
        client
    }

    /// What the step left in the runner's files, with how its client ended.
    pub(crate) fn left(&self, output: &std::process::Output) -> Step {
        let commands = self.temp().join("_runner_file_commands");
        let read = |kind: &str| std::fs::read_to_string(commands.join(format!("{kind}_x"))).unwrap();
        let log = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Step {
            code: output.status.code(),
            log: log.join(""),
            outputs: entries(&read("set_output")),
            state: entries(&read("save_state")),
            summary: read("step_summary"),
        }
    }

    /// Runs the action's step to its end.
    pub(crate) fn step(&self) -> Step {
        let container = Container::name("step");
        let output =
            self.client(&container, "/usr/local/bin/rollgate-action", &BTreeMap::new()).output().unwrap();
        self.left(&output)
    }

    /// Runs the action's post step to its end, with the state that the step left.
    pub(crate) fn post(&self, state: &BTreeMap<String, String>) -> Step {
        let container = Container::name("post");
        let output = self.client(&container, "/usr/local/bin/rollgate-settle", state).output().unwrap();
        self.left(&output)
    }

    /// Files beneath the job's folders that do not belong to the runner's user.
    pub(crate) fn strange_files(&self) -> Vec<PathBuf> {
        let mut strange = Vec::new();
        for root in [self.folder.path(), &self.workspace] {
            walk(root, &mut |path| {
                if path.symlink_metadata().unwrap().uid() != RUNNER {
                    strange.push(path.to_owned());
                }
            });
        }
        strange
    }

    /// Files beneath the job's folders in which `text` stands; the event is the runner's own.
    pub(crate) fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for root in [self.folder.path(), &self.workspace] {
            walk(root, &mut |path| {
                let bytes = if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() };
                if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.push(path.to_owned());
                }
            });
        }
        found
    }
}

/// The runner's files: their names and the variables that name them.
const FILES: [(&str, &str); 3] = [
    ("set_output", "GITHUB_OUTPUT"),
    ("save_state", "GITHUB_STATE"),
    ("step_summary", "GITHUB_STEP_SUMMARY"),
];

fn walk(path: &Path, visit: &mut dyn FnMut(&Path)) {
    visit(path);
    if path.symlink_metadata().unwrap().is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), visit);
        }
    }
}

/// Gives everything to the runner's user.
fn owned(path: &Path) {
    walk(path, &mut |path| {
        if path.symlink_metadata().unwrap().file_type().is_symlink() {
            return;
        }
        chown(path, Some(RUNNER), Some(RUNNER)).unwrap();
    });
}

/// Entries of a file of outputs, as the runner reads them.
fn entries(text: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("{line:?} in {text:?}"));
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        entries.insert(name.to_owned(), value.join("\n"));
    }
    entries
}
