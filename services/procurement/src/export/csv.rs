//! Notices as RFC 4180 rows.

use csv::WriterBuilder;

use crate::answer::Shown;
use crate::domain::{Invalid, OrgNumber, Organization, leaves};

/// What stands between several values of one cell.
const BETWEEN: &str = "|";

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Column {
            $($(#[$doc])* $variant,)*
        }

        impl Column {
            /// Every column, in the order of a table nobody chose columns for.
            pub(crate) const ALL: &[(Self, &str)] = &[$((Self::$variant, $name),)*];
        }
    };
}

columns! {
    /// Doffin id.
    Id = "id",
    /// Title.
    Title = "title",
    /// Kind of notice.
    Type = "type",
    /// Where the competition stands now.
    Status = "status",
    /// Day of publication.
    Published = "publicationDate",
    /// When it was issued, UTC.
    Issued = "issueDate",
    /// Deadline, UTC.
    Deadline = "deadline",
    /// Buyers' names.
    Buyer = "buyer",
    /// Buyers' organisation numbers.
    BuyerNumber = "buyerNumber",
    /// Suppliers' names.
    Supplier = "supplier",
    /// Suppliers' organisation numbers.
    SupplierNumber = "supplierNumber",
    /// Main CPV code.
    MainCpv = "mainCpvCode",
    /// The most specific CPV codes.
    Cpv = "cpvCodes",
    /// Places.
    Location = "locationId",
    /// Estimated value.
    EstimatedValue = "estimatedValue",
    /// Its currency.
    Currency = "currency",
    /// Tenders received.
    ReceivedTenders = "receivedTenders",
    /// How many lots.
    Lots = "lots",
    /// The notice that replaces it.
    SupersededBy = "supersededBy",
    /// Whether Doffin no longer lists it.
    Withdrawn = "withdrawn",
    /// Its page.
    Url = "url",
    /// Description.
    Description = "description",
}

impl Column {
    /// Reads the names of columns; none at all are all of them.
    pub(crate) fn parse(names: &[String]) -> Result<Vec<Self>, Invalid> {
        if names.is_empty() {
            return Ok(Self::ALL.iter().map(|(column, _)| *column).collect());
        }
        let read = |name: &String| {
            let known = Self::ALL.iter().find(|(_, known)| *known == name.trim_matches(' '));
            known.map(|(column, _)| *column).ok_or_else(|| {
                let list: Vec<_> = Self::ALL.iter().map(|(_, name)| *name).collect();
                Invalid::new("column", format!("{name:?} is none; the columns are {}", list.join(", ")))
            })
        };
        names.iter().map(read).collect()
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    fn cell(self, shown: &Shown) -> String {
        let hit = &*shown.hit;
        let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        match self {
            Self::Id => hit.id.to_string(),
            Self::Title => plain(&hit.heading),
            Self::Type => hit.kind.clone(),
            Self::Status => hit.status.clone().unwrap_or_default(),
            Self::Published => hit.published.map(|day| day.to_string()).unwrap_or_default(),
            Self::Issued => time(hit.issued),
            Self::Deadline => time(hit.deadline),
            Self::Buyer => names(&hit.buyers),
            Self::BuyerNumber => numbers(&hit.buyers),
            Self::Supplier => names(&shown.winners),
            Self::SupplierNumber => numbers(&shown.winners),
            Self::MainCpv => shown.main_cpv.clone().unwrap_or_default(),
            Self::Cpv => leaves(&hit.cpv).join(BETWEEN),
            Self::Location => hit.locations.join(BETWEEN),
            Self::EstimatedValue => {
                hit.estimated_value.as_ref().map(|money| money.amount.to_string()).unwrap_or_default()
            }
            Self::Currency => {
                hit.estimated_value.as_ref().map(|money| plain(&money.currency)).unwrap_or_default()
            }
            Self::ReceivedTenders => hit.received_tenders.map(|count| count.to_string()).unwrap_or_default(),
            Self::Lots => hit.lots.len().to_string(),
            Self::SupersededBy => shown.superseded_by.as_ref().map(ToString::to_string).unwrap_or_default(),
            Self::Withdrawn => shown.withdrawn.to_string(),
            Self::Url => hit.id.url(),
            Self::Description => plain(&hit.description),
        }
    }
}

fn names(organizations: &[Organization]) -> String {
    let names = organizations.iter().map(|organization| organization.name.as_str());
    plain(&names.collect::<Vec<_>>().join(BETWEEN))
}

/// The numbers of organisations, each at the place of its name: empty for those without one. Nothing where nobody has any.
fn numbers(organizations: &[Organization]) -> String {
    if organizations.iter().all(|organization| organization.number.is_none()) {
        return String::new();
    }
    let numbers = organizations.iter().map(|organization| organization.number.as_ref());
    let numbers = numbers.map(|number| number.map(OrgNumber::as_str).unwrap_or_default());
    numbers.collect::<Vec<_>>().join(BETWEEN)
}

/// Text that a spreadsheet does not take for a formula: whoever writes a notice must not run in its reader's.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A table being written.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<Column>,
    separator: u8,
    bom: bool,
}

