//! Charts of trainings, comparisons and studies: one function a chart, one house style, PNG bytes out.
//!
//! Every function takes a title, a subtitle and plain slices, and returns the bytes of a PNG file. What
//! the data are called, their units and what is pointed out in them are words of the caller.
//! The same numbers give the same bytes on every machine: the font is embedded, shapes and letters
//! are drawn in software, positions on logarithmic axes come from the pure-Rust `libm`, and the
//! file carries neither a date nor any other metadata.
//!
//! Values that cannot be drawn (not finite, or not positive on a logarithmic axis) are left out
//! and counted in a note at the foot of the figure.
//!
//! ```
//! let gaps = [0.1, -0.2, 0.3];
//! let labels = ["area (m²)", "error (€)"];
//! let png = figures::stems("A model", "Its error on three houses", labels, &[80.0, 95.0, 130.0], &gaps)?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), figures::Error>(())
//! ```

mod axis;
mod bands;
mod best_so_far;
mod canvas;
mod colour_bar;
mod comparison;
mod contour;
mod counts;
mod curve;
mod curves;
mod direct;
mod distance;
mod distributions;
mod edf;
mod factors;
mod font;
mod frame;
mod heat;
mod history;
mod importance;
mod intermediate;
mod legend;
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
mod stems;
mod style;
mod timeline;
mod trial;

pub use bands::{Band, bands_by_epoch};
pub use best_so_far::best_so_far_bands;
pub use comparison::comparison;
pub use contour::contour;
pub use counts::counts;
pub use curves::{Curve, Point, curves_by_epoch};
pub use direct::Line;
pub use distance::{DistanceCurve, distance_by_epoch};
pub use distributions::{Distribution, distributions};
pub use edf::empirical_distribution;
pub use factors::{Factor, factor_overview, one_at_a_time};
pub use heat::heat_map;
pub use history::optimization_history;
pub use importance::parameter_importance;
pub use intermediate::{IntermediateCurve, intermediate_values};
pub use parallel::parallel_coordinates;
pub use percentiles::percentiles;
pub use predictions::predictions;
pub use rank::rank;
pub use scaling::scaling_lines;
pub use slice::slice;
pub use speed::{SpeedBar, speed_bars};
pub use stems::stems;
pub use timeline::{TimelineBar, timeline};
pub use trial::{Direction, Objective, Parameter, ParameterValues, TrialPoint, TrialState};

use axis::range;

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

/// Refuses columns of another length than the first.
fn check_lengths((left, left_length): (&'static str, usize), columns: &[(&'static str, usize)]) -> Result<(), Error> {
    match columns.iter().find(|column| column.1 != left_length) {
        Some(&(right, right_length)) => Err(Error::DifferentLengths { left, left_length, right, right_length }),
        None => Ok(()),
    }
}

/// The values that have a place, at least one, and how many have none.
fn drawable<T: Copy>(
    what: &'static str,
    values: impl Iterator<Item = T>,
    has_a_place: impl Fn(T) -> bool,
) -> Result<(Vec<T>, usize), Error> {
    let (drawable, left_out): (Vec<T>, Vec<T>) = values.partition(|&value| has_a_place(value));
    match (drawable.len(), left_out.len()) {
        (0, 0) => Err(Error::Empty { what }),
        (0, _) => Err(Error::NothingToDraw { what }),
        (_, left_out) => Ok((drawable, left_out)),
    }
}

/// The smallest and the largest of the values that have a place, and how many have none.
fn ends(
    what: &'static str,
    values: impl Iterator<Item = f64>,
    has_a_place: impl Fn(f64) -> bool,
) -> Result<((f64, f64), usize), Error> {
    let (drawable, left_out) = drawable(what, values, has_a_place)?;
    Ok((range(drawable.into_iter()).unwrap_or((0.0, 0.0)), left_out))
}

/// The note at the foot of a figure when not all `things` are shown, else when values were left out.
fn note((shown, all, things): (usize, usize, &str), (count, why): (usize, &str)) -> Option<String> {
    if shown < all { Some(format!("{} more {things} are not shown", all - shown)) } else { note_left_out(count, why) }
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
