//! In what order matches come, and what is shown of them.

use super::make::{Made, entry, find, numbers, text, words};
use crate::domain::{Money, Query, Seq, SortBy};

#[test]
fn a_word_in_the_heading_weighs_more_and_short_texts_more_than_long_ones() {
    let filler = "og mye annet som ikke handler om saken i det hele tatt ".repeat(4);
    let made = Made::of(&[
        text(1, "Noe", &format!("tunnel {}", filler.repeat(4))),
        text(2, "Tunnel", &filler),
        text(3, "Noe", &format!("tunnel {filler}")),
        text(4, "Noe", &filler),
    ]);
    assert_eq!(made.numbers(words("tunnelen")), [2, 3, 1]);
}

#[test]
fn a_rare_word_decides_over_a_common_one() {
    let mut entries: Vec<_> = (1..=50).map(|n| text(n, "vei", "")).collect();
    entries.push(text(51, "noe", "vei vei vei tunnel"));
    entries.push(text(52, "noe", "vei tunnel tunnel"));
    let made = Made::of(&entries);
    assert_eq!(made.numbers(words("vei tunnel")), [52, 51]);
}

#[test]
fn orders_put_what_lacks_the_key_last_and_break_ties_by_id() {
    let with = |number, amount: Option<f64>, deadline: Option<&str>, published: Option<i8>| {
        let mut entry = entry(number);
        entry.stored.hit.estimated_value = amount.map(|amount| Money { currency: "NOK".into(), amount });
        entry.stored.hit.deadline = deadline.map(|text| text.parse().unwrap());
        entry.stored.hit.published = published.map(|day| jiff::civil::date(2026, 8, day));
        entry
    };
    let made = Made::of(&[
        with(1, Some(5.0), Some("2026-10-01T10:00:00Z"), Some(3)),
        with(2, None, None, None),
        with(3, Some(0.0), Some("2026-09-01T10:00:00Z"), Some(3)),
        with(4, Some(5.0), Some("2026-10-01T10:00:00Z"), Some(9)),
        with(5, None, None, None),
        with(6, Some(7.5e12), Some("2049-12-31T00:00:00Z"), Some(1)),
    ]);
    for (order, expected) in [
        (SortBy::PublicationDateDesc, [4, 3, 1, 6, 5, 2]),
        (SortBy::PublicationDateAsc, [6, 1, 3, 4, 2, 5]),
        (SortBy::Deadline, [3, 1, 4, 6, 2, 5]),
        (SortBy::DeadlineDesc, [6, 4, 1, 3, 5, 2]),
        (SortBy::EstimatedValueDesc, [6, 4, 1, 3, 5, 2]),
        (SortBy::EstimatedValueAsc, [3, 1, 4, 6, 2, 5]),
    ] {
        assert_eq!(made.numbers(Query { sort: Some(order), ..Query::default() }), expected, "{order:?}");
    }
    assert_eq!(made.numbers(Query::default()), [4, 3, 1, 6, 5, 2]);
}

#[test]
fn scores_do_not_depend_on_how_the_notices_were_committed() {
    let entries: Vec<_> = (1..=300).map(|number| super::make::random(number, 3)).collect();
    let at_once = Made::of(&entries);
    let in_pieces = Made::of(&[]);
    for piece in entries.chunks(50) {
        in_pieces.index.apply(piece, piece[piece.len() - 1].stored.first_seq).unwrap();
    }
    assert!(in_pieces.index.facts().segments > 1);
    for query in ["vei bru", "drift vedlikehold anlegg renhold", "sk* -bru", "\"vei bru\" skole IKT"] {
        assert_eq!(at_once.numbers(words(query)), in_pieces.numbers(words(query)), "{query}");
    }
}

#[test]
fn snippets_show_the_best_part_with_its_hits_marked_and_escaped() {
    let made = Made::of(&[]);
    let snippets =
        |query: &str, text: &str| made.index.snippets(&words(query).words.unwrap(), &[text]).pop().unwrap();
    assert_eq!(
        snippets("vei", "Nye <veier> & Veien").unwrap(),
        "Nye &lt;<b>veier</b>&gt; &amp; <b>Veien</b>"
    );
    assert_eq!(snippets("tromso", "i Tromsø by").unwrap(), "i <b>Tromsø</b> by");
    assert_eq!(snippets("sikkerh*", "Sikkerheten først").unwrap(), "<b>Sikkerheten</b> først");
    assert_eq!(snippets("tunnel", "ingenting her"), None);
    assert_eq!(snippets("-vei bru", "en vei"), None);
    let long =
        format!("{} bru {} vei ved en bru {}", "ord ".repeat(100), "ord ".repeat(100), "ord ".repeat(100));
    let part = snippets("vei bru", &long).unwrap();
    assert!(part.contains("<b>vei</b> ved en <b>bru</b>"), "{part}");
    assert!(part.starts_with("… ord ord") && part.ends_with("ord …"), "{part}");
    let plain = part.replace("<b>", "").replace("</b>", "");
    assert!((150..=210).contains(&plain.chars().count()), "{} characters", plain.chars().count());
}

#[test]
fn no_text_is_too_odd_for_a_snippet() {
    let made = Made::of(&[]);
    let alphabet = [
        "vei",
        "bru ",
        "Å",
        "<",
        "&",
        " ",
        "\n",
        "🏗️",
        "漢字",
        "x".repeat(300).as_str(),
        "\u{301}",
        "vei-bru",
    ]
    .map(ToOwned::to_owned);
    let mut random = fastrand::Rng::with_seed(9);
    for _ in 0..3_000 {
        let text: String =
            (0..random.usize(0..120)).map(|_| alphabet[random.usize(..alphabet.len())].as_str()).collect();
        let found = made.index.snippets(&words("vei bru ve* å").words.unwrap(), &[&text]).pop().unwrap();
        let Some(snippet) = found else { continue };
        assert!(snippet.contains("<b>") && snippet.matches("<b>").count() == snippet.matches("</b>").count());
        let bare = snippet.replace("<b>", "").replace("</b>", "");
        assert!(!bare.contains(['<', '>', '\n']), "{bare}");
    }
}

#[test]
fn an_empty_index_answers() {
    let made = Made::of(&[]);
    let found = made.index.find(&find(words("vei"))).unwrap();
    assert_eq!((numbers(&found).len(), found.total, found.next, found.position), (0, 0, None, Seq(0)));
}
