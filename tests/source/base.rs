//! What a change is compared with, and who judges it.

use rollgate::source::{Base, CommitSha, Kind, Known, Places, Repository};

use super::repo::Repo;
use super::server::{Manner, Server};
use super::{read, with_names};

/// A repository where `main` has gone on since a pull request left it:
///
/// ```text
/// start --- fork --- tip        main
///             \         \
///              head ---- merge  the trial merge of the pull request
/// ```
struct Scene {
    repo: Repo,
    fork: CommitSha,
    tip: CommitSha,
    head: CommitSha,
    merge: CommitSha,
}

impl Scene {
    fn new() -> Self {
        let repo = Repo::new();
        repo.write("openapi.yaml", "start").write("policy", "of main").commit();
        let fork = repo.write("openapi.yaml", "fork").commit();
        repo.git(&["checkout", "-qb", "topic"]);
        let head = repo.write("api/x.yaml", "head").write("policy", "of the pull request").commit();
        repo.git(&["checkout", "-q", "main"]);
        let tip = repo.write("openapi.yaml", "tip").commit();
        repo.git(&["checkout", "-q", "--detach"]);
        repo.git(&["merge", "-q", "--no-ff", "-m", "trial", "topic"]);
        let merge = repo.sha("HEAD");
        repo.git(&["update-ref", "refs/pull/1/merge", merge.as_str()]);
        repo.git(&["checkout", "-q", "main"]);
        Self { repo, fork, tip, head, merge }
    }

    /// What the event of the pull request tells.
    fn pull_request(&self) -> Known {
        Known {
            kind: Kind::PullRequest,
            base_ref: Some("main".into()),
            base: Some(self.tip.clone()),
            head: Some(self.head.clone()),
            merge: Some(self.merge.clone()),
            ..Known::default()
        }
    }

    /// The clone that checking out `commit` at this depth makes, as the runner does it.
    fn checkout(&self, commit: &CommitSha, arguments: &[&str]) -> Repo {
        let clone = Repo::beside();
        clone.git(&["init", "-q", "-b", "unused"]);
        let url = format!("file://{}", self.repo.path().display());
        clone.git(&["remote", "add", "origin", &url]);
        self.repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let whole = ["+refs/heads/*:refs/remotes/origin/*"];
        let wanted: &[&str] = if arguments.is_empty() { &whole } else { &[] };
        clone.git(&[&["fetch", "-q"], arguments, &["origin", commit.as_str()], wanted].concat());
        clone.git(&["checkout", "-q", "--detach", commit.as_str()]);
        clone
    }

    fn shown(&self, text: &str) -> String {
        let names = [(&self.fork, "FORK"), (&self.tip, "TIP"), (&self.head, "HEAD"), (&self.merge, "MERGE")];
        with_names(text, &names)
    }

    /// The base and the governing commit by name, how they were chosen, and the policy that governs.
    async fn chosen(&self, known: &Known, places: &Places) -> String {
        match Base::of(known, places).await {
            Ok(base) => {
                let name = |commit: &Option<CommitSha>| {
                    commit.as_ref().map_or_else(|| "none".to_owned(), |commit| self.shown(commit.as_str()))
                };
                let judge = read(&*base.governing, "policy").await.unwrap_or_else(|error| error);
                let description = read(&*base.source, "openapi.yaml").await;
                let is_unknown = base.told == "what the change as a whole is compared with is not known here";
                if let (Err(error), true) = (&description, is_unknown) {
                    let governing = name(&base.governing_commit);
                    return format!("failed to {}, governed by {governing} ({judge})", self.shown(error));
                }
                let description = description.unwrap_or_else(|error| error);
                format!(
                    "base {} ({}), governed by {} ({judge}): {}",
                    name(&base.commit),
                    self.shown(&description),
                    name(&base.governing_commit),
                    self.shown(&base.told)
                )
            }
            Err(error) => self.shown(&format!("failed to {error}")),
        }
    }
}

async fn places(repo: &Repo, server: Option<&Server>) -> Places {
    Places {
        root: repo.path().to_owned(),
        repository: Repository::discover(repo.path()).await.unwrap(),
        api: server.map(Server::api),
        prefix: None,
    }
}

const SHALLOW: [&str; 2] = ["--depth", "1"];

