use figures::{Distribution, Line};

use crate::picture::{BLUE, GREEN, INK, PLOT_TOP, VERMILLION, column_groups, middle, read, rows};
use crate::samples::falling;

const NOTE_TOP: u32 = 1040;
/// Blue on white, as the bars of a histogram have it.
const BAR: [u8; 3] = [115, 177, 213];
const MUTED: [u8; 3] = [100, 108, 118];

#[test]
fn marked_points_are_rings_on_the_curve() {
    let epoch: Vec<f64> = (1..=1001).map(f64::from).collect();
    let loss = falling(1001, 0.98);
    let curve = [Line::new("run", &epoch, &loss)];
    let points = [(501.0, loss[500])];
    let plain = read(&figures::curves_by_epoch("Loss", "", "loss", &curve, ("marked", &[])).unwrap());
    let ringed = read(&figures::curves_by_epoch("Loss", "", "loss", &curve, ("marked", &points)).unwrap());
    let changed: Vec<(u32, u32)> = plain
        .enumerate_pixels()
        .filter(|&(column, row, pixel)| row > PLOT_TOP && ringed.get_pixel(column, row) != pixel)
        .map(|(column, row, _)| (column, row))
        .collect();
    let columns: Vec<u32> = changed.iter().map(|pixel| pixel.0).collect();
    let (left, right) = (columns.iter().min().unwrap(), columns.iter().max().unwrap());
    assert!((20..=26).contains(&(right - left)), "the ring is {} wide", right - left);
    let center = u32::midpoint(*left, *right);
    let line = middle(&rows(&plain, center, BLUE, PLOT_TOP));
    let inked = rows(&ringed, center, INK, PLOT_TOP);
    let ring = inked.iter().filter(|&&row| (f64::from(row) - line).abs() < 30.0).copied().collect::<Vec<u32>>();
    assert!((middle(&ring) - line).abs() < 2.0);
    assert_eq!(ringed.get_pixel(center, line as u32).0, [255; 3], "the ring is hollow");
}

#[test]
fn zeros_leave_a_gap_and_a_note() {
    let epoch: Vec<f64> = (1..=100).map(f64::from).collect();
    let mut loss = falling(100, 0.9);
    let draw = |loss: &[f64]| {
        let curve = [Line::new("run", &epoch, loss)];
        read(&figures::curves_by_epoch("Loss", "", "loss", &curve, ("marked", &[])).unwrap())
    };
    let whole = draw(&loss);
    loss[40..60].fill(0.0);
    let broken = draw(&loss);
    assert_eq!(column_groups(&whole, BLUE, PLOT_TOP).len(), 1);
    assert_eq!(column_groups(&broken, BLUE, PLOT_TOP).len(), 2);
    let is_empty = |picture: &image::RgbImage| {
        picture
            .enumerate_pixels()
            .filter(|&(column, row, _)| row > NOTE_TOP && column < 500)
            .all(|(_, _, pixel)| pixel.0 == [255; 3])
    };
    assert!(is_empty(&whole));
    assert!(!is_empty(&broken));
}

#[test]
fn compared_curves_differ_in_colour() {
    let epoch: Vec<f64> = (1..=500).map(f64::from).collect();
    let losses = [0.99, 0.98, 0.97].map(|rate| falling(500, rate));
    let curves: Vec<Line<'_>> = losses.iter().map(|loss| Line::new("run", &epoch, loss)).collect();
    let picture = read(&figures::curves_by_epoch("Losses", "", "loss", &curves, ("", &[])).unwrap());
    let column = 1500;
    let lowest =
        |color| (column - 80..column + 80).flat_map(|column| rows(&picture, column, color, PLOT_TOP)).max().unwrap();
    assert!(lowest(BLUE) < lowest(VERMILLION));
    assert!(lowest(VERMILLION) < lowest(GREEN));
}

