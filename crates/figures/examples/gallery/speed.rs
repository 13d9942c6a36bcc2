//! How fast the engines are, and how that grows with the size of the work.

use figures::{Error, SpeedBar};

use crate::{Figures, LONG};

/// Medians as a study of many engines has them: ours first.
const ENGINES: [(&str, f64); 14] = [
    ("exact engine, 16 trials in one sweep", 0.18),
    ("exact engine, one trial", 0.36),
    ("plain loop, AVX2", 0.33),
    ("plain loop, SSE2", 0.48),
    ("JAX, vmap over 256 trials", 3.21),
    ("JAX, jit and scan", 6.2),
    ("libtorch, without autograd", 35.4),
    ("Burn, ndarray", 61.0),
    ("Candle", 84.3),
    ("libtorch, autograd", 119.0),
    ("PyTorch, compiled", 211.0),
    ("PyTorch, eager", 547.0),
    ("Keras 3 on JAX", 874.0),
    ("Keras 2.12 on TensorFlow", 1610.0),
];

pub fn figures() -> Result<Figures, Error> {
    let bar = |(name, median): (&'static str, f64)| SpeedBar { name, low: 0.94 * median, median, high: 1.21 * median };
    let bars = ENGINES.map(bar);
    let limit = Some(("arithmetic limit, 0.1 µs", 0.1));
    let long = ENGINES.map(|(_, median)| bar((LONG, median * 1e6)));
    let odd = [
        bar(("diverged", f64::NAN)),
        bar((LONG, 0.0)),
        SpeedBar { high: f64::NAN, ..bar(("without a whisker", 3.0)) },
        bar(("fast", 1.2)),
    ];
    let speed = |title, bars, limit, ours| figures::speed_bars(title, "32 samples a step, 16 units", bars, limit, ours);
    Ok(vec![
        ("speed_bars", speed("A step takes a fraction of a microsecond", &bars, limit, &[0, 1])?),
        ("odd_speed_long", speed("Long names, no limit", &long, None, &[])?),
        ("odd_speed_missing", speed("Missing values", &odd, Some((LONG, 1.0)), &[3])?),
        ("odd_speed_one", speed("One engine", &bars[..1], limit, &[0])?),
        ("odd_speed_many", speed("Forty rows", &[bars[3]; 40], limit, &[7])?),
    ])
}
