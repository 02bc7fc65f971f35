//! Puts the arm into a query: every `{{arm}}` becomes what the arm is called.
//!
//! Pure. A value can never change the query around it: within a string it is escaped for the quotes that it
//! stands in, outside of one it must be part of a name.

/// What a query calls the arm.
pub const PLACEHOLDER: &str = "{{arm}}";

/// The query with `value` for each [`PLACEHOLDER`].
///
/// # Errors
/// Says where a value cannot stand: between backticks with a backtick in it, or in a name with what no name has.
pub fn arm(query: &str, value: &str) -> Result<String, String> {
    let mut done = String::with_capacity(query.len());
    let mut quote: Option<char> = None;
    let mut rest = query;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(PLACEHOLDER) {
            done.push_str(&escaped(value, quote)?);
            rest = after;
            continue;
        }
        let (one, after) = rest.split_at(character.len_utf8());
        done.push_str(one);
        rest = after;
        match (quote, character) {
            (Some('"' | '\''), '\\') => {
                // The escaped character cannot end the string.
                let escaped = rest.chars().next().map_or(0, char::len_utf8);
                done.push_str(&rest[..escaped]);
                rest = &rest[escaped..];
            }
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(character),
            _ => {}
        }
    }
    Ok(done)
}

fn escaped(value: &str, quote: Option<char>) -> Result<String, String> {
    match quote {
        Some('`') if value.contains('`') => {
            Err(format!("{PLACEHOLDER} stands between backticks, but {value:?} has one"))
        }
        Some('`') => Ok(value.to_owned()),
        Some(quote) => Ok(value
            .chars()
            .flat_map(|character| match character {
                '\\' => vec!['\\', '\\'],
                '\n' => vec!['\\', 'n'],
                '\r' => vec!['\\', 'r'],
                _ if character == quote => vec!['\\', quote],
                _ => vec![character],
            })
            .collect()),
        None if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':') => {
            Ok(value.to_owned())
        }
        None => Err(format!("{PLACEHOLDER} stands outside of quotes, but {value:?} is no part of a name")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::selector::Selector;

    #[test]
    fn the_value_is_escaped_for_where_it_stands() {
        assert_eq!(arm(r#"m{a="{{arm}}",b='{{arm}}'}"#, "x").unwrap(), r#"m{a="x",b='x'}"#);
        assert_eq!(
            arm(r#"m{a="{{arm}}"}"#, "q\"} or vector(1) or m{b=\"").unwrap(),
            r#"m{a="q\"} or vector(1) or m{b=\""}"#
        );
        assert_eq!(arm(r#"m{a="\"{{arm}}"}"#, "\"").unwrap(), r#"m{a="\"\""}"#);
        assert_eq!(arm("m{a='{{arm}}'}", "it's\\").unwrap(), r"m{a='it\'s\\'}");
        assert_eq!(arm("m{a=`{{arm}}`}", r"\d").unwrap(), r"m{a=`\d`}");
        assert_eq!(arm("{{arm}}_requests_total", "canary").unwrap(), "canary_requests_total");
    }

    #[test]
    fn a_value_that_would_change_the_query_is_refused() {
        assert_eq!(
            arm("{{arm}}_total", "a or b").unwrap_err(),
            r#"{{arm}} stands outside of quotes, but "a or b" is no part of a name"#
        );
        assert_eq!(
            arm("m{a=`{{arm}}`}", "`").unwrap_err(),
            r#"{{arm}} stands between backticks, but "`" has one"#
        );
    }

    proptest! {
        #[test]
        fn any_value_is_matched_as_it_is(value in any::<String>(), quote in prop_oneof![Just('"'), Just('\'')]) {
            let query = arm(&format!("m{{a={quote}{{{{arm}}}}{quote}}}"), &value).unwrap();
            let selector = Selector::parse(&query).unwrap();
            prop_assert!(selector.selects("m", &[("a".to_owned(), value)].into()));
        }
    }
}
