//! Shares that are known, real Optuna's numbers, and what must hold whatever the trials are.

// Real Optuna on the same trials.
mod optuna;

use super::forest::{Leaf, grow};
use super::observed::Observed;
use super::side::Side;
use super::{fanova, marginal, ped_anova};
use crate::functions::{Function, choice, float, integer, number};
use crate::random::random_point;
use crate::scale::Scale;
use crate::stream::Purpose;
use crate::{Assignment, Condition, Direction, Domain, Parameter, Space, State, Trial, Value};

const MINIMIZE: Direction = Direction::Minimize;

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
    let space = Space::new(vec![
        float("nothing", 0.0, 1.0, false),
        float("rate", 1e-4, 1.0, true),
        choice("kind", &["a", "b", "c", "d"]),
        integer("units", 0, 4, false),
    ]);
    let space = space.unwrap();
    let value = |parameters: &Assignment| {
        let kind = if parameters.get("kind") == Some(&Value::Text("c".into())) { 3.0 } else { 0.0 };
        libm::log10(number(parameters, "rate")) + kind + 0.8 * number(parameters, "units")
    };
    // The logarithm of what is uniform by value; 3 by the toss of one coin; 0.8 times the numbers 0 to 4.
    let variances = [0.0, 0.188, 9.0 / 4.0, 0.64 * 2.0];
    let sum: f64 = variances.iter().sum();
    for seed in 0..3 {
        let found = fanova(&space, &random_trials(&space, seed, 1000, value), MINIMIZE, seed);
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
    let space = Space::new(vec![float("x", 0.0, 1.0, false), float("y", 0.0, 1.0, false), choice("z", &["a", "b"])]);
    let space = space.unwrap();
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
    let space = Space::new(vec![integer("i", 0, 5, false), choice("k", &["a", "b", "c"]), integer("j", 1, 4, false)]);
    let space = space.unwrap();
    let value = |parameters: &Assignment| {
        let kind = if parameters.get("k") == Some(&Value::Text("b".into())) { 2.0 } else { 0.5 };
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
    for (parameter, share) in marginal::shares(&leaves, &observed).into_iter().enumerate() {
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
    let function = Function::named("mixed").unwrap();
    let space = function.space().unwrap();
    let trials = random_trials(&space, 5, 120, |parameters| function.value(parameters));
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
    let function = Function::named("branin").unwrap();
    let space = function.space().unwrap();
    let trials = random_trials(&space, 2, 60, |parameters| function.value(parameters));
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
    let outside = [("x1".to_owned(), Value::Float(99.0)), ("x2".to_owned(), Value::Float(1.0))];
    let outside = outside.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    more.push(Trial::complete(106, outside, -1e9));
    assert_eq!(fanova(&space, &trials, MINIMIZE, 0), fanova(&space, &more, MINIMIZE, 0));
    assert_eq!(ped_anova(&space, &trials, MINIMIZE), ped_anova(&space, &more, MINIMIZE));
}

#[test]
fn parameters_that_some_trials_lack_are_left_out() {
    let mut momentum = float("momentum", 0.0, 1.0, false);
    momentum.when = vec![Condition { parameter: "optimizer".into(), values: vec![Value::Text("sgd".into())] }];
    let space = Space::new(vec![momentum, float("rate", 0.0, 1.0, false), choice("optimizer", &["sgd", "adam"])]);
    let space = space.unwrap();
    let trials = random_trials(&space, 4, 100, |parameters| number(parameters, "rate"));
    for found in [fanova(&space, &trials, MINIMIZE, 0), ped_anova(&space, &trials, MINIMIZE)] {
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["rate", "optimizer"]);
        assert!(found[0].1 > 0.9, "{found:?}");
    }
}

#[test]
fn whatever_the_trials_the_shares_are_numbers_that_add_up_to_1() {
    let space = Space::new(vec![
        float("rate", 1e-5, 1.0, true),
        float("point", 0.5, 0.5, false),
        integer("two", 3, 4, true),
        integer("wide", 1, 1 << 53, true),
        Parameter::new("step", Domain::Float { min: -1e308, max: 0.7e308, log: false, step: Some(1e306) }),
        choice("only", &["a"]),
    ]);
    let space = space.unwrap();
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
