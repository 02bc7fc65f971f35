//! Merge bases are those of `git merge-base`, and a clone that is cut off says so rather than guess.

use proptest::prelude::*;
use rollgate::source::{CommitSha, GitError, Repository};

use super::opened;
use super::repo::{Repo, commit};
use crate::support::property;

/// A history: for each commit its date, and its parents among the commits before it.
type Shape = Vec<(u32, Vec<usize>)>;

fn shapes() -> impl Strategy<Value = Shape> {
    // Few dates, so that many are equal and some run backwards.
    proptest::collection::vec(
        (0..8_u32, proptest::collection::vec(any::<prop::sample::Index>(), 0..3)),
        2..14,
    )
    .prop_map(|commits| {
        let commits = commits.into_iter().enumerate();
        commits
            .map(|(number, (date, picks))| {
                let mut parents: Vec<usize> =
                    picks.iter().filter(|_| number > 0).map(|pick| pick.index(number.max(1))).collect();
                parents.dedup();
                (date * 60 + u32::try_from(number).unwrap() * 20, parents)
            })
            .collect()
    })
}

fn built(shape: &Shape) -> Repo {
    let repo = Repo::new();
    let stream: String = shape
        .iter()
        .enumerate()
        .map(|(number, (date, parents))| commit(number, *date, parents, &[]))
        .collect();
    repo.import(&stream);
    repo
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What Git prints, the first of several.
fn by_git(repo: &Repo, one: &CommitSha, two: &CommitSha) -> Option<CommitSha> {
    repo.tried(&["merge-base", one.as_str(), two.as_str()]).ok().map(|sha| sha.parse().unwrap())
}

#[test]
fn every_merge_base_is_the_one_that_git_prints() {
    property::check(14, &shapes(), |shape| {
        let repo = built(&shape);
        let names: Vec<_> = (0..shape.len()).map(|number| format!("c{number}")).collect();
        let words: Vec<_> = std::iter::once("rev-parse").chain(names.iter().map(String::as_str)).collect();
        let tips: Vec<CommitSha> = repo.git(&words).lines().map(|sha| sha.parse().unwrap()).collect();
        run(async {
            let repository = opened(&repo).await;
            for (one, two) in tips.iter().zip(tips.iter().skip(1)).chain(tips.iter().zip(tips.iter().rev())) {
                let found = repository.merge_base(one, two).await.unwrap();
                prop_assert_eq!(found, by_git(&repo, one, two));
            }
            Ok(())
        })
    });
}

#[test]
fn an_answer_of_a_shallow_clone_is_that_of_the_whole() {
    let depths = (shapes(), 1..4_usize);
    let mut sure = std::cell::Cell::new(0);
    property::check(12, &depths, |(shape, depth)| {
        let repo = built(&shape);
        let last = shape.len() - 1;
        // Only tips are named: whatever has a name is fetched.
        if last > 1 {
            let names: Vec<_> = (0..last - 1).map(|number| format!("c{number}")).collect();
            repo.git(
                &[&["branch", "-qD"], &names.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat(),
            );
        }
        let clone =
            Repo::clone_of(&repo, &["--no-checkout", "--no-single-branch", "--depth", &depth.to_string()]);
        let (one, two) = (repo.sha(&format!("c{last}")), repo.sha(&format!("c{}", last - 1)));
        run(async {
            match opened(&clone).await.merge_base(&one, &two).await {
                Ok(found) => {
                    sure.set(sure.get() + 1);
                    prop_assert_eq!(found, by_git(&repo, &one, &two));
                }
                Err(error) => prop_assert!(matches!(error, GitError::Shallow { .. }), "{error}"),
            }
            Ok(())
        })
    });
    assert!(*sure.get_mut() > 0, "some clones are deep enough");
}

#[tokio::test]
async fn of_criss_cross_merges_the_younger_base_is_taken() {
    let repo = Repo::new();
    let shape = [(0, vec![]), (60, vec![0]), (120, vec![0]), (180, vec![1, 2]), (240, vec![2, 1])];
    let stream: String =
        shape.iter().enumerate().map(|(n, (date, parents))| commit(n, *date, parents, &[])).collect();
    repo.import(&stream);
    let (one, two) = (repo.sha("c3"), repo.sha("c4"));
    assert_eq!(repo.git(&["merge-base", "--all", "c3", "c4"]).lines().count(), 2);
    let found = opened(&repo).await.merge_base(&one, &two).await.unwrap();
    assert_eq!(found, by_git(&repo, &one, &two));
    assert_eq!(found, Some(repo.sha("c2")));
}

#[tokio::test]
async fn a_clone_of_depth_one_says_how_to_get_the_rest() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    repo.git(&["checkout", "-qb", "topic"]);
    let topic = repo.write("a", "2").commit();
    repo.git(&["checkout", "-q", "main"]);
    let main = repo.write("b", "1").commit();
    let clone = Repo::clone_of(&repo, &["--depth", "1", "--no-single-branch"]);
    let repository = opened(&clone).await;
    let error = repository.merge_base(&main, &topic).await.unwrap_err();
    assert!(error.is_incomplete_clone());
    insta::assert_snapshot!(super::with_names(&error.to_string(), &[(&main, "MAIN"), (&topic, "TOPIC")]), @"the history of this clone is cut off at commit MAIN, so that their merge base cannot be told; fetch the whole history (`fetch-depth: 0` on actions/checkout)");
    // What the commit itself says of its parents is known all the same.
    assert_eq!(repository.parents(&topic).await.unwrap(), [repo.sha("topic~1")]);
    let error = repository.merge_base(&main, &repo.sha("topic~1")).await.unwrap_err();
    assert!(matches!(error, GitError::ObjectsMissing { .. }) && error.is_incomplete_clone());
}

#[tokio::test]
async fn revisions_name_what_git_says_they_name() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    repo.git(&["tag", "-a", "-m", "first", "v1"]);
    repo.git(&["tag", "-a", "-m", "tag of a tag", "v1-again", "v1"]);
    repo.write("a", "2").commit();
    repo.git(&["branch", "feature/x"]);
    let clone = Repo::clone_of(&repo, &[]);
    let repository = opened(&clone).await;
    for revision in [
        "HEAD",
        "@",
        "main",
        "v1",
        "v1-again",
        "HEAD~1",
        "HEAD^",
        "v1^{commit}",
        "origin/feature/x",
        "refs/tags/v1",
    ] {
        assert_eq!(repository.resolve(revision).await.unwrap(), clone.sha(revision), "{revision}");
    }
    let head = clone.sha("HEAD");
    for written in [head.as_str(), head.short(), &head.as_str().to_uppercase()] {
        assert_eq!(repository.resolve(written).await.unwrap(), head);
    }
    // Checkouts have the other branches under `origin` only; people name them without.
    assert_eq!(repository.resolve("feature/x").await.unwrap(), head);
    assert_eq!(repository.head().await.unwrap(), head);
    assert_eq!(repository.head_branch().await.unwrap().as_deref(), Some("main"));
    assert_eq!(repository.branch("feature/x").await.unwrap(), Some(head.clone()));
    assert_eq!(repository.branch("none").await.unwrap(), None);
    let branch = repository.default_branch().await.unwrap().unwrap();
    assert_eq!((branch.shown().as_str(), &branch.tip), ("origin/main", &head));
    clone.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repository.head_branch().await.unwrap(), None);
}

