//! Whole workflows, run by `act` on podman's socket: checkout, `uses: ./`, and a step that reads the outputs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::engine::{engine, image, printed, root};
use crate::canary::stage::Stage;
use crate::schema_check;
use crate::support::fake_github::Repository;

/// The image of the job: this build's, with what a job's shell is called.
const JOB: &str = "localhost/rollgate-job:test";

/// Where `tests/run` puts act.
const ACT: &str = "target/act/act";

const WORKFLOW: &str = "name: NAME
on: [push, pull_request]
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: gate
        uses: ./
        continue-on-error: true
        with:
WITH
      - if: always()
        shell: sh
        env:
          VERDICT: ${{ steps.gate.outputs.verdict }}
          PASSED: ${{ steps.gate.outputs.passed }}
          CODE: ${{ steps.gate.outputs.exit-code }}
          OUTCOME: ${{ steps.gate.outputs.outcome }}
          WEIGHT: ${{ steps.gate.outputs.weight }}
          ERRORS: ${{ steps.gate.outputs.errors }}
        run: echo \"the next step reads [$VERDICT] [$PASSED] [$CODE] [$OUTCOME] [$WEIGHT] [$ERRORS]\"
";

/// Podman's socket, gone when dropped.
struct Socket {
    service: Child,
    folder: tempfile::TempDir,
}

impl Socket {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("podman.sock");
        let address = format!("unix://{}", path.display());
        let service = engine("podman")
            .args(["system", "service", "--time", "0", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while std::os::unix::net::UnixStream::connect(&path).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "podman listens in time");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { service, folder }
    }

    fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("podman.sock").display())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

/// The job's image, built once.
fn job_image() -> &'static str {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("root/bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink("busybox", bin.join("bash")).unwrap();
        let lines = format!("FROM {}\nCOPY root/ /\nENTRYPOINT []\nCMD [\"/bin/sh\"]\n", image());
        std::fs::write(folder.path().join("Dockerfile"), lines).unwrap();
        let mut build = engine("buildah");
        build.args(["bud", "--quiet", "--isolation", "chroot", "--layers=false", "--tag", JOB]);
        printed(build.arg(folder.path()));
    });
    JOB
}

pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=mona", "-c", "user.email=mona@example.test"])
        // The workspace of a job belongs to the runner's user.
        .args(["-c", "safe.directory=*"])
        .args(arguments);
    printed(&mut git).trim().to_owned()
}

/// Makes the folder a repository whose action is this build's, with one commit; its name.
fn repository(folder: &Path, github: &Repository, inputs: &[(&str, &str)]) -> String {
    let action = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let published: Vec<_> = action
        .lines()
        .map(|line| {
            if line.starts_with("  image: ") {
                format!("  image: docker://{}", image())
            } else {
                line.to_owned()
            }
        })
        .collect();
    std::fs::write(folder.join("action.yml"), published.join("\n")).unwrap();
    let with: Vec<_> = inputs.iter().map(|(name, value)| format!("          {name}: {value}")).collect();
    // Containers of act are called after their workflow.
    let name = github.name.replace('/', " ");
    let workflow = WORKFLOW.replace("NAME", &name).replace("WITH", &with.join("\n"));
    std::fs::create_dir_all(folder.join(".github/workflows")).unwrap();
    std::fs::write(folder.join(".github/workflows/gate.yml"), workflow).unwrap();
    git(folder, &["init", "--quiet", "--initial-branch", "main"]);
    git(folder, &["remote", "add", "origin", &format!("https://github.com/{}", github.name)]);
    commit(folder)
}

pub(super) fn commit(folder: &Path) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "a change"]);
    git(folder, &["rev-parse", "HEAD"])
}

/// Runs the workflow on an event.
fn act(folder: &Path, github: &Repository, event: &str, payload: &Value) -> Output {
    let program: PathBuf = root().join(ACT);
    assert!(program.is_file(), "{} is missing; run: tests/run --set-up-only", program.display());
    let socket = Socket::open();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("event.json");
    std::fs::write(&file, payload.to_string()).unwrap();
    let mut act = Command::new(program);
    act.current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        // It asks a person which images to use where it finds no file of settings.
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_CACHE_HOME", home.path())
        .env("DOCKER_HOST", socket.address())
        .arg(event)
        .args(["--eventpath", &file.to_string_lossy()])
        .args(["--platform", &format!("ubuntu-latest={}", job_image())])
        .args(["--pull=false", "--container-daemon-socket", "-"])
        // As the runner of an enterprise server has it.
        .args(["--env", &format!("GITHUB_API_URL={}", github.checked())])
        .args(["--env", &format!("GITHUB_GRAPHQL_URL={}/graphql", github.direct)])
        .args(["--secret", &format!("GITHUB_TOKEN={}", github.token())])
        .stdin(Stdio::null());
    act.output().unwrap()
}

