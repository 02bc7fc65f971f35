//! How pieces of a text look in a terminal. Colour never says what words do not.

use super::canary::Grade;

/// How a piece of a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As the rest.
    Plain,
    /// What is read first.
    Bold,
    /// What may be left unread.
    Dim,
    /// Good news, and what was added.
    Good,
    /// Something to look at.
    Warn,
    /// Something broken.
    Bad,
    /// What was removed.
    Removed,
    /// The canary's; and where something stands.
    Canary,
}

impl Style {
    /// The parameter of the control sequence "select graphic rendition" (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "1;31",
            Self::Removed => "31",
            Self::Canary => "36",
        }
    }

    /// The style of this grade.
    #[must_use]
    pub fn of(grade: Grade) -> Self {
        match grade {
            Grade::Info => Self::Plain,
            Grade::Warning => Self::Warn,
            Grade::Critical => Self::Bad,
        }
    }

    /// The text, safe already, in this style; as it is without `colour`.
    #[must_use]
    pub fn paint(self, text: &str, colour: bool) -> String {
        if colour && self != Self::Plain && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", self.code())
        } else {
            text.to_owned()
        }
    }
}
