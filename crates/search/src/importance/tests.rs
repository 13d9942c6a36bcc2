//! Shares that are known, real Optuna's numbers, and what must hold whatever the trials are.

use std::collections::BTreeMap;

use super::forest::{Leaf, Side, grow, shares as tree_shares};
use super::{Observed, fanova, ped_anova};
use crate::random::{Purpose, random_point};
use crate::scale::Scale;
use crate::{Assignment, Direction, Space, State, Trial, Value};

const MINIMIZE: Direction = Direction::Minimize;

/// Two choices and two numbers that work together.
const MIXED: &str = "
activation: {values: [relu, tanh, sigmoid]}
optimizer: {values: [sgd, rmsprop, adam]}
learning_rate: {min: 1e-5, max: 1.0, log: true}
units: {min: 4, max: 128}
";

fn space(text: &str) -> Space {
    serde_yaml::from_str(text).unwrap()
}

fn number(parameters: &Assignment, name: &str) -> f64 {
    parameters.get(name).and_then(Value::number).unwrap()
}

fn is(parameters: &Assignment, name: &str, text: &str) -> bool {
    parameters.get(name) == Some(&Value::Text(text.to_owned()))
}

fn mixed(parameters: &Assignment) -> f64 {
    let best_rate = if is(parameters, "optimizer", "sgd") { -0.7 } else { -2.4 };
    let distance = libm::log10(number(parameters, "learning_rate")) - best_rate;
    let cost = if is(parameters, "activation", "relu") { 0.0 } else { 0.3 };
    cost + 0.3 * distance * distance + 0.1 * distance * libm::log2(number(parameters, "units") / 48.0)
}

fn random_trials(space: &Space, seed: u64, count: u64, value: impl Fn(&Assignment) -> f64) -> Vec<Trial> {
    let trial = |number| {
        let parameters = random_point(space, seed, Purpose::Random, number);
        let value = value(&parameters);
        Trial::complete(number, parameters, value)
    };
    (0..count).map(trial).collect()
}

fn shares(importances: &[(String, f64)]) -> Vec<f64> {
    importances.iter().map(|(_, share)| *share).collect()
}

fn assert_near(found: &[(String, f64)], expected: &[f64], margin: f64) {
    let near = found.iter().zip(expected).all(|((_, found), expected)| (found - expected).abs() <= margin);
    assert!(near && found.len() == expected.len(), "{found:?} against {expected:?}");
}

#[test]
fn shares_of_a_sum_are_its_variances() {
    let space = space(
        "nothing: {min: 0.0, max: 1.0}
rate: {min: 1e-4, max: 1.0, log: true}
kind: {values: [a, b, c, d]}
units: {min: 0, max: 4}",
    );
    let value = |parameters: &Assignment| {
        let kind = if is(parameters, "kind", "c") { 3.0 } else { 0.0 };
        libm::log10(number(parameters, "rate")) + kind + 0.8 * number(parameters, "units")
    };
    // The logarithm of what is uniform by value; 3 by the toss of one coin; 0.8 times the numbers 0 to 4.
    let variances = [0.0, 0.188, 9.0 / 4.0, 0.64 * 2.0];
    let sum: f64 = variances.iter().sum();
    // Of the last, each tree sees a part.
    for (seed, count) in [(0, 1000), (1, 1000), (2, 1000), (3, 12_000)] {
        let found = fanova(&space, &random_trials(&space, seed, count, value), MINIMIZE, seed);
        assert_eq!(
            found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["nothing", "rate", "kind", "units"]
        );
        assert_near(&found, &variances.map(|variance| variance / sum), 0.04);
        assert!(found[0].1 < 0.005, "{found:?}");
    }
}

#[test]
fn best_tenth_depends_on_what_decides_it() {
    let space = space("x: {min: 0.0, max: 1.0}\ny: {min: 0.0, max: 1.0}\nz: {values: [a, b]}");
    let trials = random_trials(&space, 1, 1000, |parameters| {
        // y moves the bad trials only.
        let (x, y) = (number(parameters, "x"), number(parameters, "y"));
        if x < 0.15 { x } else { 10.0 + 100.0 * y }
    });
    let best = ped_anova(&space, &trials, MINIMIZE);
    assert!(best[0].1 > 0.95, "{best:?}");
    let worst = ped_anova(&space, &trials, Direction::Maximize);
    assert!(worst[1].1 > 0.9, "{worst:?}");
    let whole = fanova(&space, &trials, MINIMIZE, 0);
    assert!(whole[1].1 > 0.3 && whole[2].1 < 0.01, "{whole:?}");
}