#[test]
fn equal_predictions_lie_on_the_diagonal_of_equal_scales() {
    let values = [0.0, 30.0, 100.0];
    let picture =
        read(&figures::predictions("Predictions", "", "point", &values.map(|value| (value, value)), &[]).unwrap());
    let dots: Vec<(f64, f64)> = column_groups(&picture, BLUE, PLOT_TOP)
        .into_iter()
        .filter(|&(left, _)| left < 1000)
        .map(|(left, right)| {
            let center = f64::midpoint(f64::from(left), f64::from(right));
            (center, middle(&rows(&picture, center as u32, BLUE, PLOT_TOP - 50)))
        })
        .collect();
    assert_eq!(dots.len(), 2, "the third dot is above the searched rows: {dots:?}");
    let across = dots[1].0 - dots[0].0;
    let up = dots[0].1 - dots[1].1;
    assert!((across - up).abs() < 2.0, "{across} across, {up} up");
    assert!(across > 150.0);
}

#[test]
fn stems_are_as_long_as_the_gaps() {
    let gaps = [(1.0, 1e-5), (2.0, 2e-5), (3.0, -1e-5)];
    let picture = read(&figures::stems("Gaps", "", ["x", "gap"], &gaps).unwrap());
    let stems: Vec<(f64, f64)> = column_groups(&picture, BLUE, 170)
        .into_iter()
        .map(|(left, right)| {
            let blue = rows(&picture, u32::midpoint(left, right), BLUE, 170);
            (f64::from(blue[0]), f64::from(blue[blue.len() - 1]))
        })
        .collect();
    let [one, two, below] = stems[..] else {
        panic!("three stems expected: {stems:?}");
    };
    // A dot reaches ten pixels beyond the end of its stem.
    let length = |stem: (f64, f64)| stem.1 - stem.0 - 10.0;
    assert!((length(two) / length(one) - 2.0).abs() < 0.05, "{stems:?}");
    assert!((length(below) / length(one) - 1.0).abs() < 0.05, "{stems:?}");
    assert!(below.0 > two.0 && (below.0 - one.1).abs() < 6.0, "{stems:?}");
}

#[test]
fn bars_are_as_high_as_the_counts() {
    let values = [10.0, 10.0, 10.0, 10.0, 21.0, 21.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0];
    let marked = Some(("marked", 10.0));
    let picture = read(&figures::counts("Counts", "", ["number", "runs"], "runs", "n", &values, marked).unwrap());
    let height = |group: &(u32, u32), color| rows(&picture, group.0 + 2, color, PLOT_TOP).len() as f64;
    let blue = column_groups(&picture, BLUE, PLOT_TOP);
    let marked = column_groups(&picture, VERMILLION, PLOT_TOP);
    assert_eq!((blue.len(), marked.len()), (2, 1), "{blue:?} {marked:?}");
    let two = height(&blue[0], BLUE);
    assert!((height(&blue[1], BLUE) / two - 3.0).abs() < 0.05);
    assert!((height(&marked[0], VERMILLION) / two - 2.0).abs() < 0.05);
    assert!(marked[0].1 < blue[0].0, "the marked bar stands left of the others");
}

/// A text in letters that the font lacks is drawn in those that it has: the same picture as of their sound.
#[test]
fn texts_in_other_scripts_are_drawn() {
    let picture = |title: &str| figures::predictions(title, "", "point", &[(1.0, 1.0), (2.0, 2.0)], &[]).unwrap();
    assert_eq!(picture("скрытый ReLU"), picture("skrytyi ReLU"));
    assert_ne!(picture("скрытый ReLU"), picture("ReLU"));
}

