//! What every sampler must do, on every kind of space and after every kind of outcome.

use search::{
    Ask, Assignment, Direction, Domain, Grid, Options, Sampler as _, SamplerKind, Space, State, Trial, Value,
};

const ENDLESS: [SamplerKind; 4] = [SamplerKind::Random, SamplerKind::Sobol, SamplerKind::Tpe, SamplerKind::Gp];

/// Every kind of domain, a parameter with one value, and conditions two levels deep.
const SPACE: &str = "
linear: {min: -2.0, max: 3.0}
log: {min: 1e-5, max: 1.0, log: true}
step: {min: 0.0, max: 1.0, step: 0.3}
integer: {min: -3, max: 40}
stride: {min: 1, max: 10, step: 4}
power: {min: 1, max: 1000, log: true}
choice: {values: [relu, 3, 0.5, true, null]}
alone: {values: [only]}
layers: {min: 1, max: 3}
second: {min: 4, max: 64, log: true, when: {layers: [2, 3]}}
third: {values: [a, b, c], when: {layers: [3], choice: [relu, 3, 0.5]}}
deep: {min: 0.0, max: 1.0, when: {third: [b, c]}}
";

fn space(text: &str) -> Space {
    serde_yaml::from_str(text).unwrap()
}

fn ask<'a>(space: &'a Space, trials: &'a [Trial], number: u64) -> Ask<'a> {
    Ask { space, direction: Direction::Minimize, trials, number }
}

fn suggest(kind: SamplerKind, seed: u64, space: &Space, trials: &[Trial]) -> Option<Assignment> {
    let number = trials.iter().map(|trial| trial.number + 1).max().unwrap_or(0);
    kind.build(seed, space, Options::default()).unwrap().suggest(&ask(space, trials, number))
}

fn next(kind: SamplerKind, seed: u64, space: &Space, trials: &[Trial]) -> Assignment {
    suggest(kind, seed, space, trials).unwrap()
}

/// Some smooth function of whatever numbers there are.
fn objective(parameters: &Assignment) -> f64 {
    parameters.iter().map(|(_, value)| value.number().map_or(0.1, |v| (v.abs() / (1.0 + v.abs()) - 0.4).powi(2))).sum()
}

fn study(kind: SamplerKind, seed: u64, space: &Space, count: u64, outcome: impl Fn(&mut Trial)) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..count {
        let mut trial = Trial::running(number, next(kind, seed, space, &trials));
        outcome(&mut trial);
        trials.push(trial);
    }
    trials
}

fn succeed(trial: &mut Trial) {
    trial.state = State::Complete;
    trial.value = Some(objective(&trial.parameters));
}

#[test]
fn suggestions_lie_in_the_space() {
    let space = space(SPACE);
    for kind in ENDLESS {
        let trials = study(kind, 7, &space, 60, succeed);
        let (mut second, mut deep) = (0, 0);
        for Trial { parameters, .. } in &trials {
            // `values` checks bounds, steps, types, and that everything active is set; the count, that nothing else is.
            let values = space.values(parameters).unwrap_or_else(|| panic!("{kind:?}: {parameters:?}"));
            assert_eq!(values.iter().flatten().count(), parameters.iter().count(), "{kind:?}: {parameters:?}");
            for (parameter, value) in space.parameters().iter().zip(&values) {
                match (&parameter.domain, value) {
                    (Domain::Float { .. }, Some(value)) => assert!(matches!(value, Value::Float(_))),
                    (Domain::Integer { .. }, Some(value)) => assert!(matches!(value, Value::Integer(_))),
                    (Domain::Categorical { values }, Some(value)) => assert!(values.contains(value)),
                    (_, None) => {}
                }
            }
            second += u32::from(parameters.get("second").is_some());
            deep += u32::from(parameters.get("deep").is_some());
        }
        assert!(second > 0 && second < 60 && deep > 0 && deep < second, "{kind:?}: {second} {deep}");
    }
}

