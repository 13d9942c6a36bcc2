//! What a report keeps of a network that was trained on a data set.

use std::error::Error;
use std::fmt::Debug;

use crate::Python;

type AnyError = Box<dyn Error + Send + Sync>;

/// A network that a report keeps: as a program in Python, and by its weights, with which new rows are predicted.
///
/// It is made when the network is, and what it says of the weights is what they are when it is asked.
pub trait Kept: Debug + Send {
    /// The program in Python that trains the same network on the same data, and files that it reads: names and contents. They
    /// follow from the manifest alone; `experiment` is its name.
    ///
    /// # Errors
    /// If something cannot be written.
    fn program(&self, experiment: &str, data: &Python) -> Result<Vec<(&'static str, Vec<u8>)>, AnyError>;

    /// The weights, as the content of a file in the format safetensors.
    ///
    /// # Errors
    /// If they cannot be written.
    fn weights(&self) -> Result<Vec<u8>, AnyError>;

    /// The network's outputs for row-major `x` with weights that [`Kept::weights`] wrote, row-major; of classes probabilities.
    ///
    /// # Errors
    /// If these are no weights of the network, or `x` is not whole rows.
    fn predict(&self, weights: &[u8], x: &[f32]) -> Result<Vec<f32>, AnyError>;
}
