//! A segment's columns in memory: read once when the segment appears, then a few nanoseconds a notice.

use jiff::civil::Date;
use tantivy::SegmentReader;
use tantivy::columnar::{ColumnValues, HasAssociatedColumnType};

use super::Error;
use super::filter::is_amount;
use super::names::Names;
use super::schema::{Amount, Fields, Label, NO_AMOUNT, NONE, Number};

/// First year that months are counted from.
const FIRST_YEAR: i16 = 1970;

/// Columns of one segment, by document.
#[derive(Debug)]
pub(super) struct Columns {
    /// Doffin ids as numbers.
    pub(super) keys: Vec<u64>,
    /// Positions of the first change.
    pub(super) first_seq: Vec<i64>,
    /// Days of publication; [`NONE`] without.
    pub(super) published: Vec<i32>,
    /// Days of issue; [`NONE`] without.
    pub(super) issued: Vec<i32>,
    /// Months of publication from January 1970 as 1; 0 without, or for years that cannot be.
    pub(super) months: Vec<u16>,
    /// Deadlines in nanoseconds; [`NONE`] without.
    pub(super) deadlines: Vec<i64>,
    /// Lots.
    pub(super) lots: Vec<u32>,
    /// Lots whose number of tenders is known, and those with one.
    pub(super) tenders: Vec<(u16, u16)>,
    /// Standings, packed.
    pub(super) standings: Vec<u8>,
    /// Lengths of texts, as the library rounds them.
    pub(super) lengths: Vec<u8>,
    /// Estimated values; [`NO_AMOUNT`] without.
    pub(super) estimated: Vec<f64>,
    /// Estimated values that are in NOK, and awarded totals in NOK; 0 without.
    pub(super) in_nok: Vec<[f64; 2]>,
    /// Whether there is the one and the other: 1 or 0.
    pub(super) has_nok: Vec<[u8; 2]>,
    /// Words by column: one number for all of a document's words, as [`Names`] gives them.
    labels: [Vec<u32>; Label::ALL.len()],
}

/// Days that a notice lacks.
pub(super) const NO_DAY: i32 = i32::MIN;

impl Columns {
    /// Reads a segment's columns and numbers the words it brings.
    pub(super) fn read(segment: &SegmentReader, fields: &Fields, names: &mut Names) -> Result<Self, Error> {
        let numbers = |number: Number| values(segment, Number::ALL[number as usize].1, NONE);
        let amounts = |amount: Amount| values(segment, Amount::ALL[amount as usize].1, NO_AMOUNT);
        let days = |number| numbers(number).map(|all| all.iter().map(|v| small(*v)).collect::<Vec<i32>>());
        let published = days(Number::Published)?;
        let few = |value: &i64| u16::try_from((*value).max(0)).unwrap_or(u16::MAX);
        let counted = numbers(Number::Counted)?;
        let single = numbers(Number::Single)?;
        let mut labels = Vec::with_capacity(Label::ALL.len());
        for (label, name) in Label::ALL {
            labels.push(words(segment, label, name, names)?);
        }
        let standings = numbers(Number::Standing)?;
        let lots = numbers(Number::Lots)?;
        let lengths = segment.get_fieldnorms_reader(fields.text)?;
        let (estimated, awarded) = (amounts(Amount::Estimated)?, amounts(Amount::Awarded)?);
        let nok = names.of(Label::Currency).find("NOK");
        let currencies = labels.get(Label::Currency as usize).into_iter().flatten();
        let in_nok =
            estimated.iter().zip(&awarded).zip(currencies).map(|((estimated, awarded), currency)| {
                let estimated = Some(*estimated).filter(|_| Some(*currency) == nok);
                [estimated, Some(*awarded)].map(|amount| amount.filter(|amount| is_amount(*amount)))
            });
        let in_nok: Vec<[Option<f64>; 2]> = in_nok.collect();
        Ok(Self {
            lengths: (0..segment.max_doc()).map(|doc| lengths.fieldnorm_id(doc)).collect(),
            keys: values(segment, "key", 0u64)?,
            first_seq: numbers(Number::FirstSeq)?,
            months: published.iter().map(|day| month(*day)).collect(),
            published,
            issued: days(Number::Issued)?,
            deadlines: numbers(Number::Deadline)?,
            lots: lots.iter().map(|lots| u32::try_from((*lots).max(0)).unwrap_or(u32::MAX)).collect(),
            tenders: counted.iter().map(few).zip(single.iter().map(few)).collect(),
            standings: standings.iter().map(|packed| u8::try_from(*packed).unwrap_or(1)).collect(),
            estimated,
            has_nok: in_nok.iter().map(|both| both.map(|amount| u8::from(amount.is_some()))).collect(),
            in_nok: in_nok.into_iter().map(|both| both.map(Option::unwrap_or_default)).collect(),
            labels: labels.try_into().map_err(|_| anyhow::anyhow!("a label column is missing"))?,
        })
    }

