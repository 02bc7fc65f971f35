//! Changed paths are those of `git diff --name-status --no-renames`.

use proptest::prelude::*;
use rollgate::source::{Change, ChangeKind};

use super::opened;
use super::repo::{Repo, commit};
use crate::support::property;

fn by_git(repo: &Repo, folder: Option<&str>, old: &str, new: &str) -> Vec<Change> {
    let mut arguments = vec!["diff", "--name-status", "--no-renames", "-z", "--relative", old, new];
    let folder = folder.map(|folder| ["-C", folder]);
    if let Some(folder) = &folder {
        arguments.splice(0..0, folder.iter().copied());
    }
    let listed = repo.git(&arguments);
    let words: Vec<_> = listed.split_terminator('\0').collect();
    let mut changes: Vec<_> = words
        .chunks(2)
        .map(|pair| Change {
            path: pair[1].to_owned(),
            kind: match pair[0] {
                "A" => ChangeKind::Added,
                "D" => ChangeKind::Deleted,
                _ => ChangeKind::Modified,
            },
        })
        .collect();
    changes.sort();
    changes
}

/// Files whose names begin like one another, some of them folders in one tree and files in the other.
fn files() -> impl Strategy<Value = Vec<(String, String)>> {
    let part = prop::sample::select(vec!["a", "a-b", "a.b", "a0", "b", "é"]);
    let path = proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"));
    let content = prop::sample::select(vec!["1", "2", "1x", ""]).prop_map(str::to_owned);
    proptest::collection::btree_map(path, content, 0..10).prop_map(|files| {
        // A later file in place of a folder takes what was in it away, as in `git fast-import`.
        files.into_iter().collect()
    })
}

#[test]
fn every_change_is_listed_as_git_lists_it() {
    property::check(24, &(files(), files()), |(old, new)| {
        let repo = Repo::new();
        repo.import(&(commit(0, 0, &[], &old) + &commit(1, 60, &[0], &new)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let repository = opened(&repo).await;
            let (one, two) = (repo.sha("c0"), repo.sha("c1"));
            let changes = repository.changed_paths(&one, &two).await.unwrap();
            prop_assert_eq!(changes, by_git(&repo, None, "c0", "c1"));
            prop_assert!(repository.changed_paths(&two, &two).await.unwrap().is_empty());
            Ok(())
        })
    });
}

#[tokio::test]
async fn links_modes_and_submodules_count_as_changes() {
    let (repo, inner) = (Repo::new(), Repo::new());
    inner.write("x", "1").commit();
    repo.write("file", "1").write("exec", "1").write("api/kept", "1").write("api/gone", "1");
    repo.link("file", "link");
    repo.git(&["submodule", "add", "-q", &format!("file://{}", inner.path().display()), "sub"]);
    repo.commit();
    let later = inner.write("x", "2").commit();
    repo.git(&["-C", "sub", "fetch", "-q"]);
    repo.git(&["-C", "sub", "checkout", "-q", later.as_str()]);
    std::fs::remove_file(repo.join("file")).unwrap();
    repo.link("exec", "file").write("api/new", "1");
    std::fs::remove_file(repo.join("api/gone")).unwrap();
    let mut permissions = std::fs::metadata(repo.join("exec")).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(repo.join("exec"), permissions).unwrap();
    repo.commit();
    let (old, new) = (repo.sha("HEAD~1"), repo.sha("HEAD"));
    let changes = opened(&repo).await.changed_paths(&old, &new).await.unwrap();
    assert_eq!(changes, by_git(&repo, None, "HEAD~1", "HEAD"));
    assert_eq!(
        changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(),
        ["api/gone", "api/new", "exec", "file", "sub"]
    );
    // From a folder, only what is beneath it, named from there.
    let api = rollgate::source::Repository::discover(&repo.join("api")).await.unwrap().unwrap();
    let changes = api.changed_paths(&old, &new).await.unwrap();
    assert_eq!(changes, by_git(&repo, Some("api"), "HEAD~1", "HEAD"));
    assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["gone", "new"]);
}
