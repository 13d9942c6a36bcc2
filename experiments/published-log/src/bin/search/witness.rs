//! The witness as a file, written whole or not at all.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::network::{KERNELS, Order, UNITS};
use crate::task::Task;

const ABOUT: &str = "A run of the post's program whose log prints the post's twelve losses and accuracy: initial kernels \
                     as float32 bits, biases zero, and the order of the rows in every epoch.";

/// Writes the witness after engine `exact` has trained it again.
///
/// # Errors
/// If a line or the accuracy differs from the post's, or the file cannot be written.
pub fn write(task: &Task, out: &Path, kernels: &[f32; KERNELS], orders: &[Order]) -> anyhow::Result<()> {
    task.prove(kernels, orders).context("what was found is no witness")?;
    let cannot = || format!("cannot write {}", out.display());
    // Beside the file, so that renaming stays within one file system; the journal's lock keeps other searches away.
    let mut name = out.file_name().context("the witness needs a file name")?.to_os_string();
    name.push(".partial");
    let partial = out.with_file_name(name);
    fs::write(&partial, text(kernels, orders)).with_context(cannot)?;
    fs::rename(&partial, out).with_context(cannot)
}

/// One order a line; JSON numbers cannot hold float32 bits for certain, so weights are hexadecimal text.
fn text(kernels: &[f32; KERNELS], orders: &[Order]) -> String {
    let (first, second) = kernels.split_at(UNITS);
    let kernel = |kernel: &[f32]| list(kernel.iter().map(|weight| format!("\"{:08x}\"", weight.to_bits())), ", ");
    let orders = orders.iter().map(|order| format!("  {}", list(order.iter().map(u8::to_string), ",")));
    let orders = orders.collect::<Vec<_>>().join(",\n");
    format!(
        "{{\n \"about\": \"{ABOUT}\",\n \"kernel1\": {},\n \"kernel2\": {},\n \"orders\": [\n{orders}\n ]\n}}\n",
        kernel(first),
        kernel(second)
    )
}

fn list(items: impl Iterator<Item = String>, between: &str) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(between))
}