#[tokio::test]
async fn what_names_no_commit_is_refused_in_plain_words() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    let repository = opened(&repo).await;
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let zeros = "0".repeat(40);
    let mut told = Vec::new();
    for revision in [
        "",
        "none",
        "-x",
        "--help",
        "@{u}",
        "HEAD~9",
        "main..HEAD",
        ":a",
        "HEAD:a",
        ":/change",
        "^HEAD",
        "a b",
        "a\u{1b}[2J",
        &zeros,
        &tree,
    ] {
        let error = repository.resolve(revision).await.unwrap_err().to_string();
        told.push(error.replace(&tree, "TREE").replace(&zeros, "ZEROS"));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    "" is no revision: it is empty or too long
    the revision "none" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    the revision "-x" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    the revision "--help" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    "@{u}" is no revision: which branch is upstream stands in the config, which is not believed; name the branch
    the revision "HEAD~9" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    "main..HEAD" is no revision: name one commit: a branch, a tag, a hash, or one of these with `~` or `^`
    ":a" is no revision: name one commit: a branch, a tag, a hash, or one of these with `~` or `^`
    "HEAD:a" is no revision: name one commit: a branch, a tag, a hash, or one of these with `~` or `^`
    ":/change" is no revision: name one commit: a branch, a tag, a hash, or one of these with `~` or `^`
    the revision "^HEAD" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    "a b" is no revision: it has blanks or control characters
    "a [2J" is no revision: it has blanks or control characters
    the revision "ZEROS" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    the revision "TREE" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    "#);
    let long = repository.resolve(&"a".repeat(10_000)).await.unwrap_err();
    assert!(matches!(long, GitError::NotARevision { .. }));
}

#[tokio::test]
async fn a_branch_without_a_commit_has_no_head() {
    let repo = Repo::new();
    let repository: Repository = opened(&repo).await;
    assert!(matches!(repository.head().await, Err(GitError::Unknown { .. })));
    assert_eq!(repository.head_branch().await.unwrap().as_deref(), Some("main"));
    assert_eq!(repository.default_branch().await.unwrap(), None);
}
