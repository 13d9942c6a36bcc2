use figures::{
    Direction, Distribution, Error, Factor, IntermediateCurve, Line, Objective, Point, TimelineBar, TrialPoint,
    TrialState,
};

use crate::picture::read;
use crate::samples::{LOSS, STATES, categorical, complete, numeric};

const EXTREME: [f64; 10] =
    [0.0, -0.0, 1.0, -1e-300, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
const SHARE: Objective<'static> = Objective { name: "share", direction: Direction::Maximize, log: false };

/// A chart of one column of values, and which values it draws.
type Chart = (&'static str, fn(&[f64]) -> Result<Vec<u8>, Error>, fn(f64) -> bool);

const CHARTS: [Chart; 26] = [
    ("curve", |values| figures::curves_by_epoch("", "", "", &[line(values)], ("", &[])), is_positive),
    ("ring", |values| figures::curves_by_epoch("", "", "", &[], ("", &pairs(values))), is_positive),
    ("predictions", |values| figures::predictions("", "", "", &pairs(values), &[]), f64::is_finite),
    ("stems", |values| figures::stems("", "", ["", ""], &pairs(values)), f64::is_finite),
    ("comparison", |values| figures::comparison("", "", "", &named(values)), is_positive),
    ("counts", |values| figures::counts("", "", ["", ""], "", "", values, Some(("", 1.0))), is_count),
    ("distributions", |values| figures::distributions("", "", &group(values), Some(("", 1.0)), ""), is_positive),
    ("scaling", |values| figures::scaling_lines("", "", ["", ""], &[line(values)], None), is_positive),
    ("spread", |values| figures::scaling_lines("", "", ["", ""], &[spread(values)], Some(spread(values))), is_positive),
    ("best", |values| figures::best_so_far_bands("", "", ("", true), LOSS, &[spread(values)]), is_positive),
    ("best share", |values| figures::best_so_far_bands("", "", ("", false), SHARE, &[line(values)]), f64::is_finite),
    ("edf", |values| figures::empirical_distribution("", "", LOSS, &group(values)), is_positive),
    ("edf of shares", |values| figures::empirical_distribution("", "", SHARE, &group(values)), f64::is_finite),
    ("factor", |values| figures::one_at_a_time("", "", LOSS, factor(&group(values)), Some(f64::MAX)), is_positive),
    ("factor of shares", |values| figures::one_at_a_time("", "", SHARE, factor(&group(values)), None), f64::is_finite),
    ("importance", |values| figures::parameter_importance("", "", &vec![""; values.len()], &[("", values)]), is_count),
    ("history", |values| figures::optimization_history("", "", LOSS, &complete(values)), is_positive),
    ("history of shares", |values| figures::optimization_history("", "", SHARE, &complete(values)), f64::is_finite),
    ("slice", |values| figures::slice("", "", LOSS, &complete(values), &[numeric("", values, false)]), is_positive),
    (
        "slice of shares",
        |values| figures::slice("", "", SHARE, &complete(values), &[numeric("", values, false)]),
        f64::is_finite,
    ),
    (
        "contour",
        |values| figures::contour("", "", LOSS, &complete(values), [numeric("", values, true); 2]),
        is_positive,
    ),
    ("rank", |values| figures::rank("", "", SHARE, &complete(values), [numeric("", values, false); 2]), f64::is_finite),
    (
        "parallel",
        |values| figures::parallel_coordinates("", "", LOSS, &complete(values), &[numeric("", values, true)]),
        is_positive,
    ),
    (
        "parallel of shares",
        |values| figures::parallel_coordinates("", "", SHARE, &complete(values), &[numeric("", values, true)]),
        f64::is_finite,
    ),
    ("intermediate", |values| figures::intermediate_values("", "", LOSS, &[curve(&pairs(values))], None), is_positive),
    ("timeline", |values| figures::timeline("", "", &bars(values)), f64::is_finite),
];

fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn is_count(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// The values at places from 1 to 10, in no order where there are more.
fn places(values: &[f64]) -> &'static [f64] {
    const PLACES: [f64; 300] = {
        let mut places = [1.0; 300];
        let mut index = 0;
        while index < 300 {
            places[index] = (index % 10 + 1) as f64;
            index += 1;
        }
        places
    };
    &PLACES[..values.len()]
}

fn pairs(values: &[f64]) -> Vec<Point> {
    values.iter().map(|&value| (value, value)).collect()
}

fn named(values: &[f64]) -> Vec<(&'static str, f64)> {
    values.iter().map(|&value| ("a name", value)).collect()
}

fn line(values: &[f64]) -> Line<'_> {
    Line::new("a name", places(values), values)
}

fn spread(values: &[f64]) -> Line<'_> {
    Line { low: values, high: values, ..line(values) }
}

