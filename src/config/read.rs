//! A serde deserializer over the located tree: every error knows its place and its path of keys.
//!
//! It goes on after an error where it can: an unknown key is left out, a wrong scalar is replaced by one that
//! parses. What is read after an error is thrown away, never used.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::{F64Deserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, Visitor};

use super::error::{MOST, Problem};
use super::location::{Extent, Path};
use super::nearest;
use super::values::{TEXT_OR_MAP, TYPED, Typed, Written};
use super::yaml::{Entry, Node, Value};

/// What the tree says in the shape of `T`, or everything that was found wrong with its shape.
pub fn read<T: DeserializeOwned>(tree: &Node) -> Result<T, Vec<Problem>> {
    let found = RefCell::new(Vec::new());
    let read = T::deserialize(Reader { node: tree, key_at: None, path: Path::default(), found: &found });
    let mut problems = found.into_inner();
    match read {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.push(error.located(tree.at, &Path::default()).0.into_problem(tree.at));
            Err(problems)
        }
    }
}

#[derive(Clone)]
struct Reader<'t> {
    node: &'t Node,
    key_at: Option<Extent>,
    path: Path,
    found: &'t RefCell<Vec<Problem>>,
}

/// An error that ends the reading of the structure around it.
#[derive(Debug)]
struct ReadError(Box<Fragment>);

#[derive(Debug)]
struct Fragment {
    message: String,
    mend: Option<String>,
    place: Option<(Extent, Path)>,
}

impl Fragment {
    fn into_problem(self, root: Extent) -> Problem {
        let (at, path) = self.place.unwrap_or((root, Path::default()));
        Problem { message: self.message, mend: self.mend, at: Some(at), path }
    }
}

impl ReadError {
    fn located(mut self, at: Extent, path: &Path) -> Self {
        self.0.place.get_or_insert_with(|| (at, path.clone()));
        self
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(Fragment { message: message.to_string(), mend: None, place: None }))
    }

    fn missing_field(field: &'static str) -> Self {
        let mut error = Self::custom(format_args!("the key `{field}` is missing"));
        error.0.mend = Some("add it".to_owned());
        error
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }
}

impl Reader<'_> {
    fn place(&self) -> Extent {
        self.node.place(self.key_at)
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.place(), self.path.clone(), message)
    }

    fn report(&self, problem: Problem) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST {
            found.push(problem);
        }
    }

    fn mismatch(&self, expected: &str) -> Problem {
        let problem = self.problem(format!("expected {expected}, found {}", self.node.value.kind()));
        match self.node.value {
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) if expected == "text" => {
                problem.mend("put it in quotes if it is meant as text")
            }
            _ => problem,
        }
    }

    fn fail<T>(&self, problem: Problem) -> Result<T, ReadError> {
        let Problem { message, mend, at, path } = problem;
        let place = Some((at.unwrap_or_else(|| self.place()), path));
        Err(ReadError(Box::new(Fragment { message, mend, place })))
    }

    /// Text outside of a secret field names no secret.
    fn checked_text<'a>(&self, text: &'a str) -> &'a str {
        if text.contains("${env:") {
            self.report(
                self.problem("a secret is named in a field that is not secret")
                    .mend("secrets go only into `bearer`, `password` and the values of `headers`"),
            );
        }
        text
    }

    fn whole_number(&self) -> i128 {
        if let Value::Integer(number) = self.node.value {
            return number;
        }
        self.report(self.mismatch("a whole number"));
        0
    }

    fn typed<'de, V: Visitor<'de>>(&self, typed: &'static Typed, visitor: V) -> Result<V::Value, ReadError> {
        let written = match &self.node.value {
            Value::Text(text) => Some(Written::Text(text)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "the parser judges the size; digits beyond 2^53 do not matter"
            )]
            Value::Integer(number) => Some(Written::Number(*number as f64)),
            Value::Float(number) => Some(Written::Number(*number)),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
        };
        let problem = match written.map(|written| (written, (typed.check)(written))) {
            Some((Written::Text(text), Ok(()))) => {
                return visitor.visit_newtype_struct(StrDeserializer::new(text));
            }
            Some((Written::Number(number), Ok(()))) => {
                return visitor.visit_newtype_struct(F64Deserializer::new(number));
            }
            Some((Written::Text(text), Err(_))) if !typed.secret && text.contains("${env:") => {
                self.checked_text(text);
                None
            }
            Some((_, Err(wrong))) => Some(self.problem(wrong.message).mend(wrong.mend)),
            None => Some(self.mismatch(typed.expected)),
        };
        if let Some(mut problem) = problem {
            if typed.secret && self.node.value == Value::Null {
                // A key without a value may be the secret itself, put in the wrong place.
                problem.path.0.pop();
            }
            self.report(problem);
        }
        visitor.visit_newtype_struct(StrDeserializer::new(typed.placeholder))
    }
}

