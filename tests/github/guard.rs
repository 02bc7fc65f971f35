//! That the tests of this subject are held against GitHub's description, in both directions.

use rollgate::support::http::{Client, Method, Request, header, url};

use super::HEAD;
use crate::support::fake_github::{Fault, Repository};

async fn post(repository: &Repository, body: &str) -> (u16, String) {
    let address = format!("{}/repos/{}/statuses/{HEAD}", repository.checked(), repository.name);
    let mut request = Request::get(url(&address).unwrap());
    request.method = Method::POST;
    request.body = body.as_bytes().to_vec();
    let json = header::HeaderValue::from_static("application/json");
    request.headers.insert(header::CONTENT_TYPE, json);
    let bearer = format!("Bearer {}", repository.token());
    request.headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
    let answer = Client::new().unwrap().send(request).await.unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

#[tokio::test]
async fn a_request_that_githubs_description_forbids_does_not_pass() {
    let repository = Repository::new("guard-request");
    let (status, said) = post(&repository, r#"{"state": "green", "context": "x"}"#).await;
    assert_eq!(status, 422);
    assert!(said.contains("must be equal to one of the allowed values"), "{said}");
    assert_eq!(repository.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_of_the_fake_that_githubs_description_forbids_does_not_pass() {
    let repository = Repository::new("guard-answer");
    let incomplete = Fault::Answer(201, Vec::new(), r#"{"state": "success"}"#.into());
    repository.next("POST", "/statuses/", [Some(incomplete)]);
    let (status, said) = post(&repository, r#"{"state": "success", "context": "x"}"#).await;
    assert_eq!(status, 500);
    assert!(said.contains("must have required property 'creator'"), "{said}");
    let (status, _) = post(
        &repository,
        r#"{"state": "success", "context": "x", "description": "y", "target_url": "https://example.com/"}"#,
    )
    .await;
    assert_eq!(status, 201);
}
