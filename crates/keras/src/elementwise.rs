//! Functions of each value of a tensor, with bits that depend on nothing but the value.
//!
//! libtorch's own are not so on the CPU. `at::sqrt` and `at::tanh` of float32 are Intel MKL's, which takes a square root
//! from the processor's estimate of 1/√x without correcting it: a sixth of all results is one unit in the last place off,
//! and which ones depends on the processor's maker. `at::sigmoid` asks the C library for `expf`, whose code and last bits
//! depend on the processor and the library's version.

// A tensor's memory is read and written as a slice; see `map`.
#![allow(unsafe_code)]

use tch::{Device, Kind, Tensor};

use crate::formula::Formula;

/// `√x` as IEEE 754 rounds it, in place.
pub(crate) fn square_root(x: &mut Tensor) {
    if is_ours(x) && !cfg!(feature = "processor-square-root") {
        map(x, f32::sqrt);
    } else {
        let _ = x.sqrt_();
    }
}

/// The hyperbolic tangent, in place.
pub(crate) fn tanh(x: &mut Tensor) {
    apply(x, libm::tanhf, Tensor::tanh_);
}

/// The logistic function `1 / (1 + e⁻ˣ)`, in place.
pub(crate) fn sigmoid(x: &mut Tensor) {
    apply(x, |x| 1.0 / (1.0 + libm::expf(-x)), Tensor::sigmoid_);
}

/// Takes what an activation is applied to, to its values, and `slope` to its derivatives there; both have one shape.
pub(crate) fn activate(formula: Formula, x: &mut Tensor, slope: &mut Tensor) {
    slope.copy_(x);
    let apply = |tensor: &mut Tensor, f: &dyn Fn(f64) -> f64| {
        if is_ours(tensor) {
            map(tensor, |x| f(f64::from(x)) as f32);
        } else {
            let values = Vec::<f64>::try_from(tensor.flatten(0, -1).to_kind(Kind::Double)).expect("numbers");
            let values: Vec<f64> = values.into_iter().map(f).collect();
            tensor.copy_(&Tensor::from_slice(&values).view_as(tensor));
        }
    };
    apply(x, &|x| formula.value(x));
    apply(slope, &|x| formula.slope(x));
}

/// The exponential, in place.
pub(crate) fn exp(x: &mut Tensor) {
    apply(x, libm::expf, Tensor::exp_);
}

/// The natural logarithm, in place.
pub(crate) fn log(x: &mut Tensor) {
    apply(x, libm::logf, Tensor::log_);
}

/// `ln(1 + x)`, in place.
pub(crate) fn log1p(x: &mut Tensor) {
    apply(x, libm::log1pf, Tensor::log1p_);
}

/// Applies a function in place, where it is not ours by libtorch.
fn apply(x: &mut Tensor, ours: impl Fn(f32) -> f32, of_libtorch: fn(&mut Tensor) -> Tensor) {
    if is_ours(x) {
        map(x, ours);
    } else {
        let _ = of_libtorch(x);
    }
}

/// Adam's step on each value, as the formula in [`crate::OptimizerState`] with `factors` 1 − β₁ and 1 − β₂, in one pass over memory
/// instead of one an operation. The bits are those of libtorch's operations, each rounded; where these are computed otherwise, nothing is
/// done and the answer is false.
pub(crate) fn adam(
    [parameters, m, v]: [&mut Tensor; 3],
    gradients: &Tensor,
    factors: [f32; 2],
    epsilon: f32,
    alpha: f32,
) -> bool {
    // From 0.5 on libtorch's `lerp` begins at the other end.
    let otherwise = !is_ours(parameters) || cfg!(feature = "processor-square-root");
    if otherwise || factors.iter().any(|factor| factor.abs() >= 0.5) {
        return false;
    }
    let scale = (-1.0 / f64::from(alpha)) as f32;
    let gradients = gradients.shallow_clone();
    let [parameters, m, v, gradients] = [parameters, m, v, &gradients].map(|tensor| {
        assert!(
            is_ours(tensor) && tensor.is_contiguous() && tensor.numel() == gradients.numel(),
            "values side by side"
        );
        // SAFETY: as in `map`; the four are tensors of their own.
        unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<f32>(), tensor.numel()) }
    });
    for (((w, m), v), g) in parameters.iter_mut().zip(m).zip(v).zip(gradients) {
        *m += factors[0] * (*g - *m);
        *v += factors[1] * (*g * *g - *v);
        *w += *m / ((v.sqrt() + epsilon) * scale);
    }
    true
}

/// `y`, what autograd recorded of a function of `x`, with the values that `function` makes of `x`: derivatives are computed from
/// them.
pub(crate) fn with_values(y: Tensor, x: &Tensor, function: fn(&mut Tensor)) -> Tensor {
    tch::no_grad(|| {
        let mut values = y.data();
        values.copy_(x);
        function(&mut values);
    });
    y
}

