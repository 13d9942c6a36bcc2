//! A step's code compiled for each set of instructions; all of it is inlined here, and none of this into its callers.

macro_rules! compile {
    ($module:ident, $lanes:ident, #[$attribute:meta]) => {
        pub(super) mod $module {
            use random::keras::EpochOrders;

            use crate::exact::lanes::$lanes;
            use crate::exact::row_loss::{Batch, RowLoss};
            use crate::exact::step::Step;
            use crate::exact::{eigen, softmax};
            use crate::{Activation, Flow};

            #[$attribute]
            pub(in crate::exact::step) fn epoch(
                step: &mut Step,
                orders: Option<&mut EpochOrders>,
                order: &mut [u32],
                batch_losses: &mut [f32],
            ) -> f32 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.epoch_with::<$lanes>(orders, order, batch_losses) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn step(step: &mut Step, batch: &[u32]) -> f32 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe {
                    if step.is_plain() {
                        step.step_with::<$lanes, true>(batch)
                    } else {
                        step.step_with::<$lanes, false>(batch)
                    }
                }
            }

            #[$attribute]
            pub(in crate::exact::step) fn evaluate(step: &mut Step, order: &[u32]) -> f32 {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.evaluate_with::<$lanes>(order) }
            }

            #[$attribute]
            pub(in crate::exact::step) fn predict(step: &mut Step, x: &[f32]) {
                // SAFETY: the attribute says that the processor has the type's instructions.
                unsafe { step.predict_with::<$lanes>(x) }
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
        }
    };
}
// Every processor has these.
compile!(portable, Portable, #[inline(never)]);
#[cfg(target_arch = "x86_64")]
compile!(avx2, Avx2, #[target_feature(enable = "avx2,fma")]);
#[cfg(target_arch = "x86_64")]
compile!(avx512, Avx512, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]);
