//! The values that one parameter can take.

use crate::Value;

/// The largest integer, either way from zero, that a domain reaches: beyond it floats skip integers.
const LARGEST_INTEGER: i64 = 1 << 53;

/// The most steps of a range of floats: with more, neighbours differ by little more than rounding.
const MOST_STEPS: f64 = 1e12;

/// The values that one parameter can take.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Numbers from `min` to `max`, both included.
    Float {
        /// Smallest value.
        min: f64,
        /// Largest value, if a step leads there.
        max: f64,
        /// Whether equal ratios count as equal distances; not together with `step`.
        log: bool,
        /// If set, only `min`, `min + step`, `min + 2 step`, … are values.
        step: Option<f64>,
    },
    /// Whole numbers from `min` to `max`, both included.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value, if a step leads there.
        max: i64,
        /// Whether equal ratios count as equal distances; not together with a `step` other than 1.
        log: bool,
        /// Distance between neighbours, 1 or more.
        step: i64,
    },
    /// One of a list, without an order.
    Categorical {
        /// The choices, each once.
        values: Vec<Value>,
    },
}

impl Domain {
    /// How many values there are; `None` for a continuous range.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Float { min, max, .. } if min == max => Some(1),
            Self::Float { step: None, .. } => None,
            // The slack lets 1.0 be ten steps of 0.1 away from 0.
            Self::Float { min, max, step: Some(step), .. } => Some(((max - min) / step + 1e-8).floor() as u64 + 1),
            Self::Integer { min, max, step, .. } => Some(((max - min) / step) as u64 + 1),
            Self::Categorical { values } => Some(values.len() as u64),
        }
    }

    /// Value number `index` of a domain that has a count, in order; an index past the end gives the last one.
    /// Continuous ranges give their smallest value.
    pub fn nth(&self, index: u64) -> Value {
        let index = index.min(self.count().map_or(0, |count| count - 1));
        match self {
            Self::Float { min, step, .. } => Value::Float(step.map_or(*min, |step| on_lattice(*min, step, index))),
            Self::Integer { min, step, .. } => Value::Integer(min + index as i64 * step),
            Self::Categorical { values } => values[index as usize].clone(),
        }
    }

    /// Place of `value` in a domain that has a count; `None` if it is no value of the domain or the range is continuous.
    pub fn index(&self, value: &Value) -> Option<u64> {
        match self {
            Self::Categorical { values } => values.iter().position(|choice| choice.same(value)).map(|i| i as u64),
            Self::Integer { min, max, step, .. } => {
                let value = value.number().filter(|v| v.fract() == 0.0 && *v >= *min as f64 && *v <= *max as f64)?;
                let steps = value as i64 - min;
                (steps % step == 0).then_some((steps / step) as u64)
            }
            Self::Float { min, step, .. } => {
                let count = self.count()?;
                let steps = step.map_or(0.0, |step| (value.number().unwrap_or(f64::NAN) - min) / step);
                let index = steps.round();
                // Rounding of the value itself moves it by a share of its distance from the first one.
                let near =
                    (steps - index).abs() <= 1e-6 + 4.0 * f64::EPSILON * index && index >= 0.0 && index < count as f64;
                (near && self.contains_number(value)).then_some(index as u64)
            }
        }
    }

    /// Whether `value` is one of the domain's.
    pub fn contains(&self, value: &Value) -> bool {
        if self.count().is_some() { self.index(value).is_some() } else { self.contains_number(value) }
    }

    fn contains_number(&self, value: &Value) -> bool {
        match (self, value.number()) {
            (Self::Float { min, max, .. }, Some(number)) => number >= *min && number <= *max,
            _ => false,
        }
    }

    /// The rule that the domain breaks, if it breaks one.
    pub(crate) fn fault(&self) -> Option<String> {
        let rules = match self {
            Self::Float { min, max, log, step } => float_rules(*min, *max, *log, *step),
            Self::Integer { min, max, log, step } => integer_rules(*min, *max, *log, *step),
            Self::Categorical { values } => choice_rules(values),
        };
        rules.into_iter().find(|(is_broken, _)| *is_broken).map(|(_, rule)| rule)
    }
}

/// `min + index * step` with the rounding error of that sum cut off: as many decimals as the two numbers are written
/// with.
fn on_lattice(min: f64, step: f64, index: u64) -> f64 {
    let decimals = |x: f64| format!("{x}").split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let exact = min + index as f64 * step;
    format!("{exact:.*}", decimals(min).max(decimals(step))).parse().unwrap_or(exact)
}

/// Rules, and whether each is broken; the first that is counts.
type RulesOfDomain = Vec<(bool, String)>;

fn float_rules(min: f64, max: f64, log: bool, step: Option<f64>) -> RulesOfDomain {
    let mut rules = vec![
        (!(max - min).is_finite(), format!("min and max must be finite, got {min:?} and {max:?}")),
        (min > max, format!("min must be at most max, got {min:?} and {max:?}")),
        (log && min <= 0.0, format!("min must be above 0 on a logarithmic scale, got {min:?}")),
    ];
    if let Some(step) = step {
        let (range, is_positive) = (max - min, step.is_finite() && step > 0.0);
        rules.extend([
            (log, "log and step exclude each other".to_owned()),
            (!is_positive, format!("step must be above 0, got {step:?}")),
            (min < max && step > range * (1.0 + 1e-8), format!("step must be at most max - min, got {step:?}")),
            (range / step > MOST_STEPS, format!("step is too small, got {step:?}")),
        ]);
    }
    rules
}

fn integer_rules(min: i64, max: i64, log: bool, step: i64) -> RulesOfDomain {
    let range = -LARGEST_INTEGER..=LARGEST_INTEGER;
    let is_near = range.contains(&min) && range.contains(&max);
    vec![
        (!is_near, format!("min and max must lie within 2^53 of 0, got {min} and {max}")),
        (min > max, format!("min must be at most max, got {min} and {max}")),
        (log && min < 1, format!("min must be at least 1 on a logarithmic scale, got {min}")),
        (step < 1, format!("step must be at least 1, got {step}")),
        (log && step != 1, "log and step exclude each other".to_owned()),
        (min < max && step > max.saturating_sub(min), format!("step must be at most max - min, got {step}")),
    ]
}

fn choice_rules(values: &[Value]) -> RulesOfDomain {
    let mut rules = vec![(values.is_empty(), "values must not be empty".to_owned())];
    for (i, value) in values.iter().enumerate() {
        let is_finite = value.number().is_none_or(f64::is_finite);
        let is_known = values[..i].iter().any(|earlier| earlier.same(value));
        rules.push((!is_finite, format!("values must be finite, got {value}")));
        rules.push((is_known, format!("values must differ, got {value} twice")));
    }
    rules
}