macro_rules! whole_numbers {
    ($($deserialize:ident => $visit:ident as $type:ty),*) => { $(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            let number = self.whole_number();
            match <$type>::try_from(number) {
                Ok(number) => visitor.$visit(number),
                Err(_) => {
                    let (least, most) = (<$type>::MIN, <$type>::MAX);
                    self.report(self.problem(format!("expected a whole number from {least} to {most}")));
                    visitor.$visit(0)
                }
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let (place, path) = (self.place(), self.path.clone());
        let read = match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => {
                    return self.fail(self.problem("the number is too large").mend("quote it if it is text"));
                }
            },
            Value::Float(number) if number.is_finite() => visitor.visit_f64(*number),
            Value::Float(_) => return self.fail(self.mismatch("a finite number")),
            Value::Text(text) => visitor.visit_str(self.checked_text(text)),
            Value::List(_) => return self.deserialize_seq(visitor),
            Value::Map(_) => return self.deserialize_map(visitor),
        };
        read.map_err(|error: ReadError| error.located(place, &path))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if let Value::Bool(value) = self.node.value {
            return visitor.visit_bool(value);
        }
        self.report(self.mismatch("true or false"));
        visitor.visit_bool(false)
    }

    whole_numbers! {
        deserialize_i8 => visit_i8 as i8, deserialize_i16 => visit_i16 as i16,
        deserialize_i32 => visit_i32 as i32, deserialize_i64 => visit_i64 as i64,
        deserialize_u8 => visit_u8 as u8, deserialize_u16 => visit_u16 as u16,
        deserialize_u32 => visit_u32 as u32, deserialize_u64 => visit_u64 as u64
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.node.value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the field is a float: digits beyond 2^53 do not matter"
            )]
            Value::Integer(number) => visitor.visit_f64(number as f64),
            Value::Float(number) if number.is_finite() => visitor.visit_f64(number),
            _ => {
                self.report(self.mismatch("a number"));
                visitor.visit_f64(0.0)
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if let Value::Text(text) = &self.node.value {
            return visitor.visit_str(self.checked_text(text));
        }
        self.report(self.mismatch("text"));
        visitor.visit_str("")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.node.value == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match TYPED.iter().find(|typed| typed.name == name) {
            Some(typed) => self.typed(typed, visitor),
            // What is written as a text or as a map of its parts.
            None if name == TEXT_OR_MAP && !matches!(self.node.value, Value::Map(_)) => {
                self.deserialize_str(visitor)
            }
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let (place, path) = (self.place(), self.path.clone());
        let items: &[Node] = if let Value::List(items) = &self.node.value {
            items
        } else {
            self.report(self.mismatch("a list"));
            &[]
        };
        visitor
            .visit_seq(Items { reader: self, left: items.iter(), next: 0 })
            .map_err(|error| error.located(place, &path))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let (place, path) = (self.place(), self.path.clone());
        let entries: &[Entry] = if let Value::Map(entries) = &self.node.value {
            entries
        } else {
            self.report(self.mismatch("a map"));
            &[]
        };
        visitor
            .visit_map(Entries { reader: self, left: entries.iter(), value: None, known: None })
            .map_err(|error| error.located(place, &path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let (place, path) = (self.key_at.unwrap_or(self.node.at), self.path.clone());
        let Value::Map(entries) = &self.node.value else {
            return self.fail(self.mismatch("a map"));
        };
        for entry in entries.iter().filter(|entry| !fields.contains(&entry.key.as_str())) {
            let message = if fields.is_empty() {
                format!("unknown key `{}`: no key is expected here", entry.key)
            } else {
                format!("unknown key `{}`", entry.key)
            };
            let mut problem = Problem::new(entry.key_at, path.key(&entry.key), message);
            problem.mend = (!fields.is_empty()).then(|| nearest::of(&entry.key, fields.iter().copied()));
            self.report(problem);
        }
        visitor
            .visit_map(Entries { reader: self, left: entries.iter(), value: None, known: Some(fields) })
            .map_err(|error| error.located(place, &path))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let one_of = || nearest::list(variants.iter().copied());
        let (name, name_at, content) = match &self.node.value {
            Value::Text(name) => (name, self.place(), None),
            Value::Map(entries) => match entries.as_slice() {
                [entry] => (&entry.key, entry.key_at, Some(entry)),
                _ => {
                    return self.fail(
                        self.problem(format!("expected exactly one of {}", one_of()))
                            .mend("keep one key here"),
                    );
                }
            },
            _ => return self.fail(self.mismatch(&format!("one of {}", one_of()))),
        };
        if !variants.contains(&name.as_str()) {
            let problem = Problem::new(name_at, self.path.clone(), format!("unknown value `{name}`"));
            return self.fail(problem.mend(nearest::of(name, variants.iter().copied())));
        }
        let (place, path) = (name_at, self.path.clone());
        visitor
            .visit_enum(Variant { reader: self, name, content })
            .map_err(|error: ReadError| error.located(place, &path))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'t> {
    reader: Reader<'t>,
    left: std::slice::Iter<'t, Node>,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let Some(node) = self.left.next() else { return Ok(None) };
        let path = self.reader.path.index(self.next);
        self.next += 1;
        seed.deserialize(Reader { node, key_at: None, path, found: self.reader.found }).map(Some)
    }
}

struct Entries<'t> {
    reader: Reader<'t>,
    left: std::slice::Iter<'t, Entry>,
    value: Option<&'t Entry>,
    known: Option<&'static [&'static str]>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let known = self.known;
        let is_known = |entry: &&Entry| known.is_none_or(|known| known.contains(&entry.key.as_str()));
        let Some(entry) = self.left.by_ref().find(is_known) else { return Ok(None) };
        self.value = Some(entry);
        seed.deserialize(StrDeserializer::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some(entry) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(Reader {
            node: &entry.value,
            key_at: Some(entry.key_at),
            path: self.reader.path.key(&entry.key),
            found: self.reader.found,
        })
    }
}

struct Variant<'t> {
    reader: Reader<'t>,
    name: &'t str,
    content: Option<&'t Entry>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ReadError> {
        let name: StrDeserializer<'_, ReadError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        match self.content {
            None => Ok(()),
            Some(_) => self.reader.fail(self.reader.mismatch("text")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadError> {
        if let Some(entry) = self.content {
            return seed.deserialize(Reader {
                node: &entry.value,
                key_at: Some(entry.key_at),
                path: self.reader.path.key(&entry.key),
                found: self.reader.found,
            });
        }
        let name = self.name;
        let problem = self.reader.problem(format!("`{name}` comes with settings"));
        self.reader
            .fail(problem.mend(format!("write `{{ {name}: {{}} }}`, with its settings between the braces")))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.reader.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.reader.deserialize_struct("", fields, visitor)
    }
}
