//! Where the action works: the folder that all paths start from, the folder of its state, and who owns what is written.
//!
//! The container runs as root and its folders belong to the runner's user, who could not remove what root leaves
//! there. So whatever is made is given to the owner of the folder that it was made in.

use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::cli::{Failure, output};
use crate::config::inputs::Inputs;
use crate::support::env::Environment;
use crate::support::{fs, text};

/// The folders of one run.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The folder to work in, absolute; also the process's.
    pub(super) root: PathBuf,
    /// The folder of the state, absolute.
    pub(super) state: PathBuf,
}

impl Place {
    /// The folders that the inputs name.
    pub(super) fn find(inputs: &Inputs, environment: &dyn Environment) -> Result<Self, Failure> {
        let set = |name| environment.variable(name).filter(|value| !value.is_empty());
        let workspace = set("GITHUB_WORKSPACE").map_or_else(|| PathBuf::from("."), PathBuf::from);
        let workspace = workspace
            .canonicalize()
            .with_context(|| format!("open the workspace {}", shown(&workspace)))
            .map_err(Failure::Outside)?;
        let root = match &inputs.working_directory {
            Some(folder) => beneath(&workspace, folder)?,
            None => workspace,
        };
        let state = match &inputs.state_dir {
            Some(folder) => root.join(folder),
            // What is in neither of them is gone with the container.
            None => ["RUNNER_TEMP", "HOME"]
                .into_iter()
                .filter_map(set)
                .map(PathBuf::from)
                .find(|folder| folder.is_dir())
                .unwrap_or_else(|| root.clone())
                .join(".rollgate"),
        };
        Ok(Self { root, state })
    }

    /// Writes the report to `path`, beneath the folder.
    pub(super) fn write(&self, path: &str, content: &str) -> Result<(), Failure> {
        let failed = |error: anyhow::Error| {
            Failure::Outside(error.context(format!("write the report {}", text::line(path, 300))))
        };
        let relative = Path::new(path);
        let plain =
            relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !plain {
            return Err(Failure::Usage(anyhow!(
                "write the report {}: it is not beneath the working directory",
                text::line(path, 300)
            )));
        }
        let target = self.root.join(relative);
        let made = Made::before(&target);
        // A link that a pull request brings must not lead the report elsewhere.
        let mut followed = self.root.clone();
        for part in relative.components() {
            followed.push(part);
            if followed.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                return Err(failed(anyhow!("{} is a symbolic link; name another file", shown(&followed))));
            }
        }
        fs::write(&target, content.as_bytes()).map_err(|error| failed(error.into()))?;
        made.hand_over();
        Ok(())
    }
}

/// Makes `root` the process's folder.
pub(super) fn go_to(root: &Path) -> Result<(), Failure> {
    std::env::set_current_dir(root)
        .with_context(|| format!("go to {}", shown(root)))
        .map_err(Failure::Outside)
}

/// The folder `name` beneath `workspace`, which it is not led out of.
fn beneath(workspace: &Path, name: &str) -> Result<PathBuf, Failure> {
    let folder = workspace.join(name);
    let refused = |problem: String| {
        Failure::Usage(anyhow!("read the input `working-directory`: `{}` {problem}", text::line(name, 200)))
    };
    let folder = folder.canonicalize().map_err(|error| refused(format!("cannot be opened: {error}")))?;
    if !folder.starts_with(workspace) {
        return Err(refused("is not beneath the workspace".into()));
    }
    if !folder.is_dir() {
        return Err(refused("is not a folder".into()));
    }
    Ok(folder)
}

fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy(), 300)
}

/// What is about to be made, and whose it will be.
#[derive(Debug)]
pub(super) struct Made {
    top: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Made {
    /// To be called before anything is made at or beneath `path`.
    pub(super) fn before(path: &Path) -> Self {
        let mut top = path;
        // The highest folder that is not there yet.
        while let Some(parent) =
            top.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists())
        {
            top = parent;
        }
        // What is there already keeps its owner and shares it with what is beneath.
        let giver = if top.exists() { Some(top) } else { top.parent() };
        let owner = giver.and_then(|folder| folder.metadata().ok()).map(|found| (found.uid(), found.gid()));
        Self { top: top.to_owned(), owner }
    }