#[test]
fn groups_that_do_not_overlap_stand_apart() {
    let values = [1e-5, 1e-2, 10.0].map(|center| (10..100).map(|k| center * f64::from(k) / 40.0).collect::<Vec<f64>>());
    let groups: Vec<Distribution<'_>> = values.iter().map(|values| Distribution { name: "group", values }).collect();
    let marked = Some(("marked", 1e-7));
    let picture = read(&figures::distributions("Groups", "", &groups, marked, "error").unwrap());
    let bars: Vec<(u32, u32)> = merged(column_groups(&picture, BAR, PLOT_TOP));
    assert_eq!(bars.len(), 3, "{bars:?}");
    assert!(bars[1].0 > bars[0].1 + 100 && bars[2].0 > bars[1].1 + 100, "{bars:?}");
    let base = |group: &(u32, u32)| rows(&picture, group.1 - 4, BAR, PLOT_TOP).pop().unwrap();
    assert!(base(&bars[0]) < base(&bars[1]) && base(&bars[1]) < base(&bars[2]));
    let line = column_groups(&picture, VERMILLION, 400);
    assert!(line.len() == 1 && line[0].1 < bars[0].0, "the marked value stands left of all: {line:?}");
}

#[test]
fn bars_and_median_follow_the_values() {
    let values = [vec![1.2e-3; 10], vec![1.2e-1; 5]].concat();
    let group = Distribution { name: "group", values: &values };
    let picture = read(&figures::distributions("Groups", "", &[group], None, "error").unwrap());
    let bars = merged(column_groups(&picture, BAR, PLOT_TOP));
    let height = |bar: &(u32, u32)| rows(&picture, bar.1 - 4, BAR, PLOT_TOP).len() as f64;
    assert_eq!(bars.len(), 2, "{bars:?}");
    assert!((height(&bars[0]) / height(&bars[1]) - 2.0).abs() < 0.02);
    let is_median = |column: &u32| rows(&picture, *column, INK, PLOT_TOP).len() > 200;
    let median = (bars[0].0..bars[1].1).find(is_median).unwrap();
    assert!(median < bars[0].1, "the median lies in the larger bar");
}

#[test]
fn a_million_values_can_be_drawn() {
    let values: Vec<f64> = (1..=1_000_000).map(|k| f64::from(k) * 1e-7).collect();
    let group = Distribution { name: "group", values: &values };
    let picture = read(&figures::distributions("Groups", "", &[group], None, "error").unwrap());
    assert!(!column_groups(&picture, BAR, PLOT_TOP).is_empty());
}

#[test]
fn a_dwarfing_last_bar_is_cut() {
    let common = [10.0, 10.0, 10.0, 10.0, 21.0, 21.0];
    let values: Vec<f64> = common.into_iter().chain(vec![1e10; 100_000]).collect();
    let marked = Some(("marked", 10.0));
    let picture = read(&figures::counts("Counts", "", ["number", "runs"], "runs", "n", &values, marked).unwrap());
    let top = |color| {
        let group = column_groups(&picture, color, PLOT_TOP)[0];
        rows(&picture, group.0 + 2, color, PLOT_TOP).len() as f64
    };
    assert!(top(BLUE) > 200.0, "the bars that are not cut stay readable");
    let cut = merged(column_groups(&picture, MUTED, PLOT_TOP)).pop().unwrap();
    let muted = rows(&picture, u32::midpoint(cut.0, cut.1), MUTED, PLOT_TOP);
    assert!(f64::from(muted[muted.len() - 1] - muted[0]) > 1.9 * top(BLUE));
}

#[test]
fn names_of_lines_that_meet_stand_apart() {
    let y = [5.0, 4.0];
    let lines = [Line::new("line", &[1.0, 2.0], &y); 6];
    let picture = read(&figures::scaling_lines("Growth", "", ["size", "time"], &lines, None).unwrap());
    let right = column_groups(&picture, BLUE, 150).pop().unwrap();
    let ours = middle(&rows(&picture, u32::midpoint(right.0, right.1), BLUE, 150));
    let next = middle(&rows(&picture, u32::midpoint(right.0, right.1), VERMILLION, 150));
    assert!((ours - next).abs() > 30.0, "{ours} {next}");
}

/// Groups of columns less than ten pixels apart, joined.
fn merged(groups: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for group in groups {
        match joined.last_mut() {
            Some(last) if group.0 < last.1 + 10 => last.1 = group.1,
            _ => joined.push(group),
        }
    }
    joined
}
