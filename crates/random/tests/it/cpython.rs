use crate::golden::{check, integers, read};
use random::cpython::Random;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    streams: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    seed: String,
    randint: Vec<(String, String, String)>,
    thousand_op_seeds: String,
}

#[test]
fn streams_agree_draw_by_draw() {
    let golden: Golden = read("cpython.json");
    assert_eq!(golden.streams.len(), 19);
    for Recorded { seed, randint, thousand_op_seeds } in golden.streams {
        let mut random = Random::new(seed.parse().unwrap());
        for (a, b, out) in randint {
            let (low, high) = (a.parse().unwrap(), b.parse().unwrap());
            let draws: Vec<_> = (0..4).map(|_| random.randint(low, high)).collect();
            check(&integers(&draws), &out, &format_args!("seed {seed}, randint({a}, {b})"));
        }
        let draws: Vec<_> = (0..1000).map(|_| random.randint(0, i64::from(i32::MAX))).collect();
        check(&integers(&draws), &thousand_op_seeds, &format_args!("seed {seed}, op seeds"));
    }
}

#[test]
#[should_panic(expected = "empty range in randint(5, 2)")]
fn an_empty_range_panics() {
    Random::new(0).randint(5, 2);
}
