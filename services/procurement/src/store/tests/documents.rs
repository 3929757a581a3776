//! Documents: kept byte for byte, read anew, unreadable, waited for.

use bytes::Bytes;

use super::harness::Place;
use super::hits::{kinds, told};
use super::on_both;
use super::sample::{UUID, at, award, document, fetched, hit, id, imported, link, result};
use crate::domain::{ChangeKind, Facts, Hit, LinkKind, Money, OrgNumber, Role, Rule, Seq, ValueKind, Valued};
use crate::eforms::VERSION;
use crate::store::{Counts, Fetched, Via};

on_both![
    a_document_is_kept_byte_for_byte,
    a_document_that_comes_again_says_nothing,
    another_document_replaces_the_former_which_is_kept,
    an_unreadable_document_is_kept_and_says_why,
    a_document_read_by_an_earlier_parser_is_read_anew,
    notices_without_a_document_are_wanted_until_it_comes,
    an_import_is_a_hit_and_a_document_in_one,
    an_organisation_is_what_its_notices_say,
    the_latest_notices_of_an_organisation_are_those_published_last,
    an_intent_and_a_change_of_a_contract_award_nothing_once_more,
    a_notice_that_is_no_longer_listed_counts_no_more,
    notices_that_are_replaced_count_neither_in_lists_nor_in_profiles,
    an_estimate_that_changes_counts_as_it_is_now,
    an_organisation_is_found_by_how_a_word_of_its_name_begins,
];

async fn a_document_is_kept_byte_for_byte(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let mut one = fetched(1, document(UUID[0], None));
    one.raw = Bytes::from([b"\xef\xbb\xbf<a>\0\xff".as_slice(), &vec![b'x'; 100_000]].concat());
    let unknown = fetched(9, document(UUID[1], None));
    assert_eq!(store.keep_documents(&lease, &[one.clone(), unknown], at(1)).await.unwrap(), 1);
    assert_eq!(store.document(&id(1)).await.unwrap(), Some(one.raw));
    assert_eq!(store.document(&id(9)).await.unwrap(), None);
    let entry = store.entries(&[id(1), id(9)]).await.unwrap().remove(0);
    assert!(entry.stored.has_document && entry.stored.unreadable.is_none());
    assert_eq!(entry.stored.identity, document(UUID[0], None).identity);
    assert_eq!(entry.facts, Some(Facts::of(&document(UUID[0], None))));
    assert_eq!(kinds(&store).await[1].0, ChangeKind::DocumentArrived);
}

async fn a_document_that_comes_again_says_nothing(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[result(1)], at(0), Via::Current).await.unwrap();
    let one = fetched(1, award(UUID[0], None));
    assert_eq!(store.keep_documents(&lease, &[one.clone(), one.clone()], at(1)).await.unwrap(), 1);
    assert_eq!(store.keep_documents(&lease, &[one], at(2)).await.unwrap(), 0);
    assert_eq!(told(&store).await.len(), 2);
}

async fn another_document_replaces_the_former_which_is_kept(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[result(1)], at(0), Via::Current).await.unwrap();
    let (first, second) = (fetched(1, award(UUID[0], None)), fetched(1, document(UUID[1], None)));
    store.keep_documents(&lease, std::slice::from_ref(&first), at(1)).await.unwrap();
    assert_eq!(store.keep_documents(&lease, std::slice::from_ref(&second), at(2)).await.unwrap(), 1);
    assert_eq!(store.document(&id(1)).await.unwrap(), Some(second.raw));
    let supplier = OrgNumber::find("997711017").unwrap();
    assert_eq!(store.organization(&supplier).await.unwrap(), None, "it is named no longer");
    let mut connection = place.connection().await;
    let row = sqlx::query("SELECT COUNT(*) FROM document_version").fetch_one(&mut connection).await.unwrap();
    assert_eq!(sqlx::Row::get::<i64, _>(&row, 0), 1);
    let counts = store.facts().await.unwrap();
    assert_eq!((counts.documents, counts.changes), (1, 3));
}

