//! What a Keras program on TensorFlow draws: initial weights and the order of samples in `fit`.
//!
//! Two ways of seeding are in use. Up to TensorFlow 2.9, `tf.random.set_seed` fixes the weights:
//! [`Initializers::tf_legacy`]. From 2.10 on they come from `keras.utils.set_random_seed`, and `tf.random.set_seed`
//! alone leaves them open: [`Initializers::keras_set_random_seed`]. The order of samples follows the global seed in the
//! same way under both, but for Keras 3, which repeats the first: [`EpochOrders`].

use crate::cpython::Random;
use crate::tensorflow::{
    Context, OpSeeds, RandomShuffle, RandomUniform, Reciprocal, random_truncated_normal, random_uniform, set_seed,
    stateless_random_truncated_normal, stateless_random_uniform,
};

/// The seeded source of initial kernels.
///
/// Biases are zeros and draw nothing.
#[derive(Clone, Debug)]
pub struct Initializers {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// Stateful ops; each initializer takes an eager op seed.
    Stateful(Context),
    /// Stateless ops; each initializer draws its seed from Python's generator.
    Stateless(Random),
}

impl Initializers {
    /// tf.keras up to TensorFlow 2.9 after `tf.random.set_seed(seed)`.
    ///
    /// Each kernel takes the next eager op seed when its layer is built.
    pub fn tf_legacy(seed: i64) -> Self {
        Self { source: Source::Stateful(set_seed(seed)) }
    }

    /// Keras from 2.10 on after `keras.utils.set_random_seed(seed)`.
    ///
    /// Each kernel draws `q = randint(1, 10**9)` from `random.Random(seed)` and is a stateless uniform of the seed
    /// `[q, 0]`. Keras itself accepts seeds from 0 to 2³² - 1 here.
    pub fn keras_set_random_seed(seed: i64) -> Self {
        Self { source: Source::Stateless(Random::new(seed)) }
    }

    /// The next kernel of the initializer `glorot_uniform`: uniform of `[-limit, limit)` with
    /// `limit = sqrt(3 / max(1, (fan_in + fan_out) / 2))`.
    pub fn glorot_uniform(&mut self, fan_in: usize, fan_out: usize) -> Vec<f32> {
        let glorot = VarianceScaling { scale: 1.0, fan: Fan::Average, distribution: Distribution::Uniform };
        self.kernel(glorot, fan_in, fan_out)
    }

    /// The next kernel, row-major `[fan_in, fan_out]`, in the order in which the layers are built.
    ///
    /// Limits and deviations are computed in float64 and then rounded to float32.
    pub fn kernel(&mut self, scaling: VarianceScaling, fan_in: usize, fan_out: usize) -> Vec<f32> {
        /// Standard deviation of a normal distribution of deviation 1 that is cut at two.
        const TRUNCATED: f64 = 0.879_625_661_034_239_8;

        let fan = match scaling.fan {
            Fan::In => fan_in as f64,
            Fan::Average => (fan_in + fan_out) as f64 / 2.0,
        };
        let variance = scaling.scale / fan.max(1.0);
        let (limit, deviation) = ((3.0 * variance).sqrt(), variance.sqrt() / TRUNCATED);
        let size = fan_in * fan_out;
        match (&mut self.source, scaling.distribution) {
            (Source::Stateful(context), Distribution::Uniform) => {
                random_uniform(context.op_seeds(), size, -limit, limit)
            }
            (Source::Stateful(context), Distribution::TruncatedNormal) => {
                random_truncated_normal(context.op_seeds(), size, deviation)
            }
            (Source::Stateless(random), distribution) => {
                let seed = [random.randint(1, 1_000_000_000), 0];
                match distribution {
                    Distribution::Uniform => stateless_random_uniform(seed, size, -limit, limit),
                    Distribution::TruncatedNormal => stateless_random_truncated_normal(seed, size, deviation),
                }
            }
        }
    }

    /// The noise of the model's Dropout layer of that number, from 0, in the order in which the layers are made.
    ///
    /// In tf.keras up to TensorFlow 2.9 it is the random op of that number in the training step's graph; in Keras 3 the layer's
    /// `SeedGenerator` draws its seed as an initializer does. Keras 2 from 2.10 on has other noise.
    pub fn dropout_noise(&mut self, number: usize) -> DropoutNoise {
        let source = match &mut self.source {
            Source::Stateful(context) => NoiseSource::Kernel(RandomUniform::new(context.op_seeds_of_graph(number))),
            Source::Stateless(random) => NoiseSource::SeedGenerator { seed: random.randint(1, 1_000_000_000), step: 0 },
        };
        DropoutNoise { source }
    }
}

