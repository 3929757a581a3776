//! SQL text with its values. Lists are padded to few lengths, so that few statements are prepared.
//!
//! A placeholder is `?`, as SQLite has it; PostgreSQL's are numbered when a statement is run. SQLite takes numbered
//! ones as well, but looks each up among all others, which makes a statement of many rows slow.

use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow};
use sqlx::{Any, AnyConnection, Arguments as _, AssertSqlSafe, Executor as _, Row as _};

use super::error::Fault;
use crate::domain::NoticeId;

/// Lengths of lists and of statements with many rows.
const LENGTHS: [usize; 6] = [1, 4, 16, 64, 256, 512];

/// Most placeholders of a statement; SQLite takes 32,766.
const PLACEHOLDERS: usize = 12_000;

/// A value for a placeholder. PostgreSQL's text cannot hold the character NUL, so it is left out of texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Vec<u8>),
}

impl Cell {
    fn add_to(self, arguments: &mut AnyArguments) -> Result<(), Fault> {
        let added = match self {
            Self::Int(value) => arguments.add(value),
            Self::Text(Some(text)) if text.contains('\0') => arguments.add(text.replace('\0', "")),
            Self::Text(text) => arguments.add(text),
            Self::Blob(bytes) => arguments.add(bytes),
        };
        added.map_err(|error| Fault::Sql(sqlx::Error::Encode(error)))
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(ToOwned::to_owned))
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<&NoticeId> for Cell {
    fn from(id: &NoticeId) -> Self {
        super::key::of(id).into()
    }
}

/// A statement being put together.
#[derive(Default)]
pub(super) struct Sql {
    text: String,
    cells: Vec<Cell>,
}

impl Sql {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cells: Vec::new() }
    }

    /// Adds text. It is the program's own, never a caller's.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and its value.
    pub(super) fn bind(mut self, value: impl Into<Cell>) -> Self {
        self.cells.push(value.into());
        self.text.push('?');
        self
    }

    /// Adds ` IN (…)` with the values, of which there must be at least one, or it matches nothing.
    pub(super) fn within<T: Clone + Into<Cell>>(mut self, values: &[T]) -> Self {
        let Some(last) = values.last() else { return self.text(" IN (NULL)") };
        self.text.push_str(" IN (");
        let padding = padded(values.len()) - values.len();
        let padding = std::iter::repeat_n(last, padding);
        for (at, value) in values.iter().chain(padding).enumerate() {
            self = if at == 0 { self } else { self.text(",") };
            self = self.bind(value.clone());
        }
        self.text(")")
    }

    fn into_query(
        self,
        connection: &AnyConnection,
    ) -> Result<sqlx::query::Query<'static, Any, AnyArguments>, Fault> {
        #[cfg(test)]
        recorded::note(&self.text, &self.cells);
        let mut arguments = AnyArguments::default();
        arguments.reserve(self.cells.len(), 0);
        for cell in self.cells {
            cell.add_to(&mut arguments)?;
        }
        let text = if connection.backend_name() == "SQLite" { self.text } else { numbered(&self.text) };
        // The text is put together from the program's own words; every value is bound.
        Ok(sqlx::query_with(AssertSqlSafe(text), arguments))
    }

    pub(super) async fn run(self, connection: &mut AnyConnection) -> Result<u64, Fault> {
        let done: AnyQueryResult = connection.execute(self.into_query(connection)?).await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn all(self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, Fault> {
        Ok(connection.fetch_all(self.into_query(connection)?).await?)
    }

    pub(super) async fn first(self, connection: &mut AnyConnection) -> Result<Option<AnyRow>, Fault> {
        Ok(connection.fetch_optional(self.into_query(connection)?).await?)
    }
}

/// The text with its placeholders numbered.
fn numbered(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len() + text.len() / 4);
    for (at, part) in text.split('?').enumerate() {
        if at > 0 {
            numbered.push('$');
            numbered.push_str(&at.to_string());
        }
        numbered.push_str(part);
    }
    numbered
}

/// The length a list is padded to.
fn padded(length: usize) -> usize {
    LENGTHS.into_iter().find(|known| *known >= length).unwrap_or(length)
}

