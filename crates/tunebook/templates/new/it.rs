//! The run of `{{ name }}` as a user starts it.

/// What to expect of the network.
mod expectation;
