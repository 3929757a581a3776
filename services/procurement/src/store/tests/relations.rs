//! Relations: resolved whichever side comes first, told once.

use super::harness::Place;
use super::hits::told;
use super::on_both;
use super::sample::{PROCEDURE, UUID, at, award, document, fetched, hit, id, imported, link, result};
use crate::domain::{ChangeKind, Document, Hit, LinkKind, NoticeId, Outcome};
use crate::store::{Imported, Linked, Store, Via};

on_both![
    an_award_ends_its_procedure_whichever_comes_first,
    a_cancellation_ends_what_its_previous_notice_began,
    an_award_in_part_is_an_award,
    a_change_supersedes_whichever_comes_first,
    a_change_that_cancels_ends_itself_and_what_it_changes,
    what_is_related_is_told_once_also_after_replays,
    notices_of_one_procedure_are_linked_where_neither_names_the_other,
    a_timeline_goes_from_plan_to_award,
    an_award_that_is_replaced_counts_no_more,
    a_correction_that_moves_the_deadline_tells_so,
    what_ends_a_notice_ends_what_replaces_it_whichever_comes_first,
    of_several_changes_the_latest_supersedes,
    a_later_version_supersedes_whichever_comes_first,
];

/// What the feed says of other notices' effects: kind, notice, cause.
async fn effects(store: &Store) -> Vec<(ChangeKind, String, String)> {
    let of = [ChangeKind::AwardPublished, ChangeKind::CancellationPublished, ChangeKind::Corrected];
    let told = told(store).await.into_iter().filter(|(kind, ..)| of.contains(kind));
    told.map(|(kind, notice, [subject, ..])| (kind, notice, subject.unwrap())).collect()
}

fn effect(kind: ChangeKind, notice: u32, cause: u32) -> (ChangeKind, String, String) {
    (kind, id(notice).as_str().to_owned(), id(cause).as_str().to_owned())
}

async fn an_award_ends_its_procedure_whichever_comes_first(place: &Place) {
    let (store, lease) = place.lead().await;
    let competition = fetched(1, document(UUID[0], Some(PROCEDURE)));
    let award = fetched(2, award(UUID[1], Some(&PROCEDURE.to_uppercase())));
    store.observe(&lease, &[hit(1), result(2)], at(0), Via::Current).await.unwrap();
    store.keep_documents(&lease, std::slice::from_ref(&competition), at(1)).await.unwrap();
    assert!(effects(&store).await.is_empty());
    store.keep_documents(&lease, std::slice::from_ref(&award), at(2)).await.unwrap();
    assert_eq!(effects(&store).await, [effect(ChangeKind::AwardPublished, 1, 2)]);
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, Some(Outcome::Awarded));
    assert_eq!(store.notices(&[id(2)]).await.unwrap()[0].outcome, None);

    let second = |fetched: &crate::store::Fetched, number| {
        let mut fetched = fetched.clone();
        fetched.id = id(number);
        fetched.read.as_mut().unwrap().identity.procedure_id = Some(UUID[3].to_owned());
        fetched
    };
    store.observe(&lease, &[hit(11), result(12)], at(3), Via::Current).await.unwrap();
    store.keep_documents(&lease, &[second(&award, 12)], at(4)).await.unwrap();
    store.keep_documents(&lease, &[second(&competition, 11)], at(5)).await.unwrap();
    assert_eq!(effects(&store).await[1..], [effect(ChangeKind::AwardPublished, 11, 12)]);
    assert_eq!(store.notices(&[id(11)]).await.unwrap()[0].outcome, Some(Outcome::Awarded));
}

