//! Parts of a step on registers that need not be written in between: the layer above a single input, and the way back
//! through a single output and the layer below it. The sums are those of [`super::products`], term by term.

use crate::Activation;

use super::activation::{apply_one, slope};
use super::lanes::{LANES, Lanes};
use super::products::{Columns, Matrix, dot_by_column};

/// Expands a loop once for each activation and runs the one for `$activation`, so that no row asks again which it is.
macro_rules! for_the_activation {
    ($activation:expr, $rows:ident) => {
        match $activation {
            Activation::Linear | Activation::Softmax => $rows!(Activation::Linear),
            Activation::Relu => $rows!(Activation::Relu),
            Activation::Tanh => $rows!(Activation::Tanh),
            Activation::Sigmoid => $rows!(Activation::Sigmoid),
            Activation::Elu => $rows!(Activation::Elu),
            // The others are applied afterwards.
            _ => $rows!(Activation::Linear),
        }
    };
}

/// Where a hidden layer above a single input, and the single output above it, have their values.
#[derive(Clone, Copy)]
pub(super) struct Hidden {
    /// `[rows]`.
    pub(super) x: *const f32,
    /// `[rows, units]`.
    pub(super) outputs: Matrix,
    pub(super) rows: usize,
    pub(super) units: usize,
}

/// `outputs[row][unit] = activation(x[row] · kernel[unit] + bias[unit])`.
///
/// # Safety
/// As [`Lanes`]; rows are whole registers.
#[inline(always)]
pub(super) unsafe fn forward<L: Lanes>(hidden: Hidden, kernel: *const f32, bias: *const f32, activation: Activation) {
    macro_rules! rows {
        ($activation:path) => {
            for unit in (0..hidden.units).step_by(LANES) {
                let (w, b) = (L::load(kernel.add(unit)), L::load(bias.add(unit)));
                for row in 0..hidden.rows {
                    let h = L::splat(*hidden.x.add(row)).mul(w).add(b);
                    apply_one::<L>($activation, h).store(hidden.outputs.row(row).add(unit));
                }
            }
        };
    }
    for_the_activation!(activation, rows);
}

/// `predictions[row] = outputs[row] · kernel + bias` of the single output above, as [`super::products::dots`] takes it, without
/// keeping the outputs: rows lie side by side.
///
/// # Safety
/// As [`forward`]; the outputs [are computed anew](is_computed_anew), and all has room for whole sixteens of rows.
#[inline(always)]
pub(super) unsafe fn forward_to_output<L: Lanes>(
    hidden: Hidden,
    [kernel, bias]: [*const f32; 2],
    activation: Activation,
    [output_kernel, output_bias]: [*const f32; 2],
    predictions: *mut f32,
) {
    for row in (0..hidden.rows).step_by(LANES) {
        let outputs = Outputs { x: L::load(hidden.x.add(row)), kernel, bias, activation };
        let sums = dot_by_column::<L>(output_kernel, hidden.units, &outputs);
        sums.add(L::splat(*output_bias)).store(predictions.add(row));
    }
}

/// The outputs of sixteen rows, unit by unit.
struct Outputs<L> {
    x: L,
    kernel: *const f32,
    bias: *const f32,
    activation: Activation,
}

impl<L: Lanes> Columns<L> for Outputs<L> {
    #[inline(always)]
    unsafe fn of(&self, unit: usize) -> L {
        let h = self.x.mul(L::splat(*self.kernel.add(unit))).add(L::splat(*self.bias.add(unit)));
        if self.activation == Activation::Relu { apply_one::<L>(Activation::Relu, h) } else { h }
    }
}

/// Whether [`backward`] computes outputs anew, which takes less time than to keep them.
pub(super) fn is_computed_anew(activation: Activation) -> bool {
    matches!(activation, Activation::Linear | Activation::Relu)
}

/// Gradients of a single output's kernel and bias, and of the hidden layer's below it, from the gradient by the output.
///
/// # Safety
/// As [`Lanes`]; rows are whole registers. The logistic function's gradient is of whole eights.
#[inline(always)]
pub(super) unsafe fn backward<L: Lanes>(
    hidden: Hidden,
    [own_kernel, own_bias]: [*const f32; 2],
    activation: Activation,
    output_gradient: *const f32,
    kernel: *const f32,
    [to_kernel, to_bias]: [*mut f32; 2],
    [to_hidden_kernel, to_hidden_bias]: [*mut f32; 2],
) {
    macro_rules! rows {
        ($activation:path) => {
            for unit in (0..hidden.units).step_by(LANES) {
                let w = L::load(kernel.add(unit));
                let (own_w, own_b) = (L::load(own_kernel.add(unit)), L::load(own_bias.add(unit)));
                let minus_zero = L::splat(-0.0);
                let (mut kernel, mut hidden_kernel, mut hidden_bias) = (minus_zero, minus_zero, minus_zero);
                let mut bias = -0.0;
                for row in 0..hidden.rows {
                    let (x, g) = (L::splat(*hidden.x.add(row)), L::splat(*output_gradient.add(row)));
                    let h = if is_computed_anew($activation) {
                        apply_one::<L>($activation, x.mul(own_w).add(own_b))
                    } else {
                        L::load(hidden.outputs.row(row).add(unit))
                    };
                    bias += *output_gradient.add(row);
                    kernel = g.mul_add(h, kernel);
                    let delta = slope::<L>($activation, h, g.mul(w));
                    hidden_kernel = x.mul_add(delta, hidden_kernel);
                    hidden_bias = hidden_bias.add(delta);
                }
                *to_bias = bias;
                kernel.store(to_kernel.add(unit));
                hidden_kernel.store(to_hidden_kernel.add(unit));
                hidden_bias.store(to_hidden_bias.add(unit));
            }
        };
    }
    for_the_activation!(activation, rows);
}
