//! The training of `digits`: `cargo bench -p digits`.

benchmark::training!("libtorch", "exact");
