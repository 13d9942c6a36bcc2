//! The run of `tumours` as a user starts it.

/// What the module documentation of the program says to expect, and what its manifest cannot say.
mod expectation;
