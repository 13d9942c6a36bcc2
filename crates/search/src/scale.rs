//! A domain as a stretch of numbers: what samplers calculate with.

use libm::{exp, log};

use crate::{Domain, Value};

/// A domain laid out along a line, in logarithms if its scale is.
///
/// Lattices (steps, integers) own half a step on both sides of every value, so that all values have the same room.
/// Categorical domains lie at 0, 1, 2, …
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    domain: Domain,
    log: bool,
    /// Ends of the line.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Number of values, 0 for a continuous line.
    pub(crate) count: u64,
    pub(crate) categorical: bool,
}

impl Scale {
    pub(crate) fn new(domain: &Domain) -> Self {
        let count = domain.count().unwrap_or(0);
        let (low, high, log_scale) = match domain {
            Domain::Float { min, max, log, step: None } => (*min, *max, *log),
            Domain::Float { min, step: Some(step), .. } => {
                (min - step / 2.0, min + (count - 1) as f64 * step + step / 2.0, false)
            }
            Domain::Integer { min, log, step, .. } => {
                let half = *step as f64 / 2.0;
                (*min as f64 - half, (*min + (count - 1) as i64 * step) as f64 + half, *log)
            }
            Domain::Categorical { values } => (-0.5, values.len() as f64 - 0.5, false),
        };
        let categorical = matches!(domain, Domain::Categorical { .. });
        let (low, high) = if log_scale { (log(low), log(high)) } else { (low, high) };
        Self { domain: domain.clone(), log: log_scale, low, high, count, categorical }
    }

    /// As [`Self::new`], without logarithms.
    pub(crate) fn by_value(domain: &Domain) -> Self {
        let mut linear = domain.clone();
        if let Domain::Float { log, .. } | Domain::Integer { log, .. } = &mut linear {
            *log = false;
        }
        Self::new(&linear)
    }

    /// Place of a value of the domain.
    pub(crate) fn place(&self, value: &Value) -> f64 {
        let number = if self.categorical {
            self.domain.index(value).unwrap_or(0) as f64
        } else {
            value.number().unwrap_or(self.low)
        };
        if self.log { log(number) } else { number }
    }

    /// The value at, or nearest to, a place.
    pub(crate) fn value(&self, place: f64) -> Value {
        match self.domain {
            Domain::Float { min, max, step: None, .. } => {
                Value::Float(if self.log { exp(place) } else { place }.clamp(min, max))
            }
            _ => self.domain.nth(self.index(place)),
        }
    }

    /// Number of the value nearest to a place, for a domain that has a count.
    pub(crate) fn index(&self, place: f64) -> u64 {
        let steps = match &self.domain {
            Domain::Float { min, step, .. } => step.map_or(0.0, |step| (place - min) / step),
            Domain::Integer { min, step, .. } => {
                ((if self.log { exp(place) } else { place }) - *min as f64) / *step as f64
            }
            Domain::Categorical { .. } => place,
        };
        (libm::round(steps).max(0.0) as u64).min(self.count.saturating_sub(1))
    }

    /// Place of value number `index`.
    pub(crate) fn place_of(&self, index: u64) -> f64 {
        self.place(&self.domain.nth(index))
    }

    /// The place that lies the fraction `unit` along the line.
    pub(crate) fn along(&self, unit: f64) -> f64 {
        self.low + unit * (self.high - self.low)
    }

    /// The ends of the stretch of the line that belongs to the value at `place`, a lattice value.
    pub(crate) fn cell(&self, place: f64) -> (f64, f64) {
        let half = match &self.domain {
            Domain::Float { step, .. } => step.unwrap_or(0.0) / 2.0,
            Domain::Integer { step, .. } => *step as f64 / 2.0,
            Domain::Categorical { .. } => 0.5,
        };
        if self.log {
            let value = libm::round(exp(place));
            (log(value - half), log(value + half))
        } else {
            (place - half, place + half)
        }
    }
}
