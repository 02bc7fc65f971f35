//! What can happen to a schema or to what carries it: the other side of the table that most rules come from.
//!
//! A line says, in this order: the words in ids; what the change does to the set of messages; the letters of the places
//! where it can happen; the letters of those where the id is one that users know from elsewhere; and the sentence, from
//! which the names of the arguments are read: besides those of the place ([`super::Place`]) these are
//! `from`, the value of the base; `to`, that of the revision; `value`, the one that came or went; and `construct`, what
//! stopped a proof. Arguments within brackets may be left out. Values come as they are written in the description, without
//! quotes of their own (enum values, constants, defaults and numbers: as JSON).

use super::effect::Effect;

/// Every place but the properties of a header that is sent, which are properties of a parameter as any other.
const ALL: &str = "bpqrBPHR";

macro_rules! whats {
    ($($name:ident $id:literal $effect:ident $places:tt $known:literal $sentence:literal,)*) => {
        /// What happened to a schema or to what carries it. The text of each shows the arguments that it takes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum What { $(#[doc = concat!("`", $id, "`\n\n```text\n", $sentence, "\n```")] $name,)* }

        impl What {
            /// All of them, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its words in ids.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it does to the set of messages.
            #[must_use]
            pub fn effect(self) -> Effect {
                match self { $(Self::$name => Effect::$effect,)* }
            }

            /// The letters of the places where it can happen.
            pub(super) fn places(self) -> &'static str {
                match self { $(Self::$name => $places,)* }
            }

            /// The letters of the places where its id is known from elsewhere.
            pub(super) fn known(self) -> &'static str {
                match self { $(Self::$name => $known,)* }
            }

            /// The template of its sentence.
            pub(super) fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

whats! {
    Added "added" Tells "H" "H" "{subject} is new",
    AddedOptional "added-optional" Tells "bB" "b" "{subject} is new, and may be left out",
    AddedRequired "added-required" Narrows "bB" "b" "{subject} is new, and always there",
    AddedToClosed "added-to-closed" Widens "PR" ""
        "{subject} is new, and the base allows no properties beside those that it names",
    AdditionalPropertiesClosed "additional-properties-closed" Narrows ALL ""
        "{subject} no longer allows properties that it does not name",
    AdditionalPropertiesOpened "additional-properties-opened" Widens ALL ""
        "{subject} now allows properties that it does not name",
    AdditionalPropertiesSchemaAdded "additional-properties-schema-added" Narrows ALL ""
        "properties that {subject} does not name must now match a schema",
    AdditionalPropertiesSchemaRemoved "additional-properties-schema-removed" Widens ALL ""
        "properties that {subject} does not name no longer have to match a schema",
    AllOfAdded "all-of-added" Tells "bpBP" "bpBP"
        "{subject} must now match one more schema of `allOf`[: `{value}`]",
    AllOfAddedAnnotationOnly "all-of-added-annotation-only" Tells "bpBP" "bpBP"
        "{subject} gets a schema of `allOf` that only describes[: `{value}`]",
    AllOfRemoved "all-of-removed" Tells "bpBP" "bpBP"
        "{subject} no longer has to match a schema of `allOf`[: `{value}`]",
    AllOfRemovedAnnotationOnly "all-of-removed-annotation-only" Tells "bpBP" "bpBP"
        "{subject} loses a schema of `allOf` that only describes[: `{value}`]",
    AllowEmptyValueAdded "allow-empty-value-added" Widens "qH" "" "{subject} may now be empty",
    AllowEmptyValueRemoved "allow-empty-value-removed" Narrows "qH" "" "{subject} may no longer be empty",
    AllowReservedChanged "allow-reserved-changed" Unclear "q" ""
        "`allowReserved` of {subject} goes from {from} to {to}",
    AnyOfAdded "any-of-added" Widens ALL "bpBP"
        "{subject} gets one more alternative of `anyOf`[: `{value}`]",
    AnyOfRemoved "any-of-removed" Narrows ALL "bpBP" "{subject} loses an alternative of `anyOf`[: `{value}`]",
    BaseUnreadable "base-unreadable" Unclear ALL ""
        "{subject} cannot be read in the base, so nothing can be said about its change",
    BecameEnum "became-enum" Narrows ALL "bpqh" "{subject} is now restricted to a list of values[: {to}]",
    BecameExtensibleEnum "became-extensible-enum" Widens ALL ""
        "the list of values of {subject} is now open: `enum` became `x-extensible-enum`",
    BecameNotNullable "became-not-nullable" Narrows ALL "bpqrBPH" "{subject} may no longer be null",
    BecameNullable "became-nullable" Widens ALL "bpqrBPH" "{subject} may now be null",
    BecameOptional "became-optional" Widens "bpqrBPHR" "bpqPH" "{subject} is no longer required",
    BecameRequired "became-required" Narrows "bpqrBPHR" "bpqhP" "{subject} is now required",
    BecameRequiredWithDefault "became-required-with-default" Narrows "pr" "p"
        "{subject} is now required, and its default[ {to}] does not change that",
    BecameUndecided "became-undecided" Unclear ALL ""
        "it cannot be decided whether the change of {subject} is compatible[: it turns on {construct}]",
    ConstAdded "const-added" Narrows ALL "bpBP" "{subject} now has one value only[: {to}]",
    ConstChanged "const-changed" Breaks ALL "bpBP"
        "the constant value of {subject} changes[ from {from}][ to {to}]",
    ConstRemoved "const-removed" Widens ALL "bpBP" "{subject} is no longer the constant[ {from}]",
    ContainsAdded "contains-added" Narrows ALL "bpBP" "{subject} must now contain an item of a certain form",
    ContainsRemoved "contains-removed" Widens ALL "bpBP"
        "{subject} no longer has to contain an item of a certain form",
    ContentChanged "content-changed" Breaks "qH" ""
        "{subject} is written in another way: from {from} to {to}",
    ContentEncodingChanged "content-encoding-changed" Breaks ALL "bpBP"
        "the content encoding of {subject} changes[ from `{from}`][ to `{to}`]",
    ContentMediaTypeChanged "content-media-type-changed" Breaks ALL "bpBP"
        "the media type of the content of {subject} changes[ from `{from}`][ to `{to}`]",
    ContentSchemaAdded "content-schema-added" Narrows ALL "bpBP"
        "the content of {subject} must now match a schema",
    ContentSchemaRemoved "content-schema-removed" Widens ALL "bpBP"
        "the content of {subject} no longer has to match a schema",
    DefaultValueAdded "default-value-added" Tells ALL "bpqBP" "{subject} gets a default[: {to}]",
    DefaultValueChanged "default-value-changed" Tells ALL "bpqBP"
        "the default of {subject} changes[ from {from}][ to {to}]",
    DefaultValueRemoved "default-value-removed" Tells ALL "bpqBP" "{subject} loses its default[: {from}]",
    DependentRequiredAdded "dependent-required-added" Narrows ALL "bpBP"
        "{subject} now needs other properties[ where it has `{value}`][: {to}]",
    DependentRequiredChanged "dependent-required-changed" Breaks ALL "bpBP"
        "the properties that {subject} needs[ where it has `{value}`] change[ from {from}][ to {to}]",
    DependentRequiredRemoved "dependent-required-removed" Widens ALL "bpBP"
        "{subject} no longer needs other properties[ where it has `{value}`][: {from}]",
    DependentSchemaAdded "dependent-schema-added" Narrows ALL "bpBP"
        "{subject} must now match a schema[ where it has `{value}`]",
    DependentSchemaRemoved "dependent-schema-removed" Widens ALL "bpBP"
        "{subject} no longer has to match a schema[ where it has `{value}`]",
    Deprecated "deprecated" Tells "pqrPHR" "pqP" "{subject} is now deprecated[ and ends on {to}]",
    DeprecatedSunsetInvalid "deprecated-sunset-invalid" Breaks "prPR" "pP"
        "{subject} is deprecated with an `x-sunset` that is no date[: `{value}`]",
    DeprecatedSunsetMissing "deprecated-sunset-missing" Breaks "pqP" "pqP"
        "{subject} is deprecated without the `x-sunset` that its stability asks for",
    DeprecatedWithSunset "deprecated-with-sunset" Tells "prPR" "pP"
        "{subject} is now deprecated[ and ends on {to}]",
    DiscriminatorAdded "discriminator-added" Tells ALL "bpBP" "{subject} now has a discriminator[: `{to}`]",
    DiscriminatorMappingAdded "discriminator-mapping-added" Tells ALL "bpBP"
        "the discriminator of {subject} gets the tag `{value}`",
    DiscriminatorMappingChanged "discriminator-mapping-changed" Breaks ALL "bpBP"
        "the tag `{value}` of {subject} leads to another schema[: from `{from}`][ to `{to}`]",
    DiscriminatorMappingDeleted "discriminator-mapping-deleted" Breaks ALL "bpBP"
        "the discriminator of {subject} loses the tag `{value}`",
    DiscriminatorPropertyNameChanged "discriminator-property-name-changed" Breaks ALL "bpBP"
        "the discriminator of {subject} changes[ from `{from}`][ to `{to}`]",
    DiscriminatorRemoved "discriminator-removed" Tells ALL "bpBP"
        "{subject} loses its discriminator[: `{from}`]",
    ElseAdded "else-added" Narrows ALL "bpBP" "{subject} gets an alternative (`else`) to its condition",
    ElseRemoved "else-removed" Widens ALL "bpBP" "{subject} loses an alternative (`else`) to its condition",
    EnumRemoved "enum-removed" Widens ALL "" "{subject} is no longer restricted to a list of values",
    EnumValueAdded "enum-value-added" Widens ALL "pqrP" "{subject} gets the value {value}",
    EnumValueRemoved "enum-value-removed" Narrows ALL "bpqrBP" "{subject} loses the value {value}",
    ExclusiveMaxDecreased "exclusive-max-decreased" Narrows ALL "bpqBPH"
        "the exclusive maximum of {subject} falls[ from {from}][ to {to}]",
    ExclusiveMaxIncreased "exclusive-max-increased" Widens ALL "bpqBPH"
        "the exclusive maximum of {subject} rises[ from {from}][ to {to}]",
    ExclusiveMaxSet "exclusive-max-set" Narrows ALL "bpqBPH" "{subject} gets an exclusive maximum[: {to}]",
    ExclusiveMaxUnset "exclusive-max-unset" Widens ALL "bpqBPH"
        "{subject} loses its exclusive maximum[: {from}]",
    ExclusiveMinDecreased "exclusive-min-decreased" Widens ALL "bpqBPH"
        "the exclusive minimum of {subject} falls[ from {from}][ to {to}]",
    ExclusiveMinIncreased "exclusive-min-increased" Narrows ALL "bpqBPH"
        "the exclusive minimum of {subject} rises[ from {from}][ to {to}]",
    ExclusiveMinSet "exclusive-min-set" Narrows ALL "bpqBPH" "{subject} gets an exclusive minimum[: {to}]",
    ExclusiveMinUnset "exclusive-min-unset" Widens ALL "bpqBPH"
        "{subject} loses its exclusive minimum[: {from}]",
    ExplodeChanged "explode-changed" Breaks "qH" "" "`explode` of {subject} goes from {from} to {to}",
    IfAdded "if-added" Narrows ALL "bpBP" "{subject} gets a condition (`if`)",
    IfRemoved "if-removed" Widens ALL "bpBP" "{subject} loses a condition (`if`)",
    ItemsAdded "items-added" Narrows ALL "" "the items of {subject} must now match a schema",
    ItemsRemoved "items-removed" Widens ALL "" "the items of {subject} no longer have to match a schema",
    ListOfTypesNarrowed "list-of-types-narrowed" Narrows ALL "bpqrBP"
        "{subject} takes fewer types[: no longer {value}]",
    ListOfTypesWidened "list-of-types-widened" Widens ALL "bpqrBP"
        "{subject} takes more types[: now also {value}]",
    MaxContainsDecreased "max-contains-decreased" Narrows ALL "bpqBPH"
        "the maximum number of items that match `contains` of {subject} falls[ from {from}][ to {to}]",
    MaxContainsIncreased "max-contains-increased" Widens ALL "bpqBPH"
        "the maximum number of items that match `contains` of {subject} rises[ from {from}][ to {to}]",
    MaxContainsSet "max-contains-set" Narrows ALL "bpqBPH"
        "{subject} gets a maximum number of items that match `contains`[: {to}]",
    MaxContainsUnset "max-contains-unset" Widens ALL "bpqBPH"
        "{subject} loses its maximum number of items that match `contains`[: {from}]",
    MaxDecreased "max-decreased" Narrows ALL "bpqBPH" "the maximum of {subject} falls[ from {from}][ to {to}]",
    MaxIncreased "max-increased" Widens ALL "bpqBPH" "the maximum of {subject} rises[ from {from}][ to {to}]",
    MaxItemsDecreased "max-items-decreased" Narrows ALL "bpqBPH"
        "the maximum number of items of {subject} falls[ from {from}][ to {to}]",
    MaxItemsIncreased "max-items-increased" Widens ALL "bpqBPH"
        "the maximum number of items of {subject} rises[ from {from}][ to {to}]",
    MaxItemsSet "max-items-set" Narrows ALL "bpqBPH" "{subject} gets a maximum number of items[: {to}]",
    MaxItemsUnset "max-items-unset" Widens ALL "bpqBPH"
        "{subject} loses its maximum number of items[: {from}]",
    MaxLengthDecreased "max-length-decreased" Narrows ALL "bpqBPH"
        "the maximum length of {subject} falls[ from {from}][ to {to}]",
    MaxLengthIncreased "max-length-increased" Widens ALL "bpqBPH"
        "the maximum length of {subject} rises[ from {from}][ to {to}]",
    MaxLengthSet "max-length-set" Narrows ALL "bpqBPH" "{subject} gets a maximum length[: {to}]",
    MaxLengthUnset "max-length-unset" Widens ALL "bpqBPH" "{subject} loses its maximum length[: {from}]",
    MaxPropertiesDecreased "max-properties-decreased" Narrows ALL "bpqBPH"
        "the maximum number of properties of {subject} falls[ from {from}][ to {to}]",
    MaxPropertiesIncreased "max-properties-increased" Widens ALL "bpqBPH"
        "the maximum number of properties of {subject} rises[ from {from}][ to {to}]",
    MaxPropertiesSet "max-properties-set" Narrows ALL "bpqBPH"
        "{subject} gets a maximum number of properties[: {to}]",
    MaxPropertiesUnset "max-properties-unset" Widens ALL "bpqBPH"
        "{subject} loses its maximum number of properties[: {from}]",
    MaxSet "max-set" Narrows ALL "bpqBPH" "{subject} gets a maximum[: {to}]",
    MaxUnset "max-unset" Widens ALL "bpqBPH" "{subject} loses its maximum[: {from}]",
    MediaTypeAdded "media-type-added" Tells "b" "b" "the request body may now be `{name}`",
    MediaTypeItemSchemaAdded "media-type-item-schema-added" Narrows "bB" "bB"
        "the items of {subject} must now match a schema",
    MediaTypeItemSchemaRemoved "media-type-item-schema-removed" Widens "bB" "bB"
        "the items of {subject} no longer have to match a schema",
    MediaTypeItemSchemaRemovedUntyped "media-type-item-schema-removed-untyped" Widens "B" "B"
        "the items of {subject} no longer have a schema, and nothing else describes them",
    MediaTypeRemoved "media-type-removed" Breaks "b" "b" "the request body may no longer be `{name}`",
    MediaTypeSchemaAdded "media-type-schema-added" Narrows "bB" "bB" "{subject} must now match a schema",
    MediaTypeSchemaRemoved "media-type-schema-removed" Widens "bB" "bB"
        "{subject} no longer has to match a schema",
    MinContainsDecreased "min-contains-decreased" Widens ALL "bpqBPH"
        "the minimum number of items that match `contains` of {subject} falls[ from {from}][ to {to}]",
    MinContainsIncreased "min-contains-increased" Narrows ALL "bpqBPH"
        "the minimum number of items that match `contains` of {subject} rises[ from {from}][ to {to}]",
    MinContainsSet "min-contains-set" Narrows ALL "bpqBPH"
        "{subject} gets a minimum number of items that match `contains`[: {to}]",
    MinContainsUnset "min-contains-unset" Widens ALL "bpqBPH"
        "{subject} loses its minimum number of items that match `contains`[: {from}]",
    MinDecreased "min-decreased" Widens ALL "bpqBPH" "the minimum of {subject} falls[ from {from}][ to {to}]",
    MinIncreased "min-increased" Narrows ALL "bpqBPH" "the minimum of {subject} rises[ from {from}][ to {to}]",
    MinItemsDecreased "min-items-decreased" Widens ALL "bpqBPH"
        "the minimum number of items of {subject} falls[ from {from}][ to {to}]",
    MinItemsIncreased "min-items-increased" Narrows ALL "bpqBPH"
        "the minimum number of items of {subject} rises[ from {from}][ to {to}]",
    MinItemsSet "min-items-set" Narrows ALL "bpqBPH" "{subject} gets a minimum number of items[: {to}]",
    MinItemsUnset "min-items-unset" Widens ALL "bpqBPH"
        "{subject} loses its minimum number of items[: {from}]",
    MinLengthDecreased "min-length-decreased" Widens ALL "bpqBPH"
        "the minimum length of {subject} falls[ from {from}][ to {to}]",
    MinLengthIncreased "min-length-increased" Narrows ALL "bpqBPH"
        "the minimum length of {subject} rises[ from {from}][ to {to}]",
    MinLengthSet "min-length-set" Narrows ALL "bpqBPH" "{subject} gets a minimum length[: {to}]",
    MinLengthUnset "min-length-unset" Widens ALL "bpqBPH" "{subject} loses its minimum length[: {from}]",
    MinPropertiesDecreased "min-properties-decreased" Widens ALL "bpqBPH"
        "the minimum number of properties of {subject} falls[ from {from}][ to {to}]",
    MinPropertiesIncreased "min-properties-increased" Narrows ALL "bpqBPH"
        "the minimum number of properties of {subject} rises[ from {from}][ to {to}]",
    MinPropertiesSet "min-properties-set" Narrows ALL "bpqBPH"
        "{subject} gets a minimum number of properties[: {to}]",
    MinPropertiesUnset "min-properties-unset" Widens ALL "bpqBPH"
        "{subject} loses its minimum number of properties[: {from}]",
    MinSet "min-set" Narrows ALL "bpqBPH" "{subject} gets a minimum[: {to}]",
    MinUnset "min-unset" Widens ALL "bpqBPH" "{subject} loses its minimum[: {from}]",
    MultipleOfChanged "multiple-of-changed" Breaks ALL "bpBP"
        "`multipleOf` of {subject} changes[ from {from}][ to {to}]",
    MultipleOfGeneralized "multiple-of-generalized" Widens "bpqr" "bp"
        "`multipleOf` of {subject} becomes wider[: from {from}][ to {to}]",
    MultipleOfSet "multiple-of-set" Narrows ALL "bpqBPH" "{subject} must now be a multiple[ of {to}]",
    MultipleOfSpecialized "multiple-of-specialized" Narrows "BPHR" "BP"
        "`multipleOf` of {subject} becomes narrower[: from {from}][ to {to}]",
    MultipleOfUnset "multiple-of-unset" Widens ALL "bpqBPH"
        "{subject} no longer has to be a multiple[ of {from}]",
    NotAdded "not-added" Narrows ALL "" "{subject} now excludes the values of a schema (`not`)",
    NotChanged "not-changed" Unclear ALL "" "the values that {subject} excludes (`not`) change",
    NotRemoved "not-removed" Widens ALL "" "{subject} no longer excludes the values of a schema (`not`)",
    OneOfAdded "one-of-added" Widens ALL "bpBP"
        "{subject} gets one more alternative of `oneOf`[: `{value}`]",
    OneOfOverlaps "one-of-overlaps" Narrows "bpqr" ""
        "alternatives of `oneOf` of {subject}[, `{value}` among them,] overlap now, and what matches both is refused",
    OneOfRemoved "one-of-removed" Narrows ALL "bpBP" "{subject} loses an alternative of `oneOf`[: `{value}`]",
    PatternAdded "pattern-added" Narrows ALL "pqP" "{subject} must now match a pattern[: `{to}`]",
    PatternChanged "pattern-changed" Breaks ALL "pqP"
        "the pattern of {subject} changes[ from `{from}`][ to `{to}`]",
    PatternGeneralized "pattern-generalized" Widens "bpqr" "pq"
        "the pattern of {subject} becomes wider[: from `{from}`][ to `{to}`]",
    PatternPropertyAdded "pattern-property-added" Narrows ALL "bpBP"
        "properties of {subject}[ whose names match `{value}`] must now match a schema",
    PatternPropertyRemoved "pattern-property-removed" Widens ALL "bpBP"
        "properties of {subject}[ whose names match `{value}`] no longer have to match a schema",
    PatternRemoved "pattern-removed" Widens ALL "pqP"
        "{subject} no longer has to match a pattern[: `{from}`]",
    PatternSpecialized "pattern-specialized" Narrows "BPHR" ""
        "the pattern of {subject} becomes narrower[: from `{from}`][ to `{to}`]",
    PrefixItemsAdded "prefix-items-added" Narrows ALL "bpBP"
        "{subject} prescribes more of its first items[: number {value}]",
    PrefixItemsRemoved "prefix-items-removed" Widens ALL "bpBP"
        "{subject} prescribes fewer of its first items[: no longer number {value}]",
    PropertyNamesAdded "property-names-added" Narrows ALL "bpBP"
        "the names of the properties of {subject} must now match a schema",
    PropertyNamesRemoved "property-names-removed" Widens ALL "bpBP"
        "the names of the properties of {subject} no longer have to match a schema",
    Reactivated "reactivated" Tells "pqrPHR" "pqP" "{subject} is no longer deprecated",
    Removed "removed" Unclear "bpqrB" "bpq" "{subject} is gone",
    RemovedBeforeSunset "removed-before-sunset" Breaks "q" "q"
        "{subject} is gone before the day[ {from}] that was announced",
    RemovedFromClosed "removed-from-closed" Narrows "pr" ""
        "{subject} is gone, and the revision allows no properties beside those that it names",
    RemovedWithDeprecation "removed-with-deprecation" Tells "q" "q"
        "{subject} is gone after the end that was announced",
    RequiredUndeclaredAdded "required-undeclared-added" Narrows ALL ""
        "{subject} now needs `{value}`, which it does not declare",
    RequiredUndeclaredRemoved "required-undeclared-removed" Widens ALL ""
        "{subject} no longer needs `{value}`, which it does not declare",
    RevisionUnreadable "revision-unreadable" Breaks ALL "" "{subject} cannot be read in the revision",
    SchemaBecameFalse "schema-became-false" Narrows ALL "bpqrBPH" "{subject} admits no value any more",
    SchemaBecameNotFalse "schema-became-not-false" Widens ALL "bpqrBPH" "{subject} admits values now",
    SerialisationChanged "serialisation-changed" Breaks "" ""
        "the values of {subject} are written in another way[: from `{from}`][ to `{to}`]",
    StabilityDecreased "stability-decreased" Breaks "pqrPHR" "pP"
        "the stability of {subject} falls[ from `{from}`][ to `{to}`]",
    StabilityIncreased "stability-increased" Tells "pqrPHR" "pP"
        "the stability of {subject} rises[ from `{from}`][ to `{to}`]",
    StyleChanged "style-changed" Breaks "q" ""
        "the style of {subject} changes[ from `{from}`][ to `{to}`]",
    SunsetDateChangedTooSmall "sunset-date-changed-too-small" Breaks "pqrPHR" "q"
        "the end of {subject} moves to an earlier day[: from {from}][ to {to}]",
    SunsetDateTooSmall "sunset-date-too-small" Breaks "pqrPHR" "pqP"
        "the end of {subject}[ on {to}] is too near for its stability",
    SunsetDeleted "sunset-deleted" Breaks "pqrPHR" "q" "{subject} loses the day of its end[: {from}]",
    SunsetParse "sunset-parse" Breaks "qH" "q" "`x-sunset` of {subject} is no date[: `{value}`]",
    ThenAdded "then-added" Narrows ALL "bpBP" "{subject} gets a consequence (`then`) of its condition",
    ThenRemoved "then-removed" Widens ALL "bpBP" "{subject} loses a consequence (`then`) of its condition",
    TypeChanged "type-changed" Breaks ALL "bpqrBPH" "the type of {subject} changes[ from {from}][ to {to}]",
    TypeCompatible "type-compatible" Tells "" "bpBPH"
        "the type of {subject} changes[ from {from}][ to {to}], and what is written stays the same",
    TypeGeneralized "type-generalized" Widens ALL "bpqrBPH"
        "the type of {subject} becomes wider[: from {from}][ to {to}]",
    TypeSpecialized "type-specialized" Narrows "rBPHR" "rBPH"
        "the type of {subject} becomes narrower[: from {from}][ to {to}]",
    UnevaluatedItemsAdded "unevaluated-items-added" Narrows ALL "bpBP"
        "items that {subject} does not describe must now match a schema",
    UnevaluatedItemsClosed "unevaluated-items-closed" Narrows ALL ""
        "{subject} no longer allows items that it does not describe",
    UnevaluatedItemsOpened "unevaluated-items-opened" Widens ALL ""
        "{subject} now allows items that it does not describe",
    UnevaluatedItemsRemoved "unevaluated-items-removed" Widens ALL "bpBP"
        "items that {subject} does not describe no longer have to match a schema",
    UnevaluatedPropertiesAdded "unevaluated-properties-added" Narrows ALL "bpBP"
        "properties that {subject} does not describe must now match a schema",
    UnevaluatedPropertiesClosed "unevaluated-properties-closed" Narrows ALL ""
        "{subject} no longer allows properties that it does not describe",
    UnevaluatedPropertiesOpened "unevaluated-properties-opened" Widens ALL ""
        "{subject} now allows properties that it does not describe",
    UnevaluatedPropertiesRemoved "unevaluated-properties-removed" Widens ALL "bpBP"
        "properties that {subject} does not describe no longer have to match a schema",
    UniqueItemsSet "unique-items-set" Narrows ALL "bp"
        "the items of {subject} must now differ from each other",
    UniqueItemsUnset "unique-items-unset" Widens ALL "bpBP" "the items of {subject} may now repeat",
    WrappedInOneOf "wrapped-in-one-of" Breaks ALL "bB"
        "{subject} becomes one of several schemas (`oneOf`), none of which is the former one",
    WrappedInOneOfOriginalPreserved "wrapped-in-one-of-original-preserved" Widens "bpqr" "bB"
        "{subject} becomes one of several schemas (`oneOf`), one of which is the former one",
    ExtensibleEnumValueAdded "x-extensible-enum-value-added" Tells ALL ""
        "the open list of values of {subject} gets {value}",
    XExtensibleEnumValueRemoved "x-extensible-enum-value-removed" Narrows ALL "pq"
        "the open list of values of {subject} loses {value}",
}
