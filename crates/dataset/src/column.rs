//! One column of a file in memory.

use indexmap::IndexSet;
use polars::prelude::{Column, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray, StringChunked};

use crate::numbers::{Integers, Reals, decimal};

/// What a cell of a column of numbers holds.
pub(crate) enum Number {
    Missing,
    Whole(i64),
    Real(f64),
}

/// Reads a cell of a column of numbers; the error says what was expected.
pub(crate) fn number(cell: &str) -> Result<Number, &'static str> {
    let cell = cell.trim();
    if is_mark(cell) {
        return Ok(Number::Missing);
    }
    if let Ok(whole) = cell.parse() {
        return Ok(Number::Whole(whole));
    }
    match cell.parse::<f64>() {
        Ok(real) if real.is_finite() => Ok(Number::Real(real)),
        Ok(_) => Err("a finite number"),
        Err(_) => Err("a number"),
    }
}

/// Whether a cell of a column of numbers says that its number is missing.
pub(crate) fn is_mark(cell: &str) -> bool {
    ["", "na", "n/a", "nan", "null", "none", "?"].iter().any(|mark| cell.eq_ignore_ascii_case(mark))
}

/// The cells of one column and the rows in which they are missing, in ascending order; what stands there has no meaning.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    pub values: Values,
    pub missing: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) enum Values {
    Whole(Integers),
    Real(Reals),
    Text(Texts),
}

/// Text, each kept once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// Each row's place among the texts.
    codes: Vec<u32>,
    known: IndexSet<String>,
}

impl From<Values> for Cells {
    /// Cells of which none is missing.
    fn from(values: Values) -> Self {
        Self { values, missing: Vec::new() }
    }
}

impl Cells {
    pub fn numbers() -> Self {
        Values::Whole(Integers::new()).into()
    }

    pub fn texts() -> Self {
        Values::Text(Texts::default()).into()
    }

