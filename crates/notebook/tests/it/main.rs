//! Tests of the crate `notebook`; one binary, one module a subject.

/// The lines of the front page run.
mod front_page;
/// Numbers read as Python and Keras print them.
mod number;
/// Published numbers are compared as texts or within tolerances, and claims are clear.
mod published;
/// A folder appears whole or not at all, and has one writer.
mod staging;
/// Tables read back to the same bits, and short ones are shown whole.
mod tables;