/// The leaves' marginals against sums over every point of the space.
#[test]
fn marginals_are_means_over_the_space() {
    let space = space("i: {min: 0, max: 5}\nk: {values: [a, b, c]}\nj: {min: 1, max: 4}");
    let value = |parameters: &Assignment| {
        let kind = if is(parameters, "k", "b") { 2.0 } else { 0.5 };
        number(parameters, "i") * kind + number(parameters, "j") * number(parameters, "j")
    };
    let trials = random_trials(&space, 3, 40, value);
    let observed = Observed::new(&space, &trials, MINIMIZE, Scale::by_value);
    let leaves = grow(&observed, &observed.standard_losses().unwrap(), 7, 0);
    // Thresholds lie at multiples of 1/2, so these points have equal room and none lies on a threshold.
    let quarters = |low: f64, count: u32| -> Vec<f64> { (0..count).map(|n| low + f64::from(n) / 2.0 + 0.25).collect() };
    // k is three coins, the bits of a number.
    let coins = (0..8).map(f64::from).collect();
    let axes = [quarters(-0.5, 12), coins, quarters(0.5, 8)];
    let mean = |fixed: Option<(usize, f64)>| {
        let axis = |of: usize| fixed.filter(|(axis, _)| *axis == of).map_or(axes[of].clone(), |(_, place)| vec![place]);
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for i in axis(0) {
            for k in axis(1) {
                for j in axis(2) {
                    let value = prediction(&leaves, &[i, k, j]);
                    (sum, squares, count) = (sum + value, squares + value * value, count + 1.0);
                }
            }
        }
        (sum / count, squares / count)
    };
    let (total, squares) = mean(None);
    for (parameter, share) in tree_shares(&leaves, &observed).into_iter().enumerate() {
        let axis = &axes[parameter];
        let square =
            |place: &f64| (mean(Some((parameter, *place))).0 - total) * (mean(Some((parameter, *place))).0 - total);
        let expected = axis.iter().map(square).sum::<f64>() / axis.len() as f64 / (squares - total * total);
        assert!((share - expected).abs() < 1e-12 && share > 0.0, "{parameter}: {share} against {expected}");
    }
}

/// The value of the one leaf that a point is in.
fn prediction(leaves: &[Leaf], point: &[f64]) -> f64 {
    let inside = |side: &Side, place: f64| match side {
        Side::Stretch(low, high) => *low < place && place <= *high,
        Side::Choices(asked) => {
            (0..asked.len()).all(|choice| asked[choice].is_none_or(|is| is == ((place as usize >> choice) & 1 == 1)))
        }
    };
    let mut found = leaves.iter().filter(|leaf| leaf.sides.iter().zip(point).all(|(side, place)| inside(side, *place)));
    let value = found.next().unwrap().value;
    assert!(found.next().is_none(), "two leaves at {point:?}");
    value
}

#[test]
fn order_of_the_trials_and_sign_of_the_objective_change_nothing() {
    let space = space(MIXED);
    let trials = random_trials(&space, 5, 120, mixed);
    let mut turned: Vec<Trial> = trials.clone();
    turned.reverse();
    for trial in &mut turned {
        trial.value = trial.value.map(|value| -value);
    }
    assert_eq!(fanova(&space, &trials, MINIMIZE, 9), fanova(&space, &turned, Direction::Maximize, 9));
    assert_eq!(ped_anova(&space, &trials, MINIMIZE), ped_anova(&space, &turned, Direction::Maximize));
    assert_ne!(fanova(&space, &trials, MINIMIZE, 9), fanova(&space, &trials, MINIMIZE, 10));
}

#[test]
fn only_complete_trials_with_finite_values_of_the_space_count() {
    let space = space(MIXED);
    let trials = random_trials(&space, 2, 60, mixed);
    let mut more = trials.clone();
    for (number, state, value) in [
        (100, State::Complete, Some(f64::NAN)),
        (101, State::Complete, Some(f64::INFINITY)),
        (102, State::Complete, None),
        (103, State::Pruned, Some(-1e9)),
        (104, State::Fail, None),
        (105, State::Running, None),
    ] {
        more.push(Trial { value, ..Trial::new(number, state, trials[0].parameters.clone()) });
    }
    let mut outside = trials[0].parameters.clone();
    outside.insert("units", Value::Integer(129));
    more.push(Trial::complete(106, outside, -1e9));
    assert_eq!(fanova(&space, &trials, MINIMIZE, 0), fanova(&space, &more, MINIMIZE, 0));
    assert_eq!(ped_anova(&space, &trials, MINIMIZE), ped_anova(&space, &more, MINIMIZE));
}

