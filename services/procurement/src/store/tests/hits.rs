//! Hits: new, the same, different, gone, back.

use super::harness::Place;
use super::on_both;
use super::sample::{at, hit, id, organization};
use crate::domain::{ChangeKind, Money, Seq};
use crate::store::{Observed, Store, Via};

on_both![
    a_hit_is_read_back_as_it_was_given,
    a_hit_seen_again_changes_nothing_but_when_it_was_seen,
    what_differs_is_told_once_and_the_former_hit_is_kept,
    order_within_sets_is_no_difference,
    a_notice_that_is_gone_and_back_is_told_both_times,
    a_late_notice_is_told_as_reimported,
    hits_repeated_in_one_write_are_one_notice,
    amounts_that_are_no_numbers_are_left_out,
];

/// Kinds, numbers of notices, and what else each change says.
pub(super) async fn told(store: &Store) -> Vec<(ChangeKind, String, [Option<String>; 3])> {
    let changes = store.changes(Seq(0), &[], 10_000).await.unwrap();
    let places: Vec<i64> = changes.iter().map(|change| change.seq.0).collect();
    assert_eq!(places, (1..=i64::try_from(changes.len()).unwrap()).collect::<Vec<_>>(), "no gaps");
    assert_eq!(store.head().await.unwrap().0, places.last().copied().unwrap_or_default());
    let told =
        |c: crate::domain::Change| (c.kind, c.notice.as_str().to_owned(), [c.subject, c.before, c.after]);
    changes.into_iter().map(told).collect()
}

/// Kinds and numbers of notices.
pub(super) async fn kinds(store: &Store) -> Vec<(ChangeKind, String)> {
    told(store).await.into_iter().map(|(kind, notice, _)| (kind, notice)).collect()
}

async fn a_hit_is_read_back_as_it_was_given(place: &Place) {
    let (store, lease) = place.lead().await;
    let hits = [hit(1), hit(2)];
    let observed = store.observe(&lease, &hits, at(0), Via::Current).await.unwrap();
    assert_eq!(observed, Observed { new: 2, changed: 0, same: 0, seq: Seq(2) });
    let read = store.notices(&[id(2), id(7), id(1)]).await.unwrap();
    assert_eq!(read.iter().map(|stored| stored.hit.clone()).collect::<Vec<_>>(), [hit(2), hit(1)]);
    let stored = &read[1];
    assert_eq!((stored.first_seen, stored.last_seen, stored.first_seq), (at(0), at(0), Seq(1)));
    assert!(stored.listed && !stored.has_document && stored.outcome.is_none());
    assert_eq!(store.notices(&[]).await.unwrap().len(), 0);
}

async fn a_hit_seen_again_changes_nothing_but_when_it_was_seen(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let observed = store.observe(&lease, &[hit(1)], at(5), Via::Late).await.unwrap();
    assert_eq!(observed, Observed { new: 0, changed: 0, same: 1, seq: Seq(1) });
    let stored = store.notices(&[id(1)]).await.unwrap().remove(0);
    assert_eq!((stored.first_seen, stored.last_seen), (at(0), at(5)));
    assert_eq!(told(&store).await.len(), 1);
    assert!(store.versions(&id(1)).await.unwrap().is_empty());
}

async fn what_differs_is_told_once_and_the_former_hit_is_kept(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let mut moved = hit(1);
    moved.deadline = None;
    moved.status = Some("EXPIRED".into());
    let observed = store.observe(&lease, &[moved.clone()], at(1), Via::Current).await.unwrap();
    assert_eq!((observed.changed, observed.seq), (1, Seq(3)));
    let mut renamed = moved.clone();
    renamed.heading = "Nytt navn".into();
    store.observe(&lease, &[renamed.clone()], at(2), Via::Current).await.unwrap();
    let mut corrected = renamed.clone();
    corrected.description = "x".repeat(5000);
    corrected.cpv.push("90000000".into());
    store.observe(&lease, &[corrected.clone()], at(3), Via::Current).await.unwrap();
    store.observe(&lease, &[corrected.clone()], at(4), Via::Current).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    let one = || id(1).as_str().to_owned();
    assert_eq!(
        told(&store).await,
        [
            (ChangeKind::New, one(), [None, None, None]),
            (ChangeKind::DeadlineMoved, one(), [text("deadline"), text("2026-09-01T10:00:00Z"), None]),
            (ChangeKind::StatusChanged, one(), [text("status"), text("ACTIVE"), text("EXPIRED")]),
            (ChangeKind::Corrected, one(), [text("heading"), text("Kjøp av tjeneste 1"), text("Nytt navn")]),
            (ChangeKind::Corrected, one(), [text("cpvCodes,description"), None, None]),
        ]
    );
    let versions = store.versions(&id(1)).await.unwrap();
    assert_eq!(versions, [(at(1), hit(1)), (at(2), moved), (at(3), renamed)]);
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].hit, corrected);
    assert!(store.listed_with_status("ACTIVE").await.unwrap().is_empty());
    assert_eq!(store.listed_with_status("EXPIRED").await.unwrap(), [id(1)]);
}

