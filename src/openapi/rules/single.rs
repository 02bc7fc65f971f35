//! The rules that stand alone. Each line: its id, the direction, the level without a proof, whether users know it from
//! elsewhere, and its sentence with the names of the arguments that it takes; those within brackets may be left out.

use std::borrow::Cow;

use super::{Direction, Kind, Level, Rule};

macro_rules! singles {
    ($($name:ident $id:literal $direction:ident $level:ident $known:ident $sentence:literal,)*) => {
        $(
            #[doc = concat!("`", $id, "`\n\n```text\n", $sentence, "\n```")]
            pub static $name: Rule = Rule {
                id: Cow::Borrowed($id),
                level: Level::$level,
                direction: Direction::$direction,
                known: singles!(@known $known),
                kind: Kind::Single($sentence),
            };
        )*

        /// All of them, in the order of their ids.
        pub static ALL: &[&Rule] = &[$(&$name,)*];
    };
    (@known known) => { true };
    (@known ours) => { false };
}

singles! {
    API_BASE_PATH_CHANGED "api-base-path-changed" None Error ours
        "the base path of the servers changes[ from `{from}`][ to `{to}`], so [calls to `{value}` go|every call goes] elsewhere",
    API_DEPRECATED_SUNSET_MISSING "api-deprecated-sunset-missing" None Error known
        "the operation[ `{method} {path}`] is deprecated without the `x-sunset` that its stability asks for",
    API_DEPRECATED_SUNSET_PARSE "api-deprecated-sunset-parse" None Error known
        "the operation[ `{method} {path}`] is deprecated with an `x-sunset` that is no date[: `{value}`]",
    API_GLOBAL_SECURITY_ADDED "api-global-security-added" None Info known
        "every operation without security of its own may now also be called with `{name}`",
    API_GLOBAL_SECURITY_LOOSENED "api-global-security-loosened" None Info ours
        "every operation without security of its own no longer asks for credentials[: {name}]",
    API_GLOBAL_SECURITY_REMOVED "api-global-security-removed" None Error known
        "every operation without security of its own may no longer be called with `{name}`",
    API_GLOBAL_SECURITY_SCOPE_ADDED "api-global-security-scope-added" None Error known
        "every operation without security of its own now asks for the scope `{value}`[ of `{name}`]",
    API_GLOBAL_SECURITY_SCOPE_REMOVED "api-global-security-scope-removed" None Info known
        "every operation without security of its own no longer asks for the scope `{value}`[ of `{name}`]",
    API_GLOBAL_SECURITY_TIGHTENED "api-global-security-tightened" None Error ours
        "every operation without security of its own now asks for credentials[: {name}]",
    API_INVALID_STABILITY_LEVEL "api-invalid-stability-level" None Error known
        "the stability of the operation[ `{method} {path}`] is none that is known[: `{value}`]",
    API_MAJOR_VERSION_NOT_BUMPED "api-major-version-not-bumped" None Info known
        "the description breaks clients and its major version stays[: from `{from}`][ to `{to}`]",
    API_OPERATION_ID_ADDED "api-operation-id-added" None Info known
        "the operation gets the id `{to}`",
    API_OPERATION_ID_REMOVED "api-operation-id-removed" None Info known
        "the operation loses the id `{from}`[ and gets `{to}`]",
    API_PATH_REMOVED_BEFORE_SUNSET "api-path-removed-before-sunset" None Error known
        "the path[ `{path}`] is gone before the day[ {from}] that was announced",
    API_PATH_REMOVED_WITH_DEPRECATION "api-path-removed-with-deprecation" None Info known
        "the path[ `{path}`] is gone after the end that was announced",
    API_PATH_REMOVED_WITHOUT_DEPRECATION "api-path-removed-without-deprecation" None Error known
        "the path[ `{path}`] is gone, and this operation of it was not deprecated",
    API_PATH_SUNSET_PARSE "api-path-sunset-parse" None Error known
        "the path[ `{path}`] is gone, and `x-sunset` of this operation is no date[: `{value}`]",
    API_REMOVED_BEFORE_SUNSET "api-removed-before-sunset" None Error known
        "the operation[ `{method} {path}`] is gone before the day[ {from}] that was announced",
    API_REMOVED_WITH_DEPRECATION "api-removed-with-deprecation" None Info known
        "the operation[ `{method} {path}`] is gone after the end that was announced",
    API_REMOVED_WITHOUT_DEPRECATION "api-removed-without-deprecation" None Error known
        "the operation[ `{method} {path}`] is gone, and it was not deprecated",
    API_SCHEMA_REMOVED "api-schema-removed" None Info known
        "the schema `{name}` is gone from the components",
    API_SECURITY_ADDED "api-security-added" None Info known
        "the operation may now also be called with `{name}`",
    API_SECURITY_COMPONENT_ADDED "api-security-component-added" None Info known
        "the security scheme `{name}` is new",
    API_SECURITY_COMPONENT_API_KEY_IN_CHANGED "api-security-component-api-key-in-changed" None Error ours
        "the key of the security scheme `{name}` is now carried in[ the {to}][ instead of the {from}]",
    API_SECURITY_COMPONENT_API_KEY_NAME_CHANGED "api-security-component-api-key-name-changed" None Error ours
        "the key of the security scheme `{name}` is now called[ `{to}`][ instead of `{from}`]",
    API_SECURITY_COMPONENT_HTTP_SCHEME_CHANGED "api-security-component-http-scheme-changed" None Error ours
        "the HTTP scheme of the security scheme `{name}` changes[ from `{from}`][ to `{to}`]",
    API_SECURITY_COMPONENT_OAUTH_FLOW_ADDED "api-security-component-oauth-flow-added" None Info ours
        "the security scheme `{name}` gets the flow `{value}`",
    API_SECURITY_COMPONENT_OAUTH_FLOW_REMOVED "api-security-component-oauth-flow-removed" None Error ours
        "the security scheme `{name}` loses the flow `{value}`",
    API_SECURITY_COMPONENT_OAUTH_SCOPE_ADDED "api-security-component-oauth-scope-added" None Info known
        "the security scheme `{name}` gets the scope `{value}`",
    API_SECURITY_COMPONENT_OAUTH_SCOPE_CHANGED "api-security-component-oauth-scope-changed" None Info known
        "the description of the scope `{value}` of the security scheme `{name}` changes",
    API_SECURITY_COMPONENT_OAUTH_SCOPE_REMOVED "api-security-component-oauth-scope-removed" None Info known
        "the security scheme `{name}` loses the scope `{value}`",
    API_SECURITY_COMPONENT_OAUTH_TOKEN_URL_CHANGED "api-security-component-oauth-token-url-changed" None Error known
        "the token URL of the security scheme `{name}` changes[ from `{from}`][ to `{to}`]",
    API_SECURITY_COMPONENT_OAUTH_URL_CHANGED "api-security-component-oauth-url-changed" None Error known
        "the authorization URL of the security scheme `{name}` changes[ from `{from}`][ to `{to}`]",
    API_SECURITY_COMPONENT_OPEN_ID_CONNECT_URL_CHANGED "api-security-component-open-id-connect-url-changed" None Error ours
        "the OpenID Connect URL of the security scheme `{name}` changes[ from `{from}`][ to `{to}`]",
    API_SECURITY_COMPONENT_REMOVED "api-security-component-removed" None Info known
        "the security scheme `{name}` is gone",
    API_SECURITY_COMPONENT_TYPE_CHANGED "api-security-component-type-changed" None Error known
        "the type of the security scheme `{name}` changes[ from `{from}`][ to `{to}`]",
    API_SECURITY_COMPONENT_UNUSED_CHANGED "api-security-component-unused-changed" None Info ours
        "the security scheme `{name}` changes, and no operation of the base uses it",
    API_SECURITY_LOOSENED "api-security-loosened" None Info ours
        "the operation no longer asks for credentials[: {name}]",
    API_SECURITY_REMOVED "api-security-removed" None Error known
        "the operation may no longer be called with `{name}`",
    API_SECURITY_SCOPE_ADDED "api-security-scope-added" None Error known
        "the operation now asks for the scope `{value}`[ of `{name}`]",
    API_SECURITY_SCOPE_REMOVED "api-security-scope-removed" None Info known
        "the operation no longer asks for the scope `{value}`[ of `{name}`]",
    API_SECURITY_TIGHTENED "api-security-tightened" None Error ours
        "the operation now asks for credentials[: {name}]",
    API_SERVER_ADDED "api-server-added" None Info ours
        "the server `{name}` is new",
    API_SERVER_REMOVED "api-server-removed" None Warn ours
        "the server `{name}` is gone",
    API_STABILITY_DECREASED "api-stability-decreased" None Error known
        "the stability of the operation[ `{method} {path}`] falls[ from `{from}`][ to `{to}`]",
    API_STABILITY_INCREASED "api-stability-increased" None Info known
        "the stability of the operation[ `{method} {path}`] rises[ from `{from}`][ to `{to}`]",
    API_SUNSET_DATE_CHANGED_TOO_SMALL "api-sunset-date-changed-too-small" None Error known
        "the end of the operation[ `{method} {path}`] moves to an earlier day[: from {from}][ to {to}]",
    API_SUNSET_DATE_TOO_SMALL "api-sunset-date-too-small" None Error known
        "the end of the operation[ `{method} {path}`][ on {to}] is too near for its stability",
    API_TAG_ADDED "api-tag-added" None Info known
        "the operation gets the tag `{name}`",
    API_TAG_REMOVED "api-tag-removed" None Info known
        "the operation loses the tag `{name}`",
    API_VERSION_DECREASED "api-version-decreased" None Info known
        "the version of the description falls[ from `{from}`][ to `{to}`]",
    API_VERSION_NOT_BUMPED "api-version-not-bumped" None Info known
        "the description changes and its version stays[ `{from}`]",
    BASE_UNREADABLE "base-unreadable" None Warn ours
        "{name} cannot be read in the base, so nothing can be said about its change",
    CALLBACK_ADDED "callback-added" None Info ours
        "the callback[ `{method} {path}`] is new",
    CALLBACK_REMOVED "callback-removed" None Error ours
        "the callback[ `{method} {path}`] is gone",
    DESCRIPTION_REMOVED "description-removed" None Error ours
        "the description is gone, and with it all of its operations",
    ENDPOINT_ADDED "endpoint-added" None Info known
        "the operation[ `{method} {path}`] is new",
    ENDPOINT_DEPRECATED "endpoint-deprecated" None Info known
        "the operation[ `{method} {path}`] is now deprecated",
    ENDPOINT_DEPRECATED_WITH_SUNSET "endpoint-deprecated-with-sunset" None Info known
        "the operation[ `{method} {path}`] is now deprecated[ and ends on {to}]",
    ENDPOINT_REACTIVATED "endpoint-reactivated" None Info known
        "the operation[ `{method} {path}`] is no longer deprecated",
    NEW_OPTIONAL_REQUEST_DEFAULT_PARAMETER_TO_EXISTING_PATH "new-optional-request-default-parameter-to-existing-path" Request Info known
        "the [{in} ]parameter `{name}` is new for all operations of the path and need not be sent",
    NEW_OPTIONAL_REQUEST_PARAMETER "new-optional-request-parameter" Request Info known
        "the [{in} ]parameter `{name}` is new and need not be sent",
    NEW_OPTIONAL_REQUEST_PARAMETER_PROPERTY "new-optional-request-parameter-property" Request Info ours
        "the property `{name}` of a parameter is new and need not be sent",
    NEW_OPTIONAL_REQUEST_PROPERTY "new-optional-request-property" Request Info known
        "the request property `{name}` is new and need not be sent",
    NEW_REQUEST_PATH_PARAMETER "new-request-path-parameter" Request Error known
        "the parameter `{name}` of the path is new",
    NEW_REQUIRED_REQUEST_DEFAULT_PARAMETER_TO_EXISTING_PATH "new-required-request-default-parameter-to-existing-path" Request Error known
        "the [{in} ]parameter `{name}` is new for all operations of the path and must be sent",
    NEW_REQUIRED_REQUEST_HEADER_PROPERTY "new-required-request-header-property" Request Error known
        "the property `{name}` of a request header is new and must be sent",
    NEW_REQUIRED_REQUEST_PARAMETER "new-required-request-parameter" Request Error known
        "the [{in} ]parameter `{name}` is new and must be sent",
    NEW_REQUIRED_REQUEST_PARAMETER_PROPERTY "new-required-request-parameter-property" Request Error ours
        "the property `{name}` of a parameter is new and must be sent",
    NEW_REQUIRED_REQUEST_PROPERTY "new-required-request-property" Request Error known
        "the request property `{name}` is new and must be sent",
    NEW_REQUIRED_REQUEST_PROPERTY_WITH_DEFAULT "new-required-request-property-with-default" Request Error known
        "the request property `{name}` is new and must be sent, its default[ {to}] notwithstanding",
    OPTIONAL_RESPONSE_HEADER_REMOVED "optional-response-header-removed" Response Info known
        "[the {in} parameter|the response header] `{name}`, which was not always there, is gone",
    PAYLOAD_MEDIA_TYPE_ADDED "payload-media-type-added" Response Error ours
        "what is sent to clients may now come as `{name}`",
    PAYLOAD_MEDIA_TYPE_REMOVED "payload-media-type-removed" Response Info ours
        "what is sent to clients no longer comes as `{name}`",
    REQUEST_BODY_ENCODING_ALLOW_RESERVED_CHANGED "request-body-encoding-allow-reserved-changed" Request Warn ours
        "`allowReserved` of the part `{name}` of the request body goes from {from} to {to}",
    REQUEST_BODY_ENCODING_CONTENT_TYPE_CHANGED "request-body-encoding-content-type-changed" Request Error ours
        "the content type of the part `{name}` of the request body changes[ from `{from}`][ to `{to}`]",
    REQUEST_BODY_ENCODING_EXPLODE_CHANGED "request-body-encoding-explode-changed" Request Error ours
        "`explode` of the part `{name}` of the request body goes from {from} to {to}",
    REQUEST_BODY_ENCODING_HEADER_ADDED "request-body-encoding-header-added" Request Error ours
        "the part `{name}` of the request body gets the header `{value}`",
    REQUEST_BODY_ENCODING_HEADER_REMOVED "request-body-encoding-header-removed" Request Info ours
        "the part `{name}` of the request body loses the header `{value}`",
    REQUEST_BODY_ENCODING_STYLE_CHANGED "request-body-encoding-style-changed" Request Error ours
        "the style of the part `{name}` of the request body changes[ from `{from}`][ to `{to}`]",
    REQUEST_BODY_MEDIA_TYPE_NAME_GENERALIZED "request-body-media-type-name-generalized" Request Info ours
        "the request body may now be any `{to}` instead of `{from}` only",
    REQUEST_BODY_MEDIA_TYPE_NAME_SPECIALIZED "request-body-media-type-name-specialized" Request Error ours
        "the request body may now be `{to}` only instead of any `{from}`",
    REQUEST_BODY_MEDIA_TYPE_PARAMETER_ADDED "request-body-media-type-parameter-added" Request Error ours
        "the media type `{name}` of the request body gets a parameter[: `{to}`]",
    REQUEST_BODY_MEDIA_TYPE_PARAMETER_CHANGED "request-body-media-type-parameter-changed" Request Error ours
        "a parameter of the media type `{name}` of the request body changes[ from `{from}`][ to `{to}`]",
    REQUEST_BODY_MEDIA_TYPE_PARAMETER_REMOVED "request-body-media-type-parameter-removed" Request Info ours
        "the media type `{name}` of the request body loses a parameter[: `{from}`]",
    REQUEST_OPTIONAL_PROPERTY_BECAME_NOT_READ_ONLY "request-optional-property-became-not-read-only" Request Info known
        "the optional request property `{name}` is no longer read-only: requests carry it now",
    REQUEST_OPTIONAL_PROPERTY_BECAME_NOT_WRITE_ONLY "request-optional-property-became-not-write-only" Request Info known
        "the optional request property `{name}` is no longer write-only",
    REQUEST_OPTIONAL_PROPERTY_BECAME_READ_ONLY "request-optional-property-became-read-only" Request Info known
        "the optional request property `{name}` is now read-only: requests do not carry it",
    REQUEST_OPTIONAL_PROPERTY_BECAME_WRITE_ONLY "request-optional-property-became-write-only" Request Info known
        "the optional request property `{name}` is now write-only",
    REQUEST_READ_ONLY_PROPERTY_ENUM_VALUE_REMOVED "request-read-only-property-enum-value-removed" Request Info known
        "the read-only property `{name}`, which requests do not carry, loses the value {value}",
    REQUEST_READ_ONLY_PROPERTY_EXCLUSIVE_MAX_DECREASED "request-read-only-property-exclusive-max-decreased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a lower exclusive maximum[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_EXCLUSIVE_MIN_INCREASED "request-read-only-property-exclusive-min-increased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a higher exclusive minimum[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_MAX_DECREASED "request-read-only-property-max-decreased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a lower maximum[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_MAX_ITEMS_DECREASED "request-read-only-property-max-items-decreased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a lower maximum number of items[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_MAX_LENGTH_DECREASED "request-read-only-property-max-length-decreased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a lower maximum length[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_MAX_PROPERTIES_DECREASED "request-read-only-property-max-properties-decreased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a lower maximum number of properties[: {to}][ instead of {from}]",
    REQUEST_READ_ONLY_PROPERTY_MIN_INCREASED "request-read-only-property-min-increased" Request Info known
        "the read-only property `{name}`, which requests do not carry, gets a higher minimum[: {to}][ instead of {from}]",
    REQUEST_REQUIRED_PROPERTY_BECAME_NOT_READ_ONLY "request-required-property-became-not-read-only" Request Error known
        "the required request property `{name}` is no longer read-only: requests carry it now",
    REQUEST_REQUIRED_PROPERTY_BECAME_NOT_WRITE_ONLY "request-required-property-became-not-write-only" Request Info known
        "the required request property `{name}` is no longer write-only",
    REQUEST_REQUIRED_PROPERTY_BECAME_READ_ONLY "request-required-property-became-read-only" Request Info known
        "the required request property `{name}` is now read-only: requests do not carry it",
    REQUEST_REQUIRED_PROPERTY_BECAME_WRITE_ONLY "request-required-property-became-write-only" Request Info known
        "the required request property `{name}` is now write-only",
    REQUIRED_RESPONSE_HEADER_REMOVED "required-response-header-removed" Response Error known
        "[the {in} parameter|the response header] `{name}`, which was always there, is gone",
    RESPONSE_BODY_ENCODING_ALLOW_RESERVED_CHANGED "response-body-encoding-allow-reserved-changed" Response Warn ours
        "`allowReserved` of the part `{name}` of the response body goes from {from} to {to}",
    RESPONSE_BODY_ENCODING_CONTENT_TYPE_CHANGED "response-body-encoding-content-type-changed" Response Error ours
        "the content type of the part `{name}` of the response body changes[ from `{from}`][ to `{to}`]",
    RESPONSE_BODY_ENCODING_EXPLODE_CHANGED "response-body-encoding-explode-changed" Response Error ours
        "`explode` of the part `{name}` of the response body goes from {from} to {to}",
    RESPONSE_BODY_ENCODING_HEADER_ADDED "response-body-encoding-header-added" Response Info ours
        "the part `{name}` of the response body gets the header `{value}`",
    RESPONSE_BODY_ENCODING_HEADER_REMOVED "response-body-encoding-header-removed" Response Error ours
        "the part `{name}` of the response body loses the header `{value}`",
    RESPONSE_BODY_ENCODING_STYLE_CHANGED "response-body-encoding-style-changed" Response Error ours
        "the style of the part `{name}` of the response body changes[ from `{from}`][ to `{to}`]",
    RESPONSE_LINK_CHANGED "response-link-changed" Response Warn ours
        "the link `{name}` of the response leads elsewhere",
    RESPONSE_LINK_REMOVED "response-link-removed" Response Warn ours
        "the link `{name}` of the response is gone",
    RESPONSE_MEDIA_TYPE_ADDED "response-media-type-added" Response Info known
        "the response body may now be `{name}`",
    RESPONSE_MEDIA_TYPE_NAME_CHANGED "response-media-type-name-changed" Response Error known
        "the media type of the response body changes from `{from}` to `{to}`",
    RESPONSE_MEDIA_TYPE_NAME_GENERALIZED "response-media-type-name-generalized" Response Error known
        "the response body may now be any `{to}` instead of `{from}` only",
    RESPONSE_MEDIA_TYPE_NAME_SPECIALIZED "response-media-type-name-specialized" Response Info known
        "the response body is now `{to}` only instead of any `{from}`",
    RESPONSE_MEDIA_TYPE_PARAMETER_ADDED "response-media-type-parameter-added" Response Info known
        "the media type `{name}` of the response body gets a parameter[: `{to}`]",
    RESPONSE_MEDIA_TYPE_PARAMETER_CHANGED "response-media-type-parameter-changed" Response Error known
        "a parameter of the media type `{name}` of the response body changes[ from `{from}`][ to `{to}`]",
    RESPONSE_MEDIA_TYPE_PARAMETER_REMOVED "response-media-type-parameter-removed" Response Error known
        "the media type `{name}` of the response body loses a parameter[: `{from}`]",
    RESPONSE_MEDIA_TYPE_REMOVED "response-media-type-removed" Response Error known
        "the response body may no longer be `{name}`",
    RESPONSE_NON_SUCCESS_STATUS_ADDED "response-non-success-status-added" Response Info known
        "the status `{name}` is new",
    RESPONSE_NON_SUCCESS_STATUS_REMOVED "response-non-success-status-removed" Response Info known
        "the status `{name}` is gone",
    RESPONSE_OPTIONAL_PROPERTY_ADDED "response-optional-property-added" Response Info known
        "the response property `{name}` is new and not always there",
    RESPONSE_OPTIONAL_PROPERTY_BECAME_NOT_READ_ONLY "response-optional-property-became-not-read-only" Response Info known
        "the optional response property `{name}` is no longer read-only",
    RESPONSE_OPTIONAL_PROPERTY_BECAME_NOT_WRITE_ONLY "response-optional-property-became-not-write-only" Response Info known
        "the optional response property `{name}` is no longer write-only: responses carry it now",
    RESPONSE_OPTIONAL_PROPERTY_BECAME_READ_ONLY "response-optional-property-became-read-only" Response Info known
        "the optional response property `{name}` is now read-only",
    RESPONSE_OPTIONAL_PROPERTY_BECAME_WRITE_ONLY "response-optional-property-became-write-only" Response Info known
        "the optional response property `{name}` is now write-only: responses do not carry it",
    RESPONSE_OPTIONAL_PROPERTY_REMOVED "response-optional-property-removed" Response Info known
        "the response property `{name}`, which was not always there, is gone",
    RESPONSE_OPTIONAL_WRITE_ONLY_PROPERTY_ADDED "response-optional-write-only-property-added" Response Info known
        "the optional write-only property `{name}`, which responses do not carry, is new",
    RESPONSE_OPTIONAL_WRITE_ONLY_PROPERTY_REMOVED "response-optional-write-only-property-removed" Response Info known
        "the optional write-only property `{name}`, which responses do not carry, is gone",
    RESPONSE_REQUIRED_PROPERTY_ADDED "response-required-property-added" Response Info known
        "the response property `{name}` is new and always there",
    RESPONSE_REQUIRED_PROPERTY_BECAME_NOT_READ_ONLY "response-required-property-became-not-read-only" Response Info known
        "the required response property `{name}` is no longer read-only",
    RESPONSE_REQUIRED_PROPERTY_BECAME_NOT_WRITE_ONLY "response-required-property-became-not-write-only" Response Info known
        "the required response property `{name}` is no longer write-only: responses carry it now",
    RESPONSE_REQUIRED_PROPERTY_BECAME_READ_ONLY "response-required-property-became-read-only" Response Info known
        "the required response property `{name}` is now read-only",
    RESPONSE_REQUIRED_PROPERTY_BECAME_WRITE_ONLY "response-required-property-became-write-only" Response Error known
        "the required response property `{name}` is now write-only: responses do not carry it",
    RESPONSE_REQUIRED_PROPERTY_REMOVED "response-required-property-removed" Response Error known
        "the response property `{name}`, which was always there, is gone",
    RESPONSE_REQUIRED_WRITE_ONLY_PROPERTY_ADDED "response-required-write-only-property-added" Response Info known
        "the required write-only property `{name}`, which responses do not carry, is new",
    RESPONSE_REQUIRED_WRITE_ONLY_PROPERTY_REMOVED "response-required-write-only-property-removed" Response Info known
        "the required write-only property `{name}`, which responses do not carry, is gone",
    RESPONSE_SUCCESS_STATUS_ADDED "response-success-status-added" Response Info known
        "the success status `{name}` is new",
    RESPONSE_SUCCESS_STATUS_REMOVED "response-success-status-removed" Response Error known
        "the success status `{name}` is gone",
    RESPONSE_WRITE_ONLY_PROPERTY_BECAME_OPTIONAL "response-write-only-property-became-optional" Response Info known
        "the write-only property `{name}`, which responses do not carry, is now optional",
    RESPONSE_WRITE_ONLY_PROPERTY_BECAME_REQUIRED "response-write-only-property-became-required" Response Info known
        "the write-only property `{name}`, which responses do not carry, is now required",
    RESPONSE_WRITE_ONLY_PROPERTY_ENUM_VALUE_ADDED "response-write-only-property-enum-value-added" Response Info known
        "the write-only property `{name}`, which responses do not carry, gets the value {value}",
    REVISION_UNREADABLE "revision-unreadable" None Error ours
        "{name} cannot be read in the revision[: {value}]",
    SUNSET_DELETED "sunset-deleted" None Error known
        "the operation[ `{method} {path}`] loses the day of its end[: {from}]",
    WEBHOOK_ADDED "webhook-added" None Info known
        "the webhook[ `{method} {path}`] is new",
    WEBHOOK_REMOVED "webhook-removed" None Error known
        "the webhook[ `{method} {path}`] is gone",
}
