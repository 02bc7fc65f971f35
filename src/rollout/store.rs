//! The state folder: one lock per service, one folder per run. Edge.
//!
//! ```text
//! services/<service>/lock       held by the process that owns the service's run
//! services/<service>/current    id of the service's last run
//! runs/<run id>/header.json     what was known before it began
//! runs/<run id>/journal.jsonl   what happened
//! runs/<run id>/looks/0001.json what each look saw and concluded, canonical and chained by digest
//! runs/<run id>/polls.jsonl     samples of a provider that has no server behind it
//! runs/<run id>/inbox/          commands to the process that owns the run
//! checks/<run id>/looks/        single looks and checks of descriptions; the last hundred are kept
//! checks/<run id>/looks.jsonl   a line of journal for each of them, with its digest
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::journal::{Entry, Journal, JournalError, Line, replay};
use super::looks::{self, Chain};
use super::machine::Command;
use super::record::{Header, LookRecord, RunRecord, VERSION};
use crate::metrics::Poll;
use crate::snapshot::canonical;
use crate::snapshot::statistics::Statistics;
use crate::support::fs::{ReadError, open_regular};
use crate::support::units::{Sha256, Timestamp};
use crate::verdict::model::Answer;

/// No file of a run that this program reads whole is larger.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// How many records of single looks and checks are kept: the oldest make room.
const CHECKS: usize = 100;

/// No command is longer.
const MOST_COMMAND: u64 = 4096;

/// Why the state folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("{action} {}: {error}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Another process owns the service's run.
    #[error(
        "take the lock of service {service}: another process is carrying out its rollout; see `rollgate canary status`, \
         or wait until it ends"
    )]
    Busy {
        /// The service.
        service: String,
    },
    /// A record is not what this program writes.
    #[error("read {}: {message}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A state folder.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// The right to carry out a service's rollout; given back when dropped, or when the process dies.
#[derive(Debug)]
pub struct ServiceLock {
    service: String,
    _file: File,
}

/// A command that was left for the process that owns a run.
#[derive(Debug)]
#[must_use]
pub struct Sent {
    path: PathBuf,
}

impl Sent {
    /// Takes the command back; false if it was taken already.
    pub fn withdraw(self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}

impl Store {
    /// The state folder at `root`, which is made when something is written.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Takes the lock of `service`, or fails at once if another process holds it.
    pub fn lock(&self, service: &str) -> Result<ServiceLock, StoreError> {
        self.ignore()?;
        let folder = self.service(service);
        make_folder(&folder)?;
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| StoreError::Io { action: "open", path: path.clone(), error })?;
        match file.try_lock() {
            Ok(()) => Ok(ServiceLock { service: service.to_owned(), _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::Busy { service: service.to_owned() }),
            Err(fs::TryLockError::Error(error)) => Err(StoreError::Io { action: "lock", path, error }),
        }
    }

    /// Id of the service's last run.
    pub fn current(&self, service: &str) -> Result<Option<String>, StoreError> {
        let path = self.service(service).join("current");
        let Some(bytes) = read_if_there(&path)? else { return Ok(None) };
        let id = String::from_utf8_lossy(&bytes).trim().to_owned();
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if plain {
            Ok(Some(id))
        } else {
            Err(StoreError::Damaged { path, message: "it is not the id of a run".into() })
        }
    }

    /// Makes the folder of a new run and makes it the service's current one.
    pub fn create(&self, lock: ServiceLock, header: &Header) -> Result<Run, StoreError> {
        let folder = self.run(&header.context.run_id);
        make_folder(&folder.join("looks"))?;
        make_folder(&folder.join("inbox"))?;
        write_whole(&folder.join("header.json"), &json(header))?;
        let run = Run::open(folder, lock, header.clone())?;
        write_whole(&self.service(&run.lock.service).join("current"), header.context.run_id.as_bytes())?;
        Ok(run)
    }

    /// Opens the run `id` for carrying on. What the process that owned it was told and did not take is
    /// forgotten: whoever told it was not answered, and must not be surprised later.
    pub fn open(&self, lock: ServiceLock, id: &str) -> Result<Run, StoreError> {
        let folder = self.run(id);
        let header = read_header(&folder)?;
        let run = Run::open(folder, lock, header)?;
        for path in run.inbox().paths() {
            fs::remove_file(&path).map_err(|error| StoreError::Io { action: "remove", path, error })?;
        }
        Ok(run)
    }

    /// Reads the run `id` without touching it.
    pub fn read(&self, id: &str) -> Result<RunRecord, StoreError> {
        let folder = self.run(id);
        let header = read_header(&folder)?;
        let lines = Journal::read(&folder.join("journal.jsonl"))?;
        let state = replay(&header.plan, &lines);
        let looks = looks::read(&folder, state.looks, &lines)?;
        Ok(RunRecord { header, lines, looks, state })
    }

