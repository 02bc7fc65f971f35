//! Where the bytes of a policy come from: embedded in the program, or a file beneath the root.
//!
//! Edge. The bytes are read once: what is hashed is what runs.

use std::path::PathBuf;
use std::sync::Arc;

use super::limits::{Limits, size};
use super::{builtin, fault};
use crate::support::fs::{ReadError, read_beneath};
use crate::support::text;
use crate::verdict::model::{Fault, FaultKind};

/// Reads policies.
#[derive(Debug, Clone)]
pub struct PolicySource {
    /// The directory that files are beneath.
    pub root: PathBuf,
}

impl PolicySource {
    /// The bytes behind `reference`: `builtin:NAME`, or a path beneath the root.
    pub fn read(&self, reference: &str, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
        match reference.strip_prefix(builtin::SCHEME) {
            Some(name) => match builtin::find(name) {
                Some(found) => Ok(found.bytes.into()),
                None => Err(unknown(name)),
            },
            None => self.read_file(reference, limits),
        }
    }

    fn read_file(&self, path: &str, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
        let limit = usize::try_from(limits.component_bytes).unwrap_or(usize::MAX);
        match read_beneath(&self.root, path.as_ref(), limit) {
            Ok(bytes) => Ok(bytes.into()),
            Err(ReadError::TooLong(_)) => {
                Err(unreadable(path, &format!("it is larger than {}", size(limits.component_bytes))))
            }
            Err(error) => Err(unreadable(path, &error.to_string())),
        }
    }
}

fn unreadable(path: &str, why: &str) -> Fault {
    let message = format!("`{}` cannot be read: {}", text::line(path, 300), text::line(why, 300));
    fault::new(FaultKind::Unreadable, message).into()
}

fn unknown(name: &str) -> Fault {
    let message = format!("there is no built-in policy `{}`", text::line(name, 100));
    let known: Vec<_> = builtin::ALL.iter().map(|known| format!("`{}`", known.name)).collect();
    fault::new(FaultKind::Unreadable, message)
        .mend(&format!("the built-in ones are {}", known.join(", ")))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_policies_are_found_by_name() {
        let source = PolicySource { root: "/nowhere".into() };
        let thresholds = source.read("builtin:thresholds", &Limits::default()).unwrap();
        assert_eq!(Some(&*thresholds), builtin::find("thresholds").map(|found| found.bytes));
        let fault = source.read("builtin:x::y", &Limits::default()).unwrap_err();
        assert_eq!(fault.to_string(), "unreadable: there is no built-in policy `x: :y`");
        let known: Vec<_> = builtin::ALL.iter().map(|known| format!("`{}`", known.name)).collect();
        assert_eq!(fault.mend, Some(format!("the built-in ones are {}", known.join(", "))));
    }

    #[test]
    fn files_are_read_beneath_the_root_alone() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.wasm"), b"secret").unwrap();
        let root = tempfile::tempdir_in(outside.path()).unwrap();
        std::fs::write(root.path().join("p.wasm"), b"policy").unwrap();
        std::os::unix::fs::symlink("../secret.wasm", root.path().join("link.wasm")).unwrap();
        let source = PolicySource { root: root.path().into() };
        let limits = Limits { component_bytes: 6, ..Limits::default() };
        assert_eq!(&*source.read("p.wasm", &limits).unwrap(), b"policy");
        let outside = "it is outside of the directory that Rollgate runs in; move it there, without a symbolic link out of it";
        for path in ["../secret.wasm", "link.wasm", "/etc/passwd"] {
            let fault = source.read(path, &limits).unwrap_err();
            assert_eq!(fault.to_string(), format!("unreadable: `{path}` cannot be read: {outside}"));
        }
        std::fs::write(root.path().join("p.wasm"), b"policy!").unwrap();
        let fault = source.read("p.wasm", &limits).unwrap_err();
        assert_eq!(fault.to_string(), "unreadable: `p.wasm` cannot be read: it is larger than 6 bytes");
    }
}
