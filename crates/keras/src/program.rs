//! A training handed back to Python: as a program of Keras, and its weights in the format safetensors.

use dataset::{Kept, Python};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use tch::Tensor;

use crate::python::{self, WITNESS};
use crate::sequential::values;
use crate::{Activation, Compiled, Error, Model, Sequential, Training};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// The network of a model: what it is made of and how it is trained, and the weights that it has when they are asked for.
#[derive(Debug)]
pub struct Program {
    model: Model,
    training: Training,
    features: usize,
    /// The model's own, in memory that both share.
    parameters: Tensor,
    /// Weights from which a training starts and the order of the rows in every epoch, where no seed gives them.
    start: Option<(Vec<f32>, Vec<Vec<u32>>)>,
}

impl Compiled {
    /// The network as a report keeps it; it follows what becomes of the weights.
    pub fn program(&self) -> Program {
        Program {
            model: self.model.clone(),
            training: self.training.clone(),
            features: self.features,
            parameters: self.parameters(),
            start: None,
        }
    }
}

impl Program {
    /// The program trains from these weights (flat: kernel, bias, kernel, bias, …) and in these orders of the rows, one an
    /// epoch, instead of those of a seed.
    #[must_use]
    pub fn starting_from(self, weights: Vec<f32>, orders: Vec<Vec<u32>>) -> Self {
        Self { start: Some((weights, orders)), ..self }
    }

    /// Names and shapes of the kernels and biases in the order of the flat weights.
    fn names_and_shapes(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let shapes = self.model.shapes(self.features).into_iter();
        let shapes = shapes.flat_map(|[inputs, units]| [vec![inputs, units], vec![units]]);
        self.model.weight_names().into_iter().zip(shapes)
    }

    /// Values in the order of the flat weights as named tensors, and the `orders` of rows where they are given.
    fn tensors(&self, values: &[f32], orders: Option<&[Vec<u32>]>) -> Result<Vec<u8>, AnyError> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let order_bytes: Vec<u8> = orders.into_iter().flatten().flatten().flat_map(|row| row.to_le_bytes()).collect();
        let (mut tensors, mut rest) = (Vec::new(), &bytes[..]);
        for (name, shape) in self.names_and_shapes() {
            let length = 4 * shape.iter().product::<usize>();
            let weight = rest.split_off(..length).ok_or("too few weights")?;
            tensors.push((name, TensorView::new(Dtype::F32, shape, weight)?));
        }
        if let Some(orders) = orders {
            let shape = vec![orders.len(), orders.first().map_or(0, Vec::len)];
            tensors.push(("orders".to_owned(), TensorView::new(Dtype::U32, shape, &order_bytes)?));
        }
        Ok(serialize(tensors, &None)?)
    }
}

impl Kept for Program {
    fn program(&self, experiment: &str, data: &Python) -> Result<Vec<(&'static str, Vec<u8>)>, AnyError> {
        let Self { model, training, features, start, .. } = self;
        let mut files = Vec::new();
        if let Some((weights, orders)) = start {
            files.push((WITNESS, self.tensors(weights, Some(orders))?));
        }
        let text = python::program(experiment, data, model, training, *features, start.is_some());
        files.push(("keras.py", text.into_bytes()));
        Ok(files)
    }

    fn weights(&self) -> Result<Vec<u8>, AnyError> {
        self.tensors(&values(&self.parameters), None)
    }

    fn predict(&self, weights: &[u8], x: &[f32]) -> Result<Vec<f32>, AnyError> {
        let mut model = Sequential::from(&self.model).compile(&self.training, self.features)?;
        let tensors = SafeTensors::deserialize(weights)?;
        let mut flat = Vec::new();
        for (name, shape) in self.names_and_shapes() {
            let tensor = tensors.tensor(&name).map_err(|_| format!("there are no weights {name}"))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
                return Err(format!("{name} must be float32 of shape {shape:?}, got {:?}", tensor.shape()).into());
            }
            flat.extend(tensor.data().as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)));
        }
        model.set_weights(&flat)?;
        let mut outputs = model.predict(x)?;
        // Logits become the probabilities that they stand for.
        for row in outputs.chunks_mut(model.outputs) {
            match self.training.loss.joined() {
                Some((Activation::Sigmoid, true)) => {
                    for value in row {
                        *value = 1.0 / (1.0 + libm::expf(-*value));
                    }
                }
                Some((_, true)) => {
                    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    let shares: Vec<f32> = row.iter().map(|value| libm::expf(value - most)).collect();
                    let sum: f32 = shares.iter().sum();
                    for (value, share) in row.iter_mut().zip(shares) {
                        *value = share / sum;
                    }
                }
                Some((_, false)) | None => {}
            }
        }
        Ok(outputs)
    }
}

impl Model {
    /// Keras' names of the kernels and biases in the order of the flat weights: `dense/kernel`, `dense/bias`, `dense_1/kernel`, …
    pub(crate) fn weight_names(&self) -> Vec<String> {
        let of_layer = |number: usize| {
            let layer = if number == 0 { "dense".to_owned() } else { format!("dense_{number}") };
            ["kernel", "bias"].map(|part| format!("{layer}/{part}"))
        };
        (0..self.dense().count()).flat_map(of_layer).collect()
    }
}

impl Compiled {
    /// Gives the model these weights, flat in the order kernel, bias, kernel, bias, …; kernels row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not as many as the model has.
    pub fn set_weights(&mut self, weights: &[f32]) -> Result<(), Error> {
        let expected = self.parameters.numel();
        if weights.len() != expected {
            return Err(Error::Shape { what: "weights", values: weights.len(), expected });
        }
        tch::no_grad(|| self.parameters.copy_(&Tensor::from_slice(weights)));
        Ok(())
    }
}
