//! A repository is a stranger's: nothing in it is run, believed, waited for, or left through.

use std::os::unix::fs::symlink;

use rollgate::source::{Repository, Source};

use super::repo::Repo;
use super::{all, opened, path, read};

/// A config that has Git run a program at every turn, read files elsewhere, and take another folder for the worktree.
fn config(marker: &str) -> String {
    format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = \"touch {marker}; false\"\n\
         \thooksPath = /tmp\n\tpager = touch {marker}\n\tsshCommand = touch {marker}\n\tworktree = /etc\n\
         \tgitProxy = touch {marker}\n\teditor = touch {marker}\n\taskPass = touch {marker}\n\
         \talternateRefsCommand = touch {marker}\n\tattributesFile = /dev/zero\n\texcludesFile = /dev/zero\n\
         [include]\n\tpath = /dev/zero\n[includeIf \"gitdir:/\"]\n\tpath = /dev/zero\n\
         [filter \"x\"]\n\tsmudge = touch {marker}\n\tprocess = touch {marker}\n\trequired = true\n\
         [diff]\n\texternal = touch {marker}\n[diff \"x\"]\n\ttextconv = touch {marker}\n\
         [uploadpack]\n\tpackObjectsHook = touch {marker}\n[extensions]\n\tworktreeConfig = true\n\
         [gitoxide \"core\"]\n\tshallowFile = /dev/zero\n[safe]\n\tdirectory = *\n"
    )
}

#[tokio::test]
async fn nothing_that_the_config_says_is_run_or_read() {
    let repo = Repo::new();
    let marker = repo.join("marker");
    let commit = repo
        .write("openapi.yaml", "openapi: 3.1.0")
        .write(".gitattributes", "* filter=x diff=x ident text eol=crlf\n")
        .commit();
    repo.write(".git/config", config(&marker.display().to_string()));
    repo.write(".git/config.worktree", "[include]\n\tpath = /dev/zero\n");
    for hook in ["post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"] {
        let hook = format!(".git/hooks/{hook}");
        repo.write(&hook, format!("#!/bin/sh\ntouch {}\n", marker.display()));
        let mut permissions = std::fs::metadata(repo.join(&hook)).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        std::fs::set_permissions(repo.join(&hook), permissions).unwrap();
    }
    let repository = opened(&repo).await;
    assert_eq!(repository.prefix(), None);
    assert_eq!(repository.head().await.unwrap(), commit);
    let source = repository.commit(commit.clone());
    assert_eq!(read(&source, "openapi.yaml").await, Ok("openapi: 3.1.0".into()));
    assert_eq!(all(&source).await, [".gitattributes", "openapi.yaml"]);
    assert_eq!(repository.merge_base(&commit, &commit).await.unwrap(), Some(commit));
    assert!(!marker.exists());
}

#[tokio::test]
async fn a_replacement_does_not_stand_for_the_commit_that_it_replaces() {
    let repo = Repo::new();
    let good = repo.write("openapi.yaml", "good").commit();
    let evil = repo.write("openapi.yaml", "evil").commit();
    repo.git(&["replace", good.as_str(), evil.as_str()]);
    assert_eq!(repo.git(&["show", &format!("{good}:openapi.yaml")]), "evil");
    assert_eq!(read(&opened(&repo).await.commit(good), "openapi.yaml").await, Ok("good".into()));
}

#[tokio::test]
async fn a_bare_repository_among_the_files_is_not_taken_for_the_repository() {
    let repo = Repo::new();
    let commit = repo.write("api/openapi.yaml", "outer").commit();
    // What a pull request can add: a folder that looks like a bare repository.
    let planted = Repo::new();
    planted.write("openapi.yaml", "planted").commit();
    for name in ["HEAD", "config"] {
        std::fs::copy(planted.join(".git").join(name), repo.join("api").join(name)).unwrap();
    }
    for name in ["objects", "refs"] {
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([planted.join(".git").join(name), repo.join("api").join(name)])
            .status();
        assert!(copied.unwrap().success());
    }
    let repository = Repository::discover(&repo.join("api")).await.unwrap().unwrap();
    assert_eq!(repository.head().await.unwrap(), commit);
    assert_eq!(repository.prefix().unwrap().as_str(), "api");
    assert_eq!(read(&repository.commit(commit), "openapi.yaml").await, Ok("outer".into()));
}

