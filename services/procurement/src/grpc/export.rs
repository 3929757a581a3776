//! Exports: every match as one file.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use jiff::Timestamp;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use proto::google::api::HttpBody;
use proto::procurement as pb;
use runtime::context::{AS_OF, COMPLETE, LACKS, NOTE};
use tonic::metadata::MetadataMap;
use tonic::{Response, Status};

use super::{hit, search};
use crate::answer::Shown;
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::{Ask, Invalid, SortBy, at_most};
use crate::error::Problem;
use crate::export::{self, Table};
use crate::filters::Filters;
use crate::mirror::Walk;

/// What the file is.
enum Format {
    Lines(MessageDescriptor),
    Table(Table),
    Releases,
}

/// Begins an export. What it may lack and how its filters were read goes ahead of it, as metadata: the file has no
/// place for it.
pub(super) async fn begin<C: Codes>(
    desk: Arc<Desk<C>>,
    request: &pb::ExportNoticesRequest,
) -> Result<Response<BoxStream<'static, Result<pb::ExportNoticesResponse, Status>>>, Problem> {
    let format = format(request)?;
    let Filters { mut query, mut notes } = desk.filters(ask(request)?).await?;
    notes.extend(desk.mirror().notes(&query)?);
    let extent = desk.mirror().extent().await?;
    let told = told(extent.lacks(&query).map(|lack| lack.to_string()), extent.as_of(), &notes)?;
    query.sort = Some(SortBy::PublicationDateDesc);
    let head = format.head();
    let export = Export { desk, format, walk: Walk::new(query), head: Some(head) };
    let pieces = stream::try_unfold(export, |mut export| async move {
        Ok::<_, Status>(export.next().await.map_err(Status::from)?.map(|piece| (piece, export)))
    });
    let mut response = Response::new(pieces.boxed());
    *response.metadata_mut() = told;
    Ok(response)
}

/// What goes ahead of an export.
fn told(lacks: Option<String>, as_of: Option<Timestamp>, notes: &[String]) -> Result<MetadataMap, Problem> {
    let mut told = MetadataMap::new();
    let complete = if lacks.is_none() { "true" } else { "false" };
    let given =
        [(COMPLETE, Some(complete.to_owned())), (LACKS, lacks), (AS_OF, as_of.map(|at| at.to_string()))];
    let given = given.into_iter().filter_map(|(name, text)| Some((name, text?)));
    for (name, text) in given.chain(notes.iter().map(|note| (NOTE, note.clone()))) {
        let text = utf8_percent_encode(&text, CONTROLS).to_string();
        told.append(name, text.parse().map_err(|_| Problem::Broken(format!("{text:?} is no metadata")))?);
    }
    Ok(told)
}

struct Export<C> {
    desk: Arc<Desk<C>>,
    format: Format,
    walk: Walk,
    /// What comes before the notices, until it has been given.
    head: Option<Vec<u8>>,
}

impl<C: Codes> Export<C> {
    async fn next(&mut self) -> Result<Option<pb::ExportNoticesResponse>, Problem> {
        if let Some(head) = self.head.take() {
            // Given even when it is empty, so that an export of nothing is a file of its type.
            return Ok(Some(self.piece(head)));
        }
        let notices = self.walk.step(self.desk.mirror()).await?;
        if notices.is_empty() {
            return Ok(None);
        }
        let bytes = match &self.format {
            Format::Lines(descriptor) => lines(descriptor, &notices)?,
            Format::Table(table) => table.rows(&notices),
            Format::Releases => self.releases(&notices).await?,
        };
        Ok(Some(self.piece(bytes)))
    }

    async fn releases(&self, notices: &[Shown]) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        for shown in notices {
            let document = self.desk.mirror().details(shown).await?;
            serde_json::to_writer(&mut bytes, &export::release(shown, document.as_ref()))
                .map_err(|error| Problem::Broken(error.to_string()))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    fn piece(&self, data: Vec<u8>) -> pb::ExportNoticesResponse {
        let content_type = self.format.media_type().to_owned();
        pb::ExportNoticesResponse { body: Some(HttpBody { content_type, data, extensions: Vec::new() }) }
    }
}

impl Format {
    fn media_type(&self) -> &'static str {
        match self {
            Self::Lines(_) | Self::Releases => "application/x-ndjson",
            Self::Table(_) => "text/csv; charset=utf-8",
        }
    }

    fn head(&self) -> Vec<u8> {
        match self {
            Self::Table(table) => table.head(),
            Self::Lines(_) | Self::Releases => Vec::new(),
        }
    }
}

fn ask(request: &pb::ExportNoticesRequest) -> Result<Ask, Problem> {
    search::filters_like_a_search!(request)
}

fn format(request: &pb::ExportNoticesRequest) -> Result<Format, Problem> {
    use pb::ExportFormat as Pb;
    at_most("column", &request.column)?;
    let format = Pb::try_from(request.format).map_err(|_| search::unknown("format", request.format))?;
    if format == Pb::Csv {
        return Ok(Format::Table(Table::new(&request.column, &request.separator, request.bom)?));
    }
    let given = [
        ("column", !request.column.is_empty()),
        ("separator", !request.separator.is_empty()),
        ("bom", request.bom),
    ];
    if let Some((field, _)) = given.into_iter().find(|(_, given)| *given) {
        return Err(Invalid::new(field, "goes with format=CSV only").into());
    }
    Ok(match format {
        Pb::Ocds => Format::Releases,
        _ => Format::Lines(descriptor()?),
    })
}

fn descriptor() -> Result<MessageDescriptor, Problem> {
    let found = proto::catalogue::pool().get_message_by_name("bouvetradar.procurement.v1.NoticeHit");
    found.ok_or_else(|| Problem::Broken("the contract has no NoticeHit".into()))
}

/// A hit in proto3 JSON a line, as the gateway prints it in lists.
fn lines(descriptor: &MessageDescriptor, notices: &[Shown]) -> Result<Vec<u8>, Problem> {
    let broken = |error: String| Problem::Broken(error);
    let options = SerializeOptions::new().skip_default_fields(false);
    let mut bytes = Vec::new();
    for shown in notices {
        let wire = hit::shown(shown).encode_to_vec();
        let message =
            DynamicMessage::decode(descriptor.clone(), wire.as_slice()).map_err(|e| broken(e.to_string()))?;
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        message.serialize_with_options(&mut serializer, &options).map_err(|e| broken(e.to_string()))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_may_lack_and_how_filters_were_read_goes_ahead_of_it() {
        let notes = ["\"Bærum\" is NO084.".to_owned(), "Another.".to_owned()];
        let at = "2026-11-26T05:00:00Z".parse().unwrap();
        let told = told(Some("The mirror is being filled.".to_owned()), Some(at), &notes).unwrap();
        let all = |name| told.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(all(COMPLETE), ["false"]);
        assert_eq!(all(LACKS), ["The mirror is being filled."]);
        assert_eq!(all(AS_OF), ["2026-11-26T05:00:00Z"]);
        assert_eq!(all(NOTE), ["\"B%C3%A6rum\" is NO084.", "Another."]);
        let whole = self::told(None, None, &[]).unwrap();
        assert_eq!((whole.get(COMPLETE).unwrap().to_str().unwrap(), whole.len()), ("true", 1));
    }
}
