use crate::golden::{check, integers, read};
use random::cpython::{EmptyRange, Random};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    streams: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    seed: String,
    getrandbits: Vec<(u32, String)>,
    randint: Vec<(String, String, String)>,
    thousand_op_seeds: String,
}

#[test]
fn streams_agree_draw_by_draw() {
    let golden: Golden = read("cpython.json");
    assert_eq!(golden.streams.len(), 19);
    for Recorded { seed, getrandbits, randint, thousand_op_seeds } in golden.streams {
        let mut random = Random::new(seed.parse().unwrap());
        for (k, out) in getrandbits {
            check(&random.getrandbits(k).to_string(), &out, &format_args!("seed {seed}, {k} bits"));
        }
        for (a, b, out) in randint {
            let (low, high) = (a.parse().unwrap(), b.parse().unwrap());
            let draws: Vec<_> = (0..4).map(|_| random.randint(low, high).unwrap()).collect();
            check(&integers(&draws), &out, &format_args!("seed {seed}, randint({a}, {b})"));
        }
        let draws: Vec<_> = (0..1000).map(|_| random.randint(0, i64::from(i32::MAX)).unwrap()).collect();
        check(&integers(&draws), &thousand_op_seeds, &format_args!("seed {seed}, op seeds"));
    }
}

#[test]
fn an_empty_range_is_refused() {
    let error = Random::new(0).randint(5, 2).unwrap_err();
    assert_eq!(error, EmptyRange { a: 5, b: 2 });
    assert_eq!(error.to_string(), "empty range in randint(5, 2)");
}

#[test]
#[should_panic(expected = "k must be <= 128, got 129")]
fn more_than_128_bits_panic() {
    Random::new(0).getrandbits(129);
}
