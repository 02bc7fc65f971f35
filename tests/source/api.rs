//! A commit at GitHub reads as the same commit of a clone does, and every refusal has its words.

use rollgate::source::{Api, ApiCommit, CommitSha, RepositoryName, Source, SourceError};

use super::repo::Repo;
use super::server::{Manner, Server};
use super::{all, opened, path, read};

const MANNERS: [Manner; 2] =
    [Manner { truncates: false, lies: false }, Manner { truncates: true, lies: false }];

fn furnished() -> Repo {
    let (repo, inner) = (Repo::new(), Repo::new());
    inner.write("openapi.yaml", "of the submodule").commit();
    repo.write("openapi.yaml", "openapi: 3.1.0")
        .write("api/v2/openapi.yaml", "v2")
        .write("api/with space & %2F.yaml", "odd")
        .write("node_modules/x/openapi.yaml", "foreign")
        .write("long.yaml", "x".repeat(1_001))
        .link("v2", "api/now")
        .link("../openapi.yaml", "api/top.yaml")
        .link("../../outside.yaml", "api/out.yaml");
    repo.git(&["submodule", "add", "-q", &format!("file://{}", inner.path().display()), "sub"]);
    repo
}

#[tokio::test]
async fn it_reads_as_a_clone_does() {
    let repo = furnished();
    let commit = repo.commit();
    let local = opened(&repo).await.commit(commit.clone());
    for manner in MANNERS {
        let server = Server::of(&repo, manner);
        let source = server.api().commit(commit.clone(), None);
        assert_eq!(all(&source).await, all(&local).await);
        for name in [
            "openapi.yaml",
            "api/v2/openapi.yaml",
            "api/now/openapi.yaml",
            "api/top.yaml",
            "api/with space & %2F.yaml",
            "api",
            "api/out.yaml",
            "long.yaml",
            "none.yaml",
            "none/none.yaml",
            "openapi.yaml/none.yaml",
            "sub",
            "sub/openapi.yaml",
        ] {
            assert_eq!(read(&source, name).await, read(&local, name).await, "{name}");
        }
        assert_eq!(source.describe(), format!("commit {} at GitHub", commit.short()));
    }
}

#[tokio::test]
async fn one_question_lists_everything_and_one_reads_a_file() {
    let repo = furnished();
    let commit = repo.commit();
    let asked = |server: &Server| server.asked().join("\n").replace(commit.as_str(), "COMMIT");
    let whole = Server::of(&repo, MANNERS[0]);
    let source = whole.api().commit(commit.clone(), None);
    read(&source, "api/v2/openapi.yaml").await.unwrap();
    read(&source, "openapi.yaml").await.unwrap();
    let cut = Server::of(&repo, MANNERS[1]);
    read(&cut.api().commit(commit.clone(), None), "api/v2/openapi.yaml").await.unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", asked(&whole), asked(&cut)), @r#"
    git/trees/COMMIT?recursive=1
    git/blobs/8494ac27064713465d43ddea83398365ac0ba721
    git/blobs/37162cc13d64ec29fb7fbe65fff31dce234fc57e

    git/trees/COMMIT?recursive=1
    git/trees/COMMIT
    git/trees/394c1dd1ab17cf5a6a860f61965b0f4f800fb6de
    git/trees/521f360159f2a6ff2ce823008ab4864acc821348
    git/blobs/8494ac27064713465d43ddea83398365ac0ba721
    "#);
}

