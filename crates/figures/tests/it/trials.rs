use figures::{Distribution, Factor, Line, Parameter, TrialPoint, TrialState};

use crate::inputs::{LOSS, TRIAL, choices, complete, numeric, of};
use crate::picture::{BLUE, Color, DARK, INK, LIGHT, Mark, PLOT_TOP, Picture, TITLE_END, VERMILLION};

const GREY_BLUE: Color = [158, 174, 193];
/// Left of the colour bar.
const BAR_LEFT: f64 = 1630.0;

fn history(trials: &[TrialPoint]) -> Picture {
    Picture::of(figures::optimization_history(&of(LOSS, trials)))
}

fn slice(values: &[f64], parameters: &[Parameter]) -> Picture {
    Picture::of(figures::slice(&of(LOSS, &complete(values)), parameters))
}

/// Marks of this colour left of the colour bar.
fn dots(picture: &Picture, color: Color) -> Vec<Mark> {
    picture.marks(color, 160).into_iter().filter(|mark| mark.right < BAR_LEFT).collect()
}

#[test]
fn the_best_so_far_only_falls() {
    let picture = history(&complete(&[1e-1, 1e-3, 1.0, 2e-5, 1e-2]));
    let lowest = |column| picture.rows(column, INK, PLOT_TOP).into_iter().filter(|&row| row < 960).max();
    let heights: Vec<u32> = (300..1700).filter_map(lowest).collect();
    assert!(heights.len() > 1000, "the line is broken: {}", heights.len());
    assert!(heights.windows(2).all(|pair| pair[0] <= pair[1] + 1), "the line rises");
    assert!(heights[heights.len() - 1] - heights[0] > 400);
}

#[test]
fn trials_without_a_value_have_a_band_of_their_own() {
    let mut trials = complete(&[1.0, 2.0, 3.0]);
    assert!(history(&trials).marks(VERMILLION, PLOT_TOP).is_empty());
    trials[1] = TrialPoint { number: 1, state: TrialState::Failed, ..TRIAL };
    let crosses = history(&trials).marks(VERMILLION, PLOT_TOP);
    assert!(crosses.len() == 1 && crosses[0].middle() > 900.0, "{crosses:?}");
}

#[test]
fn later_trials_are_darker_and_choices_have_columns() {
    let picture = slice(&[1.0, 1.0], &[choices("choice", &["a", "b"], &[0.0, 1.0])]);
    let (light, dark) = (dots(&picture, LIGHT), dots(&picture, DARK));
    assert!(light.len() == 1 && dark.len() == 1, "{light:?} {dark:?}");
    assert!(dark[0].left - light[0].right > 300.0, "{light:?} {dark:?}");
}

#[test]
fn panels_share_their_vertical_axis() {
    let x = numeric("x", &[1.0, 2.0], false);
    let dots = dots(&slice(&[1e-3, 1.0], &[x.clone(), x.clone(), x]), DARK);
    assert_eq!(dots.len(), 3);
    assert!(dots.iter().all(|dot| (dot.middle() - dots[0].middle()).abs() < 1.0), "{dots:?}");
}

#[test]
fn a_contour_has_the_colours_of_its_trials() {
    let trials = complete(&[1e-4, 1e-4, 1.0, 1.0]);
    let x = numeric("x", &[0.0, 0.0, 1.0, 1.0], false);
    let draw = |y: &Parameter| Picture::of(figures::contour(&of(LOSS, &trials), [&x, y]));
    let picture = draw(&numeric("y", &[0.0, 1.0, 0.0, 1.0], false));
    let brightness = |column| picture.at(column, 600).map(u32::from).iter().sum::<u32>();
    assert!(brightness(250) < brightness(820) && brightness(820) < brightness(1400));
    let picture = draw(&choices("y", &["a", "b", "never"], &[0.0, 0.0, 1.0, 1.0]));
    assert_eq!(picture.at(900, 320), [205, 207, 210], "a choice without a trial has no colour");
}

#[test]
fn ranks_do_not_depend_on_distances() {
    let place = |values: &[f64]| {
        let x = numeric("x", &[1.0, 2.0, 3.0], false);
        let picture = Picture::of(figures::rank(&of(LOSS, &complete(values)), [&x, &x]));
        [DARK, LIGHT].map(|color| dots(&picture, color))
    };
    assert_eq!(place(&[1.0, 2.0, 3.0]), place(&[1e-9, 1.0, 1e9]));
    let [best, worst] = place(&[5.0, 4.0, 3.0]);
    assert!(best[0].left > worst[0].right + 500.0, "{best:?} {worst:?}");
}

#[test]
fn the_best_line_of_parallel_coordinates_is_on_top_and_no_line_crosses_an_axis() {
    let same = [numeric("x", &[1.0, 1.0], false), choices("y", &["a", "b"], &[0.0, 0.0])];
    let picture = Picture::of(figures::parallel_coordinates(&of(LOSS, &complete(&[1e-4, 1.0])), &same));
    assert!(!picture.rows(1200, DARK, 300).is_empty());
    assert!(picture.rows(1200, LIGHT, 300).is_empty());
    let lines = dots(&picture, DARK);
    assert!(lines.len() == 2 && lines[1].left > lines[0].right + 30.0, "{lines:?}");
}

