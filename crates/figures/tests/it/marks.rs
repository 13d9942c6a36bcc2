use figures::{Area, Axis, BLUE, ColourBar, Frame, INK, Item, Marker, Plot, Stroke, VERMILLION};

use crate::picture::{self, DARK, LIGHT, Mark, PLOT_TOP, Picture, TITLE_END};

const OUTER: [u8; 3] = [209, 230, 241];
const INNER: [u8; 3] = [138, 190, 220];
const LINE: Stroke = Stroke { color: BLUE, width: 4.0, dash: &[] };
const DOT: Marker = Marker::circle(BLUE, 9.0);

fn plot(x: &Axis, y: &Axis) -> Plot {
    Frame { title: "Marks", ..Frame::default() }.plot(x, y)
}

#[test]
fn a_plot_without_marks_is_refused() {
    let axis = Axis::linear("x", [0.0, 1.0]).unwrap();
    assert!(matches!(plot(&axis, &axis).into_png(), Err(figures::Error::NothingToDraw)));
    let mut plot = plot(&axis, &axis);
    plot.points([(f64::NAN, 0.0)], DOT);
    plot.line([(0.0, f64::INFINITY)], LINE);
    assert!(plot.into_png().is_err());
}

#[test]
fn zeros_are_a_flat_line_in_their_band() {
    let y = Axis::logarithmic("distance", [1.0, 1000.0]).unwrap().with_band(84.0, "0");
    let mut plot = plot(&Axis::whole("epoch", 0.0, 100.0, 8.0), &y);
    let bottom = plot.area.bottom;
    plot.bar(Area { top: bottom - 78.0, ..plot.area }, VERMILLION);
    plot.line((0..=100).map(|epoch| (f64::from(epoch), 0.0)), LINE);
    let picture = Picture::of(plot.into_png());
    let [Mark { left, right, .. }] = picture.marks(picture::BLUE, PLOT_TOP)[..] else { panic!("the line is broken") };
    assert!(right - left > 1400.0);
    for column in [left + 60.0, f64::midpoint(left, right), right - 60.0] {
        let line = picture.column(column as u32, picture::BLUE, PLOT_TOP).middle();
        assert!((bottom - 42.0 - line).abs() < 2.0, "{line} above {bottom}");
    }
}

#[test]
fn values_ten_times_larger_are_equally_far_apart_above_zero() {
    let y = Axis::logarithmic("distance", [1.0, 1000.0]).unwrap().with_band(84.0, "0");
    let mut plot = plot(&Axis::whole("epoch", 0.0, 5.0, 5.0), &y);
    plot.points([(1.0, 1.0), (2.0, 10.0), (3.0, 100.0), (4.0, 0.0)], DOT);
    let picture = Picture::of(plot.into_png());
    let heights: Vec<f64> = picture.marks(picture::BLUE, TITLE_END).iter().map(Mark::middle).collect();
    let [one, ten, hundred, zero] = heights[..] else { panic!("four dots expected") };
    assert!((one - ten - (ten - hundred)).abs() < 2.0, "{one} {ten} {hundred}");
    assert!(one - ten > 100.0 && zero > one + 20.0, "{one} {ten} {zero}");
}

#[test]
fn areas_reach_to_their_ends() {
    let y = Axis::logarithmic("loss", [1e-4, 1e4]).unwrap();
    let mut plot = plot(&Axis::whole("epoch", 0.0, 5.0, 5.0), &y);
    plot.area([(1.0, 1e-2, 1e2), (5.0, 1e2, 1e-2)], BLUE, 0.18);
    plot.area([(1.0, 1e-1, 1e1), (5.0, 1e-1, 1e1)], BLUE, 0.34);
    plot.line([(1.0, 1.0), (5.0, 1.0)], LINE);
    let picture = Picture::of(plot.into_png());
    let [outer, inner, line] = [OUTER, INNER, picture::BLUE].map(|color| picture.column(1000, color, TITLE_END));
    assert!((outer.height() / inner.height() - 2.0).abs() < 0.05, "{outer:?} {inner:?}");
    assert!((line.middle() - inner.middle()).abs() < 3.0 && line.height() < 6.0, "{line:?} {inner:?}");
}

