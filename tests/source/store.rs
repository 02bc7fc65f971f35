//! Stores of published descriptions, each held to the same: a folder, S3 as Moto has it, Azure as Azurite has it; and what
//! becomes of servers that fail.

use std::collections::BTreeMap;
use std::path::Path;

use insta::assert_snapshot;
use rollgate::source::store::{
    Address, Haste, NotAVersion, Opening, Published, Put, Store, StoreError, Title, Version,
};
use rollgate::support::http::{Client, Method, Request};
use rollgate::support::units::Millis;

use crate::support::hostile::{Behaviour, Hostile};
use crate::support::stores::{self, AZURITE_KEY};

const WEB: Title<'static> = Title { service: "web" };

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A client that does not wait long.
const HASTE: Haste =
    Haste { request: Millis(10_000), repeats: 2, pause: Millis(1), patience: Millis(30_000) };

fn open(address: &Address, variables: &[(&str, &str)], haste: Haste) -> Result<Box<dyn Store>, StoreError> {
    address.open(Opening { root: Path::new("/nowhere"), environment: &environment(variables), haste })
}

const AWS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "example-secret"),
    ("AWS_REGION", "eu-west-1"),
];

fn at_s3(url: &str, prefix: &str) -> Address {
    Address::S3 {
        bucket: "published".into(),
        prefix: Some(prefix.into()),
        region: None,
        endpoint: Some(url.into()),
    }
}

/// A folder of Moto's bucket.
async fn s3(prefix: &str) -> Box<dyn Store> {
    let url = &stores::s3().url;
    let body = br"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let request = Request {
        method: Method::PUT,
        body: body.to_vec(),
        ..Request::get(format!("{url}/published").parse().unwrap())
    };
    // There is one bucket for all tests; whoever comes later is told that it is there.
    let status = Client::new().unwrap().send(request).await.unwrap().status;
    assert!([200, 409].contains(&status), "{status}");
    open(&at_s3(url, prefix), &AWS, HASTE).unwrap()
}

