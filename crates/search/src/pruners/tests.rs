//! The rules of the pruners on small histories.

use super::{Median, SuccessiveHalving};
use crate::study::Pruner;
use crate::{Assignment, Direction, State, Trial};

fn trial(number: u64, state: State, reports: &[(u64, f64)]) -> Trial {
    Trial { intermediate: reports.iter().copied().collect(), ..Trial::new(number, state, Assignment::default()) }
}

fn complete(values: &[f64]) -> Vec<Trial> {
    let one = |(i, value): (usize, &f64)| trial(i as u64, State::Complete, &[(1, 9.0), (2, *value)]);
    values.iter().enumerate().map(one).collect()
}

fn running(reports: &[(u64, f64)]) -> Trial {
    trial(99, State::Running, reports)
}

#[test]
fn median_compares_the_best_report_with_the_median_of_the_step() {
    let history = complete(&[1.0, 2.0, 3.0, 4.0, f64::NAN]);
    let prune = |reports: &[(u64, f64)]| Median::default().prune(Direction::Minimize, &history, &running(reports));
    assert!(prune(&[(2, 2.6)]) && !prune(&[(2, 2.5)]));
    assert!(!prune(&[(1, 0.5), (2, 7.0)]), "the best report counts");
    assert!(!prune(&[]) && !prune(&[(3, 1e9)]), "nothing to compare");
    assert!(prune(&[(2, f64::NAN)]) && prune(&[(2, f64::INFINITY)]));
    assert!(!Median::default().prune(Direction::Maximize, &history, &running(&[(2, 2.6)])));
    assert!(Median::default().prune(Direction::Maximize, &history, &running(&[(2, 2.4)])));
}

#[test]
fn median_waits_for_trials_steps_and_intervals() {
    let history = complete(&[1.0, 1.0, 1.0]);
    let prune = |pruner: Median, reports: &[(u64, f64)]| pruner.prune(Direction::Minimize, &history, &running(reports));
    let eager = Median { startup_trials: 3, ..Median::default() };
    assert!(prune(eager.clone(), &[(2, 5.0)]));
    assert!(!prune(Median { startup_trials: 4, ..eager.clone() }, &[(2, 5.0)]));
    assert!(!prune(Median { min_trials: 4, ..eager.clone() }, &[(2, 5.0)]));
    assert!(!prune(Median { warmup_steps: 3, ..eager.clone() }, &[(2, 5.0)]));
    let by_two = Median { interval_steps: 2, warmup_steps: 1, ..eager };
    assert!(!prune(by_two.clone(), &[(1, 9.0), (2, 5.0)]), "judged at step 1 already");
    assert!(prune(by_two, &[(2, 5.0)]), "the first report of its interval");
}

#[test]
fn halving_lets_the_best_share_go_on() {
    let pruner = SuccessiveHalving { reduction_factor: 2, ..SuccessiveHalving::default() };
    let history: Vec<Trial> = (0..7).map(|i| trial(i, State::Pruned, &[(1, i as f64), (2, 10.0 + i as f64)])).collect();
    let prune = |reports: &[(u64, f64)]| pruner.prune(Direction::Minimize, &history, &running(reports));
    // Eight trials have come to the first rung; four may go on.
    assert!(!prune(&[(1, 2.5)]) && !prune(&[(1, 3.0)]) && prune(&[(1, 3.5)]));
    // The second rung is judged by the report at step 2 alone.
    assert!(!prune(&[(1, 2.5), (2, 13.0)]) && prune(&[(1, 2.5), (2, 13.5)]));
    assert!(!prune(&[(1, 2.5), (2, 12.0), (3, 99.0)]), "step 3 is no rung");
    assert!(prune(&[(1, f64::NAN)]) && !prune(&[]));
    assert!(!pruner.prune(Direction::Minimize, &[], &running(&[(1, 1e9)])), "the first one goes on");
    assert!(!prune(&[(u64::MAX, f64::NEG_INFINITY)]));
}

#[test]
fn halving_starts_at_its_first_rung() {
    let pruner = SuccessiveHalving { min_resource: 3, reduction_factor: 2, min_early_stopping_rate: 1 };
    let history = vec![trial(0, State::Complete, &[(5, 0.0), (6, 1.0), (12, 1.0)])];
    let prune = |reports: &[(u64, f64)]| pruner.prune(Direction::Minimize, &history, &running(reports));
    assert!(!prune(&[(5, 9.0)]) && prune(&[(6, 9.0)]) && prune(&[(8, 9.0)]));
    assert!(!prune(&[(6, 0.5)]));
    assert!(!pruner.prune(Direction::Maximize, &history, &running(&[(6, 9.0)])));
}