#[test]
fn bars_are_as_long_as_the_importance_and_sorted() {
    let evaluators: [(&str, &[f64]); 2] = [("one", &[0.2, 0.8]), ("other", &[0.4, 0.1])];
    let picture = Picture::of(figures::parameter_importance("Importance", "", &["a", "b"], &evaluators));
    let left = picture.marks(BLUE, PLOT_TOP)[0].left;
    let lengths = |color| picture.bar_ends(color).iter().map(|end| end - left).collect::<Vec<f64>>();
    let (one, other) = (lengths(BLUE), lengths(VERMILLION));
    assert!((one[0] / one[1] - 4.0).abs() < 0.05, "{one:?}");
    assert!((other[1] / other[0] - 4.0).abs() < 0.1, "{other:?}");
    assert!((one[0] / other[1] - 2.0).abs() < 0.05, "{one:?} {other:?}");
}

#[test]
fn half_of_the_trials_are_below_their_median() {
    let study = Distribution { name: "study", values: &[1.0, 2.0, 50.0, 100.0] };
    let picture = Picture::of(figures::empirical_distribution("Distribution", "", LOSS, &[study]));
    let steps = picture.marks(BLUE, PLOT_TOP);
    let (low, high) = (steps[0].left as u32, steps[steps.len() - 1].right as u32);
    let half = picture.column(u32::midpoint(low, high), BLUE, PLOT_TOP).middle();
    let top = picture.column(high, BLUE, PLOT_TOP).top + 2.0;
    let bottom = picture.column(low + 1, BLUE, PLOT_TOP).bottom;
    assert!((bottom - half - (half - top)).abs() < 8.0, "{bottom} {half} {top}");
}

#[test]
fn the_best_curve_is_inked() {
    let curve = |number, losses: [f64; 3], state| {
        let reports = [1.0, 2.0, 3.0].into_iter().zip(losses).collect();
        TrialPoint { number, reports, state, ..TRIAL }
    };
    let curves = [
        curve(0, [1.0, 0.5, 0.1], TrialState::Complete),
        curve(1, [1.0, 0.9, 0.8], TrialState::Complete),
        curve(2, [1.0, 1e-3, 1e-3], TrialState::Pruned),
    ];
    let picture = Picture::of(figures::intermediate_values(&of(LOSS, &curves), Some(0)));
    let line = |color| picture.rows(1300, color, PLOT_TOP).into_iter().filter(|&row| row < 960).min().unwrap();
    assert!(line(INK) > line(BLUE) + 20);
}

#[test]
fn bars_of_the_timeline_are_as_long_as_the_trials() {
    let bar = |number, start, end, state| TrialPoint { number, seconds: Some([start, end]), state, ..TRIAL };
    let bars = [bar(0, 0.0, 4.0, TrialState::Complete), bar(1, 4.0, 6.0, TrialState::Pruned)];
    let picture = Picture::of(figures::timeline(&of(LOSS, &bars)));
    let (first, second) = (picture.marks(BLUE, PLOT_TOP)[0], picture.marks(GREY_BLUE, PLOT_TOP)[0]);
    let length = |bar: Mark| bar.right - bar.left;
    assert!((length(first) / length(second) - 2.0).abs() < 0.02, "{first:?} {second:?}");
    assert!((second.left - first.right).abs() <= 2.0);
    assert!(second.top < first.top, "later trials stand higher");
}

#[test]
fn areas_lie_between_the_quartiles() {
    let band = Line { name: "sampler", x: &[1.0, 100.0], y: &[1e-1; 2], low: &[1e-3; 2], high: &[1e1; 2] };
    let picture = Picture::of(figures::best_so_far_bands("Best", "", ("trials", true), LOSS, &[band]));
    let area = picture.column(700, [214, 232, 243], TITLE_END);
    let line = picture.column(700, BLUE, TITLE_END).middle();
    assert!(area.height() > 200.0 && (area.middle() - line).abs() < 3.0, "{area:?} {line}");
}

#[test]
fn a_level_shows_all_its_trainings_and_their_median() {
    let levels = [Distribution { name: "level", values: &[1.0, 2.0, 3.0, 1000.0, 2000.0] }];
    let factor = Factor { name: "factor", levels: &levels };
    let picture = Picture::of(figures::one_at_a_time("Factors", "", LOSS, factor, None));
    let runs = picture.marks([77, 156, 201], PLOT_TOP);
    let plot = runs[0].left - 2.0..runs[runs.len() - 1].right;
    let inked = |column: u32| picture.rows(column, INK, PLOT_TOP).len();
    let columns = plot.start as u32..plot.end as u32;
    let median = columns.filter(|&column| (20..200).contains(&inked(column))).max_by_key(|&column| inked(column));
    let share = (f64::from(median.unwrap()) - plot.start) / (plot.end - plot.start);
    assert!((share - 0.145).abs() < 0.03, "three of the five values are below 3: {share}");
}