#[test]
fn all_values_of_a_lattice_are_reached_about_equally_often() {
    let space = space("a: {min: 0.0, max: 1.0, step: 0.25}\nb: {min: 1, max: 5}\nc: {values: [1, 2, 3, 4, 5]}");
    for kind in [SamplerKind::Random, SamplerKind::Sobol] {
        let trials = study(kind, 3, &space, 1000, succeed);
        for parameter in space.parameters() {
            for index in 0..5 {
                let value = parameter.domain.nth(index);
                let count = trials.iter().filter(|trial| trial.parameters.get(&parameter.name) == Some(&value)).count();
                assert!((150..250).contains(&count), "{kind:?}: {} is {value} {count} times", parameter.name);
            }
        }
    }
}

#[test]
fn a_suggestion_depends_on_seed_number_and_history_alone() {
    let space = space(SPACE);
    for kind in ENDLESS {
        let trials = study(kind, 7, &space, 25, succeed);
        assert_eq!(trials, study(kind, 7, &space, 25, succeed), "{kind:?}");
        assert_ne!(trials, study(kind, 8, &space, 25, succeed), "{kind:?}");
        // One instance asked in any order, with the history in any order, tells the same.
        let sampler = kind.build(7, &space, Options::default()).unwrap();
        for number in (0..25).rev() {
            let mut before = trials[..number].to_vec();
            before.reverse();
            let ask = ask(&space, &before, number as u64);
            assert_eq!(sampler.suggest(&ask), Some(trials[number].parameters.clone()), "{kind:?}");
        }
        // What it was asked before leaves no trace: a longer history, one that differs in the middle, another space.
        let (mut changed, other) = (trials.clone(), self::space("linear: {min: -9.0, max: 9.0}"));
        changed[12].parameters = trials[20].parameters.clone();
        for (space, trials) in [(&space, &trials[..]), (&space, &changed), (&other, &changed), (&space, &trials[..18])]
        {
            let fresh = kind.build(7, space, Options::default()).unwrap();
            assert_eq!(sampler.suggest(&ask(space, trials, 30)), fresh.suggest(&ask(space, trials, 30)), "{kind:?}");
        }
    }
}

#[test]
fn maximising_is_minimising_the_negative() {
    let space = space(SPACE);
    for kind in ENDLESS {
        let mut trials = study(kind, 1, &space, 20, succeed);
        let minimised = next(kind, 1, &space, &trials);
        for trial in &mut trials {
            trial.value = trial.value.map(|value| -value);
        }
        let ask = Ask { space: &space, direction: Direction::Maximize, trials: &trials, number: 20 };
        let maximised = kind.build(1, &space, Options::default()).unwrap().suggest(&ask);
        assert_eq!(maximised, Some(minimised), "{kind:?}");
    }
}

#[test]
fn grid_visits_every_point_once_and_stops() {
    let space = space(
        "child: {min: 0.0, max: 1.0, step: 0.5, when: {parent: [b, c]}}
parent: {values: [a, b, c]}
free: {min: 1, max: 2}
grandchild: {values: [x, y], when: {child: [0.5]}}",
    );
    let outcomes = |trial: &mut Trial| {
        trial.state = [State::Complete, State::Fail, State::Pruned, State::Running][trial.number as usize % 4];
    };
    // a: 2; b and c: 2 each for child 0 and 1, 4 for child 0.5.
    let mut trials = study(SamplerKind::Grid, 0, &space, 18, outcomes);
    assert_eq!(suggest(SamplerKind::Grid, 0, &space, &trials), None);
    for (i, trial) in trials.iter().enumerate() {
        assert!(space.values(&trial.parameters).is_some());
        assert!(trials[..i].iter().all(|earlier| earlier.parameters != trial.parameters));
    }
    let missing = trials.remove(5);
    assert_eq!(next(SamplerKind::Grid, 0, &space, &trials), missing.parameters);
    let other = study(SamplerKind::Grid, 1, &space, 18, outcomes);
    assert!(trials.iter().zip(&other).any(|(a, b)| a.parameters != b.parameters), "the seed shuffles");
}

