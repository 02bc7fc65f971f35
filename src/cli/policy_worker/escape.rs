//! What a guest would try that had taken over its worker. Only in builds with the feature `test-probes`.
//!
//! Runs inside the jail, after the very same start as always, and tells the host how each attempt went. An
//! attempt that works is told as `reached`; the tests expect none.

use std::io::{IoSliceMut, Read as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, Signal};
use serde::Deserialize;

use crate::policy::jail::Layers;

/// What is to be reached.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Targets {
    /// Which layers of the jail are entered.
    pub(super) layers: Layers,
    /// Process id of the host.
    host: i32,
    /// Where something lies in the host's memory.
    address: usize,
    /// A file of the workspace that holds something.
    file: PathBuf,
    /// A file of the workspace that does not exist.
    new_file: PathBuf,
    /// A socket like Docker's.
    socket: PathBuf,
    /// Somebody who listens.
    listener: SocketAddr,
}

impl std::str::FromStr for Targets {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// What the process was given: names of variables and open descriptors. To be called before the jail.
pub(super) fn inherited() -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "shows that nothing of the host's environment is here")]
    let names = std::env::vars().map(|(name, _)| name);
    let mut names: Vec<_> = names.collect();
    names.sort();
    let mut open: Vec<String> = Vec::new();
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        for entry in entries.flatten() {
            // The listing itself holds one, which is gone by now.
            if let Ok(target) = std::fs::read_link(entry.path())
                && !target.starts_with("/proc")
            {
                let kind = target.to_string_lossy();
                let kind = kind.split(':').next().unwrap_or_default();
                open.push(format!("{}={kind}", entry.file_name().to_string_lossy()));
            }
        }
    }
    open.sort();
    vec![format!("environment: {}", names.join(" ")), format!("descriptors: {}", open.join(" "))]
}

/// Tries everything.
pub(super) fn attempts(to: &Targets, inherited: Vec<String>) -> Vec<String> {
    let mut told = inherited;
    let mut attempt = |name: &str, result: Result<(), std::io::Error>| {
        told.push(match result {
            Ok(()) => format!("{name}: reached"),
            Err(error) => format!("{name}: {error}"),
        });
    };
    attempt("environment of the host", read(&format!("/proc/{}/environ", to.host).into()));
    attempt("memory of the host by its file", read_memory_file(to));
    attempt("memory of the host by a call", read_memory(to));
    attempt("descriptors of the host", std::fs::read_dir(format!("/proc/{}/fd", to.host)).map(drop));
    attempt("tracing the host", {
        let options = ptrace::Options::empty();
        ptrace::seize(nix::unistd::Pid::from_raw(to.host), options).map_err(Into::into)
    });
    attempt("signal to the host", with_host(to, |host| rustix::process::kill_process(host, Signal::URG)));
    attempt("handle of the host", {
        with_host(to, |host| {
            let handle = rustix::process::pidfd_open(host, PidfdFlags::empty())?;
            rustix::process::pidfd_send_signal(handle, Signal::URG)
        })
    });
    attempt("limits of the host", {
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        with_host(to, |host| rustix::process::prlimit(Some(host), Resource::Core, none).map(drop))
    });
    attempt("reading a file of the workspace", read(&to.file));
    attempt("writing a file of the workspace", std::fs::write(&to.new_file, b"here"));
    attempt("socket of docker", UnixStream::connect(&to.socket).map(drop));
    attempt("TCP connection", TcpStream::connect(to.listener).map(drop));
    attempt("UDP socket", UdpSocket::bind("127.0.0.1:0").map(drop));
    attempt("another program", std::process::Command::new("/bin/true").spawn().map(drop));
    told
}

fn read(path: &PathBuf) -> std::io::Result<()> {
    std::fs::File::open(path)?.read_to_end(&mut Vec::new()).map(drop)
}

fn read_memory_file(to: &Targets) -> std::io::Result<()> {
    use std::os::unix::fs::FileExt as _;
    std::fs::File::open(format!("/proc/{}/mem", to.host))?.read_exact_at(&mut [0; 8], to.address as u64)
}

fn read_memory(to: &Targets) -> std::io::Result<()> {
    let mut here = [0; 8];
    let there = [RemoteIoVec { base: to.address, len: here.len() }];
    process_vm_readv(nix::unistd::Pid::from_raw(to.host), &mut [IoSliceMut::new(&mut here)], &there)
        .map(drop)
        .map_err(Into::into)
}

fn with_host(to: &Targets, act: impl FnOnce(Pid) -> rustix::io::Result<()>) -> std::io::Result<()> {
    let host = Pid::from_raw(to.host).ok_or(rustix::io::Errno::SRCH)?;
    act(host).map_err(Into::into)
}