fn group(values: &[f64]) -> [Distribution<'_>; 1] {
    [Distribution { name: "a name", values }]
}

fn factor<'a>(levels: &'a [Distribution<'a>]) -> Factor<'a> {
    Factor { name: "a name", levels }
}

fn curve(points: &[Point]) -> IntermediateCurve<'_> {
    IntermediateCurve { number: u32::MAX, points, state: TrialState::Complete }
}

fn bars(values: &[f64]) -> Vec<TimelineBar> {
    values.iter().map(|&end| TimelineBar { number: 7, start: 0.5 * end, end, state: TrialState::Pruned }).collect()
}

#[test]
fn no_data_are_refused() {
    for (name, draw, _) in CHARTS {
        assert!(matches!(draw(&[]), Err(Error::Empty)), "{name}");
    }
    assert!(matches!(figures::slice("", "", LOSS, &complete(&[1.0]), &[]), Err(Error::Empty)));
    assert!(matches!(figures::parallel_coordinates("", "", LOSS, &complete(&[1.0]), &[]), Err(Error::Empty)));
}

#[test]
fn each_value_alone_is_drawn_or_refused() {
    for value in EXTREME.into_iter().chain([1e-5, 123.456]) {
        for (name, draw, takes) in CHARTS {
            let drawn = draw(&[value]);
            let is_as_expected = if takes(value) { drawn.is_ok() } else { matches!(drawn, Err(Error::NothingToDraw)) };
            assert!(is_as_expected, "{name} of {value}: {:?}", drawn.err());
        }
    }
}

#[test]
fn extreme_values_never_panic() {
    for (name, draw, _) in CHARTS {
        for values in [&EXTREME.repeat(30)[..], &[f64::MAX; 3], &[1.0, 1.0 + 1e-12]] {
            assert!(read(&draw(values).expect(name)).width() >= 1600);
        }
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let trials = complete(&[1.0, 2.0]);
    let [long, short] = [numeric("x", &[1.0, 2.0], false), categorical("y", &["a"], &[Some(0)])];
    let uneven = Line::new("", &[1.0, 2.0], &[1.0]);
    let whisker = Line { low: &[1.0, 2.0], ..Line::new("", &[1.0], &[1.0]) };
    let refused = [
        figures::curves_by_epoch("", "", "", &[uneven], ("", &[])),
        figures::scaling_lines("", "", ["", ""], &[whisker], None),
        figures::best_so_far_bands("", "", ("", false), LOSS, &[whisker]),
        figures::slice("", "", LOSS, &trials, &[long, short]),
        figures::contour("", "", LOSS, &trials, [long, short]),
        figures::rank("", "", LOSS, &trials, [short, long]),
        figures::parallel_coordinates("", "", LOSS, &trials, &[short]),
        figures::parameter_importance("", "", &["a"], &[("evaluator", &[1.0, 2.0])]),
    ];
    for (index, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(Error::DifferentLengths { .. })), "{index}: {:?}", result.as_ref().err());
    }
    let message = figures::curves_by_epoch("", "", "", &[uneven], ("", &[])).unwrap_err().to_string();
    assert_eq!(message, "columns that belong together have 2 and 1 values");
}

#[test]
fn studies_without_a_complete_trial_on_the_axes_are_refused() {
    let failed = [TrialPoint { number: 0, value: None, state: TrialState::Failed }; 3];
    let pruned = [TrialPoint { number: 0, value: Some(1.0), state: TrialState::Pruned }; 3];
    let [x, missing] = [numeric("x", &[1.0; 3], false), categorical("y", &["a"], &[None, Some(1), Some(9)])];
    let trials = complete(&[1.0; 3]);
    let mut refused = vec![
        figures::contour("", "", LOSS, &trials, [x, missing]),
        figures::rank("", "", LOSS, &trials, [missing, x]),
        figures::scaling_lines("", "", ["", ""], &[Line::new("", &[1.0, 0.0], &[0.0, 1.0])], None),
    ];
    for trials in [&failed[..], &pruned] {
        refused.push(figures::optimization_history("", "", LOSS, trials));
        refused.push(figures::slice("", "", LOSS, trials, &[x]));
        refused.push(figures::contour("", "", LOSS, trials, [x, x]));
        refused.push(figures::rank("", "", LOSS, trials, [x, x]));
        refused.push(figures::parallel_coordinates("", "", LOSS, trials, &[x]));
    }
    for (index, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(Error::NothingToDraw)), "{index}: {:?}", result.as_ref().err());
    }
}

