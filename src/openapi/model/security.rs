//! Who may call: requirements as an OR of ANDs, and schemes by what they ask for.

use super::schema::Set;
use super::trail::At;

/// Alternatives, any of which suffices. No alternatives at all means that nothing is asked for.
#[derive(Debug, Clone)]
pub struct SecurityRequirement<'t> {
    /// Where it stands.
    pub at: At,
    /// Each an AND of schemes with scopes, ascending by name; an empty one admits everybody.
    pub alternatives: Vec<Vec<(&'t str, Vec<&'t str>, At)>>,
}

/// A security scheme.
#[derive(Debug, Clone)]
pub struct SecurityScheme<'t> {
    /// Where it stands.
    pub at: At,
    /// What it asks for.
    pub kind: SchemeKind<'t>,
}

/// What a security scheme asks for.
#[derive(Debug, Clone)]
pub enum SchemeKind<'t> {
    /// A key in a header, query or cookie.
    ApiKey {
        /// `name`.
        name: Set<&'t str>,
        /// `in`.
        place: Set<&'t str>,
    },
    /// HTTP authentication.
    Http {
        /// `scheme`, in lower case by comparison.
        scheme: Set<&'t str>,
        /// `bearerFormat`.
        bearer_format: Option<&'t str>,
    },
    /// Mutual TLS.
    MutualTls,
    /// OAuth 2.
    OAuth2(Vec<Flow<'t>>),
    /// The protocol of `openIdConnect`.
    OpenIdConnect {
        /// `openIdConnectUrl`.
        url: Set<&'t str>,
    },
    /// It could not be read, or its type is unknown: the type as it stands there.
    Unknown(Option<&'t str>),
}

/// A flow of OAuth 2.
#[derive(Debug, Clone)]
pub struct Flow<'t> {
    /// `implicit`, `password`, `clientCredentials`, `authorizationCode`, `deviceAuthorization`.
    pub kind: &'t str,
    /// Where it stands.
    pub at: At,
    /// `authorizationUrl`.
    pub authorization_url: Option<Set<&'t str>>,
    /// `tokenUrl`.
    pub token_url: Option<Set<&'t str>>,
    /// `refreshUrl`.
    pub refresh_url: Option<Set<&'t str>>,
    /// Scopes, ascending.
    pub scopes: Vec<Set<&'t str>>,
}
