//! The machine that timings are taken on.

use anyhow::Context as _;
use benchmark::{load, processor};
use keras::Peak;

use training_speed::record::Machine;

/// This machine, its peak measured now.
///
/// # Errors
/// If the system does not tell how many cores there are.
pub fn here() -> anyhow::Result<Machine> {
    let load = [load(); 2];
    let Peak { instructions, flops_per_second } = keras::peak();
    let cores = std::thread::available_parallelism().context("cannot count the cores")?.get();
    Ok(Machine { processor: processor(), cores, instructions: instructions.to_owned(), flops_per_second, load })
}
