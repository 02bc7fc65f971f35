//! Whether every text that one pattern is found in is one that another is found in, decided on automata.
//!
//! Patterns are ECMA-262 expressions that are searched for. Of these, the regular part that means the same whatever flags
//! are set is read here (literals, classes, groups, alternatives, repetition, `^` and `$`) and written in the syntax of
//! the automata; anything else, such as a look ahead, a reference back or `\b`, is not decided. Sizes are bounded, for a
//! pattern and for a whole comparison: beyond them, nothing is decided. Answers are remembered by the texts.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use super::answer::Answer;
use crate::support::lookup::{Lookup, Seed};

/// The longest pattern that is read.
const LENGTH: usize = 1_000;

/// The most repetitions that a pattern may count.
const COUNT: u32 = 1_000;

/// How deep groups may stand within each other.
const DEPTH: u32 = 32;

/// How many bytes an automaton may have.
const SIZE: usize = 2 << 20;

/// How many bytes all automata of a comparison may have together. One that grew too large counts in full.
const ALL: usize = 48 << 20;

/// How many pairs of states a question may look at, and all questions of a comparison together.
const PAIRS: usize = 20_000;
const ALL_PAIRS: usize = 200_000;

/// What is known of patterns.
#[derive(Debug)]
pub(super) struct Patterns<'t> {
    answers: Lookup<(&'t str, &'t str), Answer>,
    /// For each pattern the index of its automaton; none where it has none.
    known: Lookup<Cow<'t, str>, Option<usize>>,
    automata: Vec<dense::DFA<Vec<u32>>>,
    bytes: usize,
    pairs: usize,
}

impl<'t> Patterns<'t> {
    /// Nothing known yet.
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            answers: Lookup::new(seed),
            known: Lookup::new(seed),
            automata: Vec::new(),
            bytes: ALL,
            pairs: ALL_PAIRS,
        }
    }

    /// Whether every text in which `part` is found is one in which `whole` is found.
    pub(super) fn included(&mut self, part: &'t str, whole: &'t str) -> Answer {
        if part == whole || any_text(whole) {
            return Answer::Yes;
        }
        let key = (part, whole);
        if let Some(&known) = self.answers.get(&key) {
            return known;
        }
        let answer = self.together(&[part.into()], whole.into());
        self.answers.insert(key, answer);
        answer
    }

    /// Whether every text in which all of `parts` are found is one in which `whole` is found. Not remembered.
    pub(super) fn together(&mut self, parts: &[Cow<'t, str>], whole: Cow<'t, str>) -> Answer {
        let own: Option<Vec<usize>> = parts.iter().map(|part| self.automaton(part.clone())).collect();
        match (own, self.automaton(whole)) {
            (Some(mut all), Some(whole)) => {
                all.push(whole);
                self.inside(&all)
            }
            _ => Answer::Unknown,
        }
    }

    /// The same, and there is such a text: parts that exclude each other are a slip, and say nothing about the whole.
    pub(super) fn together_in(&mut self, parts: &[Cow<'t, str>], whole: Cow<'t, str>) -> bool {
        self.together(parts, whole).is_yes() && self.together(parts, "[]".into()).is_no()
    }

    /// The automaton of `pattern`, by index.
    fn automaton(&mut self, pattern: Cow<'t, str>) -> Option<usize> {
        if let Some(&known) = self.known.get(&pattern) {
            return known;
        }
        let built = (self.bytes > 0).then(|| built(&pattern)).flatten();
        let index = match built {
            Some(Ok(automaton)) => {
                self.bytes = self.bytes.saturating_sub(automaton.memory_usage());
                self.automata.push(automaton);
                Some(self.automata.len() - 1)
            }
            Some(Err(TooLarge)) => {
                self.bytes = self.bytes.saturating_sub(SIZE);
                None
            }
            None => None,
        };
        self.known.insert(pattern, index);
        index
    }

    /// Whether all that the automata before the last accept is accepted by the last: no states that are reached together
    /// are accepting in all but it.
    fn inside(&mut self, all: &[usize]) -> Answer {
        let automata: Vec<_> = all.iter().map(|&index| &self.automata[index]).collect();
        let begin = start::Config::new().anchored(Anchored::Yes);
        let first = automata.iter().map(|automaton| automaton.start_state(&begin).ok());
        let Some(first) = first.collect::<Option<Vec<StateID>>>() else { return Answer::Unknown };
        let (mut kinds, mut letters) = (BTreeSet::new(), Vec::new());
        for letter in 0..=u8::MAX {
            let kind: Vec<u8> = automata.iter().map(|one| one.byte_classes().get(letter)).collect();
            if kinds.insert(kind) {
                letters.push(letter);
            }
        }
        let parts = all.len().saturating_sub(1);
        let mut seen = BTreeSet::from([first.clone()]);
        let mut waiting = vec![first];
        while let Some(states) = waiting.pop() {
            let mut each = automata.iter().zip(&states);
            if self.pairs == 0 || seen.len() > PAIRS || each.any(|(one, &state)| one.is_quit_state(state)) {
                return Answer::Unknown;
            }
            self.pairs -= 1;
            let refutes = automata.iter().zip(&states).enumerate().all(|(index, (one, &state))| {
                one.is_match_state(one.next_eoi_state(state)) == (index < parts)
            });
            if refutes {
                return Answer::No;
            }
            for &letter in &letters {
                let onward: Vec<StateID> =
                    automata.iter().zip(&states).map(|(one, &state)| one.next_state(state, letter)).collect();
                let lost =
                    automata[..parts].iter().zip(&onward).any(|(one, &state)| one.is_dead_state(state));
                if !lost && seen.insert(onward.clone()) {
                    waiting.push(onward);
                }
            }
        }
        Answer::Yes
    }
}

/// Whether a pattern is found in every text. `^.*$` is not: `.` matches no line end.
pub(super) fn any_text(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*" | ".*$" | "^" | "$" | "[\\s\\S]*" | "^[\\s\\S]*$")
}

/// An automaton would be too large.
#[derive(Debug)]
pub(super) struct TooLarge;

/// The automaton of the texts in which `pattern` is found; none where it is not of the part that is decided.
pub(super) fn built(pattern: &str) -> Option<Result<dense::DFA<Vec<u32>>, TooLarge>> {
    let inner = if any_text(pattern) { String::new() } else { translated(pattern)? };
    let text = format!(r"\A(?s:.*)(?:{inner})(?s:.*)\z");
    let sizes = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(SIZE))
        .determinize_size_limit(Some(SIZE));
    let built = dense::Builder::new()
        .configure(sizes)
        .thompson(thompson::Config::new().nfa_size_limit(Some(SIZE)))
        .build(&text);
    Some(built.map_err(|_| TooLarge))
}

