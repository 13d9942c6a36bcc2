//! The charts that several experiments share: each says its axes, its marks and its legend.

mod classes;
mod contour;
mod counts;
mod lines;
mod parallel;
mod rows;
mod study;
mod training;

pub use classes::{Picture, confusion_matrix, curves_of_shares, groups, pictures};
pub use contour::{contour, rank};
pub use counts::{Distribution, counts, distributions};
pub use lines::{Line, best_so_far_bands, scaling_lines};
pub use parallel::parallel_coordinates;
pub use rows::{Factor, comparison, one_at_a_time, overhang, parameter_importance};
pub use study::{empirical_distribution, intermediate_values, optimization_history, slice, timeline};
pub use training::{curves_by_epoch, predictions, stems};
