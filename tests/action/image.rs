//! What the image is.

use super::engine::{IMAGE, build, engine, image, printed};

#[test]
fn the_same_binary_gives_the_same_image() {
    let first = build(IMAGE);
    assert_eq!(first, build("localhost/rollgate:again"));
}

#[test]
fn it_has_no_user_and_an_explicit_entrypoint() {
    let format = "{{json .Config.Entrypoint}} {{json .Config.User}} {{json .Config.Cmd}}";
    let shown = printed(engine("podman").args(["image", "inspect", "--format", format, image()]));
    assert_eq!(shown.trim(), r#"["/usr/local/bin/rollgate"] "" ["--help"]"#);
}

#[test]
fn it_has_what_runners_use_and_where_names_are_looked_up() {
    let script = "set -e
for tool in sh tail tar find chmod cat env; do command -v \"$tool\" >/dev/null; done
test -s /etc/ssl/certs/ca-certificates.crt
cat /etc/nsswitch.conf
stat -c '%a' /tmp
ls /usr/local/bin";
    let shown = printed(engine("podman").args([
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        "/bin/sh",
        image(),
        "-c",
        script,
    ]));
    insta::assert_snapshot!(shown, @r"
    hosts: files dns
    passwd: files
    group: files
    1777
    rollgate
    rollgate-action
    rollgate-settle
    ");
}

#[test]
fn the_program_runs_in_it_and_resolves_names() {
    let version = printed(engine("podman").args(["run", "--rm", "--network", "none", image(), "--version"]));
    assert_eq!(version, concat!("rollgate ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn policies_run_in_it() {
    // All of it: workers that leave root, seccomp, sockets, names.
    let shown = printed(engine("podman").args([
        "run",
        "--rm",
        "--network",
        "host",
        image(),
        "policy",
        "inspect",
        "builtin:thresholds",
    ]));
    assert!(shown.contains("thresholds"), "{shown}");
}
