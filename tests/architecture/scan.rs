//! Reads Rust source far enough to say which paths a file names and which modules it declares.
//!
//! It works on tokens, so that paths inside macros count too. Comments and literals do not; nor do items
//! that only tests or the `test-probes` feature compile: the product does not have them.

use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Separator,
    Mark(char),
}

/// A path that a file names, with local names replaced by what they were imported as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// Its segments; the last is `*` for a glob.
    pub(crate) segments: Vec<String>,
    /// The name under which a `pub use` shows it to others.
    pub(crate) shown_as: Option<String>,
    /// How many inline modules it stands in.
    pub(crate) inline: usize,
    /// Whether it stands in a `use` and may therefore start at a child module.
    pub(crate) imported: bool,
}

/// What a file names and declares.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Every path of at least two segments, and single segments of `use`.
    pub(crate) named: Vec<Named>,
    /// Modules declared in files of their own, and whether the product compiles them.
    pub(crate) modules: Vec<(String, bool)>,
}

/// Scans a source text.
pub(crate) fn scan(source: &str) -> Scanned {
    let tokens = tokens(source);
    let mut scanned = Scanned { modules: declared(&tokens), ..Scanned::default() };
    let tokens = without_test_items(&tokens);
    let mut imports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut inline = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while at < tokens.len() {
        match &tokens[at] {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
            }
            Token::Word(word) if word == "mod" && tokens.get(at + 2) == Some(&Token::Mark('{')) => {
                inline.push(depth);
            }
            Token::Word(word) if word == "use" && starts_item(&tokens, at) => {
                let public = is_public(&tokens, at);
                let mut leaves = Vec::new();
                at = tree(&tokens, at + 1, &[], &mut leaves);
                for (segments, name) in leaves {
                    if name != "_" && name != "*" {
                        imports.insert(name.clone(), segments.clone());
                    }
                    let shown_as = public.then_some(name);
                    scanned.named.push(Named { segments, shown_as, inline: inline.len(), imported: true });
                }
                continue;
            }
            Token::Word(_) if starts_path(&tokens, at) => {
                let (segments, next) = path(&tokens, at);
                if segments.len() > 1 {
                    let segments = expand(&segments, &imports);
                    scanned.named.push(Named {
                        segments,
                        shown_as: None,
                        inline: inline.len(),
                        imported: false,
                    });
                }
                at = next;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    scanned
}

fn expand(segments: &[String], imports: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    match imports.get(&segments[0]) {
        Some(full) => full.iter().chain(&segments[1..]).cloned().collect(),
        None => segments.to_vec(),
    }
}

fn starts_item(tokens: &[Token], at: usize) -> bool {
    // `use<'a>` in a return type is no import.
    !matches!(tokens.get(at + 1), Some(Token::Mark('<')))
}

fn is_public(tokens: &[Token], at: usize) -> bool {
    let before = &tokens[at.saturating_sub(4)..at];
    matches!(before.last(), Some(Token::Word(word)) if word == "pub")
        || (before.last() == Some(&Token::Mark(')'))
            && before.iter().any(|token| *token == Token::Word("pub".into())))
}

fn starts_path(tokens: &[Token], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        Some(Token::Mark('.' | '\'')) => false,
        // A leading `::` has nothing before it that a path could go on from.
        Some(Token::Separator) => {
            !matches!(at.checked_sub(2).map(|b| &tokens[b]), Some(Token::Word(_) | Token::Mark('>')))
        }
        _ => true,
    }
}

/// The path at `at` and where it ends.
fn path(tokens: &[Token], mut at: usize) -> (Vec<String>, usize) {
    let mut segments = Vec::new();
    while let Some(Token::Word(word)) = tokens.get(at) {
        segments.push(word.clone());
        at += 1;
        if tokens.get(at) != Some(&Token::Separator) || !matches!(tokens.get(at + 1), Some(Token::Word(_))) {
            break;
        }
        at += 1;
    }
    (segments, at)
}

/// Collects the leaves of a `use` tree with the names they get, and returns where it ends.
fn tree(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    leaves: &mut Vec<(Vec<String>, String)>,
) -> usize {
    let mut segments = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Separator) => at += 1,
            Some(Token::Word(word)) if word == "as" => {
                if let Some(Token::Word(name)) = tokens.get(at + 1) {
                    leaves.push((segments, name.clone()));
                }
                return at + 2;
            }
            Some(Token::Word(word)) => {
                // `a::{self}` names `a` itself.
                if word != "self" || segments.is_empty() {
                    segments.push(word.clone());
                }
                at += 1;
            }
            Some(Token::Mark('*')) => {
                segments.push("*".into());
                leaves.push((segments, "*".into()));
                return at + 1;
            }
            Some(Token::Mark('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Mark('}'))) {
                    if tokens[at] == Token::Mark(',') {
                        at += 1;
                    } else {
                        at = tree(tokens, at, &segments, leaves);
                    }
                }
                return at + 1;
            }
            _ => {
                if let Some(name) = segments.last().cloned() {
                    leaves.push((segments, name));
                }
                return at;
            }
        }
        if let (Some(Token::Word(word)), Some(Token::Mark(',' | '}' | ';'))) =
            (tokens.get(at - 1), tokens.get(at))
        {
            let name =
                if word == "self" { segments.last().cloned().unwrap_or_default() } else { word.clone() };
            leaves.push((segments, name));
            return at;
        }
    }
}

