//! Every form in which Git keeps a repository reads the same.

use rollgate::source::{Repository, SourceError};

use super::repo::Repo;
use super::{all, opened, path, read};

/// Twenty versions of a file that deltas well, and their hashes.
fn long_lived() -> (Repo, Vec<rollgate::source::CommitSha>) {
    let repo = Repo::new();
    let version = |number: usize| format!("{}version {number}\n", "a line that stays\n".repeat(40));
    let commits = (0..20).map(|number| repo.write("api/openapi.yaml", version(number)).commit()).collect();
    (repo, commits)
}

#[tokio::test]
async fn packs_with_deltas_and_packed_references_read_as_loose_ones_do() {
    let (repo, commits) = long_lived();
    repo.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    repo.git(&["pack-refs", "--all"]);
    assert!(!repo.join(".git/refs/heads/main").exists());
    let pack = repo.git(&["count-objects", "-v"]);
    assert!(pack.contains("count: 0\n"), "{pack}");
    let repository = opened(&repo).await;
    assert_eq!(repository.head().await.unwrap(), commits[19]);
    for (number, commit) in commits.iter().enumerate() {
        let text = read(&repository.commit(commit.clone()), "api/openapi.yaml").await.unwrap();
        assert!(text.ends_with(&format!("version {number}\n")));
    }
}

#[tokio::test]
async fn objects_that_come_after_opening_are_seen() {
    let (repo, _) = long_lived();
    let repository = opened(&repo).await;
    repository.head().await.unwrap();
    let commit = repo.write("new.yaml", "new").commit();
    repo.git(&["gc", "-q"]);
    assert_eq!(repository.head().await.unwrap(), commit);
    assert_eq!(read(&repository.commit(commit), "new.yaml").await, Ok("new".into()));
}

#[tokio::test]
async fn bare_repositories_linked_worktrees_and_borrowed_objects_read_alike() {
    let (repo, commits) = long_lived();
    let bare = Repo::clone_of(&repo, &["--bare"]);
    let borrowing = Repo::beside();
    borrowing.git(&["clone", "-q", "--shared", &repo.path().display().to_string(), "."]);
    let linked = Repo::beside();
    repo.git(&[
        "worktree",
        "add",
        "-q",
        "--detach",
        &linked.join("tree").display().to_string(),
        commits[3].as_str(),
    ]);
    let places = [
        Repository::open(bare.path()).await.unwrap(),
        Repository::open(&repo.join(".git")).await.unwrap(),
        opened(&borrowing).await,
        Repository::discover(&linked.join("tree/api")).await.unwrap().unwrap().at_top(),
    ];
    for repository in &places {
        assert_eq!(all(&repository.commit(commits[7].clone())).await, ["api/openapi.yaml"]);
        assert_eq!(repository.resolve("main").await.unwrap(), commits[19]);
    }
    assert_eq!(places[3].head().await.unwrap(), commits[3]);
    assert_eq!(places[3].head_branch().await.unwrap(), None);
}

#[tokio::test]
async fn a_partial_clone_says_what_it_lacks() {
    let (repo, commits) = long_lived();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Repo::clone_of(&repo, &["--filter=blob:none", "--no-checkout"]);
    let source = opened(&clone).await.commit(commits[0].clone());
    assert_eq!(all(&source).await, ["api/openapi.yaml"]);
    let blob = repo.git(&["rev-parse", &format!("{}:api/openapi.yaml", commits[0])]);
    let error = source_error(&source, "api/openapi.yaml").await;
    let told = error.to_string().replace(&blob, "BLOB").replace(commits[0].short(), "COMMIT");
    insta::assert_snapshot!(told, @"read COMMIT:api/openapi.yaml: object BLOB is not in this clone; fetch it (a clone without `--filter`, and `fetch-depth: 0` on actions/checkout)");
    // What was not fetched is not what is not there.
    assert!(!error.is_missing());
    assert!(source_error(&source, "none.yaml").await.is_missing());
}

#[tokio::test]
async fn a_commit_that_is_not_here_is_no_empty_tree() {
    let (repo, commits) = long_lived();
    let clone = Repo::clone_of(&repo, &["--depth", "1"]);
    let repository = opened(&clone).await;
    assert!(repository.has(&commits[19]).await.unwrap());
    assert!(!repository.has(&commits[0]).await.unwrap());
    let source = repository.commit(commits[0].clone());
    let error = source_error(&source, "api/openapi.yaml").await;
    assert!(matches!(&error, SourceError::Git { error, .. } if error.is_incomplete_clone()), "{error}");
    assert!(rollgate::source::Source::find(&source, &|_| true).await.is_err());
}

#[tokio::test]
async fn a_repository_with_other_hashes_is_refused_in_plain_words() {
    let repo = Repo::beside();
    repo.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    repo.write("a", "1").commit();
    let error = Repository::discover(repo.path()).await.unwrap_err().to_string();
    insta::assert_snapshot!(error, @"the repository cannot be read: its objects are not named by SHA-1, and no other hash is supported");
}

async fn source_error(source: &dyn rollgate::source::Source, file: &str) -> SourceError {
    source.read(&path(file), 100_000).await.unwrap_err()
}
