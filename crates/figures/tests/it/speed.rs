use figures::{Error, Line, SpeedBar};

use crate::inputs::EXTREME;
use crate::picture::{BLUE, PLOT_TOP, VERMILLION, column_groups, middle, read, row_ends, rows};

const GREY_BLUE: [u8; 3] = [158, 174, 193];

fn bar(median: f64) -> SpeedBar<'static> {
    SpeedBar { name: "one", low: f64::NAN, median, high: f64::NAN }
}

#[test]
fn bars_ten_times_longer_are_equally_far_apart() {
    let bars = [0.2, 2.0, 20.0, 200.0].map(bar);
    let picture = read(&figures::speed_bars("Speed", "", ["time", "s"], &bars, None, ("ours", &[0, 2])).unwrap());
    let (ours, others) = (row_ends(&picture, BLUE), row_ends(&picture, GREY_BLUE));
    let ([a, c], [b, d]) = (&ours[..], &others[..]) else {
        panic!("two bars of each colour expected: {ours:?} {others:?}");
    };
    assert!(b - a > 100);
    assert!((b - a).abs_diff(c - b) <= 1 && (c - b).abs_diff(d - c) <= 1, "{a} {b} {c} {d}");
}

#[test]
fn a_bar_keeps_some_length_and_the_limit_its_place() {
    let bars = [1.0, 100.0].map(bar);
    let picture =
        read(&figures::speed_bars("Speed", "", ["time", "s"], &bars, Some(("limit", 10.0)), ("ours", &[0])).unwrap());
    let shortest = column_groups(&picture, BLUE, PLOT_TOP)[0];
    let longest = column_groups(&picture, GREY_BLUE, PLOT_TOP);
    let limit = column_groups(&picture, VERMILLION, 400)[0];
    assert!(shortest.1 - shortest.0 > 100, "{shortest:?}");
    let middle = u32::midpoint(shortest.1, longest[longest.len() - 1].1);
    assert!(limit.0.abs_diff(middle) <= 2, "{limit:?} {middle}");
}

#[test]
fn bars_without_a_value_are_refused_or_noted() {
    let refused = |bars: &[SpeedBar<'_>]| {
        figures::speed_bars("", "", ["", ""], bars, Some(("limit", 1.0)), ("", &[])).unwrap_err()
    };
    assert!(matches!(refused(&[]), Error::Empty { .. }));
    assert!(matches!(refused(&[bar(0.0), bar(f64::NAN)]), Error::NothingToDraw { .. }));
    for value in EXTREME {
        let bars = EXTREME.map(|median| SpeedBar { name: "", low: value, median, high: 1.0 });
        let drawn = figures::speed_bars("", "", ["", ""], &bars, Some(("limit", value)), ("", &[3, 70]));
        assert!(read(&drawn.unwrap()).width() >= 1600);
        let drawn = figures::speed_bars("", "", ["", ""], &[bar(value); 80], None, ("", &[])).is_ok();
        assert_eq!(drawn, value > 0.0 && value.is_finite(), "{value}");
    }
}

fn line<'a>(x: &'a [f64], y: &'a [f64]) -> Line<'a> {
    Line { name: "line", x, y, low: &[], high: &[] }
}

#[test]
fn a_power_law_is_a_straight_line() {
    let x: Vec<f64> = (0..=10).map(|k| f64::from(1 << k)).collect();
    let y: Vec<f64> = x.iter().map(|x| 3.0 * x * x).collect();
    let picture = read(&figures::scaling_lines("Growth", "", "size", "time", &[line(&x, &y)], None).unwrap());
    let groups = column_groups(&picture, BLUE, 150);
    // Markers lie at both ends and in the middle; the last three groups are the swatch beside the name.
    let (left, right) = (groups[0].0 + 10, groups[groups.len() - 4].1 - 10);
    let height = |column| middle(&rows(&picture, column, BLUE, 150));
    let bend = height(u32::midpoint(left, right)) - f64::midpoint(height(left), height(right));
    assert!(bend.abs() < 2.0, "the line bends by {bend} pixels");
    assert!(height(left) - height(right) > 500.0);
}

#[test]
fn names_of_lines_that_meet_stand_apart() {
    let y = [5.0, 4.0];
    let lines = [line(&[1.0, 2.0], &y); 6];
    let picture = read(&figures::scaling_lines("Growth", "", "size", "time", &lines, None).unwrap());
    let right = column_groups(&picture, BLUE, 150).pop().unwrap();
    let ours = middle(&rows(&picture, u32::midpoint(right.0, right.1), BLUE, 150));
    let next = middle(&rows(&picture, u32::midpoint(right.0, right.1), VERMILLION, 150));
    assert!((ours - next).abs() > 30.0, "{ours} {next}");
}

#[test]
fn lines_without_a_value_are_refused_or_noted() {
    let refused = |lines: &[Line<'_>]| figures::scaling_lines("", "", "", "", lines, None).unwrap_err();
    assert!(matches!(refused(&[]), Error::Empty { .. }));
    assert!(matches!(refused(&[line(&[], &[])]), Error::Empty { .. }));
    assert!(matches!(refused(&[line(&[1.0], &[])]), Error::DifferentLengths { .. }));
    let whisker = Line { low: &[1.0, 2.0], ..line(&[1.0], &[1.0]) };
    assert!(matches!(refused(&[whisker]), Error::DifferentLengths { .. }));
    assert!(matches!(refused(&[line(&[1.0, 0.0], &[0.0, 1.0])]), Error::NothingToDraw { .. }));
    let ones = [1.0; 10];
    for lines in [
        [line(&EXTREME, &ones); 30],
        [line(&ones, &EXTREME); 30],
        [Line { low: &EXTREME, high: &EXTREME, ..line(&ones, &ones) }; 30],
    ] {
        let drawn = figures::scaling_lines("", "", "", "", &lines, Some(line(&EXTREME, &EXTREME)));
        assert!(read(&drawn.unwrap()).width() >= 1600);
    }
}
