//! Reads and writes files whose paths come from outside, without ever waiting for the other end of a pipe.
//!
//! What is opened beneath a root stays there: no `..` and no symbolic link leads out of it. Only regular files are read, and no more of
//! them than was asked for. Where the kernel can hold an open beneath a directory (`openat2`), it does; elsewhere each
//! directory is opened in turn and symbolic links are refused altogether.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat, openat2};
use rustix::io::Errno;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// The path leads out of the root.
    #[error(
        "it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it"
    )]
    Outside,
    /// A directory, device, socket or pipe.
    #[error("it is not a regular file")]
    NotAFile,
    /// Too long.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// The system said no.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The content of the regular file at `path` beneath `root`, at most `limit` bytes. An absolute path is taken
/// when it begins with the absolute form of `root`.
pub fn read_beneath(root: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    whole(open_beneath(root, path)?, limit)
}

/// The same, where no part of the path may be a symbolic link, whatever it leads to.
pub fn read_unlinked(root: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    whole(open_with(root, path, ResolveFlags::NO_SYMLINKS)?, limit)
}

fn whole(file: File, limit: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too long from one that fits.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(ReadError::TooLong(limit)) } else { Ok(bytes) }
}

/// Opens the regular file at `path` beneath `root` for reading.
pub fn open_beneath(root: &Path, path: &Path) -> Result<File, ReadError> {
    open_with(root, path, ResolveFlags::empty())
}

fn open_with(root: &Path, path: &Path, more: ResolveFlags) -> Result<File, ReadError> {
    let path = relative(root, path)?;
    let directory =
        open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(outcome)?;
    // Without NONBLOCK, opening a pipe would wait for somebody to write to it.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | more;
    let opened = match openat2(&directory, &path, flags, Mode::empty(), resolve) {
        // Older kernels and some sandboxes do not have the call.
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => walk(directory, &path, flags),
        opened => opened.map_err(outcome),
    }?;
    let file = File::from(opened);
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::NotAFile) }
}

/// Opens the regular file at `path`, wherever it is, for reading.
pub fn open_regular(path: &Path) -> Result<File, ReadError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(open(path, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::LOOP => ReadError::Io(errno.into()),
        errno => outcome(errno),
    })?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::NotAFile) }
}

/// At most `limit` bytes of the regular file at `path`, wherever it is: a longer one is cut there.
pub fn read_start(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes `content` to `path` in place of what is there, and makes the folders that are missing on the way.
/// A pipe that nobody reads is an error.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOCTTY;
    let opened =
        open(path, flags | OFlags::NONBLOCK, Mode::from_raw_mode(0o666)).map_err(|errno| match errno {
            Errno::NXIO => io::Error::other("it is a pipe that nobody reads, or a socket"),
            errno => errno.into(),
        })?;
    // Only opening must not wait: who reads a pipe may be slower than the writer.
    let status = rustix::fs::fcntl_getfl(&opened)?;
    rustix::fs::fcntl_setfl(&opened, status - OFlags::NONBLOCK)?;
    File::from(opened).write_all(content)
}

/// Opens `path` one directory at a time, following no symbolic link.
fn walk(root: OwnedFd, path: &Path, flags: OFlags) -> Result<OwnedFd, ReadError> {
    let mut directory = root;
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        let Component::Normal(name) = component else { return Err(ReadError::Outside) };
        let flags = match components.peek() {
            Some(_) => OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            None => flags,
        };
        directory = openat(&directory, name, flags | OFlags::NOFOLLOW, Mode::empty()).map_err(outcome)?;
    }
    Ok(directory)
}

/// The path from `root`, without `.`.
fn relative(root: &Path, path: &Path) -> Result<PathBuf, ReadError> {
    let path = if path.is_absolute() {
        let root = std::path::absolute(root)?;
        path.strip_prefix(root).map_err(|_| ReadError::Outside)?
    } else {
        path
    };
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => plain.push(name),
            _ => return Err(ReadError::Outside),
        }
    }
    if plain.as_os_str().is_empty() { Err(ReadError::NotAFile) } else { Ok(plain) }
}

fn outcome(errno: Errno) -> ReadError {
    match errno {
        Errno::NOENT => ReadError::Missing,
        Errno::XDEV | Errno::LOOP => ReadError::Outside,
        Errno::NXIO | Errno::NODEV => ReadError::NotAFile,
        errno => ReadError::Io(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reader = fn(&Path, &Path) -> Result<OwnedFd, ReadError>;

    /// The kernel's way and the other one.
    const WAYS: [Reader; 2] = [
        |root, path| open_beneath(root, path).map(OwnedFd::from),
        |root, path| {
            let root_fd = open(root, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
            walk(root_fd, &relative(root, path)?, OFlags::RDONLY | OFlags::NONBLOCK)
        },
    ];

    fn tree() -> tempfile::TempDir {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("root");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(outer.path().join("secret"), "outside").unwrap();
        std::fs::write(root.join("sub/file"), "inside").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret"), root.join("absolute")).unwrap();
        std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
        outer
    }

    #[test]
    fn no_way_leads_out_of_the_root() {
        let outer = tree();
        let root = outer.path().join("root");
        for way in WAYS {
            assert!(way(&root, Path::new("sub/file")).is_ok());
            assert!(way(&root, Path::new("./sub/./file")).is_ok());
            assert!(way(&root, &root.join("sub/file")).is_ok());
            for path in
                ["../secret", "sub/../../secret", "out", "up/secret", "absolute", "loop", "/etc/hostname"]
            {
                assert!(
                    matches!(way(&root, Path::new(path)), Err(ReadError::Outside | ReadError::Io(_))),
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn only_regular_files_of_bounded_length_are_read() {
        let outer = tree();
        let root = outer.path().join("root");
        rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
        let read = |path: &str, limit| {
            read_beneath(&root, Path::new(path), limit).map_err(|error| error.to_string())
        };
        assert_eq!(read("sub/file", 6), Ok(b"inside".to_vec()));
        assert_eq!(read("sub/file", 5), Err("it is longer than 5 bytes".into()));
        assert_eq!(read("sub/none", 5), Err("there is no such file".into()));
        for path in ["pipe", "sub", "."] {
            assert_eq!(read(path, 5), Err("it is not a regular file".into()), "{path}");
        }
    }

    #[test]
    fn a_path_without_links_is_followed_over_none() {
        let outer = tree();
        let root = outer.path().join("root");
        std::os::unix::fs::symlink("sub", root.join("now")).unwrap();
        let read = |path: &str| read_unlinked(&root, Path::new(path), 6).map_err(|error| error.to_string());
        assert_eq!(read("sub/file"), Ok(b"inside".to_vec()));
        assert!(read_beneath(&root, Path::new("now/file"), 6).is_ok());
        for path in ["now/file", "now", "out", "up/secret", "../secret"] {
            assert!(read(path).is_err(), "{path}");
        }
    }

    #[test]
    fn writing_makes_the_folders_and_replaces_what_is_there() {
        let outer = tree();
        let path = outer.path().join("new/folders/report.md");
        for content in ["a longer one", "short"] {
            write(&path, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn writing_to_a_pipe_reaches_its_reader_and_waits_for_none() {
        let outer = tree();
        let path = outer.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
        let error = write(&path, b"lost").unwrap_err();
        assert_eq!(error.to_string(), "it is a pipe that nobody reads, or a socket");
        let reader = open(&path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        write(&path, b"read").unwrap();
        let mut read = String::new();
        File::from(reader).read_to_string(&mut read).unwrap();
        assert_eq!(read, "read");
    }
}
