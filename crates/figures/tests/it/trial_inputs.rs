use figures::{
    Direction, Distribution, Error, Factor, IntermediateCurve, Line, Objective, TimelineBar, TrialPoint, TrialState,
};

use crate::inputs::EXTREME;
use crate::picture::read;
use crate::trial_samples::{LOSS, STATES, categorical, complete, numeric};

const SHARE: Objective<'static> = Objective { name: "share", direction: Direction::Maximize, log: false };

fn is_empty(result: &Result<Vec<u8>, Error>) -> bool {
    matches!(result, Err(Error::Empty { .. }))
}

#[test]
fn no_data_is_refused() {
    let trials = complete(&[1.0]);
    let [x, y] = [numeric("x", &[], false), numeric("y", &[], false)];
    let curve = IntermediateCurve { number: 0, epoch: &[], value: &[], state: TrialState::Complete };
    let band = Line { name: "", x: &[], y: &[], low: &[], high: &[] };
    let levels = [Distribution { name: "", values: &[] }];
    let refused = [
        figures::optimization_history("", "", LOSS, &[]),
        figures::slice("", "", LOSS, &[], &[]),
        figures::slice("", "", LOSS, &trials, &[]),
        figures::contour("", "", LOSS, &[], [x, y]),
        figures::rank("", "", LOSS, &[], [x, y]),
        figures::parallel_coordinates("", "", LOSS, &trials, &[]),
        figures::parameter_importance("", "", &[], &[]),
        figures::parameter_importance("", "", &[], &[("evaluator", &[])]),
        figures::empirical_distribution("", "", LOSS, &levels),
        figures::intermediate_values("", "", LOSS, &[curve]),
        figures::timeline("", "", &[]),
        figures::best_so_far_bands("", "", ("", false), LOSS, &[band]),
        figures::one_at_a_time("", "", LOSS, Factor { name: "", levels: &levels }, None),
        figures::factor_overview("", "", LOSS, &[], 1.0),
    ];
    for (index, result) in refused.iter().enumerate() {
        assert!(is_empty(result), "{index}: {:?}", result.as_ref().err());
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let trials = complete(&[1.0, 2.0]);
    let [long, short] = [numeric("x", &[1.0, 2.0], false), categorical("y", &["a"], &[Some(0)])];
    let curve = IntermediateCurve { number: 0, epoch: &[1, 2], value: &[1.0], state: TrialState::Complete };
    let band = Line { name: "", x: &[1.0], y: &[1.0], low: &[1.0], high: &[1.0, 2.0] };
    let refused = [
        figures::slice("", "", LOSS, &trials, &[long, short]),
        figures::contour("", "", LOSS, &trials, [long, short]),
        figures::rank("", "", LOSS, &trials, [short, long]),
        figures::parallel_coordinates("", "", LOSS, &trials, &[short]),
        figures::parameter_importance("", "", &["a"], &[("evaluator", &[1.0, 2.0])]),
        figures::intermediate_values("", "", LOSS, &[curve]),
        figures::best_so_far_bands("", "", ("", false), LOSS, &[band]),
    ];
    for (index, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(Error::DifferentLengths { .. })), "{index}: {:?}", result.as_ref().err());
    }
}

#[test]
fn studies_without_a_drawable_value_are_refused() {
    let failed = [TrialPoint { number: 0, value: None, state: TrialState::Failed }; 3];
    let pruned = [TrialPoint { number: 0, value: Some(1.0), state: TrialState::Pruned }; 3];
    let zeros = complete(&[0.0; 3]);
    let [x, missing] = [numeric("x", &[1.0; 3], false), categorical("y", &["a"], &[None, Some(1), Some(9)])];
    let is_refused = |result: Result<Vec<u8>, Error>| matches!(result, Err(Error::NothingToDraw { .. }));
    for trials in [&failed[..], &pruned, &zeros] {
        assert!(is_refused(figures::optimization_history("", "", LOSS, trials)));
        assert!(is_refused(figures::slice("", "", LOSS, trials, &[x])));
        assert!(is_refused(figures::contour("", "", LOSS, trials, [x, x])));
        assert!(is_refused(figures::rank("", "", LOSS, trials, [x, x])));
        assert!(is_refused(figures::parallel_coordinates("", "", LOSS, trials, &[x])));
    }
    let trials = complete(&[1.0; 3]);
    assert!(is_refused(figures::contour("", "", LOSS, &trials, [x, missing])));
    assert!(is_refused(figures::rank("", "", LOSS, &trials, [missing, x])));
    let level = [Distribution { name: "", values: &[0.0, f64::NAN] }];
    let factors = [Factor { name: "", levels: &level }];
    assert!(is_refused(figures::empirical_distribution("", "", LOSS, &level)));
    assert!(is_refused(figures::one_at_a_time("", "", LOSS, factors[0], Some(1.0))));
    assert!(is_refused(figures::factor_overview("", "", LOSS, &factors, 1.0)));
    assert!(is_refused(figures::factor_overview("", "", LOSS, &factors, f64::NAN)));
    assert!(is_refused(figures::parameter_importance("", "", &["a"], &[("evaluator", &[-1.0])])));
    let endless = TimelineBar { number: 0, start: 0.0, end: f64::INFINITY, state: TrialState::Failed };
    assert!(is_refused(figures::timeline("", "", &[endless])));
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
    let mut drawn = Vec::new();
    for objective in [LOSS, SHARE] {
        drawn.push(figures::optimization_history("", "", objective, &trials));
        drawn.push(figures::slice("", "", objective, &complete(&EXTREME), &parameters));
        drawn.push(figures::slice("", "", objective, &trials, &[parameters[2]; 40]));
        drawn.push(figures::parallel_coordinates("", "", objective, &complete(&EXTREME), &parameters));
        drawn.push(figures::parallel_coordinates("", "", objective, &trials, &[parameters[0]; 40]));
        let ones = complete(&[1.0; 10]);
        for pair in [[0, 0], [0, 1], [1, 2], [2, 0]] {
            let pair = pair.map(|index: usize| parameters[index]);
            drawn.push(figures::contour("", "", objective, &ones, pair));
            drawn.push(figures::rank("", "", objective, &ones, pair));
        }
    }
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}

