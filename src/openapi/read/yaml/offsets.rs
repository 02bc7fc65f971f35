//! From the characters that the YAML parser counts to offsets.

/// A place in a text that moves to and fro with the events, which come nearly in the order of the file.
#[derive(Debug)]
pub(super) struct Offsets<'s> {
    bytes: &'s [u8],
    /// Whether every character is a byte.
    ascii: bool,
    characters: usize,
    at: usize,
}

impl<'s> Offsets<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { bytes: text.as_bytes(), ascii: text.is_ascii(), characters: 0, at: 0 }
    }

    /// The offset of the character of this number.
    pub(super) fn of(&mut self, character: usize) -> usize {
        if self.ascii {
            return character.min(self.bytes.len());
        }
        while self.characters < character && self.at < self.bytes.len() {
            self.at += 1;
            while self.bytes.get(self.at).is_some_and(|byte| byte & 0xC0 == 0x80) {
                self.at += 1;
            }
            self.characters += 1;
        }
        while self.characters > character && self.at > 0 {
            self.at -= 1;
            while self.at > 0 && self.bytes[self.at] & 0xC0 == 0x80 {
                self.at -= 1;
            }
            self.characters -= 1;
        }
        self.at
    }
}
