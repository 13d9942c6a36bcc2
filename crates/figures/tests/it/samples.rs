use crate::trial_samples;
use figures::{Curve, DistanceCurve, Distribution, LossBand, Point, ScalingLine, SpeedBar};

/// Name and picture of every chart.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let epoch: Vec<u32> = (1..=3000).collect();
    let halving = falling(3000, 0.995);
    let slower = falling(3000, 0.999);
    let curves = [
        Curve { name: "this run", epoch: &epoch, loss: &halving },
        Curve { name: "slower", epoch: &epoch, loss: &slower },
    ];
    let published = [1, 1000, 2000, 3000].map(|epoch| Point { x: f64::from(epoch), y: halving[epoch as usize - 1] });
    let x: Vec<f64> = (0..20).map(|k| f64::from(k) - 9.5).collect();
    let label: Vec<f64> = x.iter().map(|x| x * x).collect();
    let gap: Vec<f64> = (0..20).map(|k| f64::from(k % 7 - 3) * 1e-5).collect();
    let predict: Vec<f64> = label.iter().zip(&gap).map(|(label, gap)| label + gap).collect();
    let errors = [("first", 2.345), ("second", 1.234e-2), ("third", 1.726e-5)];
    let accuracies: Vec<f64> = (0..300).map(|k| accuracy(5 + k * k % 83)).collect();

    let zeros = [0.0; 200];
    let grown: Vec<f64> = halving.iter().rev().map(|loss| (1e5 * loss).floor()).collect();
    let engine = |name, median| DistanceCurve { name, epoch: &epoch[..200], median, largest: &grown[2800..] };
    let engines = [engine("equal", &zeros), engine("close", &grown[2500..2700])];
    let cells: Vec<f64> = (0..60).map(|k| f64::from(k % 13 * k)).chain([f64::NAN; 4]).collect();
    let quantiles = [0, 200, 300, 400, 700].map(|earlier| &halving[700 - earlier..2700 - earlier]);
    let band = LossBand { name: "all seeds", quantiles };
    let groups = [("narrow", &halving[..300]), ("wide", &halving[900..])];
    let groups = groups.map(|(name, values)| Distribution { name, values });
    let marked = Some(("published", 1.726e-5));
    let names = ["first", "second", "third"];

    let bars = [("ours", 0.18), ("other", 1610.0)];
    let bars = bars.map(|(name, median)| SpeedBar { name, low: 0.9 * median, median, high: 1.2 * median });
    let limit = Some(("limit", 0.1));
    let sizes = [1.0, 32.0, 1024.0];
    let line = ScalingLine { name: "ours", x: &sizes, y: &[3.0, 2.0, 1.0], low: &[2.0, 1.0, 0.5], high: &[5.0; 3] };
    let floor = ScalingLine { name: "limit", y: &[0.5; 3], low: &[], high: &[], ..line };

    let title = "A chart of the gallery";
    let subtitle = "Sample data, 20 test points";
    let drawn = [
        ("training_loss", figures::training_loss(title, subtitle, &curves[..1], &published)),
        ("loss_comparison", figures::loss_comparison(title, subtitle, &curves)),
        ("predictions", figures::predictions(title, subtitle, &label, &predict)),
        ("prediction_gap", figures::prediction_gap(title, subtitle, &x, &gap)),
        ("error_comparison", figures::error_comparison(title, subtitle, &errors)),
        ("accuracy_lattice", figures::accuracy_lattice(title, subtitle, &accuracies, accuracy(21))),
        ("distance_by_epoch", figures::distance_by_epoch(title, subtitle, &engines)),
        ("heat_map", figures::heat_map(title, subtitle, &["row"; 8], &epoch[..8], &cells, "epoch", "distance")),
        ("loss_bands", figures::loss_bands(title, subtitle, &epoch[..2000], &[band], &published[..3])),
        ("distributions", figures::distributions(title, subtitle, &groups, marked, "error")),
        ("percentiles", figures::percentiles(title, subtitle, &names, &[0.05, 63.2, 100.0])),
        ("speed_bars", figures::speed_bars(title, subtitle, &bars, limit, &[0])),
        ("scaling_lines", figures::scaling_lines(title, subtitle, "trials", "time", &[line], Some(floor))),
    ];
    drawn.into_iter().chain(trial_samples::all()).map(|(name, png)| (name, png.expect(name))).collect()
}

/// 1, then `rate` times the value before.
pub fn falling(epochs: usize, rate: f64) -> Vec<f64> {
    std::iter::successors(Some(1.0), |loss| Some(loss * rate)).take(epochs).collect()
}

/// The accuracy with this lattice number.
pub fn accuracy(number: u32) -> f64 {
    (f64::from(number) / 20.0).sqrt() / 131_072.0
}
