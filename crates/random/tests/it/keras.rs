use std::collections::BTreeMap;

use crate::golden::{bits32, check, integers, read, sha256};
use random::keras::{Distribution, EpochOrders, Fan, Initializers, VarianceScaling};
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

/// First and last weight of five kernels, `[3, 17]`, `[17, 64]`, `[64, 5]`, `[5, 7]` and `[7, 1]`, as TensorFlow 2.12.1 drew them, and
/// after `set_random_seed` Keras 3.15.1 on TensorFlow 2.21 too.
#[test]
fn normal_kernels_and_other_scales_agree() {
    let [uniform, normal] = [Distribution::Uniform, Distribution::TruncatedNormal];
    let kernels = [
        (2.0, Fan::In, normal, [3, 17]),
        (1.0, Fan::Average, normal, [17, 64]),
        (1.0, Fan::In, uniform, [64, 5]),
        (2.0, Fan::In, uniform, [5, 7]),
        (1.0, Fan::In, normal, [7, 1]),
    ];
    for (legacy, seed, expected) in [
        (
            true,
            0,
            [
                [0x3fb3_88f0, 0xbe6a_378e],
                [0x3e43_28e4, 0x3d5e_cf8f],
                [0xbe07_24cc, 0xbc06_8b20],
                [0xbf36_34c6, 0xbf20_d313],
                [0x3f31_89ff, 0xbebd_9f22],
            ],
        ),
        (
            true,
            7,
            [
                [0x3f0e_2ee1, 0xbc3f_de49],
                [0xbe97_c18d, 0x3c95_d616],
                [0xbddc_56f1, 0x3e27_f0fb],
                [0xbef5_791a, 0xbebd_ea76],
                [0x3d22_220d, 0xbd94_8109],
            ],
        ),
        (
            true,
            42,
            [
                [0x3e9b_a187, 0x3dec_14d5],
                [0x3c76_8265, 0x3dda_30e2],
                [0x3dd6_0c22, 0xbdd1_b2f7],
                [0x3f06_bcde, 0xbd6f_60a0],
                [0x3b82_30d4, 0xbf28_cf78],
            ],
        ),
        (
            false,
            0,
            [
                [0x3f7e_dd46, 0xbe99_016b],
                [0x3e81_dac8, 0x3e13_0bf3],
                [0x3d8d_3342, 0xbcf4_ec90],
                [0xbeac_e504, 0xbdab_5b80],
                [0x3f00_b8be, 0x3eb4_50fb],
            ],
        ),
        (
            false,
            7,
            [
                [0xbfb2_8f06, 0xbf48_78d5],
                [0xbd41_fbf1, 0xbe16_b52b],
                [0x3e58_bfab, 0x3ddc_dd62],
                [0x3f46_a94e, 0xbec2_b3d0],
                [0x3e79_ae64, 0xbe5d_14dc],
            ],
        ),
        (
            false,
            42,
            [
                [0xbee0_37ac, 0xbf5e_2725],
                [0x3b87_75bb, 0xbd55_a187],
                [0x3e18_0557, 0xbd0c_5f74],
                [0x3f31_3474, 0x3f5a_9008],
                [0x3d1a_27cc, 0x3ee0_1566],
            ],
        ),
    ] {
        let mut initializers =
            if legacy { Initializers::tf_legacy(seed) } else { Initializers::keras_set_random_seed(seed) };
        for ((scale, fan, distribution, [inputs, units]), ends) in kernels.into_iter().zip(expected) {
            let kernel = initializers.kernel(VarianceScaling { scale, fan, distribution }, inputs, units);
            assert_eq!(kernel.len(), inputs * units);
            let bits = [kernel[0], kernel[kernel.len() - 1]].map(f32::to_bits);
            assert_eq!(bits, ends, "{legacy}, seed {seed}, {inputs} by {units}");
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

/// Keras 3 has the first order in every epoch.
#[test]
fn repeated_orders_are_the_first_one() {
    let (mut first, mut order) = ([0; 37], [0; 37]);
    EpochOrders::new(5, 37).fill(&mut first);
    let mut orders = EpochOrders::repeated(5, 37);
    for epoch in 0..3 {
        orders.fill(&mut order);
        assert_eq!(order, first, "epoch {epoch}");
        orders.skip(4);
    }
}

#[test]
#[should_panic(expected = "an order has one entry a sample")]
fn an_order_of_another_length_panics() {
    EpochOrders::new(0, 3).fill(&mut [0; 4]);
}
