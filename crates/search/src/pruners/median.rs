//! The median rule of Golovin et al. (2017).

use serde::{Deserialize, Serialize};

use crate::study::Pruner;
use crate::{Direction, State, Trial};

/// Ends a trial whose best report so far is worse than the median of what the complete trials reported at the same
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
