//! A procedure's notices in the contract's form.

use proto::procurement as pb;

use super::{hit, search};
use crate::mirror::{Entry, Stage};

/// The notices in the contract's form.
pub(super) fn response(entries: &[Entry]) -> pb::GetNoticeTimelineResponse {
    pb::GetNoticeTimelineResponse {
        data: entries.iter().map(entry).collect(),
        total: search::count(entries.len()),
    }
}

fn entry(entry: &Entry) -> pb::TimelineEntry {
    pb::TimelineEntry {
        notice: Some(hit::shown(&entry.shown)),
        rule: entry.rule.clone(),
        stage: entry.stage.map_or(pb::Stage::Unspecified, stage).into(),
    }
}

fn stage(stage: Stage) -> pb::Stage {
    match stage {
        Stage::Plan => pb::Stage::Plan,
        Stage::Call => pb::Stage::Call,
        Stage::Change => pb::Stage::Change,
        Stage::Intent => pb::Stage::Intent,
        Stage::Award => pb::Stage::Award,
        Stage::Cancellation => pb::Stage::Cancellation,
        Stage::Modification => pb::Stage::Modification,
    }
}