    /// The samples that the run `id` recorded.
    pub fn polls(&self, id: &str) -> Result<Vec<Poll>, StoreError> {
        read_polls(&self.run(id))
    }

    /// Leaves a command for the process that owns the run `id`.
    pub fn send(&self, id: &str, command: Command, at: Timestamp) -> Result<Sent, StoreError> {
        let inbox = self.run(id).join("inbox");
        make_folder(&inbox)?;
        let path = inbox.join(format!("{:015}-{}.json", at.0, std::process::id()));
        write_whole(&path, &json(&command))?;
        Ok(Sent { path })
    }

    /// Begins the record of a single look, or of a check of descriptions, which is no rollout.
    pub fn begin_check(&self, id: &str) -> Result<Chain, StoreError> {
        self.ignore()?;
        let folder = self.check(id);
        let chain = Chain::begin(folder.clone())?;
        let entries = fs::read_dir(self.root.join("checks"));
        let mut kept: Vec<PathBuf> =
            entries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect();
        kept.sort();
        for old in kept.iter().take(kept.len().saturating_sub(CHECKS)).filter(|old| **old != folder) {
            // Another process may have been first.
            let _ = fs::remove_dir_all(old);
        }
        Ok(chain)
    }

    /// Folder of the single look or check `id`.
    #[must_use]
    pub fn check(&self, id: &str) -> PathBuf {
        self.root.join("checks").join(id)
    }

    /// Makes the state folder, out of sight of git: it often lies in a worktree.
    fn ignore(&self) -> Result<(), StoreError> {
        if self.root.is_dir() {
            return Ok(());
        }
        make_folder(&self.root)?;
        write_whole(&self.root.join(".gitignore"), b"*\n")
    }

    /// Folder of the run `id`.
    #[must_use]
    pub fn run(&self, id: &str) -> PathBuf {
        self.root.join("runs").join(id)
    }

    fn service(&self, service: &str) -> PathBuf {
        // A service's name is the user's; only plain characters become part of a path.
        let name: String = service
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02x}"),
            })
            .collect();
        self.root.join("services").join(name)
    }
}

/// A run that this process owns.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    header: Header,
    journal: Journal,
    lines: Vec<Line>,
    last_look: Option<Sha256>,
    memories: BTreeMap<String, Vec<u8>>,
    statistics: Statistics,
    polls: File,
    lock: ServiceLock,
}

impl Run {
    fn open(folder: PathBuf, lock: ServiceLock, header: Header) -> Result<Self, StoreError> {
        let (journal, lines) = Journal::open(&folder.join("journal.jsonl"))?;
        let looks = looks::read(&folder, replay(&header.plan, &lines).looks, &lines)?;
        let path = folder.join("polls.jsonl");
        let polls = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| StoreError::Io { action: "open", path, error })?;
        sync_folder(&folder)?;
        let mut run = Self {
            folder,
            header,
            journal,
            lines,
            last_look: None,
            memories: BTreeMap::new(),
            statistics: Statistics::default(),
            polls,
            lock,
        };
        for look in &looks {
            run.remember(look);
        }
        Ok(run)
    }

    /// What was known before the run began.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The journal so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What each policy wanted to be given at its next look, by member.
    #[must_use]
    pub fn memories(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.memories
    }

    /// What the statistics carry to the next look.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Digest of the last look's record.
    #[must_use]
    pub fn last_look(&self) -> Option<Sha256> {
        self.last_look
    }

    /// Appends to the journal and waits until it is on disk.
    pub fn append(&mut self, at: Timestamp, entry: Entry) -> Result<(), StoreError> {
        self.lines.push(self.journal.append(at, entry)?);
        Ok(())
    }

    /// Writes the record of a look and waits until it is on disk; gives its digest. Its event follows in the
    /// journal, with that digest; a record without its event is written over by the next look of that number.
    pub fn write_look(&mut self, look: &LookRecord) -> Result<Sha256, StoreError> {
        let digest = looks::write(&self.folder, look)?;
        self.remember(look);
        Ok(digest)
    }

    /// Appends samples. They are not waited for: one that is lost is a gap.
    pub fn write_poll(&mut self, poll: &Poll) -> Result<(), StoreError> {
        let mut line = json(poll);
        line.push(b'\n');
        let path = self.folder.join("polls.jsonl");
        self.polls.write_all(&line).map_err(|error| StoreError::Io { action: "write", path, error })
    }

    /// The samples so far.
    pub fn polls(&self) -> Result<Vec<Poll>, StoreError> {
        read_polls(&self.folder)
    }

    /// Takes the oldest command out of the inbox. It is gone before it is acted upon: a command that is lost
    /// with a dying process is seen to have had no effect, one that is repeated is not.
    ///
    /// What is no command is an error once and is gone as well; what cannot be taken away is no command.
    pub fn next_command(&mut self) -> Result<Option<Command>, StoreError> {
        for path in self.inbox().paths() {
            let read = read_at_most(&path, MOST_COMMAND);
            if fs::remove_file(&path).is_err() {
                continue;
            }
            let bytes = read?.unwrap_or_default();
            let damaged = |error: serde_json::Error| StoreError::Damaged { path, message: error.to_string() };
            return serde_json::from_slice(&bytes).map(Some).map_err(damaged);
        }
        Ok(None)
    }

    /// Where commands to the process that owns the run are left.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        Inbox { folder: self.folder.join("inbox") }
    }

    fn remember(&mut self, look: &LookRecord) {
        self.last_look = canonical::bytes(look).ok().map(|bytes| Sha256::of(&bytes));
        self.statistics.clone_from(&look.statistics);
        for member in &look.members {
            if let Answer::Outcome(outcome) = &member.answer {
                self.memories.insert(member.id.clone(), outcome.memory.clone());
            }
        }
    }
}

