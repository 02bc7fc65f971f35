//! Shows a rollout that runs in this process: a view redrawn in place on a terminal, else plain lines.
//!
//! The view goes to standard output, so that it stays above what is printed at the end; the lines go to
//! standard error, so that standard output holds nothing but the result. Whoever stops reading stops nothing,
//! and whoever reads too slowly misses some of it.

use std::fmt::Write as _;
use std::io::{ErrorKind, IsTerminal as _, Write as _};

use super::aside::Aside;
use crate::report::news::Reporter;
use crate::report::spark;
use crate::report::terminal::{Size, View};
use crate::rollout::progress::{Observer, Progress};
use crate::support::env::Environment;
use crate::support::text;

/// How many lines wait for a slow reader.
const LINES: usize = 1_000;

/// How many frames wait for a slow terminal: more than one burst of events makes.
const FRAMES: usize = 32;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// In any case
    Always,
    /// Not at all
    Never,
}

impl Colour {
    /// Whether what is printed on standard output is coloured.
    pub(super) fn on_standard_output(self, environment: &dyn Environment) -> bool {
        let set = |name| environment.variable(name).filter(|value| !value.is_empty());
        match self {
            Self::Auto => {
                std::io::stdout().is_terminal()
                    && set("NO_COLOR").is_none()
                    && set("TERM").is_some_and(|terminal| terminal != "dumb")
            }
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Columns of the terminal that standard output is; none where it is something else.
pub(super) fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Shows a rollout under `title`, as standard output can.
pub(super) fn observer(title: &str, colour: Colour, environment: &dyn Environment) -> Box<dyn Observer> {
    let set = |name| environment.variable(name).filter(|value| !value.is_empty());
    let draws = std::io::stdout().is_terminal() && set("TERM").is_some_and(|terminal| terminal != "dumb");
    if draws {
        let colour = match colour {
            Colour::Auto => set("NO_COLOR").is_none(),
            Colour::Always => true,
            Colour::Never => false,
        };
        Box::new(Drawn::new(title, colour, Terminal::new()))
    } else {
        lines()
    }
}

/// Shows a rollout as plain lines.
pub(super) fn lines() -> Box<dyn Observer> {
    let out = Aside::new(LINES, |line| std::io::stderr().write_all(line.as_bytes()));
    Box::new(Lines { reporter: Reporter::default(), out, missed: 0 })
}

/// What can be drawn on.
trait Canvas: Send {
    /// Its size now.
    fn size(&self) -> Size;

    /// Takes a frame. [`ErrorKind::WouldBlock`] if the ones before are still being shown.
    fn write(&mut self, text: &str) -> std::io::Result<()>;
}

/// Standard output, a terminal.
struct Terminal(Aside);

impl Terminal {
    fn new() -> Self {
        Self(Aside::new(FRAMES, |frame| {
            let mut out = std::io::stdout().lock();
            out.write_all(frame.as_bytes())?;
            out.flush()
        }))
    }
}

impl Canvas for Terminal {
    fn size(&self) -> Size {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let known =
            |cells: Option<u16>, otherwise| cells.filter(|cells| *cells > 0).map_or(otherwise, usize::from);
        Size {
            width: known(size.map(|size| size.ws_col), 80),
            height: known(size.map(|size| size.ws_row), 24),
        }
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.0.write(text.to_owned())
    }
}

/// A view redrawn in place. Every frame is one write that hides the cursor and shows it again, so the cursor
/// is there however the process ends.
struct Drawn<C: Canvas> {
    view: View,
    colour: bool,
    canvas: C,
    /// Widths of the lines of the last frame.
    widths: Vec<usize>,
    gone: bool,
}

impl<C: Canvas> Drawn<C> {
    fn new(title: &str, colour: bool, canvas: C) -> Self {
        Self { view: View::new(title), colour, canvas, widths: Vec::new(), gone: false }
    }

    fn draw(&mut self) {
        if self.gone {
            return;
        }
        let size = self.canvas.size();
        // A terminal that became narrower has wrapped what it showed.
        let rows: usize = self.widths.iter().map(|width| width.div_ceil(size.width).max(1)).sum();
        let rows = rows.min(size.height.saturating_sub(1));
        let mut frame = String::from("\x1b[?25l");
        if rows > 0 {
            let _ = write!(frame, "\x1b[{rows}A\r");
        } else {
            // Apart from whatever stands above.
            frame.push('\n');
        }
        let plain = self.view.lines(size, false);
        for line in &self.view.lines(size, self.colour) {
            frame.push_str(line);
            frame.push_str("\x1b[K\n");
        }
        frame.push_str("\x1b[J\x1b[?25h");
        match self.canvas.write(&frame) {
            Ok(()) => self.widths = plain.iter().map(|line| spark::columns(line)).collect(),
            // What is on the terminal is still the frame before.
            Err(error) => self.gone = error.kind() != ErrorKind::WouldBlock,
        }
    }
}

impl<C: Canvas> Drop for Drawn<C> {
    /// Leaves the last frame where it is, apart from what comes next.
    fn drop(&mut self) {
        if !self.gone && !self.widths.is_empty() {
            let _ = self.canvas.write("\n");
        }
    }
}

impl<C: Canvas> Observer for Drawn<C> {
    fn on(&mut self, progress: &Progress<'_>) {
        self.view.take(progress);
        self.draw();
    }
}

/// One line for each event and look.
struct Lines {
    reporter: Reporter,
    out: Aside,
    /// How many lines a slow reader has missed since the last one it got.
    missed: u64,
}

impl Observer for Lines {
    fn on(&mut self, progress: &Progress<'_>) {
        for news in self.reporter.on(progress) {
            let mut line = text::error_line(&news.line()) + "\n";
            if self.missed > 0 {
                line = format!("({} lines before this one were not read in time)\n{line}", self.missed);
            }
            match self.out.write(line) {
                Ok(()) => self.missed = 0,
                // A reader that is slow, or has gone away, does not stop a rollout.
                Err(_) => self.missed += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::rollout::machine::State;
    use crate::support::units::Timestamp;

    #[derive(Clone)]
    struct Paper {
        size: Arc<Mutex<Size>>,
        written: Arc<Mutex<String>>,
        gone: bool,
    }

    impl Paper {
        fn new() -> Self {
            let size = Arc::new(Mutex::new(Size { width: 60, height: 24 }));
            Self { size, written: Arc::default(), gone: false }
        }
    }

    impl Canvas for Paper {
        fn size(&self) -> Size {
            *self.size.lock().unwrap()
        }

        fn write(&mut self, text: &str) -> std::io::Result<()> {
            if self.gone {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            text.clone_into(&mut self.written.lock().unwrap());
            Ok(())
        }
    }

    fn wait(drawn: &mut Drawn<Paper>, now: u64) {
        let state = State::default();
        drawn.on(&Progress::Waiting { now: Timestamp(now), until: Timestamp(now + 1), state: &state });
    }

    #[test]
    fn a_frame_is_drawn_over_the_one_before_and_leaves_the_cursor_shown() {
        let paper = Paper::new();
        let mut drawn = Drawn::new("rollgate", false, paper.clone());
        wait(&mut drawn, 0);
        let first = paper.written.lock().unwrap().clone();
        let lines = first.matches('\n').count() - 1;
        assert!(first.starts_with("\x1b[?25l\n rollgate"), "{first:?}");
        wait(&mut drawn, 1000);
        let second = paper.written.lock().unwrap().clone();
        assert!(second.starts_with(&format!("\x1b[?25l\x1b[{lines}A\r rollgate")), "{second:?}");
        assert!(second.ends_with("\x1b[J\x1b[?25h"), "{second:?}");
    }

    #[test]
    fn lines_that_a_narrower_terminal_wrapped_are_drawn_over_as_well() {
        let paper = Paper::new();
        let mut drawn = Drawn::new("rollgate", false, paper.clone());
        wait(&mut drawn, 0);
        let wrapped: usize = drawn.widths.iter().map(|width| width.div_ceil(20).max(1)).sum();
        assert!(wrapped > drawn.widths.len());
        *paper.size.lock().unwrap() = Size { width: 20, height: 24 };
        wait(&mut drawn, 1000);
        let frame = paper.written.lock().unwrap().clone();
        assert!(frame.starts_with(&format!("\x1b[?25l\x1b[{}A\r", wrapped.min(23))), "{frame:?}");
    }

    #[test]
    fn a_terminal_that_is_gone_is_left_alone() {
        let mut drawn = Drawn::new("rollgate", false, Paper { gone: true, ..Paper::new() });
        wait(&mut drawn, 0);
        assert!(drawn.gone);
        wait(&mut drawn, 1000);
        assert!(drawn.widths.is_empty());
    }
}
