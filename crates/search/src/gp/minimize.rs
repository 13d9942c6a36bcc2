//! L-BFGS-B, by the crate `basin`, on closures.

use std::cell::RefCell;
use std::convert::Infallible;

use basin::{BoxBounds, ConstraintDescription, ConstraintSet, Constraints, CostFunction, Executor, FirstOrderState};
use basin::{Gradient, Lbfgsb};

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// At this many iterations.
    pub(super) iterations: u64,
    /// Once no component of the projected gradient is larger.
    pub(super) gradient: f64,
    /// Once an iteration improves the value by less than this share of it.
    pub(super) reduction: f64,
}

/// The best point that L-BFGS-B visits on its way from `from` within the bounds, and the value there. `function`
/// returns the value at a point and writes its gradient; it may return NaN or infinities.
pub(super) fn minimize(
    function: impl Fn(&[f64], &mut [f64]) -> f64,
    from: &[f64],
    lower: &[f64],
    upper: &[f64],
    stop: Stop,
) -> (Vec<f64>, f64) {
    let best = RefCell::new((from.to_vec(), f64::INFINITY));
    let problem = Problem { function, lower: lower.to_vec(), upper: upper.to_vec(), best: &best };
    let solver = Lbfgsb::new()
        .with_absolute_projected_gradient_tolerance(stop.gradient)
        .with_relative_cost_reduction_tolerance(stop.reduction);
    let state = FirstOrderState::new(from.to_vec());
    // How it ended does not matter: the best point visited is the answer.
    let _ = Executor::new(problem, solver, state).max_iter(stop.iterations).run();
    best.into_inner()
}

struct Problem<'a, F> {
    function: F,
    lower: Vec<f64>,
    upper: Vec<f64>,
    best: &'a RefCell<(Vec<f64>, f64)>,
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> Problem<'_, F> {
    fn evaluate(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; x.len()];
        let value = (self.function)(x, &mut gradient);
        if !value.is_finite() || gradient.iter().any(|g| !g.is_finite()) {
            gradient.fill(0.0);
            return (f64::MAX.sqrt(), gradient);
        }
        let mut best = self.best.borrow_mut();
        if value < best.1 {
            *best = (x.to_vec(), value);
        }
        (value, gradient)
    }
}

impl<F> Constraints for Problem<'_, F> {
    type Set = ConstraintSet<BoxBounds<Vec<f64>>>;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new().with_bounds(BoxBounds::new(Some(&self.lower), Some(&self.upper)))
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> CostFunction for Problem<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Infallible> {
        Ok(self.evaluate(x).0)
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> Gradient for Problem<'_, F> {
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        Ok(self.evaluate(x).1)
    }

    fn cost_and_gradient(&self, x: &Vec<f64>) -> Result<(f64, Vec<f64>), Infallible> {
        Ok(self.evaluate(x))
    }
}