    /// Whether search leaves a document out.
    pub(super) fn hidden(&self, doc: usize) -> bool {
        self.standings[doc] & 1 == 1
    }

    /// A document's status at a moment, as a number.
    pub(super) fn status(&self, doc: usize, now: i64) -> u8 {
        let shift = if self.deadlines[doc] > now { 1 } else { 4 };
        (self.standings[doc] >> shift) & 7
    }

    /// The numbers of documents' words.
    pub(super) fn labels(&self, label: Label) -> &[u32] {
        &self.labels[label as usize]
    }
}

/// The numbers of documents' words in a column.
fn words(segment: &SegmentReader, label: Label, name: &str, names: &mut Names) -> Result<Vec<u32>, Error> {
    let documents = segment.max_doc();
    let Some(column) = segment.fast_fields().str(name)? else { return Ok(vec![0; documents as usize]) };
    let mut words = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        words.push(String::from_utf8_lossy(stream.key()).into_owned());
    }
    let global = names.numbers(label, words.iter().map(String::as_str));
    let mut numbers: Vec<u32> = Vec::new();
    let together = (0..documents).map(|doc| {
        numbers.clear();
        let ordinals = column.term_ords(doc).filter_map(|ordinal| usize::try_from(ordinal).ok());
        numbers.extend(ordinals.filter_map(|ordinal| global.get(ordinal)));
        numbers.sort_unstable();
        numbers.dedup();
        names.together(label, &numbers)
    });
    Ok(together.collect())
}

/// All values of a numeric column.
fn values<T>(segment: &SegmentReader, name: &str, without: T) -> Result<Vec<T>, Error>
where
    T: PartialOrd + Copy + HasAssociatedColumnType + Send + Sync + std::fmt::Debug + 'static,
    tantivy::columnar::DynamicColumn: Into<Option<tantivy::columnar::Column<T>>>,
{
    let mut all = vec![without; segment.max_doc() as usize];
    if let Some(column) = segment.fast_fields().column_opt::<T>(name)? {
        column.first_or_default_col(without).get_range(0, &mut all);
    }
    Ok(all)
}

fn small(day: i64) -> i32 {
    i32::try_from(day).unwrap_or(NO_DAY)
}

fn month(day: i32) -> u16 {
    let date = (day != NO_DAY)
        .then(|| Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok())
        .flatten();
    let Some(date) = date.filter(|date| (FIRST_YEAR..2200).contains(&date.year())) else { return 0 };
    u16::try_from((date.year() - FIRST_YEAR) * 12 + i16::from(date.month())).unwrap_or(0)
}

/// Year and month of a number.
pub(super) fn year_and_month(number: usize) -> (usize, usize) {
    let months = number.saturating_sub(1);
    (usize::from(FIRST_YEAR.unsigned_abs()) + months / 12, months % 12 + 1)
}