#[test]
fn cells_have_the_colours_of_their_values() {
    let values = [1.0, 10.0, 100.0, 1000.0];
    let bar = ColourBar::new(&Axis::logarithmic("distance", values).unwrap(), false);
    let y = Axis::rows("", ["a", "b"], 31.0);
    let frame = Frame { title: "Cells", bar: Some(&bar), ..Frame::default() };
    let mut plot = frame.plot(&Axis::whole("epoch", 0.5, 2.5, 2.0), &y);
    let area = plot.area;
    plot.cells(area, [2, 2], 1.0, |column, row| bar.color(values[2 * row + column]));
    let picture = Picture::of(plot.into_png());
    let color = |column: f64, row: f64| {
        let across = area.left + (area.right - area.left) * (0.25 + 0.5 * column);
        let down = area.top + (area.bottom - area.top) * (0.25 + 0.5 * row);
        picture.at(across as u32, down as u32)
    };
    let brightness = |color: [u8; 3]| color.map(u32::from).iter().sum::<u32>();
    assert_eq!([color(0.0, 0.0), color(1.0, 1.0)], [LIGHT, DARK]);
    assert!(brightness(color(1.0, 0.0)) > brightness(color(0.0, 1.0)));
    assert!(brightness(color(0.0, 1.0)) > brightness(DARK));
}

#[test]
fn points_of_per_cents_are_as_far_apart_as_their_values() {
    let mut plot = plot(&Axis::percent("share", -2.0, 102.0), &Axis::rows("", ["a", "b", "c"], 50.0));
    plot.points([(20.0, 0.0), (40.0, 1.0), (99.5, 2.0), (50.0, 3.0)], DOT);
    let picture = Picture::of(plot.into_png());
    let dots: Vec<f64> = picture.marks(picture::BLUE, TITLE_END).iter().map(Mark::center).collect();
    let [a, b, c] = dots[..] else { panic!("three dots expected, the fourth has no row: {dots:?}") };
    assert!(((c - b) / (b - a) - 59.5 / 20.0).abs() < 0.03, "{dots:?}");
}

#[test]
fn bars_ten_times_longer_are_equally_far_apart_and_a_rule_has_its_place() {
    let values = [0.2, 2.0, 20.0, 200.0];
    let x = Axis::logarithmic("time", values).unwrap();
    let mut plot = plot(&x, &Axis::rows("", ["a", "b", "c", "d"], 46.0).with_head(figures::HEAD));
    for (row, value) in (0..).map(f64::from).zip(values) {
        let y = plot.up(row);
        let bar = Area { left: plot.area.left, top: y - 20.0, right: plot.across(value), bottom: y + 20.0 };
        plot.bar(bar, if row == 0.0 { INK } else { BLUE });
    }
    plot.rule("limit", 20.0);
    let picture = Picture::of(plot.into_png());
    let [a, b, c] = picture.bar_ends(picture::BLUE)[..] else { panic!("three bars expected") };
    assert!(b - a > 100.0 && (b - a - (c - b)).abs() <= 1.0, "{a} {b} {c}");
    let rule = picture.marks(picture::VERMILLION, 300);
    assert!((rule[0].left - b).abs() <= 3.0, "{rule:?} {b}");
}

#[test]
fn many_rows_make_the_picture_taller_up_to_a_limit() {
    let height = |count: usize| {
        let x = Axis::linear("x", [0.0, 1.0]).unwrap();
        let mut plot = plot(&x, &Axis::rows("", vec!["a name of forty characters, at the most"; count], 31.0));
        plot.points([(0.5, 0.0)], DOT);
        Picture::of(plot.into_png()).height
    };
    assert_eq!(height(10), 1100);
    assert!(height(60) > 60 * 30);
    assert!(height(1000) < 4500);
}

#[test]
fn lines_of_a_legend_have_room() {
    let legend = |count: usize| vec![Item::line("a name of forty characters, at the most", LINE); count];
    let height = |count: usize| {
        let axis = Axis::linear("x", [0.0, 1.0]).unwrap();
        let mut plot = Frame { legend: legend(count), ..Frame::default() }.plot(&axis, &axis);
        plot.points([(0.5, 0.5)], DOT);
        Picture::of(plot.into_png()).height
    };
    assert_eq!(height(6), 1100);
    assert!(height(30) > 1100);
}
