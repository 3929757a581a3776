//! What a list must be to take the place of the one being served.

use jiff::civil::Date;
use jiff::{Timestamp, ZonedDateTime};

use crate::domain::{Code, Edition, List, Origin, Row};
use crate::source::{self, Document};

/// Share of a list's codes that its successor must have, in percent.
const KEPT_PERCENT: usize = 90;

/// Why a refresh changed nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The list could not be had.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// It has far fewer codes than the one being served.
    #[error("the list has {new} codes, fewer than {KEPT_PERCENT} % of the {served} being served")]
    Shrunken { new: usize, served: usize },
    /// It lacks many of the codes that the selection being served picks from the whole.
    #[error("the list has {kept} of the {served} codes being served, fewer than {KEPT_PERCENT} %")]
    Partial { kept: usize, served: usize },
    /// Its letters were lost on the way.
    #[error("code {0} is labelled {1:?}: letters are lost")]
    Letters(String, String),
    /// A task of ours failed.
    #[error("the list could not be processed")]
    Task(#[from] tokio::task::JoinError),
}

impl Error {
    /// The outcome as metrics and logs name it.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Source(source::Error::Read { .. } | source::Error::Fetch(_) | source::Error::Status(_))
            | Self::Task(_) => "failed",
            Self::Source(_) | Self::Shrunken { .. } | Self::Partial { .. } | Self::Letters(..) => "refused",
        }
    }
}

/// The edition a document makes, if it may take the place of the one served.
pub(super) fn accept<C: Code>(
    document: &Document,
    served: &Edition<C>,
    origin: Origin,
) -> Result<Edition<C>, Error> {
    let list = read(document, &served.list, ZonedDateTime::now().date())?;
    let (new, before) = (list.len(), served.list.len());
    let enough = |part: usize| part * 100 >= before * KEPT_PERCENT;
    if served.complete() {
        // Counted, not compared: a reform gives a third of the municipalities new numbers.
        if !enough(new) {
            return Err(Error::Shrunken { new, served: before });
        }
    } else if origin == Origin::Upstream {
        // A whole list has what a selection of it has. A file is the operator's own choice.
        let kept = served.list.entries().iter().filter(|entry| list.get(&entry.code).is_some()).count();
        if !enough(kept) {
            return Err(Error::Partial { kept, served: before });
        }
    }
    Ok(Edition { list, origin, as_of: Timestamp::now() })
}

fn read<C: Code>(document: &Document, served: &List<C>, today: Date) -> Result<List<C>, Error> {
    let mut rows = source::rows(document, today)?;
    keep_english(&mut rows, served);
    let list = List::build(rows).map_err(source::Error::from)?;
    for entry in list.entries() {
        let before = served.get(&entry.code).map(|before| before.nb.as_str());
        if lost(&entry.nb, before) {
            return Err(Error::Letters(entry.code.to_string(), entry.nb.clone()));
        }
    }
    Ok(list)
}

/// A list published in one language keeps the English labels of the one before it.
fn keep_english<C: Code>(rows: &mut [Row], served: &List<C>) {
    if rows.iter().any(|row| row.en.is_some()) {
        return;
    }
    for row in rows {
        let entry = C::parse(&row.code).ok().and_then(|code| served.get(&code));
        row.en = entry.and_then(|entry| entry.en.clone());
    }
}

