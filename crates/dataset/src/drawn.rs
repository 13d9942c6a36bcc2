//! Data drawn from NumPy's stream: rows of numbers, each with the sum of its numbers and a constant as label.

use std::sync::Arc;

use manifest::Broken;
use random::numpy::RandomState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::column::{Cells, Values};
use crate::numbers::Reals;
use crate::pipeline::{Feature, Learnt};
use crate::python::Recipe;
use crate::sum::pairwise;
use crate::{Dataset, Error, Restore, Rows, Scaler, Scaling, Target};

/// The column of the labels.
const LABEL: &str = "label";

/// The largest magnitude of a drawn value or label: every whole number up to 2^53 is exact as a 64-bit float.
pub const LARGEST_EXACT: i64 = 1 << 53;

/// The most numbers of the training or of the test data.
const MOST_NUMBERS: usize = 100_000_000;

/// How the training and test data are drawn: rows of numbers, each with its label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The seed of the data's random stream, as NumPy takes it.
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
    /// The method of NumPy's `RandomState` that draws.
    #[serde(default, skip_serializing_if = "is_default")]
    pub draw: Draw,
    /// The columns of the inputs: `x`, or `x1`, `x2` and so on if there are several. They are drawn row by row.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 4096))]
    pub features: usize,
    /// The training data, drawn first.
    pub train: Range,
    /// The test data, drawn after the training data from the same stream.
    pub test: Range,
    /// How the label follows from the inputs.
    pub label: Added,
}

/// The method of NumPy's `RandomState` that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Draw {
    /// Whole numbers from `low` to `high - 1`, all as likely.
    #[default]
    Randint,
    /// 64-bit floats from `low` to `high`, all as likely.
    Uniform,
    /// 64-bit floats of the normal distribution with mean `loc` and standard deviation `scale`.
    Normal,
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_one(number: &usize) -> bool {
    *number == 1
}

/// Rows of drawn numbers, with `low` and `high`, or `loc` and `scale` if `draw` is `normal`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The smallest value that can be drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub low: Option<i64>,
    /// The end of the values: one more than the largest whole number that can be drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub high: Option<i64>,
    /// The mean of the normal distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub loc: Option<f64>,
    /// The standard deviation of the normal distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = LARGEST_EXACT))]
    pub scale: Option<f64>,
    /// How many rows are drawn.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub size: usize,
}

/// How the label follows from the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// The label is `x + add`; of several inputs, their sum and `add`.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub add: i64,
}

impl Drawn {
    /// Checks the rules between fields; paths are those below this section.
    ///
    /// # Errors
    /// If a range lacks a key of its draw, has one of another draw or is empty, there are too many numbers, or a label can be
    /// too large to be exact.
    pub fn check(&self) -> Result<(), Broken> {
        for (name, range) in [("train", &self.train), ("test", &self.test)] {
            let Range { low, high, loc, scale, size } = *range;
            if size * self.features > MOST_NUMBERS {
                let message = format!("must keep the numbers of data.{name} at most {MOST_NUMBERS}, got {size} rows");
                return Err(Broken::new("features", message).with(format!("{name}.size")));
            }
            let whole = [("low", low.is_some()), ("high", high.is_some())];
            let normal = [("loc", loc.is_some()), ("scale", scale.is_some())];
            let (used, unused, draw) = match self.draw {
                Draw::Randint => (whole, normal, "randint"),
                Draw::Uniform => (whole, normal, "uniform"),
                Draw::Normal => (normal, whole, "normal"),
            };
            let message = format!("with draw {draw} it takes {} and {}", used[0].0, used[1].0);
            let wrong = unused.iter().find(|(_, given)| *given).map(|(key, _)| format!("{name}.{key}"));
            if let Some(path) = wrong.or_else(|| used.iter().any(|(_, given)| !given).then(|| name.to_owned())) {
                return Err(Broken::new(path, message).with("draw"));
            }
            if let (Some(low), Some(high)) = (low, high) {
                self.check_range(name, low, high)?;
            }
        }
        Ok(())
    }

    fn check_range(&self, name: &str, low: i64, high: i64) -> Result<(), Broken> {
        let (low_path, high_path) = (format!("{name}.low"), format!("{name}.high"));
        if low >= high {
            let message = format!("must be > low, got {high} with low {low}");
            return Err(Broken::new(high_path, message).with(low_path));
        }
        let add = self.label.add;
        for value in [low, high - 1] {
            let label = i128::from(value) * self.features as i128 + i128::from(add);
            if label.abs() > i128::from(LARGEST_EXACT) {
                let sum = if self.features == 1 { "x" } else { "the sum of the inputs" };
                let message = format!(
                    "must keep {sum} + add from -{LARGEST_EXACT} to {LARGEST_EXACT}, got {add} with x = {value} in data.{name}"
                );
                return Err(Broken::new("label.add", message).with(low_path).with(high_path).with("features"));
            }
        }
        Ok(())
    }

