//! The part of GitHub's REST API that reads Git objects, with its bad days.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rollgate::source::{Api, Patience};
use rollgate::support::http::Client;
use rollgate::support::secret::SecretValue;
use rollgate::support::units::Millis;

use super::repo::Repo;
use crate::support::git_objects::{BYTES, Objects, Told};

/// How the server is to behave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// Recursive lists are cut.
    pub(crate) truncates: bool,
    /// Blobs have other bytes than their hash says.
    pub(crate) lies: bool,
}

/// The server; it ends with the process.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    objects: Objects,
    manner: Manner,
    /// Whole answers that are given instead, first come first served.
    instead: Mutex<VecDeque<String>>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    pub(crate) fn of(repo: &Repo, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/v3", listener.local_addr().unwrap());
        let objects = Objects::of(repo.path());
        let state = Arc::new(State { objects, manner, instead: Mutex::default(), asked: Mutex::default() });
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&serving);
                // A client that goes away early ends its connection.
                std::thread::spawn(move || drop(state.serve(stream)));
            }
        });
        Self { url, state }
    }

    /// The repository as a client sees it that does not wait long.
    pub(crate) fn api(&self) -> Api {
        let token = SecretValue::new("ghs_source_test_token").unwrap();
        let name = "octo/hello.world".parse().unwrap();
        Api::new(Client::new().unwrap(), self.url.parse().unwrap(), name, Some(token))
            .with_patience(Patience { attempts: 3, pause: Millis(1), longest: Millis(1_000) })
    }

    /// Answers the next questions so.
    pub(crate) fn instead(&self, answers: &[(u16, &str, &str)]) {
        let answers = answers.iter().map(|(status, headers, body)| answer(*status, headers, body.as_bytes()));
        *self.state.instead.lock().unwrap() =
            answers.map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    }

    /// What was asked so far: the path and query of each question.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }
}

fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

impl State {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let first = lines.next().unwrap_or(Ok(String::new()))?;
        let mut accept = String::new();
        let mut authorized = false;
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("accept") => value.clone_into(&mut accept),
                Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                    authorized = value == "Bearer ghs_source_test_token";
                }
                _ => {}
            }
        }
        let target = first.split(' ').nth(1).unwrap_or_default();
        let target = target.strip_prefix("/api/v3/repos/octo/hello.world/").unwrap_or(target);
        self.asked.lock().unwrap().push(target.to_owned());
        let instead = self.instead.lock().unwrap().pop_front();
        let bytes = match instead {
            Some(instead) => instead.into_bytes(),
            None if !authorized => answer(401, "", br#"{"message":"Bad credentials"}"#),
            None => self.answer(target, &accept),
        };
        stream.write_all(&bytes)
    }

    fn answer(&self, target: &str, accept: &str) -> Vec<u8> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let recursive = query == "recursive=1";
        let body = match self.objects.tell(&path.replace("%2F", "/"), recursive, accept) {
            Some(Told::Json(mut told)) => {
                if recursive && self.manner.truncates {
                    told["truncated"] = true.into();
                    told["tree"].as_array_mut().unwrap().truncate(1);
                }
                told.to_string().into_bytes()
            }
            Some(Told::Raw(BYTES, bytes)) if self.manner.lies => [&bytes[..], b"!"].concat(),
            Some(Told::Raw(_, bytes)) => bytes,
            None => return answer(404, "", br#"{"message":"Not Found"}"#),
        };
        answer(200, "", &body)
    }
}
