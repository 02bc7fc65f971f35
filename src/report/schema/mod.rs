//! Reports of the differences of two descriptions, one renderer per file. Pure over the report and, for excerpts, the
//! trees of both sides.
//!
//! `place` says where a finding belongs and puts findings of one place together; `words` holds the sentences that all
//! forms share; `sources` finds the lines to quote. Everything that a description says is foreign, the message of a
//! finding included, and passes `support::text` here. No form is longer than its reader allows: what does not fit is
//! counted, the gravest is kept.

pub mod catalogue;
pub mod check;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod place;
pub mod publication;
pub mod release;
pub mod sarif;
pub mod sources;
pub mod text;
pub mod validation;
pub mod words;
