use figures::{Band, Curve, DistanceCurve, Distribution, Error, Point};

use crate::picture::read;

pub const EXTREME: [f64; 10] =
    [0.0, -0.0, 1.0, -1e-300, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

fn distance<'a>(epoch: &'a [u32], median: &'a [f64], largest: &'a [f64]) -> DistanceCurve<'a> {
    DistanceCurve { name: "a", epoch, median, largest }
}

#[test]
fn empty_input_is_refused() {
    let refused = [
        figures::curves_by_epoch("", "", "", &[], ("", &[])),
        figures::curves_by_epoch("", "", "", &[Curve { name: "a", epoch: &[], value: &[] }], ("", &[])),
        figures::predictions("", "", "", &[], &[], &[]),
        figures::stems("", "", ["", ""], &[], &[]),
        figures::comparison("", "", "", &[]),
        figures::counts("", "", ["", ""], "", "", &[], Some(("", 1.0))),
        figures::distance_by_epoch("", "", "", "", &[]),
        figures::heat_map("", "", &["row"], &[], &[], ["", "", ""]),
        figures::bands_by_epoch("", "", "", &[], &[Band { name: "a", quantiles: [&[]; 5] }], ("", &[])),
        figures::distributions("", "", &[Distribution { name: "a", values: &[] }], Some(("one", 1.0)), ""),
        figures::percentiles("", "", "", "", &[], &[]),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::Empty { .. })), "{:?}", result.err());
    }
}

#[test]
fn columns_of_different_lengths_are_refused() {
    let refused = [
        figures::curves_by_epoch("", "", "", &[Curve { name: "a", epoch: &[1, 2], value: &[1.0] }], ("", &[])),
        figures::predictions("", "", "", &[1.0], &[1.0, 2.0], &[]),
        figures::stems("", "", ["", ""], &[1.0], &[]),
        figures::distance_by_epoch("", "", "", "", &[distance(&[1, 2], &[1.0, 2.0], &[1.0])]),
        figures::distance_by_epoch("", "", "", "", &[distance(&[1], &[], &[1.0])]),
        figures::heat_map("", "", &["a", "b"], &[1, 2], &[1.0; 3], ["", "", ""]),
        figures::bands_by_epoch(
            "",
            "",
            "",
            &[1],
            &[Band { name: "a", quantiles: [&[1.0], &[], &[1.0], &[1.0], &[1.0]] }],
            ("", &[]),
        ),
        figures::percentiles("", "", "", "", &["a"], &[1.0, 2.0]),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::DifferentLengths { .. })), "{:?}", result.err());
    }
    let message = figures::predictions("", "", "", &[1.0], &[], &[]).unwrap_err().to_string();
    assert_eq!(message, "label has 1 values but prediction has 0");
}

#[test]
fn input_without_a_drawable_value_is_refused() {
    let nan = [f64::NAN];
    let refused = [
        figures::curves_by_epoch("", "", "", &[Curve { name: "a", epoch: &[1], value: &[0.0] }], ("", &[])),
        figures::predictions("", "", "", &nan, &[1.0], &[]),
        figures::stems("", "", ["", ""], &[1.0], &[f64::INFINITY]),
        figures::comparison("", "", "", &[("a", 0.0), ("b", -1.0)]),
        figures::counts("", "", ["", ""], "", "", &nan, Some(("", 1.0))),
        figures::distance_by_epoch("", "", "", "", &[distance(&[1], &nan, &[-1.0])]),
        figures::heat_map("", "", &["a", "b"], &[1], &[f64::NAN, -1.0], ["", "", ""]),
        figures::bands_by_epoch("", "", "", &[1], &[Band { name: "a", quantiles: [&[0.0]; 5] }], ("", &[])),
        figures::distributions("", "", &[Distribution { name: "a", values: &[0.0] }], Some(("one", 1.0)), ""),
        figures::percentiles("", "", "", "", &["a", "b"], &[-1.0, f64::NAN]),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::NothingToDraw { .. })), "{:?}", result.err());
    }
}

