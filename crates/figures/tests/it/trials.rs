use figures::{Distribution, Factor, IntermediateCurve, Line, TimelineBar, TrialPoint, TrialState};

use crate::picture::{BLUE, INK, PLOT_TOP, VERMILLION, column_groups, middle, read, row_ends, rows};
use crate::samples::{LOSS, categorical, complete, numeric};

/// Both ends of the colour scale.
const LIGHT: [u8; 3] = [170, 220, 50];
const DARK: [u8; 3] = [68, 1, 84];
const GREY_BLUE: [u8; 3] = [158, 174, 193];

/// Neighbouring columns with this colour left of a column, as pairs of first and last.
fn groups_before(picture: &image::RgbImage, color: [u8; 3], end: u32) -> Vec<(u32, u32)> {
    column_groups(picture, color, 160).into_iter().filter(|group| group.1 < end).collect()
}

#[test]
fn the_best_so_far_only_falls() {
    let trials = complete(&[1e-1, 1e-3, 1.0, 2e-5, 1e-2]);
    let picture = read(&figures::optimization_history("History", "", LOSS, &trials).unwrap());
    let (left, right) = (300, 1700);
    let heights: Vec<u32> = (left..right)
        .filter_map(|column| rows(&picture, column, INK, PLOT_TOP).into_iter().filter(|&row| row < 960).max())
        .collect();
    assert!(heights.len() > 1000, "the line is broken: {}", heights.len());
    assert!(heights.windows(2).all(|pair| pair[0] <= pair[1] + 1), "the line rises");
    assert!(heights[heights.len() - 1] - heights[0] > 400);
}

#[test]
fn trials_without_a_value_have_a_band_of_their_own() {
    let mut trials = complete(&[1.0, 2.0, 3.0]);
    let with = |trials: &[TrialPoint]| read(&figures::optimization_history("History", "", LOSS, trials).unwrap());
    assert!(column_groups(&with(&trials), VERMILLION, PLOT_TOP).is_empty());
    trials[1] = TrialPoint { value: None, state: TrialState::Failed, ..trials[1] };
    let picture = with(&trials);
    let [(left, right)] = column_groups(&picture, VERMILLION, PLOT_TOP)[..] else {
        panic!("one cross expected");
    };
    assert!(middle(&rows(&picture, u32::midpoint(left, right), VERMILLION, PLOT_TOP)) > 900.0);
}

#[test]
fn later_trials_are_darker_and_choices_have_columns() {
    let trials = complete(&[1.0, 1.0]);
    let labels = ["a", "b"];
    let choice = categorical("choice", &labels, &[Some(0), Some(1)]);
    let picture = read(&figures::slice("Slice", "", LOSS, &trials, &[choice]).unwrap());
    let (light, dark) = (groups_before(&picture, LIGHT, 1630), groups_before(&picture, DARK, 1630));
    assert!(light.len() == 1 && dark.len() == 1, "{light:?} {dark:?}");
    assert!(dark[0].0 - light[0].1 > 300, "{light:?} {dark:?}");
}

#[test]
fn panels_share_their_vertical_axis() {
    let trials = complete(&[1e-3, 1.0]);
    let x = numeric("x", &[1.0, 2.0], false);
    let picture = read(&figures::slice("Slice", "", LOSS, &trials, &[x, x, x]).unwrap());
    let heights: Vec<f64> = groups_before(&picture, DARK, 1630)
        .into_iter()
        .map(|(left, right)| middle(&rows(&picture, u32::midpoint(left, right), DARK, 160)))
        .collect();
    assert_eq!(heights.len(), 3);
    assert!(heights.iter().all(|height| (height - heights[0]).abs() < 1.0), "{heights:?}");
}

#[test]
fn a_contour_has_the_colours_of_its_trials() {
    let trials = complete(&[1e-4, 1e-4, 1.0, 1.0]);
    let x = numeric("x", &[0.0, 0.0, 1.0, 1.0], false);
    let y = numeric("y", &[0.0, 1.0, 0.0, 1.0], false);
    let picture = read(&figures::contour("Contour", "", LOSS, &trials, [x, y]).unwrap());
    let brightness = |column| picture.get_pixel(column, 600).0.map(u32::from).iter().sum::<u32>();
    assert!(brightness(250) < brightness(820) && brightness(820) < brightness(1400));
    let labels = ["a", "b", "never"];
    let choice = categorical("y", &labels, &[Some(0), Some(0), Some(1), Some(1)]);
    let picture = read(&figures::contour("Contour", "", LOSS, &trials, [x, choice]).unwrap());
    assert_eq!(picture.get_pixel(900, 320).0, [205, 207, 210], "a choice without a trial has no colour");
}

#[test]
fn ranks_do_not_depend_on_distances() {
    let place = |values: &[f64]| {
        let x = numeric("x", &[1.0, 2.0, 3.0], false);
        let picture = read(&figures::rank("Rank", "", LOSS, &complete(values), [x, x]).unwrap());
        [DARK, LIGHT].map(|color| groups_before(&picture, color, 1630))
    };
    assert_eq!(place(&[1.0, 2.0, 3.0]), place(&[1e-9, 1.0, 1e9]));
    let [best, worst] = place(&[5.0, 4.0, 3.0]);
    assert!(best[0].0 > worst[0].1 + 500, "{best:?} {worst:?}");
}

#[test]
fn the_best_line_of_parallel_coordinates_is_on_top() {
    let trials = complete(&[1e-4, 1.0]);
    let same = numeric("x", &[1.0, 1.0], false);
    let picture = read(&figures::parallel_coordinates("Parallel", "", LOSS, &trials, &[same, same]).unwrap());
    let column = 1200;
    assert!(!rows(&picture, column, DARK, 300).is_empty());
    assert!(rows(&picture, column, LIGHT, 300).is_empty());
}

