//! A step on a Kubernetes runner: a pod that waits, a script that is copied into it and run there.

use std::os::unix::fs::PermissionsExt;

use super::engine::{Container, engine, image, printed, ran};

#[test]
fn the_sequence_of_a_kubernetes_runner_works() {
    let container = Container::name("pod");
    let mut pod = engine("podman");
    pod.args(["run", "--detach", "--name", &container.0, "--network", "none", "--entrypoint", "tail"]);
    printed(pod.args([image(), "-f", "/dev/null"]));

    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.sh");
    // As the runner's hooks write it: inputs in the environment of the entrypoint, hyphens and all.
    let lines = "#!/bin/sh -l
cd /github && \\
exec env 'INPUT_COMMAND=$(touch /tmp/owned)' 'INPUT_FAIL-ON=warn' 'GITHUB_OUTPUT=/tmp/output' /usr/local/bin/rollgate-action
";
    std::fs::write(&script, lines).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    printed(engine("podman").args([
        "cp",
        &script.to_string_lossy(),
        &format!("{}:/tmp/script.sh", container.0),
    ]));
    let step = ran(engine("podman").args(["exec", &container.0, "sh", "-e", "/tmp/script.sh"]));
    let said = String::from_utf8_lossy(&step.stderr).into_owned();
    assert_eq!(step.status.code(), Some(2), "{said}");
    assert!(said.contains("read the input `command`: `$(touch /tmp/owned)` is none of"), "{said}");

    let shell = |script: &str| printed(engine("podman").args(["exec", &container.0, "sh", "-c", script]));
    assert_eq!(shell("test -e /tmp/owned || echo untouched"), "untouched\n");
    assert!(shell("cat /tmp/output").contains("\ninvalid\n"));
    // The hooks move files with these.
    assert_eq!(
        shell("cd /tmp && tar -cf - script.sh | tar -tf - && find /tmp -name script.sh"),
        "script.sh\n/tmp/script.sh\n"
    );
}