async fn an_unreadable_document_is_kept_and_says_why(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let broken = Fetched { id: id(1), raw: Bytes::from_static(b"<a"), read: Err("no root".into()) };
    for kept in [1, 0] {
        assert_eq!(store.keep_documents(&lease, std::slice::from_ref(&broken), at(1)).await.unwrap(), kept);
    }
    let entry = store.entries(&[id(1)]).await.unwrap().remove(0);
    assert_eq!(entry.stored.unreadable.as_deref(), Some("no root"));
    assert!(entry.stored.has_document && entry.facts.is_none());
    assert_eq!(store.document(&id(1)).await.unwrap(), Some(broken.raw));
    assert_eq!(store.facts().await.unwrap().unreadable, 1);
    store.keep_documents(&lease, &[fetched(1, document(UUID[0], None))], at(2)).await.unwrap();
    let counts = store.facts().await.unwrap();
    assert_eq!((counts.unreadable, counts.documents), (0, 1));
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].unreadable, None);
}

async fn a_document_read_by_an_earlier_parser_is_read_anew(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[result(1), hit(2)], at(0), Via::Current).await.unwrap();
    let one = fetched(1, award(UUID[0], None));
    store.keep_documents(&lease, std::slice::from_ref(&one), at(1)).await.unwrap();
    assert!(store.outdated_documents(VERSION, 10).await.unwrap().is_empty());
    assert_eq!(store.outdated_documents(VERSION + 1, 10).await.unwrap(), [id(1)]);
    let mut connection = place.connection().await;
    sqlx::raw_sql("UPDATE notice SET reading = 0").execute(&mut connection).await.unwrap();
    let read = Fetched { read: Ok(document(UUID[2], None)), ..one };
    assert_eq!(store.keep_documents(&lease, std::slice::from_ref(&read), at(2)).await.unwrap(), 1);
    assert_eq!(store.keep_documents(&lease, &[read], at(3)).await.unwrap(), 0);
    assert_eq!(kinds(&store).await.last().unwrap().0, ChangeKind::DocumentArrived);
    assert_eq!(store.notices(&[id(1)]).await.unwrap()[0].identity.uuid.as_deref(), Some(UUID[2]));
    assert!(store.organization(&OrgNumber::find("997711017").unwrap()).await.unwrap().is_none());
}

async fn notices_without_a_document_are_wanted_until_it_comes(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1), hit(2), hit(3)], at(0), Via::Current).await.unwrap();
    assert_eq!(store.wanted_documents(at(0), 2).await.unwrap(), [id(3), id(2)]);
    store.park(&lease, &id(3), "HTTP 500", Some(at(100))).await.unwrap();
    store.park(&lease, &id(2), "never", None).await.unwrap();
    store.park(&lease, &id(9), "unknown", None).await.unwrap();
    assert_eq!(store.wanted_documents(at(99), 9).await.unwrap(), [id(1)]);
    assert_eq!(store.wanted_documents(at(100), 9).await.unwrap(), [id(3), id(1)]);
    store.park(&lease, &id(3), "HTTP 500", Some(at(200))).await.unwrap();
    assert_eq!(store.wanted_documents(at(199), 9).await.unwrap(), [id(1)]);
    let counts = store.facts().await.unwrap();
    assert_eq!((counts.wanted, counts.parked), (3, 2));
    store.withdraw(&lease, &[id(1)], at(2)).await.unwrap();
    assert_eq!(store.wanted_documents(at(199), 9).await.unwrap(), [id(1)], "also when it is not listed");
    let documents: Vec<_> = [1, 2, 3].map(|number| fetched(number, document(UUID[0], None))).into();
    store.keep_documents(&lease, &documents, at(3)).await.unwrap();
    store.park(&lease, &id(3), "late news", Some(at(0))).await.unwrap();
    assert!(store.wanted_documents(at(1000), 9).await.unwrap().is_empty());
    let counts = store.facts().await.unwrap();
    assert_eq!((counts.wanted, counts.parked, counts.documents), (0, 0, 3));
}