#[tokio::test]
async fn administration_that_nobody_can_read_in_time_is_refused() {
    let mut told = Vec::new();
    for file in ["HEAD", "config", "packed-refs", "shallow", "objects/info/alternates", "commondir"] {
        let repo = Repo::new();
        repo.write("a", "1").commit();
        let path = repo.join(".git").join(file);
        drop(std::fs::remove_file(&path));
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
            .unwrap();
        let error = Repository::discover(repo.path()).await.unwrap_err().to_string();
        told.push(error.replace(&repo.path().canonicalize().unwrap().display().to_string(), "REPO"));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    the repository is not read: REPO/.git/HEAD is not a regular file
    the repository is not read: REPO/.git/config is not a regular file
    the repository is not read: REPO/.git/packed-refs is not a regular file
    the repository is not read: REPO/.git/shallow is not a regular file
    the repository is not read: REPO/.git/objects/info/alternates is not a regular file
    the repository is not read: REPO/.git/commondir is not a regular file
    "#);
}

#[tokio::test]
async fn broken_objects_cost_an_error_and_not_the_process() {
    let repo = Repo::new();
    let commit = repo.write("openapi.yaml", "openapi: 3.1.0").commit();
    let repository = opened(&repo).await;
    let source = repository.commit(commit.clone());
    let blob = repo.git(&["rev-parse", "HEAD:openapi.yaml"]);
    let object = repo.join(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "no zlib stream").unwrap();
    let error = source.read(&path("openapi.yaml"), 100).await.unwrap_err();
    assert!(!error.is_missing(), "{error}");
    // A pack whose offsets lead nowhere.
    let packed = Repo::new();
    let commit = packed.write("openapi.yaml", "x".repeat(5_000)).commit();
    packed.git(&["gc", "-q"]);
    for entry in std::fs::read_dir(packed.join(".git/objects/pack")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "pack") {
            let mut bytes = std::fs::read(&file).unwrap();
            for byte in &mut bytes[12..] {
                *byte = 0xff;
            }
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, bytes).unwrap();
        }
    }
    let error = opened(&packed).await.commit(commit).read(&path("openapi.yaml"), 10_000).await.unwrap_err();
    assert!(!error.is_missing(), "{error}");
    // The repository that was asked first answers still.
    assert_eq!(repository.head().await.unwrap(), repo.sha("HEAD"));
}

#[tokio::test]
async fn a_file_that_unpacks_to_more_than_the_limit_is_not_unpacked() {
    let repo = Repo::new();
    let commit = repo.write("bomb.yaml", vec![b' '; 40 * 1024 * 1024]).commit();
    let source = opened(&repo).await.commit(commit.clone());
    let error = source.read(&path("bomb.yaml"), 1024).await.unwrap_err().to_string();
    assert_eq!(error, format!("read {}:bomb.yaml: it is longer than 1024 bytes", commit.short()));
}

#[tokio::test]
async fn names_that_no_path_may_have_are_passed_over() {
    let repo = Repo::new();
    let blob = repo.write("ok.yaml", "1").git(&["hash-object", "-w", "ok.yaml"]);
    // Git itself refuses to write most of these; a server that is not Git need not.
    let mut tree = Vec::new();
    for name in ["..", ".git", "a\nb.yaml", "ok.yaml"] {
        tree.extend_from_slice(format!("100644 {name}\0").as_bytes());
        tree.extend((0..20).map(|i| u8::from_str_radix(&blob[2 * i..2 * i + 2], 16).unwrap()));
    }
    std::fs::write(repo.join("tree"), tree).unwrap();
    let tree = repo.git(&["hash-object", "-t", "tree", "-w", "--literally", "tree"]);
    let commit = repo.git(&["commit-tree", &tree, "-m", "x"]).parse().unwrap();
    assert_eq!(all(&opened(&repo).await.commit(commit)).await, ["ok.yaml"]);
}

#[tokio::test]
async fn the_repository_of_another_user_is_read_where_the_folder_is_theirs() {
    if !rustix::process::geteuid().is_root() {
        // Only root can give a folder away. Whose repositories count is held by a test of the rule itself as well.
        return;
    }
    let repo = Repo::new();
    let commit = repo.write("openapi.yaml", "theirs").commit();
    let give = |path: &std::path::Path, user: u32| {
        let owner = format!("{user}:{user}");
        assert!(
            std::process::Command::new("chown").args(["-R", &owner]).arg(path).status().unwrap().success()
        );
    };
    give(repo.path(), 1001);
    assert_eq!(read(&opened(&repo).await.commit(commit.clone()), "openapi.yaml").await, Ok("theirs".into()));
    // A repository that borrows objects reads files of root's in the name of somebody else.
    repo.write(".git/objects/info/alternates", "/elsewhere\n");
    let hide =
        |text: String| text.replace(&repo.path().canonicalize().unwrap().display().to_string(), "REPO");
    let borrowed = hide(Repository::discover(repo.path()).await.unwrap_err().to_string());
    std::fs::remove_file(repo.join(".git/objects/info/alternates")).unwrap();
    // A `.git` that a third user has put above a folder.
    std::fs::create_dir(repo.join("mine")).unwrap();
    give(&repo.join("mine"), 1002);
    give(&repo.join(".git"), 1003);
    let planted = hide(Repository::discover(&repo.join("mine")).await.unwrap_err().to_string());
    insta::assert_snapshot!(format!("{borrowed}\n{planted}"), @r#"
    the repository is not read: REPO/.git/objects/info/alternates borrows objects from elsewhere in the name of another user; run Rollgate as the repository's owner, or make a clone of its own
    the repository is not read: REPO/.git belongs to another user than the folder it was found for; change its owner, or run Rollgate as that user
    "#);
}

#[tokio::test]
async fn a_git_file_that_leads_nowhere_is_no_repository() {
    let folder = Repo::beside();
    folder.write(".git", "gitdir: /nonexistent\n");
    assert!(Repository::discover(folder.path()).await.unwrap().is_none());
    std::fs::remove_file(folder.join(".git")).unwrap();
    symlink("/dev/zero", folder.join(".git")).unwrap();
    let error = Repository::discover(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("is no readable file"), "{error}");
}
