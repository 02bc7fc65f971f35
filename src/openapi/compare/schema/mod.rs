//! Schemas.

use super::pairs::Comparison;
use crate::openapi::model::SchemaId;
use crate::openapi::rules::Place;

pub(super) fn compare(_comparison: &mut Comparison<'_, '_>, _old: SchemaId, _new: SchemaId, _place: Place) {}
