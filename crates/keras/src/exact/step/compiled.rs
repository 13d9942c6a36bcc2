//! A step's code compiled for each set of instructions; all of it is inlined here, and none of this into its callers.

macro_rules! compile {
    ($module:ident, $lanes:ident, $chains:literal, #[$attribute:meta]) => {
        pub(super) mod $module {
            use crate::exact::lanes::$lanes;
            use crate::exact::network::Dense;
            use crate::exact::optimizer::Update;
            use crate::exact::row_loss::{Batch, RowLoss};
            use crate::exact::step::Step;
            use crate::exact::{eigen, peak, softmax};
            use crate::{Activation, Flow};
            use random::keras::EpochOrders;

            #[$attribute]
            pub(in crate::exact::step) fn fill(orders: &mut EpochOrders, order: &mut [u32]) {
                orders.fill(order);
            }

            /// The steps of an epoch, of a network that is [shallow](Step::shallow) in batches of whole registers.
            #[$attribute]
            pub(in crate::exact::step) fn epoch(step: &mut Step, order: &[u32], batch_losses: &mut [f32]) -> f32 {
                step.mean_of_batches(order, |step, number, batch| {
                    batch_losses[number] = match step.shallow(batch.len()) {
                        Some(layers) => shallow_step(step, batch, layers),
                        None => step.any_step(batch),
                    };
                    batch_losses[number]
                })
            }

            #[$attribute]
            fn shallow_step(step: &mut Step, batch: &[u32], layers: [Dense; 2]) -> f32 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.shallow_step_with::<$lanes>(batch, layers) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn forward(step: &mut Step, rows: usize, predict: bool) {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.forward::<$lanes>(rows, predict) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn mean_loss(step: &mut Step, rows: usize) -> f32 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.mean_loss::<$lanes>(rows) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn backward(step: &mut Step, rows: usize) {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.backward::<$lanes>(rows) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn update(step: &mut Step, update: &Update, alpha: f32) {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.update_with::<$lanes>(update, alpha) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn row_loss(loss: &mut RowLoss, batch: Batch, gradient: &mut [f32]) -> f32 {
                loss.value_and_gradient(batch, gradient)
            }

            #[$attribute]
            pub(in crate::exact::step) fn softmax(values: &mut [f32], units: usize) {
                softmax::softmax(values, units);
            }

            #[$attribute]
            pub(in crate::exact::step) fn apply_eigen(activation: Activation, values: &mut [f32], flow: Flow) {
                eigen::apply(activation, values, flow);
            }

            /// As many as hide each other's latency.
            #[$attribute]
            pub(in crate::exact::step) fn chains(rounds: u32) -> f64 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { peak::chains::<$lanes, $chains>(rounds) }
            }
        }
    };
}
// Every processor has these.
compile!(portable, Portable, 4, #[inline(never)]);
#[cfg(target_arch = "x86_64")]
compile!(avx2, Avx2, 6, #[target_feature(enable = "avx2,fma")]);
#[cfg(target_arch = "x86_64")]
compile!(avx512, Avx512, 12, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]);
