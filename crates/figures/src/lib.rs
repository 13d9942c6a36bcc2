//! The figures of the experiments: one function a chart, one house style, PNG bytes out.
//!
//! Every function takes a title, a subtitle and plain slices, and returns the bytes of a PNG file.
//! The same numbers give the same bytes on every machine: the font is embedded, shapes and letters
//! are drawn in software, positions on logarithmic axes come from the pure-Rust `libm`, and the
//! file carries neither a date nor any other metadata.
//!
//! Values that cannot be drawn (not finite, or not positive on a logarithmic axis) are left out
//! and counted in a note at the foot of the figure.
//!
//! ```
//! let png = figures::predictions(
//!     "Predictions on the test set",
//!     "x² on 20 points",
//!     &[0.0, 25.0, 100.0],
//!     &[0.1, 24.8, 100.3],
//! )?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), figures::Error>(())
//! ```
//!
//! `cargo run --release -p figures --example gallery -- FOLDER` draws every chart with sample data.

mod accuracy;
mod axis;
mod bands;
mod best_so_far;
mod canvas;
mod colour_bar;
mod contour;
mod direct;
mod distance;
mod distributions;
mod edf;
mod errors;
mod factors;
mod font;
mod frame;
mod gap;
mod heat;
mod history;
mod importance;
mod intermediate;
mod legend;
mod loss;
mod mark;
mod number;
mod panels;
mod parallel;
mod percentiles;
mod predictions;
mod rank;
mod scaling;
mod slice;
mod speed;
mod style;
mod timeline;
mod trial;

pub use accuracy::{accuracy_lattice, is_on_lattice, lattice_number};
pub use bands::loss_bands;
pub use best_so_far::{SamplerBand, best_so_far_bands};
pub use contour::contour;
pub use distance::distance_by_epoch;
pub use distributions::distributions;
pub use edf::empirical_distribution;
pub use errors::error_comparison;
pub use factors::{Factor, factor_overview, one_at_a_time};
pub use gap::prediction_gap;
pub use heat::heat_map;
pub use history::optimization_history;
pub use importance::parameter_importance;
pub use intermediate::{IntermediateCurve, intermediate_values};
pub use loss::{loss_comparison, training_loss};
pub use parallel::parallel_coordinates;
pub use percentiles::percentiles;
pub use predictions::predictions;
pub use rank::rank;
pub use scaling::{ScalingLine, scaling_lines};
pub use slice::slice;
pub use speed::{SpeedBar, speed_bars};
pub use timeline::{TimelineBar, timeline};
pub use trial::{Direction, Objective, Parameter, ParameterValues, TrialPoint, TrialState};

/// A loss curve: one value an epoch.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The epochs, counted from 1.
    pub epoch: &'a [u32],
    /// The loss at each epoch.
    pub loss: &'a [f64],
}

/// How far the losses of an engine are from those of real Keras, over all cases, by epoch.
#[derive(Debug, Clone, Copy)]
pub struct DistanceCurve<'a> {
    /// What the legend calls the engine.
    pub name: &'a str,
    /// The epochs, counted from 1.
    pub epoch: &'a [u32],
    /// The median of the cases at each epoch, in units in the last place; 0 is every bit equal.
    pub median: &'a [f64],
    /// The largest of the cases at each epoch, in units in the last place.
    pub largest: &'a [f64],
}

/// How the losses of many runs spread, by epoch.
#[derive(Debug, Clone, Copy)]
pub struct LossBand<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The 1, 25, 50, 75 and 99 % quantiles of the loss at each epoch.
    pub quantiles: [&'a [f64]; 5],
}

/// A group of values whose distribution is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    /// What stands beside its row.
    pub name: &'a str,
    /// The values in any order.
    pub values: &'a [f64],
}

/// A single value drawn over a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Position along the horizontal axis: an epoch.
    pub x: f64,
    /// Position along the vertical axis: a loss.
    pub y: f64,
}

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no data at all.
    #[error("{what} is empty")]
    Empty {
        /// The input that is empty.
        what: &'static str,
    },
    /// Two columns that belong together have different lengths.
    #[error("{left} has {left_length} values but {right} has {right_length}")]
    DifferentLengths {
        /// Name of the first column.
        left: &'static str,
        /// Its length.
        left_length: usize,
        /// Name of the second column.
        right: &'static str,
        /// Its length.
        right_length: usize,
    },
    /// There is data, but no value of it has a place on the axes.
    #[error("{what} has no value that can be drawn")]
    NothingToDraw {
        /// The input without a drawable value.
        what: &'static str,
    },
    /// A shape could not be drawn.
    #[error("cannot draw the figure: {0}")]
    Draw(String),
    /// The picture could not be written as PNG.
    #[error("cannot encode the figure as png")]
    Encode(#[from] image::ImageError),
}

/// Refuses columns that are empty or of different lengths.
fn check_columns(
    (left, left_values): (&'static str, usize),
    (right, right_values): (&'static str, usize),
) -> Result<(), Error> {
    if left_values != right_values {
        return Err(Error::DifferentLengths { left, left_length: left_values, right, right_length: right_values });
    }
    if left_values == 0 {
        return Err(Error::Empty { what: left });
    }
    Ok(())
}

/// The note at the foot of a figure when values were left out.
fn note_left_out(count: usize, why: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 value is not drawn: {why}")),
        _ => Some(format!("{count} values are not drawn: {why}")),
    }
}

/// The notes there are as one.
fn joined(notes: [Option<String>; 2]) -> Option<String> {
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}
