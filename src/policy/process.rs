//! The host's side of a worker: starts it with nothing, asks it by the clock, kills it.
//!
//! Invariants. Every question has a wall clock; a worker that does not answer in time, answers something
//! else, or dies is killed and reaped before anybody is told, and is never asked again. The worker gets two
//! pipes, an empty environment and, where the host is root, the user and group 65534. The host is not
//! dumpable from the first start on, so its environment and memory are closed even to its own user.

use std::path::PathBuf;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::frame::{self, FrameError};
use super::limits::{Limits, size};
use super::protocol::{Ask, Numbered, Reply};
use crate::support::text;
use crate::support::units::Millis;

/// User and group of a worker whose host is root: nobody's, on every Linux system.
const NOBODY: u32 = 65534;

/// How long a killed worker may take to be gone.
const REAP: Duration = Duration::from_secs(5);

/// The program that is started as a worker.
#[derive(Debug, Clone)]
pub struct WorkerProgram {
    /// Its file.
    pub file: PathBuf,
    /// What comes before the worker's own arguments.
    pub arguments: Vec<String>,
}

impl Default for WorkerProgram {
    /// This very program.
    fn default() -> Self {
        Self::at("/proc/self/exe")
    }
}

impl WorkerProgram {
    /// The `rollgate` binary at `file`.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), arguments: vec!["policy-worker".into()] }
    }
}

/// How a worker failed its host.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// It could not be started.
    #[error("could not be started: {0}")]
    NotStarted(String),
    /// It did not answer in time and was killed.
    #[error("did not answer within {0}")]
    TimedOut(Millis),
    /// It ended.
    #[error("ended: {0}")]
    Died(String),
    /// It does not speak as a worker does, and was killed.
    #[error("answered out of turn: {0}")]
    Garbled(String),
}

/// A running worker.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    turn: u64,
    reply_bytes: u64,
    notes: Vec<String>,
}

impl Worker {
    /// Starts a worker and waits until it is in its jail, until `deadline`.
    pub async fn start(program: &WorkerProgram, limits: &Limits, deadline: Deadline) -> Result<Self, Lost> {
        let mut child = spawn(program, limits).await?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Lost::NotStarted("its pipes are missing".into()));
        };
        let mut worker =
            Self { child, to, from, turn: 0, reply_bytes: limits.reply_bytes, notes: Vec::new() };
        match worker.hear(1, deadline).await.map_err(not_ready)? {
            Reply::Ready(notes) => {
                worker.notes = notes.iter().map(|note| text::line(note, text::SHOWN)).collect();
                Ok(worker)
            }
            Reply::NoJail(why) => {
                worker.end().await;
                Err(Lost::NotStarted(format!("its jail is not to be had: {}", text::line(&why, text::SHOWN))))
            }
            _ => {
                worker.end().await;
                Err(Lost::Garbled("it is not ready".into()))
            }
        }
    }

    /// What of its jail this machine does not offer.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks a question. After an error the worker is gone.
    pub async fn ask(&mut self, ask: Ask, body: &[u8], deadline: Deadline) -> Result<Reply, Lost> {
        self.ask_for(1, ask, body, deadline).await
    }

    /// Asks a question whose answer is this many of the usual size.
    pub async fn ask_for(
        &mut self,
        answers: u64,
        ask: Ask,
        body: &[u8],
        deadline: Deadline,
    ) -> Result<Reply, Lost> {
        self.turn += 1;
        let message = serde_json::to_vec(&Numbered { turn: self.turn, message: ask })
            .map_err(|error| Lost::Garbled(error.to_string()))?;
        let telling = async {
            frame::send(&mut self.to, &message).await?;
            frame::send(&mut self.to, body).await
        };
        match tokio::time::timeout_at(deadline.at, telling).await {
            Ok(Ok(())) => self.hear(answers, deadline).await,
            Ok(Err(error)) => Err(self.lose(error).await),
            Err(_) => {
                self.end().await;
                Err(Lost::TimedOut(deadline.span))
            }
        }
    }

    /// Whether it waits for a question: alive, and nothing said that nobody asked for.
    pub async fn is_waiting(&mut self) -> bool {
        std::future::poll_fn(|context| {
            let mut byte = [0];
            let mut read = ReadBuf::new(&mut byte);
            Poll::Ready(Pin::new(&mut self.from).poll_read(context, &mut read).is_pending())
        })
        .await
    }

    async fn hear(&mut self, answers: u64, deadline: Deadline) -> Result<Reply, Lost> {
        let most = self.reply_bytes.saturating_mul(answers);
        let reply = match tokio::time::timeout_at(deadline.at, frame::receive(&mut self.from, most)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return Err(self.lose(error).await),
            Err(_) => {
                self.end().await;
                return Err(Lost::TimedOut(deadline.span));
            }
        };
        let garbled = match serde_json::from_slice::<Numbered<Reply>>(&reply) {
            Ok(reply) if reply.turn == self.turn => return Ok(reply.message),
            Ok(reply) => format!("it answers question {} instead of {}", reply.turn, self.turn),
            Err(error) => text::line(&error.to_string(), 200),
        };
        self.end().await;
        Err(Lost::Garbled(garbled))
    }

    async fn lose(&mut self, error: FrameError) -> Lost {
        match error {
            FrameError::TooLong { .. } => {
                self.end().await;
                Lost::Garbled(error.to_string())
            }
            // A broken pipe: it has ended, or is about to.
            FrameError::Ended | FrameError::Half | FrameError::Broken(_) => {
                let status = tokio::time::timeout(Duration::from_millis(500), self.child.wait()).await;
                let died = match status {
                    Ok(Ok(status)) => last_words(status),
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it closed its pipes".into(),
                };
                self.end().await;
                Lost::Died(died)
            }
        }
    }

    /// Kills and reaps it.
    pub async fn end(&mut self) {
        // It fails only where the process is already gone.
        let _ = self.child.start_kill();
        let _ = tokio::time::timeout(REAP, self.child.wait()).await;
    }
}

