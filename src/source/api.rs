//! A commit at GitHub, over its REST API.

/// Why the API did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("placeholder")]
pub struct ApiError;
