//! The training of `{{ name }}`: `cargo bench -p {{ name }}`.

benchmark::training!();
