//! The parts of forms: which schema a part has, and of which media type it is where nobody says.

use super::{Description, Format, SchemaId, Types};

/// How many schemas are looked at: a form that hides its parts deeper is taken to have none that it does not encode.
const LOOKS: usize = 64;

impl Description<'_> {
    /// The schema of a part of a form, as far as the form's schema names its properties: through references and
    /// conjunctions.
    #[must_use]
    pub fn part_of(&self, form: Option<SchemaId>, part: &str) -> Option<SchemaId> {
        let mut waiting: Vec<SchemaId> = form.into_iter().collect();
        let mut looks = 0;
        while let Some(id) = waiting.pop() {
            looks += 1;
            let schema = &self.schemas[id.0 as usize];
            if let Ok(at) = schema.properties.binary_search_by(|property| property.name.cmp(part)) {
                return Some(schema.properties[at].schema);
            }
            if looks < LOOKS {
                waiting.extend(schema.reference);
                waiting.extend(&schema.all_of);
            }
        }
        None
    }

    /// The media type of a part with this schema where nobody says (OpenAPI 3.0.4 and 3.1.1, Encoding Object); none where
    /// that is not clear.
    #[must_use]
    pub fn usual_content_type(&self, schema: SchemaId) -> Option<&'static str> {
        let mut id = schema;
        for _ in 0..LOOKS {
            let schema = &self.schemas[id.0 as usize];
            let Some(types) = schema.types.map(|set| set.value) else {
                match (schema.reference, schema.all_of.as_slice()) {
                    (Some(target), []) => id = target,
                    (None, &[only]) => id = only,
                    _ => return None,
                }
                continue;
            };
            let is = |kind: Types| kind.contains(types.without(Types::NULL));
            let text = "text/plain";
            return match () {
                () if types.without(Types::NULL).is_none() => None,
                // The parts of a list are its items.
                () if is(Types::ARRAY) => {
                    id = schema.items?;
                    continue;
                }
                () if is(Types::OBJECT) => Some("application/json"),
                () if is(Types::NUMBER.or(Types::BOOLEAN)) => Some(text),
                () if !is(Types::STRING) => None,
                () => match (self.format, schema.format.map(|format| format.value)) {
                    (Format::V2 | Format::V3_0, Some("binary")) => Some("application/octet-stream"),
                    (Format::V2 | Format::V3_0, _) => Some(text),
                    // Left over from the version before, where it has another default.
                    (_, Some("binary" | "byte")) => None,
                    _ if schema.content_encoding.is_some() => Some("application/octet-stream"),
                    _ => Some(text),
                },
            };
        }
        None
    }
}