#[test]
fn extreme_values_never_panic() {
    let ones = [1.0; 10];
    let rows = EXTREME.map(|value| ("row", value));
    let epoch = [1, u32::MAX, 3, 3, 2, 0, 7, 8, 9, 10];
    let curve = Curve { name: "extreme", epoch: &epoch, value: &EXTREME };
    let point = Point { x: f64::INFINITY, y: 1.0 };
    let drawn = [
        figures::curves_by_epoch("", "", "", &[curve], ("", &[point])),
        figures::curves_by_epoch("", "", "", &[curve; 40], ("", &[])),
        figures::predictions("", "", "", &EXTREME, &EXTREME, &[]),
        figures::stems("", "", ["", ""], &EXTREME, &ones),
        figures::stems("", "", ["", ""], &ones, &EXTREME),
        figures::comparison("", "", "", &rows),
        figures::comparison("", "", "", &[("row", 1e-3); 100]),
        figures::counts("", "", ["", ""], "", "", &EXTREME, Some(("", f64::MAX))),
        figures::counts("", "", ["", ""], "", "", &[f64::MAX; 3], Some(("", f64::NAN))),
        figures::distance_by_epoch("", "", "", "", &[distance(&epoch, &EXTREME, &EXTREME); 30]),
        figures::heat_map("", "", &["row"; 10], &[u32::MAX], &EXTREME, ["", "", ""]),
        figures::heat_map("", "", &["row"], &epoch, &EXTREME, ["", "", ""]),
        figures::heat_map("", "", &["row"; 300], &[7, 7, 7], &[2.0; 900], ["", "", ""]),
        figures::bands_by_epoch("", "", "", &epoch, &[Band { name: "a", quantiles: [&EXTREME; 5] }; 9], ("", &[point])),
        figures::distributions("", "", &[Distribution { name: "a", values: &EXTREME }; 20], None, ""),
        figures::percentiles("", "", "", "", &["row"; 10], &EXTREME),
        figures::percentiles("", "", "", "", &["row"; 100], &[50.0; 100]),
    ];
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}

#[test]
fn each_value_alone_can_be_drawn_or_is_refused() {
    for value in EXTREME.into_iter().chain([1e-5, 1e5, 123.456]) {
        let one = [value];
        let curve = Curve { name: "one", epoch: &[1], value: &one };
        let is_positive = value > 0.0 && value.is_finite();
        let drawn = figures::curves_by_epoch("", "", "", &[curve], ("", &[])).is_ok();
        assert_eq!(drawn, is_positive, "loss {value}");
        let drawn = figures::comparison("", "", "", &[("one", value)]).is_ok();
        assert_eq!(drawn, is_positive, "error {value}");
        let drawn = figures::predictions("", "", "", &one, &one, &[]).is_ok();
        assert_eq!(drawn, value.is_finite(), "prediction {value}");
        let drawn = figures::stems("", "", ["", ""], &one, &one).is_ok();
        assert_eq!(drawn, value.is_finite(), "gap {value}");
        let is_distance = value.is_finite() && value >= 0.0;
        let drawn = figures::distance_by_epoch("", "", "", "", &[distance(&[1], &one, &one)]).is_ok();
        assert_eq!(drawn, is_distance, "distance {value}");
        let drawn = figures::heat_map("", "", &["one"], &[1], &one, ["", "", ""]).is_ok();
        assert_eq!(drawn, is_distance, "cell {value}");
        let band = Band { name: "one", quantiles: [&one; 5] };
        let drawn = figures::bands_by_epoch("", "", "", &[1], &[band], ("", &[])).is_ok();
        assert_eq!(drawn, is_positive, "band {value}");
        let group = Distribution { name: "one", values: &one };
        let drawn = figures::distributions("", "", &[group], Some(("marked", value)), "").is_ok();
        assert_eq!(drawn, is_positive, "group {value}");
        let drawn = figures::percentiles("", "", "", "", &["one"], &one).is_ok();
        assert_eq!(drawn, (0.0..=100.0).contains(&value), "percentile {value}");
    }
}

#[test]
fn narrow_ranges_and_long_names_can_be_drawn() {
    let label = [1.0, 1.0 + 1e-12, 1e9, 1e9 + 1e-6];
    let long = "a very long name ".repeat(50);
    let group = Distribution { name: &long, values: &label[..2] };
    let drawn = [
        figures::predictions(&long, &long, &long, &label[..2], &label[..2], &[]),
        figures::predictions(&long, &long, &long, &label[2..], &label[2..], &[]),
        figures::comparison(&long, &long, &long, &[(&long, 1e-3), (&long, 1.000_001e-3)]),
        figures::heat_map(&long, &long, &[&long], &[1, 2], &label[..2], [&long, &long, &long]),
        figures::distributions(&long, &long, &[group], Some((&long, 1.0)), &long),
        figures::percentiles(&long, &long, &long, &long, &[&long], &[50.0]),
    ];
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}
