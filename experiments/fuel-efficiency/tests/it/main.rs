//! The run of `fuel-efficiency` as a user starts it.

/// What the module documentation of the program says to expect, and what its manifest cannot say.
mod expectation;
/// Rows are predicted by the committed report's weights, and those that do not fit are refused.
mod predict;
/// What the page says holds for the manifest that was run.
mod sentences;
