use std::sync::LazyLock;

use figures::{
    Direction, Distribution, Error, Factor, Line, Objective, Parameter, ParameterScale, Point, TrialPoint, TrialState,
    Trials,
};

use crate::picture::Picture;

pub const LOSS: Objective<'static> = Objective { name: "loss", direction: Direction::Minimize, log: true };
const SHARE: Objective<'static> = Objective { name: "share", direction: Direction::Maximize, log: false };
const EXTREME: [f64; 10] =
    [0.0, -0.0, 1.0, -1e-300, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
const STATES: [TrialState; 3] = [TrialState::Complete, TrialState::Pruned, TrialState::Failed];
/// A complete trial without anything.
pub const TRIAL: TrialPoint =
    TrialPoint { number: 0, value: None, state: TrialState::Complete, reports: Vec::new(), seconds: None };
const TITLE: &str = "A chart";
const OF: &str = "Sample data";
const MARKED: Option<(&str, f64)> = Some(("marked", 1.0));
const XY: [&str; 2] = ["x", "y"];

/// A chart of one column of values, and which values it draws.
type Chart = (&'static str, fn(&[f64]) -> Result<Vec<u8>, Error>, fn(f64) -> bool);

/// Every chart.
pub const CHARTS: [Chart; 30] = [
    ("curve", |values| figures::curves_by_epoch(TITLE, OF, "loss", &[line(values)], ("", &[])), is_positive),
    ("ring", |values| figures::curves_by_epoch(TITLE, OF, "loss", &[], ("marked", &pairs(values))), is_positive),
    ("curves", |values| figures::curves_by_epoch(TITLE, OF, "loss", &[line(values); 2], ("", &[])), is_positive),
    ("predictions", |values| figures::predictions(TITLE, OF, "point", &pairs(values), &[]), f64::is_finite),
    ("stems", |values| figures::stems(TITLE, OF, XY, &pairs(values)), f64::is_finite),
    ("comparison", |values| figures::comparison(TITLE, OF, "error", &named(values)), is_positive),
    ("counts", |values| figures::counts(TITLE, OF, XY, "runs", "n", values, MARKED), is_count),
    ("distributions", |values| figures::distributions(TITLE, OF, &group(values), MARKED, "error"), is_positive),
    ("scaling", |values| figures::scaling_lines(TITLE, OF, XY, &[spread(values)], Some(spread(values))), is_positive),
    ("best", |values| figures::best_so_far_bands(TITLE, OF, ("n", true), LOSS, &[spread(values)]), is_positive),
    ("best share", |values| figures::best_so_far_bands("", "", ("", false), SHARE, &[line(values)]), f64::is_finite),
    ("distribution", |values| figures::empirical_distribution(TITLE, OF, LOSS, &group(values)), is_positive),
    ("of shares", |values| figures::empirical_distribution(TITLE, OF, SHARE, &group(values)), f64::is_finite),
    (
        "factor",
        |values| figures::one_at_a_time(TITLE, OF, LOSS, factor(&group(values)), Some(("all", 9.0))),
        is_positive,
    ),
    ("factor of shares", |values| figures::one_at_a_time("", "", SHARE, factor(&group(values)), None), f64::is_finite),
    ("importance", |values| figures::parameter_importance("", "", &vec!["a"; values.len()], &[("", values)]), is_count),
    ("history", |values| figures::optimization_history(&of(LOSS, &ended(values))), is_positive),
    ("history of shares", |values| figures::optimization_history(&of(SHARE, &complete(values))), f64::is_finite),
    ("slice", |values| figures::slice(&of(LOSS, &complete(values)), &parameters(values)), is_positive),
    ("contour", |values| figures::contour(&of(LOSS, &complete(values)), pair(&parameters(values))), is_positive),
    ("contour of shares", |values| figures::contour(&of(SHARE, &complete(values)), [&x(values); 2]), f64::is_finite),
    ("rank", |values| figures::rank(&of(SHARE, &complete(values)), pair(&parameters(values))), f64::is_finite),
    ("parallel", |values| figures::parallel_coordinates(&of(LOSS, &complete(values)), &[x(values)]), is_positive),
    (
        "parallel of shares",
        |values| figures::parallel_coordinates(&of(SHARE, &complete(values)), &parameters(values)),
        f64::is_finite,
    ),
    ("intermediate", |values| figures::intermediate_values(&of(LOSS, &reporting(values)), None), is_positive),
    ("timeline", |values| figures::timeline(&of(LOSS, &running(values))), f64::is_finite),
    ("groups", |values| figures::groups(TITLE, OF, XY, &[("a", &pairs(values)), ("b", &[])]), f64::is_finite),
    ("shares", |values| figures::curves_of_shares(TITLE, OF, XY, &[line(values)]), f64::is_finite),
    ("confusion", |values| figures::confusion_matrix(TITLE, OF, XY, classes(values), &square(values)), is_count),
    ("pictures", |values| figures::pictures(TITLE, OF, &pictures(values)), f64::is_finite),
];

fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn is_count(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// Two classes, one of a single value, none of none.
fn classes(values: &[f64]) -> &'static [&'static str] {
    &["benign", "malignant"][..values.len().min(2)]
}

/// As many values as there are pairs of these classes.
fn square(values: &[f64]) -> Vec<f64> {
    let side = classes(values).len();
    values.iter().cycle().take(side * side).copied().collect()
}

/// Two pictures of the first values.
fn pictures(values: &[f64]) -> [figures::Picture<'_>; 2] {
    [figures::Picture { name: "one", pixels: &values[..values.len().min(64)], width: 8 }; 2]
}

/// 1, then `rate` times the value before.
pub fn falling(epochs: usize, rate: f64) -> Vec<f64> {
    std::iter::successors(Some(1.0), |loss| Some(loss * rate)).take(epochs).collect()
}

/// Complete trials with these values.
pub fn complete(values: &[f64]) -> Vec<TrialPoint> {
    let trial = |(number, &value)| TrialPoint { number, value: Some(value), ..TRIAL };
    (0..).zip(values).map(trial).collect()
}

pub fn of<'a>(objective: Objective<'a>, points: &'a [TrialPoint]) -> Trials<'a> {
    Trials { title: TITLE, subtitle: OF, objective, points }
}

/// Trials with these values that ended in each way in turn.
fn ended(values: &[f64]) -> Vec<TrialPoint> {
    let states = STATES.into_iter().cycle();
    complete(values).into_iter().zip(states).map(|(trial, state)| TrialPoint { state, ..trial }).collect()
}

pub fn numeric(name: &str, values: &[f64], log: bool) -> Parameter {
    let scale = if log { ParameterScale::Logarithmic } else { ParameterScale::Linear };
    Parameter { name: name.to_owned(), values: values.to_vec(), scale }
}

pub fn choices(name: &str, names: &[&str], values: &[f64]) -> Parameter {
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Parameter { name: name.to_owned(), values: values.to_vec(), scale: ParameterScale::Choices(names) }
}

fn x(values: &[f64]) -> Parameter {
    numeric("x", values, false)
}

/// One of each kind.
fn parameters(values: &[f64]) -> [Parameter; 3] {
    let choice: Vec<f64> = (0..values.len()).map(|trial| (trial % 3) as f64).collect();
    let choice = choices("choice", &["relu", "tanh", "a very long name of a choice "], &choice);
    let places = numeric("rate", places(values), true);
    [numeric("units", values, false), choice, places]
}

fn pair(parameters: &[Parameter; 3]) -> [&Parameter; 2] {
    [&parameters[2], &parameters[1]]
}

/// The values at places from 1 to 10, in no order where there are more.
fn places(values: &[f64]) -> &'static [f64] {
    static PLACES: LazyLock<Vec<f64>> = LazyLock::new(|| (0..300).map(|index| f64::from(index % 10 + 1)).collect());
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

/// A trial that reported these values at themselves.
fn reporting(values: &[f64]) -> Vec<TrialPoint> {
    vec![TrialPoint { number: u32::MAX, reports: pairs(values), ..TRIAL }]
}

/// A trial for each value, which ended then.
fn running(values: &[f64]) -> Vec<TrialPoint> {
    values.iter().map(|&end| TrialPoint { number: 7, seconds: Some([0.5 * end, end]), ..TRIAL }).collect()
}

#[test]
fn no_data_are_refused() {
    for (name, draw, _) in CHARTS {
        assert!(matches!(draw(&[]), Err(Error::Empty)), "{name}");
    }
    assert!(matches!(figures::slice(&of(LOSS, &complete(&[1.0])), &[]), Err(Error::Empty)));
    assert!(matches!(figures::parallel_coordinates(&of(LOSS, &complete(&[1.0])), &[]), Err(Error::Empty)));
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
            assert!(Picture::read(&draw(values).expect(name)).width >= 1600);
        }
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let trials = complete(&[1.0, 2.0]);
    let trials = of(LOSS, &trials);
    let (long, short) = (x(&[1.0, 2.0]), choices("y", &["a"], &[0.0]));
    let uneven = Line::new("", &[1.0, 2.0], &[1.0]);
    let whisker = Line { low: &[1.0, 2.0], ..Line::new("", &[1.0], &[1.0]) };
    let refused = [
        figures::curves_by_epoch("", "", "", &[uneven], ("", &[])),
        figures::scaling_lines("", "", ["", ""], &[whisker], None),
        figures::best_so_far_bands("", "", ("", false), LOSS, &[whisker]),
        figures::contour(&trials, [&long, &short]),
        figures::rank(&trials, [&short, &long]),
        figures::parallel_coordinates(&trials, std::slice::from_ref(&short)),
        figures::slice(&trials, &[long, short]),
        figures::parameter_importance("", "", &["a"], &[("evaluator", &[1.0, 2.0])]),
        figures::curves_of_shares("", "", ["", ""], &[uneven]),
        figures::confusion_matrix("", "", ["", ""], &["a", "b"], &[1.0, 2.0]),
    ];
    for (index, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(Error::DifferentLengths { .. })), "{index}: {:?}", result.as_ref().err());
    }
    let message = figures::curves_by_epoch("", "", "", &[uneven], ("", &[])).unwrap_err().to_string();
    assert_eq!(message, "columns that belong together have 2 and 1 values");
}