#[tokio::test]
async fn a_root_within_the_repository_is_its_own_tree() {
    let repo = furnished();
    let commit = repo.commit();
    let local = rollgate::source::Repository::discover(&repo.join("api"))
        .await
        .unwrap()
        .unwrap()
        .commit(commit.clone());
    for manner in MANNERS {
        let source = Server::of(&repo, manner).api().commit(commit.clone(), Some(path("api")));
        assert_eq!(all(&source).await, all(&local).await);
        for name in ["v2/openapi.yaml", "now/openapi.yaml", "top.yaml", "none"] {
            assert_eq!(read(&source, name).await, read(&local, name).await, "{name}");
        }
        let source = Server::of(&repo, manner).api().commit(commit.clone(), Some(path("none")));
        assert!(all(&source).await.is_empty());
        assert!(source.read(&path("x"), 1).await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn history_is_what_git_says() {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit();
    repo.git(&["checkout", "-qb", "feature/x"]);
    let topic = repo.write("b", "1").commit();
    repo.git(&["checkout", "-q", "main"]);
    let main = repo.write("c", "1").commit();
    let server = Server::of(&repo, Manner::default());
    let api = server.api();
    assert_eq!(api.merge_base(&main, &topic).await.unwrap(), Some(first.clone()));
    assert_eq!(api.parents(&topic).await.unwrap(), *std::slice::from_ref(&first));
    assert_eq!(api.parents(&first).await.unwrap(), []);
    assert_eq!(api.branch("feature/x").await.unwrap(), topic);
    assert_eq!(api.resolve(main.as_str()).await.unwrap(), main);
    server.instead(&[(404, "", r#"{"message":"No common ancestor between main and x."}"#)]);
    assert_eq!(api.merge_base(&main, &topic).await.unwrap(), None);
    let asked = super::with_names(
        &server.asked().join("\n"),
        &[(&main, "MAIN"), (&topic, "TOPIC"), (&first, "FIRST")],
    );
    insta::assert_snapshot!(asked, @r#"
    compare/MAIN...TOPIC?per_page=1
    git/commits/TOPIC
    git/commits/FIRST
    commits/heads%2Ffeature%2Fx
    commits/MAIN
    compare/MAIN...TOPIC?per_page=1
    "#);
}

/// What is said of a file where the server first gives these answers.
async fn said(server: &Server, source: &ApiCommit, answers: &[(u16, &str, &str)]) -> String {
    server.instead(answers);
    let outcome = read(source, "openapi.yaml").await;
    outcome.unwrap_or_else(|error| {
        error.replace(source.sha().short(), "COMMIT").replace(source.sha().as_str(), "COMMIT")
    })
}

#[tokio::test]
async fn every_refusal_has_its_words() {
    let repo = Repo::new();
    let commit = repo.write("openapi.yaml", "openapi: 3.1.0").commit();
    let server = Server::of(&repo, Manner::default());
    let limited = "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1800000000\r\n";
    let cases: [&[(u16, &str, &str)]; 12] = [
        &[(401, "", r#"{"message":"Bad credentials"}"#)],
        &[(403, "", r#"{"message":"Resource not accessible by integration"}"#)],
        &[(403, limited, r#"{"message":"API rate limit exceeded for installation ID 1."}"#)],
        &[(429, "retry-after: 3600\r\n", r#"{"message":"You have exceeded a secondary rate limit."}"#)],
        &[(404, "", r#"{"message":"Not Found"}"#)],
        &[(422, "", r#"{"message":"The sha parameter must be exactly 40 characters"}"#)],
        &[(301, "location: http://127.0.0.1:9/\r\n", r#"{"message":"Moved Permanently"}"#)],
        &[(502, "", "<html>::error::bad gateway</html>"); 3],
        &[(503, "retry-after: 86400\r\n", "")],
        &[(200, "", "{\"tree\": [{")],
        &[(200, "", r#"{"tree": [{"path": "openapi.yaml", "mode": "100644", "sha": "../../../x"}]}"#)],
        &[(418, "", "")],
    ];
    let mut told = Vec::new();
    for answers in cases {
        told.push(said(&server, &server.api().commit(commit.clone(), None), answers).await);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    read COMMIT:openapi.yaml: the GitHub API does not accept the token (Bad credentials); give a token that is valid for this repository
    read COMMIT:openapi.yaml: the GitHub API refuses (Resource not accessible by integration); give the job `permissions: contents: read`
    read COMMIT:openapi.yaml: the GitHub API has answered too often and answers again at 2027-01-15T08:00:00Z (API rate limit exceeded for installation ID 1.); run again later, or use a token of its own
    read COMMIT:openapi.yaml: the GitHub API has answered too often (You have exceeded a secondary rate limit.); run again later, or use a token of its own
    read COMMIT:openapi.yaml: the GitHub API has no git/trees/COMMIT5e388edbad7ada50f37d9679c07e8c1ea, or the token may not see it (Not Found); give the job `permissions: contents: read`
    read COMMIT:openapi.yaml: the GitHub API has no git/trees/COMMIT5e388edbad7ada50f37d9679c07e8c1ea, or the token may not see it (The sha parameter must be exactly 40 characters); give the job `permissions: contents: read`
    read COMMIT:openapi.yaml: the GitHub API failed with status 301 (a redirect, which is not followed: the repository may have been renamed)
    read COMMIT:openapi.yaml: the GitHub API failed with status 502 (<html>: :error: :bad gateway</html>)
    read COMMIT:openapi.yaml: the GitHub API failed with status 503
    read COMMIT:openapi.yaml: the GitHub API answered with something else than was asked for: EOF while parsing an object at line 1 column 11
    read COMMIT:openapi.yaml: the GitHub API answered with something else than was asked for: a commit is named by 40 or 64 hexadecimal digits that are not all zero at line 1 column 73
    read COMMIT:openapi.yaml: the GitHub API failed with status 418
    "#);
}

#[tokio::test]
async fn what_fails_in_passing_is_asked_again_and_no_more_often_than_said() {
    let repo = Repo::new();
    let commit = repo.write("openapi.yaml", "openapi: 3.1.0").commit();
    let server = Server::of(&repo, Manner::default());
    let source = || server.api().commit(commit.clone(), None);
    let fine = "openapi: 3.1.0";
    assert_eq!(said(&server, &source(), &[(500, "", ""), (502, "", "")]).await, fine);
    assert_eq!(said(&server, &source(), &[(429, "retry-after: 0\r\n", "")]).await, fine);
    assert_eq!(
        said(&server, &source(), &[(403, "retry-after: 0\r\n", r#"{"message":"secondary rate limit"}"#)])
            .await,
        fine
    );
    let before = server.asked().len();
    assert!(said(&server, &source(), &[(500, "", ""); 4]).await.contains("status 500"));
    assert_eq!(server.asked().len() - before, 3);
    server.instead(&[]);
    // A refusal is final.
    let before = server.asked().len();
    assert!(said(&server, &source(), &[(403, "", "")]).await.contains("refuses"));
    assert_eq!(server.asked().len() - before, 1);
}

#[tokio::test]
async fn a_file_that_is_not_what_its_hash_says_is_refused() {
    let repo = Repo::new();
    let commit = repo.write("openapi.yaml", "openapi: 3.1.0").commit();
    let server = Server::of(&repo, Manner { lies: true, ..Manner::default() });
    let source = server.api().commit(commit, None);
    insta::assert_snapshot!(said(&server, &source, &[]).await, @"read COMMIT:openapi.yaml: the GitHub API answered with something else than was asked for: the content of a file is not what its hash says");
}

#[tokio::test]
async fn nobody_listening_is_no_missing_file() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = rollgate::support::http::Client::new().unwrap();
    let patience = rollgate::source::Patience {
        attempts: 2,
        pause: rollgate::support::units::Millis(1),
        ..Default::default()
    };
    let api =
        Api::new(client, url.parse().unwrap(), "octo/hello".parse().unwrap(), None).with_patience(patience);
    let commit: CommitSha = "1".repeat(40).parse().unwrap();
    let error = api.commit(commit, None).read(&path("openapi.yaml"), 10).await.unwrap_err();
    assert!(matches!(error, SourceError::Api { .. }) && error.is_outside_failure() && !error.is_missing());
    let told = error.to_string().replace(&url, "SERVER");
    insta::assert_snapshot!(told, @"read 1111111:openapi.yaml: the GitHub API did not answer: read SERVER/repos/octo/hello/git/trees/1111111111111111111111111111111111111111: no connection: Connection refused (os error 111)");
}

#[test]
fn the_name_of_a_repository_is_an_owner_and_a_name() {
    for name in ["octo/hello", "octo-org/hello.world_2"] {
        assert_eq!(name.parse::<RepositoryName>().unwrap().to_string(), name);
    }
    for name in ["", "octo", "octo/", "/x", "a/b/c", "a/..", "a/b?x", "a/b%2Fc", "ä/b"] {
        assert!(name.parse::<RepositoryName>().is_err(), "{name}");
    }
}
