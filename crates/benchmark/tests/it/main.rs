//! Tests of the crate `benchmark`.

/// That the loop to compare with does the same work as engine `libtorch`.
mod stock;
