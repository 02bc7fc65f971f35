//! From an offset to the line and column that people count.

use serde::{Deserialize, Serialize};

/// A place in a file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where the lines of a source begin.
#[derive(Debug)]
pub struct Lines<'s> {
    source: &'s str,
    starts: Vec<u32>,
}

/// The highest bit of each byte of `word` that is a line feed, and no other: a file is looked through eight bytes at a time.
fn line_feeds(word: u64) -> u64 {
    let each = |byte: u8| u64::from_le_bytes([byte; 8]);
    // A byte that is zero now was a line feed; only of such a byte no bit is set or carried.
    let word = word ^ each(b'\n');
    !(((word & each(0x7F)) + each(0x7F)) | word | each(0x7F))
}

/// How far back a column is counted: on one endless line it costs no more than this.
const WINDOW: usize = 64 * 1024;

impl<'s> Lines<'s> {
    /// Finds the lines of `source`. LF, CR LF and CR end a line.
    #[must_use]
    pub fn of(source: &'s str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
        starts.push(0);
        let mut ends = |at: usize| starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
        if bytes.contains(&b'\r') {
            for (at, &byte) in bytes.iter().enumerate() {
                if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                    ends(at);
                }
            }
            return Self { source, starts };
        }
        let (words, rest) = bytes.as_chunks::<8>();
        for (index, word) in words.iter().enumerate() {
            let mut found = line_feeds(u64::from_le_bytes(*word));
            while found != 0 {
                ends(index * 8 + found.trailing_zeros() as usize / 8);
                found &= found - 1;
            }
        }
        for (at, _) in rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            ends(words.len() * 8 + at);
        }
        Self { source, starts }
    }

    /// The place of the byte at `offset`. On a line that is longer than 64 KiB before it, the column counts bytes.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let end = (offset as usize).min(self.source.len()).max(start);
        let before = &self.source.as_bytes()[start..end];
        let column = if before.len() > WINDOW {
            before.len()
        } else {
            // Bytes that begin a character of UTF-8.
            before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
        };
        let narrow = |wide: usize| u32::try_from(wide).unwrap_or(u32::MAX);
        Position { line: narrow(line), column: narrow(column + 1) }
    }

    /// The offset at which the line of this number, from 1, begins; the end of the source where there is none.
    #[must_use]
    pub fn offset(&self, number: u32) -> u32 {
        let index = (number as usize).saturating_sub(1);
        self.starts
            .get(index)
            .copied()
            .unwrap_or_else(|| u32::try_from(self.source.len()).unwrap_or(u32::MAX))
    }

    /// The line of this number, from 1, without its end.
    #[must_use]
    pub fn line(&self, number: u32) -> &'s str {
        let index = (number as usize).saturating_sub(1);
        let Some(&start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).map_or(self.source.len(), |&end| end as usize);
        self.source.get(start as usize..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }
}
