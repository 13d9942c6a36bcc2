//! A search of 16 trials by the program of `bayesian-search`: `cargo bench -p bayesian-search`.

benchmark::program!("search.trials=16");
