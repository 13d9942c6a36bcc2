//! The distance between the ticks of a linear axis.

use crate::number::{decimal, exponent, minus};

/// The distance between two ticks: 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub digit: u32,
    pub exponent: i32,
}

impl Step {
    /// The smallest step that is at least `distance`.
    pub fn covering(distance: f64) -> Step {
        let start = exponent(distance);
        [(1, start), (2, start), (5, start)]
            .into_iter()
            .map(|(digit, exponent)| Step { digit, exponent })
            .find(|step| decimal(step.digit, step.exponent) >= distance)
            .unwrap_or(Step { digit: 1, exponent: start + 1 })
    }

    pub fn value(self, number: i64) -> f64 {
        self.label(number).replace('−', "-").parse().expect("a label is a number")
    }

    /// Number of the last step at or below `value`.
    pub fn below(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) + 1e-9).floor() as i64
    }

    /// Number of the first step at or above `value`.
    pub fn above(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) - 1e-9).ceil() as i64
    }

    pub fn label(self, number: i64) -> String {
        let units = i128::from(number) * i128::from(self.digit);
        if self.exponent >= 0 {
            let zeros = if units == 0 { 0 } else { self.exponent as usize };
            return minus(&format!("{units}{}", "0".repeat(zeros)));
        }
        let decimals = self.exponent.unsigned_abs() as usize;
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        format!("{}{whole}.{part}", if units < 0 { "−" } else { "" })
    }
}
