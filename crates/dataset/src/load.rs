//! From a file to a data set: read, leave out, split, complete, encode, scale.

use std::path::Path;
use std::sync::Arc;

use manifest::quote;

use crate::column::Cells;
use crate::dataset::{Dataset, Folds, Rows, Target};
use crate::drawn::kept;
use crate::error::{Error, shown};
use crate::file::File;
use crate::preprocessing::{ColumnScaler, mean, median};
use crate::split::{stratified_split, train_test_split};
use crate::table::{Encoding, Missing, Size, Table};

/// The most columns that one feature becomes.
const MOST_CATEGORIES: usize = 4096;

impl Table {
    /// Reads the file, relative to `root`, and makes training and test rows of it, as scikit-learn does from a C-ordered
    /// float64 array of the features that are numbers and from the columns of those that are categories: `train_test_split`,
    /// then `SimpleImputer`, `OneHotEncoder` or `OrdinalEncoder`, and `StandardScaler` or `MinMaxScaler`, each learnt from
    /// the training rows. Only the columns that the table names are kept in memory.
    ///
    /// # Errors
    /// As [`Table::check`]; if the file cannot be read, is no CSV, has another digest, lacks a column, or holds a cell that
    /// is not what its column needs; if no rows are left; if the label is constant and to be scaled.
    pub fn load(&self, root: &Path) -> Result<Dataset, Error> {
        self.check().map_err(|broken| broken.below("data"))?;
        let file = File::read(self, &root.join(&self.file))?;
        let (mut train, test) = self.split(&file)?;
        let held = self.hold_out(&mut train)?;
        let inputs = self.inputs(&file, &train)?;
        let (target, codes) = self.target(&file, &train)?;
        let part = |rows: &[usize]| -> Result<_, Error> {
            let x = self.x(&file, &inputs, rows)?;
            let labels: Vec<f64> = match &target {
                Target::Number(_) | Target::LikeInputs(..) => file.label.reals(rows),
                Target::Classes(_) => rows.iter().map(|row| f64::from(codes[*row])).collect(),
            };
            let y: Vec<f32> = labels.iter().map(|label| target.transform(*label)).collect();
            self.refuse_infinite(&file, rows, &y, std::slice::from_ref(&self.label))?;
            Ok((x, y, labels))
        };
        let (train_part, test_part) = (part(&train)?, part(&test)?);
        let held_part = if held.is_empty() { None } else { Some(part(&held)?) };
        let features = inputs.into_iter().flat_map(|input| input.names).collect();
        let names = self.features.iter().chain([&self.label]).cloned();
        let columns = Arc::new(names.zip(file.features.into_iter().chain([file.label])).collect());
        let rows = |(x, y, labels), numbers| Rows { x, y, labels, columns: Arc::clone(&columns), numbers };
        let (train, test) = (rows(train_part, train), rows(test_part, test));
        let validation = held_part.map(|part| rows(part, held));
        let (label, sha256) = (self.label.clone(), Some(file.sha256));
        let folds = self
            .validation
            .as_ref()
            .and_then(|of| Some(Folds { number: of.folds?, seed: of.shuffle.then_some(of.seed) }));
        Ok(Dataset { features, label, target, train, validation, test, sha256, folds })
    }

    /// As [`Table::load`], relative to the first of these folders that has the file.
    ///
    /// # Errors
    /// As [`Table::load`]; the file is looked for in one folder at least.
    pub fn load_from(&self, folders: &[&Path]) -> Result<Dataset, Error> {
        let has_it = |folder: &&&Path| folder.join(&self.file).exists();
        self.load(folders.iter().find(has_it).or(folders.first()).copied().unwrap_or(Path::new("")))
    }

    /// The training and the test rows.
    fn split(&self, file: &File) -> Result<(Vec<usize>, Vec<usize>), Error> {
        let rows = file.label.len();
        let test = match self.test.size {
            Size::Rows(test) => test,
            Size::Share(share) => (share * rows as f64).ceil() as usize,
        };
        if test >= rows {
            return Err(Error::invalid(
                "data.test.size",
                format!("must leave a row to train on, got {test} of {rows} rows"),
            ));
        }
        let seed = self.test.seed;
        let Some(cells) = &file.stratify else {
            return Ok(train_test_split(rows, test, self.test.shuffle.then_some(seed)));
        };
        stratified_split(&cells.categories().1, test, seed)
            .map_err(|message| Error::invalid("data.test.stratify", message))
    }

    /// Takes the rows to validate on, the last ones, from the training rows; none without a split.
    fn hold_out(&self, train: &mut Vec<usize>) -> Result<Vec<usize>, Error> {
        let rows = train.len();
        let Some(validation) = &self.validation else { return Ok(Vec::new()) };
        if validation.folds.is_some_and(|folds| folds > rows) {
            return Err(Error::invalid("data.validation.folds", format!("must be at most the {rows} training rows")));
        }
        let kept = validation.split.map_or(rows, |split| kept(rows, split));
        if validation.split.is_some() && (kept == 0 || kept == rows) {
            return Err(Error::invalid("data.validation.split", format!("must part the {rows} training rows in two")));
        }
        Ok(train.split_off(kept))
    }

