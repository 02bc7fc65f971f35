//! One command, one connection, one answer: HAProxy's runtime API over its unix or TCP socket
//! (HAProxy 2.6 management guide, section 9.3).
//!
//! An answer is bounded in size and in time, is text, and says itself where it ends; everything else is an
//! error. What the words of an answer mean is not known here, except those with which HAProxy refuses.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::support::text;
use crate::traffic::DriverError;

/// How long one command may take, from the connection to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may be: some ten thousand servers.
const ANSWER_LIMIT: u64 = 1 << 20;

/// Where the runtime API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Unix(String),
    Tcp(String),
}

impl Address {
    /// `unix:PATH`, or anything with a `/`, is a path; the rest is `HOST:PORT`.
    pub(super) fn parse(socket: &str) -> Self {
        match socket.strip_prefix("unix:") {
            Some(path) => Self::Unix(path.into()),
            None if socket.contains('/') => Self::Unix(socket.into()),
            None => Self::Tcp(socket.into()),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unix(shown) | Self::Tcp(shown)) = self;
        f.write_str(&text::line(shown, text::SHOWN))
    }
}

/// The runtime API of one HAProxy.
#[derive(Debug, Clone)]
pub(super) struct RuntimeApi {
    address: Address,
}

/// What HAProxy says when it will not, and how the user mends it.
const REFUSALS: [(&str, &str); 7] = [
    ("No such server", "name a server of that backend in `baseline` and `canary`"),
    ("No such backend", "name a backend of that HAProxy in `backend`"),
    ("Can't find backend", "name a backend of that HAProxy in `backend`"),
    ("Permission denied", "set `level admin` on that `stats socket`"),
    ("Unknown command", "its runtime API is too old, or is not HAProxy's"),
    (
        "Backend is using a static LB algorithm",
        "set `balance roundrobin` or `balance leastconn` in that backend",
    ),
    ("Absolute weight can only be", "its runtime API is not HAProxy's"),
];

impl RuntimeApi {
    pub(super) fn new(socket: &str) -> Self {
        Self { address: Address::parse(socket) }
    }

    /// The answer to `commands`, joined by `;` from parts that hold none: some text, maybe without its end.
    pub(super) async fn ask(&self, commands: &[String]) -> Result<String, DriverError> {
        if commands.iter().any(|command| command.contains([';', '\\']) || command.contains(char::is_control))
        {
            return Err(self.refused("was not asked: a command may not hold `;`, `\\` or control characters"));
        }
        let request = format!("{}\n", commands.join(";"));
        let conversation = async {
            match &self.address {
                Address::Unix(path) => self.converse(UnixStream::connect(path).await, &request).await,
                Address::Tcp(host) => self.converse(TcpStream::connect(host.as_str()).await, &request).await,
            }
        };
        let answer = tokio::time::timeout(TIMEOUT, conversation).await.map_err(|_| {
            self.unreachable(&format!("did not finish its answer within {} s", TIMEOUT.as_secs()))
        })??;
        self.refusal_in(&answer).map_or(Ok(answer), Err)
    }

    async fn converse<S>(&self, connected: std::io::Result<S>, request: &str) -> Result<String, DriverError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = connected.map_err(|error| self.not_connected(&error))?;
        let broken = |error: std::io::Error| self.unreachable(&format!("broke the connection: {error}"));
        stream.write_all(request.as_bytes()).await.map_err(broken)?;
        let mut answer = Vec::new();
        stream.take(ANSWER_LIMIT + 1).read_to_end(&mut answer).await.map_err(broken)?;
        if answer.len() as u64 > ANSWER_LIMIT {
            return Err(self.refused("answered more than 1 MiB, which HAProxy's runtime API does not"));
        }
        if answer.is_empty() {
            return Err(self.unreachable("closed the connection without an answer"));
        }
        String::from_utf8(answer).map_err(|_| {
            self.refused("answered something that is not text, which HAProxy's runtime API does not")
        })
    }

    fn refusal_in(&self, answer: &str) -> Option<DriverError> {
        let said = answer.lines().find(|line| REFUSALS.iter().any(|(words, _)| line.starts_with(words)))?;
        let (_, mend) = REFUSALS.iter().find(|(words, _)| said.starts_with(words))?;
        let said = text::line(said.split_inclusive([',', '.']).next().unwrap_or(said), 200);
        Some(self.refused(&format!("said \"{}\": {mend}", said.trim_end_matches([',', '.']))))
    }

    fn not_connected(&self, error: &std::io::Error) -> DriverError {
        match (&self.address, error.kind()) {
            (Address::Tcp(_), std::io::ErrorKind::InvalidInput) => self.refused(
                "is no address: write `host:port`, or the path of the unix socket with `unix:` before it",
            ),
            (_, std::io::ErrorKind::PermissionDenied) => {
                self.refused("may not be opened: give this user the right to (`user`, `group`, `mode` of the `stats socket`)")
            }
            _ => self.unreachable(&format!(
                "cannot be connected to: {error}; is HAProxy running, with this `stats socket` in its `global` section?"
            )),
        }
    }

    /// The error for an answer without its end.
    pub(super) fn broke_off(&self) -> DriverError {
        self.unreachable("closed the connection in the middle of its answer")
    }

    /// The error for an answer that nobody knows how to read.
    pub(super) fn not_understood(&self, what: &str, answer: &str) -> DriverError {
        self.refused(&format!("answered {what}: \"{}\"", text::line(answer, 200)))
    }

    /// An error that asking again will not mend.
    pub(super) fn refused(&self, what: &str) -> DriverError {
        DriverError::Refused(format!("haproxy at {} {what}", self.address))
    }

    fn unreachable(&self, what: &str) -> DriverError {
        DriverError::Unreachable(format!("haproxy at {} {what}", self.address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_a_path_or_a_host_and_port() {
        let cases = [
            ("/run/haproxy.sock", Address::Unix("/run/haproxy.sock".into())),
            ("./haproxy.sock", Address::Unix("./haproxy.sock".into())),
            ("unix:haproxy.sock", Address::Unix("haproxy.sock".into())),
            ("localhost:9999", Address::Tcp("localhost:9999".into())),
            ("[::1]:9999", Address::Tcp("[::1]:9999".into())),
        ];
        for (written, meant) in cases {
            assert_eq!(Address::parse(written), meant);
        }
    }
}
