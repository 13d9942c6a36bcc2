use crate::golden::read;
use random::philox::{Stream, philox4x32_10};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    philox_kat: Vec<KnownAnswer>,
}

#[derive(Deserialize)]
struct KnownAnswer {
    ctr: [String; 4],
    key: [String; 2],
    out: [String; 4],
}

fn words<const N: usize>(hex: &[String; N]) -> [u32; N] {
    std::array::from_fn(|i| u32::from_str_radix(&hex[i], 16).unwrap())
}

#[test]
fn blocks_are_the_published_known_answers() {
    let golden: Golden = read("keras.json");
    assert_eq!(golden.philox_kat.len(), 3);
    for KnownAnswer { ctr, key, out } in &golden.philox_kat {
        assert_eq!(philox4x32_10(words(ctr), words(key)), words(out), "counter {ctr:?}, key {key:?}");
    }
}

#[test]
fn a_stream_is_its_blocks_in_order_with_a_128_bit_counter() {
    let key = [7, 8];
    let counters = [[u32::MAX, u32::MAX, 1, 2], [0, 0, 2, 2], [1, 0, 2, 2]];
    let expected: Vec<u32> = counters.iter().flat_map(|&counter| philox4x32_10(counter, key)).collect();
    let walked: Vec<u32> = Stream::new(counters[0], key).take(12).collect();
    assert_eq!(walked, expected);

    let mut wrapping = Stream::new([u32::MAX; 4], key).skip(4);
    assert_eq!(wrapping.next(), Some(philox4x32_10([0; 4], key)[0]));
}

#[test]
fn a_skip_lands_where_walking_does() {
    let start = Stream::new([u32::MAX - 2, 0, 5, 0], [1, 2]);
    for walked in 0..6 {
        for blocks in 0..7 {
            let mut jumper = start.clone();
            for _ in 0..walked {
                jumper.next_u32();
            }
            jumper.skip_blocks(blocks);
            let jumped: Vec<u32> = jumper.take(9).collect();
            let expected: Vec<u32> = start.clone().skip(walked + 4 * blocks as usize).take(9).collect();
            assert_eq!(jumped, expected, "{walked} words, then {blocks} blocks");
        }
    }
}