/// Whether letters were replaced because an encoding lacks them, as ISO-8859-1 lacks the Sámi ones: `?` before
/// a letter, or in the place of one.
fn lost(label: &str, before: Option<&str>) -> bool {
    let stands_in = |letter: char| matches!(letter, '?' | char::REPLACEMENT_CHARACTER);
    let mut pairs = label.chars().zip(label.chars().skip(1));
    let in_place = |before: &str| {
        let mut both = before.chars().zip(label.chars());
        before != label
            && before.chars().count() == label.chars().count()
            && both.all(|(old, new)| old == new || stands_in(new))
    };
    label.contains(char::REPLACEMENT_CHARACTER)
        || pairs.any(|(letter, next)| stands_in(letter) && next.is_alphabetic())
        || before.is_some_and(in_place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CpvCode, NutsCode, StyrkCode};
    use crate::source::Validators;

    fn edition<C: Code>(origin: Origin, rows: impl IntoIterator<Item = Row>) -> Edition<C> {
        Edition { list: List::build(rows).unwrap(), origin, as_of: Timestamp::UNIX_EPOCH }
    }

    fn csv(lines: &[&str]) -> Document {
        Document {
            bytes: format!("code;name\n{}\n", lines.join("\n")).into_bytes(),
            charset: None,
            validators: Validators::default(),
        }
    }

    #[test]
    fn a_list_may_lose_a_tenth_but_not_more() {
        let ten = (0..10).map(|n| Row::new(n.to_string(), format!("felt {n}")));
        let served: Edition<StyrkCode> = edition(Origin::Upstream, ten);
        let lines: Vec<String> = (0..9).map(|n| format!("{n};felt {n}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert!(accept(&csv(&lines), &served, Origin::Upstream).is_ok());
        let refused = accept(&csv(&lines[..8]), &served, Origin::Upstream).unwrap_err();
        assert!(matches!(refused, Error::Shrunken { new: 8, served: 10 }), "{refused}");
        assert_eq!(refused.outcome(), "refused");
    }

    #[test]
    fn a_selection_is_no_measure_for_a_whole_list() {
        let rows = || [Row::new("48000000", "Programvare"), Row::new("72000000", "IT-tjenester")];
        let selection: Edition<CpvCode> = edition(Origin::Embedded, rows());
        assert!(accept(&csv(&["48000000;Programvare"]), &selection, Origin::File).is_ok());
        let many = (10_000..19_400).map(|n| Row::new(format!("{n}000"), format!("vare {n}")));
        let whole: Edition<CpvCode> = edition(Origin::Upstream, many);
        assert!(accept(&csv(&["48000000;Programvare"]), &whole, Origin::File).is_err());
    }

    #[test]
    fn english_labels_outlive_a_list_in_one_language() {
        let served: Edition<StyrkCode> =
            edition(Origin::Embedded, [Row::new("1", "Ledere").english("Managers")]);
        let next = accept(&csv(&["1;Ledere mv."]), &served, Origin::Upstream).unwrap();
        let entry = &next.list.entries()[0];
        assert_eq!((entry.nb.as_str(), entry.en.as_deref()), ("Ledere mv.", Some("Managers")));
    }

    #[test]
    fn a_publisher_must_have_what_a_selection_of_its_list_has() {
        let codes = |range: std::ops::Range<u32>| {
            range.map(|n| Row::new(format!("{n}000000"), format!("Avdeling {n}"))).collect::<Vec<_>>()
        };
        let selection: Edition<CpvCode> = edition(Origin::Embedded, codes(10..30));
        let lines = |range: std::ops::Range<u32>| {
            let lines: Vec<String> = range.map(|n| format!("{n}000000;Avdeling {n}")).collect();
            csv(&lines.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert!(accept(&lines(10..50), &selection, Origin::Upstream).is_ok());
        let half = accept(&lines(20..60), &selection, Origin::Upstream).unwrap_err();
        assert!(matches!(half, Error::Partial { kept: 10, served: 20 }), "{half}");
        assert_eq!(half.outcome(), "refused");
    }

    #[test]
    fn labels_that_lost_letters_are_refused_and_a_question_is_not() {
        let served: Edition<NutsCode> = edition(Origin::Embedded, [Row::new("NO07", "Deanuš")]);
        let refused = |label: &str| {
            let line = format!("NO07;{label}");
            accept(&csv(&[&line]), &served, Origin::Upstream).err().map(|error| error.to_string())
        };
        assert_eq!(refused("K?r??johka").unwrap(), "code NO07 is labelled \"K?r??johka\": letters are lost");
        assert!(refused("Deanu?").is_some(), "in the place of a letter");
        assert!(refused("Dean\u{fffd} ").is_some());
        assert_eq!(refused("Merkelapp eller armbånd?"), None);
        assert_eq!(refused("Deanuš"), None);
    }

    #[test]
    fn a_clock_ten_years_ahead_reads_the_list_as_it_is_today() {
        let served: Edition<StyrkCode> = edition(Origin::Embedded, [Row::new("1", "Ledere")]);
        let text = r#"{"classificationItems":[{"code":"1","parentCode":"","level":"1","name":"Ledere"}]}"#;
        let document = Document { bytes: text.into(), charset: None, validators: Validators::default() };
        let today = read(&document, &served.list, jiff::civil::date(2026, 11, 23)).unwrap();
        let ahead = read(&document, &served.list, jiff::civil::date(2036, 11, 23)).unwrap();
        assert_eq!(today.version(), ahead.version());
    }
}
