//! What words find.

use super::make::{Made, entry, organization, text, words};
use crate::domain::{Facts, Lot, OrgNumber};

#[test]
fn every_word_must_occur_in_any_field_and_any_inflection() {
    let mut lots = entry(3);
    lots.stored.hit.heading = "Rammeavtale".into();
    lots.stored.hit.lots = vec![Lot {
        heading: "Delkontrakt bruer".into(),
        description: "Veiene i nord".into(),
        winners: Vec::new(),
    }];
    let mut facts = entry(4);
    facts.facts = Some(Facts { lot_texts: vec!["Broer og veier".into()], ..Facts::default() });
    let made = Made::of(&[text(1, "Nye veier", "og en bru"), text(2, "Vei", ""), lots, facts]);
    assert_eq!(made.sorted(words("vei")), [1, 2, 3, 4]);
    assert_eq!(made.sorted(words("veien brua")), [1, 3]);
    assert_eq!(made.sorted(words("rammeavtalen VEIER")), [3]);
    assert_eq!(made.sorted(words("vei tunnel")), Vec::<u32>::new());
}

#[test]
fn norwegian_letters_are_found_in_all_their_spellings_but_do_not_blur_other_words() {
    let made = Made::of(&[
        text(1, "Tromsø", ""),
        text(2, "Bærum", ""),
        text(3, "Ålesund", ""),
        text(4, "klipp av hår", ""),
        text(5, "Kommunen har planer", ""),
        text(6, "A\u{30a}lesund havn", ""),
    ]);
    for (query, found) in [
        ("tromsø", vec![1]),
        ("TROMSØ", vec![1]),
        ("tromsoe", vec![1]),
        ("tromso", vec![1]),
        ("bærum", vec![2]),
        ("baerum", vec![2]),
        ("barum", vec![2]),
        ("ålesund", vec![3, 6]),
        ("aalesund", vec![3, 6]),
        ("alesund", vec![3, 6]),
        ("hår", vec![4]),
        ("har", vec![4, 5]),
    ] {
        assert_eq!(made.sorted(words(query)), found, "{query}");
    }
}

#[test]
fn a_quotation_wants_its_words_side_by_side_in_one_text() {
    let made = Made::of(&[
        text(1, "Drift og vedlikehold", ""),
        text(2, "Vedlikehold og drift", ""),
        text(3, "Noe drift", "og vedlikehold"),
        text(4, "IT-drift", ""),
        text(5, "IT drift", ""),
        text(6, "IT og drift", ""),
    ]);
    assert_eq!(made.sorted(words("\"drift og vedlikehold\"")), [1]);
    assert_eq!(made.sorted(words("«vedlikeholdet og drift»")), [2]);
    assert_eq!(made.sorted(words("it-drift")), [4, 5]);
    assert_eq!(made.sorted(words("it drift")), [4, 5, 6]);
}

#[test]
fn what_is_forbidden_is_left_out_also_when_nothing_is_wanted() {
    let made = Made::of(&[text(1, "vei og bru", ""), text(2, "vei", ""), text(3, "gamle hus på rad", "")]);
    assert_eq!(made.sorted(words("vei -bru")), [2]);
    assert_eq!(made.sorted(words("-vei")), [3]);
    assert_eq!(made.sorted(words("-vei -\"hus på\"")), Vec::<u32>::new());
    assert_eq!(made.sorted(words("-bro*")), [1, 2, 3]);
    assert_eq!(made.sorted(words("-bru*")), [2, 3]);
    assert_eq!(made.sorted(words("vei -vei")), Vec::<u32>::new());
}