/// The noise of a Dropout layer, of which a value is dropped where it is below the rate.
#[derive(Clone, Debug)]
pub struct DropoutNoise {
    source: NoiseSource,
}

#[derive(Clone, Debug)]
enum NoiseSource {
    /// A stateful op of the training step's graph: one kernel serves all steps.
    Kernel(RandomUniform),
    /// Keras 3's `SeedGenerator`, whose state is a seed and the number of the step: a stateless op each.
    SeedGenerator { seed: i64, step: i64 },
}

impl DropoutNoise {
    /// The noise of the next step, of `[0, 1)`, row-major `[rows, units]`.
    pub fn fill(&mut self, noise: &mut [f32]) {
        match &mut self.source {
            NoiseSource::Kernel(kernel) => kernel.fill(noise),
            NoiseSource::SeedGenerator { seed, step } => {
                noise.copy_from_slice(&stateless_random_uniform([*seed, *step], noise.len(), 0.0, 1.0));
                *step += 1;
            }
        }
    }
}

/// How kernels are drawn, after Keras' class of that name: the variance is `scale` divided by the number that `fan` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    /// 1 of Glorot's (2010) and LeCun's (1998), 2 of He's (2015).
    pub scale: f64,
    /// What the scale is divided by.
    pub fan: Fan,
    /// The distribution with that variance.
    pub distribution: Distribution,
}

/// A number of a layer's connections, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// Its inputs.
    In,
    /// The mean of its inputs and its units.
    Average,
}

/// A distribution of mean 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Uniform of `[-limit, limit)`.
    Uniform,
    /// Normal, within two of the standard deviations that it has before truncation.
    TruncatedNormal,
}

/// The order of samples in each epoch of one `fit` with `shuffle=True` on arrays.
///
/// The order is the same whatever the batch size: batches are cut from it from the front, and a partial one comes last.
/// In Keras 2 one kernel shuffles all epochs of a `fit`, so orders differ; a second `fit` begins at the first order again.
/// Keras 3 makes a new kernel each epoch, so each has the first order: [`EpochOrders::repeated`].
#[derive(Clone, Debug)]
pub struct EpochOrders {
    shuffle: RandomShuffle,
    reciprocals: Vec<Reciprocal>,
    /// Whether every epoch has the first order.
    repeats: bool,
}

impl EpochOrders {
    /// The orders of `samples` samples after `tf.random.set_seed(seed)` or `keras.utils.set_random_seed(seed)`.
    ///
    /// The shuffle is the first random op in the graph of the dataset's map function, whose op seed is 0.
    pub fn new(seed: i64, samples: usize) -> Self {
        Self { shuffle: shuffle(seed), reciprocals: Reciprocal::of_order(samples), repeats: false }
    }

    /// As [`EpochOrders::new`] for Keras 3 on TensorFlow, every epoch of which has the order of the first.
    pub fn repeated(seed: i64, samples: usize) -> Self {
        Self { repeats: true, ..Self::new(seed, samples) }
    }

    /// Goes back to the first epoch, of this seed; allocates nothing.
    pub fn restart(&mut self, seed: i64) {
        self.shuffle = shuffle(seed);
    }

    /// Writes the next epoch's permutation of `0..samples`; allocates nothing.
    ///
    /// # Panics
    ///
    /// If `order` is not `samples` long.
    #[expect(clippy::inline_always, reason = "else it is compiled without the caller's instructions")]
    #[inline(always)]
    pub fn fill(&mut self, order: &mut [u32]) {
        assert_eq!(order.len(), self.reciprocals.len(), "an order has one entry a sample");
        let first = self.repeats.then(|| self.shuffle.clone());
        self.shuffle.order(order, &self.reciprocals);
        if let Some(first) = first {
            self.shuffle = first;
        }
    }

    /// Leaves out the next `epochs` epochs without computing them.
    pub fn skip(&mut self, epochs: u64) {
        if !self.repeats {
            self.shuffle.skip_calls(epochs, self.reciprocals.len());
        }
    }
}

fn shuffle(seed: i64) -> RandomShuffle {
    RandomShuffle::new(OpSeeds::new(seed, 0))
}
