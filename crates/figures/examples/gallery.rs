//! Draws every chart with sample data into a folder, common cases and odd ones:
//! `cargo run --release -p figures --example gallery -- FOLDER`.

use std::path::PathBuf;

use figures::{Curve, Error, Point};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: gallery FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    for (name, png) in [common()?, odd_losses()?, odd_results()?].concat() {
        std::fs::write(folder.join(format!("{name}.png")), png)?;
    }
    Ok(())
}

type Figures = Vec<(&'static str, Vec<u8>)>;

/// What the experiments draw.
fn common() -> Result<Figures, Error> {
    let epochs: Vec<u32> = (1..=3000).collect();
    let slow = falling(&epochs, 0.002, 1e-6);
    let fast = falling(&epochs, 0.012, 2e-11);
    let noisy: Vec<f64> = (0..3000).map(|k| fast[k] * (1.0 + 0.8 * noise(k))).collect();
    let steady = falling(&epochs, 0.005, 4e-9);
    let curve = |name, loss| Curve { name, epoch: &epochs, loss };
    let published: Vec<Point> =
        (0..=10).map(|k| (k * 300).max(1)).map(|epoch| Point { x: epoch as f64, y: noisy[epoch - 1] }).collect();
    let x: Vec<f64> = (0..20).map(|k| -10.0 + f64::from(k) * 20.0 / 19.0).collect();
    let label: Vec<f64> = x.iter().map(|x| x * x).collect();
    let gap: Vec<f64> = (0..20).map(|k| 3.1e-5 * noise(k)).collect();
    let predict: Vec<f64> = (0..20).map(|k| label[k] + 2.0 * noise(k)).collect();
    Ok(vec![
        (
            "training_loss",
            figures::training_loss(
                "The loss falls by ten orders of magnitude",
                "x² learned from 100 points, seed 7, Adam with a decaying learning rate",
                &[curve("this run", &noisy)],
                &published,
            )?,
        ),
        (
            "loss_comparison",
            figures::loss_comparison(
                "A decaying learning rate reaches lower losses",
                "Mean squared error on the training set, the same seed for all",
                &[
                    curve("constant rate", &slow),
                    curve("stepwise decay", &steady),
                    curve("exponential decay", &fast),
                    curve("exponential decay, noisy", &noisy),
                ],
            )?,
        ),
        ("predictions", figures::predictions("Predictions follow the labels", "20 test points", &label, &predict)?),
        ("prediction_gap", figures::prediction_gap("No gap is larger than 3.1×10⁻⁵", "20 test points", &x, &gap)?),
        (
            "error_comparison",
            figures::error_comparison(
                "The last variant is four orders of magnitude better",
                "Root mean square error on 20 test points",
                &[
                    ("sigmoid, 4 units", 2.345),
                    ("rectifier, 8 units", 0.31),
                    ("squares, constant rate", 1.234e-2),
                    ("squares, stepwise decay", 4.8e-4),
                    ("squares, exponential decay", 1.726e-5),
                ],
            )?,
        ),
        (
            "accuracy_lattice",
            figures::accuracy_lattice(
                "Few seeds reach the published accuracy",
                "1000 seeds, 20 test points each",
                &scan(1000, 40.0),
                1.1e-5,
            )?,
        ),
    ])
}

/// Losses that are few, many, long, zero or huge.
fn odd_losses() -> Result<Figures, Error> {
    let many: Vec<u32> = (1..=10_000).collect();
    let wide: Vec<f64> = (0..10_000).map(|k| 10f64.powf(-15.0 * f64::from(k) / 9999.0)).collect();
    let gaps: Vec<f64> = (1..=40).map(|k| if k % 9 == 0 { 0.0 } else { 1.0 / f64::from(k * k) }).collect();
    let ends = [(1.0, 1.0), (10_000.0, 1e-15)].map(|(x, y)| Point { x, y });
    let nine: Vec<Curve<'_>> = (0..9)
        .map(|k| Curve { name: "a short curve", epoch: &many[..40], loss: &wide[k * 400..k * 400 + 40] })
        .collect();
    let alone = |name, epoch, loss| [Curve { name, epoch, loss }];
    let one = alone("one epoch", &[1], &[0.5]);
    let long = alone(LONG, &many, &wide);
    let zeros = alone("with zeros", &many[..40], &gaps);
    let huge = alone("huge", &[1, 2, 3], &[1e308, 1.0, 5e-324]);
    Ok(vec![
        ("odd_one_epoch", figures::training_loss("One epoch", "", &one, &[])?),
        ("odd_wide", figures::training_loss(LONG, LONG, &long, &ends)?),
        ("odd_zeros", figures::training_loss("Zeros leave gaps", "Every ninth is zero", &zeros, &[])?),
        ("odd_nine_curves", figures::loss_comparison("Nine short curves", "", &nine)?),
        ("odd_huge_range", figures::training_loss("The range of numbers", "", &huge, &[])?),
    ])
}

/// Predictions, errors and accuracies that are few, many, equal or missing.
fn odd_results() -> Result<Figures, Error> {
    let large: Vec<f64> = (0..1000).map(|k| noise(k) * 2e4).collect();
    let x: Vec<f64> = (0..1000).map(f64::from).collect();
    let rows: Vec<(&str, f64)> = (0..30).map(|k| ("one of thirty", 1e-5 * f64::from(k + 3))).collect();
    let missing = [("exact", 0.0), ("diverged", f64::NAN), (LONG, 3e-5), ("other", 2.1e-5)];
    let close = [("first", 3.1e-4), ("second", 3.2e-4), ("third", 3.3e-4)];
    let decades = [(LONG, 7e-6), ("second", 9e-4)];
    let narrow = [1.0, 1.0 + 1e-12];
    Ok(vec![
        ("odd_one_point", figures::predictions("One point", "", &[2.0], &[2.5])?),
        ("odd_thousand", figures::predictions("A thousand points", "", &x, &large)?),
        ("odd_narrow", figures::predictions("Almost one value", "", &narrow, &narrow)?),
        ("odd_large_gap", figures::prediction_gap("A thousand gaps", "", &x, &large)?),
        ("odd_no_gap", figures::prediction_gap("No gap at all", "", &[1.0, 2.0], &[0.0, 0.0])?),
        ("odd_gap_100", figures::prediction_gap("Gaps up to 100", "", &[1.0, 2.0, 3.0], &[90.0, 3.0, -20.0])?),
        ("odd_rows", figures::error_comparison("Thirty rows", "", &rows)?),
        ("odd_errors", figures::error_comparison("A zero and a missing value", "", &missing)?),
        ("odd_close_errors", figures::error_comparison("Close values", "", &close)?),
        ("odd_few_decades", figures::error_comparison("Two decades, a long name", "", &decades)?),
        ("odd_few_seeds", figures::accuracy_lattice("Five seeds", "", &scan(5, 12.0), 1.1e-5)?),
        ("odd_one_seed", figures::accuracy_lattice("One seed", "", &[0.5], 0.4)?),
    ])
}

const LONG: &str = "a name so long that it cannot possibly fit into the room there is for names \
                    beside a plot or above it, not even with small letters";

fn falling(epochs: &[u32], rate: f64, floor: f64) -> Vec<f64> {
    epochs.iter().map(|&epoch| 900.0 * (-rate * f64::from(epoch)).exp() + floor).collect()
}

/// Accuracies whose lattice numbers are around `center`.
fn scan(seeds: usize, center: f64) -> Vec<f64> {
    (0..seeds)
        .map(|k| center * (1.0 + noise(k) + 0.9 * noise(k + 7919).powi(5)).abs() + f64::from(k % 40 == 0) * 400.0)
        .map(|number| (number.round() / 20.0).sqrt() / 131_072.0)
        .collect()
}

/// A repeatable value between -1 and 1.
fn noise(index: usize) -> f64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 40) as f64) / f64::from(1 << 23) - 1.0
}
