//! The charts that several experiments share: each says its axes, its marks and its legend.

mod comparison;
mod contour;
mod counts;
mod distributions;
mod factors;
mod importance;
mod lines;
mod parallel;
mod study;
mod training;

pub use comparison::{comparison, overhang};
pub use contour::{contour, rank};
pub use counts::counts;
pub use distributions::{Distribution, distributions};
pub use factors::{Factor, one_at_a_time};
pub use importance::parameter_importance;
pub use lines::{best_so_far_bands, scaling_lines};
pub use parallel::parallel_coordinates;
pub use study::{
    IntermediateCurve, TimelineBar, empirical_distribution, intermediate_values, optimization_history, slice, timeline,
};
pub use training::{curves_by_epoch, predictions, stems};
