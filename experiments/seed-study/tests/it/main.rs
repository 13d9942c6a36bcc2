//! The run of `seed-study` as a user starts it.

/// Guards the rows of the figures of this experiment, and that they take odd numbers.
mod charts;
/// What the module documentation of the program says to expect.
mod expectation;
/// Parts of the study: any partition, order and restart, and what is refused.
mod parts;