async fn a_cancellation_ends_what_its_previous_notice_began(place: &Place) {
    let (store, lease) = place.lead().await;
    let cancellation = |uuid, given: &str| {
        let mut document = document(uuid, Some(uuid));
        document.outcome = Some(Outcome::Cancelled);
        document.links = vec![link(LinkKind::Previous, given)];
        document
    };
    // The competition is not known yet, nor is it later by more than its id.
    let cancelled = fetched(2, cancellation(UUID[1], id(1).as_str()));
    store.observe(&lease, &[result(2)], at(0), Via::Current).await.unwrap();
    store.keep_documents(&lease, &[cancelled], at(1)).await.unwrap();
    let given = |found| Linked { id: found, reference: id(1).as_str().into(), rule: "previous".into() };
    assert_eq!(store.links(&id(2)).await.unwrap(), [given(None)]);
    store.observe(&lease, &[hit(1)], at(2), Via::Late).await.unwrap();
    assert_eq!(effects(&store).await, [effect(ChangeKind::CancellationPublished, 1, 2)]);
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, Some(Outcome::Cancelled));
    assert_eq!(store.links(&id(2)).await.unwrap(), [given(Some(id(1)))]);
    let back = Linked { id: Some(id(2)), reference: id(1).as_str().into(), rule: "next".into() };
    assert_eq!(store.links(&id(1)).await.unwrap(), [back]);
    // By the document's own identifier.
    store.observe(&lease, &[hit(11), result(12)], at(3), Via::Current).await.unwrap();
    let given = format!("{}-01", UUID[2]);
    let documents = [fetched(11, document(UUID[2], None)), fetched(12, cancellation(UUID[3], &given))];
    store.keep_documents(&lease, &documents, at(4)).await.unwrap();
    assert_eq!(effects(&store).await[1..], [effect(ChangeKind::CancellationPublished, 11, 12)]);
}

async fn an_award_in_part_is_an_award(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut cancelled = document(UUID[2], Some(PROCEDURE));
    cancelled.outcome = Some(Outcome::Cancelled);
    let notices = [
        imported(hit(1), Some(document(UUID[0], Some(PROCEDURE)))),
        imported(result(2), Some(award(UUID[1], Some(PROCEDURE)))),
        imported(result(3), Some(cancelled)),
    ];
    store.import(&lease, &notices, at(0)).await.unwrap();
    assert_eq!(
        effects(&store).await,
        [effect(ChangeKind::AwardPublished, 1, 2), effect(ChangeKind::CancellationPublished, 1, 3)]
    );
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, Some(Outcome::Awarded));
}

async fn a_change_supersedes_whichever_comes_first(place: &Place) {
    let (store, lease) = place.lead().await;
    let change = |uuid, of: &str| {
        let mut document = document(uuid, Some(PROCEDURE));
        document.links = vec![link(LinkKind::Changes, of)];
        document
    };
    let first = fetched(1, document(UUID[0], Some(PROCEDURE)));
    let second = fetched(2, change(UUID[1], &format!("{}-01", UUID[0])));
    let third = fetched(3, change(UUID[2], &format!("{}-01", UUID[1])));
    store.observe(&lease, &[hit(1), hit(2), hit(3)], at(0), Via::Current).await.unwrap();
    store.keep_documents(&lease, &[third], at(1)).await.unwrap();
    store.keep_documents(&lease, &[second], at(2)).await.unwrap();
    store.keep_documents(&lease, &[first], at(3)).await.unwrap();
    assert_eq!(
        effects(&store).await,
        [effect(ChangeKind::Corrected, 2, 3), effect(ChangeKind::Corrected, 1, 2)]
    );
    let superseded = store.notices(&[id(1), id(2), id(3)]).await.unwrap();
    let superseded: Vec<_> = superseded.into_iter().map(|stored| stored.superseded_by).collect();
    assert_eq!(superseded, [Some(id(2)), Some(id(3)), None]);
    assert_eq!(store.links(&id(2)).await.unwrap()[1].rule, "changed-by");
}

