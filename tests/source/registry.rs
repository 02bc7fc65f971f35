//! Policies from a registry: a real one on this machine, and ones that lie.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use rollgate::source::registry::{Reference, fetch};
use rollgate::support::http::{self, Client, Method, Request, Response, header};
use rollgate::support::units::Sha256;

use crate::policy::guest::{Guest, Verdict};
use crate::support::ports;
use crate::support::served::Served;

const MOST: u64 = 1 << 20;

/// Debian's registry, which is that of the CNCF's distribution project; it ends when it is dropped.
pub(crate) struct Registry {
    child: Child,
    pub(crate) host: String,
    _folder: tempfile::TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Registry {
    pub(crate) async fn start(client: &Client) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = format!("127.0.0.1:{}", ports::free());
        let config = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: \"{host}\" }}\n",
            folder.path().join("data").display()
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts; tests/run --set-up-only installs it");
        let registry = Self { child, host, _folder: folder };
        let began = Instant::now();
        while client.send(Request::get(registry.url("/v2/"))).await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "the registry does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        registry
    }

    fn url(&self, path: &str) -> http::Url {
        http::url(&format!("http://{}{path}", self.host)).unwrap()
    }

    async fn blob(&self, client: &Client, bytes: &[u8]) -> String {
        let post =
            Request { method: Method::POST, ..Request::get(self.url("/v2/team/policy/blobs/uploads/")) };
        let begun = client.send(post).await.unwrap();
        let place = begun.headers.get(header::LOCATION).unwrap().to_str().unwrap();
        let mut place = self.url("/").join(place).unwrap();
        let digest = format!("sha256:{}", Sha256::of(bytes));
        place.query_pairs_mut().append_pair("digest", &digest);
        put(client, place, "application/octet-stream", bytes).await;
        digest
    }

    /// Pushes an artifact of one layer, as `oras push` does, and returns the reference by digest.
    pub(crate) async fn push(&self, client: &Client, media_type: &str, bytes: &[u8]) -> String {
        let config = self.blob(client, b"{}").await;
        let layer = self.blob(client, bytes).await;
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2 },
            "layers": [{ "mediaType": media_type, "digest": layer, "size": bytes.len() }],
        });
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let tagged = self.url("/v2/team/policy/manifests/1.0");
        put(client, tagged, "application/vnd.oci.image.manifest.v1+json", &manifest).await;
        format!("{}/team/policy@sha256:{}", self.host, Sha256::of(&manifest))
    }
}

async fn put(client: &Client, url: http::Url, media_type: &str, bytes: &[u8]) -> Response {
    let mut request = Request { method: Method::PUT, body: bytes.to_vec(), ..Request::get(url) };
    request.headers.insert(header::CONTENT_TYPE, media_type.parse().unwrap());
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.refusal());
    answer
}

