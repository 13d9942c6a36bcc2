//! The process-wide state of libtorch that decides bits: threads, CPU code path, device.
//!
//! What engine `libtorch` calls on the CPU, and what serves it under the settings of [`Runtime`]:
//!
//! | operation | code |
//! | --- | --- |
//! | `addmm`, `mm` | MKL's `sgemm`, on the one path that `MKL_CBWR=COMPATIBLE` has on every x86-64, or the same sums by `matrix_product` |
//! | `sum`, `mean` | ATen's own for the x86-64 baseline, one order of additions on one thread |
//! | `add`, `sub`, `mul`, `div`, `square`, `abs`, `sgn`, `lerp`, `addcdiv` | ATen's own for the baseline: IEEE 754 operations on each value, none fused |
//! | `relu`, `mse_loss`, `huber_loss`; the backward operations of these, of tanh and of sigmoid | as above |
//! | `index_select`, `copy` | no arithmetic |
//! | Adam's step | `elementwise`, not libtorch: the same operations on each value in one pass |
//! | square root, tanh, sigmoid | `elementwise`, not libtorch: there MKL and the C library ask the processor |
//!
//! Other processors than x86-64 have other code for the first two rows, and other bits.

// `set_var` is unsafe because another thread may read the environment meanwhile; see `pin`.
#![allow(unsafe_code)]

use std::sync::Once;

use manifest::Broken;
use tch::{Cuda, Kind};

use crate::Device;

/// What can go wrong before or while a model is trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A key of a manifest with the sections `model` and `training` asks for what there is not, here or with these data.
    #[error("{}: {}", .0.path, .0.message)]
    Unsupported(Broken),
    /// The loss stopped being finite at this epoch.
    #[error("diverged at epoch {0}")]
    Diverged(u32),
    /// A label of `sparse_categorical_crossentropy` is no class.
    #[error("y has the label {label}, expected the number of a class, a whole number from 0 to {last}")]
    NoClass {
        /// The label.
        label: f32,
        /// The last class.
        last: usize,
    },
    /// The data do not have the shape of the model's input or of its output.
    #[error("{what} has {values} values, expected {expected}")]
    Shape {
        /// Which array is meant.
        what: &'static str,
        /// How many values it has.
        values: usize,
        /// How many the model needs.
        expected: usize,
    },
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self::Unsupported(broken)
    }
}

/// A pinned libtorch: a model's bits depend neither on the environment nor on which x86-64 processor runs it.
///
/// Models are made from a `Runtime`, so the pinning always comes before the first tensor. `make emulate` compares the
/// reports of several processors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Runtime {
    pub(crate) device: tch::Device,
    pub(crate) kind: Kind,
}

impl Runtime {
    /// Pins libtorch and selects the manifest's device; tensors are float32.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if a CUDA device is named that libtorch does not see.
    pub fn new(device: Device) -> Result<Self, Error> {
        pin();
        let device = match device {
            Device::Cpu => tch::Device::Cpu,
            Device::Cuda(index) => {
                let count = Cuda::device_count();
                if index as i64 >= count {
                    let message = format!("{device} is not available here (libtorch sees {count} CUDA devices)");
                    return Err(Broken::new("training.device", message).into());
                }
                tch::Device::Cuda(index)
            }
        };
        Ok(Self { device, kind: Kind::Float })
    }

    /// The same runtime with float64 tensors, in which gradients can be checked by finite differences.
    #[must_use]
    pub fn float64(self) -> Self {
        Self { kind: Kind::Double, ..self }
    }
}

/// The variables that choose ATen's and MKL's code by CPU, and the one code path that every x86-64 has.
const PINNED: [(&str, &str); 5] = [
    ("ATEN_CPU_CAPABILITY", "default"),
    ("MKL_CBWR", "COMPATIBLE"),
    ("MKL_DYNAMIC", "FALSE"),
    ("MKL_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
];

fn pin() {
    static PINNING: Once = Once::new();
    PINNING.call_once(|| {
        for (name, value) in PINNED {
            // SAFETY: libtorch reads these at its first tensor, which needs a `Runtime`, which needs this call;
            // no thread of ours reads or writes the environment before it.
            unsafe { std::env::set_var(name, value) };
        }
        tch::set_num_threads(1);
        tch::set_num_interop_threads(1);
    });
}