#[test]
fn parameters_that_some_trials_lack_are_left_out() {
    let space = space(
        "momentum: {min: 0.0, max: 1.0, when: {optimizer: [sgd]}}
rate: {min: 0.0, max: 1.0}
optimizer: {values: [sgd, adam]}",
    );
    let trials = random_trials(&space, 4, 100, |parameters| number(parameters, "rate"));
    for found in [fanova(&space, &trials, MINIMIZE, 0), ped_anova(&space, &trials, MINIMIZE)] {
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["rate", "optimizer"]);
        assert!(found[0].1 > 0.9, "{found:?}");
    }
}

#[test]
fn whatever_the_trials_the_shares_are_numbers_that_add_up_to_1() {
    let space = space(
        "rate: {min: 1e-5, max: 1.0, log: true}
point: {min: 0.5, max: 0.5}
two: {min: 3, max: 4, log: true}
wide: {min: 1, max: 9007199254740992, log: true}
step: {min: -1e308, max: 0.7e308, step: 1e306}
only: {values: [a]}",
    );
    let values: [fn(u64) -> f64; 6] = [
        |_| 0.0,
        |_| 0.1,
        |number| if number % 2 == 0 { f64::MAX } else { f64::MIN },
        |number| number as f64 * f64::from_bits(1),
        |number| if number == 3 { 1e300 } else { 1.0 },
        |number| 1.0 + f64::EPSILON * (number % 3) as f64,
    ];
    for (i, value) in values.into_iter().enumerate() {
        for count in [0, 1, 2, 3, 11, 40] {
            let mut trials = random_trials(&space, count, count, |_| 0.0);
            for trial in &mut trials {
                trial.value = Some(value(trial.number));
                if count == 11 {
                    trial.parameters = random_point(&space, 0, Purpose::Random, 0);
                }
            }
            for found in [fanova(&space, &trials, MINIMIZE, 0), ped_anova(&space, &trials, MINIMIZE)] {
                let sum: f64 = shares(&found).iter().sum();
                let fine = found.iter().all(|(_, share)| (0.0..=1.0).contains(share));
                assert!(fine && found.len() == 6 && (sum - 1.0).abs() < 1e-12, "{i}, {count}: {found:?}");
                if i < 2 || count < 2 || count == 11 && i == 0 {
                    assert_near(&found, &[1.0 / 6.0; 6], 1e-12);
                } else if count == 40 {
                    assert_eq!((found[1].1, found[5].1), (0.0, 0.0), "{i}: {found:?}");
                }
            }
        }
    }
}

/// A study in golden/optuna.json, which golden/optuna.py writes, and what Optuna says of it.
#[derive(serde::Deserialize)]
struct Golden {
    names: Vec<String>,
    /// Parameters in the order of their names, then the value.
    trials: Vec<Vec<Value>>,
    fanova: Vec<f64>,
    ped_anova: Vec<f64>,
}

fn golden() -> [(Golden, Space, Vec<Trial>); 2] {
    let floats = "
a: {min: -1.0, max: 2.0}
b: {min: -1.0, max: 2.0}
c: {min: -1.0, max: 2.0}
d: {min: -1.0, max: 2.0}
";
    let mixed = "
activation: {values: [linear, relu, tanh, sigmoid]}
optimizer: {values: [sgd, rmsprop, adam]}
learning_rate: {min: 1e-5, max: 1.0, log: true}
units: {min: 4, max: 128}
dropout: {min: 0.0, max: 0.5, step: 0.1}
layers: {min: 1, max: 16, log: true}
";
    let mut studies: BTreeMap<String, Golden> = serde_json::from_str(include_str!("golden/optuna.json")).unwrap();
    [("floats", floats), ("mixed", mixed)].map(|(study, text)| {
        let golden = studies.remove(study).unwrap();
        let trial = |(number, row): (usize, &Vec<Value>)| {
            let parameters = golden.names.iter().cloned().zip(row.iter().cloned()).collect();
            Trial::complete(number as u64, parameters, row.last().and_then(Value::number).unwrap())
        };
        let trials = golden.trials.iter().enumerate().map(trial).collect();
        (golden, space(text), trials)
    })
}

#[test]
fn ped_anova_is_optunas() {
    for (golden, space, trials) in golden() {
        assert_near(&ped_anova(&space, &trials, MINIMIZE), &golden.ped_anova, 1e-9);
    }
}

/// Forests differ in their bootstrap samples.
#[test]
fn fanova_is_near_optunas() {
    for (golden, space, trials) in golden() {
        for seed in 0..3 {
            assert_near(&fanova(&space, &trials, MINIMIZE, seed), &golden.fanova, 0.03);
        }
    }
}
