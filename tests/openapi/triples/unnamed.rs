//! Expected ids that are named otherwise here, or not at all, and why.

/// An expected id that is not found, for a reason.
#[derive(Debug)]
pub(super) struct Unnamed {
    /// The files of the base and of the revision.
    pub(super) pair: &'static str,
    /// The expected id.
    pub(super) id: &'static str,
    /// How often it is expected there.
    pub(super) count: usize,
    /// What is found in its place; empty where nothing is.
    pub(super) ours: &'static str,
    /// Why.
    pub(super) reason: &'static str,
}

/// All of them.
pub(super) static UNNAMED: &[Unnamed] = &[
    Unnamed {
        pair: "checker/api_security_added_base.yaml checker/api_security_added_revision.yaml",
        id: "api-security-added",
        count: 1,
        ours: "api-security-tightened",
        reason: "Nothing was asked for before: this is no further way to call, it shuts out everybody without credentials.",
    },
    Unnamed {
        pair: "checker/api_security_added_revision.yaml checker/api_security_added_base.yaml",
        id: "api-security-removed",
        count: 1,
        ours: "api-security-loosened",
        reason: "Nothing is asked for any more: everybody who could call still can.",
    },
    Unnamed {
        pair: "deprecation/base-invalid-stability.yaml deprecation/base.yaml",
        id: "api-invalid-stability-level",
        count: 1,
        ours: "",
        reason: "The stability that is none is the base's; the revision has none, which is fine.",
    },
    Unnamed {
        pair: "deprecation/deprecated-future.yaml deprecation/deprecated-invalid.yaml",
        id: "api-path-sunset-parse",
        count: 1,
        ours: "api-deprecated-sunset-parse",
        reason: "The path is still there, so nothing of it was removed.",
    },
    Unnamed {
        pair: "enums/request-body-no-enum.yaml enums/request-body-enum-int.yaml",
        id: "request-body-became-enum",
        count: 1,
        ours: "request-body-revision-unreadable",
        reason: "The revision's type `int` is none, so nothing can be said about what it accepts.",
    },
    Unnamed {
        pair: "enums/request-body-no-enum.yaml enums/request-body-enum-int.yaml",
        id: "request-body-type-changed",
        count: 1,
        ours: "request-body-revision-unreadable",
        reason: "The revision's type `int` is none, so nothing can be said about what it accepts.",
    },
    Unnamed {
        pair: "enums/request-body-enum.yaml mutated/89e1871eb2127d67.json",
        id: "request-body-enum-value-removed",
        count: 3,
        ours: "request-body-enum-removed",
        reason: "The list as a whole is gone: every value is accepted now, and none was taken away.",
    },
    Unnamed {
        pair: "checker/component_security_updated_base.yaml mutated/fe30f84f4535f465.json",
        id: "api-security-component-oauth-scope-changed",
        count: 1,
        ours: "",
        reason: "Only the description of the scope changed, and descriptions are not compared.",
    },
    Unnamed {
        pair: "checker/request_xml_type_compatible_base.yaml checker/request_xml_type_compatible_revision.yaml",
        id: "request-body-type-compatible",
        count: 1,
        ours: "request-body-type-changed",
        reason: "An object and a text are not written alike in XML.",
    },
    Unnamed {
        pair: "mutated/8eb4bab0552aed5f.json openapi-test1.yaml",
        id: "response-header-type-compatible",
        count: 1,
        ours: "response-header-type-specialized",
        reason: "Every integer of the revision is a text that the base allows: the type becomes narrower.",
    },
    Unnamed {
        pair: "checker/add_new_media_type_revision.yaml checker/add_new_media_type_name_modified.yaml",
        id: "response-media-type-name-specialized",
        count: 1,
        ours: "response-media-type-name-changed",
        reason: "`application/problem+json` is no kind of `application/json`: neither covers the other.",
    },
    Unnamed {
        pair: "checker/add_new_media_type_name_modified.yaml checker/add_new_media_type_revision.yaml",
        id: "response-media-type-name-generalized",
        count: 1,
        ours: "response-media-type-name-changed",
        reason: "`application/problem+json` is no kind of `application/json`: neither covers the other.",
    },
    Unnamed {
        pair: "checker/response_property_one_of_removed_base.yaml checker/response_property_one_of_removed_revision.yaml",
        id: "response-property-one-of-removed",
        count: 1,
        ours: "response-property-enum-value-removed",
        reason: "Alternatives that are lists of values are one list of values.",
    },
    Unnamed {
        pair: "checker/webhook_operation_base.yaml checker/webhook_operation_revision.yaml",
        id: "request-body-became-required",
        count: 1,
        ours: "",
        reason: "Clients receive what a webhook sends, so its body is compared as that of a response.",
    },
    Unnamed {
        pair: "checker/webhook_operation_base.yaml checker/webhook_operation_revision.yaml",
        id: "new-optional-request-property",
        count: 1,
        ours: "",
        reason: "Clients receive what a webhook sends, so its body is compared as that of a response.",
    },
    Unnamed {
        pair: "checker/request_parameter_pattern_added_or_changed_base.yaml mutated/92ddf731ba85d7fd.json",
        id: "request-parameter-pattern-changed",
        count: 1,
        ours: "request-parameter-pattern-generalized",
        reason: "The new pattern admits more than the old one, which can be shown.",
    },
    Unnamed {
        pair: "checker/request_property_pattern_added_or_changed_base.yaml mutated/d26ff8f0b29e26eb.json",
        id: "request-property-pattern-changed",
        count: 1,
        ours: "request-property-pattern-generalized",
        reason: "The new pattern admits more than the old one, which can be shown.",
    },
    Unnamed {
        pair: "openapi-test1.yaml mutated/82a8fcf4fa2a8142.json",
        id: "request-body-added-required",
        count: 1,
        ours: "revision-unreadable",
        reason: "The `content` of the new body is null, so it cannot be read.",
    },
    Unnamed {
        pair: "deprecation/response_property_deprecation_allof_base.yaml deprecation/response_property_deprecation_allof_spec.yaml",
        id: "response-property-deprecated-with-sunset",
        count: 1,
        ours: "",
        reason: "Two media types have the schema: its change is one fact, found once.",
    },
];
