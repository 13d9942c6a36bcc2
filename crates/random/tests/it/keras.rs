use std::collections::BTreeMap;

use crate::golden::{bits32, check, integers, read, sha256};
use random::keras::{EpochOrders, Initializers};
use serde::Deserialize;

/// The part of tensorflow.json that Keras models wrote.
#[derive(Deserialize)]
struct Models {
    kernels: Vec<Kernels>,
    orders: Vec<Orders>,
}

#[derive(Deserialize)]
struct Kernels {
    flow: String,
    seed: i64,
    widths: Vec<usize>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Orders {
    seed: i64,
    samples: usize,
    batch_size: usize,
    epochs: Vec<String>,
}

#[test]
fn kernels_of_keras_models_agree() {
    let models: Models = read("tensorflow.json");
    assert_eq!(models.kernels.len(), 120);
    for Kernels { flow, seed, widths, layers } in models.kernels {
        let mut initializers = match flow.as_str() {
            "tf_legacy" => Initializers::tf_legacy(seed),
            "keras_set_random_seed" => Initializers::keras_set_random_seed(seed),
            other => panic!("no flow {other}"),
        };
        assert_eq!(layers.len() + 1, widths.len());
        for (pair, expected) in widths.windows(2).zip(&layers) {
            let kernel = initializers.glorot_uniform(pair[0], pair[1]);
            check(&bits32(&kernel), expected, &format_args!("{flow}, seed {seed}, {widths:?}, layer {pair:?}"));
        }
    }
}

#[test]
fn orders_are_those_that_fit_feeds_whatever_the_batch_size() {
    let models: Models = read("tensorflow.json");
    assert_eq!(models.orders.len(), 90);
    for Orders { seed, samples, batch_size, epochs } in models.orders {
        let mut orders = EpochOrders::new(seed, samples);
        let mut order = vec![0; samples];
        assert!(epochs.len() >= 3);
        for (epoch, expected) in epochs.iter().enumerate() {
            orders.fill(&mut order);
            let what = format_args!("seed {seed}, {samples} samples by {batch_size}, epoch {epoch}");
            check(&integers(&order), expected, &what);
        }
    }
}

/// keras.json: a hundred epochs of the blog post's program, on 100 samples.
#[derive(Deserialize)]
struct Published {
    orders: BTreeMap<String, HundredOrders>,
}

#[derive(Deserialize)]
struct HundredOrders {
    epoch1: Vec<u32>,
    epoch2: Vec<u32>,
    epoch100: Vec<u32>,
    sha256_all100: String,
}

#[test]
fn the_posts_program_visits_its_samples_in_the_published_orders() {
    let published: Published = read("keras.json");
    assert_eq!(published.orders.len(), 6);
    for (seed, expected) in published.orders {
        let seed = seed.parse().unwrap();
        let (mut epochs, mut order, mut all) = (EpochOrders::new(seed, 100), [0; 100], Vec::new());
        for _ in 0..100 {
            epochs.fill(&mut order);
            all.extend(order.map(|index| index as u8));
        }
        assert_eq!(sha256(&all), expected.sha256_all100, "seed {seed}");
        epochs.restart(seed);
        for (skipped, expected) in [(0, expected.epoch1), (0, expected.epoch2), (97, expected.epoch100)] {
            epochs.skip(skipped);
            epochs.fill(&mut order);
            assert_eq!(order[..], expected, "seed {seed}");
        }
    }
}

#[test]
#[should_panic(expected = "an order has one entry a sample")]
fn an_order_of_another_length_panics() {
    EpochOrders::new(0, 3).fill(&mut [0; 4]);
}
