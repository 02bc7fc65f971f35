//! What the image is.

use std::net::UdpSocket;
use std::time::Duration;

use super::engine::{IMAGE, build, engine, image, printed, ran};

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
fn the_program_runs_in_it() {
    let version = printed(engine("podman").args(["run", "--rm", "--network", "none", image(), "--version"]));
    assert_eq!(version, concat!("rollgate ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// A server of names that knows one address for all of them; the names that it was asked for until `is_over`.
fn names(socket: &UdpSocket, is_over: impl Fn() -> bool) -> Vec<String> {
    let mut asked = Vec::new();
    let mut question = [0; 512];
    while !is_over() {
        let Ok((length, from)) = socket.recv_from(&mut question) else { continue };
        let labels = &question[12..length];
        let mut name = Vec::new();
        let mut at = 0;
        while labels[at] != 0 {
            let end = at + 1 + usize::from(labels[at]);
            name.push(String::from_utf8_lossy(&labels[at + 1..end]).into_owned());
            at = end;
        }
        asked.push(name.join("."));
        // RFC 1035, section 4.1: the question again, and for a question of type A one answer of it.
        let is_a = labels[at + 1..at + 3] == [0, 1];
        let mut answer = question[..12 + at + 5].to_vec();
        answer[2..4].copy_from_slice(&[0x81, 0x80]);
        answer[6..12].copy_from_slice(&[0, u8::from(is_a), 0, 0, 0, 0]);
        if is_a {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        socket.send_to(&answer, from).unwrap();
    }
    asked
}

#[test]
fn names_are_looked_up_where_resolv_conf_says() {
    const SERVER: &str = "127.0.0.153";
    let socket = UdpSocket::bind((SERVER, 53)).expect("root may serve names on an address of the loopback");
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let workspace = tempfile::tempdir().unwrap();
    let config = "version: 1
services:
  web:
    canary:
      driver: { none: {} }
      provider: { prometheus: { url: 'http://prometheus.shop.test:9' } }
      metrics: { errors: { ratio: { bad: 'b{arm=\"{{arm}}\"}', total: 't{arm=\"{{arm}}\"}' } } }
      steps: [ { weight: 10%, for: 1s }, { weight: 100% } ]
      gate: { policy: 'builtin:thresholds', settings: { error-rate: 1% } }
";
    std::fs::write(workspace.path().join(".rollgate.yaml"), config).unwrap();
    let resolver = workspace.path().join("resolv.conf");
    std::fs::write(&resolver, format!("nameserver {SERVER}\n")).unwrap();
    image();
    let step = std::thread::spawn(move || {
        let mut step = engine("podman");
        step.args(["run", "--rm", "--network", "host", "--workdir", "/work"]);
        step.args(["-v", &format!("{}:/work", workspace.path().display())]);
        step.args(["-v", &format!("{}:/etc/resolv.conf", resolver.display())]);
        let output = ran(step.args([image(), "canary", "run", "--self-check"]));
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let asked = names(&socket, || step.is_finished());
    let said = step.join().unwrap();
    assert!(asked.contains(&"prometheus.shop.test".to_owned()), "{asked:?}");
    // The name was found, and nobody listens at its address.
    assert!(said.contains("Connection refused"), "{said}");
}

#[test]
fn policies_run_in_it() {
    // Their processes leave root and are held by seccomp, which the engine has to let them do.
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
