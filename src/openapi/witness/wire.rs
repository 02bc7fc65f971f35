//! How a value is written into a request or a header, and which value a text is read as: the styles of OpenAPI.
//!
//! Pure text: nothing here knows a schema. What a style leaves open is neither written nor read.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::openapi::model::{ParameterIn, Serialisation, Types};

/// The way in which a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form<'s> {
    pub(super) name: &'s str,
    pub(super) place: ParameterIn,
    pub(super) style: &'s str,
    pub(super) explode: bool,
    /// As JSON, whatever the style.
    pub(super) json: bool,
}

impl<'s> Form<'s> {
    /// That of a parameter or header.
    pub(super) fn of(name: &'s str, place: ParameterIn, written: &Serialisation<'s>) -> Self {
        let json = !written.content.is_empty();
        Self { name, place, style: written.style, explode: written.explode, json }
    }

    fn in_pairs(&self) -> bool {
        matches!(self.place, ParameterIn::Query | ParameterIn::Cookie)
    }

    /// What stands between items that are not told apart by the name.
    fn separator(&self) -> &'static str {
        match (self.style, self.place) {
            ("pipeDelimited", _) => "|",
            ("spaceDelimited", _) => "%20",
            ("tsv", _) => "%09",
            ("label", _) if self.explode => ".",
            _ => ",",
        }
    }

    fn text(&self, scalar: &Value) -> Option<String> {
        let text = match scalar {
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => return None,
            scalar => scalar.to_string(),
        };
        match self.place {
            // Headers are not encoded: what would end an item is not written.
            ParameterIn::Header => (!text.contains([',', '=']) && text.trim() == text).then_some(text),
            ParameterIn::Path => Some(encoded(&text, true)),
            _ => Some(encoded(&text, false)),
        }
    }
}

/// Texts with the names that they are written under, in order.
pub(super) type Pairs = Vec<(String, String)>;

/// What `value` is written as; none where the style does not say.
pub(super) fn write(form: &Form<'_>, value: &Value) -> Option<Pairs> {
    let own = |text: String| vec![(encoded(form.name, false), text)];
    if form.json {
        let text = value.to_string();
        return Some(own(if form.place == ParameterIn::Header { text } else { encoded(&text, false) }));
    }
    let exploded = form.explode && form.style != "deepObject";
    match value {
        Value::Array(items) => {
            if form.style == "deepObject" {
                return None;
            }
            let texts: Vec<String> = items.iter().map(|item| form.text(item)).collect::<Option<_>>()?;
            if form.in_pairs() && exploded {
                return Some(texts.into_iter().map(|text| (encoded(form.name, false), text)).collect());
            }
            Some(own(match form.style {
                "matrix" if exploded => texts.iter().fold(String::new(), |mut all, text| {
                    let _ = write!(all, ";{}={text}", form.name);
                    all
                }),
                "matrix" => format!(";{}={}", form.name, texts.join(",")),
                "label" => format!(".{}", texts.join(form.separator())),
                _ => texts.join(form.separator()),
            }))
        }
        Value::Object(members) => {
            let texts: Vec<(String, String)> = members
                .iter()
                .map(|(name, member)| Some((form.text(&Value::String(name.clone()))?, form.text(member)?)))
                .collect::<Option<_>>()?;
            if form.style == "deepObject" {
                let name = encoded(form.name, false);
                return Some(texts.into_iter().map(|(key, text)| (format!("{name}[{key}]"), text)).collect());
            }
            if form.in_pairs() && exploded {
                return Some(texts);
            }
            let joined = |between: &str, separator: &str| {
                let texts: Vec<String> =
                    texts.iter().map(|(key, text)| format!("{key}{between}{text}")).collect();
                texts.join(separator)
            };
            Some(own(match (form.style, exploded) {
                ("matrix", true) => format!(";{}", joined("=", ";")),
                ("matrix", false) => format!(";{}={}", form.name, joined(",", ",")),
                ("label", true) => format!(".{}", joined("=", ".")),
                ("label", false) => format!(".{}", joined(",", ",")),
                (_, true) => joined("=", ","),
                (_, false) => joined(form.separator(), form.separator()),
            }))
        }
        scalar => {
            let text = form.text(scalar)?;
            Some(own(match form.style {
                "matrix" => format!(";{}={text}", form.name),
                "label" => format!(".{text}"),
                _ => text,
            }))
        }
    }
}

/// What becomes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// It is no text of this form.
    Refused,
    /// Nothing is written under this name.
    Absent,
    /// It is this value, whose scalars are all texts.
    Value(Value),
}

