use figures::{Error, SpeedBar};

use crate::inputs::EXTREME;
use crate::picture::{BLUE, PLOT_TOP, VERMILLION, column_groups, read, row_ends};

const GREY_BLUE: [u8; 3] = [158, 174, 193];

fn bar(median: f64) -> SpeedBar<'static> {
    SpeedBar { name: "engine", low: f64::NAN, median, high: f64::NAN }
}

#[test]
fn bars_ten_times_longer_are_equally_far_apart() {
    let bars = [0.2, 2.0, 20.0, 200.0].map(bar);
    let picture = read(&figures::speed_bars("Speed", "", &bars, None, &[0, 2]).unwrap());
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
    let picture = read(&figures::speed_bars("Speed", "", &bars, Some(("limit", 10.0)), &[0]).unwrap());
    let shortest = column_groups(&picture, BLUE, PLOT_TOP)[0];
    let longest = column_groups(&picture, GREY_BLUE, PLOT_TOP);
    let limit = column_groups(&picture, VERMILLION, 400)[0];
    assert!(shortest.1 - shortest.0 > 100, "{shortest:?}");
    let middle = u32::midpoint(shortest.1, longest[longest.len() - 1].1);
    assert!(limit.0.abs_diff(middle) <= 2, "{limit:?} {middle}");
}

#[test]
fn bars_without_a_value_are_refused_or_noted() {
    let refused = |bars: &[SpeedBar<'_>]| figures::speed_bars("", "", bars, Some(("limit", 1.0)), &[]).unwrap_err();
    assert!(matches!(refused(&[]), Error::Empty { .. }));
    assert!(matches!(refused(&[bar(0.0), bar(f64::NAN)]), Error::NothingToDraw { .. }));
    for value in EXTREME {
        let bars = EXTREME.map(|median| SpeedBar { name: "", low: value, median, high: 1.0 });
        let drawn = figures::speed_bars("", "", &bars, Some(("limit", value)), &[3, 70]);
        assert!(read(&drawn.unwrap()).width() >= 1600);
        let drawn = figures::speed_bars("", "", &[bar(value); 80], None, &[]).is_ok();
        assert_eq!(drawn, value > 0.0 && value.is_finite(), "{value}");
    }
}
