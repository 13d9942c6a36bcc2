//! Charts of trainings, comparisons and studies in one house style, as the bytes of a PNG file.
//!
//! Every chart is a few marks (lines, areas, points, bars, cells) on two axes in one frame. The functions take titles
//! and plain slices; what the data are called, their units and what is pointed out in them are words of the caller.
//! The same numbers give the same bytes on every machine: the font is embedded, shapes and letters
//! are drawn in software, positions on logarithmic axes come from the pure-Rust `libm`, and the
//! file carries neither a date nor any other metadata.
//!
//! Values that cannot be drawn (not finite, or not positive on a logarithmic axis) are left out
//! and counted in a note at the foot of the figure. What all axes and charts refuse is said once, in [`Error`].
//!
//! ```
//! let gaps = [(80.0, 0.1), (95.0, -0.2), (130.0, 0.3)];
//! let png = figures::stems("Its error on three houses", "A model", ["area (m²)", "error (€)"], &gaps)?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), figures::Error>(())
//! ```

#![allow(clippy::missing_errors_doc, reason = "all have the same, which are those of Error")]

mod axis;
mod canvas;
mod charts;
mod font;
mod frame;
mod legend;
mod marks;
mod number;
mod png;
mod style;
mod trial;

pub use axis::Axis;
pub use canvas::{Align, Canvas, Position};
pub use charts::*;
pub use frame::{Area, Frame, Plot};
pub use legend::{ColourBar, Item};
pub use marks::{HEAD, Point, Runs, widest};
pub use number::significant;
pub use style::{
    BLUE, Color, Dash, GREY_BLUE, INK, LEGEND_SIZE, MARGIN, MISSING, MUTED, Marker, RING, Shape, Stroke, TICK_SIZE,
    VERMILLION, WHITE, WIDTH, ZERO, paler, series,
};
pub use trial::{Direction, Objective, Parameter, ParameterScale, TrialPoint, TrialState, Trials};

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no data at all.
    #[error("there are no data to draw")]
    Empty,
    /// Columns that belong together have different lengths.
    #[error("columns that belong together have {one} and {other} values")]
    DifferentLengths {
        /// The length of the first column.
        one: usize,
        /// Another length.
        other: usize,
    },
    /// There is data, but no value of it has a place on the axes.
    #[error("no value has a place on the axes")]
    NothingToDraw,
    /// The picture could not be written as PNG.
    #[error("cannot encode the figure as png")]
    Encode(#[from] ::png::EncodingError),
}

impl Error {
    /// Refuses columns of another length than the first.
    fn check_lengths(one: usize, others: impl IntoIterator<Item = usize>) -> Result<(), Error> {
        match others.into_iter().find(|&other| other != one) {
            Some(other) => Err(Error::DifferentLengths { one, other }),
            None => Ok(()),
        }
    }
}