/// A worker that is lost before it is ready has not seen a policy yet.
fn not_ready(lost: Lost) -> Lost {
    match lost {
        Lost::TimedOut(_) | Lost::Died(_) => Lost::NotStarted(format!("it {lost}")),
        lost => lost,
    }
}

/// How a process ended, in words.
fn last_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(6)) => "signal 6, which is how it ends when memory runs out".into(),
        (None, Some(9)) => "signal 9; the system may have run out of memory".into(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "for no reason that is known".into(),
    }
}

/// When an answer must be there.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    span: Millis,
}

impl Deadline {
    /// `span` from now.
    #[must_use]
    pub fn within(span: Millis) -> Self {
        Self { at: Instant::now() + Duration::from(span), span }
    }
}

fn command(program: &WorkerProgram, limits: &Limits) -> std::io::Result<(Command, std::fs::File)> {
    // The file is opened here, as the host's user: the worker's user may have no way to its path.
    let file = std::fs::File::open(&program.file)?;
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    let mut command = Command::new(path);
    command
        .arg0("rollgate")
        .args(&program.arguments)
        .arg(format!("--memory={}", limits.worker_bytes))
        .env_clear()
        // The compiler's threads and the allocator's arenas would each take memory by the number of processors, so a
        // policy would load on a small machine and not on a large one.
        .env("RAYON_NUM_THREADS", "2")
        .env("MALLOC_ARENA_MAX", "2")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if rustix::process::geteuid().is_root() {
        // This also gives up all supplementary groups.
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok((command, file))
}

async fn spawn(program: &WorkerProgram, limits: &Limits) -> Result<Child, Lost> {
    let not_started = |error: std::io::Error| {
        let mut why = error.to_string();
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            why.push_str(
                "; a host that is root must be allowed to become user 65534 (the capabilities SETUID, SETGID and, to end it, KILL), and the program must be executable by everybody",
            );
        }
        Lost::NotStarted(why)
    };
    let gone = || Lost::NotStarted("the thread that starts workers is gone".into());
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|error| not_started(error.into()))?;
    let (command, file) = command(program, limits).map_err(not_started)?;
    let (started, starting) = oneshot::channel();
    let order = Order { command, file, runtime: tokio::runtime::Handle::current(), started };
    starter().ok_or_else(gone)?.send(order).map_err(|_| gone())?;
    starting.await.map_err(|_| gone())?.map_err(not_started)
}

struct Order {
    command: Command,
    file: std::fs::File,
    runtime: tokio::runtime::Handle,
    started: oneshot::Sender<std::io::Result<Child>>,
}

/// The thread that starts workers. A worker's death signal comes when the *thread* that started it ends, and
/// the threads of a runtime come and go; this one lives as long as the process.
fn starter() -> Option<&'static mpsc::Sender<Order>> {
    static STARTER: OnceLock<Option<mpsc::Sender<Order>>> = OnceLock::new();
    STARTER
        .get_or_init(|| {
            let (orders, incoming) = mpsc::channel::<Order>();
            let serving = move || {
                for mut order in incoming {
                    let _runtime = order.runtime.enter();
                    // Whatever this process inherited without the flag would otherwise go to the worker.
                    close_fds::set_fds_cloexec_threadsafe(3, &[]);
                    let child = order.command.spawn();
                    drop(order.file);
                    // Nobody waits any more: the child is dropped, and that kills it.
                    let _ = order.started.send(child);
                }
            };
            std::thread::Builder::new().name("policy-starter".into()).spawn(serving).ok().map(|_| orders)
        })
        .as_ref()
}

/// What a worker's end means for the policy that it was loading.
#[must_use]
pub fn limits_in_words(limits: &Limits) -> String {
    format!("{} and {} of memory", limits.compile_wall, size(limits.worker_bytes))
}
