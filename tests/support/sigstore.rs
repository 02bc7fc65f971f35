//! A small instance of sigstore: an authority for certificates, a log of certificates and a transparency log, whose bundles
//! and trusted root have the form of the public one's. Written by the specifications, without the code under test: RFC 5280
//! for certificates, RFC 6962 for the proof that one was logged, Rekor's API for entries and promises, the note format of
//! Go's checksum database for checkpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

/// 2025-01-15T12:00:00Z, when everything is signed.
pub(crate) const SIGNED: i64 = 1_736_942_400;

/// A key of P-256.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    /// The public key as X.509 has it.
    fn public(&self) -> Vec<u8> {
        let algorithm = sequence(&[oid(&[1, 2, 840, 10045, 2, 1]), oid(&[1, 2, 840, 10045, 3, 1, 7])]);
        sequence(&[algorithm, bits(self.0.public_key().as_ref())])
    }

    /// What logs are named by.
    fn id(&self) -> Vec<u8> {
        sha256(&self.public())
    }
}

/// What is signed, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Says<'s> {
    pub(crate) identity: &'s str,
    pub(crate) issuer: &'s str,
    pub(crate) predicate: &'s str,
    /// How long after the certificate was made the log took the signature.
    pub(crate) seconds_later: i64,
}

/// The workflow that signs.
pub(crate) const WORKFLOW: &str =
    "https://github.com/acme/policies/.github/workflows/release.yml@refs/heads/main";

/// Who vouches for workflows.
pub(crate) const ACTIONS: &str = "https://token.actions.githubusercontent.com";

impl Default for Says<'_> {
    fn default() -> Self {
        let predicate = "https://slsa.dev/provenance/v1";
        Self { identity: WORKFLOW, issuer: ACTIONS, predicate, seconds_later: 30 }
    }
}

/// The instance.
pub(crate) struct Instance {
    authority: Key,
    certificate_log: Key,
    log: Key,
}

impl Instance {
    pub(crate) fn new() -> Self {
        Self { authority: Key::new(), certificate_log: Key::new(), log: Key::new() }
    }

