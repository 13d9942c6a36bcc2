//! A search of 16 trials by the program of `grid-search`: `cargo bench -p grid-search`.

benchmark::program!("search.trials=16");
