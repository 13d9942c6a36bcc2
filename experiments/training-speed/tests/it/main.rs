//! The runs of `training-speed` as a user starts them.

mod measure;
mod report;