/// As Optuna's own loop over `GridSampler`: a third of a grid has seen every value of every parameter.
#[test]
fn grid_lays_points_over_ranges_and_shuffles_them() {
    let space = space(
        "rate: {min: 1e-4, max: 1e-1, log: true}\nunits: {min: 4, max: 64, log: true}\nact: {values: [a, b, c, d]}",
    );
    let grid = Grid::new(3, &space, Some(4)).unwrap();
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..64 {
        let parameters = grid.suggest(&ask(&space, &trials, number)).unwrap();
        assert!(trials.iter().all(|trial| trial.parameters != parameters));
        trials.push(Trial::complete(number, parameters, 0.0));
    }
    assert_eq!(grid.suggest(&ask(&space, &trials, 64)), None);
    let seen = |name: &str, trials: &[Trial]| {
        let values = trials.iter().map(|trial| trial.parameters.get(name).unwrap().to_string());
        values.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(seen("rate", &trials).into_iter().collect::<Vec<_>>(), ["0.0001", "0.001", "0.01", "0.1"]);
    assert_eq!(seen("units", &trials).into_iter().collect::<Vec<_>>(), ["10", "25", "4", "64"]);
    for name in ["rate", "units", "act"] {
        assert_eq!(seen(name, &trials[..21]).len(), 4, "{name}");
    }
}

#[test]
fn grid_refuses_continuous_ranges() {
    let space = space("rate: {min: 0.0, max: 1.0}");
    let error = SamplerKind::Grid.build(0, &space, Options::default()).unwrap_err().to_string();
    assert_eq!(error, "rate: a grid needs a step, a list of values or grid_points, got a continuous range");
}

#[test]
fn every_outcome_gets_an_answer() {
    let infinity = f64::INFINITY;
    let values: [(&str, &dyn Fn(u64) -> f64); 8] = [
        ("NaN", &|_| f64::NAN),
        ("inf", &|_| infinity),
        ("-inf", &|_| -infinity),
        ("all of them", &|n| [f64::NAN, infinity, -infinity, n as f64, 0.0][n as usize % 5]),
        ("constant", &|_| 3.25),
        ("huge", &|n| if n % 2 == 0 { f64::MAX } else { f64::MIN }),
        ("tiny", &|n| n as f64 * f64::MIN_POSITIVE),
        ("close", &|n| 1e15 + n as f64),
    ];
    let space = space(SPACE);
    for kind in ENDLESS {
        for (name, value) in &values {
            let trials = study(kind, 2, &space, 16, |trial| {
                trial.state = State::Complete;
                trial.value = Some(value(trial.number));
            });
            let distinct = trials.iter().filter(|trial| trial.parameters != trials[0].parameters).count();
            assert!(distinct > 10, "{kind:?}, {name}: stuck");
        }
        for states in [&[State::Fail][..], &[State::Pruned], &[State::Running, State::Waiting, State::Complete]] {
            let trials = study(kind, 2, &space, 30, |trial| {
                trial.state = states[trial.number as usize % states.len()];
                trial.value = (trial.state == State::Complete).then_some(1.0 / (1.0 + trial.number as f64));
                trial.intermediate.insert(trial.number % 3, [f64::NAN, 1.0, infinity][trial.number as usize % 3]);
            });
            assert!(trials.iter().all(|trial| space.values(&trial.parameters).is_some()), "{kind:?}, {states:?}");
        }
    }
}

#[test]
fn repeated_points_get_an_answer() {
    let space = space("x: {min: 0.0, max: 1.0}\nc: {values: [a, b]}");
    let point: Assignment = [("x", Value::Float(0.25)), ("c", Value::Text("a".to_owned()))].into_iter().collect();
    for kind in ENDLESS {
        let trials: Vec<Trial> = (0..40).map(|n| Trial::complete(n, point.clone(), (n % 3) as f64)).collect();
        assert!(space.values(&next(kind, 0, &space, &trials)).is_some());
        assert!(space.values(&next(kind, 0, &space, &trials[..1])).is_some());
    }
}

#[test]
fn small_and_degenerate_spaces_get_an_answer() {
    for text in [
        "a: {values: [x]}",
        "a: {min: 2, max: 2}\nb: {min: 0.5, max: 0.5, log: true}",
        "a: {values: [x, y]}",
        "wide: {min: -9007199254740992, max: 9007199254740992}\nfine: {min: 0.0, max: 1.0, step: 1e-12}",
    ] {
        let space = space(text);
        for kind in ENDLESS {
            let trials = study(kind, 0, &space, 30, succeed);
            assert!(trials.iter().all(|trial| space.values(&trial.parameters).is_some()), "{kind:?}, {text}");
        }
    }
}

#[test]
fn the_process_tries_all_points_of_a_small_space_before_it_repeats_one() {
    let space =
        space("a: {min: 1, max: 8}\nb: {values: [x, y, z]}\nc: {min: 0.0, max: 1.0, step: 1.0, when: {b: [z]}}");
    let trials = study(SamplerKind::Gp, 0, &space, 40, succeed);
    let distinct = |trials: &[Trial]| {
        trials.iter().enumerate().filter(|(i, t)| trials[..*i].iter().all(|u| u.parameters != t.parameters)).count()
    };
    // The first ten are Sobol points, which may repeat.
    assert_eq!(distinct(&trials[..32]) - distinct(&trials[..10]), 22);
    assert_eq!(distinct(&trials), 32);
}

#[test]
fn suggestions_are_the_same_everywhere() {
    let space = space("rate: {min: 1e-4, max: 1e-1, log: true}\nunits: {min: 4, max: 64}\nc: {values: [a, b, c]}");
    let last = |kind| {
        let trials = study(kind, 1, &space, 30, succeed);
        serde_json::to_string(&trials[29].parameters).unwrap()
    };
    let golden = ENDLESS.map(|kind| format!("{kind:?} {}", last(kind)));
    let expected = [
        r#"Random {"rate":0.0762976813027716,"units":12,"c":"c"}"#,
        r#"Sobol {"rate":0.0007125115444834592,"units":53,"c":"a"}"#,
        r#"Tpe {"rate":0.0005712762892002328,"units":4,"c":"c"}"#,
        r#"Gp {"rate":0.0011255637865641404,"units":4,"c":"b"}"#,
    ];
    assert_eq!(golden, expected);
}

#[test]
fn trials_of_another_space_are_ignored() {
    let space = space("x: {min: 0.0, max: 1.0}\ny: {min: 1, max: 9}");
    let foreign = |n: u64| -> Assignment {
        match n % 4 {
            0 => Assignment::default(),
            1 => [("x", Value::Float(2.0)), ("y", Value::Integer(3))].into_iter().collect(),
            2 => [("x", Value::Float(0.5)), ("y", Value::Text("3".to_owned()))].into_iter().collect(),
            _ => [("z", Value::Null)].into_iter().collect(),
        }
    };
    for kind in ENDLESS {
        let trials: Vec<Trial> = (0..40).map(|n| Trial::complete(n, foreign(n), n as f64)).collect();
        let sampler = kind.build(0, &space, Options::default()).unwrap();
        assert_eq!(sampler.suggest(&ask(&space, &trials, 40)), sampler.suggest(&ask(&space, &[], 40)), "{kind:?}");
    }
}

#[test]
fn workers_that_run_at_once_get_different_points() {
    let space = space("x: {min: 0.0, max: 1.0}\ny: {min: 1e-3, max: 1.0, log: true}");
    for kind in ENDLESS {
        let mut trials: Vec<Trial> = Vec::new();
        for _round in 0..6 {
            for _worker in 0..4 {
                let parameters = next(kind, 5, &space, &trials);
                trials.push(Trial::running(trials.len() as u64, parameters));
            }
            for trial in &mut trials {
                succeed(trial);
            }
        }
        for round in trials.chunks(4) {
            for (i, a) in round.iter().enumerate() {
                assert!(round[..i].iter().all(|b| a.parameters != b.parameters), "{kind:?}: {round:?}");
            }
        }
    }
}
