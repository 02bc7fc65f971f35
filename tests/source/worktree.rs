//! The worktree, and a commit with the same files, answer alike.

use rollgate::source::{RepoPath, Source, Worktree};

use super::repo::Repo;
use super::{all, opened, read};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// A tree with everything that a name can lead to.
fn furnished() -> Repo {
    let repo = Repo::new();
    let inner = Repo::new();
    inner.write("openapi.yaml", "of the submodule").commit();
    repo.write("openapi.yaml", "openapi: 3.1.0")
        .write("api/v2/openapi.yaml", "v2")
        .write("api/v10/openapi.yaml", "v10")
        .write("node_modules/x/openapi.yaml", "foreign")
        .write(".hidden/openapi.yaml", "hidden")
        .write("long.yaml", "x".repeat(1_001))
        .write("just.yaml", "x".repeat(1_000))
        .write("lfs.yaml", POINTER)
        .link("v2", "api/now")
        .link("../openapi.yaml", "api/top.yaml")
        .link("../../outside.yaml", "api/out.yaml")
        .link("/etc/hostname", "absolute.yaml")
        .link("loop.yaml", "loop.yaml")
        .link("api", "folder.yaml")
        .link("none.yaml", "dangling.yaml")
        .link(".git/config", "token.yaml")
        .link("../.git", "api/admin");
    repo.git(&["submodule", "add", "-q", &format!("file://{}", inner.path().display()), "sub"]);
    repo
}

const NAMES: [&str; 19] = [
    "openapi.yaml",
    "api/v2/openapi.yaml",
    "api/now/openapi.yaml",
    "api/top.yaml",
    ".hidden/openapi.yaml",
    "just.yaml",
    "long.yaml",
    "lfs.yaml",
    "api",
    "none.yaml",
    "openapi.yaml/none.yaml",
    "api/out.yaml",
    "absolute.yaml",
    "loop.yaml",
    "folder.yaml",
    "dangling.yaml",
    "token.yaml",
    "api/admin/config",
    "sub",
];

async fn outcomes(source: &dyn Source) -> String {
    let mut lines = Vec::new();
    for name in NAMES {
        lines.push(match read(source, name).await {
            Ok(text) => format!("{name}: {}", &text[..text.len().min(20)]),
            Err(error) => format!("failed to {error}"),
        });
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_commit_reads_as_its_worktree_does() {
    let repo = furnished();
    let commit = repo.commit();
    let worktree = outcomes(&Worktree::new(repo.path())).await;
    insta::assert_snapshot!(worktree, @r"
    openapi.yaml: openapi: 3.1.0
    api/v2/openapi.yaml: v2
    api/now/openapi.yaml: v2
    api/top.yaml: openapi: 3.1.0
    .hidden/openapi.yaml: hidden
    just.yaml: xxxxxxxxxxxxxxxxxxxx
    failed to read long.yaml: it is longer than 1000 bytes
    failed to read lfs.yaml: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits
    failed to read api: it is a folder, not a regular file
    failed to read none.yaml: there is no such file
    failed to read openapi.yaml/none.yaml: there is no such file
    failed to read api/out.yaml: it leads out of the tree; move it there, without a symbolic link out of it
    failed to read absolute.yaml: it leads out of the tree; move it there, without a symbolic link out of it
    failed to read loop.yaml: its symbolic links do not end; name the file itself
    failed to read folder.yaml: it is a folder, not a regular file
    failed to read dangling.yaml: there is no such file
    failed to read token.yaml: it leads out of the tree; move it there, without a symbolic link out of it
    failed to read api/admin/config: it leads out of the tree; move it there, without a symbolic link out of it
    failed to read sub: it is a folder, not a regular file
    ");
    let source = opened(&repo).await.commit(commit.clone());
    let at_commit = outcomes(&source).await.replace(&format!("{}:", commit.short()), "");
    // On disk, a submodule that was fetched is a folder like any other.
    let different: Vec<_> = worktree.lines().zip(at_commit.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!(
        different,
        [(
            "failed to read sub: it is a folder, not a regular file",
            "failed to read sub: it is a submodule, or in one, not a regular file"
        )]
    );
}

#[tokio::test]
async fn discovery_finds_the_same_files_in_both() {
    let repo = furnished();
    let commit = repo.commit();
    let found = all(&Worktree::new(repo.path())).await;
    insta::assert_snapshot!(found.join("\n"), @r#"
    .gitmodules
    api/v10/openapi.yaml
    api/v2/openapi.yaml
    just.yaml
    lfs.yaml
    long.yaml
    openapi.yaml
    "#);
    assert_eq!(all(&opened(&repo).await.commit(commit)).await, found);
    let yaml = Worktree::new(repo.path()).find(&|path| path.ends_with("/openapi.yaml")).await.unwrap();
    assert_eq!(
        yaml.iter().map(RepoPath::as_str).collect::<Vec<_>>(),
        ["api/v10/openapi.yaml", "api/v2/openapi.yaml"]
    );
}

#[tokio::test]
async fn a_folder_within_the_repository_is_a_root_of_its_own() {
    let repo = furnished();
    let commit = repo.commit();
    let root = repo.join("api");
    let repository = rollgate::source::Repository::discover(&root).await.unwrap().unwrap();
    assert_eq!(repository.prefix().unwrap().as_str(), "api");
    let source = repository.commit(commit.clone());
    assert_eq!(all(&source).await, all(&Worktree::new(&root)).await);
    assert_eq!(read(&source, "v2/openapi.yaml").await, Ok("v2".into()));
    assert_eq!(read(&source, "now/openapi.yaml").await, Ok("v2".into()));
    let told = read(&source, "top.yaml").await.unwrap_err().replace(commit.short(), "COMMIT");
    assert_eq!(
        told,
        "read COMMIT:api/top.yaml: it leads out of the tree; move it there, without a symbolic link out of it"
    );
    assert!(read(&Worktree::new(&root), "top.yaml").await.is_err());
    // The folder is not there in every commit.
    repo.git(&["rm", "-rqf", "api"]);
    let without = repository.commit(repo.commit());
    assert!(all(&without).await.is_empty());
    assert!(without.read(&super::path("v2/openapi.yaml"), 10).await.unwrap_err().is_missing());
}

#[tokio::test]
async fn where_there_is_no_repository_is_none() {
    let folder = Repo::beside();
    assert!(rollgate::source::Repository::discover(folder.path()).await.unwrap().is_none());
    let error = rollgate::source::Repository::open(folder.path()).await.unwrap_err().to_string();
    assert_eq!(error, format!("there is no Git repository at {}", folder.path().display()));
}

#[tokio::test]
async fn what_is_no_regular_file_is_never_waited_for() {
    let repo = Repo::new();
    let pipe = repo.join("pipe.yaml");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    let error = read(&Worktree::new(repo.path()), "pipe.yaml").await.unwrap_err();
    assert_eq!(error, "read pipe.yaml: it is a device, a socket or a pipe, not a regular file");
    assert!(all(&Worktree::new(repo.path())).await.is_empty());
}
