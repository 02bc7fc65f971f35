//! An HTTP server that answers with exactly the bytes a test gives it, well-formed or not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with one connection, after it has read the request.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// Sends these bytes and closes.
    Raw(Vec<u8>),
    /// Sends a head, then `x` until the client goes away.
    Endless,
    /// Sends a head and a part of the body, then nothing until the client goes away.
    Stalled,
    /// Closes at once.
    Closed,
}

impl Behaviour {
    /// A complete answer.
    pub(crate) fn answer(status: u16, media_type: &str, body: &str) -> Self {
        Self::Raw(
            format!(
                "HTTP/1.1 {status} x\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    }

    /// An exposition.
    pub(crate) fn exposition(body: &str) -> Self {
        Self::answer(200, "text/plain; version=0.0.4", body)
    }
}

/// The server. Connections get the queued behaviours in turn, the last one for ever.
pub(crate) struct Hostile {
    pub(crate) url: String,
    script: Arc<Mutex<VecDeque<Behaviour>>>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Hostile {
    /// Starts it with this behaviour.
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(VecDeque::from([behaviour])));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (behaviours, seen) = (Arc::clone(&script), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = {
                    let mut script = behaviours.lock().unwrap();
                    if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
                };
                let seen = Arc::clone(&seen);
                // A client that goes away early ends the connection, which is what it may do.
                tokio::spawn(async move { drop(serve(stream, behaviour.unwrap(), &seen).await) });
            }
        });
        Self { url, script, requests, task }
    }

    /// What the next connections get.
    pub(crate) fn then(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        let mut script = self.script.lock().unwrap();
        script.clear();
        script.extend(behaviours);
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    behaviour: Behaviour,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    // Read in any case: what closes on unread bytes resets the connection, and the client sees either of two ends.
    let request = read_request(&mut stream).await?;
    if matches!(behaviour, Behaviour::Closed) {
        return Ok(());
    }
    seen.lock().unwrap().push(request);
    match behaviour {
        Behaviour::Closed => {}
        Behaviour::Raw(bytes) => stream.write_all(&bytes).await?,
        Behaviour::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n").await?;
            let chunk = vec![b'x'; 64 * 1024];
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Behaviour::Stalled => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nhalf";
            stream.write_all(head).await?;
            // Ends when the client closes its side.
            stream.read_u8().await?;
        }
    }
    stream.shutdown().await
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut request = Vec::new();
    loop {
        request.push(stream.read_u8().await?);
        if request.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(head + &String::from_utf8_lossy(&body))
}