/// What `pairs` are read as where a value of one of `types` is looked for.
pub(super) fn read(form: &Form<'_>, types: Types, pairs: &[(String, String)]) -> Read {
    let found = match types {
        Types::ARRAY => items(form, pairs),
        Types::OBJECT => members(form, pairs),
        _ => single(form, pairs).map(|text| text.map(Value::String)),
    };
    match found {
        None => Read::Refused,
        Some(None) => Read::Absent,
        Some(Some(value)) => Read::Value(value),
    }
}

/// None where it is refused, and nothing within that where it is absent.
type Found<T> = Option<Option<T>>;

fn named<'p>(form: &Form<'_>, pairs: &'p [(String, String)]) -> Vec<&'p str> {
    let name = encoded(form.name, false);
    pairs.iter().filter(|(other, _)| *other == name).map(|(_, text)| text.as_str()).collect()
}

/// The one text of the name, without what a style puts in front of it.
fn raw<'p>(form: &Form<'_>, pairs: &'p [(String, String)]) -> Found<&'p str> {
    let text = match named(form, pairs).as_slice() {
        [] => return Some(None),
        [one] => *one,
        _ => return None,
    };
    match form.style {
        _ if form.json => Some(Some(text)),
        "label" => text.strip_prefix('.').map(Some),
        "matrix" if form.explode => text.strip_prefix(';').map(Some),
        "matrix" => text.strip_prefix(&format!(";{}=", form.name)).map(Some),
        _ => Some(Some(text)),
    }
}

fn json(form: &Form<'_>, pairs: &[(String, String)]) -> Found<Value> {
    let Some(text) = raw(form, pairs)? else { return Some(None) };
    let text = if form.place == ParameterIn::Header { text.to_owned() } else { decoded(text) };
    serde_json::from_str(&text).ok().map(Some)
}

fn single(form: &Form<'_>, pairs: &[(String, String)]) -> Found<String> {
    if form.json {
        return match json(form, pairs)? {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text)),
            Some(Value::Array(_) | Value::Object(_)) => None,
            Some(scalar) => Some(Some(scalar.to_string())),
        };
    }
    let Some(text) = raw(form, pairs)? else { return Some(None) };
    let own = format!("{}=", form.name);
    let text = if form.style == "matrix" && form.explode { text.strip_prefix(&own)? } else { text };
    Some(Some(decoded(text)))
}

fn items(form: &Form<'_>, pairs: &[(String, String)]) -> Found<Value> {
    if form.json {
        return json(form, pairs)?.map_or(Some(None), |value| value.is_array().then_some(Some(value)));
    }
    if form.style == "deepObject" {
        return named(form, pairs).is_empty().then_some(None);
    }
    let texts: Vec<String> = if form.in_pairs() && form.explode {
        let own = named(form, pairs);
        if own.is_empty() {
            return Some(None);
        }
        own.into_iter().map(decoded).collect()
    } else {
        let Some(text) = raw(form, pairs)? else { return Some(None) };
        if form.style == "matrix" && form.explode {
            let own = format!("{}=", form.name);
            text.split(';').map(|text| text.strip_prefix(&own).map(decoded)).collect::<Option<_>>()?
        } else {
            split(form, text)
        }
    };
    Some(Some(texts.into_iter().map(Value::String).collect()))
}

/// The parts of a text; a separator may be written as it is, or encoded.
fn split(form: &Form<'_>, text: &str) -> Vec<String> {
    let plain = match form.separator() {
        "|" => text.replace("%7C", "|").replace("%7c", "|"),
        "%20" => text.replace('+', "%20"),
        _ => text.to_owned(),
    };
    plain.split(form.separator()).map(decoded).collect()
}

fn members(form: &Form<'_>, pairs: &[(String, String)]) -> Found<Value> {
    if form.json {
        return json(form, pairs)?.map_or(Some(None), |value| value.is_object().then_some(Some(value)));
    }
    let mut all: Vec<(String, String)> = Vec::new();
    if form.style == "deepObject" {
        let name = encoded(form.name, false);
        if !named(form, pairs).is_empty() {
            return None;
        }
        for (key, text) in pairs {
            let inner = key.strip_prefix(&name).and_then(|rest| rest.strip_prefix('['));
            if let Some(key) = inner.and_then(|rest| rest.strip_suffix(']')) {
                all.push((decoded(key), decoded(text)));
            }
        }
        if all.is_empty() {
            return Some(None);
        }
    } else if form.in_pairs() && form.explode {
        all.extend(pairs.iter().map(|(key, text)| (decoded(key), decoded(text))));
    } else {
        let Some(text) = raw(form, pairs)? else { return Some(None) };
        if form.explode {
            let separator = match form.style {
                "matrix" => ";",
                "label" => ".",
                _ => ",",
            };
            for one in text.split(separator) {
                let (key, text) = one.split_once('=')?;
                all.push((decoded(key), decoded(text)));
            }
        } else {
            let texts = split(form, text);
            if texts.len() % 2 == 1 {
                return None;
            }
            all.extend(texts.chunks_exact(2).map(|two| (two[0].clone(), two[1].clone())));
        }
    }
    let mut members = Map::new();
    for (key, text) in all {
        if members.insert(key, Value::String(text)).is_some() {
            return None;
        }
    }
    Some(Some(Value::Object(members)))
}