    /// Its `trusted_root.json`.
    pub(crate) fn trusted_root(&self) -> String {
        let valid = json!({ "start": "2024-01-01T00:00:00Z" });
        let log = |key: &Key, url: &str| {
            json!([{
                "baseUrl": url,
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": STANDARD.encode(key.public()),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": valid,
                },
                "logId": { "keyId": STANDARD.encode(key.id()) },
            }])
        };
        let root = json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": log(&self.log, "https://log.example"),
            "certificateAuthorities": [{
                "subject": { "organization": "example", "commonName": "root" },
                "uri": "https://authority.example",
                "certChain": { "certificates": [{ "rawBytes": STANDARD.encode(self.root_certificate()) }] },
                "validFor": valid,
            }],
            "ctlogs": log(&self.certificate_log, "https://certificates.example"),
            "timestampAuthorities": [],
        });
        format!("{root:#}\n")
    }

    /// A bundle that says of `artifact` what `says` has.
    pub(crate) fn bundle(&self, artifact: &[u8], says: Says<'_>) -> String {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": "own.wasm", "digest": { "sha256": hex(&sha256(artifact)) } }],
            "predicateType": says.predicate,
            "predicate": {},
        });
        let payload = statement.to_string().into_bytes();
        let kind = "application/vnd.in-toto+json";
        let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
        message.extend(&payload);
        let signer = Key::new();
        let signature = signer.sign(&message);
        let certificate = self.certificate(&signer, says);
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD
                .encode(&certificate)
                .as_bytes()
                .chunks(64)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect::<Vec<_>>()
                .join("\n")
        );
        let envelope = json!({
            "payload": STANDARD.encode(&payload),
            "payloadType": kind,
            "signatures": [{ "sig": STANDARD.encode(&signature) }],
        });
        let body = json!({
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": { "algorithm": "sha256", "value": hex(&sha256(envelope.to_string().as_bytes())) },
                "payloadHash": { "algorithm": "sha256", "value": hex(&sha256(&payload)) },
                "signatures": [{ "signature": STANDARD.encode(&signature), "verifier": STANDARD.encode(pem) }],
            },
        });
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": { "rawBytes": STANDARD.encode(&certificate) },
                "tlogEntries": [self.entry(body.to_string().as_bytes(), SIGNED + says.seconds_later)],
            },
            "dsseEnvelope": envelope,
        });
        format!("{bundle}\n")
    }

    /// An entry of the log, the only one of its tree, with promise and proof.
    fn entry(&self, body: &[u8], at: i64) -> serde_json::Value {
        let body_text = STANDARD.encode(body);
        // In canonical form: the keys are in order, and there is no blank.
        let promised = format!(
            r#"{{"body":"{body_text}","integratedTime":{at},"logID":"{}","logIndex":0}}"#,
            hex(&self.log.id())
        );
        let root = STANDARD.encode(sha256(&[&[0], body].concat()));
        let note = format!("log.example\n1\n{root}\n");
        let signed = [&self.log.id()[..4], &self.log.sign(note.as_bytes())].concat();
        json!({
            "logIndex": "0",
            "logId": { "keyId": STANDARD.encode(self.log.id()) },
            "kindVersion": { "kind": "dsse", "version": "0.0.1" },
            "integratedTime": at.to_string(),
            "inclusionPromise": { "signedEntryTimestamp": STANDARD.encode(self.log.sign(promised.as_bytes())) },
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": root,
                "treeSize": "1",
                "hashes": [],
                "checkpoint": { "envelope": format!("{note}\n— log.example {}\n", STANDARD.encode(signed)) },
            },
            "canonicalizedBody": body_text,
        })
    }

    fn root_certificate(&self) -> Vec<u8> {
        let extensions = [
            // CA; signs certificates.
            extension(&[2, 5, 29, 19], true, &sequence(&[der(0x01, &[0xff])])),
            extension(&[2, 5, 29, 15], true, &der(0x03, &[1, 0x06])),
        ];
        let content =
            content(1, &name("root"), &self.authority, ("240101000000Z", "340101000000Z"), &extensions);
        self.certified(&content)
    }

    /// The certificate of who signs, for ten minutes, with the proof that it was logged.
    fn certificate(&self, signer: &Key, says: Says<'_>) -> Vec<u8> {
        let mut extensions = vec![
            // For digital signatures, of code.
            extension(&[2, 5, 29, 15], true, &der(0x03, &[7, 0x80])),
            extension(&[2, 5, 29, 37], false, &sequence(&[oid(&[1, 3, 6, 1, 5, 5, 7, 3, 3])])),
            extension(&[2, 5, 29, 17], true, &sequence(&[der(0x86, says.identity.as_bytes())])),
            extension(&[1, 3, 6, 1, 4, 1, 57264, 1, 8], false, &der(0x0c, says.issuer.as_bytes())),
        ];
        let valid = ("250115120000Z", "250115121000Z");
        let logged = content(2, &[], signer, valid, &extensions);
        let at = u64::try_from(SIGNED).unwrap() * 1000;
        let mut proven = vec![0, 0];
        proven.extend(at.to_be_bytes());
        proven.extend([0, 1]);
        proven.extend(sha256(&self.authority.public()));
        proven.extend(&u32::try_from(logged.len()).unwrap().to_be_bytes()[1..]);
        proven.extend(&logged);
        proven.extend([0, 0]);
        let signature = self.certificate_log.sign(&proven);
        let mut proof = vec![0];
        proof.extend(self.certificate_log.id());
        proof.extend(at.to_be_bytes());
        proof.extend([0, 0, 4, 3]);
        proof.extend(two(signature.len()));
        proof.extend(signature);
        let list = [&two(proof.len()), &proof[..]].concat();
        let list = [&two(list.len()), &list[..]].concat();
        extensions.push(extension(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], false, &der(0x04, &list)));
        self.certified(&content(2, &[], signer, valid, &extensions))
    }

    fn certified(&self, content: &[u8]) -> Vec<u8> {
        let signature = bits(&self.authority.sign(content));
        sequence(&[content.to_vec(), sequence(&[oid(ECDSA_WITH_SHA256)]), signature])
    }
}

const ECDSA_WITH_SHA256: &[u64] = &[1, 2, 840, 10045, 4, 3, 2];

/// What is signed of a certificate of the authority.
fn content(
    serial: u8,
    subject: &[Vec<u8>],
    key: &Key,
    (from, to): (&str, &str),
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    sequence(&[
        der(0xa0, &der(0x02, &[2])),
        der(0x02, &[serial]),
        sequence(&[oid(ECDSA_WITH_SHA256)]),
        sequence(&name("root")),
        sequence(&[der(0x17, from.as_bytes()), der(0x17, to.as_bytes())]),
        sequence(subject),
        key.public(),
        der(0xa3, &sequence(extensions)),
    ])
}

fn name(common: &str) -> [Vec<u8>; 1] {
    [der(0x31, &sequence(&[oid(&[2, 5, 4, 3]), der(0x0c, common.as_bytes())]))]
}

fn extension(id: &[u64], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { der(0x01, &[0xff]) } else { Vec::new() };
    sequence(&[oid(id), flag, der(0x04, value)])
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut written = vec![tag];
    match length {
        0..0x80 => written.push(u8::try_from(length).unwrap()),
        0x80..0x100 => written.extend([0x81, u8::try_from(length).unwrap()]),
        _ => written.extend([&[0x82], &two(length)[..]].concat()),
    }
    written.extend(content);
    written
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

fn bits(content: &[u8]) -> Vec<u8> {
    der(0x03, &[&[0], content].concat())
}

fn oid(arcs: &[u64]) -> Vec<u8> {
    let mut content = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let mut digits: Vec<u8> = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(digits.iter().rev());
    }
    der(0x06, &content)
}

fn two(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_be_bytes()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