async fn order_within_sets_is_no_difference(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut first = hit(1);
    first.buyers.push(organization("991825827", "Digitaliseringsdirektoratet"));
    first.lots[0].winners =
        vec![organization("997711017", "KS-Konsulent as"), organization("890164072", "Globalconnect AS")];
    let mut second = first.clone();
    second.buyers.reverse();
    second.lots[0].winners.reverse();
    second.locations.reverse();
    store.observe(&lease, &[first], at(0), Via::Current).await.unwrap();
    let observed = store.observe(&lease, &[second.clone()], at(1), Via::Current).await.unwrap();
    assert_eq!((observed.same, observed.seq), (1, Seq(1)));
    second.lots.push(second.lots[0].clone());
    let observed = store.observe(&lease, &[second], at(2), Via::Current).await.unwrap();
    assert_eq!((observed.changed, observed.seq), (1, Seq(2)));
}

async fn a_notice_that_is_gone_and_back_is_told_both_times(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1), hit(2)], at(0), Via::Current).await.unwrap();
    assert_eq!(store.withdraw(&lease, &[id(1), id(9)], at(1)).await.unwrap(), 1);
    assert_eq!(store.withdraw(&lease, &[id(1)], at(2)).await.unwrap(), 0, "it is gone already");
    let stored = store.notices(&[id(1)]).await.unwrap().remove(0);
    assert!(!stored.listed && stored.hit == hit(1), "it is kept");
    let day = "2026-07-30".parse().unwrap();
    assert_eq!(store.listed_in(day, day).await.unwrap(), [id(2)]);
    assert_eq!(store.facts().await.unwrap().listed, 1);
    let observed = store.observe(&lease, &[hit(1)], at(3), Via::Current).await.unwrap();
    assert_eq!((observed.changed, observed.same), (1, 0));
    assert_eq!(store.listed_in(day, day).await.unwrap(), [id(1), id(2)]);
    let one = || id(1).as_str().to_owned();
    let told = kinds(&store).await;
    assert_eq!(told[2..], [(ChangeKind::Withdrawn, one()), (ChangeKind::Reimported, one())]);
    assert_eq!(store.facts().await.unwrap().listed, 2);
}

async fn a_late_notice_is_told_as_reimported(place: &Place) {
    let (store, lease) = place.lead().await;
    let observed = store.observe(&lease, &[hit(1)], at(0), Via::Late).await.unwrap();
    assert_eq!(observed.new, 1);
    assert_eq!(kinds(&store).await, [(ChangeKind::Reimported, id(1).as_str().to_owned())]);
}

async fn hits_repeated_in_one_write_are_one_notice(place: &Place) {
    let (store, lease) = place.lead().await;
    let observed = store.observe(&lease, &[hit(1), hit(2), hit(1)], at(0), Via::Current).await.unwrap();
    assert_eq!((observed.new, observed.same), (2, 0));
    let many: Vec<_> = (10..1500).map(hit).collect();
    let observed = store.observe(&lease, &many, at(0), Via::Current).await.unwrap();
    assert_eq!((observed.new, observed.seq), (1490, Seq(1492)));
    let ids: Vec<_> = many.iter().rev().map(|hit| hit.id.clone()).collect();
    let read = store.notices(&ids).await.unwrap();
    assert_eq!(read.iter().map(|stored| stored.hit.id.clone()).collect::<Vec<_>>(), ids);
}

async fn amounts_that_are_no_numbers_are_left_out(place: &Place) {
    let (store, lease) = place.lead().await;
    let with = |number, amount| {
        let mut hit = hit(number);
        hit.estimated_value = Some(Money { currency: "NOK".into(), amount });
        hit
    };
    let hits = [with(1, f64::NAN), with(2, f64::INFINITY), with(3, 1e300), with(4, -1.0)];
    for _ in 0..2 {
        store.observe(&lease, &hits, at(0), Via::Current).await.unwrap();
    }
    assert_eq!(told(&store).await.len(), 4);
    let read = store.notices(&[id(1), id(2), id(3), id(4)]).await.unwrap();
    let amounts: Vec<_> =
        read.iter().map(|stored| stored.hit.estimated_value.as_ref().map(|money| money.amount)).collect();
    assert_eq!(amounts, [None, None, Some(1e300), None]);
}