async fn a_change_that_cancels_ends_itself_and_what_it_changes(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut cancels = changing(document(UUID[1], Some(PROCEDURE)), UUID[0]);
    cancels.outcome = Some(Outcome::Cancelled);
    let outcomes = || async {
        let stored = store.notices(&[id(1), id(2), id(3)]).await.unwrap();
        stored.into_iter().map(|stored| stored.outcome).collect::<Vec<_>>()
    };
    store.import(&lease, &[imported(hit(2), Some(cancels))], at(0)).await.unwrap();
    assert_eq!(outcomes().await, [Some(Outcome::Cancelled)], "what it changes need not be known");
    let first = document(UUID[0], Some(PROCEDURE));
    store.import(&lease, &[imported(hit(1), Some(first))], at(1)).await.unwrap();
    assert_eq!(outcomes().await, [Some(Outcome::Cancelled); 2]);
    // One that takes the cancellation back.
    let again = changing(document(UUID[2], Some(PROCEDURE)), UUID[1]);
    store.import(&lease, &[imported(hit(3), Some(again))], at(2)).await.unwrap();
    assert_eq!(outcomes().await, [None; 3]);
}

async fn what_is_related_is_told_once_also_after_replays(place: &Place) {
    let (store, lease) = place.lead().await;
    let notices = [
        imported(hit(1), Some(document(UUID[0], Some(PROCEDURE)))),
        imported(result(2), Some(award(UUID[1], Some(PROCEDURE)))),
    ];
    let mut connection = place.connection().await;
    for round in 0..3 {
        store.import(&lease, &notices, at(round)).await.unwrap();
        sqlx::raw_sql("UPDATE notice SET reading = 0").execute(&mut connection).await.unwrap();
    }
    assert_eq!(effects(&store).await, [effect(ChangeKind::AwardPublished, 1, 2)]);
    // A reading that no longer sees the award takes the outcome back; one that sees it again restores it.
    for (procedure, outcome) in [(UUID[3], None), (PROCEDURE, Some(Outcome::Awarded))] {
        let anew = imported(result(2), Some(award(UUID[1], Some(procedure))));
        store.import(&lease, &[anew], at(9)).await.unwrap();
        assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, outcome);
        let corrected = (ChangeKind::Corrected, id(1).as_str().to_owned(), "outcome".to_owned());
        assert_eq!(
            effects(&store).await.last().unwrap(),
            &corrected,
            "the feed tells that it stands otherwise"
        );
    }
    assert_eq!(effects(&store).await.len(), 3);
}

async fn an_award_that_is_replaced_counts_no_more(place: &Place) {
    let (store, lease) = place.lead().await;
    let replacing = |mut document: Document| {
        document.links = vec![link(LinkKind::Changes, &format!("{}-01", UUID[1]))];
        document
    };
    let mut cancelled = replacing(document(UUID[2], Some(PROCEDURE)));
    cancelled.outcome = Some(Outcome::Cancelled);
    let first = [
        imported(hit(1), Some(document(UUID[0], Some(PROCEDURE)))),
        imported(result(2), Some(award(UUID[1], Some(PROCEDURE)))),
    ];
    store.import(&lease, &first, at(0)).await.unwrap();
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, Some(Outcome::Awarded));
    store.import(&lease, &[imported(result(3), Some(cancelled))], at(1)).await.unwrap();
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, Some(Outcome::Cancelled));
    // One that only takes the award back, and is of no procedure of its own.
    let elsewhere = replacing(document(UUID[2], Some(UUID[3])));
    store.import(&lease, &[imported(result(3), Some(elsewhere))], at(2)).await.unwrap();
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].outcome, None);
    assert_eq!(effects(&store).await.last().unwrap().2, "outcome");
}

/// A document that replaces another.
fn changing(mut document: Document, uuid: &str) -> Document {
    document.links = vec![link(LinkKind::Changes, &format!("{uuid}-01"))];
    document
}

async fn superseded_by(store: &Store, notices: &[NoticeId]) -> Vec<Option<NoticeId>> {
    let stored = store.notices(notices).await.unwrap();
    stored.into_iter().map(|stored| stored.superseded_by).collect()
}

