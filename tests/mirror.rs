//! The mirror, as callers see it: complete, searchable by what Doffin cannot search by, and honest about itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use simulator::{Draft, Faults, Outage, OutageKind, Type};
use system_tests::World;

fn ids(answer: &Value) -> Vec<String> {
    let hits = answer["data"]["hits"].as_array().unwrap_or_else(|| panic!("{answer}"));
    hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
}

/// Ids of every notice the simulated Doffin lists now.
fn listed(world: &World) -> BTreeSet<String> {
    world.simulator.notices().into_iter().filter(|notice| notice.visible).map(|notice| notice.id).collect()
}

/// One mirror for all of them, because filling it takes longest. Those that change Doffin come last.
#[tokio::test(flavor = "multi_thread")]
async fn a_filled_mirror_keeps_its_promises() {
    let world = World::start_mirrored().await;
    world.mirrored().await;
    every_notice_is_found_once_by_pages_by_cursor_and_in_an_export(&world).await;
    who_won_is_found_by_number_by_name_and_in_the_profile(&world).await;
    a_notice_in_full_says_who_what_and_by_which_rule(&world).await;
    counts_and_facets_agree_with_the_search(&world).await;
    filters_that_are_not_plain_are_told_of(&world).await;
    an_export_for_a_spreadsheet_has_the_columns_asked_for(&world).await;
    a_watcher_hears_of_a_new_notice(&world).await;
    a_procedure_is_followed_from_call_over_correction_to_award(&world).await;
    doffin_may_be_gone_and_the_mirror_goes_on_with_its_age(&world).await;
    world.stop().await;
}

async fn every_notice_is_found_once_by_pages_by_cursor_and_in_an_export(world: &World) {
    let expected = listed(world);
    let first = world.json("/api/doffin/search?hitsPerPage=7").await;
    assert_eq!(
        (&first["source"], &first["coverage"]["complete"]),
        (&"MIRROR".into(), &true.into()),
        "{first}"
    );
    assert_eq!(first["data"]["totalHits"], expected.len());

    let mut paged = Vec::new();
    for page in 1..=expected.len().div_ceil(100) {
        paged.extend(ids(&world.json(&format!("/api/doffin/search?hitsPerPage=100&page={page}")).await));
    }
    assert_eq!(paged.len(), expected.len());
    assert_eq!(paged.into_iter().collect::<BTreeSet<_>>(), expected);

    let (mut followed, mut answer) = (Vec::new(), first);
    loop {
        followed.extend(ids(&answer));
        let Some(cursor) = answer["data"]["nextCursor"].as_str() else { break };
        answer = world.json(&format!("/api/doffin/search?hitsPerPage=97&cursor={cursor}")).await;
    }
    assert_eq!(followed.len(), expected.len());
    assert_eq!(followed.into_iter().collect::<BTreeSet<_>>(), expected);

    let export = world.get("/api/doffin/export").await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    assert_eq!(export.header("x-bouvetradar-complete"), "true");
    assert!(export.header("x-bouvetradar-as-of").starts_with("20"), "{:?}", export.headers);
    let text = String::from_utf8(export.body).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let exported: BTreeSet<_> = lines.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((lines.len(), exported), (expected.len(), expected));
}

async fn who_won_is_found_by_number_by_name_and_in_the_profile(world: &World) {
    let awards =
        world.json("/api/doffin/search?type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT&hitsPerPage=100").await;
    let (award, winner) = awards["data"]["hits"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|hit| {
            let mut winners =
                hit["lots"].as_array()?.iter().flat_map(|lot| lot["winner"].as_array().unwrap());
            let numbered = winners.find(|winner| winner["organizationNumber"].is_string())?;
            Some((hit["id"].as_str()?.to_owned(), numbered.clone()))
        })
        .unwrap();
    let number = winner["organizationNumber"].as_str().unwrap();

    let found = world.json(&format!("/api/doffin/search?supplier={number}&hitsPerPage=1000")).await;
    assert!(ids(&found).contains(&award), "{found}");

    let profile = world.json(&format!("/api/doffin/organizations/{number}")).await;
    let won = profile["data"]["organization"]["winnerNotices"].as_u64().unwrap();
    assert_eq!(won, u64::try_from(ids(&found).len()).unwrap(), "{profile}");
    assert!(!profile["data"]["nameVariants"].as_array().unwrap().is_empty());
    let buyers = profile["data"]["counterparts"].as_array().unwrap();
    assert!(buyers.iter().any(|counterpart| counterpart["role"] == "BUYER"), "{profile}");

    let name = winner["name"].as_str().unwrap();
    let first: String = name.split_whitespace().next().unwrap().chars().take(200).collect();
    let path = format!("/api/doffin/organizations?q={}&limit=100", percent(&first));
    let listed = world.json(&path).await;
    let numbers = listed["data"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap());
    assert!(numbers.clone().any(|listed| listed == number), "{first}: {listed}");
}