#[tokio::test]
async fn the_trial_merge_is_compared_with_the_tip_that_it_was_made_on() {
    let scene = Scene::new();
    let whole = scene.checkout(&scene.merge, &[]);
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&whole, None).await).await, @"base TIP (tip), governed by TIP (of main): compared with TIP of main, which the pull request was merged with on trial");
    let shallow = scene.checkout(&scene.merge, &SHALLOW);
    let server = Server::of(&scene.repo, Manner::default());
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&shallow, Some(&server)).await).await, @"base TIP (tip), governed by TIP (of main): compared with TIP of main, which the pull request was merged with on trial");
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&shallow, None).await).await, @r#"failed to find TIP: the revision "TIP" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`"#);
}

#[tokio::test]
async fn the_head_of_a_pull_request_is_compared_with_the_merge_base() {
    let scene = Scene::new();
    let whole = scene.checkout(&scene.head, &[]);
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&whole, None).await).await, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
    let shallow = scene.checkout(&scene.head, &SHALLOW);
    let server = Server::of(&scene.repo, Manner::default());
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&shallow, Some(&server)).await).await, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&shallow, None).await).await, @r#"failed to find TIP: the revision "TIP" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`"#);
    // Without any clone, the API knows it all.
    let elsewhere = Repo::beside();
    insta::assert_snapshot!(scene.chosen(&scene.pull_request(), &places(&elsewhere, Some(&server)).await).await, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
}

