//! Plain PromQL vector selectors, `name{label="x",code=~"5..",a!="b",c!~"d"}`: what can be answered from
//! an exposition without a query engine.
//!
//! Pure. Anything that is PromQL but no plain selector is refused with its place and the mend. A regular
//! expression matches whole values, as in PromQL, and is bounded in size; matching takes linear time.
//!
//! Source: "Querying basics", Prometheus documentation, sections "String literals" and "Instant vector selectors".

use std::collections::BTreeMap;

use regex_lite::{Regex, RegexBuilder};

use crate::support::text;

/// Longest selector, in bytes.
const LENGTH: usize = 4096;

/// A plain selector.
#[derive(Debug, Clone)]
pub struct Selector {
    /// Name of the metric.
    pub name: String,
    matchers: Vec<(String, Matcher)>,
}

#[derive(Debug, Clone)]
enum Matcher {
    Equal(String),
    Unequal(String),
    Matches(Regex),
    Differs(Regex),
}

/// Why a query is no plain selector. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the selector `{}` at character {at}: {problem}", text::line(.query, 200))]
pub struct SelectorError {
    /// The query.
    pub query: String,
    /// Place in it, in characters from 1.
    pub at: usize,
    /// What is wrong there.
    pub problem: String,
}

const PLAIN: &str = "scrape answers plain selectors only; use the prometheus provider for expressions";

impl Selector {
    /// Reads a plain selector.
    ///
    /// # Errors
    /// Names the place of what is no part of a plain selector.
    pub fn parse(query: &str) -> Result<Self, SelectorError> {
        let mut cursor = Cursor { query, rest: query };
        if query.len() > LENGTH {
            return Err(cursor.fail(format!("it is longer than {LENGTH} bytes")));
        }
        cursor.skip_space();
        let mut name = cursor.name(true).map(str::to_owned);
        cursor.skip_space();
        let mut matchers = Vec::new();
        if cursor.take("{") {
            loop {
                cursor.skip_space();
                if cursor.take("}") {
                    break;
                }
                let (label, matcher) = cursor.matcher()?;
                match (label, matcher) {
                    ("__name__", Matcher::Equal(given)) if name.is_none() => name = Some(given),
                    ("__name__", _) => {
                        return Err(cursor.fail(format!("the name of the metric is matched; {PLAIN}")));
                    }
                    (label, matcher) => matchers.push((label.to_owned(), matcher)),
                }
                cursor.skip_space();
                if !cursor.take(",") && !cursor.rest.starts_with('}') {
                    return Err(cursor.fail("a comma or a closing brace was expected".into()));
                }
            }
        }
        cursor.skip_space();
        if !cursor.rest.is_empty() {
            return Err(cursor.fail(PLAIN.into()));
        }
        let name = name.ok_or_else(|| cursor.fail(format!("there is no metric name; {PLAIN}")))?;
        Ok(Self { name, matchers })
    }

    /// Whether a series of this metric with these labels is selected. An absent label is an empty one.
    #[must_use]
    pub fn selects(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        self.name == name
            && self.matchers.iter().all(|(label, matcher)| {
                let value = labels.get(label).map_or("", String::as_str);
                match matcher {
                    Matcher::Equal(wanted) => value == wanted,
                    Matcher::Unequal(unwanted) => value != unwanted,
                    Matcher::Matches(pattern) => pattern.is_match(value),
                    Matcher::Differs(pattern) => !pattern.is_match(value),
                }
            })
    }
}

struct Cursor<'a> {
    query: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn fail(&self, problem: String) -> SelectorError {
        let consumed = &self.query[..self.query.len() - self.rest.len()];
        SelectorError { query: self.query.to_owned(), at: consumed.chars().count() + 1, problem }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.rest.strip_prefix(token).map(|rest| self.rest = rest).is_some()
    }

    fn name(&mut self, colons: bool) -> Option<&'a str> {
        let end = self
            .rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':')))
            .unwrap_or(self.rest.len());
        if end == 0 || self.rest.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(name)
    }

    fn matcher(&mut self) -> Result<(&'a str, Matcher), SelectorError> {
        let label = self.name(false).ok_or_else(|| self.fail("a label name was expected".into()))?;
        self.skip_space();
        let operator = ["=~", "!~", "!=", "="].into_iter().find(|operator| self.take(operator));
        let operator = operator.ok_or_else(|| self.fail("one of =, !=, =~ and !~ was expected".into()))?;
        self.skip_space();
        let value = self.string()?;
        let matcher = match operator {
            "=" => Matcher::Equal(value),
            "!=" => Matcher::Unequal(value),
            "=~" => Matcher::Matches(self.pattern(&value)?),
            _ => Matcher::Differs(self.pattern(&value)?),
        };
        Ok((label, matcher))
    }

    fn pattern(&self, pattern: &str) -> Result<Regex, SelectorError> {
        let compile = |pattern: &str| RegexBuilder::new(pattern).size_limit(256 * 1024).build();
        let wrong = |error: regex_lite::Error| {
            self.fail(format!(
                "the regular expression is not accepted: {}",
                text::line(&error.to_string(), 200)
            ))
        };
        // Alone first: a closing bracket in the pattern must not end the group around it.
        compile(pattern).map_err(wrong)?;
        compile(&format!("^(?s:{pattern})$")).map_err(wrong)
    }

    /// A string literal: Go's escapes in single or double quotes, none in backticks.
    fn string(&mut self) -> Result<String, SelectorError> {
        let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'));
        let quote = quote.ok_or_else(|| self.fail("a quoted value was expected".into()))?;
        let mut characters = self.rest[1..].chars();
        let mut value = String::new();
        loop {
            match characters.next() {
                None => return Err(self.fail("the quoted value does not end".into())),
                Some(end) if end == quote => break,
                Some('\\') if quote != '`' => {
                    let escaped = escape(&mut characters, quote);
                    value.push(
                        escaped.ok_or_else(|| self.fail("the quoted value has an unknown escape".into()))?,
                    );
                }
                Some('\n') if quote != '`' => {
                    return Err(self.fail("the quoted value spans lines".into()));
                }
                Some(plain) => value.push(plain),
            }
        }
        self.rest = characters.as_str();
        Ok(value)
    }
}

