//! The program of `search-comparison`: `cargo bench -p search-comparison`.

benchmark::program!("comparison.seeds=1", "search.trials=14");
