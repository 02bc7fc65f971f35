//! Policies in registries: an OCI reference by digest, from the manifest to the bytes.
//!
//! Edge. A reference names the digest of a manifest, the manifest that of the component: whoever runs the registry can
//! refuse to answer, and nothing else. Sizes are known before anything is downloaded, compressed layers are refused, and no
//! redirect gets the token. Absent on purpose: tags, which mean something else tomorrow, and credentials: what guards a
//! release is public or lies in the repository.

use std::fmt;

use serde::Deserialize;

use super::limits;
use crate::support::http::{self, Client, Request, Response, Url, header};
use crate::support::text;
use crate::support::units::Sha256;

/// An artifact of a registry, by the digest of its manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Host and port.
    registry: String,
    /// Name of the repository there.
    repository: String,
    /// Digest of the manifest.
    digest: Sha256,
}

/// Why a text is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAReference(&'static str);

impl NotAReference {
    /// What to write instead.
    #[must_use]
    pub fn mend(self) -> &'static str {
        self.0
    }
}

impl Reference {
    /// Whether a text is meant to be one, rather than a path.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        let (name, _) = text.split_once('@').unwrap_or((text, ""));
        let host = name.split('/').next().unwrap_or_default();
        !text.contains("://")
            && (text.contains("@sha256:")
                || (name.contains('/') && (host.contains(':') || host.contains('.')) && name.contains(':')))
    }
}

impl std::str::FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let Some((name, digest)) = text.split_once("@sha256:") else {
            return Err(NotAReference(
                "a tag means something else tomorrow: name the digest, as in `ghcr.io/owner/policy@sha256:…`",
            ));
        };
        let digest =
            digest.parse().map_err(|_| NotAReference("a digest is `sha256:` and 64 hexadecimal digits"))?;
        let wrong = NotAReference(
            "a reference is a host and the name of a repository, as in `ghcr.io/owner/policy@sha256:…`",
        );
        let (registry, repository) = name.split_once('/').ok_or(wrong)?;
        let is_host = registry.starts_with(|first: char| first.is_ascii_alphanumeric())
            && registry.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
            && (registry.contains(['.', ':']) || registry == "localhost");
        let is_part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
                && !part.contains("..")
        };
        if is_host && name.len() <= 255 && repository.split('/').all(is_part) {
            Ok(Self { registry: registry.into(), repository: repository.into(), digest })
        } else {
            Err(wrong)
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@sha256:{}", self.registry, self.repository, self.digest)
    }
}

/// What could not be had from a registry. Sanitised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RegistryError(String);

fn failed<T>(message: impl AsRef<str>) -> Result<T, RegistryError> {
    Err(RegistryError(text::line(message.as_ref(), text::SHOWN)))
}

/// Media types of manifests that are understood.
const MANIFESTS: &str =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// Media types of layers that are a component, as the tools that push them write it.
const COMPONENTS: [&str; 3] = [
    "application/wasm",
    "application/vnd.wasm.content.layer.v1+wasm",
    "application/vnd.module.wasm.content.layer.v1+wasm",
];

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: u64,
}

/// The component that `reference` names, of at most `most` bytes.
pub async fn fetch(client: &Client, reference: &Reference, most: u64) -> Result<Vec<u8>, RegistryError> {
    let mut session = Session { client, reference, token: None };
    let path = format!("manifests/sha256:{}", reference.digest);
    let manifest = session.get(&path, Some(MANIFESTS), limits::MANIFEST).await?;
    if Sha256::of(&manifest) != reference.digest {
        return failed(
            "the manifest that came has another digest than the reference: the registry, or somebody on the way, changed it",
        );
    }
    let manifest: Manifest = match serde_json::from_slice(&manifest) {
        Ok(manifest) => manifest,
        Err(error) => return failed(format!("the manifest is none: {error}")),
    };
    let mut components =
        manifest.layers.iter().filter(|layer| COMPONENTS.contains(&layer.media_type.as_str()));
    let layer = match (components.next(), components.next()) {
        (Some(layer), None) => layer,
        (Some(_), Some(_)) => {
            return failed("the artifact has several WebAssembly layers: push the policy alone");
        }
        (None, _) => {
            let types: Vec<_> =
                manifest.layers.iter().take(5).map(|layer| layer.media_type.as_str()).collect();
            return failed(format!(
                "the artifact has no layer of the type `{}`, uncompressed; it has {}",
                COMPONENTS[0],
                if types.is_empty() { "none".to_owned() } else { types.join(", ") }
            ));
        }
    };
    let digest: Sha256 = match layer.digest.strip_prefix("sha256:").map(str::parse) {
        Some(Ok(digest)) => digest,
        _ => return failed("the layer of the policy has no SHA-256 digest"),
    };
    let size = match usize::try_from(layer.size) {
        Ok(size) if layer.size <= most => size,
        _ => {
            return failed(format!(
                "the policy has {} bytes, of which at most {most} are accepted",
                layer.size
            ));
        }
    };
    let bytes = session.get(&format!("blobs/sha256:{digest}"), None, size).await?;
    if Sha256::of(&bytes) == digest {
        Ok(bytes)
    } else {
        failed(
            "the policy that came has another digest than the manifest says: the registry, or somebody on the way, changed it",
        )
    }
}