#[test]
fn studies_without_a_complete_trial_on_the_axes_are_refused() {
    let failed = vec![TrialPoint { state: TrialState::Failed, ..TRIAL }; 3];
    let pruned = vec![TrialPoint { value: Some(1.0), state: TrialState::Pruned, ..TRIAL }; 3];
    let (x, missing) = (x(&[1.0; 3]), choices("y", &["a"], &[f64::NAN, 1.0, 9.0]));
    let trials = complete(&[1.0; 3]);
    let mut refused = vec![
        figures::contour(&of(LOSS, &trials), [&x, &missing]),
        figures::rank(&of(LOSS, &trials), [&missing, &x]),
        figures::scaling_lines("", "", ["", ""], &[Line::new("", &[1.0, 0.0], &[0.0, 1.0])], None),
    ];
    for trials in [&of(LOSS, &failed), &of(LOSS, &pruned)] {
        refused.push(figures::optimization_history(trials));
        refused.push(figures::slice(trials, std::slice::from_ref(&x)));
        refused.push(figures::contour(trials, [&x, &x]));
        refused.push(figures::rank(trials, [&x, &x]));
        refused.push(figures::parallel_coordinates(trials, std::slice::from_ref(&x)));
    }
    for (index, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(Error::NothingToDraw)), "{index}: {:?}", result.as_ref().err());
    }
}

