//! A server of documents: each path has one answer, and every question is kept.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The answers, status, headers and body, by path and query.
type Answers = BTreeMap<String, (u16, String, String)>;

/// What is guarded, what opens it, and the headers of a refusal.
type Guard = (&'static str, &'static str, String);

/// The server; it ends with the process.
pub(crate) struct Served {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Serves these documents; `SERVER` in them stands for its own URL.
    pub(crate) fn documents(documents: &[(&str, &str)]) -> Self {
        let answers: Vec<_> = documents.iter().map(|(path, body)| (*path, 200, "", *body)).collect();
        Self::answers(&answers)
    }

    /// Gives these answers: path, status, further headers, body.
    pub(crate) fn answers(answers: &[(&str, u16, &str, &str)]) -> Self {
        Self::start(answers, None)
    }

    /// As [`Served::answers`], but what lies at `prefix` is refused with the headers of `challenge` to whoever does not send
    /// `authorization`.
    pub(crate) fn guarded(
        answers: &[(&str, u16, &str, &str)],
        prefix: &'static str,
        authorization: &'static str,
        challenge: &str,
    ) -> Self {
        Self::start(answers, Some((prefix, authorization, challenge)))
    }

    fn start(answers: &[(&str, u16, &str, &str)], guard: Option<(&'static str, &'static str, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let whole = |text: &str| text.replace("SERVER", &url);
        let answers: Answers = answers
            .iter()
            .map(|(path, status, headers, body)| ((*path).to_owned(), (*status, whole(headers), whole(body))))
            .collect();
        let guard: Option<Guard> =
            guard.map(|(prefix, wanted, challenge)| (prefix, wanted, whole(challenge)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (serving, keeping) = (Arc::new((answers, guard)), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, asked) = (Arc::clone(&serving), Arc::clone(&keeping));
                // A client that goes away early ends its connection.
                std::thread::spawn(move || drop(serve(stream, &answers.0, answers.1.as_ref(), &asked)));
            }
        });
        Self { url, asked }
    }

    /// The heads of all questions so far, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }

    /// The paths that were asked for so far, sorted.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().iter().filter_map(|head| head.split(' ').nth(1).map(str::to_owned)).collect()
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &Answers,
    guard: Option<&Guard>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    let head: Vec<String> = lines
        .take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty()))
        .collect::<Result<_, _>>()?;
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(head.join("\n"));
    let nothing = (404, String::new(), "nothing here".to_owned());
    let refused = guard.filter(|(prefix, wanted, _)| {
        let sent = head.iter().filter_map(|line| line.split_once(": "));
        let mut sent = sent.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        path.starts_with(prefix) && !sent.any(|(_, value)| value == *wanted)
    });
    let refused = refused.map(|(_, _, challenge)| (401, challenge.clone(), String::new()));
    let (status, headers, body) = refused.as_ref().unwrap_or_else(|| answers.get(&path).unwrap_or(&nothing));
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
