//! The training of `standardized-relu`: `cargo bench -p standardized-relu`.

benchmark::training!();