fn declared(tokens: &[Token]) -> Vec<(String, bool)> {
    let product = without_test_items(tokens);
    let in_files = |tokens: &[Token]| -> Vec<String> {
        tokens
            .windows(3)
            .filter_map(|window| match window {
                [Token::Word(keyword), Token::Word(name), Token::Mark(';')] if keyword == "mod" => {
                    Some(name.clone())
                }
                _ => None,
            })
            .collect()
    };
    let shipped = in_files(&product);
    in_files(tokens).into_iter().map(|name| (name.clone(), shipped.contains(&name))).collect()
}

/// The tokens without items under `#[cfg(test)]` and `#[cfg(feature = "test-probes")]`.
fn without_test_items(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if opens_test_item(&tokens[at..]) {
            at = end_of_item(tokens, end_of_brackets(tokens, at + 1));
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn opens_test_item(tokens: &[Token]) -> bool {
    let word = |text: &str| Token::Word(text.into());
    tokens.starts_with(&[
        Token::Mark('#'),
        Token::Mark('['),
        word("cfg"),
        Token::Mark('('),
        word("test"),
        Token::Mark(')'),
    ]) || tokens.starts_with(&[
        Token::Mark('#'),
        Token::Mark('['),
        word("cfg"),
        Token::Mark('('),
        word("feature"),
        Token::Mark('='),
        word("\"test-probes\""),
        Token::Mark(')'),
    ])
}

/// Where the bracket that opens at `at` has been closed.
fn end_of_brackets(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    at
}

/// Where the item, statement or field that starts at `at` ends.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Mark('{') => {
                let end = end_of_brackets(tokens, at);
                // `use a::{b};` goes on after its braces.
                return if tokens.get(end) == Some(&Token::Mark(';')) { end + 1 } else { end };
            }
            Token::Mark('(' | '[') => at = end_of_brackets(tokens, at),
            Token::Mark(';' | ',') => return at + 1,
            Token::Mark('}' | ')' | ']') => return at,
            _ => at += 1,
        }
    }
    at
}

fn tokens(source: &str) -> Vec<Token> {
    let characters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let next = characters.get(at + 1).copied();
        match character {
            '/' if next == Some('/') => {
                while characters.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
            }
            '/' if next == Some('*') => at = end_of_comment(&characters, at),
            '"' => {
                let start = at;
                at = end_of_string(&characters, at);
                tokens.push(Token::Word(characters[start..at].iter().collect()));
            }
            '\'' => at = end_of_quote(&characters, at),
            ':' if next == Some(':') => {
                tokens.push(Token::Separator);
                at += 2;
            }
            _ if character.is_alphanumeric() || character == '_' => {
                let start = at;
                while characters.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                    at += 1;
                }
                let word: String = characters[start..at].iter().collect();
                match characters.get(at) {
                    Some('"' | '#') if matches!(word.as_str(), "r" | "br" | "cr") => {
                        at = end_of_raw_string(&characters, at);
                    }
                    _ => tokens.push(Token::Word(word)),
                }
            }
            _ => {
                if !character.is_whitespace() {
                    tokens.push(Token::Mark(character));
                }
                at += 1;
            }
        }
    }
    tokens
}

