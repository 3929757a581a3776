//! Winners, also those whom a document names for no lot.

use super::harness::Place;
use super::on_both;
use super::sample::{UUID, at, award, fetched, hit, id, organization, party, result};
use crate::domain::{Organization, Role};
use crate::store::Via;

on_both![winners_are_those_of_the_document_whatever_lot_they_won];

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
