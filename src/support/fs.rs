//! Opens files beneath a root, and nothing else.
//!
//! No `..` and no symbolic link leads out of the root; only regular files are opened; no more is read than was
//! asked for. Where the kernel can hold an open beneath a directory (`openat2`), it does; elsewhere each
//! directory is opened in turn and symbolic links are refused altogether.

use std::fs::File;
use std::io::{self, Read as _};
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
    let file = open_beneath(root, path)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too long from one that fits.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(ReadError::TooLong(limit)) } else { Ok(bytes) }
}

/// Opens the regular file at `path` beneath `root` for reading.
pub fn open_beneath(root: &Path, path: &Path) -> Result<File, ReadError> {
    let path = relative(root, path)?;
    let directory =
        open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(outcome)?;
    // Without NONBLOCK, opening a pipe would wait for somebody to write to it.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let opened = match openat2(&directory, &path, flags, Mode::empty(), resolve) {
        // Older kernels and some sandboxes do not have the call.
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => walk(directory, &path, flags),
        opened => opened.map_err(outcome),
    }?;
    let file = File::from(opened);
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::NotAFile) }
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
}
