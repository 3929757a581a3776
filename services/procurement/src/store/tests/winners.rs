//! Winners, also those whom a document names for no lot.

use super::harness::Place;
use super::on_both;
use super::sample::{UUID, at, award, fetched, hit, id, organization, party, result};
use crate::domain::{OrgNumber, Organization, Role};
use crate::store::Via;

on_both![
    winners_are_those_of_the_document_whatever_lot_they_won,
    a_counterpart_without_a_number_goes_by_its_name,
];

async fn winners_are_those_of_the_document_whatever_lot_they_won(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1), result(2), result(3)], at(0), Via::Current).await.unwrap();
    let mut document = award(UUID[0], None);
    let mut foreign = party(Role::Winner, "FI1234", "Leverandør Oy", None);
    foreign.lots.clear();
    document.parties.push(foreign);
    store.keep_documents(&lease, &[fetched(2, document)], at(1)).await.unwrap();
    let winners = store.winners(&[id(1), id(2), id(3)]).await.unwrap();
    let named = |number, name| Organization { row: String::new(), ..organization(number, name) };
    let first = named("997711017", "KS-Konsulent as");
    assert_eq!(winners[&id(2)], [first.clone(), named("FI1234", "Leverandør Oy")]);
    // Without a document they are those that Doffin lists.
    assert_eq!(winners[&id(3)], [first]);
    assert!(!winners.contains_key(&id(1)));
}

async fn a_counterpart_without_a_number_goes_by_its_name(place: &Place) {
    let (store, lease) = place.lead().await;
    let mut notices = Vec::new();
    for number in [2, 3] {
        store.observe(&lease, &[result(number)], at(0), Via::Current).await.unwrap();
        let mut document = award(UUID[number as usize], None);
        document.parties.push(party(Role::Winner, "FI1234", "Leverandør Oy", None));
        document.parties.retain(|party| number == 2 || party.name != "KS-Konsulent as");
        notices.push(fetched(number, document));
    }
    store.keep_documents(&lease, &notices, at(1)).await.unwrap();
    let buyer = OrgNumber::find("938801363").unwrap();
    let profile = store.organization(&buyer).await.unwrap().unwrap();
    let met = profile.counterparts.iter().map(|met| (met.number.is_some(), met.name.as_str(), met.notices));
    assert_eq!(met.collect::<Vec<_>>(), [(false, "Leverandør Oy", 2), (true, "KS-Konsulent as", 1)]);
}