/// Where commands to the process that owns a run are left.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
}

impl Inbox {
    /// Whether this command waits; it stays where it is.
    #[must_use]
    pub fn holds(&self, command: Command) -> bool {
        self.paths().iter().any(|path| {
            let bytes = read_at_most(path, MOST_COMMAND).ok().flatten().unwrap_or_default();
            serde_json::from_slice::<Command>(&bytes).is_ok_and(|held| held == command)
        })
    }

    /// The waiting commands, oldest first. Pipes, which would never end, folders and links are none.
    fn paths(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let plain =
            entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|it| it.is_file()));
        let mut paths: Vec<PathBuf> = plain
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        paths
    }
}

pub(super) fn read_header(folder: &Path) -> Result<Header, StoreError> {
    let path = folder.join("header.json");
    let header: Header = read_json(&path)?;
    if header.version != VERSION {
        let message = format!("it has version {}, this program reads version {VERSION}", header.version);
        return Err(StoreError::Damaged { path, message });
    }
    Ok(header)
}

/// The latest samples, as many as fit: those of a rollout of many days are more than its looks need.
fn read_polls(folder: &Path) -> Result<Vec<Poll>, StoreError> {
    let path = folder.join("polls.jsonl");
    let io = |error| StoreError::Io { action: "read", path: path.clone(), error };
    let Some(mut file) = open_if_there(&path)? else { return Ok(Vec::new()) };
    let length = file.metadata().map_err(io)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES))).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(io)?;
    // A line that cannot be read was cut off by a dying process, or by the limit: a gap, as every missing sample.
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    // The recorded types hold nothing that JSON cannot.
    serde_json::to_vec(value).unwrap_or_default()
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let bytes = read_if_there(path)?
        .ok_or_else(|| StoreError::Damaged { path: path.to_owned(), message: "it is not there".into() })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::Damaged { path: path.to_owned(), message: error.to_string() })
}

pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    read_at_most(path, MOST_BYTES)
}

fn read_at_most(path: &Path, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let io = |error| StoreError::Io { action: "read", path: path.to_owned(), error };
    let Some(file) = open_if_there(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > most {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            message: "it is larger than any this program writes".into(),
        });
    }
    Ok(Some(bytes))
}

/// Opens a file of the record; a pipe or a folder in its place is damage.
fn open_if_there(path: &Path) -> Result<Option<File>, StoreError> {
    match open_regular(path) {
        Ok(file) => Ok(Some(file)),
        Err(ReadError::Missing) => Ok(None),
        Err(ReadError::Io(error)) => Err(StoreError::Io { action: "read", path: path.to_owned(), error }),
        Err(error) => Err(StoreError::Damaged { path: path.to_owned(), message: error.to_string() }),
    }
}

pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(|error| StoreError::Io { action: "make", path: path.to_owned(), error })
}

/// Writes a file so that it is there whole, or not at all, whenever the process dies.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let io = |error| StoreError::Io { action: "write", path: path.to_owned(), error };
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished).map_err(io)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io)?;
    fs::rename(&unfinished, path).map_err(io)?;
    sync_folder(path.parent().unwrap_or(path))
}

/// Waits until the names in a folder are on disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let io = |error| StoreError::Io { action: "flush", path: folder.to_owned(), error };
    File::open(folder).and_then(|open| open.sync_all()).map_err(io)
}

/// A name for a run that begins at `created`: its instant in UTC, and four random bytes.
pub fn run_id(created: Timestamp) -> Result<String, getrandom::Error> {
    let mut random = [0; 4];
    getrandom::fill(&mut random)?;
    let instant = i64::try_from(created.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let instant = instant.unwrap_or_default().strftime("%Y%m%dT%H%M%SZ");
    Ok(format!("{instant}-{:08x}", u32::from_be_bytes(random)))
}
