//! Choices that schemas, edits and values are made of.

use proptest::prelude::*;

/// A list of choices, and how many are made. Of every choice 0 is the plainest, and what is beyond the end is 0, so that
/// what fails shrinks to little.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    pub(crate) choices: Vec<u16>,
    at: usize,
}

impl Tape {
    /// Any choices, at most `length` of them.
    pub(crate) fn any(length: usize) -> impl Strategy<Value = Self> {
        proptest::collection::vec(any::<u16>(), 0..length).prop_map(|choices| Self { choices, at: 0 })
    }

    /// Choices without end, told apart by `seed`.
    pub(crate) fn seeded(seed: u16) -> Self {
        let mut state = u64::from(seed).wrapping_add(1);
        let choices = (0..2_000).map(|_| {
            // The multiplier is Knuth's, of MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 48) as u16
        });
        Self { choices: choices.collect(), at: 0 }
    }

    /// One of `of` ways.
    pub(crate) fn pick(&mut self, of: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % of.max(1)
    }

    /// Whether the last of `of` ways was taken.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.pick(of) == of - 1
    }

    /// One of `list`.
    pub(crate) fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.pick(list.len())].clone()
    }
}