async fn a_procedure_is_followed_from_call_over_correction_to_award(world: &World) {
    let draft = Draft {
        kind: Some(Type::AnnouncementOfCompetition),
        heading: Some("Bru over elva".into()),
        ..Draft::default()
    };
    let call = world.simulator.publish(draft).unwrap();
    let correction = world.simulator.correct(&call).unwrap();
    let award = world.simulator.award(&correction).unwrap();
    let path = format!("/api/doffin/notices/{award}/timeline");
    let timeline = world
        .until(&path, |answer| answer.status == 200 && answer.json()["total"].as_u64().unwrap_or(0) >= 2)
        .await
        .json();
    let entries: Vec<_> = timeline["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["notice"]["id"].as_str().unwrap().to_owned(), entry["stage"].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(entries.contains(&(award.clone(), "AWARD".into())), "{entries:?}");
    assert!(entries.contains(&(correction.clone(), "CHANGE".into())), "{entries:?}");
    let notice = world.json(&format!("/api/doffin/notices/{correction}")).await;
    assert_eq!(
        (&notice["source"], &notice["data"]["hasDocument"]),
        (&"MIRROR".into(), &true.into()),
        "{notice}"
    );
    assert_eq!(notice["data"]["status"], "AWARDED", "{notice}");
    let changes = world.json(&format!("/api/doffin/changes?notice={correction}&limit=1000")).await;
    let kinds: Vec<_> =
        changes["data"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "AWARD_PUBLISHED").count(), 1, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| ["NEW", "REIMPORTED"].contains(kind)).count(), 1, "{kinds:?}");
}

async fn a_notice_in_full_says_who_what_and_by_which_rule(world: &World) {
    let awards =
        world.json("/api/doffin/search?type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT&hitsPerPage=50").await;
    for id in ids(&awards) {
        let notice = &world.json(&format!("/api/doffin/notices/{id}")).await["data"];
        assert_eq!(notice["hasDocument"], true, "{notice}");
        let parties = notice["parties"].as_array().unwrap();
        let of = |role| parties.iter().filter(|party| party["role"] == role).count();
        assert!(of("BUYER") >= 1 && of("WINNER") >= 1, "{id}: {parties:?}");
        for value in notice["values"].as_array().unwrap() {
            assert!(value["rule"].as_str().unwrap().starts_with("BT-"), "{id}: {value}");
        }
        let main = notice["cpv"]["main"]["code"].as_str().unwrap_or_else(|| panic!("{id}: {notice}"));
        assert_eq!(main.len(), 8);
    }
}

async fn counts_and_facets_agree_with_the_search(world: &World) {
    let search =
        world.json("/api/doffin/search?facet=TYPE&facet=BUYER&facet=CPV_DIVISION&hitsPerPage=1").await;
    let total = search["data"]["totalHits"].as_u64().unwrap();
    let types = search["facets"][0]["values"].as_array().unwrap();
    let sum: u64 = types.iter().map(|value| value["notices"].as_u64().unwrap()).sum();
    assert_eq!(sum, total, "each notice is of one type");
    for value in types {
        let kind = value["key"].as_str().unwrap();
        let one = world.json(&format!("/api/doffin/search?type={kind}&hitsPerPage=1")).await;
        // Doffin's filter also finds notices that carry the kind beside their own.
        assert!(one["data"]["totalHits"].as_u64() >= value["notices"].as_u64(), "{kind}: {one}");
    }
    let divisions = &search["facets"][2]["values"][0];
    let label = divisions["label"].as_str().unwrap();
    assert!(label.chars().any(char::is_alphabetic), "a division has its name: {divisions}");

    let stats = world.json("/api/doffin/stats?by=MONTH&limit=1000").await;
    let months: u64 =
        stats["data"].as_array().unwrap().iter().map(|row| row["notices"].as_u64().unwrap()).sum();
    assert_eq!((months, &stats["total"]), (total, &total.into()));

    let all = world.json("/api/doffin/search?hitsPerPage=1000").await;
    let days: BTreeSet<_> =
        all["data"]["hits"].as_array().unwrap().iter().filter_map(|hit| hit["deadline"].as_str()).collect();
    let (first, last) = (&days.first().unwrap()[..10], &days.last().unwrap()[..10]);
    for filter in [
        "estimatedValueFrom=1000000",
        "estimatedValueTo=5000000&currency=nok",
        "currency=EUR",
        &format!("deadlineFrom={first}&deadlineTo={last}"),
        &format!("deadlineFrom={last}"),
        "language=nor",
        "procedure=open",
        "lotsFrom=2",
        "lotsFrom=1&lotsTo=1",
        "issueDateFrom=2026-01-01",
        "search=skole&includeNationwide=true&location=Oslo",
    ] {
        let found = world.json(&format!("/api/doffin/search?{filter}&hitsPerPage=1")).await;
        let counted = world.json(&format!("/api/doffin/stats?{filter}&by=BY_TYPE&limit=1000")).await;
        let written = world.get(&format!("/api/doffin/export?{filter}")).await;
        let lines = String::from_utf8_lossy(&written.body).lines().count();
        let matches = &found["data"]["totalHits"];
        assert_eq!((&counted["total"], &lines.into()), (matches, matches), "{filter}");
        assert!(*matches != total, "{filter} excludes nothing, and would not be missed");
    }
}

