use figures::{Curve, Point};

use crate::picture::{BLUE, GREEN, INK, PLOT_TOP, VERMILLION, column_groups, middle, read, rows};
use crate::samples::falling;

const NOTE_TOP: u32 = 1040;

#[test]
fn an_exponential_loss_is_a_straight_line() {
    let epoch: Vec<u32> = (1..=1001).collect();
    let loss = falling(1001, 0.98);
    let curve = [Curve { name: "run", epoch: &epoch, value: &loss }];
    let picture = read(&figures::curves_by_epoch("Loss", "", "loss", &curve, ("marked", &[])).unwrap());
    let groups = column_groups(&picture, BLUE, PLOT_TOP);
    let [(left, right)] = groups[..] else {
        panic!("the line is broken: {groups:?}");
    };
    let height = |column| middle(&rows(&picture, column, BLUE, PLOT_TOP));
    let (left, right) = (left + 10, right - 10);
    let drop = height(right) - height(left);
    assert!(drop > 500.0, "the line falls by {drop} pixels only");
    let bend = height(u32::midpoint(left, right)) - f64::midpoint(height(left), height(right));
    assert!(bend.abs() < 1.5, "the line bends by {bend} pixels");
}

#[test]
fn marked_points_are_rings_on_the_curve() {
    let epoch: Vec<u32> = (1..=1001).collect();
    let loss = falling(1001, 0.98);
    let curve = [Curve { name: "run", epoch: &epoch, value: &loss }];
    let points = [Point { x: 501.0, y: loss[500] }];
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
    let epoch: Vec<u32> = (1..=100).collect();
    let mut loss = falling(100, 0.9);
    let draw = |loss: &[f64]| {
        let curve = [Curve { name: "run", epoch: &epoch, value: loss }];
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
    let epoch: Vec<u32> = (1..=500).collect();
    let losses = [0.99, 0.98, 0.97].map(|rate| falling(500, rate));
    let curves: Vec<Curve<'_>> = losses.iter().map(|loss| Curve { name: "run", epoch: &epoch, value: loss }).collect();
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
    let picture = read(&figures::predictions("Predictions", "", "point", &values, &values, &[]).unwrap());
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
    let gaps = [1e-5, 2e-5, -1e-5];
    let picture = read(&figures::stems("Gaps", "", ["x", "gap"], &[1.0, 2.0, 3.0], &gaps).unwrap());
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
fn errors_ten_times_larger_are_equally_far_apart() {
    let errors = [("a", 1e-4), ("b", 1e-3), ("c", 1e-2), ("d", 1e-1)];
    let picture = read(&figures::comparison("Errors", "", "error", &errors).unwrap());
    let ends: Vec<u32> = (0..picture.height())
        .filter_map(|row| (0..picture.width()).rev().find(|&x| picture.get_pixel(x, row).0 == BLUE))
        .collect();
    // The end of a row of pixels belongs to the dot of its lollipop; the widest counts.
    let mut dots = vec![0];
    for end in ends {
        let last = dots.len() - 1;
        if end.abs_diff(dots[last]) < 30 {
            dots[last] = dots[last].max(end);
        } else if end > dots[last] {
            dots.push(end);
        }
    }
    let [_, a, b, c, d] = dots[..] else {
        panic!("four dots expected: {dots:?}");
    };
    assert!(b - a > 200);
    assert!((b - a).abs_diff(c - b) <= 2 && (c - b).abs_diff(d - c) <= 2, "{dots:?}");
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
    let picture = |title: &str| figures::predictions(title, "", "point", &[1.0, 2.0], &[1.0, 2.0], &[]).unwrap();
    assert_eq!(picture("скрытый ReLU"), picture("skrytyi ReLU"));
    assert_ne!(picture("скрытый ReLU"), picture("ReLU"));
}
