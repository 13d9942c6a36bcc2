//! What the columns of a file look like, for a program that writes a manifest for it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::column::{Number, number};
use crate::csv::Records;
use crate::error::Error;

/// How many distinct values are counted of a column that cannot be an identifier any more.
const COUNTED: usize = 1000;

/// The most distinct whole numbers of a code.
const MOST_CODES: usize = 20;

/// What a column looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What it seems to hold.
    pub kind: Kind,
    /// The number of distinct values, missing ones aside. Beyond 1000 it is only counted for whole numbers and texts that are
    /// all distinct; for others it is at least this.
    pub distinct: usize,
    /// The number of missing cells.
    pub missing: usize,
    /// The first three distinct values.
    pub examples: Vec<String>,
}

/// What a column seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// At most 20 distinct whole numbers, each five times on average: a quantity or the code of a category.
    Code,
    /// Texts of which more than half are distinct, or whole numbers that count the rows in any order.
    Identifier,
    /// Dates: three numbers between `-`, `/` or `.`, four digits first or last, perhaps with a time.
    Date,
    /// Texts that repeat.
    Category,
    /// One value or none.
    Constant,
}

/// Looks at every cell of the CSV file at `path`.
///
/// # Errors
/// If the file cannot be read, is no CSV, or has no rows.
pub fn inspect(path: &Path) -> Result<Vec<Column>, Error> {
    let file = path.display().to_string();
    let (mut records, header) = Records::open(path, &file)?;
    let mut columns: Vec<Seen> = header.iter().map(|_| Seen::default()).collect();
    let mut rows = 0;
    while records.next(header.len())? {
        rows += 1;
        for (index, column) in columns.iter_mut().enumerate() {
            column.see(records.cell(index));
        }
    }
    if rows == 0 {
        return Err(Error::invalid(file, "has a header and no rows"));
    }
    Ok(header.into_iter().zip(columns).map(|(name, seen)| seen.describe(name)).collect())
}

/// What was seen of a column.
#[derive(Default)]
struct Seen {
    cells: usize,
    /// Cells that are missing if the column holds numbers, and their spellings.
    marked: usize,
    marks: HashSet<String>,
    empty: usize,
    texts: usize,
    reals: usize,
    dates: usize,
    range: Option<(i64, i64)>,
    repeats: bool,
    hashes: HashSet<u64>,
    examples: Vec<String>,
}

impl Seen {
    fn see(&mut self, cell: &str) {
        self.cells += 1;
        if cell.is_empty() {
            self.empty += 1;
            return;
        }
        match number(cell) {
            Ok(Number::Missing) => {
                self.marked += 1;
                self.marks.insert(cell.to_owned());
                return;
            }
            Ok(Number::Whole(whole)) => {
                let (least, most) = self.range.unwrap_or((whole, whole));
                self.range = Some((least.min(whole), most.max(whole)));
            }
            Ok(Number::Real(_)) => self.reals += 1,
            Err(_) => {
                self.texts += 1;
                self.dates += usize::from(is_date(cell));
            }
        }
        if self.hashes.len() < COUNTED || (!self.repeats && self.reals == 0) {
            let mut hasher = DefaultHasher::new();
            cell.hash(&mut hasher);
            let new = self.hashes.insert(hasher.finish());
            self.repeats |= !new;
            if new && self.examples.len() < 3 {
                self.examples.push(cell.to_owned());
            }
        }
    }

    fn describe(self, name: String) -> Column {
        let numbers = self.reals > 0 || self.range.is_some();
        let dates = self.dates > 0 && self.dates == self.texts && !numbers;
        // Beside other texts, NA and its like are texts.
        let text_marks = self.texts > 0 && !dates;
        let missing = self.empty + if text_marks { 0 } else { self.marked };
        let present = self.cells - missing;
        let distinct = self.hashes.len() + if text_marks { self.marks.len() } else { 0 };
        let counts_rows = self
            .range
            .is_some_and(|(least, most)| !self.repeats && i128::from(most) - i128::from(least) + 1 == present as i128);
        let kind = if distinct <= 1 {
            Kind::Constant
        } else if dates {
            Kind::Date
        } else if self.texts > 0 && distinct * 2 > present {
            Kind::Identifier
        } else if self.texts > 0 {
            Kind::Category
        } else if self.reals == 0 && counts_rows {
            Kind::Identifier
        } else if self.reals == 0 && distinct <= MOST_CODES && present >= 5 * distinct {
            Kind::Code
        } else {
            Kind::Number
        };
        Column { name, kind, distinct, missing, examples: self.examples }
    }
}

/// Whether a text is a date by its form.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    ['-', '/', '.'].into_iter().any(|separator| {
        let parts: Vec<&str> = date.split(separator).collect();
        let digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        digits && matches!(lengths[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4])
    })
}
