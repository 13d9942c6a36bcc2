//! Tests of the crate `benchmark`.

/// That programs do not carry what only benches need.
mod dependencies;
/// That the loop to compare with does the same work as engine `libtorch`.
mod stock;
