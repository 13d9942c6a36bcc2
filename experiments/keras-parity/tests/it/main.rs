//! The run of `keras-parity` as a user starts it.

/// Guards that the figures of this experiment hide nothing and take odd numbers.
mod charts;
/// What the module documentation of the program says to expect.
mod expectation;
/// What the page says holds for what was compared.
mod sentences;
