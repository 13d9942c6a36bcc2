//! The training of `raw-relu`: `cargo bench -p raw-relu`.

benchmark::training!();
