//! Pruners: when to end a trial early. Each is a pure function of the history and of what the trial has reported.

mod halving;
mod median;

pub use halving::SuccessiveHalving;
pub use median::Median;

#[cfg(test)]
mod tests;
