//! A study of 256 seeds by the program of `seed-study`: `cargo bench -p seed-study`.

benchmark::program!("seed_scan.last=255");
