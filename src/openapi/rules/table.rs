//! What can happen to a schema, and where: the two sides of the table that most rules come from.
//!
//! The id of a rule of the table is `{place}-{what}`.

use crate::openapi::finding::Direction;

/// In which part of a message the schema stands whose change is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The whole body of a request.
    RequestBody,
    /// Anything inside a request's body.
    RequestProperty,
    /// A parameter.
    RequestParameter,
    /// Anything inside a parameter.
    RequestParameterProperty,
    /// Anything inside a parameter that is carried in a header.
    RequestHeaderProperty,
    /// The whole body of a response.
    ResponseBody,
    /// Anything inside a response's body.
    ResponseProperty,
    /// A header of a response.
    ResponseHeader,
    /// Anything inside a header of a response.
    ResponseHeaderProperty,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::RequestBody,
        Self::RequestProperty,
        Self::RequestParameter,
        Self::RequestParameterProperty,
        Self::RequestHeaderProperty,
        Self::ResponseBody,
        Self::ResponseProperty,
        Self::ResponseHeader,
        Self::ResponseHeaderProperty,
    ];

    /// Its word in ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestBody => "request-body",
            Self::RequestProperty => "request-property",
            Self::RequestParameter => "request-parameter",
            Self::RequestParameterProperty => "request-parameter-property",
            Self::RequestHeaderProperty => "request-header-property",
            Self::ResponseBody => "response-body",
            Self::ResponseProperty => "response-property",
            Self::ResponseHeader => "response-header",
            Self::ResponseHeaderProperty => "response-header-property",
        }
    }

    /// Which way the message goes.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::RequestBody
            | Self::RequestProperty
            | Self::RequestParameter
            | Self::RequestParameterProperty
            | Self::RequestHeaderProperty => Direction::Request,
            Self::ResponseBody
            | Self::ResponseProperty
            | Self::ResponseHeader
            | Self::ResponseHeaderProperty => Direction::Response,
        }
    }

    /// The place of what lies inside.
    #[must_use]
    pub fn inside(self) -> Self {
        match self {
            Self::RequestBody | Self::RequestProperty => Self::RequestProperty,
            Self::RequestParameter | Self::RequestParameterProperty => Self::RequestParameterProperty,
            Self::RequestHeaderProperty => Self::RequestHeaderProperty,
            Self::ResponseBody | Self::ResponseProperty => Self::ResponseProperty,
            Self::ResponseHeader | Self::ResponseHeaderProperty => Self::ResponseHeaderProperty,
        }
    }
}

