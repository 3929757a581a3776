//! The change feed, from the contract's form to ours and back.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use proto::procurement as pb;
use runtime::Stop;
use tonic::Status;

use super::{hit, search};
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::{ChangeKind, Invalid, NoticeId, Seq};
use crate::error::Problem;
use crate::mirror::Happened;

/// Changes read at once for a watcher.
const STEP: u32 = 200;

const KINDS: [(ChangeKind, pb::ChangeKind); 9] = [
    (ChangeKind::New, pb::ChangeKind::New),
    (ChangeKind::Corrected, pb::ChangeKind::Corrected),
    (ChangeKind::DeadlineMoved, pb::ChangeKind::DeadlineMoved),
    (ChangeKind::StatusChanged, pb::ChangeKind::StatusChanged),
    (ChangeKind::AwardPublished, pb::ChangeKind::AwardPublished),
    (ChangeKind::CancellationPublished, pb::ChangeKind::CancellationPublished),
    (ChangeKind::Withdrawn, pb::ChangeKind::WithdrawnFromSearch),
    (ChangeKind::Reimported, pb::ChangeKind::Reimported),
    (ChangeKind::DocumentArrived, pb::ChangeKind::DocumentArrived),
];

/// Answers one question for changes.
pub(super) async fn list<C: Codes>(
    desk: &Desk<C>,
    request: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse, Problem> {
    let after = cursor(&request.cursor)?.unwrap_or_default();
    let limit = request.limit.unwrap_or(100);
    let limit = u32::try_from(limit).ok().filter(|limit| (1..=1000).contains(limit));
    let limit = limit.ok_or_else(|| Invalid::new("limit", "must be 1 to 1000"))?;
    let of = match request.notice.trim_matches(' ') {
        "" => None,
        id => Some(NoticeId::parse(id).map_err(|invalid| Invalid { field: "notice", ..invalid })?),
    };
    let (happened, next) = desk.mirror().changes(after, &kinds(&request.kind)?, of.as_ref(), limit).await?;
    Ok(pb::ListChangesResponse {
        data: happened.iter().map(change).collect(),
        next_cursor: next.0.to_string(),
    })
}

/// Changes as they happen, until the caller goes or the server stops.
pub(super) async fn watch<C: Codes>(
    desk: Arc<Desk<C>>,
    request: &pb::WatchNoticesRequest,
    stop: Stop,
) -> Result<BoxStream<'static, Result<pb::WatchNoticesResponse, Status>>, Problem> {
    let kinds = kinds(&request.kind)?;
    let after = match cursor(&request.cursor)? {
        Some(after) => after,
        None => desk.mirror().store().head().await?,
    };
    // Asked once here, so that a cursor ahead of the feed is refused before the stream begins.
    desk.mirror().changes(after, &kinds, None, 1).await?;
    let wakes = desk.mirror().store().wakes();
    let watcher = Watcher { desk, kinds, after, wakes, stop };
    let batches = stream::try_unfold(watcher, |mut watcher| async move {
        let batch = watcher.next().await?;
        Ok::<_, Problem>(Some((batch, watcher)))
    });
    let changes = batches.flat_map(|batch| match batch {
        Ok(batch) => stream::iter(batch.into_iter().map(Ok).collect::<Vec<_>>()),
        Err(problem) => stream::iter(vec![Err(Status::from(problem))]),
    });
    Ok(changes
        .map(|one| one.map(|happened| pb::WatchNoticesResponse { change: Some(change(&happened)) }))
        .boxed())
}

struct Watcher<C> {
    desk: Arc<Desk<C>>,
    kinds: Vec<ChangeKind>,
    after: Seq,
    wakes: tokio::sync::watch::Receiver<Seq>,
    stop: Stop,
}

impl<C: Codes> Watcher<C> {
    /// Waits for the next changes.
    async fn next(&mut self) -> Result<Vec<Happened>, Problem> {
        loop {
            self.wakes.mark_unchanged();
            let (happened, next) = self.desk.mirror().changes(self.after, &self.kinds, None, STEP).await?;
            self.after = next;
            if !happened.is_empty() {
                return Ok(happened);
            }
            tokio::select! {
                woken = self.wakes.changed() => woken.map_err(|_| Problem::Stopping)?,
                () = self.stop.stopped() => return Err(Problem::Stopping),
            }
        }
    }
}

fn change(happened: &Happened) -> pb::Change {
    let change = &happened.change;
    pb::Change {
        cursor: change.seq.0.to_string(),
        kind: kind(change.kind).into(),
        seen_at: Some(hit::timestamp(change.seen_at)),
        notice: Some(hit::shown(&happened.shown)),
        subject: change.subject.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
    }
}

fn kind(kind: ChangeKind) -> pb::ChangeKind {
    KINDS.iter().find(|(known, _)| *known == kind).map_or(pb::ChangeKind::Unspecified, |(_, word)| *word)
}

fn kinds(numbers: &[i32]) -> Result<Vec<ChangeKind>, Invalid> {
    let read = |number| {
        let word = pb::ChangeKind::try_from(number).map_err(|_| search::unknown("kind", number))?;
        Ok(KINDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind))
    };
    Ok(search::each(numbers, read)?.into_iter().collect())
}

fn cursor(text: &str) -> Result<Option<Seq>, Invalid> {
    let text = text.trim_matches(' ');
    if text.is_empty() {
        return Ok(None);
    }
    // The parser alone would also take a sign.
    let form = text.bytes().all(|b| b.is_ascii_digit());
    let position = text.parse().ok().filter(|_| form).map(Seq);
    position
        .map(Some)
        .ok_or_else(|| Invalid::new("cursor", "must be a cursor of an earlier answer to this question"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_has_its_word_in_the_contract() {
        for (ours, word) in ChangeKind::ALL {
            assert_eq!(kind(ours).as_str_name(), word);
            assert_eq!(kinds(&[kind(ours).into()]).unwrap(), [ours]);
        }
        assert_eq!(kinds(&[99]).unwrap_err().field, "kind");
    }

    #[test]
    fn a_cursor_is_a_position() {
        assert_eq!(cursor(" 12 ").unwrap(), Some(Seq(12)));
        assert_eq!(cursor("").unwrap(), None);
        for bad in ["x", "-1", "+1", "1.5", "\t1", "99999999999999999999"] {
            assert_eq!(cursor(bad).unwrap_err().field, "cursor", "{bad}");
        }
    }
}
