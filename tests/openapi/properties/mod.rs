//! Properties of the comparison over drawn schemas: what means the same is no alarm, and no value contradicts a verdict.
//!
//! Schemas ([`schemas`]), edits of them ([`edits`]), other spellings ([`spellings`]) and values ([`values`]) are drawn here
//! and nowhere else, and know nothing of how schemas are compared; who is right about a value is said by the `jsonschema`
//! crate ([`world::Oracle`]). `PROPTEST_CASES` and `PROPTEST_RNG_SEED` draw more cases and others.

mod edits;
mod laws;
mod moved;
mod same;
mod schemas;
mod sound;
mod spellings;
mod values;
mod walk;
mod world;

pub(super) use sound::contradiction;
