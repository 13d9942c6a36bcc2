//! Pruners: when to end a trial early. Each is a pure function of the history and of what the trial has reported.

use serde::{Deserialize, Serialize};

use crate::{Direction, State, Trial};

/// Stops trials early that do not promise much.
pub trait Pruner: Send + Sync + std::fmt::Debug {
    /// Whether to stop `trial` after its last report, judged against `history`: the finished trials of earlier rounds,
    /// in any order.
    fn prune(&self, direction: Direction, history: &[Trial], trial: &Trial) -> bool;
}

/// The median rule of Golovin et al. (2017): ends a trial whose best report so far is worse than the median of what the complete trials reported at the same
/// step. Options and their defaults are those of Optuna's `MedianPruner`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Median {
    /// Complete trials that there must be before any is ended.
    pub startup_trials: usize,
    /// First step at which a trial may be ended.
    pub warmup_steps: u64,
    /// Trials are judged at the first report in every interval of so many steps; at least 1.
    #[schemars(range(min = 1))]
    pub interval_steps: u64,
    /// Complete trials that must have reported at a step for it to count.
    #[schemars(range(min = 1))]
    pub min_trials: usize,
}

impl Default for Median {
    fn default() -> Self {
        Self { startup_trials: 5, warmup_steps: 0, interval_steps: 1, min_trials: 1 }
    }
}

impl Pruner for Median {
    fn prune(&self, direction: Direction, history: &[Trial], trial: &Trial) -> bool {
        let others: Vec<&Trial> =
            history.iter().filter(|other| other.number != trial.number && other.state == State::Complete).collect();
        let Some((step, _)) = trial.last_intermediate() else { return false };
        let first_of_interval = |start: u64| trial.intermediate.range(start..step).next().is_none();
        if others.is_empty() || others.len() < self.startup_trials || step < self.warmup_steps {
            return false;
        }
        let interval = self.interval_steps.max(1);
        if !first_of_interval(step - (step - self.warmup_steps) % interval) {
            return false;
        }
        let losses = trial.intermediate.values().map(|value| direction.as_loss(*value));
        let Some(best) = losses.filter(|loss| !loss.is_nan()).reduce(f64::min) else { return true };
        let reports = others.iter().filter_map(|other| other.intermediate.get(&step));
        let mut reports: Vec<f64> = reports.map(|r| direction.as_loss(*r)).filter(|r| !r.is_nan()).collect();
        if reports.is_empty() || reports.len() < self.min_trials {
            return false;
        }
        reports.sort_by(f64::total_cmp);
        let middle = reports.len() / 2;
        let median =
            if reports.len() % 2 == 1 { reports[middle] } else { f64::midpoint(reports[middle - 1], reports[middle]) };
        best > median
    }
}

/// Asynchronous successive halving (Li et al. 2020): at each rung, lets a trial go on if it is among the best 1/`reduction_factor` of the trials that have come so far.
/// Rung k stands at step `min_resource * reduction_factor^(min_early_stopping_rate + k)`; the first report at or after
/// that step counts. Options and their defaults are those of Optuna's `SuccessiveHalvingPruner`, but for
/// `min_resource: auto`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SuccessiveHalving {
    /// Steps to the first rung; at least 1.
    #[schemars(range(min = 1))]
    pub min_resource: u64,
    /// The share that goes on is one in so many; at least 2.
    #[schemars(range(min = 2))]
    pub reduction_factor: u64,
    /// Rungs that are left out at the start.
    #[schemars(range(max = 64))]
    pub min_early_stopping_rate: u32,
}

impl Default for SuccessiveHalving {
    fn default() -> Self {
        Self { min_resource: 1, reduction_factor: 4, min_early_stopping_rate: 0 }
    }
}

impl Pruner for SuccessiveHalving {
    fn prune(&self, direction: Direction, history: &[Trial], trial: &Trial) -> bool {
        let Some((last, value)) = trial.last_intermediate() else { return false };
        let value = direction.as_loss(value);
        let factor = self.reduction_factor.max(2);
        let mut rung =
            factor.checked_pow(self.min_early_stopping_rate).and_then(|f| f.checked_mul(self.min_resource.max(1)));
        while let Some(step) = rung.filter(|&step| step <= last) {
            // A rung that an earlier report reached has been judged then.
            if trial.intermediate.range(step..last).next().is_none() {
                if value.is_nan() {
                    return true;
                }
                let others = history.iter().filter(|other| other.number != trial.number);
                let reports =
                    others.filter_map(|other| other.intermediate.range(step..).next().map(|(_, value)| *value));
                let losses: Vec<f64> = reports.map(|v| direction.as_loss(v)).filter(|loss| !loss.is_nan()).collect();
                let better = losses.iter().filter(|loss| **loss < value).count();
                let places = ((losses.len() as u64 + 1) / factor).max(1);
                if better as u64 >= places {
                    return true;
                }
            }
            rung = step.checked_mul(factor);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Assignment;

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
        let prune =
            |pruner: Median, reports: &[(u64, f64)]| pruner.prune(Direction::Minimize, &history, &running(reports));
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
        let history: Vec<Trial> =
            (0..7).map(|i| trial(i, State::Pruned, &[(1, i as f64), (2, 10.0 + i as f64)])).collect();
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
}
