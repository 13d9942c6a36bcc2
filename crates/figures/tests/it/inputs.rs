use figures::{Curve, Error, Point};

use crate::picture::read;

const EXTREME: [f64; 10] =
    [0.0, -0.0, 1.0, -1e-300, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

#[test]
fn empty_input_is_refused() {
    let refused = [
        figures::training_loss("", "", &[], &[]),
        figures::loss_comparison("", "", &[Curve { name: "a", epoch: &[], loss: &[] }]),
        figures::predictions("", "", &[], &[]),
        figures::prediction_gap("", "", &[], &[]),
        figures::error_comparison("", "", &[]),
        figures::accuracy_lattice("", "", &[], 1.0),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::Empty { .. })), "{:?}", result.err());
    }
}

#[test]
fn columns_of_different_lengths_are_refused() {
    let refused = [
        figures::training_loss("", "", &[Curve { name: "a", epoch: &[1, 2], loss: &[1.0] }], &[]),
        figures::predictions("", "", &[1.0], &[1.0, 2.0]),
        figures::prediction_gap("", "", &[1.0], &[]),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::DifferentLengths { .. })), "{:?}", result.err());
    }
    let message = figures::predictions("", "", &[1.0], &[]).unwrap_err().to_string();
    assert_eq!(message, "label has 1 values but prediction has 0");
}

#[test]
fn input_without_a_drawable_value_is_refused() {
    let nan = [f64::NAN];
    let refused = [
        figures::training_loss("", "", &[Curve { name: "a", epoch: &[1], loss: &[0.0] }], &[]),
        figures::predictions("", "", &nan, &[1.0]),
        figures::prediction_gap("", "", &[1.0], &[f64::INFINITY]),
        figures::error_comparison("", "", &[("a", 0.0), ("b", -1.0)]),
        figures::accuracy_lattice("", "", &nan, 1.0),
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
    let curve = Curve { name: "extreme", epoch: &epoch, loss: &EXTREME };
    let point = Point { x: f64::INFINITY, y: 1.0 };
    let drawn = [
        figures::training_loss("", "", &[curve], &[point]),
        figures::loss_comparison("", "", &[curve; 40]),
        figures::predictions("", "", &EXTREME, &EXTREME),
        figures::prediction_gap("", "", &EXTREME, &ones),
        figures::prediction_gap("", "", &ones, &EXTREME),
        figures::error_comparison("", "", &rows),
        figures::error_comparison("", "", &[("row", 1e-3); 100]),
        figures::accuracy_lattice("", "", &EXTREME, f64::MAX),
        figures::accuracy_lattice("", "", &[f64::MAX; 3], f64::NAN),
    ];
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}

#[test]
fn each_value_alone_can_be_drawn_or_is_refused() {
    for value in EXTREME.into_iter().chain([1e-5, 1e5, 123.456]) {
        let one = [value];
        let curve = Curve { name: "one", epoch: &[1], loss: &one };
        let is_positive = value > 0.0 && value.is_finite();
        let drawn = figures::training_loss("", "", &[curve], &[]).is_ok();
        assert_eq!(drawn, is_positive, "loss {value}");
        let drawn = figures::error_comparison("", "", &[("one", value)]).is_ok();
        assert_eq!(drawn, is_positive, "error {value}");
        let drawn = figures::predictions("", "", &one, &one).is_ok();
        assert_eq!(drawn, value.is_finite(), "prediction {value}");
        let drawn = figures::prediction_gap("", "", &one, &one).is_ok();
        assert_eq!(drawn, value.is_finite(), "gap {value}");
    }
}

#[test]
fn narrow_ranges_and_long_names_can_be_drawn() {
    let label = [1.0, 1.0 + 1e-12, 1e9, 1e9 + 1e-6];
    let long = "a very long name ".repeat(50);
    let drawn = [
        figures::predictions(&long, &long, &label[..2], &label[..2]),
        figures::predictions(&long, &long, &label[2..], &label[2..]),
        figures::error_comparison(&long, &long, &[(&long, 1e-3), (&long, 1.000_001e-3)]),
    ];
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}
