//! The training of `fuel-efficiency`: `cargo bench -p fuel-efficiency`.

benchmark::training!("libtorch", "exact");
