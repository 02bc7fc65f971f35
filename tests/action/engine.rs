//! Podman and buildah with runc, and the image of this build.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Works where the machine lets nobody raise limits and has the first version of control groups.
const CONFIGURATION: &str = "[containers]
default_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]
[engine]
runtime = \"runc\"
cgroup_manager = \"cgroupfs\"
events_logger = \"file\"
";

/// Name of the image in tests.
pub(crate) const IMAGE: &str = "localhost/rollgate:test";

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The engine's configuration.
pub(crate) fn configuration() -> &'static Path {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("containers.conf");
        std::fs::write(&path, CONFIGURATION).unwrap();
        (folder, path)
    });
    path
}

/// A command of the engine.
pub(crate) fn engine(program: &str) -> Command {
    // What a runner's container does as root, and with files of another user, nobody else can do here.
    assert!(rustix::process::geteuid().is_root(), "the tests of the image need root");
    let mut command = Command::new(program);
    command.env("CONTAINERS_CONF", configuration()).stdin(Stdio::null()).current_dir(root());
    command
}

/// Runs a command of the engine to its end.
pub(crate) fn ran(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        panic!("{program}: {error}; tests/run installs what is missing")
    })
}

/// What a command that has to succeed printed.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = ran(command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Builds the image of this build's program under `name`; its id. Layout of the files is one folder, so one
/// build goes on at a time.
pub(crate) fn build(name: &str) -> String {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = engine("image/build.sh");
    command.args(["--binary", env!("CARGO_BIN_EXE_rollgate"), "--tag", name]);
    printed(&mut command).trim().to_owned()
}

/// The image, built once.
pub(crate) fn image() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| build(IMAGE));
    IMAGE
}

/// A container that is removed when this is dropped.
pub(crate) struct Container(pub(crate) String);

impl Container {
    /// A name that no other container has.
    pub(crate) fn name(what: &str) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("rollgate-test-{what}-{}-{number}", std::process::id()))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = engine("podman").args(["rm", "--force", "--time", "0", "--ignore", &self.0]).output();
    }
}
