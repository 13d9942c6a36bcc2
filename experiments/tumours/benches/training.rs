//! The training of `tumours`: `cargo bench -p tumours`.

benchmark::training!("libtorch", "exact");
