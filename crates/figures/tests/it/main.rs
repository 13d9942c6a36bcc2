//! Tests of the figures.

/// Guards where data ends up in the picture: positions, heights, colours, notes.
mod charts;
/// Guards that a figure is the same bytes everywhere, and that nothing of it is cut off.
mod golden;
/// Guards which inputs are refused, and that odd ones never panic.
mod inputs;
/// Reads pictures back.
mod picture;
/// One figure of each chart.
mod samples;
/// Guards the charts of speed.
mod speed;
/// Guards where the data of comparisons and studies end up.
mod studies;
/// Guards which trials, parameters and curves are refused, and that odd ones never panic.
mod trial_inputs;
/// One figure of each chart of trials.
mod trial_samples;
/// Guards where the trials of a study end up.
mod trials;