async fn fetched(client: &Client, reference: &str, most: u64) -> Result<Vec<u8>, String> {
    let reference: Reference = reference.parse().unwrap();
    fetch(client, &reference, most).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_policy_comes_from_a_real_registry_by_its_digest() {
    let client = Client::new().unwrap();
    let registry = Registry::start(&client).await;
    let policy = Guest::saying(Verdict::Promote, &[]).component();
    let reference = registry.push(&client, "application/wasm", &policy).await;
    assert_eq!(fetched(&client, &reference, MOST).await.unwrap(), policy);
    let (name, digest) = reference.split_once("@sha256:").unwrap();
    let other = format!("{name}@sha256:{}", digest.chars().rev().collect::<String>());
    assert_snapshot!(fetched(&client, &other, MOST).await.unwrap_err(), @"the registry does not have it");
    assert!(fetched(&client, &reference, policy.len() as u64).await.is_ok());
    let told = fetched(&client, &reference, policy.len() as u64 - 1).await.unwrap_err();
    assert!(told.ends_with(&format!("of which at most {} are accepted", policy.len() - 1)), "{told}");
    let packed = registry.push(&client, "application/vnd.oci.image.layer.v1.tar+gzip", &policy).await;
    assert_snapshot!(fetched(&client, &packed, MOST).await.unwrap_err(), @"the artifact has no layer of the type `application/wasm`, uncompressed; it has application/vnd.oci.image.layer.v1.tar+gzip");
}

/// A manifest of one layer.
fn manifest(digest: &str, size: usize) -> String {
    format!(r#"{{"layers":[{{"mediaType":"application/wasm","digest":"{digest}","size":{size}}}]}}"#)
}

/// What is told of a registry that answers like this to the question for a policy whose manifest is `manifest`.
async fn told(manifest: &str, answers: &[(&str, u16, &str, &str)]) -> String {
    let path = format!("/v2/p/manifests/sha256:{}", Sha256::of(manifest.as_bytes()));
    let mut all = answers.to_vec();
    if !answers.iter().any(|(asked, ..)| *asked == "MANIFEST") {
        all.push((&path, 200, "", manifest));
    }
    let all: Vec<_> = all
        .into_iter()
        .map(|(asked, status, headers, body)| {
            (if asked == "MANIFEST" { path.as_str() } else { asked }, status, headers, body)
        })
        .collect();
    told_by(&Served::answers(&all), manifest).await
}

/// What is told of the policy at a server whose manifest is `manifest`.
async fn told_by(server: &Served, manifest: &str) -> String {
    let host = server.url.strip_prefix("http://").unwrap();
    let reference = format!("{host}/p@sha256:{}", Sha256::of(manifest.as_bytes()));
    match fetched(&Client::new().unwrap(), &reference, 1000).await {
        Ok(bytes) => format!("came: {}", String::from_utf8_lossy(&bytes)),
        Err(error) => error.replace(host, "HOST"),
    }
}

#[tokio::test]
async fn a_registry_that_lies_is_found_out() {
    let digest = format!("sha256:{}", Sha256::of(b"policy"));
    let blob = format!("/v2/p/blobs/{digest}");
    let good = manifest(&digest, 6);
    let told = [
        told(&good, &[(&blob, 200, "", "policy")]).await,
        told(&good, &[("MANIFEST", 200, "", "{}")]).await,
        told(&good, &[(&blob, 200, "", "polizy")]).await,
        told(&good, &[(&blob, 200, "", "policy and more")]).await,
        told(&good, &[(&blob, 500, "", "no")]).await,
        told(&manifest(&digest, 1001), &[(&blob, 200, "", "policy")]).await,
        told(&manifest("md5:12", 6), &[]).await,
        told("{}", &[]).await,
        told("nonsense", &[]).await,
        told(r#"{"layers":[{"mediaType":"application/wasm","digest":"","size":1},{"mediaType":"application/wasm","digest":"","size":1}]}"#, &[]).await,
    ];
    assert_snapshot!(told.join("\n"), @r"
    came: policy
    the manifest that came has another digest than the reference: the registry, or somebody on the way, changed it
    the policy that came has another digest than the manifest says: the registry, or somebody on the way, changed it
    the registry sends more than the manifest says
    the registry answers status 500: no
    the policy has 1001 bytes, of which at most 1000 are accepted
    the layer of the policy has no SHA-256 digest
    the artifact has no layer of the type `application/wasm`, uncompressed; it has none
    the manifest is none: expected ident at line 1 column 2
    the artifact has several WebAssembly layers: push the policy alone
    ");
}

#[tokio::test]
async fn redirects_and_tokens_are_followed_safely() {
    let digest = format!("sha256:{}", Sha256::of(b"policy"));
    let blob = format!("/v2/p/blobs/{digest}");
    let good = manifest(&digest, 6);
    let told = [
        told(&good, &[(&blob, 307, "Location: SERVER/elsewhere\r\n", ""), ("/elsewhere", 200, "", "policy")])
            .await,
        told(&good, &[(&blob, 307, "Location: http://192.0.2.1/x\r\n", "")]).await,
        told(&good, &[("MANIFEST", 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "")]).await,
        told(&good, &[("MANIFEST", 401, "WWW-Authenticate: Bearer realm=\"http://192.0.2.1/t\"\r\n", "")])
            .await,
        told(
            &good,
            &[
                ("MANIFEST", 401, "WWW-Authenticate: Bearer realm=\"SERVER/token\",service=\"s\"\r\n", ""),
                ("/token?scope=repository%3Ap%3Apull&service=s", 200, "", r#"{"token":"anybody"}"#),
            ],
        )
        .await,
    ];
    assert_snapshot!(told.join("\n"), @r"
    came: policy
    the registry sends elsewhere without https
    the registry asks for credentials, which are not sent: make the policy public, or keep it in the repository
    the registry names no place with https that gives a token
    the registry asks for credentials, which are not sent: make the policy public, or keep it in the repository
    ");
}

/// The token of the place that the registry names opens what it guards, and goes nowhere else.
#[tokio::test]
async fn a_token_that_everybody_gets_is_fetched_and_sent_to_the_registry_alone() {
    let digest = format!("sha256:{}", Sha256::of(b"policy"));
    let good = manifest(&digest, 6);
    let path = format!("/v2/p/manifests/sha256:{}", Sha256::of(good.as_bytes()));
    let answers = [
        (path.as_str(), 200, "", good.as_str()),
        (&format!("/v2/p/blobs/{digest}"), 307, "Location: SERVER/elsewhere\r\n", ""),
        ("/elsewhere", 200, "", "policy"),
        ("/token?scope=repository%3Ap%3Apull&service=s", 200, "", r#"{"token":"anybody"}"#),
    ];
    let challenge = "WWW-Authenticate: Bearer realm=\"SERVER/token\",service=\"s\"\r\n";
    let server = Served::guarded(&answers, "/v2/", "Bearer anybody", challenge);
    assert_eq!(told_by(&server, &good).await, "came: policy");
    let mut with_token: Vec<String> = server
        .asked()
        .iter()
        .map(|head| {
            let path = head.split(' ').nth(1).unwrap().split(['?', ':']).next().unwrap();
            format!("{path} {}", head.to_lowercase().contains("\nauthorization: bearer anybody"))
        })
        .collect();
    with_token.sort_unstable();
    assert_eq!(
        with_token,
        [
            "/elsewhere false",
            "/token false",
            "/v2/p/blobs/sha256 true",
            "/v2/p/manifests/sha256 false",
            "/v2/p/manifests/sha256 true",
        ]
    );
}
