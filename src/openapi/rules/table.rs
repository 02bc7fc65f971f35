//! Where a change can happen: the one side of the table that most rules come from.

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

    /// Its letter in the lists of [`super::What`]: small for requests.
    pub(super) fn letter(self) -> char {
        match self {
            Self::RequestBody => 'b',
            Self::RequestProperty => 'p',
            Self::RequestParameter => 'q',
            Self::RequestParameterProperty => 'r',
            Self::RequestHeaderProperty => 'h',
            Self::ResponseBody => 'B',
            Self::ResponseProperty => 'P',
            Self::ResponseHeader => 'H',
            Self::ResponseHeaderProperty => 'R',
        }
    }

    /// How sentences name it: a template of [`super::sentence`]. All take `name` (of a body: the media type), a parameter
    /// `in` as well (those of webhooks and callbacks come like headers of responses, which have none), and a property of a parameter or header `parameter`.
    pub(super) fn subject(self) -> &'static str {
        match self {
            Self::RequestBody => "the request body[ of type `{name}`]",
            Self::RequestProperty => "the request property `{name}`",
            Self::RequestParameter => "the [{in} ]parameter `{name}`",
            Self::RequestParameterProperty => {
                "the property `{name}` of [the parameter `{parameter}`|a parameter]"
            }
            Self::RequestHeaderProperty => {
                "the property `{name}` of [the request header `{parameter}`|a request header]"
            }
            Self::ResponseBody => "the response body[ of type `{name}`]",
            Self::ResponseProperty => "the response property `{name}`",
            Self::ResponseHeader => "[the {in} parameter|the response header] `{name}`",
            Self::ResponseHeaderProperty => {
                "the property `{name}` of [the response header `{parameter}`|a response header]"
            }
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

    /// Whether the value of a parameter or header stands there.
    #[must_use]
    pub fn is_field(self) -> bool {
        matches!(self, Self::RequestParameter | Self::ResponseHeader)
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
