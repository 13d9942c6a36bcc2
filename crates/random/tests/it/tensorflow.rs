use crate::golden::{bits32, check, integers, read};
use random::tensorflow::{OpSeeds, RandomShuffle, RandomUniform, set_seed, stateless_random_uniform, unit_f32};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Golden {
    eager: Vec<Eager>,
    explicit: Vec<Explicit>,
    graph: Vec<Traced>,
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
struct Explicit {
    seed: String,
    kernels: Vec<Kernel>,
    then: String,
}

#[derive(Deserialize)]
struct Kernel {
    op_seed: String,
    out: [String; 4],
}

#[derive(Deserialize)]
struct Traced {
    seed: String,
    runs: Vec<[String; 3]>,
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
            let values = RandomUniform::new(context.op_seeds()).call(*size, *low, *high);
            check(&bits32(&values), out, &format_args!("seed {seed}, call {number}"));
        }
    }
}

#[test]
fn eager_ops_with_equal_seeds_share_a_kernel_and_take_no_draw() {
    let entries = golden().explicit;
    assert_eq!(entries.len(), 14);
    for Explicit { seed, kernels, then } in entries {
        let mut context = set_seed(seed.parse().unwrap());
        let mut cache = HashMap::new();
        for Kernel { op_seed, out } in &kernels {
            let seeds = context.op_seeds_with(op_seed.parse().unwrap());
            let kernel = cache.entry(seeds).or_insert_with(|| RandomUniform::new(seeds));
            for (size, out) in [3, 16, 0, 7].into_iter().zip(out) {
                let values = kernel.call(size, 0.0, 1.0);
                check(&bits32(&values), out, &format_args!("seed {seed}, op seed {op_seed}, size {size}"));
            }
        }
        // Modulo 2^31 - 1 the five op seeds are three.
        assert_eq!((kernels.len(), cache.len()), (5, 3));
        let values = RandomUniform::new(context.op_seeds()).call(3, 0.0, 1.0);
        check(&bits32(&values), &then, &format_args!("seed {seed}, first op without a seed"));
    }
}

#[test]
fn ops_of_a_graph_are_numbered_and_keep_their_kernels() {
    let entries = golden().graph;
    assert_eq!(entries.len(), 14);
    for Traced { seed, runs } in entries {
        let mut graph = set_seed(seed.parse().unwrap()).graph();
        let mut first = RandomUniform::new(graph.op_seeds());
        let mut shuffle = RandomShuffle::new(graph.op_seeds());
        let mut second = RandomUniform::new(graph.op_seeds());
        assert_eq!(runs.len(), 3);
        for [five, order, two] in &runs {
            check(&bits32(&first.call(5, 0.0, 1.0)), five, &format_args!("seed {seed}, op 0"));
            let mut rows: Vec<u32> = (0..6).collect();
            shuffle.call(&mut rows);
            check(&integers(&rows), order, &format_args!("seed {seed}, op 1"));
            check(&bits32(&second.call(2, 0.0, 1.0)), two, &format_args!("seed {seed}, op 2"));
        }
    }
}

#[test]
fn shuffles_go_on_from_call_to_call() {
    let entries = golden().shuffles;
    assert_eq!(entries.len(), 30);
    for Shuffles { seed, op_seed, n, orders } in entries {
        let seeds = set_seed(seed.parse().unwrap()).op_seeds_with(op_seed.parse().unwrap());
        let mut shuffle = RandomShuffle::new(seeds);
        assert_eq!(orders.len(), 4);
        for (call, expected) in orders.iter().enumerate() {
            let mut rows: Vec<u32> = (0..n).collect();
            let mut skipping = RandomShuffle::new(seeds);
            skipping.skip_calls(call as u64, n as usize);
            let mut skipped = rows.clone();
            skipping.call(&mut skipped);
            shuffle.call(&mut rows);
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
