//! Draws every chart with sample data into a folder, common cases and odd ones:
//! `cargo run --release -p figures --example gallery -- FOLDER`.

mod comparisons;
mod speed;
mod trials;

use std::path::PathBuf;

use figures::{Curve, DistanceCurve, Distribution, Error, LossBand, Point};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: gallery FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    let all = [
        common()?,
        comparisons_with_keras()?,
        studies()?,
        speed::figures()?,
        trials::figures()?,
        comparisons::figures()?,
        odd_losses()?,
        odd_results()?,
        odd_distances()?,
        odd_studies()?,
    ];
    for (name, png) in all.concat() {
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

/// What comparisons with real Keras draw.
fn comparisons_with_keras() -> Result<Figures, Error> {
    let hundred: Vec<u32> = (1..=100).collect();
    let zeros = vec![0.0; 100];
    let growing = distances(100, 0.08, 3.0);
    let largest = distances(100, 0.14, 40.0);
    let rare: Vec<f64> = (0..100).map(|k| if k < 60 { 0.0 } else { growing[k - 60].ceil() }).collect();
    let engine = |name, median, largest| DistanceCurve { name, epoch: &hundred, median, largest };
    let names: Vec<String> =
        (0..48).map(|k| format!("Dense({}) {}, batch {}", 1 << (k % 7), LOSSES[k % 6], 8 + k)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let cells: Vec<f64> = (0..48).flat_map(|row| drift(row, 100)).collect();
    Ok(vec![
        (
            "distance_by_epoch",
            figures::distance_by_epoch(
                "One engine is equal to real Keras in every bit",
                "Distance of the training loss, 48 cases, 100 epochs",
                &[
                    engine("reference engine", &zeros, &zeros),
                    engine("fast engine", &zeros, &rare),
                    engine("another library", &growing, &largest),
                ],
            )?,
        ),
        (
            "distance_one_engine",
            figures::distance_by_epoch(
                "Every loss is equal to that of real Keras",
                "48 cases, 100 epochs",
                &[engine("reference engine", &zeros, &zeros)],
            )?,
        ),
        (
            "heat_map",
            figures::heat_map(
                "Most cases stay equal for the first epochs",
                "48 cases, 100 epochs each",
                &names,
                &hundred,
                &cells,
                "epoch",
                "distance to real Keras (units in the last place)",
            )?,
        ),
    ])
}

/// What studies over many seeds draw.
fn studies() -> Result<Figures, Error> {
    let epochs: Vec<u32> = (1..=3000).collect();
    let quantiles = |rate: f64, floor: f64| {
        [0.12, 0.55, 1.0, 1.7, 9.0].map(|factor| -> Vec<f64> {
            let wave = |k: usize| 1.0 + 0.15 * noise(k) + 0.05 * factor * noise(k + 31);
            falling(&epochs, rate, floor)
                .iter()
                .enumerate()
                .map(|(k, loss)| loss * factor.powf(0.2 + k as f64 / 3000.0) * wave(k))
                .collect()
        })
    };
    let (ours, other) = (quantiles(0.006, 4e-9), quantiles(0.003, 4e-2));
    let bands = [
        LossBand { name: "10000 seeds", quantiles: ours.each_ref().map(Vec::as_slice) },
        LossBand { name: "constant learning rate", quantiles: other.each_ref().map(Vec::as_slice) },
    ];
    let printed: Vec<Point> = [1, 2, 3, 300, 600, 900, 1200, 1500, 1800, 2100, 2500, 3000]
        .map(|epoch| Point { x: epoch as f64, y: ours[2][epoch - 1] * (1.0 + 0.6 * noise(epoch + 3)) })
        .to_vec();
    let groups = [spread(10_000, 2e-5, 0.25), spread(100_000, 1.1e-2, 0.4), spread(1_000_000, 4.0, 0.15)];
    let groups = ["squares, decaying rate", "squares, constant rate", "sigmoid"]
        .into_iter()
        .zip(&groups)
        .map(|(name, values)| Distribution { name, values })
        .collect::<Vec<_>>();
    let (published, percentile) = PUBLISHED.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    Ok(vec![
        (
            "loss_bands",
            figures::loss_bands(
                "The published losses lie in the middle of ten thousand",
                "x² learned from 100 points, Adam with a decaying learning rate",
                &epochs,
                &bands[..1],
                &printed,
            )?,
        ),
        (
            "loss_bands_two",
            figures::loss_bands("A decaying rate helps every seed", "Two learning rates", &epochs, &bands, &printed)?,
        ),
        (
            "distributions",
            figures::distributions(
                "No seed of one experiment reaches another",
                "Root mean square error on 20 test points by seed",
                &groups,
                Some(("published: 1.726×10⁻⁵", 1.726e-5)),
                "root mean square error on the test set",
            )?,
        ),
        (
            "percentiles",
            figures::percentiles(
                "Published values fall inside the study, but for three",
                "10000 seeds",
                &published,
                &percentile,
            )?,
        ),
        (
            "accuracy_lattice_10000",
            figures::accuracy_lattice("Ten thousand seeds", "20 test points each", &scan(10_000, 34.0), 1.1e-5)?,
        ),
        (
            "accuracy_lattice_million",
            figures::accuracy_lattice("A million seeds", "20 test points each", &scan(1_000_000, 60.0), 1.1e-5)?,
        ),
    ])
}

const LOSSES: [&str; 6] = ["mse", "mae", "huber", "log_cosh", "mean_squared_logarithmic_error", "poisson"];

const PUBLISHED: [(&str, f64); 13] = [
    ("loss after epoch 1", 63.2),
    ("loss after epoch 2", 48.0),
    ("loss after epoch 3", 51.7),
    ("loss after epoch 300", 12.4),
    ("loss after epoch 600", 8.36),
    ("loss after epoch 900", 77.7),
    ("loss after epoch 1200", 91.2),
    ("loss after epoch 1500", 0.04),
    ("loss after epoch 1800", 33.3),
    ("loss after epoch 2100", 99.97),
    ("loss after epoch 2500", 99.2),
    ("loss after epoch 3000", 1.2),
    ("accuracy on the test set", 27.0),
];

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

/// Distances that are few, many, all zero, missing or huge.
fn odd_distances() -> Result<Figures, Error> {
    let epochs: Vec<u32> = (1..=3000).collect();
    let one = DistanceCurve { name: "one epoch", epoch: &[1], median: &[0.0], largest: &[3.0] };
    let close = DistanceCurve { name: "close", epoch: &epochs[..4], median: &[0.5, 1.0, 0.0, 2.0], largest: &[3.0; 4] };
    let grown: Vec<Vec<f64>> = (0..8).map(|k| distances(3000, 0.001 * f64::from(k), 1.0)).collect();
    let eight: Vec<DistanceCurve<'_>> = grown
        .iter()
        .enumerate()
        .map(|(k, median)| DistanceCurve {
            name: "one of eight",
            epoch: &epochs,
            median,
            largest: &grown[(k + 1).min(7)],
        })
        .collect();
    let missing = [0.0, f64::NAN, 1e12, 0.0, f64::INFINITY, 4.5e15];
    let holes = DistanceCurve { name: LONG, epoch: &epochs[..6], median: &missing, largest: &missing };
    let zeros = vec![0.0; 600];
    let ones: Vec<f64> = (0..600).map(|k| if k % 7 == 0 { f64::NAN } else { f64::from(k) }).collect();
    let long = [LONG, "", "a name of forty characters, at the most", "d", "e", "f"];
    let sixty = vec!["a name of forty characters, at the most"; 60];
    let decades: Vec<f64> = (0..360).map(|k| 10f64.powi(k - 30)).collect();
    let map = |title, rows, columns, values| figures::heat_map(title, "", rows, columns, values, "epoch", LONG);
    Ok(vec![
        ("odd_distance_one", figures::distance_by_epoch("One epoch", "", &[one])?),
        ("odd_distance_close", figures::distance_by_epoch("Small distances", "", &[close, one])?),
        ("odd_distance_eight", figures::distance_by_epoch("Eight engines", "", &eight)?),
        ("odd_distance_holes", figures::distance_by_epoch("Missing values", "", &[holes])?),
        ("odd_heat_zeros", map("Every bit equal", &long, &epochs[..100], &zeros)?),
        ("odd_heat_missing", map("Missing values", &long, &epochs[..100], &ones)?),
        ("odd_heat_one", map("One value", &["one"], &[1], &[2.0])?),
        ("odd_heat_few_columns", map("Few columns", &sixty, &[1, 2, 5, 10, 1000, 20_000], &decades)?),
        ("odd_heat_many_columns", map("Many columns", &["one"], &epochs, &distances(3000, 0.01, 1.0))?),
    ])
}

/// Bands, distributions and percentiles that are few, many, narrow, missing or huge.
fn odd_studies() -> Result<Figures, Error> {
    let columns: Vec<Vec<f64>> = (0..5).map(|k| vec![10f64.powi(k - 3), 0.0, 1.0, 2.0 + f64::from(k)]).collect();
    let quantiles = [0, 1, 2, 3, 4].map(|k| columns[k].as_slice());
    let three = ["first", "second", LONG].map(|name| LossBand { name, quantiles });
    let one = LossBand { name: "one epoch", quantiles: [&[1e-3], &[1e-2], &[2e-2], &[1e-1], &[1.0]] };
    let narrow = spread(1000, 3e-5, 0.02);
    let wide = [f64::MIN_POSITIVE, 1e300, 1.0, f64::NAN, 0.0];
    let group = |name, values| Distribution { name, values };
    let six = [1e-6, 3e-5, 1e-3, 0.2, 3.0, 90.0].map(|center| spread(10_000, center, 0.3));
    let six: Vec<Distribution<'_>> = six.iter().map(|values| group("one of six groups", values)).collect();
    let edges = [0.0, 0.1, 9.94, 9.96, 50.0, 90.1, 99.0, 100.0, f64::NAN, 120.0];
    Ok(vec![
        (
            "odd_bands_three",
            figures::loss_bands("Three bands", "", &[1, 2, 3, 4], &three, &[Point { x: 2.0, y: 3.0 }])?,
        ),
        ("odd_bands_one", figures::loss_bands("One epoch", "", &[7], &[one], &[])?),
        ("odd_narrow_group", figures::distributions("Narrow", "", &[group("narrow", &narrow)], None, "error")?),
        (
            "odd_groups",
            figures::distributions(
                "Missing and huge values",
                "",
                &[group(LONG, &wide), group("none", &[]), group("one", &[2.0])],
                Some((LONG, 1e-290)),
                "error",
            )?,
        ),
        ("odd_six_groups", figures::distributions("Six groups", "", &six, Some(("the limit", 1e2)), "error")?),
        ("odd_percentiles", figures::percentiles("Ends and missing values", "", &[LONG; 10], &edges)?),
        ("odd_one_percentile", figures::percentiles("One value", "", &["one"], &[100.0])?),
        ("odd_beyond", figures::accuracy_lattice("Most beyond the numbers", "", &scan(1_000_000, 4e4), 1.1e-5)?),
    ])
}

const LONG: &str = "a name so long that it cannot possibly fit into the room there is for names \
                    beside a plot or above it, not even with small letters";

fn falling(epochs: &[u32], rate: f64, floor: f64) -> Vec<f64> {
    epochs.iter().map(|&epoch| 900.0 * (-rate * f64::from(epoch)).exp() + floor).collect()
}

/// Distances that grow by `rate` an epoch, rounded to whole units.
fn distances(epochs: usize, rate: f64, start: f64) -> Vec<f64> {
    (0..epochs).map(|k| (start * (rate * k as f64).exp() * (1.0 + 0.5 * noise(k))).floor()).collect()
}

/// Distances of a case: zero at first, then growing.
fn drift(case: usize, epochs: usize) -> Vec<f64> {
    let start = (100.0 * (0.5 + 0.7 * noise(case + 50))) as usize;
    let rate = 0.1 + 0.08 * noise(case + 500);
    let grown = |k: usize| (rate * (k - start) as f64).exp() * (2.0 + noise(k + case));
    let value = |k: usize| if k < start { 0.0 } else { grown(k).floor() };
    (0..epochs).map(|k| if case == 11 && k > 80 { f64::NAN } else { value(k) }).collect()
}

/// Values that scatter around `center`, most within `decades` of it.
fn spread(count: usize, center: f64, decades: f64) -> Vec<f64> {
    (0..count).map(|k| center * 10f64.powf(decades * (noise(k) + noise(k + 7919) + noise(k + 104_729)))).collect()
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
