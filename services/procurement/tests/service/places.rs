//! Places: names, numbers and codes made into what notices carry.

use proto::procurement as pb;
use proto::{ErrorCode, Failure};

use crate::system::{System, nowhere, refused};

async fn search(
    system: &System,
    places: &[&str],
    nationwide: bool,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let request = pb::SearchNoticesRequest {
        location: places.iter().map(|place| (*place).to_owned()).collect(),
        include_nationwide: nationwide,
        ..Default::default()
    };
    let notes = system.search(request).await?.notes;
    let asked = system.doffin.asked();
    let locations = asked.last().unwrap().values("location").into_iter().map(str::to_owned).collect();
    Ok((locations, notes))
}

#[tokio::test]
async fn names_numbers_and_codes_become_the_codes_that_notices_carry() {
    // Some of these mean the same, and each has to reach Doffin.
    let system = System::start_with(&["--search-cache-ttl=0s"]).await;
    for (places, nationwide, expected, notes) in [
        (&["Oslo"][..], false, &["NO081"][..], 0),
        (&["OSLO", "NO081"], false, &["NO081"], 0),
        (&["NO08"], false, &["NO08", "NO081", "NO082", "NO083", "NO084"], 1),
        (
            &["Oslo og Viken"],
            true,
            &["NO08", "NO081", "NO082", "NO083", "NO084", "anyw", "anyw-cou", "anyw-eea"],
            1,
        ),
        (&["NO"], false, &["NO", "NO08", "NO081", "NO082", "NO083", "NO084", "NO0A", "NO0A1"], 1),
        (&["ANYW"], false, &["anyw"], 0),
        (&["SE110", "FI"], false, &["FI", "SE110"], 0),
        (&["Bærum"], false, &["NO084"], 2),
        (&["0301"], false, &["NO081"], 1),
        (&["Viken"], false, &["NO082", "NO083", "NO084"], 3),
        (&["NO082"], false, &["NO082", "NO083", "NO084"], 1),
        (&["NO07"], false, &["NO07", "NO08", "NO081", "NO082", "NO083", "NO084"], 2),
        (&["NO999"], false, &["NO999"], 1),
    ] {
        let (locations, told) = search(&system, places, nationwide).await.unwrap();
        assert_eq!(locations, expected, "{places:?}");
        assert_eq!(told.len(), notes, "{places:?}: {told:?}");
    }
}

#[tokio::test]
async fn older_notices_are_found_where_their_code_covers_no_more_than_was_asked() {
    let system = System::start().await;
    let (locations, notes) = search(&system, &["NO083", "NO084"], false).await.unwrap();
    assert_eq!(locations, ["NO082", "NO083", "NO084"]);
    assert!(notes[0].contains("NO082 (Viken)") && notes[0].contains("searched too"), "{notes:?}");
    let (locations, notes) = search(&system, &["NO084"], false).await.unwrap();
    assert_eq!(locations, ["NO084"]);
    assert!(notes[0].contains("NO082 (Viken)") && notes[0].contains("not searched"), "{notes:?}");
}

#[tokio::test]
async fn a_municipality_is_searched_as_its_county_and_that_is_told() {
    let system = System::start().await;
    let (_, notes) = search(&system, &["Bærum"], false).await.unwrap();
    assert!(notes[0].contains("county NO084") && notes[0].contains("no finer place"), "{notes:?}");
}

#[tokio::test]
async fn an_ambiguous_name_is_refused_with_its_candidates_and_an_unknown_one_by_name() {
    let system = System::start().await;
    let failure = search(&system, &["Våler"], false).await.unwrap_err();
    refused(&failure, ErrorCode::InvalidInput, "location");
    for code in ["NO3114", "NO3419"] {
        assert!(failure.message.contains(code) && failure.metadata[0].1.contains(code), "{failure:?}");
    }
    let failure = search(&system, &["Atlantis"], false).await.unwrap_err();
    refused(&failure, ErrorCode::InvalidInput, "location");
    assert!(failure.message.contains("Atlantis"), "{failure:?}");
    assert!(system.doffin.asked().is_empty());
}

#[tokio::test]
async fn a_name_nobody_can_look_up_is_an_outage_that_names_nothing_internal() {
    let addr = nowhere();
    let system = System::start_with(&[&format!("--classification-url=http://{addr}")]).await;
    let failure = search(&system, &["Oslo"], false).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ServiceUnavailable);
    for inside in ["127.0.0.1", &addr.port().to_string(), "classification", "tcp", "refused"] {
        assert!(!failure.message.contains(inside), "{failure:?}");
    }
}
