//! A small GitHub that keeps what it is sent: statuses, check runs, comments, labels and rights.
//!
//! One server for all tests; each test has a repository of its own in it, and a token that is good for that one only.
//! Its answers are GitHub's own examples with the values of the case in them, and Prism holds them against GitHub's
//! description. What that does not say, such as the 140 characters of a status, is refused here as GitHub does.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::support::git_objects::{Objects, Told};
use crate::support::prism;

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This answer, and nothing is done.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// It is done, then this answer.
    DoneThen(u16, String),
    /// It is done, and the connection ends without an answer.
    Lost,
    /// It is done, and the connection ends within the answer.
    Half,
    /// It is done, and the answer has the right status and no JSON.
    Garbled,
    /// Nothing is done, and nothing comes.
    Silent,
    /// It is done, and nothing comes.
    DoneSilent,
    /// Nothing is done, and the connection ends without an answer.
    Closed,
}

impl Fault {
    /// A refusal with this message.
    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        Self::Answer(status, Vec::new(), json!({ "message": message }).to_string())
    }
}

#[derive(Default)]
struct World(Mutex<BTreeMap<String, State>>);

/// One repository.
#[derive(Default)]
struct State {
    login: String,
    graphql: bool,
    statuses: Vec<Value>,
    check_runs: Vec<Value>,
    annotations: BTreeMap<u64, Vec<Value>>,
    comments: Vec<Value>,
    pulls: Vec<Value>,
    events: Vec<Value>,
    committed: String,
    rights: BTreeMap<String, (String, String)>,
    objects: Option<Objects>,
    faults: Vec<(String, String, VecDeque<Option<Fault>>)>,
    log: Vec<(String, String, Value)>,
    headers: Vec<String>,
    next_id: u64,
}

/// A test's repository.
#[derive(Clone)]
pub(crate) struct Repository {
    pub(crate) name: String,
    world: Arc<World>,
    /// The fake itself.
    pub(crate) direct: String,
}

struct Server {
    world: Arc<World>,
    url: String,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let world = Arc::new(World::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                serve(tokio::net::TcpListener::from_std(listener).unwrap(), shared).await;
            });
        });
        Server { world, url }
    })
}