/// A value with all of its scalars as texts: what is left of it on the wire.
pub(super) fn texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(texts).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), texts(member))).collect())
        }
        Value::String(text) => Value::String(text.clone()),
        scalar => Value::String(scalar.to_string()),
    }
}

/// Percent-encodes what a URL does not take literally (RFC 3986, section 2.3); a colon stays in a path.
pub(super) fn encoded(text: &str, path: bool) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (path && b":@".contains(&byte)) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(place: ParameterIn, style: &'static str, explode: bool) -> Form<'static> {
        Form { name: "color", place, style, explode, json: false }
    }

    fn text(form: Form<'_>, value: &Value) -> String {
        let pairs = write(&form, value).unwrap();
        let whole = |(name, text): &(String, String)| match form.place {
            ParameterIn::Query => format!("{name}={text}"),
            _ => text.clone(),
        };
        pairs.iter().map(whole).collect::<Vec<_>>().join("&")
    }

    /// The table of examples of the OpenAPI Specification 3.1.1, section 4.8.12.4 (Style Examples).
    #[test]
    fn values_are_written_as_the_specification_shows() {
        let (array, object) =
            (json!(["blue", "black", "brown"]), json!({ "R": "100", "G": "200", "B": "150" }));
        // Members in the order of their names.
        for (place, style, explode, list, members) in [
            (ParameterIn::Path, "matrix", false, ";color=blue,black,brown", ";color=B,150,G,200,R,100"),
            (ParameterIn::Path, "matrix", true, ";color=blue;color=black;color=brown", ";B=150;G=200;R=100"),
            (ParameterIn::Path, "label", false, ".blue,black,brown", ".B,150,G,200,R,100"),
            (ParameterIn::Path, "label", true, ".blue.black.brown", ".B=150.G=200.R=100"),
            (ParameterIn::Path, "simple", false, "blue,black,brown", "B,150,G,200,R,100"),
            (ParameterIn::Path, "simple", true, "blue,black,brown", "B=150,G=200,R=100"),
            (ParameterIn::Query, "form", false, "color=blue,black,brown", "color=B,150,G,200,R,100"),
            (ParameterIn::Query, "form", true, "color=blue&color=black&color=brown", "B=150&G=200&R=100"),
            (
                ParameterIn::Query,
                "spaceDelimited",
                false,
                "color=blue%20black%20brown",
                "color=B%20150%20G%20200%20R%20100",
            ),
            (ParameterIn::Query, "pipeDelimited", false, "color=blue|black|brown", "color=B|150|G|200|R|100"),
        ] {
            let form = form(place, style, explode);
            assert_eq!(text(form, &array), list, "{style} {explode}");
            assert_eq!(text(form, &object), members, "{style} {explode}");
            for (value, types) in [(&array, Types::ARRAY), (&object, Types::OBJECT)] {
                let read = read(&form, types, &write(&form, value).unwrap());
                assert_eq!(read, Read::Value(value.clone()), "{style} {explode}");
            }
        }
        let deep = form(ParameterIn::Query, "deepObject", true);
        assert_eq!(text(deep, &object), "color[B]=150&color[G]=200&color[R]=100");
        assert_eq!(read(&deep, Types::OBJECT, &write(&deep, &object).unwrap()), Read::Value(object));
        assert_eq!(write(&deep, &array), None);
    }

    #[test]
    fn a_text_of_one_style_is_not_that_of_another() {
        let (repeated, joined) =
            (form(ParameterIn::Query, "form", true), form(ParameterIn::Query, "form", false));
        let piped = form(ParameterIn::Query, "pipeDelimited", false);
        let value = json!(["a", "b"]);
        let twice = write(&repeated, &value).unwrap();
        assert_eq!(read(&joined, Types::ARRAY, &twice), Read::Refused);
        assert_eq!(read(&joined, Types::STRING, &twice), Read::Refused);
        let once = write(&joined, &value).unwrap();
        assert_eq!(read(&repeated, Types::ARRAY, &once), Read::Value(json!(["a,b"])));
        assert_eq!(read(&piped, Types::ARRAY, &once), Read::Value(json!(["a,b"])));
        assert_eq!(read(&piped, Types::ARRAY, &[]), Read::Absent);
    }
}
