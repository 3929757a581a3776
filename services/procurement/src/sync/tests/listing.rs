//! Listings come out whole, however Doffin orders and cuts.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use simulator::Draft;

use super::world::World;
use crate::domain::Status;
use crate::sync::listing::{self, Listing, Range};

impl World {
    async fn list(&self, from: Date, to: Date) -> Listing {
        listing::list(&self.doffin, Range { from, to, status: None }).await.unwrap()
    }

    /// What is visible of these days, by the truth.
    fn within(&self, from: Date, to: Date) -> BTreeSet<String> {
        let notices = self.simulator.notices().into_iter().filter(|notice| notice.visible);
        let day =
            |notice: &simulator::NoticeSummary| jiff::tz::Offset::UTC.to_datetime(notice.issue_date).date();
        notices.filter(|notice| (from..=to).contains(&day(notice))).map(|notice| notice.id).collect()
    }
}

fn ids(listing: &Listing) -> BTreeSet<String> {
    listing.hits.iter().map(|hit| hit.id.to_string()).collect()
}

#[tokio::test]
async fn years_beyond_the_ceiling_are_listed_whole_in_spite_of_page_borders() {
    let world = World::of(6_000).await;
    let (from, to) = (date(2023, 1, 1), date(2026, 12, 31));
    let truth = world.within(from, to);
    assert!(truth.len() > 2_000, "{}", truth.len());
    let listing = world.list(from, to).await;
    assert!(listing.whole, "{:?}", listing.note);
    assert_eq!(listing.total as usize, truth.len());
    assert_eq!(ids(&listing), truth);
    let asked = world.simulator.stats().count("search");
    assert!(asked < 250, "{asked} requests for {} notices", truth.len());
}

#[tokio::test]
async fn a_day_that_fits_on_no_page_is_listed_whole_by_other_sizes_and_kinds() {
    let world = World::of(200).await;
    let draft = Draft { issue_date: Some("2024-05-02T10:00:00Z".parse().unwrap()), ..Draft::default() };
    for kind in [simulator::Type::AdvisoryNotice, simulator::Type::AnnouncementOfIntent].repeat(650) {
        world.simulator.publish(Draft { kind: Some(kind), ..draft.clone() }).unwrap();
    }
    let day = date(2024, 5, 2);
    let listing = world.list(day, day).await;
    assert!(listing.whole, "{:?}", listing.note);
    assert_eq!(ids(&listing), world.within(day, day));
}

#[tokio::test]
async fn what_doffin_does_not_show_is_never_called_whole() {
    let world = World::of(200).await;
    world.change(|faults| faults.doffin.tie_order = simulator::TieOrder::Stable);
    let issue_date = Some("2024-05-02T10:00:00Z".parse().unwrap());
    for _ in 0..1_100 {
        world.simulator.publish(Draft { issue_date, ..Draft::default() }).unwrap();
    }
    let day = date(2024, 5, 2);
    let listing = world.list(day, day).await;
    assert!(!listing.whole, "1100 of one kind on one day are more than Doffin gives");
    let note = listing.note.unwrap();
    assert!(note.starts_with("2024-05-02 to 2024-05-02: ") && note.contains(" of 1"), "{note}");
}

#[tokio::test]
async fn open_competitions_are_listed_and_nothing_else() {
    let world = World::of(4_000).await;
    let range = Range { from: date(2017, 1, 1), to: date(2026, 11, 29), status: Some(Status::Active) };
    let listing = listing::list(&world.doffin, range).await.unwrap();
    assert!(listing.whole && listing.hits.len() > 30);
    assert!(listing.hits.iter().all(|hit| hit.status.as_deref() == Some("ACTIVE")));
}

#[tokio::test]
async fn hiccups_and_single_objects_change_nothing() {
    let world = World::of(3_000).await;
    world.change(|faults| {
        faults.doffin.single_hit_object = true;
        faults.doffin.control_chars = 20;
        faults.doffin.hiccups.html503 = 60;
        faults.doffin.hiccups.cut_mid_body = 30;
    });
    let (from, to) = (date(2026, 3, 2), date(2026, 3, 8));
    let listing = world.list(from, to).await;
    assert!(listing.whole);
    assert_eq!(ids(&listing), world.within(from, to));
}

#[tokio::test]
async fn a_notice_is_found_by_its_id_until_search_loses_it() {
    let world = World::of(300).await;
    let id = world.simulator.publish(Draft::default()).unwrap();
    let parsed = crate::domain::NoticeId::parse(&id).unwrap();
    assert_eq!(listing::find(&world.doffin, &parsed).await.unwrap().unwrap().id, parsed);
    assert!(world.simulator.withdraw(&id));
    assert_eq!(listing::find(&world.doffin, &parsed).await.unwrap(), None);
}