#[test]
fn bars_are_as_long_as_the_importance_and_sorted() {
    let evaluators: [(&str, &[f64]); 2] = [("one", &[0.2, 0.8]), ("other", &[0.4, 0.1])];
    let picture = read(&figures::parameter_importance("Importance", "", &["a", "b"], &evaluators).unwrap());
    let left = column_groups(&picture, BLUE, PLOT_TOP)[0].0;
    let lengths = |color| row_ends(&picture, color).iter().map(|end| f64::from(end - left)).collect::<Vec<f64>>();
    let (one, other) = (lengths(BLUE), lengths(VERMILLION));
    assert!((one[0] / one[1] - 4.0).abs() < 0.05, "{one:?}");
    assert!((other[1] / other[0] - 4.0).abs() < 0.1, "{other:?}");
    assert!((one[0] / other[1] - 2.0).abs() < 0.05, "{one:?} {other:?}");
}

#[test]
fn half_of_the_trials_are_below_their_median() {
    let values = [1.0, 2.0, 50.0, 100.0];
    let study = Distribution { name: "study", values: &values };
    let picture = read(&figures::empirical_distribution("Distribution", "", LOSS, &[study]).unwrap());
    let columns = column_groups(&picture, BLUE, PLOT_TOP);
    let height = |column| middle(&rows(&picture, column, BLUE, PLOT_TOP));
    let (low, high) = (columns[0].0, columns[columns.len() - 1].1);
    let half = height(low + (high - low) / 2);
    let top = f64::from(rows(&picture, high, BLUE, PLOT_TOP)[0] + 2);
    let bottom = f64::from(*rows(&picture, low + 1, BLUE, PLOT_TOP).last().unwrap());
    assert!((bottom - half - (half - top)).abs() < 8.0, "{bottom} {half} {top}");
}

#[test]
fn the_best_curve_is_inked() {
    let curve = |number, points, state| IntermediateCurve { number, points, state };
    let curves = [
        curve(0, &[(1.0, 1.0), (2.0, 0.5), (3.0, 0.1)], TrialState::Complete),
        curve(1, &[(1.0, 1.0), (2.0, 0.9), (3.0, 0.8)], TrialState::Complete),
        curve(2, &[(1.0, 1.0), (2.0, 1e-3), (3.0, 1e-3)], TrialState::Pruned),
    ];
    let picture = read(&figures::intermediate_values("Curves", "", LOSS, &curves, Some(0)).unwrap());
    let (column, above_axis) = (1300, 960);
    let line = |color| {
        let rows = rows(&picture, column, color, PLOT_TOP);
        middle(&rows.into_iter().filter(|&row| row < above_axis).collect::<Vec<u32>>())
    };
    assert!(line(INK) > line(BLUE) + 20.0);
}

#[test]
fn bars_of_the_timeline_are_as_long_as_the_trials() {
    let bar = |number, start, end, state| TimelineBar { number, start, end, state };
    let bars = [bar(0, 0.0, 4.0, TrialState::Complete), bar(1, 4.0, 6.0, TrialState::Pruned)];
    let picture = read(&figures::timeline("Timeline", "", &bars).unwrap());
    let (first, second) = (column_groups(&picture, BLUE, PLOT_TOP)[0], column_groups(&picture, GREY_BLUE, PLOT_TOP)[0]);
    let length = |group: (u32, u32)| f64::from(group.1 - group.0);
    assert!((length(first) / length(second) - 2.0).abs() < 0.02, "{first:?} {second:?}");
    assert!(second.0.abs_diff(first.1) <= 2);
    let height = |color, group: (u32, u32)| rows(&picture, group.0 + 9, color, PLOT_TOP)[0];
    assert!(height(GREY_BLUE, second) < height(BLUE, first), "later trials stand higher");
}

#[test]
fn areas_lie_between_the_quartiles() {
    let band = Line { name: "sampler", x: &[1.0, 100.0], y: &[1e-1; 2], low: &[1e-3; 2], high: &[1e1; 2] };
    let picture = read(&figures::best_so_far_bands("Best", "", ("trials", true), LOSS, &[band]).unwrap());
    let area = rows(&picture, 700, [214, 232, 243], 160);
    let line = middle(&rows(&picture, 700, BLUE, 160));
    assert!(area.len() > 200, "{}", area.len());
    assert!((middle(&area) - line).abs() < 3.0, "{} {line}", middle(&area));
}

#[test]
fn a_level_shows_all_its_trainings_and_their_median() {
    let values = [1.0, 2.0, 3.0, 1000.0, 2000.0];
    let levels = [Distribution { name: "level", values: &values }];
    let factor = Factor { name: "factor", levels: &levels };
    let picture = read(&figures::one_at_a_time("Factors", "", LOSS, factor, None).unwrap());
    let dots = column_groups(&picture, [77, 156, 201], PLOT_TOP);
    let is_median = |column: &u32| (20..200).contains(&rows(&picture, *column, INK, PLOT_TOP).len());
    let plot = dots[0].0 - 2..dots[dots.len() - 1].1;
    let median =
        plot.clone().filter(is_median).max_by_key(|&column| rows(&picture, column, INK, PLOT_TOP).len()).unwrap();
    let share = f64::from(median - plot.start) / f64::from(plot.end - plot.start);
    assert!((share - 0.145).abs() < 0.03, "three of the five values are below 3: {share}");
}