    /// Adds a cell; the error says what was expected.
    pub fn push(&mut self, cell: &str) -> Result<(), &'static str> {
        let row = self.len();
        match &mut self.values {
            Values::Text(texts) => {
                if cell.is_empty() {
                    self.missing.push(row);
                }
                texts.push(cell);
            }
            Values::Whole(values) => match number(cell)? {
                Number::Whole(value) => values.push(value),
                Number::Missing => {
                    self.missing.push(row);
                    values.push(0);
                }
                Number::Real(value) => {
                    let mut reals = Reals::new();
                    values.iter().for_each(|whole| reals.push(whole as f64, Some((whole, 0))));
                    reals.push(value, decimal(cell.trim()));
                    self.values = Values::Real(reals);
                }
            },
            Values::Real(values) => match number(cell)? {
                Number::Whole(value) => values.push(value as f64, decimal(cell.trim())),
                Number::Real(value) => values.push(value, decimal(cell.trim())),
                Number::Missing => {
                    self.missing.push(row);
                    values.push(0.0, Some((0, 0)));
                }
            },
        }
        Ok(())
    }

    /// Keeps the rows that `keep` says, in which no cell is missing.
    pub fn retain(&mut self, keep: &[bool]) {
        let mut kept = keep.iter();
        let mut stays = || kept.next() == Some(&true);
        self.missing.clear();
        match &mut self.values {
            Values::Whole(values) => *values = values.iter().filter(|_| stays()).collect(),
            Values::Real(values) => values.retain(stays),
            Values::Text(texts) => {
                // Texts that are in no row any more are no categories.
                let mut left = Texts::default();
                texts.codes.iter().filter(|_| stays()).for_each(|code| left.push(&texts.known[*code as usize]));
                self.values = Values::Text(left);
            }
        }
    }

    /// Reads texts as numbers if all of them are.
    pub fn settle(self) -> Self {
        let Values::Text(texts) = &self.values else { return self };
        let mut names = texts.known.iter().filter(|name| !is_mark(name)).peekable();
        if names.peek().is_none() || !names.all(|name| number(name).is_ok()) {
            return self;
        }
        let mut numbers = Self::numbers();
        for code in &texts.codes {
            numbers.push(&texts.known[*code as usize]).expect("every text is a number, as was seen above");
        }
        numbers
    }

    /// The number of that row, NaN where it is missing; texts have none.
    pub fn real(&self, row: usize) -> f64 {
        match &self.values {
            _ if self.is_missing(row) => f64::NAN,
            Values::Whole(values) => values.get(row) as f64,
            Values::Real(values) => values.get(row),
            Values::Text(_) => f64::NAN,
        }
    }

    /// The numbers of these rows; as [`Cells::real`].
    pub fn reals(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().map(|row| self.real(*row)).collect()
    }

    /// The distinct values, sorted as NumPy sorts them and written as text, and the place of every row's value among them.
    pub fn categories(&self) -> (Vec<String>, Vec<u32>) {
        match &self.values {
            Values::Whole(values) => places(&values.iter().collect::<Vec<_>>(), i64::cmp),
            Values::Real(values) => {
                places(&values.iter().collect::<Vec<_>>(), |one, other| (one + 0.0).total_cmp(&(other + 0.0)))
            }
            Values::Text(texts) => {
                let names: Vec<&str> = texts.known.iter().map(String::as_str).collect();
                let (sorted, place_of) = places(&names, Ord::cmp);
                (sorted, texts.codes.iter().map(|code| place_of[*code as usize]).collect())
            }
        }
    }

    pub fn is_missing(&self, row: usize) -> bool {
        !self.missing.is_empty() && self.missing.binary_search(&row).is_ok()
    }

    pub fn len(&self) -> usize {
        match &self.values {
            Values::Whole(values) => values.len(),
            Values::Real(values) => values.len(),
            Values::Text(texts) => texts.codes.len(),
        }
    }

    /// The cells of these rows as a column of a data frame.
    pub fn column(&self, name: &str, rows: &[usize]) -> Column {
        let present = |row: &usize| !self.is_missing(*row);
        let name = name.into();
        match &self.values {
            Values::Whole(values) => {
                let cells = rows.iter().map(|row| present(row).then(|| values.get(*row)));
                Int64Chunked::from_iter_options(name, cells).into_column()
            }
            Values::Real(values) => {
                let cells = rows.iter().map(|row| present(row).then(|| values.get(*row)));
                Float64Chunked::from_iter_options(name, cells).into_column()
            }
            Values::Text(texts) => {
                let text = |row: usize| texts.known[texts.codes[row] as usize].as_str();
                let cells = rows.iter().map(|row| present(row).then(|| text(*row)));
                StringChunked::from_iter_options(name, cells).into_column()
            }
        }
    }
}

impl Texts {
    fn push(&mut self, cell: &str) {
        let known = self.known.get_index_of(cell);
        self.codes.push(known.unwrap_or_else(|| self.known.insert_full(cell.to_owned()).0) as u32);
    }
}

fn places<T: Clone + ToString>(
    values: &[T],
    order: impl Fn(&T, &T) -> std::cmp::Ordering + Copy,
) -> (Vec<String>, Vec<u32>) {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(order);
    sorted.dedup_by(|one, other| order(one, other).is_eq());
    let place = |value: &T| sorted.binary_search_by(|known| order(known, value)).unwrap_or_default() as u32;
    (sorted.iter().map(T::to_string).collect(), values.iter().map(place).collect())
}

#[cfg(test)]
mod tests {
    use super::{Cells, Values};
    use crate::numbers::Reals;

    /// A column takes memory by its digits, which is what a file of a gigabyte is read by.
    #[test]
    fn columns_of_short_numbers_stay_short() {
        let column = |texts: &[&str]| {
            let mut cells = Cells::numbers();
            for text in texts {
                cells.push(text).unwrap();
            }
            cells
        };
        assert!(matches!(column(&["3", "NA", "-4000"]).values, Values::Whole(_)));
        let short = column(&["3", "NA", "2.5", " -1.25 ", "7", "?"]);
        assert!(matches!(short.values, Values::Real(Reals::Short { places: 2, .. })));
        assert_eq!((short.reals(&[0, 2, 3, 4]), short.missing), (vec![3.0, 2.5, -1.25, 7.0], vec![1, 5]));
        assert!(matches!(column(&["3", "0.1", "1e-5"]).values, Values::Real(Reals::Long(_))));
    }
}
