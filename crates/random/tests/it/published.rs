use crate::golden::{bits32, read, sha256};
use random::cpython::Random;
use random::keras::{EpochOrders, Initializers};
use random::numpy::RandomState;
use random::tensorflow::{OpSeeds, RandomShuffle, Reciprocal, random_uniform, set_seed, stateless_random_uniform};
use serde::Deserialize;
use std::collections::BTreeMap;

type BySeed<T> = BTreeMap<String, T>;

/// keras.json: runs of the blog post's program, Dense(16) and Dense(1) on 100 samples of one feature.
#[derive(Deserialize)]
struct Published {
    data: Data,
    mt19937: BySeed<Draws>,
    op_vectors: OpVectors,
    seeds: BySeed<Run>,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Data {
    np_seed: u32,
    X_train: Vec<i64>,
    X_test: Vec<i64>,
}

#[derive(Deserialize)]
struct Draws {
    randint_0_2147483647: Vec<i64>,
    randint_1_1000000000: Vec<i64>,
}

#[derive(Deserialize)]
struct OpVectors {
    eager_unseeded_uniform5: BySeed<Vec<Vec<String>>>,
    eager_shuffle_global9_op3: BTreeMap<u32, Vec<Vec<u32>>>,
    stateless_uniform8: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Run {
    legacy: Legacy,
    pyrandom: Pyrandom,
    shuffle: Shuffle,
}

#[derive(Deserialize)]
struct Legacy {
    op_seed_pairs: Vec<[i64; 2]>,
    kernel1: Vec<String>,
    kernel2: Vec<String>,
}

#[derive(Deserialize)]
struct Pyrandom {
    layer_seeds: Vec<i64>,
    kernel1: Vec<String>,
    kernel2: Vec<String>,
}

#[derive(Deserialize)]
struct Shuffle {
    seed_pair: [i64; 2],
    epoch1: Vec<u32>,
    epoch2: Vec<u32>,
    epoch100: Vec<u32>,
    sha256_all100: String,
}

fn published() -> Published {
    read("keras.json")
}

#[test]
fn the_posts_program_starts_from_the_published_weights() {
    let published = published();
    assert_eq!(published.seeds.len(), 6);
    for (seed, Run { legacy, pyrandom, .. }) in &published.seeds {
        let seed = seed.parse().unwrap();
        let mut context = set_seed(seed);
        for pair in &legacy.op_seed_pairs {
            let seeds = context.op_seeds();
            assert_eq!([seeds.seed, seeds.seed2], *pair, "seed {seed}");
        }
        let mut weights = Initializers::tf_legacy(seed);
        assert_eq!(bits32(&weights.glorot_uniform(1, 16)), legacy.kernel1.join(" "), "seed {seed}");
        assert_eq!(bits32(&weights.glorot_uniform(16, 1)), legacy.kernel2.join(" "), "seed {seed}");

        let mut random = Random::new(seed);
        for layer_seed in &pyrandom.layer_seeds {
            assert_eq!(random.randint(1, 1_000_000_000), *layer_seed, "seed {seed}");
        }
        let mut weights = Initializers::keras_set_random_seed(seed);
        assert_eq!(bits32(&weights.glorot_uniform(1, 16)), pyrandom.kernel1.join(" "), "seed {seed}");
        assert_eq!(bits32(&weights.glorot_uniform(16, 1)), pyrandom.kernel2.join(" "), "seed {seed}");
    }
}

#[test]
fn the_posts_program_visits_its_samples_in_the_published_orders() {
    let published = published();
    assert_eq!(published.seeds.len(), 6);
    for (seed, Run { shuffle, .. }) in &published.seeds {
        let seed = seed.parse().unwrap();
        let seeds = OpSeeds::new(seed, 0);
        assert_eq!([seeds.seed, seeds.seed2], shuffle.seed_pair);

        let mut epochs = EpochOrders::new(seed, 100);
        let mut all = Vec::new();
        let mut order = [0; 100];
        for _ in 0..100 {
            epochs.fill(&mut order);
            all.extend(order.map(|index| index as u8));
            if all.len() == 100 {
                assert_eq!(order[..], shuffle.epoch1, "seed {seed}");
            }
        }
        assert_eq!(sha256(&all), shuffle.sha256_all100, "seed {seed}");

        let mut skipping = EpochOrders::new(seed, 100);
        skipping.skip(1);
        skipping.fill(&mut order);
        assert_eq!(order[..], shuffle.epoch2, "seed {seed}");
        skipping.skip(97);
        skipping.fill(&mut order);
        assert_eq!(order[..], shuffle.epoch100, "seed {seed}");
    }
}

#[test]
fn the_posts_data_come_from_two_calls_of_randint() {
    let data = published().data;
    let mut state = RandomState::new(data.np_seed);
    assert_eq!(state.randint(0, 100, 100), data.X_train);
    assert_eq!(state.randint(100, 200, 20), data.X_test);
}

#[test]
fn published_draws_of_python_agree() {
    let published = published();
    assert_eq!(published.mt19937.len(), 7);
    for (seed, draws) in &published.mt19937 {
        let random = || Random::new(seed.parse().unwrap());
        let (mut ops, mut layers) = (random(), random());
        let op_seeds: Vec<_> = (0..8).map(|_| ops.randint(0, 2_147_483_647)).collect();
        assert_eq!(op_seeds, draws.randint_0_2147483647, "seed {seed}");
        let layer_seeds: Vec<_> = (0..8).map(|_| layers.randint(1, 1_000_000_000)).collect();
        assert_eq!(layer_seeds, draws.randint_1_1000000000, "seed {seed}");
    }
}

#[test]
fn published_vectors_of_single_ops_agree() {
    let vectors = published().op_vectors;

    assert_eq!(vectors.eager_unseeded_uniform5.len(), 8);
    for (seed, calls) in &vectors.eager_unseeded_uniform5 {
        assert_eq!(calls.len(), 3);
        let mut context = set_seed(seed.parse().unwrap());
        for call in calls {
            let values = random_uniform(context.op_seeds(), 5, 0.0, 1.0);
            assert_eq!(bits32(&values), call.join(" "), "seed {seed}");
        }
    }

    assert_eq!(vectors.eager_shuffle_global9_op3.len(), 5);
    for (n, orders) in &vectors.eager_shuffle_global9_op3 {
        let mut shuffle = RandomShuffle::new(OpSeeds::new(9, 3));
        for order in orders {
            let mut rows = vec![0; *n as usize];
            shuffle.order(&mut rows, &Reciprocal::of_order(*n as usize));
            assert_eq!(rows, *order, "n {n}");
        }
    }

    assert_eq!(vectors.stateless_uniform8.len(), 5);
    for (seed, expected) in &vectors.stateless_uniform8 {
        let (a, b) = seed.split_once(',').unwrap();
        let values = stateless_random_uniform([a.parse().unwrap(), b.parse().unwrap()], 8, 0.0, 1.0);
        assert_eq!(bits32(&values), expected.join(" "), "seed {seed}");
    }
}
