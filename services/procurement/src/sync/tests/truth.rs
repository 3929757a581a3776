//! What the simulator knows and the mirror has to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use jiff::civil::Date;
use jiff::tz::Offset;

use simulator::Simulator;

use super::world::{FROM, Mirror, PATIENCE, World};
use crate::domain::{Change, ChangeKind, NoticeId, Seq};
use crate::store::Store;
use crate::sync::week::Week;

/// Ids by the Monday of their week of issue.
pub(super) type ByWeek = BTreeMap<Date, BTreeSet<String>>;

impl World {
    /// What search shows now, since the first day that is mirrored.
    pub(super) fn truth(&self) -> ByWeek {
        truth(&self.simulator, FROM)
    }

    /// Waits until the mirror lists what search does, in every week.
    pub(super) async fn equals(&self, mirror: &Mirror) {
        let begun = Instant::now();
        let mut shown = mirror.worker.board.watch();
        loop {
            let difference = difference(&self.truth(), &listed(&mirror.store, FROM).await);
            if difference.is_empty() {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "differs after {PATIENCE:?}: {difference:?}; {:?}",
                mirror.worker.progress()
            );
            // The worker shows something after every piece of work.
            _ = tokio::time::timeout(std::time::Duration::from_secs(1), shown.changed()).await;
        }
    }
}

/// What search shows now, since the week of a day.
pub(super) fn truth(simulator: &Simulator, from: Date) -> ByWeek {
    let mut weeks = ByWeek::new();
    for notice in simulator.notices().into_iter().filter(|notice| notice.visible) {
        let week = Week::of(Offset::UTC.to_datetime(notice.issue_date).date());
        if week >= Week::of(from) {
            weeks.entry(week.from()).or_default().insert(notice.id);
        }
    }
    weeks
}

/// What the mirror lists, since the week of a day; a tail page may hold older ones.
pub(super) async fn listed(store: &Store, from: Date) -> ByWeek {
    let mut weeks = ByWeek::new();
    let ids = store.listed_in(Week::of(from).from(), jiff::civil::date(2027, 12, 31)).await.unwrap();
    for chunk in ids.chunks(500) {
        for stored in store.notices(chunk).await.unwrap() {
            let week = Week::of(Offset::UTC.to_datetime(stored.hit.issued.unwrap()).date());
            weeks.entry(week.from()).or_default().insert(stored.hit.id.to_string());
        }
    }
    weeks
}

/// Ids by week that only one side has: `+` ours, `-` the source's.
pub(super) fn difference(source: &ByWeek, ours: &ByWeek) -> Vec<String> {
    let mut found = Vec::new();
    let weeks: BTreeSet<_> = source.keys().chain(ours.keys()).collect();
    let none = BTreeSet::new();
    for week in weeks {
        let (source, ours) = (source.get(week).unwrap_or(&none), ours.get(week).unwrap_or(&none));
        found.extend(ours.difference(source).map(|id| format!("+{id}")));
        found.extend(source.difference(ours).map(|id| format!("-{id}")));
    }
    found
}

/// The whole feed.
pub(super) async fn feed(store: &Store) -> Vec<Change> {
    let mut changes = Vec::new();
    loop {
        let after = changes.last().map_or(Seq(0), |change: &Change| change.seq);
        let more = store.changes(after, &[], 1_000).await.unwrap();
        if more.is_empty() {
            return changes;
        }
        changes.extend(more);
    }
}

/// Replays the feed and checks that it tells each notice's story without a gap and nothing twice: first new,
/// withdrawn only when listed, a field's value before is its value after the change before, and what it ends
/// with is what the store holds.
pub(super) async fn feed_is_sound(store: &Store) {
    let changes = feed(store).await;
    assert!(changes.windows(2).all(|pair| pair[0].seq < pair[1].seq), "positions grow");
    let mut stories: HashMap<&NoticeId, Vec<&Change>> = HashMap::new();
    for change in &changes {
        stories.entry(&change.notice).or_default().push(change);
    }
    let ids: Vec<NoticeId> = stories.keys().map(|id| (*id).clone()).collect();
    let mut held = 0;
    for chunk in ids.chunks(500) {
        for notice in store.notices(chunk).await.unwrap() {
            held += 1;
            let told = &stories[&notice.hit.id];
            assert_eq!(told[0].seq, notice.first_seq, "{told:?}");
            let (listed, fields) = replay(told);
            assert_eq!(listed, notice.listed, "{told:?}");
            if let Some(status) = fields.get("status") {
                assert_eq!(status.as_deref(), notice.hit.status.as_deref(), "{told:?}");
            }
            let arrived = told.iter().filter(|change| change.kind == ChangeKind::DocumentArrived).count();
            assert_eq!(arrived, usize::from(notice.has_document), "{told:?}");
        }
    }
    assert_eq!(held, ids.len(), "every notice of the feed is in the store");
    assert_eq!(held as u64, store.facts().await.unwrap().notices, "and no other is");
}

/// Whether a notice ends listed, and the last value of each field that changed.
fn replay(story: &[&Change]) -> (bool, HashMap<String, Option<String>>) {
    let mut listed = false;
    let mut fields: HashMap<String, Option<String>> = HashMap::new();
    let mut caused = BTreeSet::new();
    for (number, change) in story.iter().enumerate() {
        match change.kind {
            ChangeKind::New => assert_eq!(number, 0, "new twice, or late: {story:?}"),
            ChangeKind::Reimported => assert!(!listed, "listed again while it was: {story:?}"),
            ChangeKind::Withdrawn => assert!(listed, "withdrawn while it was not listed: {story:?}"),
            ChangeKind::StatusChanged | ChangeKind::DeadlineMoved => {
                let field = if change.kind == ChangeKind::StatusChanged { "status" } else { "deadline" };
                assert_ne!(change.before, change.after, "{story:?}");
                if let Some(last) = fields.insert(field.to_owned(), change.after.clone()) {
                    assert_eq!(last, change.before, "a change is lost or told twice: {story:?}");
                }
            }
            ChangeKind::AwardPublished | ChangeKind::CancellationPublished => {
                assert!(caused.insert((change.kind, change.subject.clone())), "told twice: {story:?}");
            }
            ChangeKind::Corrected | ChangeKind::DocumentArrived => {}
        }
        listed = match change.kind {
            ChangeKind::New | ChangeKind::Reimported => true,
            ChangeKind::Withdrawn => false,
            _ => listed,
        };
    }
    (listed, fields)
}
