//! Tests of the figures.

/// Guards where data ends up in the charts: positions, heights, colours, notes.
mod charts;
/// Guards that a figure is the same bytes everywhere, and that nothing of it is cut off.
mod golden;
/// Guards which inputs are refused, and that odd ones never panic; has a table of all charts.
mod inputs;
/// Guards where lines, areas, points, bars and cells end up on each kind of axis.
mod marks;
/// Reads pictures back.
mod picture;
/// Guards where the trials of a study end up.
mod trials;
