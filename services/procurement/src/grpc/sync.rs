//! The mirror's state in the contract's form.

use jiff::Timestamp;
use proto::procurement as pb;

use super::{hit, search};
use crate::codes::Codes;
use crate::desk::Desk;
use crate::progress::Reporter;
use crate::store::Window;
use crate::sync::Phase;

/// The mirror's state.
pub(super) async fn status<C: Codes>(
    desk: &Desk<C>,
    reporter: &Reporter,
    request: &pb::GetSyncStatusRequest,
) -> pb::SyncStatus {
    let (seen, report) = (desk.seen(), reporter.report().await);
    let (progress, counts) = (&report.progress, report.counts);
    let failure = latest(seen.last_failure, progress.last_error.clone());
    pb::SyncStatus {
        phase: phase(progress.phase).into(),
        notices: number(counts.notices),
        last_success: seen.last_success.or(progress.tailed_at).map(hit::timestamp),
        last_failure: failure.as_ref().map(|(at, _)| hit::timestamp(*at)),
        last_error: failure.map(|(_, error)| error),
        upstream_requests: i32::try_from(seen.requests).unwrap_or(i32::MAX),
        listed: number(counts.listed),
        documents: number(counts.documents),
        documents_wanted: number(counts.wanted),
        documents_parked: number(counts.parked),
        documents_unreadable: number(counts.unreadable),
        changes: number(counts.changes),
        weeks_complete: search::count(progress.complete),
        weeks_total: search::count(progress.wanted),
        rate: progress.notices_per_second + progress.documents_per_second,
        eta_seconds: progress.eta.map(|eta| i32::try_from(eta.as_secs()).unwrap_or(i32::MAX)),
        watermark: progress.watermark.map(|day| day.to_string()).unwrap_or_default(),
        index_lag: i32::try_from(report.lag).unwrap_or(i32::MAX),
        trouble: report.trouble,
        weeks: if request.weeks { progress.windows.iter().rev().map(week).collect() } else { Vec::new() },
    }
}

type Failed = Option<(Timestamp, String)>;

fn latest(one: Failed, other: Failed) -> Failed {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.0 >= other.0 { one } else { other }),
        (one, other) => one.or(other),
    }
}

fn phase(phase: Phase) -> pb::SyncPhase {
    match phase {
        Phase::Disabled => pb::SyncPhase::Disabled,
        Phase::Following => pb::SyncPhase::Following,
        Phase::Backfill => pb::SyncPhase::Backfill,
        Phase::Tail => pb::SyncPhase::Tail,
    }
}

fn number(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn week(window: &Window) -> pb::SyncWeek {
    pb::SyncWeek {
        from: window.from.to_string(),
        to: window.to.to_string(),
        source_total: i32::try_from(window.total).unwrap_or(i32::MAX),
        held: i32::try_from(window.held).unwrap_or(i32::MAX),
        complete: window.complete,
        checked_at: Some(hit::timestamp(window.checked_at)),
        note: window.note.clone(),
    }
}
