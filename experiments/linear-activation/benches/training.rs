//! The training of `linear-activation`: `cargo bench -p linear-activation`.

benchmark::training!("libtorch", "exact");
