//! Three answers: what is shown, what is shown not to be, and what is not known. Not knowing is never taken for either.

/// An answer to a question about sets of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::openapi::compare) enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Neither is shown.
    Unknown,
}

impl Answer {
    /// What is known for certain.
    pub(super) fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    /// Whether both are so.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    /// Whether either is so.
    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Whether the other is so wherever this is.
    pub(super) fn implies(self, other: Self) -> Self {
        self.not().or(other)
    }

    /// Whether it is not so.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    /// Whether it is shown.
    pub(super) fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether the opposite is shown.
    pub(super) fn is_no(self) -> bool {
        self == Self::No
    }
}
