use super::*;
use crate::domain::list::Row;
use crate::domain::{CpvCode, NutsCode, StyrkCode};

const CPV: [(&str, &str, &str); 21] = [
    ("30000000", "Datamaskiner til kontor", "Office and computing machinery"),
    ("30200000", "Bærbare maskiner", "Portable machines"),
    ("34000000", "Transportutstyr", "Transport equipment"),
    ("34100000", "Kjøretøyer", "Vehicles"),
    ("48000000", "Programvare og informasjonssystemer", "Software package"),
    ("48100000", "Bransjespesifikk programvare", "Industry specific software"),
    ("48900000", "Diverse programvare", "Miscellaneous software package"),
    ("60000000", "Transporttjenester", "Transport services"),
    ("60100000", "Transport av skoleelever på vei", "Road transport of pupils"),
    ("60130000", "Skyss av passasjerer", "Special passenger transport"),
    ("72000000", "IT-tjenester", "IT services"),
    ("72260000", "Programvaretjenester", "Software-related services"),
    ("72262000", "Utvikling av programvare", "Software development"),
    ("79000000", "Forretningstjenester", "Business services"),
    ("79700000", "Vakttjenester", "Guard services"),
    ("80000000", "Undervisningstjenester", "Education services"),
    ("90000000", "Miljøtjenester", "Environmental services"),
    ("90900000", "Rengjøring og sanitær", "Cleaning and sanitation"),
    ("90911000", "Vasking av lokaler", "Accommodation cleaning"),
    ("90911300", "Vinduspussing", "Window cleaning"),
    ("90919000", "Kontorrengjøring", "Office cleaning"),
];

fn cpv() -> List<CpvCode> {
    List::build(CPV.map(|(code, nb, en)| Row::new(code, nb).english(en))).unwrap()
}

fn in_language(text: &str, language: Language) -> Vec<Hit> {
    search(&cpv(), &Query::new(text, language, Some(100)).unwrap(), None)
}

fn hits(text: &str) -> Vec<Hit> {
    in_language(text, Language::Nb)
}

fn codes(text: &str) -> Vec<String> {
    hits(text).into_iter().map(|hit| hit.code).collect()
}

/// The hit of one code: the field, the kind and the text that matched.
fn why(text: &str, code: &str) -> Option<(Field, Kind, String)> {
    let hit = hits(text).into_iter().find(|hit| hit.code == code)?;
    Some((hit.field, hit.kind, hit.text))
}

fn nb(kind: Kind, text: &str) -> (Field, Kind, String) {
    (Field::NameNb, kind, text.to_owned())
}

fn synonym(kind: Kind, text: &str) -> (Field, Kind, String) {
    (Field::Synonym, kind, text.to_owned())
}

#[test]
fn a_code_comes_first_then_codes_it_begins() {
    for text in ["48000000-8", "48000000-", "48000000"] {
        assert_eq!(codes(text), ["48000000"], "{text}");
    }
    assert_eq!(codes("48"), ["48000000", "48100000", "48900000"]);
    assert_eq!(why("48000000", "48000000"), Some((Field::Code, Kind::Exact, "48000000".into())));
    assert_eq!(why("489", "48900000"), Some((Field::Code, Kind::Prefix, "48900000".into())));
}

#[test]
fn labels_rank_whole_then_beginning_then_words() {
    let kinds: Vec<_> = hits("software package").iter().map(|hit| (hit.code.clone(), hit.kind)).collect();
    let expected = [("48000000", Kind::Exact), ("48900000", Kind::Words)];
    assert_eq!(kinds[..2], expected.map(|(code, kind)| (code.to_owned(), kind)));
    assert_eq!(
        why("programvare og", "48000000"),
        Some(nb(Kind::Prefix, "Programvare og informasjonssystemer"))
    );
    assert_eq!(why("bransje prog", "48100000"), Some(nb(Kind::Words, "Bransjespesifikk programvare")));
}

#[test]
fn whole_labels_come_before_beginnings_and_whole_words_before_parts_of_them() {
    let rows = [
        ("1", "Arbeid på vei"),
        ("2", "Bygging av veianlegg"),
        ("3", "Veiarbeid"),
        ("4", "Vei"),
        ("5", "Vei og gate"),
    ];
    let list: List<StyrkCode> = List::build(rows.map(|(code, nb)| Row::new(code, nb))).unwrap();
    let found = search(&list, &Query::new("vei", Language::Nb, None).unwrap(), None);
    let ranked: Vec<_> = found.iter().map(|hit| (hit.code.as_str(), hit.kind)).collect();
    let expected = [
        ("4", Kind::Exact),
        ("5", Kind::Prefix),
        ("3", Kind::Prefix),
        ("1", Kind::Words),
        ("2", Kind::Words),
    ];
    assert_eq!(ranked, expected);
}

