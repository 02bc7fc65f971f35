//! Expected ids that are named otherwise here, or not at all, and why; and those that should be found and are not.

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
        pair: "pattern-base.yaml pattern-modified.yaml",
        id: "response-property-pattern-changed",
        count: 2,
        ours: "response-property-pattern-generalized",
        reason: "The new pattern admits more than the old one, which can be shown.",
    },
    Unnamed {
        pair: "checker/component_security_updated_base.yaml mutated/fe30f84f4535f465.json",
        id: "api-security-component-oauth-scope-changed",
        count: 1,
        ours: "",
        reason: "Only the description of the scope changed, and descriptions are not compared.",
    },
    Unnamed {
        pair: "checker/request_property_discriminator_added_revision.yaml checker/request_property_discriminator_mapping_changed.yaml",
        id: "request-property-discriminator-mapping-changed",
        count: 1,
        ours: "",
        reason: "The tag leads to a schema of another name that says the same.",
    },
    Unnamed {
        pair: "checker/request_xml_type_compatible_base.yaml checker/request_xml_type_compatible_revision.yaml",
        id: "request-body-type-compatible",
        count: 1,
        ours: "request-body-type-changed",
        reason: "An object and a text are not written alike in XML.",
    },
    Unnamed {
        pair: "checker/response_property_discriminator_added_revision.yaml checker/response_property_discriminator_mapping_changed.yaml",
        id: "response-property-discriminator-mapping-changed",
        count: 1,
        ours: "",
        reason: "The tag leads to a schema of another name that says the same.",
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
];

/// Expected ids that the comparison does not find though it should: what it does not compare yet, and where (pair, id, how
/// often). An entry goes when its id is found.
pub(super) type Lacking = (&'static str, &'static [(&'static str, &'static str, usize)]);

