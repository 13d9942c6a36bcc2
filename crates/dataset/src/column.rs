//! One column of a file in memory.

use std::collections::HashMap;

use polars::prelude::{Column, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray, StringChunked};

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
pub(crate) struct Cells {
    pub values: Values,
    pub missing: Vec<usize>,
}

pub(crate) enum Values {
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Text(Texts),
}

/// Text, each kept once.
#[derive(Default)]
pub(crate) struct Texts {
    codes: Vec<u32>,
    codes_of: HashMap<String, u32>,
}

impl Cells {
    pub fn numbers() -> Self {
        Self { values: Values::Whole(Vec::new()), missing: Vec::new() }
    }

    pub fn texts() -> Self {
        Self { values: Values::Text(Texts::default()), missing: Vec::new() }
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
                    let mut reals: Vec<f64> = values.iter().map(|whole| *whole as f64).collect();
                    reals.push(value);
                    self.values = Values::Real(reals);
                }
            },
            Values::Real(values) => match number(cell)? {
                Number::Whole(value) => values.push(value as f64),
                Number::Real(value) => values.push(value),
                Number::Missing => {
                    self.missing.push(row);
                    values.push(0.0);
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
            Values::Whole(values) => values.retain(|_| stays()),
            Values::Real(values) => values.retain(|_| stays()),
            Values::Text(texts) => {
                // Texts that are in no row any more are no categories.
                let (names, mut left) = (texts.names(), Texts::default());
                texts.codes.iter().filter(|_| stays()).for_each(|code| left.push(names[*code as usize]));
                self.values = Values::Text(left);
            }
        }
    }

    /// Reads texts as numbers if all of them are.
    pub fn settle(self) -> Self {
        let Values::Text(texts) = &self.values else { return self };
        let mut names = texts.names().into_iter().filter(|name| !is_mark(name)).peekable();
        if names.peek().is_none() || !names.all(|name| number(name).is_ok()) {
            return self;
        }
        let (names, mut numbers) = (texts.names(), Self::numbers());
        for code in &texts.codes {
            numbers.push(names[*code as usize]).expect("every text is a number, as was seen above");
        }
        numbers
    }

    /// The numbers of these rows, NaN where they are missing; texts have none.
    pub fn reals(&self, rows: &[usize]) -> Vec<f64> {
        let mut reals: Vec<f64> = match &self.values {
            Values::Whole(values) => rows.iter().map(|row| values[*row] as f64).collect(),
            Values::Real(values) => rows.iter().map(|row| values[*row]).collect(),
            Values::Text(_) => Vec::new(),
        };
        if !self.missing.is_empty() {
            for (real, row) in reals.iter_mut().zip(rows) {
                if self.is_missing(*row) {
                    *real = f64::NAN;
                }
            }
        }
        reals
    }

    /// The distinct values, sorted as NumPy sorts them and written as text, and the place of every row's value among them.
    pub fn categories(&self) -> (Vec<String>, Vec<u32>) {
        match &self.values {
            Values::Whole(values) => places(values, i64::cmp),
            Values::Real(values) => places(values, |one, other| (one + 0.0).total_cmp(&(other + 0.0))),
            Values::Text(texts) => {
                let names = texts.names();
                let (sorted, place_of) = places(&names, Ord::cmp);
                (sorted, texts.codes.iter().map(|code| place_of[*code as usize]).collect())
            }
        }
    }

    pub fn is_missing(&self, row: usize) -> bool {
        self.missing.binary_search(&row).is_ok()
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
        let present = |row: &usize| self.missing.is_empty() || !self.is_missing(*row);
        let name = name.into();
        match &self.values {
            Values::Whole(values) => {
                let cells = rows.iter().map(|row| present(row).then(|| values[*row]));
                Int64Chunked::from_iter_options(name, cells).into_column()
            }
            Values::Real(values) => {
                let cells = rows.iter().map(|row| present(row).then(|| values[*row]));
                Float64Chunked::from_iter_options(name, cells).into_column()
            }
            Values::Text(texts) => {
                let names = texts.names();
                let cells = rows.iter().map(|row| present(row).then(|| names[texts.codes[*row] as usize]));
                StringChunked::from_iter_options(name, cells).into_column()
            }
        }
    }
}

impl Texts {
    fn push(&mut self, cell: &str) {
        let code = self.codes_of.get(cell).copied().unwrap_or_else(|| {
            let code = self.codes_of.len() as u32;
            self.codes_of.insert(cell.to_owned(), code);
            code
        });
        self.codes.push(code);
    }

    /// The texts by their code.
    fn names(&self) -> Vec<&str> {
        let mut names = vec![""; self.codes_of.len()];
        for (name, code) in &self.codes_of {
            names[*code as usize] = name;
        }
        names
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