/// `pattern` in the syntax of the automata; none where it is not of the part that is decided.
fn translated(pattern: &str) -> Option<String> {
    if pattern.len() > LENGTH {
        return None;
    }
    let mut reader = Reader { left: pattern.chars().peekable(), out: String::new() };
    reader.alternatives(0)?;
    reader.left.next().is_none().then_some(reader.out)
}

/// What `.` does not match.
const LINE_ENDS: &str = r"[^\n\r\u{2028}\u{2029}]";

/// What `\s` matches, without the brackets.
const SPACES: &str =
    r"\t\n\x0B\x0C\r\u{20}\u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";

const DIGITS: &str = "0-9";

const WORDS: &str = "0-9A-Z_a-z";

/// One thing in a class.
enum Item {
    Letter(char),
    /// A class of its own, without its brackets.
    Class(String),
}

struct Reader<'p> {
    left: Peekable<Chars<'p>>,
    out: String,
}

impl Reader<'_> {
    fn next_if(&mut self, wanted: char) -> bool {
        self.left.next_if_eq(&wanted).is_some()
    }

    fn alternatives(&mut self, depth: u32) -> Option<()> {
        while let Some(&letter) = self.left.peek() {
            match letter {
                ')' => return (depth > 0).then_some(()),
                '|' => {
                    self.left.next();
                    self.out.push('|');
                }
                _ => self.term(depth)?,
            }
        }
        Some(())
    }

    /// One thing and how often it is there.
    fn term(&mut self, depth: u32) -> Option<()> {
        let begin = self.out.len();
        match self.left.next()? {
            '^' => {
                self.out.push_str(r"\A");
                return Some(());
            }
            '$' => {
                self.out.push_str(r"\z");
                return Some(());
            }
            '.' => self.out.push_str(LINE_ENDS),
            '(' => {
                if depth >= DEPTH {
                    return None;
                }
                if self.next_if('?') {
                    // Groups with names end in a reference back, or are as good as without.
                    self.left.next_if_eq(&':')?;
                }
                self.out.push_str("(?:");
                self.alternatives(depth + 1)?;
                self.left.next_if_eq(&')')?;
                self.out.push(')');
            }
            '[' => self.class()?,
            '\\' => match self.escape()? {
                Item::Letter(letter) => self.letter(letter),
                Item::Class(class) => {
                    let _ = write!(self.out, "[{class}]");
                }
            },
            // What stands for nothing else, or is read differently from dialect to dialect.
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            letter => self.letter(letter),
        }
        self.quantifier(begin)
    }

    fn letter(&mut self, letter: char) {
        // Writing to a string does not fail.
        let _ = write!(self.out, r"\u{{{:X}}}", u32::from(letter));
    }

    fn quantifier(&mut self, begin: usize) -> Option<()> {
        let Some(&letter) = self.left.peek() else { return Some(()) };
        let repeated = match letter {
            '*' | '+' | '?' => {
                self.left.next();
                letter.to_string()
            }
            '{' => {
                self.left.next();
                let least = self.number()?;
                let most = match self.next_if(',') {
                    false => Some(least),
                    true if self.left.peek() == Some(&'}') => None,
                    true => Some(self.number()?),
                };
                self.left.next_if_eq(&'}')?;
                match most {
                    Some(most) if most < least => return None,
                    Some(most) => format!("{{{least},{most}}}"),
                    None => format!("{{{least},}}"),
                }
            }
            _ => return Some(()),
        };
        // Which of several matches is taken does not matter.
        self.next_if('?');
        self.out.insert_str(begin, "(?:");
        self.out.push(')');
        self.out.push_str(&repeated);
        Some(())
    }

    fn number(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(digit) = self.left.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits.parse().ok().filter(|&count| count <= COUNT)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<Item> {
        let class =
            |set: &str, not: bool| Some(Item::Class(if not { complement(set) } else { set.to_owned() }));
        let letter = self.left.next()?;
        Some(Item::Letter(match letter {
            'd' | 'D' => return class(DIGITS, letter == 'D'),
            'w' | 'W' => return class(WORDS, letter == 'W'),
            's' | 'S' => return class(SPACES, letter == 'S'),
            't' => '\t',
            'n' => '\n',
            'v' => '\x0B',
            'f' => '\x0C',
            'r' => '\r',
            '0' if !self.left.peek().is_some_and(char::is_ascii_digit) => '\0',
            'x' => self.hexadecimal(2)?,
            'u' => self.hexadecimal(4)?,
            _ if letter.is_ascii_punctuation() => letter,
            _ => return None,
        }))
    }

    fn hexadecimal(&mut self, digits: u32) -> Option<char> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.left.next()?.to_digit(16)?;
        }
        // Half of a pair is no character.
        char::from_u32(code)
    }

    fn class(&mut self) -> Option<()> {
        let not = self.next_if('^');
        let mut set = String::new();
        loop {
            let item = match self.left.next()? {
                ']' => break,
                '\\' => self.class_escape()?,
                letter => Item::Letter(letter),
            };
            let Item::Letter(low) = item else {
                if let Item::Class(class) = item {
                    set.push_str(&class);
                }
                // `[\w-z]` is read differently from dialect to dialect.
                let mut ahead = self.left.clone();
                if ahead.next() == Some('-') && ahead.next() != Some(']') {
                    return None;
                }
                continue;
            };
            let mut ahead = self.left.clone();
            let high = if ahead.next() == Some('-') && ahead.peek().is_some_and(|&letter| letter != ']') {
                self.left.next();
                match self.left.next()? {
                    '\\' => match self.class_escape()? {
                        Item::Letter(letter) => letter,
                        Item::Class(_) => return None,
                    },
                    letter => letter,
                }
            } else {
                low
            };
            if high < low {
                return None;
            }
            let _ = write!(set, r"\u{{{:X}}}-\u{{{:X}}}", u32::from(low), u32::from(high));
        }
        match (set.is_empty(), not) {
            // Nothing, and anything.
            (true, false) => self.out.push_str("[a&&b]"),
            (true, true) => self.out.push_str("(?s:.)"),
            (false, _) => {
                let _ = write!(self.out, "[{}{set}]", if not { "^" } else { "" });
            }
        }
        Some(())
    }

    fn class_escape(&mut self) -> Option<Item> {
        if self.next_if('b') {
            return Some(Item::Letter('\x08'));
        }
        self.escape()
    }
}

