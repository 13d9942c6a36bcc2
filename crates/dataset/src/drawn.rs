//! Data drawn from NumPy's stream: numbers `x`, each with the label `x + add`.

use manifest::Broken;
use polars::prelude::{Column, DataFrame};
use random::numpy::RandomState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Dataset, Error, Restore, Rows, Scaler, Scaling, Target};

/// The column of the inputs.
const INPUT: &str = "x";
/// The column of the labels.
const LABEL: &str = "label";

/// The largest magnitude of a drawn value or label: every whole number up to 2^53 is exact as a 64-bit float.
pub const LARGEST_EXACT: i64 = 1 << 53;

/// How the training and test data are drawn: numbers `x`, each with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The seed of the data's random stream, as NumPy takes it.
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
    /// The method of NumPy's `RandomState` that draws.
    #[serde(default, skip_serializing_if = "is_default")]
    pub draw: Draw,
    /// The training data, drawn first.
    pub train: Range,
    /// The test data, drawn after the training data from the same stream.
    pub test: Range,
    /// How the label follows from `x`.
    pub label: Added,
}

/// The method of NumPy's `RandomState` that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Draw {
    /// Whole numbers.
    #[default]
    Randint,
    /// 64-bit floats.
    Uniform,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Numbers drawn uniformly from `low..high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The smallest value that can be drawn.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub low: i64,
    /// The end of the values: one more than the largest whole number that can be drawn.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub high: i64,
    /// How many values are drawn.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub size: usize,
}

/// How the label follows from `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// The label is `x + add`.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub add: i64,
}

impl Drawn {
    /// Checks the rules between fields; paths are those below this section.
    ///
    /// # Errors
    /// If a range is empty, or a label can be too large to be exact.
    pub fn check(&self) -> Result<(), Broken> {
        for (name, part) in [("train", &self.train), ("test", &self.test)] {
            let Range { low, high, .. } = *part;
            let (low_path, high_path) = (format!("{name}.low"), format!("{name}.high"));
            if low >= high {
                let message = format!("must be > low, got {high} with low {low}");
                return Err(Broken::new(high_path, message).with(low_path));
            }
            let add = self.label.add;
            for value in [low, high - 1] {
                // Both numbers are at most 2^53, so their sum fits.
                if (value + add).abs() > LARGEST_EXACT {
                    let message = format!(
                        "must keep x + add from -{LARGEST_EXACT} to {LARGEST_EXACT}, got {add} with x = {value} in data.{name}"
                    );
                    return Err(Broken::new("label.add", message).with(low_path).with(high_path));
                }
            }
        }
        Ok(())
    }

    /// Draws the training rows and then the test rows from one stream: column `x` and its `label`, both Int64 or, drawn by
    /// `uniform`, Float64. `x` and `y` of the rows are these values in float32, not scaled.
    ///
    /// # Errors
    /// As [`Drawn::check`].
    pub fn draw(&self) -> Result<[Rows; 2], Error> {
        self.check()?;
        let mut state = RandomState::new(self.seed);
        Ok([self.train, self.test].map(|Range { low, high, size }| match self.draw {
            Draw::Randint => {
                let x = state.randint(low, high, size);
                let label: Vec<i64> = x.iter().map(|x| x + self.label.add).collect();
                rows(Column::new("x".into(), x), Column::new("label".into(), label))
            }
            Draw::Uniform => {
                let x = state.uniform(low as f64, high as f64, size);
                let label: Vec<f64> = x.iter().map(|x| x + self.label.add as f64).collect();
                rows(Column::new("x".into(), x), Column::new("label".into(), label))
            }
        }))
    }
}

fn rows(x: Column, label: Column) -> Rows {
    let frame = DataFrame::new(x.len(), vec![x, label]).expect("two columns of one length with different names");
    let mut rows = Rows { x: Vec::new(), y: Vec::new(), labels: Vec::new(), frame };
    let values = |name: &str| rows.values(name).expect("both columns are numbers");
    let (x, labels) = (values("x"), values("label"));
    let single = |values: &[f64]| values.iter().map(|value| *value as f32).collect();
    (rows.x, rows.y, rows.labels) = (single(&x), single(&labels), labels);
    rows
}

/// Rows of which Keras' `validation_split` keeps this many to train on.
pub fn kept(rows: usize, validation_split: f64) -> usize {
    (rows as f64 * (1.0 - validation_split)) as usize
}

impl Drawn {
    /// Checks the rules of the sections `data`, this one, and `scaling`; paths are whole.
    ///
    /// # Errors
    /// As [`Drawn::check`], or if `scaling` needs inputs that differ and there can be none.
    pub fn rules(&self, scaling: Scaling) -> Result<(), Broken> {
        self.check().map_err(|broken| broken.below("data"))?;
        if scaling != Scaling::Standard {
            return Ok(());
        }
        let Range { low, high, size } = self.train;
        if size < 2 {
            let message = format!("standard needs data.train.size >= 2, got {size}");
            return Err(Broken::new("scaling", message).with("data.train.size"));
        }
        if self.draw == Draw::Randint && high - low < 2 {
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
        Dataset::scaled_alike(train, test, scaling, restore)
    }

    /// As [`Drawn::dataset`] of the training rows alone: the last ones, a share `validation_split`, are the rows to test on.
    /// They are neither trained on nor seen by the scaling.
    ///
    /// # Errors
    /// As [`Drawn::dataset`].
    pub fn validation(&self, scaling: Scaling, restore: Restore, validation_split: f64) -> Result<Dataset, Error> {
        let [all, _] = self.draw()?;
        let kept = kept(all.labels.len(), validation_split);
        let part = |start: usize, end: usize| Rows {
            x: all.x[start..end].to_vec(),
            y: all.y[start..end].to_vec(),
            labels: all.labels[start..end].to_vec(),
            frame: all.frame.slice(start as i64, end - start),
        };
        Dataset::scaled_alike(part(0, kept), part(kept, all.labels.len()), scaling, restore)
    }
}

impl Dataset {
    fn scaled_alike(mut train: Rows, mut test: Rows, scaling: Scaling, restore: Restore) -> Result<Self, Error> {
        let inputs = |rows: &Rows| rows.values(INPUT).expect("drawn rows have this column");
        let scaler = Scaler::new(scaling, &inputs(&train))?;
        for rows in [&mut train, &mut test] {
            rows.x = scaler.transform(&inputs(rows));
            rows.y = scaler.transform(&rows.labels);
        }
        let target = Target::LikeInputs(scaler, restore);
        let (features, label) = (vec![INPUT.to_owned()], LABEL.to_owned());
        Ok(Self { features, label, target, train, test, sha256: None, validation: None })
    }
}
