//! The training of `training-speed`: `cargo bench -p training-speed`.

benchmark::training!();
