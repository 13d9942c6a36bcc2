//! Numbers and lines as Python and Keras print them.

use std::time::Duration;

/// `repr` of a Python float: the shortest digits that read back to the same float64, with an exponent of at
/// least two digits below 1e-4 and from 1e16 on.
pub fn python_repr(value: f64) -> String {
    if !value.is_finite() {
        return format!("{value}").to_lowercase();
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("an exponent");
    let exponent: i32 = exponent.parse().expect("a whole exponent");
    if (-4..16).contains(&exponent) { format!("{value:?}") } else { with_exponent(digits, exponent) }
}

/// A loss as Keras' progress line prints it: `%.4f` above 1e-3, `%.4e` otherwise.
pub fn printed_loss(loss: f64) -> String {
    if loss.abs() > 1e-3 || !loss.is_finite() {
        return format!("{loss:.4}").to_lowercase();
    }
    let text = format!("{loss:.4e}");
    let (digits, exponent) = text.split_once('e').expect("an exponent");
    with_exponent(digits, exponent.parse().expect("a whole exponent"))
}

/// Keras' line for an epoch of `steps` batches that took `time`.
pub(crate) fn epoch_line(steps: usize, loss: f64, time: Duration) -> String {
    let per_step = match (time / steps.max(1) as u32).as_micros() {
        micros @ 0..1_000 => format!("{micros}us"),
        micros => format!("{}ms", micros / 1_000),
    };
    let bar = "=".repeat(30);
    format!("{steps}/{steps} [{bar}] - {}s {per_step}/step - loss: {}", time.as_secs(), printed_loss(loss))
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
