//! Where the bytes of a policy come from: embedded in the program, or a file beneath the root.
//!
//! Edge. Invariant: a file is opened beneath the root by the kernel's own rule (`RESOLVE_BENEATH`), so
//! neither `..` nor a symbolic link leads out of it; only regular files are read, and no more than the limit.
//! The bytes are read once: what is hashed is what runs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use super::anatomy;
use super::fault;
use super::limits::Limits;
use crate::support::text;
use crate::verdict::model::{Fault, FaultKind};

/// What a reference to an embedded policy begins with.
pub const BUILTIN: &str = "builtin:";

/// Reads policies.
#[derive(Debug, Clone)]
pub struct PolicySource {
    /// The directory that files are beneath.
    pub root: PathBuf,
    /// Finds an embedded policy by its name.
    pub builtin: fn(&str) -> Option<&'static [u8]>,
}

impl PolicySource {
    /// The bytes behind `reference`: `builtin:NAME`, or a path beneath the root.
    pub fn read(&self, reference: &str, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
        match reference.strip_prefix(BUILTIN) {
            Some(name) => (self.builtin)(name).map(Arc::from).ok_or_else(|| {
                unreadable(format!("there is no built-in policy `{}`", text::line(name, 100)))
            }),
            None => self.read_file(Path::new(reference), limits),
        }
    }

    fn read_file(&self, path: &Path, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
        let shown = text::line(&path.display().to_string(), 300);
        let failed = |error: std::io::Error| {
            unreadable(match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
                Some(rustix::io::Errno::XDEV | rustix::io::Errno::LOOP) => {
                    format!("`{shown}` leads out of {}", text::line(&self.root.display().to_string(), 300))
                }
                _ => format!("`{shown}` cannot be read: {error}"),
            })
        };
        let file = self.open(path).map_err(|error| failed(error.into()))?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(unreadable(format!("`{shown}` is not a regular file")));
        }
        if about.len() > limits.component_bytes {
            return Err(anatomy::too_large(about.len(), limits));
        }
        let mut bytes = Vec::new();
        // One byte more than allowed, since the file may grow while it is read.
        file.take(limits.component_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > limits.component_bytes {
            return Err(anatomy::too_large(bytes.len() as u64, limits));
        }
        Ok(bytes.into())
    }

    fn open(&self, path: &Path) -> rustix::io::Result<File> {
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, &self.root, directory, Mode::empty())?;
        // Without NONBLOCK a named pipe would hold the host until somebody writes.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(root, path, flags, Mode::empty(), resolve).map(File::from)
    }
}

fn unreadable(message: String) -> Fault {
    fault::new(FaultKind::Unreadable, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(root: &Path) -> PolicySource {
        PolicySource { root: root.into(), builtin: |name| (name == "known").then_some(b"bytes".as_slice()) }
    }

    #[test]
    fn built_in_policies_are_found_by_name() {
        let source = source(Path::new("/nowhere"));
        assert_eq!(&*source.read("builtin:known", &Limits::default()).unwrap(), b"bytes");
        let fault = source.read("builtin:x::y", &Limits::default()).unwrap_err();
        assert_eq!(fault.message, "there is no built-in policy `x: :y`");
    }

    #[test]
    fn no_path_leads_out_of_the_root() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.wasm"), b"secret").unwrap();
        let root = tempfile::tempdir_in(outside.path()).unwrap();
        std::fs::write(root.path().join("p.wasm"), b"policy").unwrap();
        std::os::unix::fs::symlink("../secret.wasm", root.path().join("link.wasm")).unwrap();
        std::os::unix::fs::symlink("p.wasm", root.path().join("inner.wasm")).unwrap();
        rustix::fs::mkfifoat(CWD, root.path().join("pipe.wasm"), Mode::RUSR | Mode::WUSR).unwrap();
        let source = source(root.path());
        let limits = Limits { component_bytes: 6, ..Limits::default() };
        assert_eq!(&*source.read("p.wasm", &limits).unwrap(), b"policy");
        assert_eq!(&*source.read("inner.wasm", &limits).unwrap(), b"policy");
        let refused = |path: &str| {
            let fault = source.read(path, &limits).unwrap_err();
            (fault.kind, fault.message.replace(&*root.path().to_string_lossy(), "ROOT"))
        };
        let unreadable = |message: &str| (FaultKind::Unreadable, message.to_owned());
        assert_eq!(refused("../secret.wasm"), unreadable("`../secret.wasm` leads out of ROOT"));
        assert_eq!(refused("link.wasm"), unreadable("`link.wasm` leads out of ROOT"));
        assert_eq!(refused("/etc/passwd"), unreadable("`/etc/passwd` leads out of ROOT"));
        assert_eq!(refused("pipe.wasm"), unreadable("`pipe.wasm` is not a regular file"));
        assert_eq!(refused("."), unreadable("`.` is not a regular file"));
        assert_eq!(
            refused("absent.wasm"),
            unreadable("`absent.wasm` cannot be read: No such file or directory (os error 2)")
        );
        std::fs::write(root.path().join("p.wasm"), b"policy!").unwrap();
        assert_eq!(
            refused("p.wasm"),
            (FaultKind::NotAPolicy, "it has 7 bytes, of which at most 6 bytes are accepted".to_owned())
        );
    }
}
