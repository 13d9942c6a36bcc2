//! A search of 16 trials by the program of `random-search`: `cargo bench -p random-search`.

benchmark::program!("search.trials=16");
