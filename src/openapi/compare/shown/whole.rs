//! Whole messages, for what is no schema: requests, answers, and how what is in them is written.

use super::super::pairs::{Change, Flow, Key, PairId};
use super::Witnesses;
use crate::openapi::finding::{Carried, Direction, OperationKind, OperationName, SideName, Witness};
use crate::openapi::model::{MediaType, ParameterId, ParameterIn, ResponseId};
use crate::openapi::rules::What;
use crate::openapi::witness::{Objection, Reads, Sent, answers, code};

/// What may be carried, by media type.
type Types<'d, 't> = &'d [MediaType<'t>];

/// The operations of a message, and what of them the finding is about.
struct Scene {
    kind: OperationKind,
    old: u32,
    new: Option<u32>,
    response: Option<(ResponseId, ResponseId, Flow)>,
}

impl Scene {
    /// Whether requests of it come to the client, as those of webhooks do.
    fn received(&self) -> bool {
        self.kind != OperationKind::Operation
    }
}

impl<'d, 't> Witnesses<'_, 'd, 't> {
    /// A whole message that one side objects to, for what is no schema.
    pub(super) fn message(&mut self, pair: PairId, change: &Change) -> Option<Witness> {
        if change.rule.id == "api-base-path-changed" {
            let (index, sent) = self.search.elsewhere()?;
            return Some(self.whole(SideName::Base, index, None, sent, None));
        }
        let path = self.ways.to(pair);
        let &Key::Operation(Some(old), new) =
            path.first().map(|&first| &self.graph.keys[first.0 as usize])?
        else {
            return None;
        };
        let (base, revision) = (self.sides[0], self.sides[1]);
        let before = &base.operations[old as usize];
        let item = &base.paths[before.path as usize];
        if before.broken || new.is_some_and(|new| revision.operations[new as usize].broken) {
            return None;
        }
        let response = path.iter().find_map(|&pair| match self.key(pair) {
            Key::Response(old, new, flow) => Some((old, new, flow)),
            _ => None,
        });
        let scene = Scene { kind: item.kind, old, new, response };
        match change.rule.id.as_ref() {
            "webhook-removed" | "callback-removed" => {
                let sent = self.search.silenced(old)?;
                return Some(self.whole(SideName::Base, old, None, sent, None));
            }
            "response-success-status-removed" => return self.lost(&scene, argument(change, "name")?),
            "response-media-type-removed" if scene.response.is_some() => {
                return self.not_acceptable(&scene, change);
            }
            _ => {}
        }
        match change.rule.change() {
            Some(What::AllowEmptyValueAdded | What::AllowEmptyValueRemoved) => self.emptied(&path, &scene),
            Some(What::StyleChanged | What::ExplodeChanged | What::ContentChanged) => {
                self.misread(&path, &scene, change)
            }
            Some(
                What::MediaTypeSchemaAdded
                | What::MediaTypeSchemaRemoved
                | What::MediaTypeItemSchemaAdded
                | What::MediaTypeItemSchemaRemoved
                | What::MediaTypeItemSchemaRemovedUntyped,
            ) => self.without_schema(&path, &scene, change),
            _ if change.rule.id.contains("-body-encoding-") => self.misread_part(&path, &scene, change),
            _ => self.objected(&scene, change),
        }
    }

    /// The witness that shows `sent`, a message of the operation `index` of `side`.
    fn whole(
        &self,
        side: SideName,
        index: u32,
        status: Option<&str>,
        sent: Sent,
        read_as: Option<[serde_json::Value; 2]>,
    ) -> Witness {
        let description = self.sides[side as usize];
        let operation = &description.operations[index as usize];
        let item = &description.paths[operation.path as usize];
        Witness {
            accepted_by: side,
            carried: Carried::Message,
            operation: Some(OperationName {
                kind: item.kind,
                method: operation.method.to_owned(),
                path: item.path.to_owned(),
            }),
            status: status.map(str::to_owned),
            media_type: sent.media_type,
            name: None,
            value: None,
            message: Some(sent.message),
            read_as: read_as.map(Into::into),
        }
    }

    /// The status of the response that is sent: a code for which both sides have the responses that are compared, with the
    /// operation of the side that sends it: of the revision, or for answers of clients of the base.
    fn sent_status(&self, scene: &Scene) -> Option<(u32, String)> {
        let (old, new, flow) = scene.response?;
        let index = if flow == Flow::Received { scene.new? } else { scene.old };
        let status = self.status((scene.old, scene.new?), (old, new), flow == Flow::Received)?;
        Some((index, status))
    }

    fn objected(&mut self, scene: &Scene, change: &Change) -> Option<Witness> {
        let objection = objection(change)?;
        let is_answer = match scene.response {
            Some((.., Flow::Sent)) => true,
            Some(_) => answers(&objection, change.rule.direction),
            None => false,
        };
        if is_answer {
            let (old, new, flow) = scene.response?;
            let received = flow == Flow::Received;
            let objection = match objection {
                Objection::MissingParameter(ParameterIn::Header, name) => Objection::MissingHeader(name),
                other => other,
            };
            let (index, status) = self.sent_status(scene)?;
            let sent = self.search.answer((old, new), received, &status, &objection)?;
            let side = if received { SideName::Revision } else { SideName::Base };
            return Some(self.whole(side, index, Some(&status), sent, None));
        }
        let received = scene.received();
        let (side, own, theirs) = if received {
            (SideName::Revision, scene.new?, Some(scene.old))
        } else {
            (SideName::Base, scene.old, scene.new)
        };
        let media = argument(change, "name");
        let sent = self.search.request((own, theirs), received, &objection, media)?;
        Some(self.whole(side, own, None, sent, None))
    }

    /// An answer that the base promises and the revision does not give.
    fn lost(&mut self, scene: &Scene, status: &str) -> Option<Witness> {
        let [base, revision] = self.sides;
        let (was, is) = (&base.operations[scene.old as usize], &revision.operations[scene.new? as usize]);
        let response = was.responses.iter().find(|(name, ..)| *name == status)?.1;
        // Of a range, a code that nothing is left for.
        let code = code((was, response), (is, None))?;
        let sent = self.search.lost(scene.new?, response, &code, None)?;
        Some(self.whole(SideName::Base, scene.old, Some(&code), sent, None))
    }

    /// A media type that is no longer answered with: whoever asks for it gets nothing, or whoever waits for it waits in
    /// vain.
    fn not_acceptable(&mut self, scene: &Scene, change: &Change) -> Option<Witness> {
        let media = argument(change, "name")?;
        if !scene.received() {
            let sent =
                self.search.request((scene.old, scene.new), false, &Objection::NotAcceptable, Some(media));
            if let Some(sent) = sent {
                return Some(self.whole(SideName::Base, scene.old, None, sent, None));
            }
        }
        let (old, new, flow) = scene.response?;
        let code = self.status((scene.old, scene.new?), (old, new), false)?;
        if flow == Flow::Received {
            let sent = self.search.answer((old, new), true, &code, &Objection::MissingBody);
            if let Some(sent) = sent {
                return Some(self.whole(SideName::Revision, scene.new?, Some(&code), sent, None));
            }
        }
        let sent = self.search.lost(scene.new?, old, &code, Some(media))?;
        Some(self.whole(SideName::Base, scene.old, Some(&code), sent, None))
    }

    /// The parameters that `path` leads through, and which way they go.
    fn parameter(&self, path: &[PairId]) -> Option<(ParameterId, ParameterId, Flow)> {
        path.iter().find_map(|&pair| match self.key(pair) {
            Key::Parameter(old, new, flow) => Some((old, new, flow)),
            _ => None,
        })
    }

    /// A parameter that comes empty where the other side takes it for no value.
    fn emptied(&mut self, path: &[PairId], scene: &Scene) -> Option<Witness> {
        let (old, new, flow) = self.parameter(path)?;
        let received = flow == Flow::Received;
        let operations = (scene.old, scene.new?);
        let sent = self.search.emptied(operations, (old, new), received)?;
        let (side, index) =
            if received { (SideName::Revision, operations.1) } else { (SideName::Base, operations.0) };
        Some(self.whole(side, index, None, sent, None))
    }

    fn misread(&mut self, path: &[PairId], scene: &Scene, change: &Change) -> Option<Witness> {
        if let Some((old, new, flow)) = self.parameter(path) {
            let received = flow == Flow::Received;
            let operations = (scene.old, scene.new?);
            let Reads { sent, read_as } = self.search.misread(operations, (old, new), received)?;
            let (side, index) =
                if received { (SideName::Revision, operations.1) } else { (SideName::Base, operations.0) };
            return Some(self.whole(side, index, None, sent, read_as));
        }
        let (old, new, flow) = scene.response?;
        let (index, status) = self.sent_status(scene)?;
        if flow != Flow::Received {
            return None;
        }
        let Reads { sent, read_as } =
            self.search.misread_header((old, new), argument(change, "name")?, &status)?;
        Some(self.whole(SideName::Revision, index, Some(&status), sent, read_as))
    }

    /// The media types of a body or response on both sides, and whether the client gets it.
    fn content(&self, path: &[PairId]) -> Option<(Types<'d, 't>, Types<'d, 't>, bool)> {
        let [base, revision] = self.sides;
        path.iter().rev().find_map(|&pair| match self.key(pair) {
            Key::Body(old, new, flow) => Some((
                base.bodies[old.0 as usize].content.as_slice(),
                revision.bodies[new.0 as usize].content.as_slice(),
                flow == Flow::Received,
            )),
            Key::Response(old, new, flow) => Some((
                base.responses[old.0 as usize].content.as_slice(),
                revision.responses[new.0 as usize].content.as_slice(),
                flow == Flow::Received,
            )),
            _ => None,
        })
    }

    fn misread_part(&mut self, path: &[PairId], scene: &Scene, change: &Change) -> Option<Witness> {
        let part = argument(change, "name")?;
        let (old, new, received) = self.content(path)?;
        let (media, text, read_as) = old.iter().find_map(|was| {
            let is = new.iter().find(|is| is.name.eq_ignore_ascii_case(was.name))?;
            self.search.misread_part((was, is), part, received)
        })?;
        if let Some((_, response, flow)) = scene.response {
            let (index, status) = self.sent_status(scene)?;
            if flow != Flow::Received {
                return None;
            }
            let sent = self.search.answer_with_body(response, &status, (media, text))?;
            return Some(self.whole(SideName::Revision, index, Some(&status), sent, read_as));
        }
        let (side, own) =
            if received { (SideName::Revision, scene.new?) } else { (SideName::Base, scene.old) };
        let sent = self.search.with_body(own, received, (media, text))?;
        Some(self.whole(side, own, None, sent, read_as))
    }

    /// A value that a schema refuses where the other side has none.
    fn without_schema(&mut self, path: &[PairId], scene: &Scene, change: &Change) -> Option<Witness> {
        let (old, new, received) = self.content(path)?;
        let wanted = argument(change, "name")?;
        let item = matches!(
            change.rule.change(),
            Some(
                What::MediaTypeItemSchemaAdded
                    | What::MediaTypeItemSchemaRemoved
                    | What::MediaTypeItemSchemaRemovedUntyped
            )
        );
        let (near, far) = if received { (new, old) } else { (old, new) };
        let own =
            near.iter().find(|media| !media.broken && (received == (media.name == wanted) || !received));
        let at = if received { change.base } else { change.revision };
        let at = at?;
        let description = self.sides[usize::from(!received)];
        let schema = far.iter().find_map(|media| {
            let id = if item { media.item_schema } else { media.schema };
            id.filter(|id| description.schemas[id.0 as usize].at == at)
        })?;
        let media_type = own.map(|media| media.name.to_owned());
        let value = self.search.refused(schema, received)?;
        let (status, side, index) = match scene.response {
            Some(_) => {
                let (index, status) = self.sent_status(scene)?;
                (Some(status), if received { SideName::Revision } else { SideName::Base }, index)
            }
            None if received => (None, SideName::Revision, scene.new?),
            None => (None, SideName::Base, scene.old),
        };
        let sent = Sent { message: String::new(), media_type };
        let whole = self.whole(side, index, status.as_deref(), sent, None);
        let carried = if item { Carried::Schema } else { Carried::Body };
        Some(Witness { carried, value: Some(value), message: None, ..whole })
    }
}

