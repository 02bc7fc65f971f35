//! What is to be said about the rules that stand alone, by groups of ids.

use crate::openapi::finding::Level;

/// Rules of which the same is to be said.
#[derive(Debug, Clone, Copy)]
pub(super) enum Group {
    Removal,
    Lifecycle,
    Names,
    Version,
    Server,
    Reading,
    Description,
    Credentials,
    Parameter,
    ReadOnly,
    WriteOnly,
    RequestProperty,
    RequestMedia,
    Part,
    Status,
    ResponseMedia,
    Header,
    ResponseProperty,
    Link,
    Event,
    Addition,
}

impl Group {
    /// The group of the rule `id`.
    pub(super) fn of(id: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| id.contains(word));
        match id {
            "endpoint-added" | "api-path-generalized" => Self::Addition,
            _ if has(&["security"]) => Self::Credentials,
            _ if has(&["unreadable"]) => Self::Reading,
            _ if id.starts_with("description-") => Self::Description,
            _ if has(&["version"]) => Self::Version,
            _ if has(&["server", "base-path"]) => Self::Server,
            _ if has(&["operation-id", "tag-", "schema-removed"]) => Self::Names,
            _ if id.starts_with("api-removed") || id.starts_with("api-path-removed") => Self::Removal,
            _ if has(&["sunset", "stability", "endpoint-"]) => Self::Lifecycle,
            _ if has(&["webhook", "callback"]) => Self::Event,
            _ if has(&["link"]) => Self::Link,
            _ if has(&["encoding"]) => Self::Part,
            _ if has(&["status"]) => Self::Status,
            _ if has(&["response-header"]) => Self::Header,
            _ if id.starts_with("request-body-media") => Self::RequestMedia,
            _ if has(&["media-type"]) => Self::ResponseMedia,
            _ if has(&["read-only"]) => Self::ReadOnly,
            _ if has(&["write-only"]) => Self::WriteOnly,
            _ if has(&["parameter", "header-property"]) => Self::Parameter,
            _ if id.starts_with("response-") => Self::ResponseProperty,
            _ => Self::RequestProperty,
        }
    }

    /// Why its rules of this level matter.
    pub(super) fn why(self, level: Level) -> &'static str {
        let fine = level == Level::Info;
        match self {
            Self::Removal if fine => "The end was announced, and the day has come.",
            Self::Removal => "Clients that call the operation fail, and they had no time to move.",
            Self::Lifecycle if fine => "Clients should know how long they can count on the operation.",
            Self::Lifecycle => "Announced ends and levels of stability are promises that clients plan with.",
            Self::Names => "Messages stay the same; generated clients may get other names.",
            Self::Version => "The version of the description tells readers what to expect of an update.",
            Self::Server if fine => "Clients may call one more address.",
            Self::Server => "Clients that call the old address do not reach the operations any more.",
            Self::Reading => {
                "Nothing can be concluded from a place that cannot be read, and a gate must not open for it."
            }
            Self::Description if fine => "Nobody relies on it yet.",
            Self::Description => "Whatever the description promises is not promised any more.",
            Self::Credentials if fine => {
                "Credentials are compared as alternatives of sets of schemes, by what the schemes ask for; whoever \
                 could call before still can."
            }
            Self::Credentials => {
                "Credentials are compared as alternatives of sets of schemes, by what the schemes ask for; some clients \
                 could call before and are refused now."
            }
            Self::Parameter | Self::RequestProperty if fine => "Requests without it are still accepted.",
            Self::Parameter | Self::RequestProperty => "Requests of clients that do not send it are refused.",
            Self::ReadOnly if fine => "A read-only property is no part of requests, so requests stay valid.",
            Self::ReadOnly => {
                "The property becomes part of requests and is required there: clients do not send it."
            }
            Self::WriteOnly if fine => {
                "A write-only property is no part of responses, so what clients read stays valid."
            }
            Self::WriteOnly => "The property leaves responses, where clients count on it.",
            Self::RequestMedia if fine => "Bodies of the old media type are still accepted.",
            Self::RequestMedia => "Bodies of media types that the base accepts are refused.",
            Self::Part if fine => "Parts as the base has them are still understood.",
            Self::Part => {
                "How a part is written belongs to the message, and the other side does not understand it."
            }
            Self::Status if fine => "Clients have to expect any status; which are described may change.",
            Self::Status => "Clients count on the statuses that the base describes.",
            Self::ResponseMedia if fine => "Clients that ask for a media type of the base still get it.",
            Self::ResponseMedia => {
                "Clients get a media type that the base does not promise, or miss one that it does."
            }
            Self::Header if fine => "The base does not promise that the header is there.",
            Self::Header => "Clients count on a header that is always there.",
            Self::ResponseProperty if fine => "Clients that read what the base promises still find it.",
            Self::ResponseProperty => "Clients count on a property that is always there.",
            Self::Link if fine => "Clients may follow one more link.",
            Self::Link => "Clients that follow links do not arrive where they did.",
            Self::Event if fine => "The server may call clients that ask for it.",
            Self::Event => "Clients that wait for the call do not get it any more.",
            Self::Addition => "Nobody relies on it yet.",
        }
    }

    /// What to do about its rules of this level.
    pub(super) fn mend(self, level: Level) -> &'static str {
        if level == Level::Info {
            return match self {
                Self::Version => "Raise `info.version` by what the change asks for.",
                _ => super::NOTHING,
            };
        }
        match self {
            Self::Removal => {
                "Keep the operation, deprecate it with an `x-sunset`, and remove it after that day."
            }
            Self::Lifecycle => {
                "Give a valid `x-sunset` that is far enough away, keep to it, and keep the stability."
            }
            Self::Names => "Keep the name of the base.",
            Self::Version => "Raise `info.version` by what the change asks for.",
            Self::Server => "Keep the old address beside the new one until its clients have moved.",
            Self::Reading => "Mend the description; a diagnostic names the defect and its place.",
            Self::Description => {
                "Bring the description back, or move it and let the new place name the old one."
            }
            Self::Credentials => {
                "Keep accepting the old credentials as an alternative until clients have moved."
            }
            Self::Parameter | Self::RequestProperty => {
                "Make it optional, and let the server supply what is missing; or ask for it in a new operation."
            }
            Self::ReadOnly => "Make the property optional before it enters requests.",
            Self::WriteOnly => {
                "Keep the property in responses, or make it optional there in a new version first."
            }
            Self::RequestMedia => "Keep accepting the media types of the base beside the new one.",
            Self::Part => "Keep the encoding of the part.",
            Self::Status => "Keep answering with the status of the base.",
            Self::ResponseMedia => "Keep offering the media types of the base beside the new one.",
            Self::Header => "Keep sending the header.",
            Self::ResponseProperty => "Keep sending the property, and deprecate it with an `x-sunset` first.",
            Self::Link => "Keep the link, and where it leads.",
            Self::Event => "Keep the call, and announce its end first.",
            Self::Addition => super::NOTHING,
        }
    }
}