#[test]
fn extreme_studies_never_panic() {
    let index: Vec<Option<usize>> = (0..10).map(|k| [None, Some(0), Some(usize::MAX)][k % 3]).collect();
    let labels = ["a", "a very long name of a choice ", ""];
    let parameters = [
        numeric("x", &EXTREME, false),
        numeric("log x", &EXTREME, true),
        categorical("y", &labels, &index),
        categorical("without choices", &[], &index),
        numeric("without a number", &[f64::NAN; 10], true),
    ];
    let mut trials = complete(&EXTREME);
    for (number, trial) in trials.iter_mut().enumerate() {
        trial.number = [0, 1, u32::MAX][number % 3];
        trial.state = STATES[number % 5 % 3];
    }
    let losses = pairs(&EXTREME);
    let curves = STATES.map(|state| IntermediateCurve { state, ..curve(&losses) });
    let whole = TimelineBar { number: u32::MAX, start: -1e300, end: 1e300, state: TrialState::Failed };
    let levels = [group(&EXTREME)[0]; 60];
    let mut drawn = vec![
        figures::timeline("", "", &[bars(&EXTREME), vec![whole]].concat()),
        figures::parameter_importance("", "", &["a"; 100], &[("one", &[0.0; 100][..]); 9]),
        figures::curves_by_epoch("", "", "", &[line(&EXTREME); 40], ("", &[(f64::INFINITY, 1.0)])),
        figures::comparison("", "", "", &[("row", 1e-3); 100]),
        figures::intermediate_values("", "", LOSS, &[curves[0]; 130], Some(u32::MAX)),
        figures::distributions("", "", &[group(&EXTREME)[0]; 30], None, ""),
        figures::scaling_lines("", "", ["", ""], &[spread(&EXTREME); 30], None),
    ];
    for objective in [LOSS, SHARE] {
        drawn.push(figures::optimization_history("", "", objective, &trials));
        drawn.push(figures::slice("", "", objective, &complete(&EXTREME), &parameters));
        drawn.push(figures::slice("", "", objective, &trials, &[parameters[0]; 40]));
        drawn.push(figures::parallel_coordinates("", "", objective, &complete(&EXTREME), &parameters));
        drawn.push(figures::parallel_coordinates("", "", objective, &trials, &[parameters[0]; 40]));
        drawn.push(figures::intermediate_values("", "", objective, &curves, Some(u32::MAX)));
        drawn.push(figures::one_at_a_time("", "", objective, factor(&levels), Some(f64::NAN)));
        let ones = complete(&[1.0; 10]);
        for pair in [[0, 0], [0, 1], [1, 2], [2, 0]] {
            let pair = pair.map(|index: usize| parameters[index]);
            drawn.push(figures::contour("", "", objective, &ones, pair));
            drawn.push(figures::rank("", "", objective, &ones, pair));
        }
    }
    for (index, png) in drawn.into_iter().enumerate() {
        assert!(read(&png.unwrap_or_else(|error| panic!("{index}: {error}"))).width() >= 1600);
    }
}

#[test]
fn long_names_can_be_drawn() {
    let long = "a very long name ".repeat(50);
    let values = [1.0, 1.0 + 1e-12];
    let group = Distribution { name: &long, values: &values };
    let drawn = [
        figures::predictions(&long, &long, &long, &pairs(&values), &[(&long, 1.0)]),
        figures::comparison(&long, &long, &long, &[(&long, 1e-3), (&long, 1.000_001e-3)]),
        figures::distributions(&long, &long, &[group], Some((&long, 1.0)), &long),
        figures::scaling_lines(&long, &long, [&long, &long], &[Line { name: &long, ..line(&values) }], None),
        figures::one_at_a_time(&long, &long, LOSS, Factor { name: &long, levels: &[group] }, None),
    ];
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}
