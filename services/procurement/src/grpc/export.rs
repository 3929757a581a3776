//! Exports: every match as one file.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use proto::google::api::HttpBody;
use proto::procurement as pb;
use tonic::Status;

use super::{hit, search};
use crate::answer::Shown;
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::{Ask, DateRange, Invalid, Query, Refine, SortBy, Words, at_most};
use crate::error::Problem;
use crate::export::{self, Table};
use crate::mirror::Walk;

/// What the file is.
enum Format {
    Lines(MessageDescriptor),
    Table(Table),
    Releases,
}

/// Begins an export.
pub(super) async fn begin<C: Codes>(
    desk: Arc<Desk<C>>,
    request: &pb::ExportNoticesRequest,
) -> Result<BoxStream<'static, Result<pb::ExportNoticesResponse, Status>>, Problem> {
    let format = format(request)?;
    let mut query = desk.filters(ask(request)?).await?.query;
    query.sort = Some(SortBy::PublicationDateDesc);
    let head = format.head();
    let export = Export { desk, format, walk: Walk::new(query), head: Some(head) };
    let pieces = stream::try_unfold(export, |mut export| async move {
        Ok::<_, Status>(export.next().await.map_err(Status::from)?.map(|piece| (piece, export)))
    });
    Ok(pieces.boxed())
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
    let query = Query {
        words: Words::parse(&request.search)?,
        cpv: search::cpv(&request.cpv_code)?,
        statuses: search::each(&request.status, search::status)?,
        types: search::each(&request.r#type, search::notice_type)?,
        issued: DateRange::parse(&request.issue_date_from, &request.issue_date_to)?,
        refine: Refine {
            buyers: search::named("buyer", &request.buyer)?,
            suppliers: search::named("supplier", &request.supplier)?,
            published: search::published(&request.published_from, &request.published_to)?,
            ..Refine::default()
        },
        ..Query::default()
    };
    let places = search::places(&request.location)?;
    Ok(Ask { query, places, include_nationwide: request.include_nationwide }.checked()?)
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
