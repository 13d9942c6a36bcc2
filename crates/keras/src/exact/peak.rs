//! How many float32 operations a second the processor can do at most: what no training can be faster than.

use std::hint::black_box;
use std::time::Instant;

use super::instructions::{Instructions, Level};
use super::lanes::{LANES, Lanes};
use super::step;

/// The most operations a second that one core was seen to do, and the instructions that engine `exact` uses on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// The name of the instruction set.
    pub instructions: &'static str,
    /// Float32 operations a second; a fused multiply-add is two.
    pub flops_per_second: f64,
}

/// Rounds of one measurement: some tenths of a millisecond.
const ROUNDS: u32 = 100_000;

/// Measures this core: independent fused multiply-adds between registers, for about a tenth of a second.
pub fn peak() -> Peak {
    let rates = Instructions::available().flat_map(|instructions| (0..50).map(move |_| rate(instructions)));
    Peak { instructions: Instructions::fastest().name(), flops_per_second: rates.fold(0.0, f64::max) }
}

fn rate(instructions: Instructions) -> f64 {
    let start = Instant::now();
    let rounds = if instructions.level() == Level::Portable { ROUNDS / 100 } else { ROUNDS };
    step::chains(instructions, rounds) / start.elapsed().as_secs_f64()
}

/// Runs `N` chains of fused multiply-adds side by side; returns how many operations that were.
#[inline(always)]
pub(super) unsafe fn chains<L: Lanes, const N: usize>(rounds: u32) -> f64 {
    let (factor, term) = (L::splat(black_box(0.5)), L::splat(black_box(0.5)));
    let mut chains = [L::splat(black_box(1.0)); N];
    for _ in 0..rounds {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, term);
        }
    }
    let mut total = [0.0; LANES];
    for chain in chains {
        chain.store(total.as_mut_ptr());
        black_box(&total);
    }
    f64::from(rounds) * 2.0 * (N * LANES) as f64
}