impl Table {
    /// A table of columns, separated by `,` or `;`, with or without a byte order mark.
    pub(crate) fn new(columns: &[String], separator: &str, bom: bool) -> Result<Self, Invalid> {
        let separator = match separator.trim_matches(' ') {
            "" | "," => b',',
            ";" => b';',
            _ => return Err(Invalid::new("separator", "must be , or ;")),
        };
        Ok(Self { columns: Column::parse(columns)?, separator, bom })
    }

    /// The head of the table.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut bytes = if self.bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
        bytes.extend(self.written([self.columns.iter().map(|column| column.name().to_owned()).collect()]));
        bytes
    }

    /// Rows of notices.
    pub(crate) fn rows(&self, notices: &[Shown]) -> Vec<u8> {
        let row = |shown: &Shown| self.columns.iter().map(|column| column.cell(shown)).collect::<Vec<_>>();
        self.written(notices.iter().map(row))
    }

    fn written(&self, rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
        let mut writer = WriterBuilder::new()
            .delimiter(self.separator)
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        for row in rows {
            // Memory is written to, which does not fail.
            let _ = writer.write_record(row);
        }
        writer.into_inner().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Hit, Lot, Money, NoticeId};

    fn shown() -> Shown {
        let organization = |name: &str, number: &str| Organization {
            row: String::new(),
            given: None,
            name: name.into(),
            number: OrgNumber::find(number),
        };
        let winners =
            vec![organization("Bygg; Sør AS", "938801363"), organization("Bygg; Sør AS", "938801363")];
        let lot = Lot { heading: String::new(), description: String::new(), winners };
        let hit = Hit {
            id: NoticeId::parse("2026-100001").unwrap(),
            buyers: vec![organization("=HYPERLINK(\"x\")", "")],
            heading: "Bru \"ny\"\nveg".into(),
            description: String::new(),
            locations: vec!["NO081".into(), "anyw".into()],
            estimated_value: Some(Money { currency: "NOK".into(), amount: 1.5e6 }),
            kind: "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT".into(),
            all_kinds: Vec::new(),
            status: None,
            issued: None,
            deadline: None,
            published: None,
            received_tenders: Some(3),
            received: Vec::new(),
            cpv: vec!["45000000".into(), "45200000".into()],
            lots: vec![lot],
        };
        Shown::from(Arc::new(hit))
    }

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        let columns = ["id", "title", "buyer", "supplier", "supplierNumber", "cpvCodes", "estimatedValue"];
        let table = Table::new(&columns.map(str::to_owned), ";", true).unwrap();
        let text = String::from_utf8([table.head(), table.rows(&[shown()])].concat()).unwrap();
        assert_eq!(
            text,
            "\u{feff}id;title;buyer;supplier;supplierNumber;cpvCodes;estimatedValue\r\n\
             2026-100001;\"Bru \"\"ny\"\"\nveg\";\"'=HYPERLINK(\"\"x\"\")\";\"Bygg; Sør AS\";938801363;45200000;1500000\r\n"
        );
    }

    #[test]
    fn columns_and_separators_are_checked_and_all_columns_are_the_default() {
        assert_eq!(Table::new(&["navn".into()], "", false).unwrap_err().field, "column");
        assert_eq!(Table::new(&[], "\t", false).unwrap_err().field, "separator");
        let table = Table::new(&[], "", false).unwrap();
        let (head, rows) = (table.head(), table.rows(&[shown()]));
        let fields = |bytes: &[u8]| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
            reader.records().next().unwrap().unwrap().len()
        };
        assert_eq!((fields(&head), fields(&rows)), (Column::ALL.len(), Column::ALL.len()));
    }

    #[test]
    fn suppliers_numbers_stand_at_the_places_of_their_names_and_lots_are_not_needed() {
        let organization = |name: &str, number: &str| Organization {
            row: String::new(),
            given: None,
            name: name.into(),
            number: OrgNumber::find(number),
        };
        let mut shown = shown();
        let others = [("Ukjent Oy", ""), ("Bygg, Sør", "938801363"), ("Vei AS", "991825827")];
        let others = others.map(|(name, number)| organization(name, number)).to_vec();
        shown.winners = crate::answer::winners(&shown.hit, others);
        let table = Table::new(&["supplier".to_owned(), "supplierNumber".to_owned()], ";", false).unwrap();
        let row = String::from_utf8(table.rows(&[shown])).unwrap();
        assert_eq!(row, "\"Bygg; Sør AS|Ukjent Oy|Vei AS\";938801363||991825827\r\n");
    }
}
