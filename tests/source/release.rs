//! The last release by the tags of a clone, and of the API where the clone does not have them all.

use rollgate::source::release::Pattern;
use rollgate::source::{Places, Repository};

use super::repo::Repo;
use super::server::{Manner, Server};

/// A repository with releases, the highest of them an annotated tag.
fn origin() -> Repo {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    repo.git(&["tag", "v1.9.0"]);
    repo.write("a", "2").commit();
    repo.git(&["tag", "-a", "-m", "release", "v1.10.0"]);
    repo.git(&["tag", "web/v2.0.0"]);
    // A tag of a tree releases nothing.
    repo.git(&["tag", "v9.0.0", "HEAD^{tree}"]);
    repo.write("a", "3").commit();
    repo
}

async fn places(clone: &Repo, server: Option<&Server>) -> Places {
    Places {
        root: clone.path().to_owned(),
        repository: Repository::discover(clone.path()).await.unwrap(),
        api: server.map(Server::api),
        prefix: None,
    }
}

async fn last(pattern: &str, places: &Places) -> Result<Option<(String, String)>, String> {
    let found = pattern.parse::<Pattern>().unwrap().last(places).await;
    found
        .map(|found| found.map(|(name, commit)| (name, commit.to_string())))
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_whole_clone_has_all_tags() {
    let repo = origin();
    let places = places(&repo, None).await;
    let is = |tag: &str| Ok(Some((tag.to_owned(), repo.sha(tag).to_string())));
    assert_eq!(last("v*", &places).await, is("v1.10.0"));
    assert_eq!(last("v1.9.*", &places).await, is("v1.9.0"));
    assert_eq!(last("web/v*", &places).await, is("web/v2.0.0"));
    assert_eq!(last("pay/v*", &places).await, Ok(None));
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(last("v*", &places).await, is("v1.10.0"));
}

#[tokio::test]
async fn a_clone_that_is_cut_off_is_not_believed() {
    let repo = origin();
    let clone = Repo::clone_of(&repo, &["--depth", "1", "--no-tags"]);
    // What it has may not be all there is.
    clone.git(&["tag", "v1.0.0"]);
    let error = last("v*", &places(&clone, None).await).await.unwrap_err();
    insta::assert_snapshot!(error, @r"find the last tag of the form v*: this clone is cut off and may lack tags such as v*; fetch them all (`fetch-depth: 0` on actions/checkout); or let the API be asked: give the step a token with `permissions: contents: read`");
    let server = Server::of(&repo, Manner::default());
    let with_api = places(&clone, Some(&server)).await;
    let is = |tag: &str| Ok(Some((tag.to_owned(), repo.sha(tag).to_string())));
    assert_eq!(last("v*", &with_api).await, is("v1.10.0"));
    assert_eq!(last("v1.*", &with_api).await, is("v1.10.0"));
    assert_eq!(last("web/*", &with_api).await, is("web/v2.0.0"));
    assert_eq!(last("pay/*", &with_api).await, Ok(None));
    insta::assert_snapshot!(server.asked().join("\n"), @r"
    git/matching-refs/tags/v
    commits/tags%2Fv1.10.0
    git/matching-refs/tags/v1.
    commits/tags%2Fv1.10.0
    git/matching-refs/tags/web
    commits/tags%2Fweb%2Fv2.0.0
    git/matching-refs/tags/pay
    ");
}
