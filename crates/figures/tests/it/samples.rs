use crate::trial_samples;
use figures::{Band, Curve, DistanceCurve, Distribution, Line, Point, SpeedBar};

/// Name and picture of every chart.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let epoch: Vec<u32> = (1..=3000).collect();
    let halving = falling(3000, 0.995);
    let slower = falling(3000, 0.999);
    let curves = [
        Curve { name: "this run", epoch: &epoch, value: &halving },
        Curve { name: "slower", epoch: &epoch, value: &slower },
    ];
    let points = [1, 1000, 2000, 3000].map(|epoch| Point { x: f64::from(epoch), y: halving[epoch as usize - 1] });
    let x: Vec<f64> = (0..20).map(|k| f64::from(k) - 9.5).collect();
    let label: Vec<f64> = x.iter().map(|x| x * x).collect();
    let gap: Vec<f64> = (0..20).map(|k| f64::from(k % 7 - 3) * 1e-5).collect();
    let predict: Vec<f64> = label.iter().zip(&gap).map(|(label, gap)| label + gap).collect();
    let facts = [("points", 20.0), ("largest error", 3e-5)];
    let errors = [("first", 2.345), ("second", 1.234e-2), ("third", 1.726e-5)];
    let numbers: Vec<f64> = (0..300).map(|k| f64::from(5 + k * k % 83)).collect();

    let zeros = [0.0; 200];
    let grown: Vec<f64> = halving.iter().rev().map(|loss| (1e5 * loss).floor()).collect();
    let distance = |name, median| DistanceCurve { name, epoch: &epoch[..200], median, largest: &grown[2800..] };
    let distances = [distance("equal", &zeros), distance("close", &grown[2500..2700])];
    let cells: Vec<f64> = (0..60).map(|k| f64::from(k % 13 * k)).chain([f64::NAN; 4]).collect();
    let quantiles = [0, 200, 300, 400, 700].map(|earlier| &halving[700 - earlier..2700 - earlier]);
    let band = Band { name: "all runs", quantiles };
    let groups = [("narrow", &halving[..300]), ("wide", &halving[900..])];
    let groups = groups.map(|(name, values)| Distribution { name, values });
    let marked = Some(("marked", 1.726e-5));
    let names = ["first", "second", "third"];

    let bars = [("ours", 0.18), ("other", 1610.0)];
    let bars = bars.map(|(name, median)| SpeedBar { name, low: 0.9 * median, median, high: 1.2 * median });
    let limit = Some(("limit", 0.1));
    let sizes = [1.0, 32.0, 1024.0];
    let line = Line { name: "ours", x: &sizes, y: &[3.0, 2.0, 1.0], low: &[2.0, 1.0, 0.5], high: &[5.0; 3] };
    let floor = Line { name: "limit", y: &[0.5; 3], low: &[], high: &[], ..line };

    let title = "A chart";
    let subtitle = "Sample data";
    let drawn = [
        ("curve", figures::curves_by_epoch(title, subtitle, "loss", &curves[..1], ("marked", &points))),
        ("curves", figures::curves_by_epoch(title, subtitle, "loss", &curves, ("", &[]))),
        ("predictions", figures::predictions(title, subtitle, "test point", &label, &predict, &facts)),
        ("stems", figures::stems(title, subtitle, ["x", "prediction − label"], &x, &gap)),
        ("comparison", figures::comparison(title, subtitle, "error", &errors)),
        ("counts", figures::counts(title, subtitle, ["n", "runs"], "300 runs", "n", &numbers, Some(("marked", 21.0)))),
        ("distance_by_epoch", figures::distance_by_epoch(title, subtitle, "distance", "0: equal", &distances)),
        ("heat_map", figures::heat_map(title, subtitle, &["row"; 8], &epoch[..8], &cells, ["epoch", "distance", "0"])),
        ("bands", figures::bands_by_epoch(title, subtitle, "loss", &epoch[..2000], &[band], ("marked", &points[..3]))),
        ("distributions", figures::distributions(title, subtitle, &groups, marked, "error")),
        ("percentiles", figures::percentiles(title, subtitle, "percentile", "value", &names, &[0.05, 63.2, 100.0])),
        ("speed_bars", figures::speed_bars(title, subtitle, ["duration", "µs"], &bars, limit, ("ours", &[0]))),
        ("scaling_lines", figures::scaling_lines(title, subtitle, "trials", "time", &[line], Some(floor))),
    ];
    drawn.into_iter().chain(trial_samples::all()).map(|(name, png)| (name, png.expect(name))).collect()
}

/// 1, then `rate` times the value before.
pub fn falling(epochs: usize, rate: f64) -> Vec<f64> {
    std::iter::successors(Some(1.0), |loss| Some(loss * rate)).take(epochs).collect()
}
