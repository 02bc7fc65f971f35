//! A JSON reader (RFC 8259) for the few settings of a policy.
//!
//! It exists for size: the usual crates bring the printing of floating numbers with them and double the
//! policy. Numbers are read to the nearest double. Of a key that comes twice, both are kept.

/// How deep values may nest.
const DEPTH: u32 = 32;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `true` or `false`.
    Word,
    /// A number; infinite if it is beyond the range of a double.
    Number(f64),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Members in the order in which they were written.
    Object(Vec<(String, Value)>),
}

/// Reads one value, with nothing but white space around it.
pub fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(DEPTH)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Passes over `token` and the white space before it, if it comes next.
    fn accept(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        self.accept(token).then_some(())
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if self.accept("{") {
            return self.members(depth);
        }
        if self.accept("[") {
            return self.entries(depth);
        }
        if self.accept("\"") {
            return self.string().map(Value::String);
        }
        if ["null", "true", "false"].into_iter().any(|word| self.accept(word)) {
            return Some(Value::Word);
        }
        self.number()
    }

    fn members(&mut self, depth: u32) -> Option<Value> {
        let mut members = Vec::new();
        if self.accept("}") {
            return Some(Value::Object(members));
        }
        loop {
            self.expect("\"")?;
            let key = self.string()?;
            self.expect(":")?;
            members.push((key, self.value(depth)?));
            if self.accept("}") {
                return Some(Value::Object(members));
            }
            self.expect(",")?;
        }
    }

    fn entries(&mut self, depth: u32) -> Option<Value> {
        let mut entries = Vec::new();
        if self.accept("]") {
            return Some(Value::Array(entries));
        }
        loop {
            entries.push(self.value(depth)?);
            if self.accept("]") {
                return Some(Value::Array(entries));
            }
            self.expect(",")?;
        }
    }

    /// Reads on behind an opening quotation mark.
    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => text.push(match characters.next()? {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => unicode(&mut characters)?,
                    other @ ('"' | '\\' | '/') => other,
                    _ => return None,
                }),
                control if control < ' ' => return None,
                other => text.push(other),
            }
        }
        self.rest = characters.as_str();
        Some(text)
    }

    fn number(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        // The standard library reads more than JSON allows: a leading plus or zero, a bare dot.
        let digits = number.strip_prefix('-').unwrap_or(number);
        let whole = digits.split(['.', 'e', 'E']).next()?;
        let is_number = !whole.is_empty()
            && whole.bytes().all(|byte| byte.is_ascii_digit())
            && (whole == "0" || !whole.starts_with('0'))
            && !digits.split(['e', 'E']).next()?.ends_with('.');
        self.rest = rest;
        is_number.then(|| number.parse().ok().map(Value::Number))?
    }
}

/// The character of four hexadecimal digits, or of two such escapes that make a surrogate pair.
fn unicode(characters: &mut std::str::Chars<'_>) -> Option<char> {
    let first = hexadecimal(characters)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    if characters.next()? != '\\' || characters.next()? != 'u' {
        return None;
    }
    let second = hexadecimal(characters)?;
    let is_pair = (0xdc00..0xe000).contains(&second);
    is_pair.then(|| char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)))?
}

fn hexadecimal(characters: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut code = 0;
    for _ in 0..4 {
        code = code * 16 + characters.next()?.to_digit(16)?;
    }
    Some(code)
}