/// A folder of Azurite's container.
fn azure(prefix: &str) -> Box<dyn Store> {
    let address = Address::Azure {
        account: "devstoreaccount1".into(),
        container: "published".into(),
        prefix: Some(prefix.into()),
        endpoint: Some(format!("{}/devstoreaccount1", stores::azure().url)),
    };
    open(&address, &[("AZURE_STORAGE_ACCOUNT_KEY", AZURITE_KEY)], HASTE).unwrap()
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn shown(store: &dyn Store, said: &str) -> String {
    let place = store.describe();
    let place = place.strip_prefix("the folder ").unwrap_or(&place);
    said.replace(place, "STORE")
}

fn published(store: &dyn Store, outcome: Result<Published, StoreError>) -> String {
    shown(
        store,
        &match outcome {
            Ok(Published { name, already, before, is_last, .. }) => {
                let before = before.map_or("none".into(), |before| before.to_string());
                let what = if already { "was" } else { "is" };
                let last = if is_last { "the last one" } else { "not the last one" };
                format!("{name} {what} published, {last}, before it {before}")
            }
            Err(error) => format!("failed to {error}"),
        },
    )
}

async fn latest(store: &dyn Store) -> String {
    shown(
        store,
        &match WEB.latest(store).await {
            Ok(None) => "nothing is published".into(),
            Ok(Some(latest)) => {
                format!("{} at {}: {}", latest.version, latest.name, String::from_utf8(latest.bytes).unwrap())
            }
            Err(error) => format!("failed to {error}"),
        },
    )
}

/// What every store does.
async fn contract(store: &dyn Store) -> String {
    let mut told = vec![latest(store).await];
    let publish = async |version: &str, text: &str| {
        published(store, WEB.publish(store, &self::version(version), text.as_bytes()).await)
    };
    let rehearsed = WEB.rehearse(store, &version("1.0.0"), b"one").await;
    told.push(format!("rehearsed: {}", published(store, rehearsed)));
    told.push(publish("1.0.0", "one").await);
    told.push(latest(store).await);
    told.push(publish("1.10.0", r#"{"ten": 10}"#).await);
    told.push(publish("1.9.0", "nine").await);
    told.push(latest(store).await);
    // The same again is fine, and another content is refused, whether it is rehearsed or meant.
    told.push(publish("1.9.0", "nine").await);
    told.push(publish("1.9.0", "other").await);
    let rehearsed = WEB.rehearse(store, &version("1.9.0"), b"other").await;
    told.push(format!("rehearsed: {}", published(store, rehearsed)));
    // A publication that was broken off goes on, unless another content lies there.
    assert_eq!(store.put("web/2.0.0.yaml", b"two", None).await, Ok(Put::Done));
    assert_eq!(store.put("web/2.0.0.yaml", b"two", None).await, Ok(Put::Changed));
    told.push(publish("2.0.0", "another two").await);
    told.push(latest(store).await);
    told.push(publish("2.0.0", "two").await);
    // Of what was damaged nothing is compared with.
    let there = store.get("web/2.0.0.yaml", 1_000).await.unwrap().unwrap();
    assert_eq!(store.put("web/2.0.0.yaml", b"tampered", Some(&there)).await, Ok(Put::Done));
    assert_eq!(store.put("web/2.0.0.yaml", b"stale", Some(&there)).await, Ok(Put::Changed));
    told.push(latest(store).await);
    let list = store.get("web/index.json", 10_000).await.unwrap().unwrap();
    assert_eq!(store.put("web/index.json", &list.bytes[..40], Some(&list)).await, Ok(Put::Done));
    told.push(latest(store).await);
    told.push(publish("3.0.0", "three").await);
    told.push(shown(store, &store.get("web/index.json", 39).await.unwrap_err().to_string()));
    told.join("\n")
}

/// What the folder does; the others do the same.
async fn reference() -> String {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Folder(folder.path().to_str().unwrap().to_owned());
    contract(open(&address, &[], HASTE).unwrap().as_ref()).await
}

#[tokio::test]
async fn a_folder_is_a_store() {
    assert_snapshot!(reference().await, @r#"
    nothing is published
    rehearsed: STORE/web/1.0.0.yaml is published, the last one, before it none
    STORE/web/1.0.0.yaml is published, the last one, before it none
    1.0.0 at STORE/web/1.0.0.yaml: one
    STORE/web/1.10.0.json is published, the last one, before it 1.0.0
    STORE/web/1.9.0.yaml is published, not the last one, before it 1.10.0
    1.10.0 at STORE/web/1.10.0.json: {"ten": 10}
    STORE/web/1.9.0.yaml was published, not the last one, before it 1.10.0
    failed to publish version 1.9.0 of web: STORE/web/1.9.0.yaml has it with other content, and what is published does not change; raise `info.version` in the description, or give another version with `--as`
    rehearsed: failed to publish version 1.9.0 of web: STORE/web/1.9.0.yaml has it with other content, and what is published does not change; raise `info.version` in the description, or give another version with `--as`
    failed to publish version 2.0.0 of web: STORE/web/2.0.0.yaml has other content, which no list has; either somebody publishes it at this moment, or a publication was broken off: then remove that file and run again
    1.10.0 at STORE/web/1.10.0.json: {"ten": 10}
    STORE/web/2.0.0.yaml is published, the last one, before it 1.10.0
    failed to read STORE/web/2.0.0.yaml: its content is not what was published; restore what was published there
    failed to read STORE/web/index.json: it is no list of published versions: EOF while parsing a value at line 4 column 2; restore it, or move the folder aside and publish anew
    failed to read STORE/web/index.json: it is no list of published versions: EOF while parsing a value at line 4 column 2; restore it, or move the folder aside and publish anew
    read STORE/web/index.json: it is longer than 39 bytes
    "#);
}

#[tokio::test]
async fn a_bucket_of_s3_is_a_store() {
    assert_eq!(contract(s3("contract").await.as_ref()).await, reference().await);
}

#[tokio::test]
async fn a_container_of_azure_is_a_store() {
    assert_eq!(contract(azure("contract").as_ref()).await, reference().await);
}

/// Several publish at once, each their own version; the list has all of them.
async fn crowd(open: impl AsyncFn() -> Box<dyn Store>) {
    let versions: Vec<String> = (0..6).map(|minor| format!("1.{minor}.0")).collect();
    let mut publishers = tokio::task::JoinSet::new();
    for text in &versions {
        let (store, version) = (open().await, version(text));
        publishers.spawn(async move {
            WEB.publish(store.as_ref(), &version, version.as_str().as_bytes())
                .await
                .map(|published| published.already)
        });
    }
    for outcome in publishers.join_all().await {
        assert_eq!(outcome, Ok(false));
    }
    let list = open().await.get("web/index.json", 100_000).await.unwrap().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&list.bytes).unwrap();
    let mut listed: Vec<_> = list["published"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["version"].as_str().unwrap())
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, versions);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_publish_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Folder(folder.path().to_str().unwrap().to_owned());
    crowd(async || open(&address, &[], HASTE).unwrap()).await;
    crowd(async || azure("crowd")).await;
    let left: Vec<_> = std::fs::read_dir(folder.path().join("web")).unwrap().collect();
    assert_eq!(left.len(), 7, "{left:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_no_store_without_versions() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("share");
    let store = open(&Address::Folder(gone.to_str().unwrap().to_owned()), &[], HASTE).unwrap();
    let told = [
        latest(store.as_ref()).await,
        published(store.as_ref(), WEB.publish(store.as_ref(), &version("1"), b"").await),
    ];
    assert_snapshot!(told.join("\n"), @r"
    failed to read the folder STORE: it is not there; make it, or name another in `folder`
    failed to read the folder STORE: it is not there; make it, or name another in `folder`
    ");
    assert!(!gone.exists());
}

#[tokio::test]
async fn no_link_leads_a_publication_out_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (folder.path().join("store"), folder.path().join("elsewhere"));
    std::fs::create_dir(&inside).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("web")).unwrap();
    let store = open(&Address::Folder(inside.to_str().unwrap().to_owned()), &[], HASTE).unwrap();
    let told = published(store.as_ref(), WEB.publish(store.as_ref(), &version("1.0.0"), b"x").await);
    assert!(told.starts_with("failed to read STORE/web/index.json: "), "{told}");
    assert_eq!(
        store.put("web/1.0.0.yaml", b"x", None).await.unwrap_err().to_string().split(": ").last(),
        Some("a symbolic link on its way leads out of the store; name the folder itself")
    );
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn versions_that_are_no_names_are_refused() {
    let refused: Vec<NotAVersion> = ["../../etc/passwd", "1/2", "", "-rf"]
        .iter()
        .map(|text| text.parse::<Version>().unwrap_err())
        .collect();
    assert!(refused.iter().all(|error| error.to_string().ends_with("give another one with `--as`")));
}

/// An answer with these headers.
fn answer(status: u16, headers: &str, body: &str) -> Behaviour {
    let length = body.len();
    Behaviour::Raw(
        format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nlast-modified: Sat, 21 Nov 2026 12:00:00 GMT\r\n\
             connection: close\r\n{headers}\r\n{body}"
        )
        .into_bytes(),
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Behaviour {
    answer(
        status,
        "",
        &format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"),
    )
}

#[tokio::test]
async fn what_a_server_refuses_is_told_with_its_mend() {
    let server = Hostile::start(Behaviour::Closed).await;
    let store = open(&at_s3(&server.url, "apis"), &AWS, HASTE).unwrap();
    let short = |body: &str| {
        Behaviour::Raw(
            format!("HTTP/1.1 200 x\r\ncontent-length: 900\r\netag: \"a\"\r\n\r\n{body}").into_bytes(),
        )
    };
    let huge = Behaviour::Raw(
        b"HTTP/1.1 200 x\r\ncontent-length: 67108865\r\netag: \"a\"\r\nlast-modified: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n".to_vec(),
    );
    let cases = [
        ("403", refusal(403, "AccessDenied", "Access Denied")),
        ("401", refusal(401, "Unauthorized", "no")),
        ("no bucket", refusal(404, "NoSuchBucket", "The specified bucket does not exist")),
        (
            "another region",
            refusal(
                301,
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint.",
            ),
        ),
        ("500", refusal(500, "InternalError", "We encountered an internal error. Please try again.")),
        ("not XML", answer(502, "", "<html>bad gateway ::error::x")),
        ("half an answer", short("{\"version\": 1")),
        ("huge", huge),
        ("garbled", answer(200, "etag: \"a\"\r\n", "<html>log in</html>")),
        ("closed", Behaviour::Closed),
    ];
    let mut told = Vec::new();
    for (what, behaviour) in cases {
        server.then([behaviour]);
        told.push(format!("{what}: {}", latest(store.as_ref()).await.replace(&server.url, "URL")));
    }
    assert_snapshot!(told.join("\n"), @r"
    403: failed to read STORE/web/index.json: status 403: AccessDenied: Access Denied; give credentials that may do this in the step's environment
    401: failed to read STORE/web/index.json: status 401: Unauthorized: no; give credentials that may do this in the step's environment
    no bucket: failed to read STORE: status 404: NoSuchBucket: The specified bucket does not exist; make it, or name the one that there is in the config
    another region: failed to read STORE/web/index.json: status 301: PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint.
    500: failed to read STORE/web/index.json: status 500: InternalError: We encountered an internal error. Please try again.
    not XML: failed to read STORE/web/index.json: status 502: <html>bad gateway : :error: :x
    half an answer: failed to read STORE/web/index.json: the answer broke off: end of file before message length reached
    huge: failed to read STORE/web/index.json: the answer is longer than 64 MiB
    garbled: failed to read STORE/web/index.json: it is no list of published versions: expected value at line 1 column 1; restore it, or move the folder aside and publish anew
    closed: failed to read STORE/web/index.json: the answer broke off: connection closed before message completed
    ");
    // What the server does not know is not there.
    server.then([refusal(404, "NoSuchKey", "The specified key does not exist.")]);
    assert_eq!(latest(store.as_ref()).await, "nothing is published");
}

#[tokio::test]
async fn a_failure_in_passing_is_asked_again_and_time_is_bounded() {
    let server = Hostile::start(Behaviour::Closed).await;
    let store = open(&at_s3(&server.url, "apis"), &AWS, HASTE).unwrap();
    server.then([
        refusal(503, "SlowDown", "Please reduce your request rate."),
        refusal(500, "InternalError", "x"),
        answer(200, "etag: \"a\"\r\n", r#"{"version":1,"service":"web","published":[]}"#),
    ]);
    assert_eq!(latest(store.as_ref()).await, "nothing is published");
    assert_eq!(server.requests().len(), 3);
    let hasty = Haste { request: Millis(100), repeats: 0, ..HASTE };
    let store = open(&at_s3(&server.url, "apis"), &AWS, hasty).unwrap();
    server.then([Behaviour::Stalled]);
    assert_snapshot!(latest(store.as_ref()).await, @r"failed to read STORE/web/index.json: no complete answer within 100ms");
}

#[tokio::test]
async fn google_is_asked_to_write_only_over_the_generation_that_was_read() {
    let server = Hostile::start(Behaviour::Closed).await;
    let address = Address::Gcs {
        bucket: "published".into(),
        prefix: Some("apis".into()),
        endpoint: Some(server.url.clone()),
    };
    let store = open(&address, &[("GOOGLE_BEARER_TOKEN", "ya29.example-token")], HASTE).unwrap();
    let written = |generation: u32| {
        answer(200, &format!("etag: \"e{generation}\"\r\nx-goog-generation: {generation}\r\n"), "")
    };
    // Somebody else publishes in between.
    let theirs = format!(
        r#"{{"version":1,"service":"web","published":[{{"version":"1.1.0","extension":"yaml","sha256":"{}"}}]}}"#,
        "0".repeat(64)
    );
    server.then([
        refusal(404, "NoSuchKey", "The specified key does not exist."),
        written(1),
        refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold."),
        answer(200, "etag: \"e7\"\r\nx-goog-generation: 7\r\n", &theirs),
        written(8),
    ]);
    let told = published(store.as_ref(), WEB.publish(store.as_ref(), &version("1.0.0"), b"one").await);
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|request| {
            let condition = request.lines().find(|line| line.to_ascii_lowercase().starts_with("x-goog-if-"));
            format!("{} {}", request.lines().next().unwrap(), condition.unwrap_or("-"))
        })
        .collect();
    assert_snapshot!(format!("{told}\n{}", asked.join("\n")), @r"
    STORE/web/1.0.0.yaml is published, not the last one, before it 1.1.0
    GET /published/apis%2Fweb%2Findex%2Ejson HTTP/1.1 -
    PUT /published/apis%2Fweb%2F1%2E0%2E0%2Eyaml HTTP/1.1 x-goog-if-generation-match: 0
    PUT /published/apis%2Fweb%2Findex%2Ejson HTTP/1.1 x-goog-if-generation-match: 0
    GET /published/apis%2Fweb%2Findex%2Ejson HTTP/1.1 -
    PUT /published/apis%2Fweb%2Findex%2Ejson HTTP/1.1 x-goog-if-generation-match: 7
    ");
}

#[tokio::test]
async fn credentials_are_sent_to_nobody_without_tls_and_shown_to_nobody() {
    let address = at_s3("http://storage.example.com", "apis");
    let store = open(&address, &AWS, HASTE).unwrap();
    assert_snapshot!(latest(store.as_ref()).await, @r"failed to read STORE/web/index.json: http://storage.example.com/published/apis/web/index.json would be asked without TLS; give an endpoint with https");
    let server = Hostile::start(refusal(403, "AccessDenied", "the secret example-secret is not yours")).await;
    let store = open(&at_s3(&server.url, "apis"), &AWS, HASTE).unwrap();
    let told = latest(store.as_ref()).await;
    assert!(told.contains("the secret *** is not yours"), "{told}");
    assert!(!server.requests().concat().contains("example-secret"));
    let incomplete = open(&at_s3(&server.url, "apis"), &AWS[..1], HASTE).err().unwrap();
    assert_snapshot!(incomplete.to_string(), @r"open the store s3://published: Generic S3 error: Missing SecretAccessKey; set all variables that its credentials come from");
}
