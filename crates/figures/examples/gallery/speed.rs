//! How fast the engines are, and how that grows with the size of the work.

use figures::{Error, ScalingLine, SpeedBar};

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
    Ok([bars()?, lines()?].concat())
}

fn bars() -> Result<Figures, Error> {
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

fn lines() -> Result<Figures, Error> {
    let sizes = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];
    let curves: Vec<[Vec<f64>; 3]> = ENGINES
        .iter()
        .enumerate()
        .map(|(k, &(_, median))| {
            let middle = sizes.map(|size| median / (1.0 + size / (4.0 + k as f64)) + 0.004 * median);
            [0.85, 1.0, 1.3].map(|factor| middle.iter().map(|value| factor * value).collect())
        })
        .collect();
    let line = |k: usize| {
        let [low, y, high] = curves[k].each_ref().map(Vec::as_slice);
        ScalingLine { name: ENGINES[k].0, x: &sizes, y, low, high }
    };
    let four = [0, 5, 9, 13].map(line);
    let limit = ScalingLine { name: "arithmetic limit", x: &[1.0, 1024.0], y: &[0.1; 2], low: &[], high: &[] };
    let many: Vec<ScalingLine<'_>> = (0..20).map(|k| line(k % 14)).collect();
    let holes = [f64::NAN, 3.0, 0.0, 2.0, 1.0, 7.0];
    let short = ScalingLine { name: LONG, x: &sizes[..3], y: &[3.0, 1.0, 0.9], low: &[], high: &[] };
    let odd = [ScalingLine { name: "with holes", y: &holes, ..line(3) }, short];
    let every: Vec<f64> = (1..=200).map(f64::from).collect();
    let dense = ScalingLine { name: "dense", x: &every, y: &every, low: &[], high: &[] };
    let one = ScalingLine { name: "one", x: &sizes[..1], y: &sizes[..1], low: &[], high: &[] };
    let draw = |title, lines: &[ScalingLine<'_>], limit| {
        let labels = ("trials in one sweep", "microseconds per training step and trial");
        figures::scaling_lines(title, "32 samples a step, 16 units", labels.0, labels.1, lines, limit)
    };
    Ok(vec![
        ("scaling_lines", draw("Sweeps of many trials cost less a trial", &four, Some(limit))?),
        ("odd_scaling_many", draw("Twenty lines", &many, Some(limit))?),
        ("odd_scaling_holes", draw("Missing values and a short line", &odd, None)?),
        ("odd_scaling_dense", draw("Two hundred sizes", &[dense], None)?),
        ("odd_scaling_one", draw("One value", &[one], None)?),
    ])
}
