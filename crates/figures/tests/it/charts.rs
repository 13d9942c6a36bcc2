use figures::{Distribution, Line, Point};

use crate::inputs::falling;
use crate::picture::{BLUE, Color, GREEN, INK, Mark, PLOT_TOP, Picture, TITLE_END, VERMILLION};

const NOTE_TOP: u32 = 1040;
/// Blue on white, as the bars of a histogram have it.
const BAR: Color = [115, 177, 213];
const MUTED: Color = [100, 108, 118];

fn curves(curves: &[Line<'_>], points: &[Point]) -> Picture {
    Picture::of(figures::curves_by_epoch("Loss", "", "loss", curves, ("marked", points)))
}

#[test]
fn marked_points_are_rings_on_the_curve() {
    let epoch: Vec<f64> = (1..=1001).map(f64::from).collect();
    let loss = falling(1001, 0.98);
    let curve = [Line::new("run", &epoch, &loss)];
    let (plain, ringed) = (curves(&curve, &[]), curves(&curve, &[(501.0, loss[500])]));
    let is_changed = |&(column, row, pixel): &(u32, u32, Color)| {
        let other = ringed.at(column, row);
        row > PLOT_TOP && (0..3).any(|channel| pixel[channel].abs_diff(other[channel]) > 60)
    };
    let columns: Vec<u32> = plain.places().filter(is_changed).map(|pixel| pixel.0).collect();
    let (left, right) = (*columns.iter().min().unwrap(), *columns.iter().max().unwrap());
    assert!((20..=26).contains(&(right - left)), "the ring is {} wide", right - left);
    let center = u32::midpoint(left, right);
    let line = plain.column(center, BLUE, PLOT_TOP).middle();
    let inked = ringed.rows(center, INK, PLOT_TOP).into_iter().map(f64::from);
    let ring: Vec<f64> = inked.filter(|row| (row - line).abs() < 30.0).collect();
    assert!((f64::midpoint(ring[0], ring[ring.len() - 1]) - line).abs() < 2.0);
    assert_eq!(ringed.at(center, line as u32), [255; 3], "the ring is hollow");
}

#[test]
fn zeros_leave_a_gap_and_a_note() {
    let epoch: Vec<f64> = (1..=100).map(f64::from).collect();
    let mut loss = falling(100, 0.9);
    let draw = |loss: &[f64]| {
        let picture = curves(&[Line::new("run", &epoch, loss)], &[]);
        let mut foot = picture.places().filter(|&(column, row, _)| row > NOTE_TOP && column < 500);
        (picture.marks(BLUE, PLOT_TOP).len(), foot.any(|(.., pixel)| pixel != [255; 3]))
    };
    assert_eq!(draw(&loss), (1, false));
    loss[40..60].fill(0.0);
    assert_eq!(draw(&loss), (2, true));
}

#[test]
fn compared_curves_differ_in_colour() {
    let epoch: Vec<f64> = (1..=500).map(f64::from).collect();
    let losses = [0.99, 0.98, 0.97].map(|rate| falling(500, rate));
    let lines: Vec<Line<'_>> = losses.iter().map(|loss| Line::new("run", &epoch, loss)).collect();
    let picture = curves(&lines, &[]);
    let lowest = |color| (1420..1580).flat_map(|column| picture.rows(column, color, PLOT_TOP)).max().unwrap();
    assert!(lowest(BLUE) < lowest(VERMILLION));
    assert!(lowest(VERMILLION) < lowest(GREEN));
}

#[test]
fn equal_predictions_lie_on_the_diagonal_of_equal_scales_and_on_the_zero_of_errors() {
    let pairs = [0.0, 30.0, 100.0].map(|value| (value, value));
    let dots = Picture::of(figures::predictions("Predictions", "", "point", &pairs, &[])).marks(BLUE, PLOT_TOP);
    let [one, two, three, errors @ ..] = &dots[..] else { panic!("{dots:?}") };
    for (lower, upper) in [(one, two), (two, three)] {
        let (across, up) = (upper.center() - lower.center(), lower.middle() - upper.middle());
        assert!((across - up).abs() < 2.0 && across > 100.0, "{across} across, {up} up");
    }
    assert!(errors.len() == 3 && errors.iter().all(|error| error.middle() == errors[0].middle()), "{errors:?}");
}

#[test]
fn stems_are_as_long_as_the_gaps() {
    let gaps = [(1.0, 1e-5), (2.0, 2e-5), (3.0, -1e-5)];
    let stems = Picture::of(figures::stems("Gaps", "", ["x", "gap"], &gaps)).marks(BLUE, 170);
    let [one, two, below] = stems[..] else { panic!("three stems expected: {stems:?}") };
    // A dot reaches ten pixels beyond the end of its stem.
    let length = |stem: Mark| stem.height() - 11.0;
    assert!((length(two) / length(one) - 2.0).abs() < 0.05, "{stems:?}");
    assert!((length(below) / length(one) - 1.0).abs() < 0.05, "{stems:?}");
    assert!(below.top > two.top && (below.top - one.bottom).abs() < 6.0, "{stems:?}");
}

fn counts(values: &[f64]) -> Picture {
    Picture::of(figures::counts("Counts", "", ["number", "runs"], "runs", "n", values, Some(("marked", 10.0))))
}

#[test]
fn bars_are_as_high_as_the_counts() {
    let picture = counts(&[10.0, 10.0, 10.0, 10.0, 21.0, 21.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0]);
    let (blue, marked) = (picture.marks(BLUE, PLOT_TOP), picture.marks(VERMILLION, PLOT_TOP));
    let ([two, six], [four]) = (&blue[..], &marked[..]) else { panic!("{blue:?} {marked:?}") };
    let height = picture.column(four.left as u32 + 2, VERMILLION, PLOT_TOP).height();
    assert!((six.height() / two.height() - 3.0).abs() < 0.05);
    assert!((height / two.height() - 2.0).abs() < 0.05);
    assert!(four.right < two.left, "the marked bar stands left of the others");
}

#[test]
fn a_dwarfing_last_bar_is_cut() {
    let common = [10.0, 10.0, 10.0, 10.0, 21.0, 21.0];
    let picture = counts(&common.into_iter().chain(vec![1e10; 100_000]).collect::<Vec<f64>>());
    let ours = picture.marks(BLUE, PLOT_TOP)[0].height();
    assert!(ours > 200.0, "the bars that are not cut stay readable");
    let cut = joined(&picture.marks(MUTED, PLOT_TOP)).pop().unwrap();
    assert!(picture.column(cut.center() as u32, MUTED, PLOT_TOP).height() > 1.9 * ours);
}

/// A text in letters that the font lacks is drawn in those that it has: the same picture as of their sound.
#[test]
fn texts_in_other_scripts_are_drawn() {
    let picture = |title: &str| figures::predictions(title, "", "point", &[(1.0, 1.0), (2.0, 2.0)], &[]).unwrap();
    assert_eq!(picture("скрытый ReLU"), picture("skrytyi ReLU"));
    assert_ne!(picture("скрытый ReLU"), picture("ReLU"));
}

/// The picture, and the histograms of groups from left to right.
fn distributions(groups: &[Vec<f64>], marked: Option<(&str, f64)>) -> (Picture, Vec<Mark>) {
    let groups: Vec<Distribution<'_>> = groups.iter().map(|values| Distribution { name: "group", values }).collect();
    let picture = Picture::of(figures::distributions("Groups", "", &groups, marked, "error"));
    let bars = joined(&picture.marks(BAR, PLOT_TOP));
    (picture, bars)
}

#[test]
fn groups_that_do_not_overlap_stand_apart() {
    let groups = [1e-5, 1e-2, 10.0].map(|center| (10..100).map(|k| center * f64::from(k) / 40.0).collect());
    let (picture, bars) = distributions(&groups, Some(("marked", 1e-7)));
    let [one, two, three] = bars[..] else { panic!("{bars:?}") };
    assert!(two.left > one.right + 100.0 && three.left > two.right + 100.0, "{bars:?}");
    let base = |bar: Mark| picture.column(bar.right as u32 - 4, BAR, PLOT_TOP).bottom;
    assert!(base(one) < base(two) && base(two) < base(three));
    let line = picture.marks(VERMILLION, 400);
    assert!(line.len() == 1 && line[0].right < one.left, "the marked value stands left of all: {line:?}");
}

#[test]
fn bars_and_median_follow_the_values() {
    let (picture, bars) = distributions(&[[vec![1.2e-3; 10], vec![1.2e-1; 5]].concat()], None);
    let [ten, five] = bars[..] else { panic!("{bars:?}") };
    let height = |bar: Mark| picture.column(bar.right as u32 - 4, BAR, PLOT_TOP).height();
    assert!((height(ten) / height(five) - 2.0).abs() < 0.02);
    let is_median = |column: &u32| picture.rows(*column, INK, PLOT_TOP).len() > 200;
    let median = (ten.left as u32..five.right as u32).find(is_median).unwrap();
    assert!(f64::from(median) < ten.right, "the median lies in the larger bar");
}

#[test]
fn a_million_values_can_be_drawn() {
    let values = (1..=1_000_000).map(|k| f64::from(k) * 1e-7).collect();
    assert!(!distributions(&[values], None).1.is_empty());
}

#[test]
fn names_of_lines_that_meet_stand_apart() {
    let lines = [Line::new("line", &[1.0, 2.0], &[5.0, 4.0]); 6];
    let picture = Picture::of(figures::scaling_lines("Growth", "", ["size", "time"], &lines, None));
    let right = picture.marks(BLUE, TITLE_END).pop().unwrap();
    let next = picture.column(right.center() as u32, VERMILLION, TITLE_END);
    assert!((right.middle() - next.middle()).abs() > 30.0, "{right:?} {next:?}");
}

/// Marks less than ten pixels apart, joined.
fn joined(marks: &[Mark]) -> Vec<Mark> {
    let groups = marks.chunk_by(|one, next| next.left < one.right + 10.0);
    groups.map(|group| Mark { right: group[group.len() - 1].right, ..group[0] }).collect()
}

/// The darkest cell of a row is the one that has most of it, whatever other rows have.
#[test]
fn a_confusion_matrix_is_shaded_by_row() {
    let draw = |counts: &[f64]| Picture::of(figures::confusion_matrix("", "", ["is", "for"], &["a", "b"], counts));
    let picture = draw(&[90.0, 10.0, 1.0, 9.0]);
    let cells: Vec<Color> = [(500, 400), (1100, 400), (500, 800), (1100, 800)].map(|(x, y)| picture.at(x, y)).into();
    assert_eq!((cells[0], cells[1]), (cells[3], cells[2]), "{cells:?}");
    assert!(cells[0][0] < 60 && cells[1][0] > 200, "{cells:?}");
}

/// Pictures share one scale of grey, from the smallest value, white, to the largest, black.
#[test]
fn pixels_are_where_they_are() {
    let pixels = [0.0, 16.0, 8.0, 0.0];
    let picture = figures::Picture { name: "7", pixels: &pixels, width: 2 };
    let drawn = Picture::of(figures::pictures("", "", &[picture; 3]));
    let pixel = |column: u32, row: u32| drawn.at(60 + 98 + 196 * column, 190 + 98 + 196 * row);
    assert_eq!([pixel(0, 0), pixel(1, 0), pixel(1, 1)], [[255; 3], INK, [255; 3]]);
    assert!(pixel(0, 1)[0] > INK[0] && pixel(0, 1)[0] < 255);
    assert_eq!(drawn.at(60 + 2 * 429 + 98 + 196, 288), INK, "the third picture");
}