/// Rows to insert, many in one statement: a statement costs more than a row. With a tail that says what to do on a
/// conflict they update rows that are there.
pub(super) struct Rows {
    into: &'static str,
    width: usize,
    tail: &'static str,
    cells: Vec<Cell>,
}

impl Rows {
    /// Rows for a table. `into` is the table with its columns, `tail` what follows the values.
    pub(super) fn new(into: &'static str, tail: &'static str) -> Self {
        Self { into, width: into.matches(',').count() + 1, tail, cells: Vec::new() }
    }

    pub(super) fn add<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.width, "{}", self.into);
        self.cells.extend(cells);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Inserts them, in order.
    pub(super) async fn insert(self, connection: &mut AnyConnection) -> Result<(), Fault> {
        let most = PLACEHOLDERS / self.width;
        let mut left = self.cells.len() / self.width;
        let mut cells = self.cells.into_iter();
        while left > 0 {
            let fits = |length: &&usize| **length <= left.min(most);
            let rows = LENGTHS.iter().rev().find(fits).copied().unwrap_or(1);
            let mut sql = Sql::new("INSERT INTO ").text(self.into).text(" VALUES ");
            for row in 0..rows {
                for at in 0..self.width {
                    let Some(cell) = cells.next() else { break };
                    sql = sql
                        .text(if at > 0 {
                            ","
                        } else if row > 0 {
                            "),("
                        } else {
                            "("
                        })
                        .bind(cell);
                }
            }
            sql.text(") ").text(self.tail).run(connection).await?;
            left -= rows;
        }
        Ok(())
    }
}

/// What is read out of a row, by position.
pub(super) trait Fields {
    fn int(&self, at: usize) -> Result<i64, Fault>;
    fn maybe_int(&self, at: usize) -> Result<Option<i64>, Fault>;
    fn string(&self, at: usize) -> Result<String, Fault>;
    fn maybe_string(&self, at: usize) -> Result<Option<String>, Fault>;
    fn blob(&self, at: usize) -> Result<Vec<u8>, Fault>;
    fn notice(&self, at: usize) -> Result<NoticeId, Fault>;

    fn count(&self, at: usize) -> Result<usize, Fault> {
        Ok(usize::try_from(self.int(at)?).unwrap_or_default())
    }

    fn is(&self, at: usize) -> Result<bool, Fault> {
        Ok(self.int(at)? != 0)
    }
}

impl Fields for AnyRow {
    fn int(&self, at: usize) -> Result<i64, Fault> {
        Ok(self.try_get(at)?)
    }

    fn maybe_int(&self, at: usize) -> Result<Option<i64>, Fault> {
        Ok(self.try_get(at)?)
    }

    fn string(&self, at: usize) -> Result<String, Fault> {
        Ok(self.try_get(at)?)
    }

    fn maybe_string(&self, at: usize) -> Result<Option<String>, Fault> {
        Ok(self.try_get(at)?)
    }

    fn blob(&self, at: usize) -> Result<Vec<u8>, Fault> {
        Ok(self.try_get(at)?)
    }

    fn notice(&self, at: usize) -> Result<NoticeId, Fault> {
        super::key::id(self.int(at)?)
    }
}

/// Statements as they were run on this thread, for asking the engines how they run them.
#[cfg(test)]
pub(super) mod recorded {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::{Cell, Sql};

    thread_local! {
        static STATEMENTS: RefCell<Option<BTreeMap<String, Vec<Cell>>>> = const { RefCell::new(None) };
    }

    pub(super) fn note(text: &str, cells: &[Cell]) {
        STATEMENTS.with_borrow_mut(|statements| {
            if let Some(statements) = statements {
                statements.insert(text.to_owned(), cells.to_vec());
            }
        });
    }

    /// From here on statements are recorded.
    pub(in crate::store) fn begin() {
        STATEMENTS.set(Some(BTreeMap::new()));
    }

    /// The statements recorded, each text once with its last values, and the plan wanted in front of it.
    pub(in crate::store) fn end(explain: &str) -> Vec<(String, Sql)> {
        let statements = STATEMENTS.take().unwrap_or_default();
        let explained = |(text, cells): (String, Vec<Cell>)| {
            (text.clone(), Sql { text: format!("{explain} {text}"), cells })
        };
        statements.into_iter().map(explained).collect()
    }
}
