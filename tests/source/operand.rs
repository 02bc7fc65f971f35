//! What people name to be compared is opened as they mean it.

use rollgate::source::{Opened, Operand};

use super::read;
use super::repo::Repo;
use crate::support::hostile::{Behaviour, Hostile};

async fn open(directory: &std::path::Path, written: &str) -> Result<Opened, String> {
    let operand = Operand::parse(written).map_err(|error| error.to_string())?;
    operand.open(directory, || Ok(b"from the pipe".to_vec())).await.map_err(|error| error.to_string())
}

/// The name and content of what was named, or what is said instead.
async fn shown(directory: &std::path::Path, written: &str) -> String {
    match open(directory, written).await {
        Ok(opened) => {
            let content = read(&*opened.source, opened.path.as_str()).await;
            let content = content.unwrap_or_else(|error| format!("failed to {error}"));
            format!("{written} -> {}: {content}", opened.source.name_of(&opened.path))
        }
        Err(error) => format!("{written} -> failed to {error}"),
    }
}

#[tokio::test]
async fn files_revisions_and_the_standard_input() {
    let repo = Repo::new();
    let first = repo.write("api/openapi.yaml", "first").write("top.yaml", "top").commit();
    repo.write("api/openapi.yaml", "second").commit();
    repo.write("api/openapi.yaml", "worktree").write("api/a:b.yaml", "colon");
    let outside = Repo::beside();
    outside.write("other.yaml", "other");
    let other = outside.join("other.yaml").display().to_string();
    let inside = repo.join("api/openapi.yaml").display().to_string();
    let mut lines = Vec::new();
    let here = repo.join("api");
    for written in [
        "openapi.yaml",
        "./openapi.yaml",
        "./a:b.yaml",
        "../top.yaml",
        &inside,
        &other,
        "none.yaml",
        "HEAD:api/openapi.yaml",
        "HEAD:./openapi.yaml",
        "HEAD~1:api/openapi.yaml",
        "main~1:./../top.yaml",
        "HEAD:openapi.yaml",
        "HEAD:../../x",
        "HEAD:/etc/passwd",
        "HEAD:.git/config",
        "none:openapi.yaml",
        "a:b.yaml",
        "-",
    ] {
        lines.push(shown(&here, written).await);
    }
    let text = lines
        .join("\n")
        .replace(&repo.path().display().to_string(), "REPO")
        .replace(&outside.path().display().to_string(), "OTHER");
    let text = super::with_names(&text, &[(&first, "FIRST"), (&repo.sha("HEAD"), "SECOND")]);
    insta::assert_snapshot!(text, @r#"
    openapi.yaml -> openapi.yaml: worktree
    ./openapi.yaml -> openapi.yaml: worktree
    ./a:b.yaml -> a:b.yaml: colon
    ../top.yaml -> ../top.yaml: top
    REPO/api/openapi.yaml -> openapi.yaml: worktree
    OTHER/other.yaml -> OTHER/other.yaml: other
    none.yaml -> none.yaml: failed to read none.yaml: there is no such file
    HEAD:api/openapi.yaml -> SECOND:api/openapi.yaml: second
    HEAD:./openapi.yaml -> SECOND:api/openapi.yaml: second
    HEAD~1:api/openapi.yaml -> FIRST:api/openapi.yaml: first
    main~1:./../top.yaml -> FIRST:top.yaml: top
    HEAD:openapi.yaml -> SECOND:openapi.yaml: failed to read SECOND:openapi.yaml: there is no such file
    HEAD:../../x -> failed to use the path "api/../../x": it leads out of the root; name a file beneath it
    HEAD:/etc/passwd -> failed to use the path "/etc/passwd": it is absolute; write it relative to the root
    HEAD:.git/config -> failed to use the path ".git/config": nothing of Git's administration is read
    none:openapi.yaml -> failed to read "none:openapi.yaml": the revision "none" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    a:b.yaml -> failed to read "a:b.yaml": the revision "a" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags)
    - -> stdin: from the pipe
    "#);
    let opened = open(&here, "HEAD~1:api/openapi.yaml").await.unwrap();
    assert_eq!(opened.commit, Some(first));
}

#[tokio::test]
async fn a_revision_needs_a_repository() {
    let folder = Repo::beside();
    insta::assert_snapshot!(shown(folder.path(), "HEAD:openapi.yaml").await, @r#"HEAD:openapi.yaml -> failed to read "HEAD:openapi.yaml": the working directory is in no Git repository; name two files, or change into a clone (a file with a colon in its name is written with `./` before it)"#);
}

#[tokio::test]
async fn a_url_is_read_once_and_leads_nowhere_else() {
    let answers = [
        Behaviour::answer(200, "application/yaml", "openapi: 3.1.0"),
        Behaviour::answer(200, "application/yaml", &"x".repeat(1_001)),
        Behaviour::answer(404, "text/plain", "nothing here"),
        Behaviour::answer(500, "text/plain", "::error::oops"),
        Behaviour::Raw(
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        Behaviour::Endless,
    ];
    let folder = Repo::beside();
    let mut lines = Vec::new();
    for answer in answers {
        let server = Hostile::start(answer).await;
        let url = format!("{}/api/openapi.yaml?token=secret", server.url);
        let line = shown(folder.path(), &url).await;
        lines.push(line.split_once(" -> ").unwrap().1.replace(&server.url, "SERVER"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    SERVER/api/openapi.yaml: openapi: 3.1.0
    SERVER/api/openapi.yaml: failed to read SERVER/api/openapi.yaml: it is longer than 1000 bytes
    SERVER/api/openapi.yaml: failed to read SERVER/api/openapi.yaml: there is no such file
    SERVER/api/openapi.yaml: failed to read SERVER/api/openapi.yaml: status 500: : :error: :oops
    SERVER/api/openapi.yaml: failed to read SERVER/api/openapi.yaml: status 302, a redirect, which is not followed; name the URL that it leads to
    SERVER/api/openapi.yaml: failed to read SERVER/api/openapi.yaml: it is longer than 1000 bytes
    ");
    let server = Hostile::start(Behaviour::answer(200, "text/plain", "x")).await;
    let opened = open(folder.path(), &format!("{}/openapi.yaml", server.url)).await.unwrap();
    // A reference to a file beside it asks nobody.
    assert!(opened.source.read(&super::path("common.yaml"), 10).await.unwrap_err().is_missing());
    assert!(server.requests().is_empty());
}