async fn filters_that_are_not_plain_are_told_of(world: &World) {
    let nobodys = "No notice in the mirror has procedure \"opne\".";
    let found = world.json("/api/doffin/search?procedure=opne&estimatedValueFrom=1000").await;
    assert_eq!(
        (&found["data"]["totalHits"], found["notes"][1].as_str()),
        (&0.into(), Some(nobodys)),
        "{found}"
    );
    assert!(found["notes"][0].as_str().unwrap().contains("NOK"), "{found}");
    assert_eq!(world.json("/api/doffin/search?procedure=open").await["notes"], serde_json::json!([]));
    let counted = world.json("/api/doffin/stats?by=MONTH&procedure=opne").await;
    assert_eq!(counted["notes"][0], nobodys, "{counted}");
    let export = world.get("/api/doffin/export?procedure=opne").await;
    assert_eq!(export.header("x-bouvetradar-note"), nobodys);
}

async fn an_export_for_a_spreadsheet_has_the_columns_asked_for(world: &World) {
    let path = "/api/doffin/export?format=CSV&separator=;&bom=true&column=id&column=supplier&type=RESULT";
    let export = world.get(path).await;
    assert_eq!(export.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(export.body).unwrap();
    assert!(text.starts_with("\u{feff}id;supplier\r\n"), "{text:.60}");
    let results = world.json("/api/doffin/search?type=RESULT&hitsPerPage=1").await;
    let rows = text.matches("\r\n").count() - 1;
    assert_eq!(results["data"]["totalHits"], rows);

    let releases =
        world.get("/api/doffin/export?format=OCDS&type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT").await;
    let text = String::from_utf8(releases.body).unwrap();
    let mut supplied = 0;
    for line in text.lines() {
        let release: Value = serde_json::from_str(line).unwrap();
        assert!(release["ocid"].as_str().unwrap().starts_with("ocds-"), "{release}");
        assert_eq!(release["tag"], serde_json::json!(["award"]), "{release}");
        let known: BTreeSet<_> = release["parties"]
            .as_array()
            .unwrap()
            .iter()
            .map(|party| party["id"].as_str().unwrap())
            .collect();
        for award in release["awards"].as_array().unwrap() {
            for supplier in award["suppliers"].as_array().unwrap() {
                supplied += 1;
                assert!(known.contains(supplier["id"].as_str().unwrap()), "{release}");
            }
        }
    }
    assert!(supplied > 0);
}

async fn doffin_may_be_gone_and_the_mirror_goes_on_with_its_age(world: &World) {
    let before = world.json("/api/doffin/search?search=skole").await;
    let mut faults = Faults::without_rate_limit();
    faults.doffin.outage = Outage { kind: OutageKind::Html503, count: None, delay_ms: 0 };
    world.simulator.set_faults(faults);
    let after = world.json("/api/doffin/search?search=skole").await;
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(after["source"], "MIRROR");
    assert!(after["asOf"].is_string());
    world.until("/api/doffin/sync", |answer| answer.json()["data"]["lastError"].is_string()).await;
}

async fn a_watcher_hears_of_a_new_notice(world: &World) {
    let client = system_tests::client();
    let response = client.get(world.url("/api/doffin/watch?kind=NEW")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let id = world
        .simulator
        .publish(Draft { heading: Some("Ny brannstasjon".into()), ..Draft::default() })
        .unwrap();
    let mut response = response;
    let mut text = String::new();
    while !text.contains(&id) {
        let chunk = response.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let line: Value = serde_json::from_str(text.lines().find(|line| line.contains(&id)).unwrap()).unwrap();
    assert_eq!(
        (&line["change"]["kind"], &line["change"]["notice"]["id"]),
        (&"NEW".into(), &id.as_str().into())
    );
    drop(response);
    let head = world.send(Method::HEAD, "/api/doffin/changes", &[]).await;
    assert_eq!(head.status, 200);
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