#[test]
fn fillers_need_not_match_and_do_not_match_by_themselves() {
    assert_eq!(codes("vasking av")[0], "90911000");
    assert_eq!(codes("vasking for"), codes("vasking"));
}

#[test]
fn a_word_is_found_in_another_form() {
    assert_eq!(why("passasjer", "60130000"), Some(nb(Kind::Words, "Skyss av passasjerer")));
    assert_eq!(why("passasjerene", "60130000"), Some(nb(Kind::Stem, "Skyss av passasjerer")));
    let guard = in_language("vehicled", Language::En);
    assert_eq!(
        (guard[0].code.as_str(), guard[0].field, guard[0].kind),
        ("34100000", Field::NameEn, Kind::Stem)
    );
}

#[test]
fn compounds_are_found_by_their_parts_and_parts_in_compounds() {
    assert_eq!(why("passasjerskyss", "60130000"), Some(nb(Kind::Compound, "Skyss av passasjerer")));
    assert_eq!(
        why("passasjersky", "60130000"),
        Some(nb(Kind::Compound, "Skyss av passasjerer")),
        "still being typed"
    );
    assert_eq!(why("rengjøring", "90919000"), Some(nb(Kind::Compound, "Kontorrengjøring")));
    assert_eq!(
        why("programvaretjeneste", "48900000"),
        None,
        "a text that has the word comes before one with a part"
    );
    assert_eq!(
        why("passasjerarbeid", "60130000"),
        Some(nb(Kind::Compound, "Skyss av passasjerer")),
        "generic parts"
    );
}

#[test]
fn a_compound_that_is_nowhere_is_found_by_one_part_the_last_first() {
    let found = hits("passasjervasking");
    assert!(found[0].code.starts_with("909"), "{:?}", found[0]);
    assert!(
        found.iter().any(|hit| hit.code == "60130000") && found.iter().all(|hit| hit.kind == Kind::Compound)
    );
}

#[test]
fn synonyms_say_how_their_own_text_matched() {
    assert_eq!(why("skole", "80000000"), Some(synonym(Kind::Exact, "skole")));
    assert_eq!(why("skolesky", "60130000"), Some(synonym(Kind::Prefix, "skoleskyss")));
    assert_eq!(why("KI", "72000000"), Some(synonym(Kind::Exact, "KI")));
    assert_eq!(codes("kunstig intelligens")[..2], ["72000000", "48000000"], "in the order of the file");
}

#[test]
fn a_synonym_of_a_code_that_is_not_listed_stands_for_the_nearest_above() {
    let bil: Vec<_> = hits("personbil").into_iter().map(|hit| (hit.code, hit.field)).collect();
    assert_eq!(bil[0], ("34100000".to_owned(), Field::Synonym));
    assert!(CPV.iter().all(|(code, ..)| *code != "34110000"));
    assert!(codes("ambulanse").contains(&"34100000".to_owned()));
}

#[test]
fn equivalent_words_and_nynorsk_lead_to_the_words_of_labels() {
    assert_eq!(why("vask", "90900000").map(|(_, kind, _)| kind), Some(Kind::Exact));
    let list: List<StyrkCode> = List::build([Row::new("1", "Ledere"), Row::new("2", "Leger")]).unwrap();
    let doctor = search(&list, &Query::new("doktor", Language::Nb, None).unwrap(), None);
    assert_eq!((doctor.len(), doctor[0].kind, doctor[0].text.as_str()), (1, Kind::Stem, "Leger"));
    assert_eq!(why("køyretøy", "34100000"), Some(nb(Kind::Prefix, "Kjøretøyer")));
    assert_eq!(why("skule", "80000000"), Some(synonym(Kind::Exact, "skole")));
}

#[test]
fn spellings_without_norwegian_letters_are_the_same() {
    for text in ["kjøretøyer", "kjoretoyer", "kjoeretoeyer", "KJØRETØYER"] {
        assert_eq!(why(text, "34100000"), Some(nb(Kind::Exact, "Kjøretøyer")), "{text}");
    }
    assert_eq!(why("baerbare", "30200000").map(|(_, kind, _)| kind), Some(Kind::Prefix));
    assert_eq!(why("barbare", "30200000").map(|(_, kind, _)| kind), Some(Kind::Prefix));
}

