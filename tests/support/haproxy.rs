//! A real HAProxy in front of two arms: backend `web` with the servers `web-stable` and `web-canary`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::ports;

pub(crate) struct Haproxy {
    child: Child,
    directory: tempfile::TempDir,
    /// Where it takes requests.
    pub(crate) front: SocketAddr,
    /// The runtime API over TCP, `level admin`.
    pub(crate) runtime_tcp: SocketAddr,
}

impl Haproxy {
    /// Starts with all traffic on the baseline and waits until it answers.
    pub(crate) fn start(baseline: SocketAddr, canary: SocketAddr) -> Self {
        let servers = format!(
            "  balance roundrobin\n  server web-stable {baseline} weight 100\n  server web-canary {canary} weight 0\n"
        );
        Self::with_backend(&servers)
    }

    /// Starts with these lines as backend `web`.
    pub(crate) fn with_backend(lines: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let front = SocketAddr::from(([127, 0, 0, 1], ports::free()));
        let runtime_tcp = SocketAddr::from(([127, 0, 0, 1], ports::free()));
        let path = directory.path().display();
        let config = format!(
            "global
  maxconn 500
  stats socket {path}/admin.sock mode 600 level admin
  stats socket {path}/user.sock mode 600 level user
  stats socket ipv4@{runtime_tcp} level admin
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend front
  bind {front}
  default_backend web
backend web
{lines}"
        );
        std::fs::write(directory.path().join("haproxy.cfg"), config).unwrap();
        let child = spawn(directory.path());
        let mut started = Self { child, directory, front, runtime_tcp };
        started.wait_until_ready();
        started
    }

    /// The runtime API, `level admin`.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("admin.sock")
    }

    /// The runtime API, `level user`: it answers questions and changes nothing.
    pub(crate) fn read_only_socket(&self) -> PathBuf {
        self.directory.path().join("user.sock")
    }

    /// Kills it and starts it again on the same ports; what was set at runtime is forgotten.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = spawn(self.directory.path());
        self.wait_until_ready();
    }

    pub(crate) fn kill(&mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Sends a signal to it.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// The answer to a runtime command given by hand.
    pub(crate) fn by_hand(&self, command: &str) -> String {
        let mut socket = UnixStream::connect(self.socket()).unwrap();
        writeln!(socket, "{command}").unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    fn wait_until_ready(&mut self) {
        let started = Instant::now();
        // One listener is there before the next.
        let listens = |started: &Self| {
            let sockets = [started.socket(), started.read_only_socket()];
            sockets.iter().all(|socket| UnixStream::connect(socket).is_ok())
                && TcpStream::connect(started.runtime_tcp).is_ok()
        };
        while !listens(self) {
            if let Some(status) = self.child.try_wait().unwrap() {
                let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
                panic!("haproxy ended at its start with {status}:\n{log}");
            }
            assert!(started.elapsed() < Duration::from_secs(20), "haproxy is not ready after 20 s");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(directory: &Path) -> Child {
    let log = std::fs::File::create(directory.join("log")).unwrap();
    Command::new("haproxy")
        .arg("-db")
        .arg("-f")
        .arg(directory.join("haproxy.cfg"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("haproxy starts; on Debian it is in the package `haproxy`")
}