    /// The network's inputs of these rows, row by row.
    fn x(&self, file: &File, inputs: &[Input], rows: &[usize]) -> Result<Vec<f32>, Error> {
        let width = inputs.iter().map(|input| input.names.len()).sum();
        let mut x = vec![0.0; rows.len() * width];
        let mut place = 0;
        for (input, cells) in inputs.iter().zip(&file.features) {
            input.fill(cells, rows, &mut x[place..], width);
            place += input.names.len();
        }
        let names: Vec<String> = inputs.iter().flat_map(|input| input.names.clone()).collect();
        self.refuse_infinite(file, rows, &x, &names)?;
        Ok(x)
    }

    fn refuse_infinite(&self, file: &File, rows: &[usize], values: &[f32], names: &[String]) -> Result<(), Error> {
        let Some(index) = values.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        let place = file.place(self, rows[index / names.len()], &names[index % names.len()]);
        Err(Error::invalid(place, "the value, or the spread of its column, is too large for a 32-bit float"))
    }

    /// What becomes of every feature, learnt from the training rows.
    fn inputs(&self, file: &File, train: &[usize]) -> Result<Vec<Input>, Error> {
        let only = self.features.len() - self.categorical.len() == 1;
        let input = |(name, cells): (&String, &Cells)| {
            if let Some(encoding) = self.categorical.get(name) {
                return self.category(file, train, name, cells, *encoding);
            }
            let mut values = cells.reals(train);
            let fill = match self.missing {
                _ if cells.missing.is_empty() => 0.0,
                Missing::Median => median(&values),
                _ => mean(&values, only),
            };
            if fill.is_nan() {
                return Err(Error::invalid(&self.file, format!("{}: no training row has a value", shown(name))));
            }
            values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = fill);
            let scaler = ColumnScaler::fit(self.scaling.features, &values, only);
            Ok(Input { names: vec![name.clone()], made: Made::Number { fill, scaler } })
        };
        self.features.iter().zip(&file.features).map(input).collect()
    }

    fn category(
        &self,
        file: &File,
        train: &[usize],
        name: &str,
        cells: &Cells,
        encoding: Encoding,
    ) -> Result<Input, Error> {
        let (names, codes) = cells.categories();
        let mut known = vec![false; names.len()];
        for row in train {
            known[codes[*row] as usize] = true;
        }
        if let Some(row) = (0..cells.len()).find(|row| !known[codes[*row] as usize]) {
            let message = format!(
                "{} is in no training row; try test.stratify or another test.seed",
                quote(&names[codes[row] as usize])
            );
            return Err(Error::invalid(file.place(self, row, name), message));
        }
        if encoding == Encoding::Ordinal {
            return Ok(Input { names: vec![name.to_owned()], made: Made::Ordinal { codes } });
        }
        if names.len() > MOST_CATEGORIES {
            let message = format!("{} has {} categories; one-hot takes {MOST_CATEGORIES}", shown(name), names.len());
            return Err(Error::invalid("data.categorical", message));
        }
        let names = names.iter().map(|category| format!("{name}={category}")).collect();
        Ok(Input { names, made: Made::OneHot { codes } })
    }

    /// What the label is, and its codes if it is a class.
    fn target(&self, file: &File, train: &[usize]) -> Result<(Target, Vec<u32>), Error> {
        if self.classes {
            let (names, codes) = file.label.categories();
            return Ok((Target::Classes(names), codes));
        }
        let scaler = ColumnScaler::fit(self.scaling.label, &file.label.reals(train), true);
        if scaler.constant {
            let message = format!("the label {} is the same in all {} training rows", shown(&self.label), train.len());
            return Err(Error::invalid(&self.file, message));
        }
        Ok((Target::Number(scaler), Vec::new()))
    }
}

/// One feature on its way to the network.
struct Input {
    /// What its columns in `x` are called.
    names: Vec<String>,
    made: Made,
}

/// What a feature's columns are made of.
enum Made {
    Number { fill: f64, scaler: ColumnScaler },
    OneHot { codes: Vec<u32> },
    Ordinal { codes: Vec<u32> },
}

impl Input {
    /// Writes the feature of these rows into `x`, whose rows are `width` long and start with this feature.
    fn fill(&self, cells: &Cells, rows: &[usize], x: &mut [f32], width: usize) {
        for (slots, &row) in x.chunks_mut(width).zip(rows) {
            match &self.made {
                Made::Number { fill, scaler } => {
                    let value = cells.real(row);
                    slots[0] = scaler.transform(if value.is_nan() { *fill } else { value }) as f32;
                }
                Made::OneHot { codes } => slots[codes[row] as usize] = 1.0,
                Made::Ordinal { codes } => slots[0] = codes[row] as f32,
            }
        }
    }
}