async fn an_import_is_a_hit_and_a_document_in_one(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut notices: Vec<_> = (10..700).map(|number| imported(hit(number), None)).collect();
    notices.push(imported(result(1), Some(award(UUID[0], None))));
    let mut broken = imported(hit(2), Some(document(UUID[1], None)));
    broken.read = Some(Err("no root".into()));
    notices.push(broken);
    let observed = store.import(&lease, &notices, at(0)).await.unwrap();
    assert_eq!((observed.new, observed.seq), (692, Seq(694)));
    let again = store.import(&lease, &notices, at(1)).await.unwrap();
    assert_eq!((again.new, again.changed, again.same, again.seq), (0, 0, 692, Seq(694)));
    let counts = store.facts().await.unwrap();
    assert!(counts.size_bytes > 10_000);
    let expected = Counts {
        notices: 692,
        listed: 692,
        documents: 2,
        wanted: 690,
        parked: 0,
        unreadable: 1,
        changes: 694,
        size_bytes: counts.size_bytes,
    };
    assert_eq!(counts, expected);
    assert_eq!(store.document(&id(1)).await.unwrap(), notices[690].raw);
}

async fn an_organisation_is_what_its_notices_say(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut other = award(UUID[1], None);
    other.parties[0].name = "SARPSBORG KOMMUNE".into();
    let notices = [
        imported(result(1), Some(award(UUID[0], None))),
        imported(result(2), Some(other)),
        imported(result(3), None),
        imported(hit(4), None),
    ];
    store.import(&lease, &notices, at(0)).await.unwrap();
    let number = |text| OrgNumber::find(text).unwrap();
    let buyer = store.organization(&number("938801363")).await.unwrap().unwrap();
    assert_eq!(buyer.names, [("Sarpsborg kommune".to_owned(), 3), ("SARPSBORG KOMMUNE".to_owned(), 1)]);
    assert_eq!(buyer.counts, [(Role::Buyer, 4)]);
    assert_eq!(buyer.recent, [id(4), id(3), id(2), id(1)]);
    let sums = |profile: &crate::store::Profile| -> Vec<_> {
        profile.values.iter().map(|sum| (sum.kind, sum.amount, sum.rule.clone(), sum.notices)).collect()
    };
    assert_eq!(
        sums(&buyer),
        [
            (ValueKind::Estimated, 4.0 * 2_500_000.5, "BT-27".to_owned(), 4),
            (ValueKind::Total, 2.0 * 492_700.0, "BT-161".to_owned(), 2),
        ]
    );
    let [counterpart] = buyer.counterparts.as_slice() else { panic!("{buyer:?}") };
    assert_eq!(
        (counterpart.name.as_str(), counterpart.role, counterpart.notices),
        ("KS-Konsulent as", Role::Winner, 3)
    );
    let winner = store.organization(&number("997711017")).await.unwrap().unwrap();
    assert_eq!(winner.counts, [(Role::Winner, 3)]);
    assert_eq!((sums(&winner)[0].1, sums(&winner)[0].3), (2.0 * 492_700.0, 2));
    assert_eq!(winner.counterparts[0].role, Role::Buyer);
    let loser = store.organization(&number("826781742")).await.unwrap().unwrap();
    assert_eq!((loser.counts, loser.values), (vec![(Role::Tenderer, 2)], vec![]));
    let names = store.names(&[number("938801363"), number("889640782")]).await.unwrap();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        [(number("938801363"), "Sarpsborg kommune".to_owned())]
    );
}

async fn the_latest_notices_of_an_organisation_are_those_published_last(place: &Place) {
    let (store, lease) = place.lead().await;
    let published =
        |number, day: Option<&str>| Hit { published: day.map(|day| day.parse().unwrap()), ..hit(number) };
    let hits = [
        published(1, Some("2026-03-01")),
        published(2, Some("2026-02-01")),
        published(3, Some("2026-03-01")),
        published(4, None),
    ];
    store.observe(&lease, &hits, at(0), Via::Current).await.unwrap();
    let buyer = store.organization(&OrgNumber::find("938801363").unwrap()).await.unwrap().unwrap();
    assert_eq!(buyer.recent, [id(3), id(1), id(2), id(4)]);
}

async fn notices_that_are_replaced_count_neither_in_lists_nor_in_profiles(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut correction = document(UUID[1], None);
    correction.links = vec![link(LinkKind::Changes, id(1).as_str())];
    let notices = [imported(hit(1), Some(document(UUID[0], None))), imported(hit(2), Some(correction))];
    store.import(&lease, &notices, at(0)).await.unwrap();
    let number = OrgNumber::find("938801363").unwrap();
    let listed = store.organizations("sarpsborg", 10).await.unwrap().remove(0);
    let profile = store.organization(&number).await.unwrap().unwrap();
    assert_eq!(listed.counts, [(Role::Buyer, 1)]);
    assert_eq!(listed.counts, profile.counts);
}