fn end_of_comment(characters: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < characters.len() {
        match (characters[at], characters.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(characters: &[char], mut at: usize) -> usize {
    at += 1;
    while let Some(character) = characters.get(at) {
        at += 1;
        match character {
            '\\' => at += 1,
            '"' => break,
            _ => {}
        }
    }
    at.min(characters.len())
}

fn end_of_raw_string(characters: &[char], mut at: usize) -> usize {
    let hashes = characters[at..].iter().take_while(|c| **c == '#').count();
    if characters.get(at + hashes) != Some(&'"') {
        // A raw identifier such as `r#type`: the word follows.
        return at + hashes;
    }
    at += hashes + 1;
    while at < characters.len() {
        let closed = characters[at] == '"'
            && characters[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        at += 1;
        if closed {
            return at + hashes;
        }
    }
    at
}

/// Past a character literal, or past the quote of a lifetime.
fn end_of_quote(characters: &[char], at: usize) -> usize {
    match (characters.get(at + 1), characters.get(at + 2)) {
        (Some('\\'), _) => {
            let body = &characters[(at + 3).min(characters.len())..];
            at + 4 + body.iter().take_while(|c| **c != '\'').count()
        }
        (Some(_), Some('\'')) => at + 3,
        _ => {
            let name = characters[at + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            at + 1 + name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str) -> Vec<String> {
        scan(source).named.into_iter().map(|named| named.segments.join("::")).collect()
    }

    #[test]
    fn every_leaf_of_an_import_is_a_path() {
        assert_eq!(
            paths("use std::{fs::{self, File as F}, io::*}; pub(crate) use a::b; use c;"),
            ["std::fs", "std::fs::File", "std::io::*", "a::b", "c"]
        );
        let named = scan("pub(crate) use a::b; pub use a::c as d; use a::e;").named;
        let shown: Vec<_> = named.iter().map(|named| named.shown_as.as_deref()).collect();
        assert_eq!(shown, [Some("b"), Some("d"), None]);
    }

    #[test]
    fn local_names_are_what_they_were_imported_as() {
        assert_eq!(
            paths("use std::time; fn f() { time::Instant::now(); x.y(); ::tokio::spawn(g::<T>()) }"),
            ["std::time", "std::time::Instant::now", "tokio::spawn"]
        );
    }

    #[test]
    fn paths_inside_macros_count_and_text_does_not() {
        assert_eq!(
            paths(
                "// std::fs\n/* /* std::fs */ a::b */ m!(std::env::var(\"std::fs\"), r#\"a::b\"#, 'x', '\\'', b\"c::d\");"
            ),
            ["std::env::var"]
        );
        assert_eq!(paths("fn f<'a>(x: &'a str, c: char) { c == ':'; g::h(r#type) }"), ["g::h"]);
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        let source = "mod a; #[cfg(test)] mod b; #[cfg(test)] mod c { use std::fs; fn f() { g::h() } } \
             #[cfg(feature = \"test-probes\")] pub mod probe; #[cfg(test)] use x::{y}; use d::e;";
        assert_eq!(paths(source), ["d::e"]);
        assert_eq!(
            scan(source).modules,
            [("a".into(), true), ("b".into(), false), ("probe".into(), false)] as [(String, bool); 3]
        );
    }

    #[test]
    fn inline_modules_are_counted() {
        let inline: Vec<_> = scan("use a::b; mod m { use super::c; } use d::e;")
            .named
            .iter()
            .map(|named| named.inline)
            .collect();
        assert_eq!(inline, [0, 1, 0]);
    }
}