async fn a_correction_that_moves_the_deadline_tells_so(place: &Place) {
    let (store, lease) = place.lead().await;
    let later = |number| Hit { deadline: Some("2026-10-01T10:00:00Z".parse().unwrap()), ..hit(number) };
    let correction = |at: usize| changing(document(UUID[at], Some(PROCEDURE)), UUID[at - 1]);
    let notices = [
        imported(hit(1), Some(document(UUID[0], Some(PROCEDURE)))),
        imported(later(2), Some(correction(1))),
        imported(later(3), Some(correction(2))),
        imported(Hit { deadline: None, ..hit(4) }, Some(correction(3))),
    ];
    for round in 0..2 {
        store.import(&lease, &notices, at(round)).await.unwrap();
    }
    let mut moves = told(&store).await;
    moves.retain(|(kind, ..)| *kind == ChangeKind::DeadlineMoved);
    let text = |text: &str| Some(text.to_owned());
    let said = [text("2026-000002"), text("2026-09-01T10:00:00Z"), text("2026-10-01T10:00:00Z")];
    assert_eq!(moves, [(ChangeKind::DeadlineMoved, "2026-000001".to_owned(), said)]);
}

async fn what_ends_a_notice_ends_what_replaces_it_whichever_comes_first(place: &Place) {
    let (store, lease) = place.lead().await;
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [3, 0, 2, 1], [1, 3, 0, 2]];
    for (round, order) in (0_u32..).zip(orders) {
        let number = |at: u32| round * 10 + at + 1;
        let uuid = |at: u32| format!("{:08x}-6cd2-4b26-8dd6-f3af27ffa061", number(at));
        let competition = |at| document(&uuid(at), Some(&uuid(at)));
        let ending = |links| Document { links, ..award(&uuid(3), Some(&uuid(3))) };
        let award = |links| imported(result(number(3)), Some(ending(links)));
        let notices = [
            imported(hit(number(0)), Some(competition(0))),
            imported(hit(number(1)), Some(changing(competition(1), &uuid(0)))),
            imported(hit(number(2)), Some(changing(competition(2), &uuid(1)))),
            award(vec![link(LinkKind::Previous, &format!("{}-01", uuid(0)))]),
        ];
        for at_place in order {
            store.import(&lease, &notices[at_place..=at_place], at(0)).await.unwrap();
        }
        let ids = [0, 1, 2, 3].map(|at| id(number(at)));
        let outcomes = async || {
            let stored = store.notices(&ids).await.unwrap();
            stored.into_iter().map(|stored| stored.outcome).collect::<Vec<_>>()
        };
        let awarded = Some(Outcome::Awarded);
        assert_eq!(outcomes().await, [awarded, awarded, awarded, None], "{order:?}");
        store.import(&lease, &[award(vec![])], at(1)).await.unwrap();
        assert_eq!(outcomes().await, [None; 4], "{order:?}");
        let last = (ChangeKind::Corrected, ids[2].as_str().to_owned(), "outcome".to_owned());
        assert_eq!(effects(&store).await.last(), Some(&last), "the feed tells that it stands otherwise");
    }
}

async fn of_several_changes_the_latest_supersedes(place: &Place) {
    let (store, lease) = place.lead().await;
    let issued = |number, at: &str| Hit { issued: Some(at.parse().unwrap()), ..hit(number) };
    let change = |hit, uuid| imported(hit, Some(changing(document(uuid, None), UUID[0])));
    let notices = [
        imported(issued(1, "2026-01-01T00:00:00Z"), Some(document(UUID[0], None))),
        change(issued(500_002, "2026-02-01T00:00:00Z"), UUID[1]),
        change(issued(100_001, "2026-03-01T00:00:00Z"), UUID[2]),
    ];
    store.import(&lease, &notices, at(0)).await.unwrap();
    assert_eq!(superseded_by(&store, &[id(1)]).await, [Some(id(100_001))]);
    let later = issued(500_002, "2026-04-01T00:00:00Z");
    store.observe(&lease, &[later], at(1), Via::Current).await.unwrap();
    assert_eq!(superseded_by(&store, &[id(1)]).await, [Some(id(500_002))]);
}

