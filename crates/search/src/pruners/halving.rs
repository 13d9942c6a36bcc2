//! Asynchronous successive halving (Li et al. 2020).

use serde::{Deserialize, Serialize};

use crate::study::Pruner;
use crate::{Direction, Trial};

/// At each rung, lets a trial go on if it is among the best 1/`reduction_factor` of the trials that have come so far.
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