fn argument<'c>(change: &'c Change, wanted: &str) -> Option<&'c str> {
    change.arguments.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
}

/// What a side objects to where `change` is found; none where no message shows it.
fn objection(change: &Change) -> Option<Objection> {
    let name = || argument(change, "name").map(str::to_owned);
    let parameter = || {
        let place = match argument(change, "in")? {
            "query" => ParameterIn::Query,
            "header" => ParameterIn::Header,
            "cookie" => ParameterIn::Cookie,
            _ => return None,
        };
        Some(Objection::MissingParameter(place, name()?))
    };
    Some(match change.rule.id.as_ref() {
        "api-path-removed-before-sunset"
        | "api-path-removed-without-deprecation"
        | "api-path-sunset-parse"
        | "api-removed-before-sunset"
        | "api-removed-without-deprecation" => Objection::NoOperation,
        // Of a removed operation alone; else it is about a date.
        "api-deprecated-sunset-parse" if change.revision.is_none() => Objection::NoOperation,
        "new-required-request-parameter"
        | "new-required-request-default-parameter-to-existing-path"
        | "request-parameter-became-required" => parameter()?,
        "request-body-added-required" | "request-body-became-required" | "response-body-became-optional" => {
            Objection::MissingBody
        }
        "request-body-media-type-removed"
        | "request-body-media-type-name-specialized"
        | "request-body-media-type-parameter-added"
        | "request-body-media-type-parameter-changed"
        | "payload-media-type-added"
        | "response-media-type-name-changed"
        | "response-media-type-name-generalized"
        | "response-media-type-parameter-changed"
        | "response-media-type-parameter-removed" => Objection::MediaType,
        "api-security-tightened"
        | "api-security-removed"
        | "api-security-scope-added"
        | "api-global-security-tightened"
        | "api-global-security-removed"
        | "api-global-security-scope-added"
        | "api-security-component-api-key-in-changed"
        | "api-security-component-api-key-name-changed"
        | "api-security-component-http-scheme-changed"
        | "api-security-component-oauth-flow-removed"
        | "api-security-component-oauth-token-url-changed"
        | "api-security-component-oauth-url-changed"
        | "api-security-component-open-id-connect-url-changed"
        | "api-security-component-type-changed" => Objection::Credentials,
        "response-header-became-optional" | "required-response-header-removed"
            if change.rule.direction == Direction::Response =>
        {
            // Of a webhook or callback, a parameter of its request.
            match argument(change, "in") {
                Some(_) => parameter()?,
                None => Objection::MissingHeader(name()?),
            }
        }
        _ => return None,
    })
}