#[test]
fn a_beginning_takes_whatever_begins_with_it_and_the_word_itself_in_any_inflection() {
    let made = Made::of(&[
        text(1, "informasjonssikkerhet", ""),
        text(2, "Sikkerhet", ""),
        text(3, "sikkerheten", ""),
        text(4, "sikring", ""),
        text(5, "Sjøsikkerhet", ""),
        text(6, "Ørland", ""),
    ]);
    assert_eq!(made.sorted(words("sikkerh*")), [2, 3]);
    assert_eq!(made.sorted(words("sik*")), [2, 3, 4]);
    assert_eq!(made.sorted(words("sjøs*")), [5]);
    assert_eq!(made.sorted(words("sjos*")), [5]);
    assert_eq!(made.sorted(words("informasjonssikkerheter*")), [1]);
    assert_eq!(made.sorted(words("ørl*")), [6]);
    assert_eq!(made.sorted(words("sikkerhete*")), [3]);
}

#[test]
fn a_doffin_id_finds_its_notice_first_and_then_those_that_mention_it() {
    let made = Made::of(&[
        text(1, "Se kunngjøring 2026-000002", ""),
        text(2, "Noe", ""),
        text(3, "2026 og 000002", ""),
    ]);
    assert_eq!(made.sorted(words("2026-000002")), [1, 2]);
    assert_eq!(made.sorted(words("2026-000009")), Vec::<u32>::new());
}

#[test]
fn organisations_are_found_by_name_and_number_in_every_role() {
    let mut buyer = entry(1);
    buyer.stored.hit.buyers = vec![organization(Some("938 801 363"), "Sarpsborg kommune")];
    let mut winner = entry(2);
    let winners = vec![organization(Some("NO991825827MVA"), "Digitaliseringsdirektoratet")];
    winner.stored.hit.lots = vec![Lot { heading: String::new(), description: String::new(), winners }];
    let mut tenderer = entry(3);
    let party = |number: &str, name: &str| vec![(OrgNumber::find(number), name.to_owned())];
    tenderer.facts = Some(Facts {
        tenderers: party("916879067", "Taper AS"),
        subcontractors: party("817209882", "Hjelper AS"),
        ..Facts::default()
    });
    let made = Made::of(&[buyer, winner, tenderer]);
    for (query, found) in [
        ("938801363", 1),
        ("938 801 363", 1),
        ("NO 938 801 363 MVA", 1),
        ("sarpsborg", 1),
        ("991825827", 2),
        ("916879067", 3),
        ("hjelper 817209882", 3),
    ] {
        assert_eq!(made.sorted(words(query)), [found], "{query}");
    }
}

#[test]
fn odd_texts_are_answered_and_signs_alone_are_no_condition() {
    let made = Made::of(&[text(1, "漢字 и слово", "ﬁnt ½"), text(2, "vei", "")]);
    for all in ["\"", "***", "-", "🏗️", "«»", "\u{301}"] {
        assert_eq!(made.sorted(words(all)), [1, 2], "{all:?}");
    }
    assert_eq!(made.sorted(words("漢字")), [1]);
    assert_eq!(made.sorted(words("СЛОВО")), [1]);
    assert_eq!(made.sorted(words("fint")), [1]);
    assert_eq!(made.sorted(words(&"x".repeat(500))), Vec::<u32>::new());
    assert_eq!(made.sorted(words(&"a ".repeat(250))), Vec::<u32>::new());
}

#[test]
fn a_notice_is_replaced_not_added_when_it_comes_again() {
    let made = Made::of(&[text(1, "vei", ""), text(2, "bru", "")]);
    made.index.apply(&[text(1, "tunnel", "")], crate::domain::Seq(7)).unwrap();
    assert_eq!(made.sorted(words("vei")), Vec::<u32>::new());
    assert_eq!(made.sorted(words("tunnel")), [1]);
    assert_eq!(made.index.facts().documents, 2);
    assert_eq!(made.index.position(), crate::domain::Seq(7));
    let twice = [text(3, "først", ""), text(3, "sist", "")];
    made.index.apply(&twice, crate::domain::Seq(8)).unwrap();
    assert_eq!(made.sorted(words("først")), Vec::<u32>::new());
    assert_eq!(made.sorted(words("sist")), [3]);
}
