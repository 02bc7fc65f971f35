//! A worker that was taken over reaches nothing, and each layer of its jail holds without the others.
//!
//! The attempts are in the program itself, behind the feature `test-probes`, and run after the very start
//! that every worker has.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use insta::assert_snapshot;
use rollgate::policy::limits::Limits;
use rollgate::policy::process::{Deadline, Worker, WorkerProgram};

/// What a worker that entered `layers` of its jail says of each attempt.
async fn escaped(layers: &str) -> Vec<String> {
    let secret = Box::new(*b"a secret");
    // Everybody may pass: what protects the file and the socket is the worker's confinement, and in the last
    // test their mode.
    let workspace = tempfile::tempdir().unwrap();
    std::fs::set_permissions(workspace.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (file, socket) = (workspace.path().join("file"), workspace.path().join("docker.sock"));
    std::fs::write(&file, b"content").unwrap();
    let _docker = UnixListener::bind(&socket).unwrap();
    for path in [&file, &socket] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let targets = serde_json::json!({
        "layers": layers,
        "host": std::process::id(),
        "address": secret.as_ptr() as usize,
        "file": file,
        "new_file": workspace.path().join("new"),
        "socket": socket,
        "listener": listener.local_addr().unwrap(),
    });
    let program = WorkerProgram {
        file: env!("CARGO_BIN_EXE_rollgate").into(),
        arguments: vec!["policy-worker".into(), "--escape".into(), targets.to_string()],
    };
    let limits = Limits::default();
    let mut worker = Worker::start(&program, &limits, Deadline::within(limits.compile_wall)).await.unwrap();
    let told = worker.notes().to_vec();
    worker.end().await;
    assert_eq!(*secret, *b"a secret");
    told
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test]
async fn an_escaped_worker_reaches_nothing() {
    assert_snapshot!(escaped("all").await.join("\n"), @r"
    environment: MALLOC_ARENA_MAX RAYON_NUM_THREADS
    descriptors: 0=pipe 1=pipe 2=/dev/null
    environment of the host: Operation not permitted (os error 1)
    memory of the host by its file: Operation not permitted (os error 1)
    memory of the host by a call: Operation not permitted (os error 1)
    descriptors of the host: Operation not permitted (os error 1)
    tracing the host: Operation not permitted (os error 1)
    signal to the host: Operation not permitted (os error 1)
    handle of the host: Operation not permitted (os error 1)
    limits of the host: Operation not permitted (os error 1)
    reading a file of the workspace: Operation not permitted (os error 1)
    writing a file of the workspace: Operation not permitted (os error 1)
    socket of docker: Operation not permitted (os error 1)
    TCP connection: Operation not permitted (os error 1)
    UDP socket: Operation not permitted (os error 1)
    another program: Operation not permitted (os error 1)
    ");
}

#[tokio::test]
async fn without_the_filter_of_system_calls_the_other_layers_hold() {
    let told = escaped("without-filter").await;
    let reached: Vec<_> = told.iter().filter_map(|line| line.strip_suffix(": reached")).collect();
    // A process may change the limits of another one of its user, and only the filter knows that call.
    assert_eq!(reached, if is_root() { vec![] } else { vec!["limits of the host"] });
}

#[tokio::test]
async fn another_user_and_a_host_that_is_not_dumpable_close_the_host_alone() {
    let told = escaped("user-only").await.join("\n");
    if is_root() {
        assert_snapshot!(told, @r"
        environment: MALLOC_ARENA_MAX RAYON_NUM_THREADS
        descriptors: 0=pipe 1=pipe 2=/dev/null
        environment of the host: Permission denied (os error 13)
        memory of the host by its file: Permission denied (os error 13)
        memory of the host by a call: Operation not permitted (os error 1)
        descriptors of the host: Permission denied (os error 13)
        tracing the host: Operation not permitted (os error 1)
        signal to the host: Operation not permitted (os error 1)
        handle of the host: Operation not permitted (os error 1)
        limits of the host: Operation not permitted (os error 1)
        reading a file of the workspace: Permission denied (os error 13)
        writing a file of the workspace: Permission denied (os error 13)
        socket of docker: Permission denied (os error 13)
        TCP connection: reached
        UDP socket: reached
        another program: reached
        ");
    } else {
        for closed in [
            "environment of the host",
            "memory of the host by its file",
            "memory of the host by a call",
            "tracing the host",
        ] {
            assert!(told.contains(closed) && !told.contains(&format!("{closed}: reached")), "{told}");
        }
    }
}
