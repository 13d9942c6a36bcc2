//! The program of `one-at-a-time`: `cargo bench -p one-at-a-time`.

benchmark::program!("factors.seeds=5");
