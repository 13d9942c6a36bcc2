//! From a file to a data set: read, leave out, split, complete, encode, scale.

use std::path::Path;
use std::sync::Arc;

use manifest::quote;

use crate::column::{Cells, Values};
use crate::dataset::{Dataset, Folds, Rows, Target};
use crate::drawn::kept;
use crate::error::{Error, shown};
use crate::file::File;
use crate::pipeline::{Feature, Learnt};
use crate::preprocessing::{ColumnScaler, mean, median};
use crate::python::Recipe;
use crate::split::{stratified_split, train_test_split};
use crate::table::{Encoding, LabelEncoding, Missing, Size, Table};

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
    /// is not what its column needs; if no rows are left; if the label is constant and to be scaled, or has one class.
    pub fn load(&self, root: &Path) -> Result<Dataset, Error> {
        self.check().map_err(|broken| broken.below("data"))?;
        let file = File::read(self, &root.join(&self.file))?;
        if let (true, Values::Real(values)) = (self.classes, &file.label.values)
            && let Some(row) = values.iter().position(|value| value.fract() != 0.0)
        {
            let message = format!("expected a class, a text or a whole number, got {:?}", values.get(row));
            return Err(Error::invalid(file.place(self, row, &self.label), message));
        }
        let (mut train, test) = self.split(&file)?;
        let held = self.hold_out(&mut train)?;
        let inputs = self.inputs(&file, &train)?;
        let (target, codes) = self.target(&file, &train)?;
        self.refuse_weights(&file)?;
        let one_hot = match &target {
            Target::Classes(names) if self.label_encoding == LabelEncoding::OneHot => names.len(),
            _ => 0,
        };
        let part = |rows: &[usize]| -> Result<_, Error> {
            let x = self.x(&file, &inputs, rows)?;
            let labels: Vec<f64> = match &target {
                Target::Number(_) | Target::LikeInputs(..) => file.label.reals(rows),
                Target::Classes(_) => rows.iter().map(|row| f64::from(codes[*row])).collect(),
            };
            let mut y: Vec<f32> = labels.iter().map(|label| target.transform(*label)).collect();
            self.refuse_infinite(&file, rows, &y, std::slice::from_ref(&self.label))?;
            if one_hot > 0 {
                let row = |label: &f64| (0..one_hot).map(|class| f32::from(class as f64 == *label)).collect::<Vec<_>>();
                y = labels.iter().flat_map(row).collect();
            }
            let weight =
                file.sample_weight.as_ref().map(|cells| rows.iter().map(|row| cells.real(*row) as f32).collect());
            Ok((x, y, labels, weight))
        };
        let (train_part, test_part) = (part(&train)?, part(&test)?);
        let held_part = if held.is_empty() { None } else { Some(part(&held)?) };
        let features = inputs.iter().flat_map(|input| input.feature.columns()).collect();
        let inputs = inputs.into_iter().map(|input| input.feature).collect();
        let names = self.features.iter().chain([&self.label]).cloned();
        let columns = Arc::new(names.zip(file.features.into_iter().chain([file.label])).collect());
        let rows = |(x, y, labels, sample_weight), numbers| {
            let columns = Arc::clone(&columns);
            Rows { x, y, labels, sample_weight, columns, numbers }
        };
        let (train, test) = (rows(train_part, train), rows(test_part, test));
        let validation = held_part.map(|part| rows(part, held));
        let (label, sha256) = (self.label.clone(), Some(file.sha256));
        let folds = self
            .validation
            .as_ref()
            .and_then(|of| Some(Folds { number: of.folds?, seed: of.shuffle.then_some(of.seed) }));
        let recipe = Recipe::Table(self.clone());
        Ok(Dataset { features, label, target, train, validation, test, sha256, inputs, recipe, folds })
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
        let names: Vec<String> = inputs.iter().flat_map(|input| input.feature.columns()).collect();
        let width = names.len();
        let mut x = vec![0.0; rows.len() * width];
        let mut place = 0;
        for (input, cells) in inputs.iter().zip(&file.features) {
            input.fill(cells, rows, &mut x[place..], width);
            place += input.feature.columns().len();
        }
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
                Missing::Refuse | Missing::Drop => None,
                Missing::Mean => Some(mean(&values, only)),
                Missing::Median => Some(median(&values)),
            };
            if fill.is_some_and(f64::is_nan) {
                return Err(Error::invalid(&self.file, format!("{}: no training row has a value", shown(name))));
            }
            if let Some(fill) = fill {
                values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = fill);
            }
            let scaler = ColumnScaler::fit(self.scaling.features, &values, only);
            let learnt = Learnt::Number { fill, scaler };
            Ok(Input { feature: Feature { name: name.clone(), learnt }, codes: Vec::new() })
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
        let (names, codes) = self.known_categories(file, train, name, cells)?;
        if encoding == Encoding::OneHot && names.len() > MOST_CATEGORIES {
            let message = format!("{} has {} categories; one-hot takes {MOST_CATEGORIES}", shown(name), names.len());
            return Err(Error::invalid("data.categorical", message));
        }
        let learnt = match encoding {
            Encoding::OneHot => Learnt::OneHot(names),
            Encoding::Ordinal => Learnt::Ordinal(names),
        };
        Ok(Input { feature: Feature { name: name.to_owned(), learnt }, codes })
    }

    /// The distinct values of a column and the place of every row's value among them; each is in a training row.
    fn known_categories(
        &self,
        file: &File,
        train: &[usize],
        name: &str,
        cells: &Cells,
    ) -> Result<(Vec<String>, Vec<u32>), Error> {
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
        Ok((names, codes))
    }

    fn refuse_weights(&self, file: &File) -> Result<(), Error> {
        let (Some(name), Some(cells)) = (&self.sample_weight, &file.sample_weight) else { return Ok(()) };
        let fits = |row: &usize| cells.real(*row) >= 0.0 && (cells.real(*row) as f32).is_finite();
        let Some(row) = (0..cells.len()).find(|row| !fits(row)) else { return Ok(()) };
        let message = format!("expected a weight, 0 or more, got {:?}", cells.real(row));
        Err(Error::invalid(file.place(self, row, name), message))
    }

    /// What the label is, and its codes if it is a class.
    fn target(&self, file: &File, train: &[usize]) -> Result<(Target, Vec<u32>), Error> {
        if self.classes {
            let (names, codes) = self.known_categories(file, train, &self.label, &file.label)?;
            if let [name] = &names[..] {
                let message = format!("the label {} has one class, {}", shown(&self.label), quote(name));
                return Err(Error::invalid(&self.file, message));
            }
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
    feature: Feature,
    /// The place of every row's category; none of a number.
    codes: Vec<u32>,
}

impl Input {
    /// Writes the feature of these rows into `x`, whose rows are `width` long and start with this feature.
    fn fill(&self, cells: &Cells, rows: &[usize], x: &mut [f32], width: usize) {
        for (slots, &row) in x.chunks_mut(width).zip(rows) {
            match &self.feature.learnt {
                Learnt::Number { fill, scaler } => {
                    let value = cells.real(row);
                    let value = if value.is_nan() { fill.unwrap_or(value) } else { value };
                    slots[0] = scaler.transform(value) as f32;
                }
                Learnt::OneHot(_) => slots[self.codes[row] as usize] = 1.0,
                Learnt::Ordinal(_) => slots[0] = self.codes[row] as f32,
            }
        }
    }
}
