//! What a Keras program on TensorFlow draws: initial weights and the order of samples in `fit`.
//!
//! Two ways of seeding are in use. Up to TensorFlow 2.9, `tf.random.set_seed` fixes the weights:
//! [`Initializers::tf_legacy`]. From 2.10 on they come from `keras.utils.set_random_seed`, and `tf.random.set_seed`
//! alone leaves them open: [`Initializers::keras_set_random_seed`]. The order of samples follows the global seed in the
//! same way under both: [`EpochOrders`].

use crate::cpython::Random;
use crate::tensorflow::{
    Context, OpSeeds, RandomShuffle, Reciprocal, random_uniform, set_seed, stateless_random_uniform,
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

    /// The next kernel of the initializer `glorot_uniform`, row-major `[fan_in, fan_out]`, in the order in which the
    /// layers are built.
    ///
    /// Values are uniform of `[-limit, limit)` with `limit = sqrt(3 / max(1, (fan_in + fan_out) / 2))`, computed in
    /// float64 and then rounded to float32.
    pub fn glorot_uniform(&mut self, fan_in: usize, fan_out: usize) -> Vec<f32> {
        let fan_average = (fan_in + fan_out) as f64 / 2.0;
        let limit = (3.0 * (1.0 / fan_average.max(1.0))).sqrt();
        let size = fan_in * fan_out;
        match &mut self.source {
            Source::Stateful(context) => random_uniform(context.op_seeds(), size, -limit, limit),
            Source::Stateless(random) => {
                stateless_random_uniform([random.randint(1, 1_000_000_000), 0], size, -limit, limit)
            }
        }
    }
}

/// The order of samples in each epoch of one `fit` with `shuffle=True` on arrays, for Keras 2.
///
/// The order is the same whatever the batch size: batches are cut from it from the front, and a partial one comes last.
/// One kernel shuffles all epochs of a `fit`, so orders differ; a second `fit` begins at the first order again. (Keras 3
/// makes a new kernel each epoch and repeats the first order.)
#[derive(Clone, Debug)]
pub struct EpochOrders {
    shuffle: RandomShuffle,
    reciprocals: Vec<Reciprocal>,
}

impl EpochOrders {
    /// The orders of `samples` samples after `tf.random.set_seed(seed)` or `keras.utils.set_random_seed(seed)`.
    ///
    /// The shuffle is the first random op in the graph of the dataset's map function, whose op seed is 0.
    pub fn new(seed: i64, samples: usize) -> Self {
        Self { shuffle: shuffle(seed), reciprocals: Reciprocal::of_order(samples) }
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
        self.shuffle.order(order, &self.reciprocals);
    }

    /// Leaves out the next `epochs` epochs without computing them.
    pub fn skip(&mut self, epochs: u64) {
        self.shuffle.skip_calls(epochs, self.reciprocals.len());
    }
}

fn shuffle(seed: i64) -> RandomShuffle {
    RandomShuffle::new(OpSeeds::new(seed, 0))
}
