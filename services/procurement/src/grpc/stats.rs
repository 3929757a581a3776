//! Statistics, from the contract's form to ours and back.

use proto::procurement as pb;

use super::{hit, search};
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::{Ask, Invalid};
use crate::error::Problem;
use crate::mirror::Counts;
use crate::search::{Dimension, Row};

/// Answers a question for statistics.
pub(super) async fn get<C: Codes>(
    desk: &Desk<C>,
    request: &pb::GetStatsRequest,
) -> Result<pb::GetStatsResponse, Problem> {
    let by = dimension(request.by)?;
    let limit = usize::try_from(request.limit.unwrap_or(100)).ok().filter(|limit| (1..=1000).contains(limit));
    let limit = limit.ok_or_else(|| Invalid::new("limit", "must be 1 to 1000"))?;
    let filters = desk.filters(ask(request)?).await?;
    Ok(response(desk.mirror().stats(filters, by, limit).await?))
}

fn ask(request: &pb::GetStatsRequest) -> Result<Ask, Problem> {
    search::filters_like_a_search!(request)
}

fn dimension(number: i32) -> Result<Dimension, Problem> {
    use pb::StatsDimension as Pb;
    let by = Pb::try_from(number).map_err(|_| search::unknown("by", number))?;
    Ok(match by {
        Pb::Unspecified | Pb::Month => Dimension::Month,
        Pb::CpvDivision => Dimension::CpvDivision,
        Pb::Region => Dimension::Region,
        Pb::ByBuyer => Dimension::Buyer,
        Pb::BySupplier => Dimension::Supplier,
        Pb::ByType => Dimension::Type,
    })
}

fn response(counts: Counts) -> pb::GetStatsResponse {
    let Counts { stats, labels, as_of, incomplete, notes } = counts;
    let label = |key: &str| labels.get(key).map_or(key, String::as_str).to_owned();
    pb::GetStatsResponse {
        data: stats.rows.iter().map(|counted| row(counted, label(&counted.key))).collect(),
        total: search::count(stats.total),
        left_out: search::count(stats.left_out),
        as_of: as_of.map(hit::timestamp),
        coverage: Some(search::coverage(stats.total, incomplete)),
        notes,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of notices are far below 2^52")]
fn row(row: &Row, label: String) -> pb::StatsRow {
    pb::StatsRow {
        key: row.key.clone(),
        label,
        notices: search::count(row.notices),
        estimated_nok: row.estimated_nok,
        single_bid_share: (row.awards_counted > 0).then(|| row.single_bid as f64 / row.awards_counted as f64),
        awarded_nok: row.awarded_nok,
        estimates: search::count(row.estimates),
        awards: search::count(row.totals),
    }
}