async fn an_intent_and_a_change_of_a_contract_award_nothing_once_more(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut intent = award(UUID[1], None);
    intent.outcome = None;
    let notices = [imported(result(1), Some(award(UUID[0], None))), imported(result(2), Some(intent))];
    store.import(&lease, &notices, at(0)).await.unwrap();
    for number in ["938801363", "997711017"] {
        let profile = store.organization(&OrgNumber::find(number).unwrap()).await.unwrap().unwrap();
        let awarded = profile.values.iter().filter(|sum| sum.kind == ValueKind::Total);
        let awarded: Vec<_> = awarded.map(|sum| (sum.amount, sum.notices)).collect();
        assert_eq!(awarded, [(492_700.0, 1)], "{number}");
        assert_eq!(profile.counts[0].1, 2, "it is named in both");
    }
}

async fn a_notice_that_is_no_longer_listed_counts_no_more(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1), hit(2)], at(0), Via::Current).await.unwrap();
    store.withdraw(&lease, &[id(1)], at(1)).await.unwrap();
    let number = OrgNumber::find("938801363").unwrap();
    let profile = store.organization(&number).await.unwrap().unwrap();
    assert_eq!((profile.counts, profile.recent), (vec![(Role::Buyer, 1)], vec![id(2)]));
}

async fn an_estimate_that_changes_counts_as_it_is_now(place: &Place) {
    let (store, lease) = place.lead().await;
    let money = |amount| Money { currency: "NOK".to_owned(), amount };
    let mut own = document(UUID[1], None);
    own.values = vec![Valued { kind: ValueKind::Estimated, money: money(7.0), rule: Rule::LotEstimates }];
    // Without a document, with one that has no estimate, and with one that has.
    let documents = [None, Some(document(UUID[0], None)), Some(own)];
    let notices = |amount: Option<f64>| -> Vec<_> {
        let hits = (1..).map(|number| Hit { estimated_value: amount.map(money), ..hit(number) });
        hits.zip(&documents).map(|(hit, document)| imported(hit, document.clone())).collect()
    };
    store.import(&lease, &notices(Some(100.0)), at(0)).await.unwrap();
    let number = OrgNumber::find("938801363").unwrap();
    for (time, (amount, notices, expected)) in
        [(None, 1, 7.0), (Some(300.25), 3, 607.5), (Some(f64::NAN), 1, 7.0), (Some(200.0), 3, 407.0)]
            .into_iter()
            .enumerate()
    {
        let hits: Vec<_> =
            (1..=3).map(|number| Hit { estimated_value: amount.map(money), ..hit(number) }).collect();
        store.observe(&lease, &hits, at(1 + i64::try_from(time).unwrap()), Via::Current).await.unwrap();
        let buyer = store.organization(&number).await.unwrap().unwrap();
        let (sum, count) = buyer.values.iter().fold((0.0, 0), |(sum, count), value| {
            assert_eq!(value.kind, ValueKind::Estimated);
            (sum + value.amount, count + value.notices)
        });
        assert_eq!((sum, count), (expected, notices), "{amount:?}");
    }
}

async fn an_organisation_is_found_by_how_a_word_of_its_name_begins(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut foreign = award(UUID[1], None);
    foreign.parties[1].name = "Sørlandets Åsbygg AS".into();
    foreign.parties.pop();
    let notices = [imported(result(1), Some(award(UUID[0], None))), imported(result(2), Some(foreign))];
    store.import(&lease, &notices, at(0)).await.unwrap();
    let found = async |beginning: &str| {
        let listed = store.organizations(beginning, 10).await.unwrap();
        listed.into_iter().map(|listed| (listed.name, listed.notices)).collect::<Vec<_>>()
    };
    let buyer = ("Sarpsborg kommune".to_owned(), 2);
    assert_eq!(found("SARPS").await, std::slice::from_ref(&buyer));
    assert_eq!(found("kommune sarp").await, std::slice::from_ref(&buyer));
    assert_eq!(found("9388 01").await, std::slice::from_ref(&buyer));
    assert_eq!(found("asby").await.len(), 1);
    assert_eq!(found("s").await[0], buyer, "most notices first");
    for nothing in ["", " & ", "arpsborg", "sarpsborg as", "1"] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
}