async fn a_later_version_supersedes_whichever_comes_first(place: &Place) {
    let (store, lease) = place.lead().await;
    let version = |number, uuid: &str, version: &str| -> Imported {
        let mut document = document(uuid, Some(uuid));
        document.identity.version = Some(version.to_owned());
        imported(hit(number), Some(document))
    };
    // The third was never published.
    let notices = [version(2, UUID[0], "02"), version(4, UUID[0], "04"), version(1, UUID[0], "01")];
    for notice in notices {
        store.import(&lease, &[notice], at(0)).await.unwrap();
    }
    let replaced = superseded_by(&store, &[id(1), id(2), id(4)]).await;
    assert_eq!(replaced, [Some(id(4)), Some(id(4)), None]);
    let rules = async |number| {
        let links = store.links(&id(number)).await.unwrap();
        links.into_iter().map(|link| (link.id, link.rule)).collect::<Vec<_>>()
    };
    let linked = |number, rule: &str| (Some(id(number)), rule.to_owned());
    assert_eq!(rules(2).await, [linked(1, "changes"), linked(4, "changed-by")]);
    assert_eq!(rules(4).await, [linked(2, "changes"), linked(1, "changes")]);
    // One whose earlier versions Doffin never listed changes nothing.
    store.import(&lease, &[version(5, UUID[1], "02")], at(1)).await.unwrap();
    assert_eq!(rules(5).await, []);
}

async fn notices_of_one_procedure_are_linked_where_neither_names_the_other(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut change = document(UUID[2], Some(PROCEDURE));
    change.links = vec![link(LinkKind::Changes, &format!("{}-01", id(1)))];
    let notices = [
        imported(hit(1), Some(document(id(1).as_str(), Some(PROCEDURE)))),
        imported(result(2), Some(award(UUID[1], Some(PROCEDURE)))),
        imported(hit(3), Some(change)),
        imported(hit(4), Some(document(UUID[3], None))),
    ];
    store.import(&lease, &notices, at(0)).await.unwrap();
    let rules = async |number| {
        let links = store.links(&id(number)).await.unwrap();
        links.into_iter().map(|link| (link.id.unwrap(), link.rule)).collect::<Vec<_>>()
    };
    let linked = |number, rule: &str| (id(number), rule.to_owned());
    assert_eq!(rules(1).await, [linked(3, "changed-by"), linked(2, "procedure")]);
    assert_eq!(rules(2).await, [linked(1, "procedure"), linked(3, "procedure")]);
    assert_eq!(rules(4).await, []);
    assert_eq!(
        superseded_by(&store, &[id(1)]).await,
        [Some(id(3))],
        "a Doffin id with a version is the notice"
    );
}

async fn a_timeline_goes_from_plan_to_award(place: &Place) {
    let (store, lease) = place.lead().await;
    let dated = |mut hit: Hit, day: &str| {
        hit.published = Some(day.parse().unwrap());
        hit
    };
    let mut competition = document(UUID[1], Some(PROCEDURE));
    competition.links = vec![link(LinkKind::Previous, &format!("{}-01", UUID[0]))];
    let mut modification = document(UUID[3], None);
    modification.links = vec![link(LinkKind::Modifies, &format!("{}-01", UUID[2]))];
    let notices = [
        imported(dated(hit(9), "2026-01-01"), Some(document(UUID[0], None))),
        imported(dated(hit(2), "2026-02-01"), Some(competition)),
        imported(dated(result(3), "2026-05-01"), Some(award(UUID[2], Some(PROCEDURE)))),
        imported(dated(result(1), "2026-08-01"), Some(modification)),
        imported(dated(hit(4), "2026-03-01"), None),
    ];
    store.import(&lease, &notices, at(0)).await.unwrap();
    let timeline = async |number| {
        let found = store.timeline(&id(number)).await.unwrap();
        found.into_iter().map(|(id, rule)| format!("{id} {rule}")).collect::<Vec<_>>()
    };
    assert_eq!(
        timeline(3).await,
        ["2026-000009 previous", "2026-000002 procedure", "2026-000003 self", "2026-000001 modifies"]
    );
    assert_eq!(timeline(9).await.len(), 4);
    assert_eq!(timeline(4).await, ["2026-000004 self"]);
    assert!(timeline(77).await.is_empty());
}