    /// Draws the training rows and then the test rows from one stream: the columns of the inputs and `label`, all Int64 if
    /// drawn by `randint`, else Float64. `x` and `y` of the rows are these values in float32, not scaled.
    ///
    /// # Errors
    /// As [`Drawn::check`].
    pub fn draw(&self) -> Result<[Rows; 2], Error> {
        self.check()?;
        let mut state = RandomState::new(self.seed);
        let (features, add) = (self.features, self.label.add);
        Ok([self.train, self.test].map(|Range { low, high, loc, scale, size }| {
            let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
            let x = match self.draw {
                Draw::Randint => {
                    let x = state.randint(low, high, size * features);
                    let column = |index| Values::Whole(x.iter().skip(index).step_by(features).copied().collect());
                    let labels = x.chunks_exact(features).map(|row| row.iter().sum::<i64>() + add).collect();
                    return self.rows(size, (0..features).map(column).chain([Values::Whole(labels)]));
                }
                Draw::Uniform => state.uniform(low as f64, high as f64, size * features),
                Draw::Normal => state.normal(loc.unwrap_or_default(), scale.unwrap_or_default(), size * features),
            };
            let column = |index| Values::Real(Reals::Long(x.iter().skip(index).step_by(features).copied().collect()));
            // `x.sum(axis=1) + add`.
            let labels = x.chunks_exact(features).map(|row| pairwise(row) + add as f64).collect();
            self.rows(size, (0..features).map(column).chain([Values::Real(Reals::Long(labels))]))
        }))
    }

    /// Rows of columns, of which the label is the last.
    fn rows(&self, size: usize, columns: impl Iterator<Item = Values>) -> Rows {
        let names = self.names().into_iter().chain([LABEL.to_owned()]);
        let columns = Arc::new(names.zip(columns.map(Cells::from)).collect());
        let mut rows = Rows {
            x: Vec::new(),
            y: Vec::new(),
            labels: Vec::new(),
            sample_weight: None,
            columns,
            numbers: (0..size).collect(),
        };
        let single = |values: &[f64]| values.iter().map(|value| *value as f32).collect();
        rows.labels = rows.values(LABEL).unwrap_or_default();
        (rows.x, rows.y) = (single(&rows.inputs()), single(&rows.labels));
        rows
    }

    /// The names of the inputs.
    fn names(&self) -> Vec<String> {
        match self.features {
            1 => vec!["x".to_owned()],
            features => (1..=features).map(|number| format!("x{number}")).collect(),
        }
    }

    /// Checks the rules of the sections `data`, this one, and `scaling`; paths are whole.
    ///
    /// # Errors
    /// As [`Drawn::check`], or if `scaling` needs inputs that differ and there can be none.
    pub fn rules(&self, scaling: Scaling) -> Result<(), Broken> {
        self.check().map_err(|broken| broken.below("data"))?;
        if scaling != Scaling::Standard {
            return Ok(());
        }
        let Range { low, high, scale, size, .. } = self.train;
        if size * self.features < 2 {
            let message = format!("standard needs data.train.size >= 2, got {size}");
            return Err(Broken::new("scaling", message).with("data.train.size"));
        }
        if self.draw == Draw::Normal && scale == Some(0.0) {
            let message = "standard needs data.train.scale > 0, got 0";
            return Err(Broken::new("scaling", message).with("data.train.scale"));
        }
        if let (Draw::Randint, Some(low), Some(high)) = (self.draw, low, high)
            && high - low < 2
        {
            let message =
                format!("standard needs at least two values to draw from in data.train, got low {low} and high {high}");
            return Err(Broken::new("scaling", message).with("data.train.low").with("data.train.high"));
        }
        Ok(())
    }

    /// The drawn rows, inputs and labels alike scaled by the training inputs; predictions are turned back in the arithmetic
    /// of `restore`.
    ///
    /// # Errors
    /// As [`Drawn::draw`], or if inputs that are to be standardised are all the same.
    pub fn dataset(&self, scaling: Scaling, restore: Restore) -> Result<Dataset, Error> {
        let [train, test] = self.draw()?;
        self.scaled_alike(train, test, scaling, restore, None)
    }

    /// As [`Drawn::dataset`] of the training rows alone: the last ones, a share `validation_split`, are the rows to test on.
    /// They are neither trained on nor seen by the scaling.
    ///
    /// # Errors
    /// As [`Drawn::dataset`].
    pub fn validation(&self, scaling: Scaling, restore: Restore, validation_split: f64) -> Result<Dataset, Error> {
        let [all, _] = self.draw()?;
        let kept = kept(all.labels.len(), validation_split);
        let (train, held) = all.numbers.split_at(kept);
        self.scaled_alike(all.part(train), all.part(held), scaling, restore, Some(validation_split))
    }

    fn scaled_alike(
        &self,
        mut train: Rows,
        mut test: Rows,
        scaling: Scaling,
        restore: Restore,
        held_out: Option<f64>,
    ) -> Result<Dataset, Error> {
        let scaler = Scaler::new(scaling, &train.inputs())?;
        for rows in [&mut train, &mut test] {
            rows.x = scaler.transform(&rows.inputs());
            rows.y = scaler.transform(&rows.labels);
        }
        let learnt = Learnt::Number { fill: None, scaler: scaler.of_a_column() };
        let inputs = self.names().into_iter().map(|name| Feature { name, learnt: learnt.clone() }).collect();
        let recipe = Recipe::Drawn { drawn: self.clone(), scaling, restore, held_out };
        let target = Target::LikeInputs(scaler, restore);
        let (features, label, validation, folds) = (self.names(), LABEL.to_owned(), None, None);
        Ok(Dataset { features, label, target, train, validation, test, sha256: None, inputs, recipe, folds })
    }
}

impl Rows {
    /// The drawn inputs, row by row.
    fn inputs(&self) -> Vec<f64> {
        let features = self.columns.len() - 1;
        self.numbers.iter().flat_map(|row| self.columns[..features].iter().map(|(_, cells)| cells.real(*row))).collect()
    }
}

/// Rows of which Keras' `validation_split` keeps this many to train on.
pub fn kept(rows: usize, validation_split: f64) -> usize {
    (rows as f64 * (1.0 - validation_split)) as usize
}
