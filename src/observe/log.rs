//! Log lines on standard error. Edge.
//!
//! One event is one line, and every line passes `support::text`. Only what this program says itself is shown:
//! libraries may log requests with their headers, and a header may be a secret.

use std::io::Write;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::env::Environment;
use crate::support::text;

/// The variable that sets the level: `off`, `error`, `warn`, `info`, `debug` or `trace`.
pub const VARIABLE: &str = "ROLLGATE_LOG";

/// Whose events are shown.
const OURS: &str = "rollgate";

/// The value of [`VARIABLE`] is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read {VARIABLE}: `{}` is no level; it is one of off, error, warn, info, debug, trace",
    text::line(.0, 40)
)]
pub struct NoLevel(pub String);

/// The level that `verbose` (how often `--verbose` was given) and the environment ask for; the more talkative
/// of the two counts. Warnings and errors are shown in any case, unless the variable says `off` or `error`.
pub fn level(verbose: u8, environment: &dyn Environment) -> Result<LevelFilter, NoLevel> {
    let asked = match verbose {
        0 => None,
        1 => Some(LevelFilter::INFO),
        2 => Some(LevelFilter::DEBUG),
        _ => Some(LevelFilter::TRACE),
    };
    let named = match environment.variable(VARIABLE).filter(|value| !value.is_empty()) {
        Some(name) => Some(name.parse().map_err(|_| NoLevel(name))?),
        None => None,
    };
    Ok(asked.max(named).unwrap_or(LevelFilter::WARN))
}

/// Shows this program's events of `level` and graver on standard error from now on. The first call counts.
pub fn install(level: LevelFilter) {
    // Somebody who has installed another subscriber wants that one.
    let _ = tracing::subscriber::set_global_default(subscriber(level, || Sanitised(std::io::stderr())));
}

fn subscriber<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_target(false).with_ansi(false).with_writer(writer);
    tracing_subscriber::registry().with(Targets::new().with_target(OURS, level)).with(lines)
}

/// Passes on every event as one safe line.
struct Sanitised<W>(W);

impl<W: Write> Write for Sanitised<W> {
    /// Takes one event; the formatter writes each whole.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let line = text::error_line(String::from_utf8_lossy(event).trim_end());
        writeln!(self.0, "{line}")?;
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, events: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        tracing::subscriber::with_default(subscriber(level, move || Sanitised(writer.clone())), events);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        // The time stands in front.
        text.lines().map(|line| line.split_once(' ').unwrap().1.trim().to_owned() + "\n").collect()
    }

    fn environment(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(VARIABLE.to_owned(), value.to_owned())])
    }

    #[test]
    fn an_event_is_one_line_whatever_it_quotes() {
        let text = logged(LevelFilter::INFO, || {
            tracing::warn!(target: "rollgate::metrics", answer = "\x1b[2Jgone\n::error::x", "provider said");
            tracing::debug!(target: "rollgate::metrics", "not asked for");
        });
        insta::assert_snapshot!(text, @r#"WARN provider said answer="\u{1b}[2Jgone\n: :error: :x""#);
    }

    #[test]
    fn libraries_are_not_heard() {
        let text =
            logged(LevelFilter::TRACE, || tracing::error!(target: "reqwest", "authorization: Bearer x"));
        assert_eq!(text, "");
    }

    #[test]
    fn the_more_talkative_of_flag_and_variable_counts() {
        assert_eq!(level(0, &environment("")), Ok(LevelFilter::WARN));
        assert_eq!(level(0, &environment("debug")), Ok(LevelFilter::DEBUG));
        assert_eq!(level(1, &environment("off")), Ok(LevelFilter::INFO));
        assert_eq!(level(9, &environment("warn")), Ok(LevelFilter::TRACE));
        assert_eq!(level(0, &environment("off")), Ok(LevelFilter::OFF));
        let error = level(0, &environment("loud\n")).unwrap_err().to_string();
        assert_eq!(
            error,
            "read ROLLGATE_LOG: `loud` is no level; it is one of off, error, warn, info, debug, trace"
        );
    }
}