#[test]
fn extreme_studies_never_panic() {
    let parameters = [
        x(&EXTREME),
        numeric("log x", &EXTREME, true),
        choices("y", &["a", "a very long name of a choice ", ""], &EXTREME),
        choices("without choices", &[], &EXTREME),
        numeric("without a number", &[f64::NAN; 10], true),
    ];
    let mut trials = ended(&EXTREME);
    for (number, trial) in trials.iter_mut().enumerate() {
        trial.number = [0, 1, u32::MAX][number % 3];
        trial.state = STATES[number % 5 % 3];
        trial.reports = pairs(&EXTREME);
        trial.seconds = Some([-1e300, EXTREME[number]]);
    }
    let levels = [group(&EXTREME)[0]; 60];
    let many: Vec<Parameter> = vec![x(&EXTREME); 40];
    let mut drawn = vec![
        figures::timeline(&of(LOSS, &trials)),
        figures::parameter_importance("", "", &["a"; 100], &[("one", &[0.0; 100][..]); 9]),
        figures::curves_by_epoch("", "", "", &[line(&EXTREME); 40], ("", &[(f64::INFINITY, 1.0)])),
        figures::comparison("", "", "", &[("row", 1e-3); 100]),
        figures::intermediate_values(&of(LOSS, &vec![trials.clone(); 13].concat()), Some(u32::MAX)),
        figures::distributions("", "", &[group(&EXTREME)[0]; 30], None, ""),
        figures::scaling_lines("", "", ["", ""], &[spread(&EXTREME); 30], None),
    ];
    let ones = complete(&[1.0; 10]);
    for objective in [LOSS, SHARE] {
        drawn.push(figures::optimization_history(&of(objective, &trials)));
        drawn.push(figures::intermediate_values(&of(objective, &trials), Some(u32::MAX)));
        for (trials, parameters) in [(&complete(&EXTREME), &parameters[..]), (&trials, &many)] {
            drawn.push(figures::slice(&of(objective, trials), parameters));
            drawn.push(figures::parallel_coordinates(&of(objective, trials), parameters));
        }
        drawn.push(figures::one_at_a_time("", "", objective, factor(&levels), Some(("none", f64::NAN))));
        for [a, b] in [[0, 0], [0, 1], [1, 2], [2, 0]] {
            drawn.push(figures::contour(&of(objective, &ones), [&parameters[a], &parameters[b]]));
            drawn.push(figures::rank(&of(objective, &ones), [&parameters[a], &parameters[b]]));
        }
    }
    for (index, png) in drawn.into_iter().enumerate() {
        assert!(Picture::read(&png.unwrap_or_else(|error| panic!("{index}: {error}"))).width >= 1600);
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
        assert!(Picture::of(png).width >= 1600);
    }
}