/// What the step after the action printed.
fn told(output: &Output) -> String {
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}{said}");
    let line = log
        .lines()
        .find_map(|line| line.split_once("| the next step reads "))
        .map(|(_, told)| told.to_owned());
    line.unwrap_or_else(|| panic!("{log}{said}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_on_a_push() {
    let stage =
        Stage::set("      steps: [ { weight: 20%, for: 400ms, every: 200ms }, { weight: 100% } ]\n").await;
    over_tcp(&stage);
    let github = Repository::new("act-canary");
    let inputs = [("command", "canary-run"), ("canary-revision", "v2")];
    let commit = repository(stage.folder.path(), &github, &inputs);
    let payload = json!({
        "ref": "refs/heads/main",
        "before": "1".repeat(40),
        "after": commit,
        "repository": { "full_name": github.name, "default_branch": "main" },
    });
    let output = act(stage.folder.path(), &github, "push", &payload);
    assert_eq!(told(&output), "[passed] [true] [0] [promoted] [100] []");
    assert_eq!(stage.weights(), (100, 0));
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let statuses = github.statuses();
    assert!(
        matches!(&statuses[..], [status] if status.starts_with("rollgate/web/canary success: web: canary promoted")),
        "{statuses:?} {log}"
    );
    assert!(log.contains("nothing to settle"), "the post step ran: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_on_a_pull_request_of_the_same_repository() {
    let stage =
        Stage::set("      steps: [ { weight: 20%, for: 400ms, every: 200ms }, { weight: 100% } ]\n").await;
    stage.canary.fail(0.5);
    over_tcp(&stage);
    let github = Repository::new("act-pull");
    let inputs = [("command", "canary-run"), ("canary-revision", "v2"), ("comment", "on-failure")];
    let head = repository(stage.folder.path(), &github, &inputs);
    github.pull(7, &head, "change", &[]);
    let payload = json!({
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": { "ref": "change", "sha": head, "repo": { "full_name": github.name } },
            "base": { "ref": "main", "sha": "b".repeat(40), "repo": { "full_name": github.name } },
        },
        "repository": { "full_name": github.name, "default_branch": "main" },
    });
    let output = act(stage.folder.path(), &github, "pull_request", &payload);
    assert_eq!(told(&output), "[failed] [false] [1] [rolled-back] [0] []");
    assert_eq!(stage.weights(), (0, 100));
    let statuses = github.statuses();
    assert!(statuses[0].starts_with("rollgate/web/canary failure: web: canary rolled back"), "{statuses:?}");
    let comments = github.comments();
    assert!(
        matches!(&comments[..], [comment] if comment.contains("web: canary rolled back by the gate")),
        "{comments:?} {}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn descriptions_on_a_push_and_on_a_pull_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, schema_check::old()).unwrap();
    let github = Repository::new("act-schema");
    let base = repository(folder.path(), &github, &[("comment", "on-failure")]);
    git(folder.path(), &["switch", "--quiet", "--create", "change"]);
    std::fs::write(&path, schema_check::broken()).unwrap();
    let head = commit(folder.path());
    github.pull(7, &head, "change", &[]);
    let about = json!({ "full_name": github.name, "default_branch": "main" });
    let pull = json!({
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": { "ref": "change", "sha": head, "repo": { "full_name": github.name } },
            "base": { "ref": "main", "sha": base, "repo": { "full_name": github.name } },
        },
        "repository": about,
    });
    let output = act(folder.path(), &github, "pull_request", &pull);
    assert_eq!(told(&output), "[failed] [false] [1] [] [] [1]");
    let statuses = github.statuses();
    assert!(statuses[0].starts_with("rollgate/api/schema failure"), "{statuses:?}");
    assert_eq!((github.check_runs().len(), github.comments().len()), (1, 1));

    // What is pushed is held against the branch as it was.
    std::fs::write(&path, schema_check::grown()).unwrap();
    let after = commit(folder.path());
    let push = json!({ "ref": "refs/heads/change", "before": head, "after": after, "repository": about });
    let output = act(folder.path(), &github, "push", &push);
    assert_eq!(told(&output), "[passed] [true] [0] [] [] [0]");
    let statuses = github.statuses();
    assert!(statuses[1].starts_with("rollgate/api/schema success"), "{statuses:?}");
}

/// Lets the configuration name the router by its port: a step's container has no other mounts than the job's.
fn over_tcp(stage: &Stage) {
    let path = stage.folder.path().join(".rollgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let socket = stage.haproxy.socket().display().to_string();
    let changed = config.replace(&socket, &format!("'{}'", stage.haproxy.runtime_tcp));
    assert_ne!(config, changed);
    std::fs::write(&path, changed).unwrap();
}
