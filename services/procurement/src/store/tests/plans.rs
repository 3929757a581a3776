//! How the engines run the store's statements: none reads a whole table that grows.

use super::harness::Place;
use super::on_both;
use super::sample::{PROCEDURE, UUID, at, award, document, fetched, hit, id, imported, link, result};
use crate::domain::{ChangeKind, LinkKind, OrgNumber, Seq};
use crate::store::sql::{Fields as _, recorded};
use crate::store::{Lease, Store, Via, Window};

on_both![no_statement_reads_a_whole_table];

/// Tables that stay small: one row, a row a week, a row a fact, a row a document that does not come.
const SMALL: [&str; 5] = ["feed", "sync_window", "sync_state", "migration", "download"];

async fn no_statement_reads_a_whole_table(place: &Place) {
    let (store, lease) = place.lead().await;
    let notices: Vec<_> = (1..120)
        .map(|number| {
            let uuid = format!("{number:08x}-0000-4000-8000-000000000000");
            let procedure = format!("{:08x}-0000-4000-8000-000000000001", number / 3);
            match number % 3 {
                0 => imported(hit(number), Some(document(&uuid, Some(&procedure)))),
                1 => imported(result(number), Some(award(&uuid, Some(&procedure)))),
                _ => imported(hit(number), None),
            }
        })
        .collect();
    store.import(&lease, &notices, at(0)).await.unwrap();
    let mut connection = place.connection().await;
    sqlx::raw_sql("ANALYZE").execute(&mut connection).await.unwrap();
    let is_sqlite = place.directory().is_some();
    recorded::begin();
    write_everything(&store, &lease).await;
    read_everything(&store).await;
    let statements = recorded::end(if is_sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" });
    assert!(statements.len() > 60, "only {} statements were seen", statements.len());
    if !is_sqlite {
        // At this size reading a whole table is cheapest; what counts is whether there is another way.
        sqlx::raw_sql("SET enable_seqscan = off").execute(&mut connection).await.unwrap();
    }
    let mut whole = Vec::new();
    for (text, explain) in statements.into_iter().filter(|(text, _)| !text.starts_with("VACUUM")) {
        for row in explain.all(&mut connection).await.unwrap() {
            let step = row.string(if is_sqlite { 3 } else { 0 }).unwrap();
            let scanned = if is_sqlite { sqlite_scan(&step) } else { postgres_scan(&step) };
            if scanned.is_some_and(|table| !SMALL.contains(&table)) {
                whole.push(format!("{step}: {text}"));
            }
        }
    }
    assert!(whole.is_empty(), "{whole:#?}");
}

/// The table a step reads whole. One that is walked along an index in the order wanted is not, and a subquery's few
/// rows and values that are given are not. One that an index is made of in passing is.
fn sqlite_scan(step: &str) -> Option<&str> {
    if let Some((table, _)) =
        step.strip_prefix("SEARCH ").and_then(|step| step.split_once(" USING AUTOMATIC"))
    {
        return Some(table);
    }
    let table = step.strip_prefix("SCAN ")?.split(' ').next()?;
    let is_given = table.starts_with("pragma_") || step.ends_with("VALUES CLAUSE");
    let is_subquery = ["CONSTANT", "bought", "earlier"].contains(&table);
    (!step.contains("USING") && !is_given && !is_subquery).then_some(table)
}

fn postgres_scan(step: &str) -> Option<&str> {
    step.split_once("Seq Scan on ").and_then(|(_, rest)| rest.split(' ').next())
}

async fn write_everything(store: &Store, lease: &Lease) {
    let mut changed = hit(3);
    changed.status = None;
    let hits = [hit(1000), changed, hit(4)];
    store.observe(lease, &hits, at(1), Via::Current).await.unwrap();
    store.withdraw(lease, &[id(4)], at(1)).await.unwrap();
    store.observe(lease, &hits, at(1), Via::Current).await.unwrap();
    let mut linked = award(UUID[0], Some(PROCEDURE));
    linked.links = vec![link(LinkKind::Changes, id(3).as_str()), link(LinkKind::Previous, UUID[1])];
    for document in [linked, award(UUID[1], None)] {
        store.keep_documents(lease, &[fetched(1000, document)], at(1)).await.unwrap();
    }
    store.park(lease, &id(2), "HTTP 500", Some(at(9))).await.unwrap();
    let day = "2026-08-03".parse().unwrap();
    let window =
        Window { from: day, to: day, total: 1, held: 1, checked_at: at(1), complete: true, note: None };
    store.close_window(lease, &window).await.unwrap();
    store.set_state(lease, "phase", "tail").await.unwrap();
}

async fn read_everything(store: &Store) {
    let day = "2026-07-30".parse().unwrap();
    let number = OrgNumber::find("938801363").unwrap();
    store.state("phase").await.unwrap();
    store.attempts(&id(2)).await.unwrap();
    store.wanted_documents(at(5), 10).await.unwrap();
    store.listed_in(day, day).await.unwrap();
    store.listed_with_status("ACTIVE").await.unwrap();
    store.windows().await.unwrap();
    store.outdated_documents(5, 10).await.unwrap();
    store.notices(&[id(1), id(2)]).await.unwrap();
    store.entries(&[id(1), id(2)]).await.unwrap();
    store.document(&id(1)).await.unwrap();
    for kinds in [&[][..], &[ChangeKind::New, ChangeKind::AwardPublished]] {
        store.changes(Seq(100), kinds, 10).await.unwrap();
        store.changes_of(&id(3), Seq(0), kinds, 10).await.unwrap();
    }
    store.timeline(&id(3)).await.unwrap();
    store.links(&id(3)).await.unwrap();
    store.organization(&number).await.unwrap();
    for beginning in ["sarp komm", "9388"] {
        store.organizations(beginning, 10).await.unwrap();
    }
    store.versions(&id(3)).await.unwrap();
    store.facts().await.unwrap();
    store.names(&[number]).await.unwrap();
}