macro_rules! whats {
    ($($name:ident $id:literal,)*) => {
        /// What happened to a schema or to what carries it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is its id in other letters; its rule says the rest")]
        pub enum What { $($name,)* }

        impl What {
            /// All of them, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its words in ids.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

whats! {
    Added "added",
    AddedOptional "added-optional",
    AddedRequired "added-required",
    AdditionalPropertiesClosed "additional-properties-closed",
    AdditionalPropertiesOpened "additional-properties-opened",
    AdditionalPropertiesSchemaAdded "additional-properties-schema-added",
    AdditionalPropertiesSchemaRemoved "additional-properties-schema-removed",
    AllOfAdded "all-of-added",
    AllOfAddedAnnotationOnly "all-of-added-annotation-only",
    AllOfRemoved "all-of-removed",
    AllOfRemovedAnnotationOnly "all-of-removed-annotation-only",
    AllowReservedChanged "allow-reserved-changed",
    AnyOfAdded "any-of-added",
    AnyOfRemoved "any-of-removed",
    BecameEnum "became-enum",
    BecameExtensibleEnum "became-extensible-enum",
    BecameNotNullable "became-not-nullable",
    BecameNullable "became-nullable",
    BecameOptional "became-optional",
    BecameRequired "became-required",
    BecameRequiredWithDefault "became-required-with-default",
    BecameUndecided "became-undecided",
    ConstAdded "const-added",
    ConstChanged "const-changed",
    ConstRemoved "const-removed",
    ContainsAdded "contains-added",
    ContainsRemoved "contains-removed",
    ContentChanged "content-changed",
    ContentEncodingChanged "content-encoding-changed",
    ContentMediaTypeChanged "content-media-type-changed",
    ContentSchemaAdded "content-schema-added",
    ContentSchemaRemoved "content-schema-removed",
    DefaultValueAdded "default-value-added",
    DefaultValueChanged "default-value-changed",
    DefaultValueRemoved "default-value-removed",
    DependentRequiredAdded "dependent-required-added",
    DependentRequiredChanged "dependent-required-changed",
    DependentRequiredRemoved "dependent-required-removed",
    DependentSchemaAdded "dependent-schema-added",
    DependentSchemaRemoved "dependent-schema-removed",
    Deprecated "deprecated",
    DeprecatedSunsetInvalid "deprecated-sunset-invalid",
    DeprecatedSunsetMissing "deprecated-sunset-missing",
    DeprecatedWithSunset "deprecated-with-sunset",
    DiscriminatorAdded "discriminator-added",
    DiscriminatorMappingAdded "discriminator-mapping-added",
    DiscriminatorMappingChanged "discriminator-mapping-changed",
    DiscriminatorMappingDeleted "discriminator-mapping-deleted",
    DiscriminatorPropertyNameChanged "discriminator-property-name-changed",
    DiscriminatorRemoved "discriminator-removed",
    ElseAdded "else-added",
    ElseRemoved "else-removed",
    EnumRemoved "enum-removed",
    EnumValueAdded "enum-value-added",
    EnumValueRemoved "enum-value-removed",
    ExclusiveMaxDecreased "exclusive-max-decreased",
    ExclusiveMaxIncreased "exclusive-max-increased",
    ExclusiveMaxSet "exclusive-max-set",
    ExclusiveMaxUnset "exclusive-max-unset",
    ExclusiveMinDecreased "exclusive-min-decreased",
    ExclusiveMinIncreased "exclusive-min-increased",
    ExclusiveMinSet "exclusive-min-set",
    ExclusiveMinUnset "exclusive-min-unset",
    ExplodeChanged "explode-changed",
    ExtensibleEnumValueAdded "extensible-enum-value-added",
    FormatAdded "format-added",
    FormatChanged "format-changed",
    FormatGeneralized "format-generalized",
    FormatRemoved "format-removed",
    FormatSpecialized "format-specialized",
    IfAdded "if-added",
    IfRemoved "if-removed",
    ItemsAdded "items-added",
    ItemsRemoved "items-removed",
    ListOfTypesNarrowed "list-of-types-narrowed",
    ListOfTypesWidened "list-of-types-widened",
    MaxContainsDecreased "max-contains-decreased",
    MaxContainsIncreased "max-contains-increased",
    MaxContainsSet "max-contains-set",
    MaxContainsUnset "max-contains-unset",
    MaxDecreased "max-decreased",
    MaxIncreased "max-increased",
    MaxItemsDecreased "max-items-decreased",
    MaxItemsIncreased "max-items-increased",
    MaxItemsSet "max-items-set",
    MaxItemsUnset "max-items-unset",
    MaxLengthDecreased "max-length-decreased",
    MaxLengthIncreased "max-length-increased",
    MaxLengthSet "max-length-set",
    MaxLengthUnset "max-length-unset",
    MaxPropertiesDecreased "max-properties-decreased",
    MaxPropertiesIncreased "max-properties-increased",
    MaxPropertiesSet "max-properties-set",
    MaxPropertiesUnset "max-properties-unset",
    MaxSet "max-set",
    MaxUnset "max-unset",
    MediaTypeAdded "media-type-added",
    MediaTypeItemSchemaAdded "media-type-item-schema-added",
    MediaTypeItemSchemaRemoved "media-type-item-schema-removed",
    MediaTypeItemSchemaRemovedUntyped "media-type-item-schema-removed-untyped",
    MediaTypeRemoved "media-type-removed",
    MediaTypeSchemaAdded "media-type-schema-added",
    MediaTypeSchemaRemoved "media-type-schema-removed",
    MinContainsDecreased "min-contains-decreased",
    MinContainsIncreased "min-contains-increased",
    MinContainsSet "min-contains-set",
    MinContainsUnset "min-contains-unset",
    MinDecreased "min-decreased",
    MinIncreased "min-increased",
    MinItemsDecreased "min-items-decreased",
    MinItemsIncreased "min-items-increased",
    MinItemsSet "min-items-set",
    MinItemsUnset "min-items-unset",
    MinLengthDecreased "min-length-decreased",
    MinLengthIncreased "min-length-increased",
    MinLengthSet "min-length-set",
    MinLengthUnset "min-length-unset",
    MinPropertiesDecreased "min-properties-decreased",
    MinPropertiesIncreased "min-properties-increased",
    MinPropertiesSet "min-properties-set",
    MinPropertiesUnset "min-properties-unset",
    MinSet "min-set",
    MinUnset "min-unset",
    MultipleOfChanged "multiple-of-changed",
    MultipleOfGeneralized "multiple-of-generalized",
    MultipleOfSet "multiple-of-set",
    MultipleOfSpecialized "multiple-of-specialized",
    MultipleOfUnset "multiple-of-unset",
    NotAdded "not-added",
    NotChanged "not-changed",
    NotRemoved "not-removed",
    OneOfAdded "one-of-added",
    OneOfRemoved "one-of-removed",
    PatternAdded "pattern-added",
    PatternChanged "pattern-changed",
    PatternGeneralized "pattern-generalized",
    PatternPropertyAdded "pattern-property-added",
    PatternPropertyRemoved "pattern-property-removed",
    PatternRemoved "pattern-removed",
    PrefixItemsAdded "prefix-items-added",
    PrefixItemsRemoved "prefix-items-removed",
    PropertyNamesAdded "property-names-added",
    PropertyNamesRemoved "property-names-removed",
    Reactivated "reactivated",
    Removed "removed",
    RemovedBeforeSunset "removed-before-sunset",
    RemovedWithDeprecation "removed-with-deprecation",
    RequiredUndeclaredAdded "required-undeclared-added",
    RequiredUndeclaredRemoved "required-undeclared-removed",
    RevisionUnreadable "revision-unreadable",
    SchemaBecameFalse "schema-became-false",
    SchemaBecameNotFalse "schema-became-not-false",
    SerialisationChanged "serialisation-changed",
    StabilityDecreased "stability-decreased",
    StabilityIncreased "stability-increased",
    StyleChanged "style-changed",
    SunsetDateChangedTooSmall "sunset-date-changed-too-small",
    SunsetDateTooSmall "sunset-date-too-small",
    SunsetDeleted "sunset-deleted",
    SunsetParse "sunset-parse",
    ThenAdded "then-added",
    ThenRemoved "then-removed",
    TypeChanged "type-changed",
    TypeCompatible "type-compatible",
    TypeGeneralized "type-generalized",
    TypeSpecialized "type-specialized",
    UnevaluatedItemsAdded "unevaluated-items-added",
    UnevaluatedItemsRemoved "unevaluated-items-removed",
    UnevaluatedPropertiesAdded "unevaluated-properties-added",
    UnevaluatedPropertiesClosed "unevaluated-properties-closed",
    UnevaluatedPropertiesOpened "unevaluated-properties-opened",
    UnevaluatedPropertiesRemoved "unevaluated-properties-removed",
    UniqueItemsSet "unique-items-set",
    UniqueItemsUnset "unique-items-unset",
    WrappedInOneOf "wrapped-in-one-of",
    WrappedInOneOfOriginalPreserved "wrapped-in-one-of-original-preserved",
    XExtensibleEnumValueRemoved "x-extensible-enum-value-removed",
}