#[test]
fn misspelt_words_are_guessed_only_if_nothing_has_them() {
    assert_eq!(why("vinduspusing", "90911300"), Some(nb(Kind::Fuzzy, "Vinduspussing")));
    assert_eq!(why("programvre", "48900000"), Some(nb(Kind::Fuzzy, "Diverse programvare")));
    assert!(hits("skyss").iter().all(|hit| hit.kind != Kind::Fuzzy));
    assert_eq!(codes("qqqq"), Vec::<String>::new());
    let mut all = hits("undervisningstjenster");
    assert_eq!(all[0].kind, Kind::Fuzzy);
    let query = Query::new("undervisningstjenster", Language::Nb, None).unwrap();
    let styrk: List<StyrkCode> = List::build([Row::new("2", "Undervisningstjenster")]).unwrap();
    all.extend(search(&styrk, &query, None));
    let left: Vec<_> = best(all, &query).into_iter().map(|hit| hit.code).collect();
    assert_eq!(left, ["2"], "another list has the word");
}

#[test]
fn most_words_will_do_but_come_after_all_of_them() {
    let found = codes("miscellaneous software package");
    assert_eq!(found[..2], ["48900000", "48000000"], "three of three words, then two");
    assert!(!found.contains(&"72260000".to_owned()), "one of three is too few");
}

#[test]
fn names_answer_in_the_language_asked_for_and_say_where_they_cannot() {
    let found = &in_language("programvaretjenester", Language::En)[0];
    assert_eq!(
        (found.name.as_str(), found.text.as_str()),
        ("Software-related services", "Programvaretjenester")
    );
    assert_eq!(found.fallback, None);
    let list: List<StyrkCode> = List::build([Row::new("2", "Programvare")]).unwrap();
    let found = &search(&list, &Query::new("programvare", Language::En, None).unwrap(), None)[0];
    assert_eq!((found.name.as_str(), found.fallback), ("Programvare", Some(Language::Nb)));
}

#[test]
fn only_codes_below_one_are_answered_when_asked() {
    let list = cpv();
    let under = list.get(&CpvCode::parse("48000000").unwrap());
    let found = search(&list, &Query::new("programvare", Language::Nb, None).unwrap(), under);
    assert_eq!(found.iter().map(|hit| hit.code.as_str()).collect::<Vec<_>>(), ["48900000", "48100000"]);
}

#[test]
fn every_name_of_a_place_is_a_whole_one() {
    let rows = [Row::new("NO07", "Nord-Norge"), Row::new("NO074", "Troms - Romsa - Tromssa").below("NO07")];
    let list: List<NutsCode> = List::build(rows).unwrap();
    let found = search(&list, &Query::new("romsa", Language::Nb, None).unwrap(), None);
    assert_eq!((found[0].kind, found[0].text.as_str()), (Kind::Exact, "Troms - Romsa - Tromssa"));
}

#[test]
fn hits_of_several_lists_are_merged_by_rank_up_to_the_limit() {
    let styrk: List<StyrkCode> =
        List::build([Row::new("2", "Akademiske yrker"), Row::new("25", "Vinduspussing")]).unwrap();
    let query = Query::new("vinduspussing", Language::Nb, Some(1)).unwrap();
    let mut all = search(&cpv(), &query, None);
    all.extend(search(&styrk, &query, None));
    assert_eq!(all.len(), 2);
    assert_eq!(
        best(all, &query).into_iter().map(|hit| hit.code).collect::<Vec<_>>(),
        ["25"],
        "the higher level"
    );
}

#[test]
fn a_query_is_required_and_its_limits_are_told() {
    let error = |text: &str, limit| Query::new(text, Language::Nb, limit).unwrap_err();
    assert!(matches!(error(" ", None), Error::Missing { parameter: "q", .. }));
    assert!(matches!(error(&"x".repeat(201), None), Error::Invalid { parameter: "q", .. }));
    for limit in [0, -1, 101] {
        assert!(matches!(error("x", Some(limit)), Error::Invalid { parameter: "limit", .. }), "{limit}");
    }
    assert_eq!(codes("?!"), Vec::<String>::new());
}
