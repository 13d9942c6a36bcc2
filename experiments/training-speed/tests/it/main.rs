//! The runs of `training-speed` as a user starts them.

mod measure;
mod report;
// That the loop to compare with does the same work as engine `libtorch`.
mod stock;