/// Float32 on the CPU. Float64 is for checks of derivatives, and other devices have code of their own.
pub(crate) fn is_ours(tensor: &Tensor) -> bool {
    (tensor.device(), tensor.kind()) == (Device::Cpu, Kind::Float)
}

/// Replaces every value of a float32 tensor on the CPU.
///
/// # Panics
/// If the tensor's values do not lie side by side.
fn map(tensor: &mut Tensor, f: impl Fn(f32) -> f32) {
    assert!(is_ours(tensor) && tensor.is_contiguous(), "values side by side");
    // SAFETY: a contiguous float32 tensor on the CPU is this many floats at this place; nobody else writes to it meanwhile:
    // the tensor is borrowed, and libtorch runs on this thread alone.
    let values = unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<f32>(), tensor.numel()) };
    for value in values {
        *value = f(*value);
    }
}

#[cfg(test)]
mod tests {
    use random::mt19937::Mt19937;
    use tch::Tensor;

    use super::{adam, sigmoid, square_root, tanh};
    use crate::sequential::values;
    use crate::{Device, Runtime};

    /// Of a libtorch that is pinned: tests share one process, and its first tensor chooses the code of all.
    fn tensor(values: &[f32]) -> Tensor {
        let _ = Runtime::new(Device::Cpu).expect("a CPU");
        Tensor::from_slice(values)
    }

    /// Numbers of either sign from 2⁻¹²⁶ to 2¹²⁷.
    fn numbers() -> Vec<f32> {
        let mut random = Mt19937::new(5);
        (0..100_000).map(|_| f32::from_bits(random.next_u32())).filter(|x| x.is_normal()).collect()
    }

    /// A float64 square root rounded to float32 is the rounded root; MKL's misses it for a sixth of all numbers.
    #[test]
    fn square_roots_are_rounded_correctly() {
        let x: Vec<f32> = numbers().into_iter().map(f32::abs).collect();
        let mut roots = tensor(&x);
        square_root(&mut roots);
        let expected: Vec<f32> = x.iter().map(|&x| f64::from(x).sqrt() as f32).collect();
        assert_eq!(values(&roots), expected);
    }

    #[test]
    fn adam_has_the_bits_of_libtorchs_operations() {
        let mut random = Mt19937::new(6);
        let mut draw = |low: f64| {
            let values = (0..10_007).map(|_| (f64::from(random.next_u32()) / f64::from(u32::MAX) + low) as f32);
            tensor(&values.collect::<Vec<_>>())
        };
        let [parameters, m, v, gradients] = [-0.5, -0.5, 0.0, -0.5].map(&mut draw);
        let (factors, epsilon, alpha) = ([0.1_f32, 0.001], 1e-7_f32, 0.003_f32);
        let mut ours = [&parameters, &m, &v].map(Tensor::copy);
        let [w, first, second] = &mut ours;
        assert!(adam([w, first, second], &gradients, factors, epsilon, alpha));
        let mut theirs = [&parameters, &m, &v].map(Tensor::copy);
        let [w, first, second] = &mut theirs;
        let _ = first.lerp_(&gradients, f64::from(factors[0]));
        let _ = second.lerp_(&gradients.square(), f64::from(factors[1]));
        let mut divisor = second.copy();
        square_root(&mut divisor);
        let _ = divisor.g_add_scalar_(f64::from(epsilon)).g_mul_scalar_(-1.0 / f64::from(alpha));
        let _ = w.addcdiv_(first, &divisor);
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(values(ours), values(theirs));
        }
        let [w, first, second] = &mut ours;
        assert!(!adam([w, first, second], &gradients, [0.5, 0.001], epsilon, alpha));
    }

    #[test]
    fn tanh_and_sigmoid_are_right_to_rounding_and_keep_shape_and_sign() {
        let x: Vec<f32> = numbers().into_iter().filter(|x| x.abs() < 80.0).collect();
        let [mut hyperbolic, mut logistic] = [0, 1].map(|_| tensor(&x));
        tanh(&mut hyperbolic);
        sigmoid(&mut logistic);
        for ((&x, hyperbolic), logistic) in x.iter().zip(values(&hyperbolic)).zip(values(&logistic)) {
            let x = f64::from(x);
            let expected = [x.tanh(), 1.0 / (1.0 + (-x).exp())];
            for (ours, expected) in [hyperbolic, logistic].into_iter().map(f64::from).zip(expected) {
                assert!((ours - expected).abs() <= 3e-7 * expected.abs(), "{x}: {ours} against {expected}");
            }
        }
    }
}
