//! What the evaluators read: losses and, by parameter, places.

use crate::scale::Scale;
use crate::{Direction, Domain, Space, State, Trial};

/// The trials that count, by number.
#[derive(Debug)]
pub(super) struct Observed<'a> {
    /// Parameters that every trial has.
    pub(super) parameters: Vec<Column<'a>>,
    /// By trial; finite, smaller is better.
    pub(super) losses: Vec<f64>,
}

/// A parameter and where the trials have it.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) domain: &'a Domain,
    pub(super) scale: Scale,
    /// By trial.
    pub(super) places: Vec<f64>,
}

impl<'a> Observed<'a> {
    /// The trials that count, their parameters laid out by `scale`.
    pub(super) fn new(
        space: &'a Space,
        trials: &[Trial],
        direction: Direction,
        scale: impl Fn(&Domain) -> Scale,
    ) -> Self {
        let mut rows = Vec::new();
        for trial in trials.iter().filter(|trial| trial.state == State::Complete) {
            if let Some(value) = trial.value.filter(|value| value.is_finite())
                && let Some(values) = space.values(&trial.parameters)
            {
                rows.push((trial.number, direction.as_loss(value), values));
            }
        }
        rows.sort_by_key(|(number, ..)| *number);
        let column = |(position, parameter): (usize, &'a crate::Parameter)| {
            let scale = scale(&parameter.domain);
            let places = rows.iter().map(|(.., values)| values[position].map(|value| scale.place(value)));
            let places = places.collect::<Option<Vec<f64>>>()?;
            Some(Column { name: &parameter.name, domain: &parameter.domain, scale, places })
        };
        let parameters = space.parameters().iter().enumerate().filter_map(column).collect();
        Self { parameters, losses: rows.iter().map(|(_, loss, _)| *loss).collect() }
    }

    /// The losses, moved and scaled to mean 0 and largest size 1 (so that no square overflows); `None` if all are equal.
    pub(super) fn standard_losses(&self) -> Option<Vec<f64>> {
        let size = |values: &[f64]| values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let first = *self.losses.first()?;
        if self.losses.iter().all(|loss| *loss == first) {
            return None;
        }
        let largest = size(&self.losses);
        let mut losses: Vec<f64> = self.losses.iter().map(|loss| loss / largest).collect();
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        for loss in &mut losses {
            *loss -= mean;
        }
        let largest = size(&losses);
        Some(losses.into_iter().map(|loss| loss / largest).collect())
    }

    /// By trial: whether its loss is at most that of the last one of the best tenth, rounded up.
    pub(super) fn best_tenth(&self) -> Vec<bool> {
        let mut sorted = self.losses.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().div_ceil(10).checked_sub(1).map_or(f64::INFINITY, |last| sorted[last]);
        self.losses.iter().map(|loss| *loss <= last).collect()
    }
}
