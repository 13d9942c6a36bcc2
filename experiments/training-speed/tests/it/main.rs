//! The runs of `training-speed` as a user starts them.

/// Guards the order of the bars, and that they take odd numbers.
mod bars;
mod measure;
mod report;
// That the loop to compare with does the same work as engine `libtorch`.
mod stock;
/// What the page says holds for the record that is drawn.
mod words;
