use figures::{Band, DistanceCurve, Distribution, Point};

use crate::picture::{BLUE, INK, MISSING, PLOT_TOP, VERMILLION, ZERO, column_groups, middle, read, rows};

/// Blue on white, as the bars of a histogram and the areas of a band have it.
const BAR: [u8; 3] = [115, 177, 213];
const OUTER: [u8; 3] = [209, 230, 241];
const INNER: [u8; 3] = [138, 190, 220];
/// Both ends of the colour scale.
const SMALL: [u8; 3] = [170, 220, 50];
const LARGE: [u8; 3] = [68, 1, 84];
const MUTED: [u8; 3] = [100, 108, 118];

#[test]
fn equal_losses_are_a_flat_line_in_the_band_of_zeros() {
    let epoch: Vec<u32> = (1..=100).collect();
    let zeros = [0.0; 100];
    let curve = DistanceCurve { name: "one", epoch: &epoch, median: &zeros, largest: &zeros };
    let picture = read(&figures::distance_by_epoch("Distances", "", "distance", "zero", &[curve]).unwrap());
    let [(left, right)] = merged(column_groups(&picture, BLUE, PLOT_TOP))[..] else {
        panic!("the line is broken");
    };
    assert!(right - left > 1400);
    for column in [left + 60, u32::midpoint(left, right), right - 60] {
        let line = rows(&picture, column, BLUE, PLOT_TOP);
        let band = rows(&picture, column, ZERO, PLOT_TOP);
        assert!((3..=20).contains(&line.len()), "{line:?}");
        assert!(band[0] + 20 < line[0] && band[band.len() - 1] > line[0] + 20, "{line:?} in {band:?}");
    }
}

#[test]
fn equal_curves_do_not_cover_each_other() {
    let epoch: Vec<u32> = (1..=100).collect();
    let zeros = [0.0; 100];
    let curve = |name| DistanceCurve { name, epoch: &epoch, median: &zeros, largest: &zeros };
    let picture = read(
        &figures::distance_by_epoch("Distances", "", "distance", "zero", &[curve("one"), curve("other")]).unwrap(),
    );
    for color in [BLUE, VERMILLION] {
        let columns: usize =
            column_groups(&picture, color, PLOT_TOP).iter().map(|group| (group.1 - group.0) as usize).sum();
        assert!(columns > 900, "only {columns} columns show {color:?}");
    }
}

#[test]
fn distances_ten_times_larger_are_equally_far_apart() {
    let values = [1.0, 10.0, 100.0, 0.0];
    let curve = DistanceCurve { name: "one", epoch: &[1, 2, 3, 4], median: &values, largest: &values };
    let picture = read(&figures::distance_by_epoch("Distances", "", "distance", "zero", &[curve]).unwrap());
    // The tallest blue of each quarter of the plot is the marker of its epoch.
    let (left, right) = (column_groups(&picture, BLUE, PLOT_TOP)[0].0, 1718);
    let at = |index: u32| left + 9 + (right - left - 9) * index / 3;
    let [one, ten, hundred, zero] = [0, 1, 2, 3].map(|index| middle(&rows(&picture, at(index), BLUE, 210)));
    assert!((one - ten - (ten - hundred)).abs() < 4.0, "{one} {ten} {hundred}");
    assert!(one - ten > 100.0 && zero > one + 20.0, "{one} {ten} {zero}");
}

#[test]
fn cells_have_the_colours_of_their_values() {
    let values = [0.0, 1.0, f64::NAN, 10.0, 100.0, 1000.0];
    let picture =
        read(&figures::heat_map("Cells", "", &["a", "b"], &[1, 2, 3], &values, ["epoch", "distance", "zero"]).unwrap());
    let only = |color| match column_groups(&picture, color, PLOT_TOP)[..] {
        [group] => group,
        ref groups => panic!("{color:?} at {groups:?}"),
    };
    let (zero, missing) = (only(ZERO), only(MISSING));
    let width = zero.1 - zero.0;
    assert!(missing.0 > zero.1 + width - 10 && missing.0 < zero.1 + width + 10);
    let cell = |column: u32, row: u32| picture.get_pixel(zero.0 + width / 2 + column * width, 400 + row * 300).0;
    assert_eq!([cell(0, 0), cell(1, 0), cell(2, 0), cell(2, 1)], [ZERO, SMALL, MISSING, LARGE]);
    let brightness = |color: [u8; 3]| color.map(u32::from).iter().sum::<u32>();
    assert!(brightness(cell(0, 1)) > brightness(cell(1, 1)));
    assert!(brightness(cell(1, 1)) > brightness(LARGE));
}

#[test]
fn many_cases_make_the_map_taller() {
    let names = ["a name of forty characters, at the most"; 60];
    let map = |rows: usize| {
        figures::heat_map("Cells", "", &names[..rows], &[1], &vec![1.0; rows], ["epoch", "distance", "zero"])
    };
    assert_eq!(read(&map(10).unwrap()).height(), 1100);
    assert!(read(&map(60).unwrap()).height() > 60 * 30);
}

#[test]
fn areas_reach_to_their_quantiles() {
    let columns = [1e-2, 1e-1, 1.0, 1e1, 1e2].map(|value| [value; 2]);
    let quantiles = [0, 1, 2, 3, 4].map(|index| columns[index].as_slice());
    let band = Band { name: "runs", quantiles };
    let points = [Point { x: 2.0, y: 1e4 }];
    let picture = read(&figures::bands_by_epoch("Bands", "", "loss", &[1, 5], &[band], ("marked", &points)).unwrap());
    let height = |color| {
        let rows = rows(&picture, 1000, color, PLOT_TOP);
        f64::from(rows[rows.len() - 1] - rows[0])
    };
    assert!((height(OUTER) / height(INNER) - 2.0).abs() < 0.05, "{} {}", height(OUTER), height(INNER));
    let line = middle(&rows(&picture, 1000, BLUE, PLOT_TOP));
    let inner = middle(&rows(&picture, 1000, INNER, PLOT_TOP));
    assert!((line - inner).abs() < 3.0, "{line} {inner}");
    assert!(rows(&picture, 1000, BLUE, PLOT_TOP).len() < 6);
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
fn percentiles_are_as_far_apart_as_their_values() {
    let names = ["a", "b", "c", "d"];
    let picture = read(
        &figures::percentiles("Percentiles", "", "percentile", "value", &names, &[20.0, 40.0, 80.0, 99.5]).unwrap(),
    );
    let center = |group: &(u32, u32)| f64::midpoint(f64::from(group.0), f64::from(group.1));
    let inside: Vec<f64> = column_groups(&picture, BLUE, PLOT_TOP).iter().map(center).collect();
    let outside: Vec<f64> = column_groups(&picture, VERMILLION, PLOT_TOP).iter().map(center).collect();
    let ([a, b, c], [d]) = (&inside[..], &outside[..]) else {
        panic!("three dots inside, one outside expected: {inside:?} {outside:?}");
    };
    assert!(((c - b) / (b - a) - 2.0).abs() < 0.02, "{inside:?}");
    assert!(((d - a) / (b - a) - 79.5 / 20.0).abs() < 0.03, "{inside:?} {outside:?}");
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
