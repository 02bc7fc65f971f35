//! Something listens on the socket, but it is not HAProxy, or not a well one.

use std::time::Duration;

use rollgate::traffic::DriverError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use tokio::time::timeout;

use super::{haproxy_driver, percent, text};

const INFO: &str = "Name: HAProxy\nPid: 7\nStart_time_sec: 1790000000\n\n";
const COLUMNS: &str = "1\n# be_id be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight\n";

/// What `read` makes of a socket that answers every command with `pieces`, then closes.
async fn read_from(pieces: Vec<Vec<u8>>) -> Result<rollgate::traffic::Reading, DriverError> {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let listener = UnixListener::bind(&socket).unwrap();
    let liar = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 1024];
            let _ = stream.read(&mut command).await.unwrap();
            for piece in &pieces {
                // The driver hangs up when it has heard enough.
                if stream.write_all(piece).await.is_err() {
                    break;
                }
            }
        }
    });
    let reading = timeout(Duration::from_secs(20), haproxy_driver(text(&socket)).read()).await;
    liar.abort();
    reading.expect("a driver never takes longer than its time-out").map_err(|error| {
        let hide = |message: String| message.replace(text(&socket), "SOCKET");
        match error {
            DriverError::Refused(message) => DriverError::Refused(hide(message)),
            DriverError::Unreachable(message) => DriverError::Unreachable(hide(message)),
        }
    })
}

async fn said(answer: &str) -> String {
    match read_from(vec![answer.into()]).await {
        Ok(reading) => format!("{reading:?}"),
        Err(DriverError::Refused(message)) => format!("refused: {message}"),
        Err(DriverError::Unreachable(message)) => format!("unreachable: {message}"),
    }
}

#[tokio::test]
async fn the_smallest_honest_answer_is_read() {
    let rows = "3 web 1 web-stable 2 0 90\n3 web 2 web-canary 2 0 10\n\n";
    let answer = format!("{INFO}{COLUMNS}{rows}");
    let reading = read_from(vec![answer.clone().into()]).await.unwrap();
    assert_eq!(reading.weight, Some(percent(10)));
    assert_eq!(reading.generation.as_deref(), Some("pid 7, started 1790000000"));
    let in_pieces = answer.bytes().map(|byte| vec![byte]).collect();
    assert_eq!(read_from(in_pieces).await.unwrap(), reading);
}

#[tokio::test]
async fn garbage_is_refused_and_quoted_without_harm() {
    insta::assert_snapshot!(said("HTTP/1.1 400 Bad Request\r\n\r\n").await, @r#"refused: haproxy at SOCKET answered something that is not its process information: "HTTP/1.1 400 Bad Request""#);
    insta::assert_snapshot!(said("\u{1b}[2J::error::x\n\n\n").await, @r#"refused: haproxy at SOCKET answered something that is not its process information: "[2J: :error: :x""#);
    insta::assert_snapshot!(said(&format!("{INFO}2\n# be_id\n\n")).await, @r#"refused: haproxy at SOCKET answered something that is not a table of servers: "2 # be_id""#);
    insta::assert_snapshot!(said(&format!("{INFO}{COLUMNS}3 web 1 web-stable 2 0 nine\n\n")).await, @r#"refused: haproxy at SOCKET answered something that is not a table of servers: "1 # be_id be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight 3 web 1 web-stable 2 0 nine""#);
    insta::assert_snapshot!(said(&format!("{INFO}{COLUMNS}3 web 1 web-stable 2 0 257\n\n")).await, @r#"refused: haproxy at SOCKET answered something that is not a table of servers: "1 # be_id be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight 3 web 1 web-stable 2 0 257""#);
    insta::assert_snapshot!(said(&format!("{INFO}{COLUMNS}3 web 1 web-stable 2 0\n\n")).await, @r#"refused: haproxy at SOCKET answered something that is not a table of servers: "1 # be_id be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight 3 web 1 web-stable 2 0""#);
    insta::assert_snapshot!(said(&format!("{INFO}{COLUMNS}4 api 1 web-stable 2 0 9\n\n")).await, @r#"refused: haproxy at SOCKET answered something that is not a table of servers: "1 # be_id be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight 4 api 1 web-stable 2 0 9""#);
    insta::assert_snapshot!(said(&format!("{INFO}{COLUMNS}\n")).await, @r#"refused: haproxy at SOCKET has no server "web-stable" in backend "web": name one of its servers for each arm"#);
    insta::assert_snapshot!(format!("{:?}", read_from(vec![b"\xff\xfe\n".into()]).await), @r#"Err(Refused("haproxy at SOCKET answered something that is not text, which HAProxy's runtime API does not"))"#);
}

#[tokio::test]
async fn an_answer_without_its_end_is_unreachable() {
    let whole = format!("{INFO}{COLUMNS}3 web 1 web-stable 2 0 90\n3 web 2 web-canary 2 0 10\n\n");
    for cut in 0..whole.len() {
        let result = read_from(vec![whole[..cut].into()]).await;
        assert!(matches!(result, Err(DriverError::Unreachable(_))), "cut at {cut}: {result:?}");
    }
    insta::assert_snapshot!(said("").await, @"unreachable: haproxy at SOCKET closed the connection without an answer");
    insta::assert_snapshot!(said(INFO.trim_end()).await, @"unreachable: haproxy at SOCKET closed the connection in the middle of its answer");
    insta::assert_snapshot!(said(whole.trim_end()).await, @"unreachable: haproxy at SOCKET closed the connection in the middle of its answer");
}

#[tokio::test]
async fn an_answer_of_a_hundred_megabytes_is_not_read_to_its_end() {
    let piece = vec![b'x'; 1 << 20];
    insta::assert_snapshot!(format!("{:?}", read_from(vec![piece; 100]).await), @r#"Err(Refused("haproxy at SOCKET answered more than 1 MiB, which HAProxy's runtime API does not"))"#);
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_given_up_after_five_seconds() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    // Accepted by the system, never answered.
    let _listener = UnixListener::bind(&socket).unwrap();
    let mut driver = haproxy_driver(text(&socket));
    let started = std::time::Instant::now();
    let Err(DriverError::Unreachable(message)) = driver.set(percent(5)).await else {
        panic!("nothing answered")
    };
    assert!((5..8).contains(&started.elapsed().as_secs()));
    insta::assert_snapshot!(message.replace(text(&socket), "SOCKET"), @"haproxy at SOCKET did not finish its answer within 5 s");
}