    /// Gives everything at and beneath the path to its owner.
    pub(super) fn hand_over(&self) {
        let Some(owner) = self.owner.filter(|_| rustix::process::geteuid().is_root()) else { return };
        if let Err(error) = give(&self.top, owner)
            && error.kind() != io::ErrorKind::NotFound
        {
            output::note(&format!("give {} to the owner of its folder: {error}", shown(&self.top)));
        }
    }
}

/// Follows no symbolic link.
fn give(path: &Path, (user, group): (u32, u32)) -> io::Result<()> {
    let found = path.symlink_metadata()?;
    if (found.uid(), found.gid()) != (user, group) {
        lchown(path, Some(user), Some(group))?;
    }
    if found.is_dir() {
        for entry in std::fs::read_dir(path)? {
            give(&entry?.path(), (user, group))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_working_directory_stays_in_the_workspace() {
        let outer = tempfile::tempdir().unwrap();
        let workspace = outer.path().canonicalize().unwrap().join("workspace");
        std::fs::create_dir_all(workspace.join("services/web")).unwrap();
        std::fs::write(workspace.join("file"), "").unwrap();
        std::os::unix::fs::symlink("/etc", workspace.join("link")).unwrap();
        assert_eq!(beneath(&workspace, "services/web").unwrap(), workspace.join("services/web"));
        let told = |name| match beneath(&workspace, name).unwrap_err() {
            Failure::Usage(error) | Failure::Outside(error) => error.to_string(),
        };
        let errors = ["..", "/etc", "link", "file", "services/gone"].map(told).join("\n");
        insta::assert_snapshot!(errors, @r"
        read the input `working-directory`: `..` is not beneath the workspace
        read the input `working-directory`: `/etc` is not beneath the workspace
        read the input `working-directory`: `link` is not beneath the workspace
        read the input `working-directory`: `file` is not a folder
        read the input `working-directory`: `services/gone` cannot be opened: No such file or directory (os error 2)
        ");
    }

    #[test]
    fn a_report_is_led_nowhere_else_by_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("reports")).unwrap();
        let place = Place { root: folder.path().into(), state: folder.path().join(".rollgate") };
        assert!(place.write("reports/report.md", "x").is_err());
        assert!(place.write("../report.md", "x").is_err());
        assert!(place.write("/tmp/report.md", "x").is_err());
        place.write("./new/report.md", "x").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("new/report.md")).unwrap(), "x");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_made_belongs_to_the_owner_of_the_folder_it_was_made_in() {
        let folder = tempfile::tempdir().unwrap();
        // Only root can give files away; for others the folder is their own.
        let (user, group) = if rustix::process::geteuid().is_root() {
            (1001, 1002)
        } else {
            (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
        };
        lchown(folder.path(), Some(user), Some(group)).unwrap();
        let state = folder.path().join("a/b");
        let made = Made::before(&state);
        std::fs::create_dir_all(state.join("c")).unwrap();
        std::fs::write(state.join("c/file"), "").unwrap();
        std::os::unix::fs::symlink("/etc", state.join("link")).unwrap();
        made.hand_over();
        for path in ["a", "a/b", "a/b/c", "a/b/c/file", "a/b/link"] {
            let found = folder.path().join(path).symlink_metadata().unwrap();
            assert_eq!((found.uid(), found.gid()), (user, group), "{path}");
        }
        assert_eq!(Path::new("/etc").metadata().unwrap().uid(), 0);
    }

    #[test]
    fn the_state_goes_where_it_outlives_the_container() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        std::fs::create_dir(path.join("temp")).unwrap();
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let mut environment = BTreeMap::from([
            ("GITHUB_WORKSPACE".to_owned(), text(path.clone())),
            ("RUNNER_TEMP".to_owned(), text(path.join("temp"))),
            ("HOME".to_owned(), text(path.join("home"))),
        ]);
        let state = |environment: &BTreeMap<String, String>| {
            Place::find(&Inputs::default(), environment).unwrap().state
        };
        assert_eq!(state(&environment), path.join("temp/.rollgate"));
        environment.insert("RUNNER_TEMP".to_owned(), "/not/mounted".to_owned());
        assert_eq!(state(&environment), path.join(".rollgate"));
        std::fs::create_dir(path.join("home")).unwrap();
        assert_eq!(state(&environment), path.join("home/.rollgate"));
    }
}
