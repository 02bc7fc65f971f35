//! The client gives a clear error in bounded time and memory, whatever a server does.

use std::time::{Duration, Instant};

use rollgate::support::http::{BODY, Client, HttpFault, Request, Url};
use rollgate::support::units::Millis;

use crate::support::hostile::{Behaviour, Hostile};

/// What the client says about a server that behaves so, with the port hidden.
async fn said(behaviour: Behaviour) -> String {
    let server = Hostile::start(behaviour).await;
    let url: Url = format!("{}/metrics?token=secret", server.url).parse().unwrap();
    let request = Request { limit: Millis(300), ..Request::get(url) };
    let said = match Client::new().unwrap().send(request).await {
        Ok(response) => format!("{} {:?} {}", response.status, response.media_type, response.excerpt()),
        Err(error) => error.to_string(),
    };
    said.replace(&server.url, "http://SERVER")
}

#[tokio::test]
async fn every_fault_has_its_words() {
    let raw = |text: &str| Behaviour::Raw(text.as_bytes().to_vec());
    let cases = [
        Behaviour::answer(200, "Text/Plain; charset=utf-8", "fine"),
        Behaviour::answer(500, "text/html", "<b>\u{1b}[31moops</b>\n::error::x"),
        raw("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"),
        raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
        raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        raw("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n"),
        raw("SSH-2.0-OpenSSH\r\n"),
        Behaviour::Stalled,
        Behaviour::Closed,
    ];
    let mut all = Vec::new();
    for case in cases {
        all.push(said(case).await);
    }
    insta::assert_snapshot!(all.join("\n"), @r#"
    200 "text/plain" fine
    500 "text/html" <b> [31moops</b> : :error: :x
    302 "" 
    read http://SERVER/metrics: the answer broke off: end of file before message length reached
    read http://SERVER/metrics: the answer broke off: unexpected EOF during chunk size line
    read http://SERVER/metrics: the answer is longer than 16 MiB
    read http://SERVER/metrics: the answer broke off: invalid HTTP version parsed
    read http://SERVER/metrics: no complete answer within 300ms
    read http://SERVER/metrics: the answer broke off: connection closed before message completed
    "#);
}

#[tokio::test]
async fn an_endless_body_is_cut_at_its_limit() {
    let server = Hostile::start(Behaviour::Endless).await;
    let error = Client::new().unwrap().send(Request::get(server.url.parse().unwrap())).await.unwrap_err();
    assert_eq!(error.fault, HttpFault::TooLong(BODY));
}

#[tokio::test]
async fn nobody_listening_is_no_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new().unwrap().send(Request::get(url.parse().unwrap())).await.unwrap_err();
    assert_eq!(error.to_string(), format!("read {url}: no connection: Connection refused (os error 111)"));
}

#[tokio::test]
async fn a_server_that_never_answers_costs_the_limit_and_no_more() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let begun = Instant::now();
    let error =
        Client::new().unwrap().send(Request { limit: Millis(200), ..Request::get(url) }).await.unwrap_err();
    assert_eq!(error.fault, HttpFault::TimedOut(Millis(200)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