/// A class within a class: everything but `set`.
fn complement(set: &str) -> String {
    format!("[^{set}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(part: &'static str, whole: &'static str) -> Answer {
        Patterns::new(Seed(7)).included(part, whole)
    }

    #[test]
    fn a_pattern_lies_within_another_where_every_text_of_it_does() {
        for (part, whole) in [
            ("^[a-c]$", "^[a-d]$"),
            ("^a$", "a"),
            ("^abc", "^a"),
            ("^\\d{3}$", "^[0-9]+$"),
            ("^(cat|dog)$", "^[a-z]{3}$"),
            ("^[A-Za-z0-9_]+$", "^\\w+$"),
            ("^\\w+$", "^[a-zA-Z_0-9]*$"),
            ("^a{2,3}$", "^a{1,4}$"),
            ("^[^a-z]$", "^[^b-d]$"),
            ("^[^\\d]$", "^\\D$"),
            ("^\\D$", "^[^0-9]$"),
            ("^[\\w.-]+@x$", "@"),
            ("^\\x41\\u0042$", "^AB$"),
            ("^a?b*?$", "^(?:a|)b*$"),
            ("^é$", "^[à-ï]$"),
            ("anything", ".*"),
            ("", ".*$"),
            ("^.*$", ""),
            ("[]", "^a$"),
            ("^\\/v\\d+$", "^/v[0-9]{1,}$"),
            ("^\\s$", "^[\\s\\S]$"),
        ] {
            assert_eq!(included(part, whole), Answer::Yes, "{part} in {whole}");
        }
    }

    #[test]
    fn a_text_of_the_one_that_is_none_of_the_other_refutes() {
        for (part, whole) in [
            ("^[a-d]$", "^[a-c]$"),
            ("a", "^a$"),
            ("^a", "^abc"),
            ("^\\w+$", "^[a-z]+$"),
            ("^.$", "^[a-z]$"),
            ("^[^]$", "^.$"),
            ("", "a"),
            ("^a*$", "^a+$"),
            ("a|b$", "b$"),
            // A text of two lines.
            ("", "^.*$"),
            ("^a|b$", "^(a|b)$"),
            ("^\\s$", "^ $"),
        ] {
            assert_eq!(included(part, whole), Answer::No, "{part} in {whole}");
        }
    }

    #[test]
    fn what_is_not_regular_or_not_the_same_everywhere_is_not_decided() {
        for pattern in [
            "^(?=a)b",
            "^(?!a)b",
            "(?<=a)b",
            "(?<name>a)",
            "(a)\\1",
            "\\bword\\b",
            "\\p{L}",
            "\\k<a>",
            "a{",
            "a{x}",
            "a]",
            "a}",
            "*a",
            "a**",
            "(a",
            "a)",
            "[a",
            "[b-a]",
            "[\\w-z]",
            "a{3,2}",
            "\\cA",
            "\\uD83D",
            "\\01",
            "^*",
            "a\\",
        ] {
            assert_eq!(translated(pattern), None, "{pattern}");
            assert_eq!(included(pattern, "^b$"), Answer::Unknown, "{pattern}");
            assert_eq!(included("^b$", pattern), Answer::Unknown, "{pattern}");
        }
    }

    #[test]
    fn what_grows_too_large_is_not_decided() {
        let mut patterns = Patterns::new(Seed(7));
        assert_eq!(patterns.included("a.{200}b.{200}c", "d"), Answer::Unknown);
        assert!(patterns.bytes < ALL);
        let deep = "(".repeat(40) + "a" + &")".repeat(40);
        assert_eq!(translated(&deep), None);
        assert_eq!(translated(&"a".repeat(LENGTH + 1)), None);
        assert_eq!(translated("a{1001}"), None);
    }
}