/// Questions to one registry.
struct Session<'a> {
    client: &'a Client,
    reference: &'a Reference,
    token: Option<String>,
}

impl Session<'_> {
    /// What lies at a path of the repository, of at most so many bytes.
    async fn get(&mut self, path: &str, accept: Option<&str>, most: usize) -> Result<Vec<u8>, RegistryError> {
        let Reference { registry, repository, .. } = self.reference;
        let parse = |scheme: &str| http::url(&format!("{scheme}://{registry}/v2/{repository}/{path}"));
        // A registry on this machine speaks plainly, as those of other tools do.
        let url = match parse("http") {
            Ok(url) if http::is_safe(&url) => url,
            _ => parse("https").map_err(RegistryError)?,
        };
        let mut answer = self.ask(url.clone(), accept, most, true).await?;
        if answer.status == 401 && self.token.is_none() {
            self.token = Some(self.anonymous(&answer).await?);
            answer = self.ask(url.clone(), accept, most, true).await?;
        }
        if matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            let place = answer.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
            let Some(place) = place.and_then(|place| url.join(place).ok()).filter(http::is_safe) else {
                return failed("the registry sends elsewhere without https");
            };
            answer = self.ask(place, accept, most, false).await?;
        }
        match answer.status {
            200 => Ok(answer.body),
            404 => failed("the registry does not have it"),
            401 | 403 => failed(
                "the registry asks for credentials, which are not sent: make the policy public, or keep it in the repository",
            ),
            _ => failed(format!("the registry answers {}", answer.refusal())),
        }
    }

    async fn ask(
        &self,
        url: Url,
        accept: Option<&str>,
        most: usize,
        ours: bool,
    ) -> Result<Response, RegistryError> {
        let mut request = Request { body_limit: most.max(limits::REFUSAL), ..Request::get(url) };
        if let Some(accept) = accept.and_then(|accept| header::HeaderValue::from_str(accept).ok()) {
            request.headers.insert(header::ACCEPT, accept);
        }
        if let Some(token) = self.token.as_ref().filter(|_| ours)
            && let Ok(mut value) = header::HeaderValue::from_str(&format!("Bearer {token}"))
        {
            value.set_sensitive(true);
            request.headers.insert(header::AUTHORIZATION, value);
        }
        match self.client.send(request).await {
            Ok(answer) if answer.status == 200 && answer.body.len() > most => {
                failed("the registry sends more than the manifest says")
            }
            Ok(answer) => Ok(answer),
            Err(error) => failed(format!("failed to {error}")),
        }
    }

    /// The token that everybody gets who asks where the registry says.
    async fn anonymous(&self, refusal: &Response) -> Result<String, RegistryError> {
        #[derive(Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        let challenge = refusal.headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let Some(challenge) = challenge.and_then(|value| value.strip_prefix("Bearer ")) else {
            return failed(
                "the registry asks for credentials, which are not sent: make the policy public, or keep it in the repository",
            );
        };
        let part = |name: &str| {
            let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value)
        };
        let realm = part("realm").and_then(|realm| http::url(realm).ok()).filter(http::is_safe);
        let Some(mut realm) = realm else {
            return failed("the registry names no place with https that gives a token");
        };
        let scope = format!("repository:{}:pull", self.reference.repository);
        realm.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = part("service") {
            realm.query_pairs_mut().append_pair("service", service);
        }
        let answer = self.ask(realm, None, limits::MANIFEST, false).await?;
        match serde_json::from_slice::<Token>(&answer.body) {
            Ok(Token { token: Some(token), .. } | Token { access_token: Some(token), .. })
                if answer.status == 200 =>
            {
                Ok(token)
            }
            _ => failed(format!("the place that gives tokens answers {}", answer.refusal())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_host_a_name_and_a_digest() {
        let digest = Sha256::of(b"x").to_string();
        for good in ["ghcr.io/owner/policy", "localhost:5000/p", "127.0.0.1:5000/a/b-c/d_e.f"] {
            let text = format!("{good}@sha256:{digest}");
            assert!(Reference::is_meant(&text));
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        for bad in [
            "policy",
            "policies/p",
            "ghcr.io/",
            "ghcr.io/../p",
            "ghcr.io/Owner/p",
            "a b.c/p",
            "ghcr.io/a//b",
            "u:p@h.io/x",
        ] {
            assert!(format!("{bad}@sha256:{digest}").parse::<Reference>().is_err(), "{bad}");
        }
        for bad in ["ghcr.io/o/p:1.2", "ghcr.io/o/p@sha256:12", "ghcr.io/o/p@md5:12"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
        assert!(Reference::is_meant("ghcr.io/o/p:1.2"));
        assert!(!Reference::is_meant("policies/mine.wasm"));
    }
}
