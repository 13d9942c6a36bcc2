use crate::golden::{bits32, check, integers, read};
use random::tensorflow::{
    OpSeeds, RandomShuffle, Reciprocal, random_uniform, set_seed, stateless_random_uniform, unit_f32,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    eager: Vec<Eager>,
    shuffles: Vec<Shuffles>,
    stateless: Vec<Stateless>,
}

#[derive(Deserialize)]
struct Eager {
    seed: String,
    calls: Vec<Uniform>,
}

#[derive(Deserialize)]
struct Uniform {
    size: usize,
    low: f64,
    high: f64,
    out: String,
}

#[derive(Deserialize)]
struct Shuffles {
    seed: String,
    op_seed: String,
    n: u32,
    orders: Vec<String>,
}

#[derive(Deserialize)]
struct Stateless {
    seed: [String; 2],
    #[serde(flatten)]
    uniform: Uniform,
}

fn golden() -> Golden {
    read("tensorflow.json")
}

#[test]
fn eager_ops_without_a_seed_take_one_draw_each() {
    let entries = golden().eager;
    assert_eq!(entries.len(), 14);
    for Eager { seed, calls } in entries {
        let mut context = set_seed(seed.parse().unwrap());
        assert_eq!(calls.len(), 6);
        for (number, Uniform { size, low, high, out }) in calls.iter().enumerate() {
            let values = random_uniform(context.op_seeds(), *size, *low, *high);
            check(&bits32(&values), out, &format_args!("seed {seed}, call {number}"));
        }
    }
}

#[test]
fn shuffles_go_on_from_call_to_call() {
    let entries = golden().shuffles;
    assert_eq!(entries.len(), 30);
    for Shuffles { seed, op_seed, n, orders } in entries {
        let seeds = OpSeeds::new(seed.parse().unwrap(), op_seed.parse().unwrap());
        let reciprocals = Reciprocal::of_order(n as usize);
        let mut shuffle = RandomShuffle::new(seeds);
        assert_eq!(orders.len(), 4);
        for (call, expected) in orders.iter().enumerate() {
            let mut skipping = RandomShuffle::new(seeds);
            skipping.skip_calls(call as u64, n as usize);
            let (mut rows, mut skipped) = (vec![0; n as usize], vec![0; n as usize]);
            skipping.order(&mut skipped, &reciprocals);
            shuffle.order(&mut rows, &reciprocals);
            check(&integers(&rows), expected, &format_args!("seed {seed}, op seed {op_seed}, n {n}, call {call}"));
            assert_eq!(skipped, rows, "after {call} skipped calls");
        }
    }
}

#[test]
fn stateless_values_depend_on_both_words_of_both_seeds() {
    let entries = golden().stateless;
    assert_eq!(entries.len(), 40);
    for Stateless { seed, uniform: Uniform { size, low, high, out } } in entries {
        let pair = [seed[0].parse().unwrap(), seed[1].parse().unwrap()];
        let values = stateless_random_uniform(pair, size, low, high);
        check(&bits32(&values), &out, &format_args!("seed {seed:?}, size {size}"));
    }
}

#[test]
fn op_seeds_are_never_both_zero() {
    let last = i64::from(i32::MAX);
    assert_eq!(OpSeeds::new(0, 0), OpSeeds { seed: 0, seed2: last });
    assert_eq!(OpSeeds::new(last, -last), OpSeeds { seed: 0, seed2: last });
    assert_eq!(OpSeeds::new(-1, last + 3), OpSeeds { seed: last - 1, seed2: 3 });
}

#[derive(Deserialize)]
struct Conversion {
    u32: String,
    f32: String,
}

#[derive(Deserialize)]
struct Conversions {
    u32_to_f32: Vec<Conversion>,
}

#[test]
fn a_word_becomes_a_float_by_its_low_23_bits() {
    let golden: Conversions = read("keras.json");
    assert_eq!(golden.u32_to_f32.len(), 7);
    for Conversion { u32, f32 } in golden.u32_to_f32 {
        let value = unit_f32(u32::from_str_radix(&u32, 16).unwrap());
        check(&bits32(&[value]), &f32, &format_args!("word {u32}"));
    }
}