async fn serve(listener: tokio::net::TcpListener, world: Arc<World>) {
    while let Ok((stream, _)) = listener.accept().await {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let answer = hyper::service::service_fn(move |request| {
                let world = Arc::clone(&world);
                async move { answer(&world, request).await }
            });
            // A connection that ends in the middle is what some tests are about.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

impl Repository {
    /// A new one, `octo/<name>`, where the token acts for GitHub Actions.
    pub(crate) fn new(name: &str) -> Self {
        let server = server();
        let state = State {
            login: "github-actions[bot]".into(),
            graphql: true,
            committed: "2026-11-20T12:00:00Z".into(),
            next_id: 1,
            ..State::default()
        };
        let name = format!("octo/{name}");
        let before = server.world.0.lock().unwrap().insert(name.clone(), state);
        assert!(before.is_none(), "two tests have the repository {name}");
        Self { name, world: Arc::clone(&server.world), direct: server.url.clone() }
    }

    /// The fake behind Prism.
    pub(crate) fn checked(&self) -> String {
        prism::shared(&self.direct).url.clone()
    }

    /// The token that is good for this repository.
    pub(crate) fn token(&self) -> String {
        format!("ghs_{}", self.name.replace('/', "-"))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(self.world.0.lock().unwrap().get_mut(&self.name).unwrap())
    }

    /// Whom the token acts for.
    pub(crate) fn acts_for(&self, login: &str, graphql: bool) {
        self.with(|state| (state.login, state.graphql) = (login.into(), graphql));
    }

    /// Its objects are those of the repository in this folder.
    pub(crate) fn holds(&self, folder: &Path) {
        self.with(|state| state.objects = Some(Objects::of(folder)));
    }

    /// An open pull request.
    pub(crate) fn pull(&self, number: u64, head: &str, branch: &str, labels: &[&str]) {
        self.with(|state| {
            let mut pull = example("get /repos/{owner}/{repo}/pulls/{pull_number}");
            // GitHub's example of a team is not valid by GitHub's description.
            pull["requested_teams"] = json!([]);
            pull["number"] = number.into();
            pull["state"] = "open".into();
            pull["head"]["sha"] = head.into();
            pull["head"]["ref"] = branch.into();
            pull["base"]["ref"] = "main".into();
            pull["base"]["sha"] = "b".repeat(40).into();
            let label = pull["labels"][0].clone();
            let labels = labels.iter().map(|name| {
                let mut label = label.clone();
                label["name"] = (*name).into();
                label
            });
            pull["labels"] = labels.collect();
            state.pulls.push(pull);
        });
    }

    /// The commit that the pull request is to go onto.
    pub(crate) fn onto(&self, number: u64, base: &str) {
        self.with(|state| {
            let pull = state.pulls.iter_mut().find(|pull| pull["number"] == number).unwrap();
            pull["base"]["sha"] = base.into();
        });
    }

    /// A label was set or taken off.
    pub(crate) fn label_event(&self, event: &str, label: &str, actor: Option<&str>, at: &str) {
        self.with(|state| {
            let mut one = example("get /repos/{owner}/{repo}/issues/{issue_number}/events")[0].clone();
            one["id"] = state.id().into();
            one["event"] = event.into();
            one["commit_id"] = Value::Null;
            one["commit_url"] = Value::Null;
            one["label"] = json!({ "name": label, "color": "ff0000" });
            one["created_at"] = at.into();
            match actor {
                Some(login) => one["actor"]["login"] = login.into(),
                None => one["actor"] = Value::Null,
            }
            state.events.push(one);
        });
    }

    /// What a person may do.
    pub(crate) fn rights(&self, login: &str, permission: &str, role: &str) {
        self.with(|state| state.rights.insert(login.into(), (permission.into(), role.into())));
    }

    /// A comment of somebody.
    pub(crate) fn comment(&self, login: &str, kind: &str, body: &str) {
        self.with(|state| state.add_comment(login, kind, body, 7));
    }

    /// The next requests of this kind go wrong like this, in turn; none goes right.
    pub(crate) fn next(&self, method: &str, part: &str, faults: impl IntoIterator<Item = Option<Fault>>) {
        let faults = faults.into_iter().collect();
        self.with(|state| state.faults.push((method.into(), part.into(), faults)));
    }

    /// As often as this.
    pub(crate) fn always(&self, method: &str, part: &str, fault: &Fault) {
        self.next(method, part, vec![Some(fault.clone()); 50]);
    }

    /// The requests so far: method and path with query.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.with(|state| state.log.iter().map(|(method, path, _)| format!("{method} {path}")).collect())
    }

    /// The bodies of the requests of this method, in turn.
    pub(crate) fn bodies(&self, method: &str, part: &str) -> Vec<Value> {
        self.with(|state| {
            let fitting = state.log.iter().filter(|(of, path, _)| of == method && path.contains(part));
            fitting.map(|(_, _, body)| body.clone()).collect()
        })
    }

    /// The head of the first request.
    pub(crate) fn first_head(&self) -> String {
        self.with(|state| state.headers[0].clone())
    }

    /// The statuses, oldest first: state, context and description.
    pub(crate) fn statuses(&self) -> Vec<String> {
        self.with(|state| {
            let told = |status: &Value| {
                let text = |key: &str| status[key].as_str().unwrap_or("-").to_owned();
                format!(
                    "{} {}: {} -> {}",
                    text("context"),
                    text("state"),
                    text("description"),
                    text("target_url")
                )
            };
            state.statuses.iter().map(told).collect()
        })
    }

    /// The check runs: name, status, conclusion, title and the titles of their annotations.
    pub(crate) fn check_runs(&self) -> Vec<String> {
        self.with(|state| {
            let told = |run: &Value| {
                let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
                let annotations = &state.annotations[&run["id"].as_u64().unwrap()];
                let mut distinct: Vec<String> = annotations.iter().map(|one| text(&one["title"])).collect();
                distinct.sort();
                distinct.dedup();
                assert_eq!(distinct.len(), annotations.len(), "an annotation stands there twice");
                format!(
                    "{} {} {}: {}, {} annotations",
                    text(&run["name"]),
                    text(&run["status"]),
                    text(&run["conclusion"]),
                    text(&run["output"]["title"]),
                    annotations.len()
                )
            };
            state.check_runs.iter().map(told).collect()
        })
    }

    /// The comments: author and body.
    pub(crate) fn comments(&self) -> Vec<String> {
        self.with(|state| {
            let told = |comment: &Value| {
                format!(
                    "{}: {}",
                    comment["user"]["login"].as_str().unwrap(),
                    comment["body"].as_str().unwrap()
                )
            };
            state.comments.iter().map(told).collect()
        })
    }
}

impl State {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn add_comment(&mut self, login: &str, kind: &str, body: &str, number: u64) -> Value {
        let mut comment = example("post /repos/{owner}/{repo}/issues/{issue_number}/comments");
        let id = self.id();
        comment["id"] = id.into();
        comment["body"] = body.into();
        comment["user"]["login"] = login.into();
        comment["user"]["type"] = kind.into();
        comment["html_url"] =
            format!("https://github.com/octo/repository/pull/{number}#issuecomment-{id}").into();
        self.comments.push(comment.clone());
        comment
    }

    fn fault(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fitting = self
            .faults
            .iter_mut()
            .find(|(of, part, faults)| of == method && path.contains(part.as_str()) && !faults.is_empty());
        fitting.and_then(|(_, _, faults)| faults.pop_front()).flatten()
    }

    /// What GitHub does.
    fn act(&mut self, method: &str, path: &str, query: &BTreeMap<String, String>, body: &Value) -> Reply {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let text = |key: &str| body[key].as_str().map(str::to_owned);
        match (method, parts.get(3..).unwrap_or_default()) {
            ("GET", []) if path == "/user" => {
                let mut user = example("get /user");
                user["login"] = self.login.clone().into();
                // The token of an app is none of a user.
                if self.login.ends_with("[bot]") { forbidden() } else { Reply::ok(200, user) }
            }
            ("POST", []) if path == "/graphql" => {
                if self.graphql {
                    Reply::ok(200, json!({ "data": { "viewer": { "login": self.login } } }))
                } else {
                    forbidden()
                }
            }
            ("POST", ["statuses", sha]) => {
                let description = text("description").unwrap_or_default();
                if description.chars().count() > 140 {
                    return Reply::ok(
                        422,
                        json!({ "message": "Validation Failed", "errors": [
                        { "resource": "Status", "code": "custom", "field": "description",
                          "message": "description is too long (maximum is 140 characters)" }] }),
                    );
                }
                let mut status = example("post /repos/{owner}/{repo}/statuses/{sha}");
                for key in ["state", "context", "description", "target_url"] {
                    status[key] = body[key].clone();
                }
                status["url"] = format!("https://api.github.com/repos/octo/x/statuses/{sha}").into();
                status["id"] = self.id().into();
                self.statuses.push(status.clone());
                Reply::ok(201, status)
            }
            ("GET", ["commits", sha, "statuses"]) => {
                let of = |status: &&Value| status["url"].as_str().unwrap().ends_with(sha);
                Reply::list(self.statuses.iter().rev().filter(of).cloned().collect(), query)
            }
            ("POST", ["check-runs"]) => {
                let mut run = example("post /repos/{owner}/{repo}/check-runs");
                let id = self.id();
                run["id"] = id.into();
                run["html_url"] = format!("https://github.com/octo/repository/runs/{id}").into();
                run["head_sha"] = body["head_sha"].clone();
                run["conclusion"] = Value::Null;
                run["completed_at"] = Value::Null;
                run["output"]["annotations_count"] = 0.into();
                self.annotations.insert(id, Vec::new());
                self.check_runs.push(run);
                self.write_check_run(id, body, 201)
            }
            (_, ["check-runs", id]) => {
                let id: u64 = id.parse().unwrap();
                if method == "PATCH" {
                    return self.write_check_run(id, body, 200);
                }
                match self.check_runs.iter().find(|run| run["id"] == id) {
                    Some(run) => Reply::ok(200, run.clone()),
                    None => Reply::missing(),
                }
            }
            ("GET", ["commits", sha, "check-runs"]) => {
                let name = query.get("check_name");
                let of = |run: &&Value| {
                    run["head_sha"] == *sha && name.is_none_or(|name| run["name"] == name.as_str())
                };
                let runs: Vec<Value> = self.check_runs.iter().rev().filter(of).cloned().collect();
                Reply::ok(200, json!({ "total_count": runs.len(), "check_runs": runs }))
            }
            (_, rest) => self.talk(method, rest, query, body),
        }
    }

    /// What GitHub does about pull requests and those who talk about them.
    fn talk(
        &mut self,
        method: &str,
        parts: &[&str],
        query: &BTreeMap<String, String>,
        body: &Value,
    ) -> Reply {
        match (method, parts) {
            ("GET", ["issues", _, "comments"]) => Reply::list(self.comments.clone(), query),
            ("POST", ["issues", number, "comments"]) => {
                let body = body["body"].as_str().unwrap_or_default();
                if body.chars().count() > 65_536 {
                    return Reply::ok(
                        422,
                        json!({ "message": "Body is too long (maximum is 65536 characters)" }),
                    );
                }
                let kind = if self.login.ends_with("[bot]") { "Bot" } else { "User" };
                let login = self.login.clone();
                Reply::ok(201, self.add_comment(&login, kind, body, number.parse().unwrap()))
            }
            (_, ["issues", "comments", id]) => {
                let id: u64 = id.parse().unwrap();
                let login = self.login.clone();
                let Some(comment) = self.comments.iter_mut().find(|comment| comment["id"] == id) else {
                    return Reply::missing();
                };
                if method == "PATCH" {
                    if comment["user"]["login"] != login.as_str() {
                        return forbidden();
                    }
                    comment["body"] = body["body"].clone();
                }
                Reply::ok(200, comment.clone())
            }
            ("GET", ["issues", _, "events"]) => Reply::list(self.events.clone(), query),
            ("GET", ["collaborators", login, "permission"]) => {
                let Some((permission, role)) = self.rights.get(*login) else { return Reply::missing() };
                let mut rights = example("get /repos/{owner}/{repo}/collaborators/{username}/permission");
                rights["permission"] = permission.as_str().into();
                rights["role_name"] = role.as_str().into();
                rights["user"]["login"] = (*login).into();
                rights["user"]["role_name"] = role.as_str().into();
                rights["user"]["permissions"] = json!({
                    "pull": true, "triage": role != "read", "push": permission != "read",
                    "maintain": role == "maintain" || role == "admin", "admin": role == "admin" });
                Reply::ok(200, rights)
            }
            ("GET", ["pulls", number]) => {
                match self.pulls.iter().find(|pull| pull["number"].as_u64() == number.parse().ok()) {
                    Some(pull) => Reply::ok(200, pull.clone()),
                    None => Reply::missing(),
                }
            }
            ("GET", ["pulls"]) => {
                let branch =
                    query.get("head").and_then(|head| head.split_once(':')).map(|(_, branch)| branch);
                let of = |pull: &&Value| branch.is_none_or(|branch| pull["head"]["ref"] == branch);
                Reply::list(self.pulls.iter().filter(of).map(simple).collect(), query)
            }
            ("GET", ["commits", sha, "pulls"]) => {
                let of = |pull: &&Value| pull["head"]["sha"] == *sha;
                Reply::list(self.pulls.iter().filter(of).map(simple).collect(), query)
            }
            ("GET", ["commits", sha]) => {
                let mut commit = example("get /repos/{owner}/{repo}/commits/{ref}");
                commit["sha"] = (*sha).into();
                commit["commit"]["committer"]["date"] = self.committed.as_str().into();
                Reply::ok(200, commit)
            }
            _ => Reply::missing(),
        }
    }

    /// As GitHub does: annotations are appended, everything else is replaced.
    fn write_check_run(&mut self, id: u64, body: &Value, status: u16) -> Reply {
        let Some(run) = self.check_runs.iter_mut().find(|run| run["id"] == id) else {
            return Reply::missing();
        };
        for key in ["name", "external_id", "status", "conclusion", "details_url"] {
            if let Some(value) = body.get(key) {
                run[key] = value.clone();
            }
        }
        assert!(
            run["status"] != "completed" || !run["conclusion"].is_null(),
            "completed without a conclusion"
        );
        if run["status"] == "completed" {
            run["completed_at"] = "2026-11-21T10:00:00Z".into();
        }
        for key in ["title", "summary"] {
            run["output"][key] = body["output"][key].clone();
        }
        let annotations = self.annotations.get_mut(&id).unwrap();
        annotations.extend(body["output"]["annotations"].as_array().into_iter().flatten().cloned());
        run["output"]["annotations_count"] = annotations.len().into();
        Reply::ok(status, run.clone())
    }
}

fn forbidden() -> Reply {
    Reply::ok(
        403,
        json!({ "message": "Resource not accessible by integration",
        "documentation_url": "https://docs.github.com/rest", "status": "403" }),
    )
}

/// GitHub's own example with what is told of an object in it.
fn of_objects(path: &str, told: Told) -> Reply {
    let told = match told {
        Told::Json(told) => told,
        Told::Raw(media_type, bytes) => return Reply::raw(media_type, bytes),
    };
    let operation = match path.split('/').nth(4).zip(path.split('/').nth(5)) {
        Some(("git", "trees")) => "get /repos/{owner}/{repo}/git/trees/{tree_sha}",
        Some(("git", "commits")) => "get /repos/{owner}/{repo}/git/commits/{commit_sha}",
        _ => "get /repos/{owner}/{repo}/compare/{basehead}",
    };
    let mut shown = example(operation);
    for (key, value) in told.as_object().unwrap() {
        match (&mut shown[key], value) {
            (Value::Object(known), Value::Object(more)) => known.extend(more.clone()),
            (known, more) => known.clone_from(more),
        }
    }
    let link = json!("https://api.github.com/repos/octo/repository/git/objects");
    for parent in shown["parents"].as_array_mut().into_iter().flatten() {
        parent["url"] = link.clone();
        parent["html_url"] = link.clone();
    }
    for entry in shown["tree"].as_array_mut().into_iter().flatten() {
        entry["url"] = link.clone();
    }
    Reply::ok(200, shown)
}

/// As lists show a pull request.
fn simple(pull: &Value) -> Value {
    let mut simple = example("get /repos/{owner}/{repo}/pulls")[0].clone();
    simple["requested_teams"] = json!([]);
    for key in ["number", "state", "labels"] {
        simple[key] = pull[key].clone();
    }
    for side in ["head", "base"] {
        for key in ["sha", "ref"] {
            simple[side][key] = pull[side][key].clone();
        }
    }
    simple
}

/// GitHub's own example of an answer.
fn example(operation: &str) -> Value {
    static EXAMPLES: OnceLock<Value> = OnceLock::new();
    let examples = EXAMPLES.get_or_init(|| {
        let bytes = std::fs::read(prism::folder().join("examples.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    });
    examples.get(operation).unwrap_or_else(|| panic!("GitHub gives no example for {operation}")).clone()
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    media_type: &'static str,
    body: Vec<u8>,
}

/// Media type of most answers.
const JSON: &str = "application/json; charset=utf-8";

impl Reply {
    #[expect(clippy::needless_pass_by_value, reason = "values are made where they are given")]
    fn ok(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), media_type: JSON, body: body.to_string().into_bytes() }
    }

    fn raw(media_type: &'static str, body: Vec<u8>) -> Self {
        Self { status: 200, headers: Vec::new(), media_type, body }
    }

    fn missing() -> Self {
        Self::ok(
            404,
            json!({ "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404" }),
        )
    }

    /// One page of a list.
    fn list(items: Vec<Value>, query: &BTreeMap<String, String>) -> Self {
        let number = |key: &str, default: usize| query.get(key).map_or(default, |text| text.parse().unwrap());
        let (size, page) = (number("per_page", 30), number("page", 1));
        let more = items.len() > size * page;
        let shown: Vec<Value> = items.into_iter().skip(size * (page - 1)).take(size).collect();
        let mut reply = Self::ok(200, shown.into());
        if more {
            let next = format!(
                "<https://api.github.com/x?page={}>; rel=\"next\", <https://api.github.com/x?page=9>; rel=\"last\"",
                page + 1
            );
            reply.headers.push(("link", next));
        }
        reply
    }
}

/// A body that may break off.
struct Answer {
    bytes: Option<Bytes>,
    declared: u64,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.bytes.take() {
            Some(bytes) => {
                self.declared -= bytes.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            None if self.declared > 0 => Poll::Ready(Some(Err(std::io::Error::other("breaks off")))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.declared == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.declared)
    }
}

fn respond(
    status: u16,
    headers: &[(&'static str, String)],
    media_type: &str,
    body: Vec<u8>,
    declared: usize,
) -> Response<Answer> {
    let mut response = Response::builder().status(status).header("content-type", media_type);
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Answer { bytes: Some(body.into()), declared: declared as u64 }).unwrap()
}

async fn answer(world: &World, request: Request<Incoming>) -> Result<Response<Answer>, std::io::Error> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let path = decoded(head.uri.path());
    // An enterprise server has the API below this.
    let path = path.strip_prefix("/api/v3").or_else(|| path.strip_prefix("/api")).unwrap_or(&path).to_owned();
    let query: BTreeMap<String, String> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    let bearer = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let of_path: String = path.trim_matches('/').split('/').skip(1).take(2).collect::<Vec<_>>().join("/");
    let of_token = bearer.strip_prefix("Bearer ghs_octo-").map(|name| format!("octo/{name}"));
    let name = if path.starts_with("/repos/") { Some(of_path) } else { of_token.clone() };
    let fault = {
        let mut world = world.0.lock().unwrap();
        let Some(state) = name.as_ref().and_then(|name| world.get_mut(name)) else {
            let body = Reply::missing().body;
            return Ok(respond(404, &[], JSON, body.clone(), body.len()));
        };
        let shown = head.uri.path_and_query().map_or("", |all| all.as_str());
        state.log.push((head.method.to_string(), shown.to_owned(), body.clone()));
        state.headers.push(format!("{:?}", head.headers));
        if of_token == name {
            state.fault(head.method.as_str(), &path)
        } else {
            Some(Fault::refusal(401, "Bad credentials"))
        }
    };
    let act = || {
        let mut world = world.0.lock().unwrap();
        let state = world.get_mut(name.as_ref().unwrap()).unwrap();
        let told = state.objects.as_ref().and_then(|objects| {
            let accept = head.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let within = path.splitn(5, '/').nth(4)?;
            objects.tell(within, query.contains_key("recursive"), accept)
        });
        match told {
            Some(told) if head.method == "GET" => of_objects(&path, told),
            _ => state.act(head.method.as_str(), &path, &query, &body),
        }
    };
    let cut = || std::io::Error::other("the connection ends here");
    match fault {
        None => {
            let Reply { status, headers, media_type, body } = act();
            Ok(respond(status, &headers, media_type, body.clone(), body.len()))
        }
        Some(Fault::Answer(status, headers, body)) => {
            Ok(respond(status, &headers, JSON, body.clone().into_bytes(), body.len()))
        }
        Some(Fault::DoneThen(status, body)) => {
            act();
            Ok(respond(status, &[], JSON, body.clone().into_bytes(), body.len()))
        }
        Some(Fault::Lost) => {
            act();
            Err(cut())
        }
        Some(Fault::Half) => {
            let Reply { status, media_type, body, .. } = act();
            Ok(respond(status, &[], media_type, body[..body.len() / 2].to_vec(), body.len()))
        }
        Some(Fault::Garbled) => {
            let reply = act();
            Ok(respond(reply.status, &[], JSON, b"<html>".to_vec(), 6))
        }
        Some(Fault::Silent) => {
            std::future::pending::<Infallible>().await;
            Err(cut())
        }
        Some(Fault::DoneSilent) => {
            act();
            std::future::pending::<Infallible>().await;
            Err(cut())
        }
        Some(Fault::Closed) => Err(cut()),
    }
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String = [rest.next(), rest.next()].into_iter().flatten().map(char::from).collect();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