/// All of them.
pub(super) static LACKING: &[Lacking] = &[
    (
        "keywords that have no effect on the type",
        &[
            (
                "mutated/e30b4c1aeba7d45d.json mutated/737e97790fbe49d1.json",
                "request-parameter-max-length-decreased",
                1,
            ),
            (
                "mutated/e30b4c1aeba7d45d.json mutated/71ffa42ad9cb546b.json",
                "request-parameter-max-length-increased",
                1,
            ),
            ("openapi-test1.yaml mutated/71ffa42ad9cb546b.json", "request-parameter-max-length-set", 1),
            (
                "mutated/85ca36d522f6d91a.json mutated/d90d701cb103c98c.json",
                "request-parameter-min-items-decreased",
                1,
            ),
            (
                "mutated/39c94f29bb113133.json mutated/3c5d48f7abfa4709.json",
                "response-body-min-items-decreased",
                1,
            ),
            (
                "mutated/033160eaa3a63023.json mutated/6059c2fdae70cc16.json",
                "request-parameter-max-decreased",
                1,
            ),
            (
                "checker/exclusive_min_max_base.yaml checker/exclusive_min_max_revision.yaml",
                "request-body-exclusive-max-decreased",
                1,
            ),
            (
                "checker/exclusive_min_max_base.yaml checker/exclusive_min_max_revision.yaml",
                "request-body-exclusive-min-increased",
                1,
            ),
            (
                "checker/exclusive_min_max_base.yaml checker/exclusive_min_max_revision.yaml",
                "response-body-exclusive-max-increased",
                1,
            ),
            (
                "checker/exclusive_min_max_set_base.yaml checker/exclusive_min_max_set_revision.yaml",
                "request-body-exclusive-max-set",
                1,
            ),
            (
                "checker/exclusive_min_max_set_base.yaml checker/exclusive_min_max_set_revision.yaml",
                "request-body-exclusive-min-set",
                1,
            ),
            (
                "checker/request_parameter_max_items_updated_base.yaml checker/request_parameter_max_items_updated_revision.yaml",
                "request-parameter-max-items-increased",
                1,
            ),
            (
                "checker/request_parameter_max_items_updated_revision.yaml checker/request_parameter_max_items_updated_base.yaml",
                "request-parameter-max-items-decreased",
                1,
            ),
            (
                "mutated/d402eebb70a80330.json mutated/7205c51cef339912.json",
                "request-parameter-max-items-decreased",
                1,
            ),
            (
                "checker/request_parameter_max_updated_base.yaml checker/request_parameter_max_updated_revision.yaml",
                "request-parameter-max-increased",
                1,
            ),
            (
                "checker/request_parameter_max_updated_revision.yaml checker/request_parameter_max_updated_base.yaml",
                "request-parameter-max-decreased",
                1,
            ),
            (
                "mutated/9e2891aa99ff88f7.json mutated/05d475dd32ce8fb0.json",
                "request-body-max-length-increased",
                1,
            ),
            (
                "mutated/05d475dd32ce8fb0.json mutated/9e2891aa99ff88f7.json",
                "request-body-max-length-decreased",
                1,
            ),
            (
                "checker/request_property_max_decreased_base.yaml mutated/48813326ab7d2502.json",
                "request-property-max-decreased",
                1,
            ),
            (
                "checker/request_property_type_changed_base.yaml mutated/4af39a0fe62dfa2e.json",
                "request-body-type-changed",
                1,
            ),
            (
                "checker/unevaluated_base.yaml checker/unevaluated_revision.yaml",
                "request-body-unevaluated-items-added",
                1,
            ),
            (
                "checker/unevaluated_base.yaml checker/unevaluated_revision.yaml",
                "response-body-unevaluated-items-added",
                1,
            ),
            (
                "checker/unevaluated_property_base.yaml checker/unevaluated_property_revision.yaml",
                "request-property-unevaluated-items-added",
                1,
            ),
            (
                "checker/unevaluated_property_base.yaml checker/unevaluated_property_revision.yaml",
                "response-property-unevaluated-items-added",
                1,
            ),
            (
                "checker/unevaluated_property_revision.yaml checker/unevaluated_property_base.yaml",
                "response-property-unevaluated-items-removed",
                1,
            ),
            (
                "checker/unevaluated_property_revision.yaml checker/unevaluated_property_base.yaml",
                "request-property-unevaluated-items-removed",
                1,
            ),
        ],
    ),
    (
        "a required property that is no longer declared",
        &[
            (
                "required-properties/write-only-delete-partial-base.yaml required-properties/write-only-delete-partial-revision.yaml",
                "request-property-removed",
                1,
            ),
            (
                "required-properties/write-only-delete-partial-base.yaml required-properties/write-only-delete-partial-revision.yaml",
                "response-optional-property-removed",
                2,
            ),
        ],
    ),
    (
        "lists of types against single ones",
        &[
            ("mutated/0ba44f2d8baac0a3.json type-change/simple-request.yaml", "request-body-type-changed", 1),
            ("mutated/7d619c1cd080b735.json mutated/a7532ab242123108.json", "request-body-type-changed", 1),
            (
                "mutated/5a343f0fc3c0d941.json type-change/simple-response.yaml",
                "response-body-type-specialized",
                1,
            ),
            ("mutated/3bd7145c2664a3d5.json mutated/3314832049b199e4.json", "response-body-type-changed", 1),
            (
                "list-of-types/single-to-list-base.yaml list-of-types/single-to-list-revision.yaml",
                "response-property-list-of-types-widened",
                1,
            ),
        ],
    ),
    (
        "a body whose `content` is null",
        &[
            ("openapi-test1.yaml mutated/82a8fcf4fa2a8142.json", "request-body-added-required", 1),
            (
                "mutated/82a8fcf4fa2a8142.json mutated/23268cb16d9a7a74.json",
                "request-body-became-optional",
                1,
            ),
        ],
    ),
    (
        "constraints of read-only properties in requests",
        &[
            ("pattern-base.yaml pattern-revision.yaml", "request-property-pattern-removed", 1),
            ("pattern-base.yaml pattern-modified.yaml", "request-property-pattern-generalized", 1),
            (
                "checker/request_property_enum_value_updated_base.yaml mutated/31d5e5cf0b9d3a3f.json",
                "request-read-only-property-enum-value-removed",
                1,
            ),
            (
                "checker/request_body_max_length_decreased_base.yaml mutated/24cc8dd2918bf211.json",
                "request-read-only-property-max-length-decreased",
                1,
            ),
            (
                "checker/request_property_max_decreased_base.yaml mutated/9ab938b157af075d.json",
                "request-read-only-property-max-decreased",
                1,
            ),
            (
                "checker/request_property_min_increased_base.yaml mutated/f8ea4ba880fc0592.json",
                "request-read-only-property-min-increased",
                1,
            ),
        ],
    ),
    (
        "types of what is written as text",
        &[
            (
                "checker/request_parameter_became_enum_base.yaml checker/request_parameter_became_enum_revision.yaml",
                "request-parameter-became-enum",
                1,
            ),
            (
                "checker/request_parameter_became_enum_base.yaml checker/request_parameter_became_enum_revision.yaml",
                "request-parameter-enum-value-added",
                2,
            ),
            (
                "checker/request_parameter_type_changed_base.yaml mutated/02648737aeffe5cc.json",
                "request-parameter-type-changed",
                1,
            ),
            (
                "mutated/66792763ce881cbd.json mutated/3393327bfa55b4e0.json",
                "request-parameter-type-generalized",
                1,
            ),
            (
                "checker/request_parameter_type_changed_base.yaml mutated/96a67ed3fb7a19be.json",
                "request-parameter-pattern-removed",
                1,
            ),
            (
                "checker/request_parameter_type_changed_base.yaml mutated/96a67ed3fb7a19be.json",
                "request-parameter-type-generalized",
                1,
            ),
            (
                "mutated/fb5c04016eb2cd2e.json checker/request_parameter_type_changed_base.yaml",
                "request-parameter-type-generalized",
                1,
            ),
            (
                "checker/request_param_scalar_to_array_31_base.yaml checker/request_param_scalar_to_array_31_revision.yaml",
                "request-parameter-type-generalized",
                1,
            ),
            (
                "checker/request_param_nullable_to_array_31_base.yaml checker/request_param_nullable_to_array_31_revision.yaml",
                "request-parameter-type-generalized",
                1,
            ),
            (
                "list-of-types/param-test-revision.yaml list-of-types/param-test-base.yaml",
                "request-parameter-list-of-types-widened",
                1,
            ),
        ],
    ),
    (
        "members that change nothing",
        &[
            (
                "checker/request_property_all_of_inline_added_base.yaml checker/request_property_all_of_inline_added_revision.yaml",
                "request-body-all-of-added",
                1,
            ),
            (
                "checker/request_property_all_of_annotation_only_added_at_property_base.yaml checker/request_property_all_of_annotation_only_added_at_property_revision.yaml",
                "request-property-all-of-added-annotation-only",
                1,
            ),
            (
                "checker/request_property_any_of_added_base.yaml checker/request_property_any_of_added_revision.yaml",
                "request-body-any-of-added",
                1,
            ),
            (
                "checker/request_property_any_of_added_base.yaml checker/request_property_any_of_added_revision.yaml",
                "request-property-any-of-added",
                1,
            ),
            (
                "checker/response_property_all_of_added_base.yaml checker/response_property_all_of_added_revision.yaml",
                "response-body-all-of-added",
                1,
            ),
            (
                "checker/response_property_all_of_added_base.yaml checker/response_property_all_of_added_revision.yaml",
                "response-property-all-of-added",
                1,
            ),
        ],
    ),
    (
        "a pattern that admits everything",
        &[(
            "checker/request_property_pattern_added_or_changed_base.yaml checker/request_property_pattern_added_or_changed_revision.yaml",
            "request-property-pattern-removed",
            1,
        )],
    ),
    (
        "prefix items of one side only",
        &[
            (
                "checker/prefix_items_prop_revision.yaml checker/prefix_items_prop_base.yaml",
                "request-property-prefix-items-removed",
                1,
            ),
            (
                "checker/prefix_items_prop_revision.yaml checker/prefix_items_prop_base.yaml",
                "response-property-prefix-items-removed",
                1,
            ),
        ],
    ),
    (
        "properties beside a changed type",
        &[
            (
                "checker/request_property_type_changed_base_array_to_object.yaml checker/request_property_type_changed_revision_array_to_object.yaml",
                "new-required-request-property",
                4,
            ),
            (
                "checker/request_property_type_changed_revision_array_to_object.yaml checker/request_property_type_changed_base_array_to_object.yaml",
                "request-property-removed",
                4,
            ),
        ],
    ),
    (
        "a wrapped schema that is not among the alternatives",
        &[(
            "checker/request_property_one_of_wrapped_base.yaml checker/request_property_one_of_wrapped_revision.yaml",
            "request-body-wrapped-in-one-of",
            1,
        )],
    ),
    (
        "deprecation within conjunctions",
        &[(
            "deprecation/response_property_deprecation_allof_base.yaml deprecation/response_property_deprecation_allof_spec.yaml",
            "response-property-deprecated-with-sunset",
            1,
        )],
    ),
    (
        "types of properties in responses",
        &[
            (
                "checker/response_schema_type_changed_revision.yaml mutated/344aaf10de35a70f.json",
                "response-property-type-changed",
                1,
            ),
            (
                "checker/response_schema_format_changed_base.yaml mutated/fe7c0c0164508bf8.json",
                "response-property-type-changed",
                1,
            ),
        ],
    ),
    (
        "alternatives with the same title",
        &[(
            "checker/response_property_any_of_complex_base.yaml checker/response_property_any_of_complex_revision.yaml",
            "response-property-type-changed",
            3,
        )],
    ),
    (
        "properties of conditions and of prefix items",
        &[(
            "checker/sub_schema_added_property_base.yaml checker/sub_schema_added_property_revision.yaml",
            "new-optional-request-property",
            3,
        )],
    ),
];