#[tokio::test]
async fn a_pull_request_cannot_bring_its_own_judge() {
    let scene = Scene::new();
    // Its author makes a commit that looks like a trial merge, on a base of their own making.
    scene.repo.git(&["checkout", "-q", "--detach", scene.head.as_str()]);
    let evil = scene.repo.write("policy", "of the attacker").commit();
    let tree = format!("{evil}^{{tree}}");
    let forged = scene.repo.git(&[
        "commit-tree",
        &tree,
        "-p",
        evil.as_str(),
        "-p",
        scene.head.as_str(),
        "-m",
        "trial",
    ]);
    let forged: CommitSha = forged.parse().unwrap();
    let clone = scene.checkout(&forged, &[]);
    let told = scene.chosen(&scene.pull_request(), &places(&clone, None).await).await;
    insta::assert_snapshot!(told, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
    // Naming a base to compare with moves the comparison only.
    let known = Known { explicit: Some(scene.head.to_string()), ..scene.pull_request() };
    let clone = scene.checkout(&scene.head, &[]);
    insta::assert_snapshot!(scene.chosen(&known, &places(&clone, None).await).await, @"base HEAD (fork), governed by TIP (of main): compared with HEAD, which `HEAD` names");
}

#[tokio::test]
async fn a_tip_that_the_clone_fetched_later_than_the_event_counts() {
    let scene = Scene::new();
    let known = Known { base: Some(scene.fork.clone()), merge: None, ..scene.pull_request() };
    let clone = scene.checkout(&scene.head, &[]);
    insta::assert_snapshot!(scene.chosen(&known, &places(&clone, None).await).await, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
    // And one that the event alone knows is taken from it.
    let server = Server::of(&scene.repo, Manner::default());
    let known = Known { base: None, merge: None, ..scene.pull_request() };
    let shallow = scene.checkout(&scene.head, &SHALLOW);
    insta::assert_snapshot!(scene.chosen(&known, &places(&shallow, Some(&server)).await).await, @"base FORK (fork), governed by TIP (of main): compared with FORK, the merge base of the pull request and main");
    let known = Known { base_ref: None, ..known };
    insta::assert_snapshot!(scene.chosen(&known, &places(&shallow, Some(&server)).await).await, @"failed to find what to compare with: the event does not say which branch the pull request asks to change; name the base with `--base`");
}

#[tokio::test]
async fn a_push_is_compared_with_what_the_branch_was_at() {
    let scene = Scene::new();
    let clone = scene.checkout(&scene.tip, &[]);
    let push = Known {
        kind: Kind::Push,
        base_ref: Some("main".into()),
        head: Some(scene.tip.clone()),
        before: Some(scene.fork.clone()),
        default_branch: Some("main".into()),
        ..Known::default()
    };
    insta::assert_snapshot!(scene.chosen(&push, &places(&clone, None).await).await, @"base FORK (fork), governed by none (of main): compared with FORK, which the branch was at before the push");
    let new = Known {
        before: None,
        head: Some(scene.head.clone()),
        base_ref: Some("topic".into()),
        ..push.clone()
    };
    insta::assert_snapshot!(scene.chosen(&new, &places(&clone, None).await).await, @"base FORK (fork), governed by none (of main): compared with FORK, the merge base of the new branch and main");
    let first = Known { base_ref: Some("main".into()), ..new };
    insta::assert_snapshot!(scene.chosen(&first, &places(&clone, None).await).await, @"base none (read openapi.yaml: there is no such file), governed by none (of main): compared with nothing: nothing was there before the push, and no other branch to compare with");
}

#[tokio::test]
async fn a_merge_group_is_compared_with_and_judged_by_its_base() {
    let scene = Scene::new();
    let clone = scene.checkout(&scene.merge, &[]);
    let known = Known {
        kind: Kind::MergeGroup,
        base: Some(scene.tip.clone()),
        head: Some(scene.merge.clone()),
        ..Known::default()
    };
    insta::assert_snapshot!(scene.chosen(&known, &places(&clone, None).await).await, @"base TIP (tip), governed by TIP (of main): compared with TIP, on which the merge group is based");
    let known = Known { base: None, ..known };
    insta::assert_snapshot!(scene.chosen(&known, &places(&clone, None).await).await, @"failed to find what to compare with: the event does not say on which commit the group is based; name the base with `--base`");
}

#[tokio::test]
async fn a_person_is_compared_with_the_default_branch() {
    let scene = Scene::new();
    let local = Known::default();
    let mut told = Vec::new();
    // A clone with a server, on a branch and on the default branch.
    let clone = Repo::clone_of(&scene.repo, &[]);
    told.push(scene.chosen(&local, &places(&clone, None).await).await);
    clone.git(&["checkout", "-q", "topic"]);
    told.push(scene.chosen(&local, &places(&clone, None).await).await);
    // A repository without a server: on a branch, on the default branch, at the first commit, before it.
    scene.repo.git(&["checkout", "-q", "topic"]);
    told.push(scene.chosen(&local, &places(&scene.repo, None).await).await);
    scene.repo.git(&["checkout", "-q", "main"]);
    told.push(scene.chosen(&local, &places(&scene.repo, None).await).await);
    let young = Repo::new();
    told.push(scene.chosen(&local, &places(&young, None).await).await);
    young.write("policy", "young").commit();
    told.push(scene.chosen(&local, &places(&young, None).await).await);
    let known = Known { explicit: Some("HEAD~1".into()), ..Known::default() };
    told.push(scene.chosen(&known, &places(&scene.repo, None).await).await);
    let known = Known { explicit: Some("v9.9".into()), ..Known::default() };
    told.push(scene.chosen(&known, &places(&scene.repo, None).await).await);
    let nowhere = Repo::beside();
    let lost = scene.chosen(&local, &places(&nowhere, None).await).await;
    told.push(lost.replace(&nowhere.path().display().to_string(), "FOLDER"));
    insta::assert_snapshot!(told.join("\n"), @r#"
    base TIP (tip), governed by none (of main): compared with TIP, the merge base of what is checked out and origin/main
    base FORK (fork), governed by none (of the pull request): compared with FORK, the merge base of what is checked out and origin/main
    base FORK (fork), governed by none (of the pull request): compared with FORK, the merge base of what is checked out and main
    base FORK (fork), governed by none (of main): compared with FORK, the parent of the last commit
    base none (read openapi.yaml: there is no such file), governed by none (read policy: there is no such file): compared with nothing: a branch without a commit
    base none (read openapi.yaml: there is no such file), governed by none (young): compared with nothing: the first commit
    base FORK (fork), governed by none (of main): compared with FORK, which `HEAD~1` names
    failed to find v9.9: the revision "v9.9" names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all branches and tags); or let the API be asked: give the step a token with `permissions: contents: read`
    failed to find what to compare with: FOLDER is in no Git repository; run in a clone, or compare two files with `rollgate schema diff`, governed by none (read policy: there is no such file)
    "#);
}

#[tokio::test]
async fn branches_without_a_common_ancestor_are_not_compared() {
    let scene = Scene::new();
    scene.repo.git(&["checkout", "-q", "--orphan", "other"]);
    let other = scene.repo.commit();
    let known = Known { head: Some(other.clone()), merge: None, ..scene.pull_request() };
    let told = scene.chosen(&known, &places(&scene.repo, None).await).await;
    insta::assert_snapshot!(told.replace(other.as_str(), "OTHER"), @"failed to find what to compare with: TIP and OTHER have no common ancestor; name the base with `--base`, governed by TIP (of main)");
}
