//! What is made known on GitHub, against a small fake of it that Prism holds to GitHub's own description.

mod accept;
mod commands;
mod event;
mod event_errors;
mod faults;
mod files;
mod guard;
mod publish;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rollgate::github::pace::Timer;
use rollgate::github::{Api, Endpoint, Event, Limits, Overrides, Published, Publisher, Settings};
use rollgate::report::publication::{
    Annotation, AnnotationLevel, Body, Conclusion, GateKind, Publication, Subject,
};
use rollgate::support::http;
use rollgate::support::secret::SecretValue;
use rollgate::support::units::{Millis, Timestamp};

use crate::support::fake_github::Repository;

/// The commit that most tests are about.
const HEAD: &str = "1111111111111111111111111111111111111111";

/// Time that passes only when it is waited for.
struct FakeTimer {
    now: Mutex<Timestamp>,
    pauses: Mutex<Vec<Millis>>,
}

#[async_trait]
impl Timer for FakeTimer {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, span: Millis) {
        self.pauses.lock().unwrap().push(span);
        let mut now = self.now.lock().unwrap();
        *now = now.after(span);
    }
}

/// A repository, and the API to it.
struct Scene {
    repository: Repository,
    timer: Arc<FakeTimer>,
    api: Api,
}

/// 2026-11-21T10:00:00Z.
const NOW: Timestamp = Timestamp(1_795_255_200_000);

impl Scene {
    /// Every request and every answer is held against GitHub's description.
    fn checked(name: &str) -> Self {
        let repository = Repository::new(name);
        let url = repository.checked();
        Self::at(repository, &url, Limits::default())
    }

    /// For faults that are no valid answers.
    fn direct(name: &str) -> Self {
        Self::direct_with(name, Limits::default())
    }

    fn direct_with(name: &str, limits: Limits) -> Self {
        let repository = Repository::new(name);
        let url = repository.direct.clone();
        Self::at(repository, &url, limits)
    }

    fn at(repository: Repository, url: &str, limits: Limits) -> Self {
        let timer = Arc::new(FakeTimer { now: Mutex::new(NOW), pauses: Mutex::default() });
        let environment = BTreeMap::from([
            ("GITHUB_API_URL".to_owned(), url.to_owned()),
            // GitHub's description does not cover GraphQL.
            ("GITHUB_GRAPHQL_URL".to_owned(), format!("{}/graphql", repository.direct)),
        ]);
        let endpoint = Endpoint::from_environment(&environment).unwrap();
        let token = SecretValue::new(&repository.token()).unwrap();
        let client = http::Client::new().unwrap();
        let api = Api::open(&client, endpoint, &token, Arc::clone(&timer) as Arc<dyn Timer>, limits).unwrap();
        Self { repository, timer, api }
    }

    /// What came of publishing, a line each, with this process's own names taken out.
    async fn publish(&self, publications: &[Publication], event: &Event, settings: &Settings) -> String {
        shown(&Publisher::new(&self.api).publish(publications, event, settings).await)
    }

    fn requests(&self) -> String {
        self.repository.requests().join("\n").replace(&self.repository.name, "REPO")
    }

    fn pauses(&self) -> Vec<String> {
        self.timer.pauses.lock().unwrap().iter().map(ToString::to_string).collect()
    }

    /// A pull request from the same repository.
    fn pull_request(&self) -> Event {
        self.event("pull_request", &pull_request(&self.repository.name))
    }

    fn event(&self, name: &str, payload: &str) -> Event {
        let mut environment = runner(name);
        environment.insert("GITHUB_REPOSITORY".into(), self.repository.name.clone());
        Event::read(&environment, payload.as_bytes(), &Overrides::default()).unwrap()
    }
}

fn shown(published: &Published) -> String {
    let mut lines: Vec<String> = published
        .links
        .iter()
        .map(|link| {
            let of = link.subject.as_ref().map(Subject::context).unwrap_or_default();
            format!("{:?} {of}: {}", link.channel, link.url)
        })
        .collect();
    lines.extend(published.annotated.iter().map(|subject| format!("annotated: {}", subject.context())));
    lines.extend(published.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

/// The runner's variables.
fn runner(event: &str) -> BTreeMap<String, String> {
    [
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_REPOSITORY", "octo/shop"),
        ("GITHUB_SHA", "9999999999999999999999999999999999999999"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_ACTOR", "mona"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_RUN_ID", "1234"),
        ("GITHUB_RUN_ATTEMPT", "2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn pull_request(from: &str) -> String {
    serde_json::json!({
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": { "ref": "feature", "sha": HEAD, "repo": { "full_name": from } },
            "base": { "ref": "main", "sha": "b".repeat(40), "repo": { "full_name": "octo/shop" } },
        },
        "repository": { "full_name": "octo/shop", "default_branch": "main" },
    })
    .to_string()
}

fn publication(service: &str, conclusion: Conclusion, annotations: usize) -> Publication {
    Publication {
        subject: Subject { service: service.into(), gate: GateKind::Schema },
        conclusion,
        headline: match conclusion {
            Conclusion::Passed => "no breaking change".into(),
            Conclusion::Pending => "comparing".into(),
            _ => format!("{} breaking changes", annotations.max(1)),
        },
        body: Body {
            head: format!("## {service}"),
            blocks: (0..annotations.min(2)).map(|at| format!("- change {at}")).collect(),
            tail: "Read on in the report.".into(),
        },
        annotations: (0..annotations)
            .map(|at| Annotation {
                path: "api/openapi.yaml".into(),
                line: u32::try_from(at).unwrap() + 1,
                column: Some(3),
                level: AnnotationLevel::Failure,
                title: format!("change {at:03}"),
                message: "the parameter is required now".into(),
            })
            .collect(),
    }
}