fn escape(characters: &mut std::str::Chars<'_>, quote: char) -> Option<char> {
    Some(match characters.next()? {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        'x' => hexadecimal(characters, 2).filter(char::is_ascii)?,
        'u' => hexadecimal(characters, 4)?,
        'U' => hexadecimal(characters, 8)?,
        other if other == quote => quote,
        _ => return None,
    })
}

fn hexadecimal(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let rest = characters.as_str();
    let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
    *characters = rest[digits..].chars();
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn selects(query: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Selector::parse(query).unwrap().selects("m", &labels)
    }

    #[test]
    fn matchers_compare_whole_values() {
        assert!(selects("m", &[("code", "200")]));
        assert!(!selects("other", &[]));
        assert!(selects(r#" m { code = "500" , } "#, &[("code", "500")]));
        assert!(selects(r#"{__name__="m",code!="500"}"#, &[("code", "200")]));
        assert!(selects(r#"m{code=~"5.."}"#, &[("code", "503")]));
        assert!(!selects(r#"m{code=~"5.."}"#, &[("code", "5030")]));
        assert!(!selects(r#"m{code=~"a|b"}"#, &[("code", "ab")]));
        assert!(selects("m{code!~'5..'}", &[("code", "200")]));
        assert!(selects(r"m{path=~`\w+\.html`}", &[("path", "a.html")]));
        assert!(selects(r#"m{path="a\"\\\u00e9\x41"}"#, &[("path", "a\"\\éA")]));
    }

    #[test]
    fn an_absent_label_is_an_empty_one() {
        assert!(selects(r#"m{code=""}"#, &[]));
        assert!(selects(r#"m{code!="500"}"#, &[]));
        assert!(selects(r#"m{code=~".*"}"#, &[]));
        assert!(!selects(r#"m{code=~".+"}"#, &[]));
    }

    #[test]
    fn what_is_no_plain_selector_is_refused_in_its_place() {
        let queries = [
            "sum(rate(m[1m]))",
            "m[5m]",
            "m offset 1m",
            "m / n",
            "",
            "{code=\"1\"}",
            "{__name__=~\"m.*\"}",
            "m{code}",
            "m{code=5}",
            "m{code=\"5}",
            r#"m{code="\q"}"#,
            "m{code=~\"(\"}",
            "m{code=~\"a)|(b\"}",
            "m{a=\"1\" b=\"2\"}",
            "m{code=~\"((x{1000}){1000}){1000}\"}",
        ];
        insta::assert_snapshot!(queries.map(|query| Selector::parse(query).unwrap_err().to_string()).join("\n"), @r#"
        read the selector `sum(rate(m[1m]))` at character 4: scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `m[5m]` at character 2: scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `m offset 1m` at character 3: scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `m / n` at character 3: scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `` at character 1: there is no metric name; scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `{code="1"}` at character 11: there is no metric name; scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `{__name__=~"m.*"}` at character 17: the name of the metric is matched; scrape answers plain selectors only; use the prometheus provider for expressions
        read the selector `m{code}` at character 7: one of =, !=, =~ and !~ was expected
        read the selector `m{code=5}` at character 8: a quoted value was expected
        read the selector `m{code="5}` at character 8: the quoted value does not end
        read the selector `m{code="\q"}` at character 8: the quoted value has an unknown escape
        read the selector `m{code=~"("}` at character 12: the regular expression is not accepted: found open group without closing ')'
        read the selector `m{code=~"a)|(b"}` at character 16: the regular expression is not accepted: found closing ')' without matching '('
        read the selector `m{a="1" b="2"}` at character 9: a comma or a closing brace was expected
        read the selector `m{code=~"((x{1000}){1000}){1000}"}` at character 34: the regular expression is not accepted: compiled regex exceeded size limit
        "#);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(query in any::<String>()) {
            drop(Selector::parse(&query));
        }

        #[test]
        fn text_of_the_grammar_s_own_characters_is_read_or_refused(query in "m?[{}a=~!\"'`\\\\xu0,é ]{0,40}") {
            drop(Selector::parse(&query));
        }
    }
}