#[test]
fn extreme_curves_and_factors_never_panic() {
    let epoch = [1, u32::MAX, 3, 3, 2, 0, 7, 8, 9, 10];
    let curves = STATES.map(|state| IntermediateCurve { number: u32::MAX, epoch: &epoch, value: &EXTREME, state });
    let bars: Vec<TimelineBar> = EXTREME
        .iter()
        .zip(EXTREME.iter().rev())
        .map(|(&start, &end)| TimelineBar { number: 7, start, end, state: TrialState::Pruned })
        .collect();
    let whole = TimelineBar { number: u32::MAX, start: -1e300, end: 1e300, state: TrialState::Failed };
    let ones = [1.0; 10];
    let level = Distribution { name: "level", values: &EXTREME };
    let empty = Distribution { name: "", values: &[] };
    let levels = [level, empty];
    let factors = [Factor { name: "factor", levels: &levels }, Factor { name: "without levels", levels: &[] }];
    let many = [factors[0]; 60];
    let tall = Factor { name: "tall", levels: &[level; 60] };
    let mut drawn = vec![
        figures::timeline("", "", &[&bars[..], &[whole]].concat()),
        figures::timeline("", "", &[whole; 3]),
        figures::parameter_importance("", "", &["a"; 10], &[("one", &EXTREME), ("other", &ones)]),
        figures::parameter_importance("", "", &["a"; 100], &[("one", &[0.0; 100][..]); 9]),
    ];
    for objective in [LOSS, SHARE] {
        for log_x in [false, true] {
            let bands = [
                Line { name: "a", x: &EXTREME, y: &ones, low: &ones, high: &EXTREME },
                Line { name: "b", x: &ones, y: &EXTREME, low: &EXTREME, high: &ones },
            ];
            drawn.push(figures::best_so_far_bands("", "", ("", log_x), objective, &bands));
            drawn.push(figures::best_so_far_bands("", "", ("", log_x), objective, &[bands[1]; 40]));
        }
        drawn.push(figures::intermediate_values("", "", objective, &curves));
        drawn.push(figures::empirical_distribution("", "", objective, &[level; 30]));
        drawn.push(figures::one_at_a_time("", "", objective, factors[0], Some(f64::NAN)));
        drawn.push(figures::one_at_a_time("", "", objective, tall, Some(f64::MAX)));
        drawn.push(figures::factor_overview("", "", objective, &factors, 1.0));
        drawn.push(figures::factor_overview("", "", objective, &many, f64::MAX));
    }
    for png in drawn {
        assert!(read(&png.unwrap()).width() >= 1600);
    }
}

#[test]
fn each_value_alone_is_drawn_or_refused() {
    for value in EXTREME {
        for objective in [LOSS, SHARE] {
            let one = [value];
            let is_drawable = value.is_finite() && (value > 0.0 || !objective.log);
            let trials = complete(&one);
            let x = numeric("x", &[1.0], false);
            let level = [Distribution { name: "", values: &one }];
            let factors = [Factor { name: "", levels: &level }];
            let curve = IntermediateCurve { number: 0, epoch: &[1], value: &one, state: TrialState::Complete };
            let band = Line { name: "", x: &[1.0], y: &one, low: &one, high: &one };
            let drawn = [
                figures::optimization_history("", "", objective, &trials),
                figures::slice("", "", objective, &trials, &[x]),
                figures::contour("", "", objective, &trials, [x, x]),
                figures::rank("", "", objective, &trials, [x, x]),
                figures::parallel_coordinates("", "", objective, &trials, &[x]),
                figures::empirical_distribution("", "", objective, &level),
                figures::one_at_a_time("", "", objective, factors[0], None),
                figures::intermediate_values("", "", objective, &[curve]),
                figures::best_so_far_bands("", "", ("", true), objective, &[band]),
            ];
            for (index, result) in drawn.iter().enumerate() {
                assert_eq!(result.is_ok(), is_drawable, "chart {index}, value {value}");
            }
        }
    }
}
