//! Many seeds on several cores, handed over in the order of the seeds.

use std::ops::RangeInclusive;
use std::thread;

use super::Trainer;

/// What one seed's training ended with.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The seed.
    pub seed: i64,
    /// The loss of every epoch; ends with the first that is not finite.
    pub losses: Vec<f32>,
    /// Predictions of the test inputs.
    pub predictions: Vec<f32>,
}

/// Seeds that a thread trains before results are handed over.
const BLOCK: usize = 64;

impl Trainer {
    /// Trains from every seed on `threads` threads, at least one, and predicts `x_test`; `each` gets the results in the
    /// order of the seeds. The number of threads changes no result, and results are not kept.
    pub fn sweep(&self, threads: usize, seeds: RangeInclusive<i64>, x_test: &[f32], mut each: impl FnMut(&Trained)) {
        let threads = threads.max(1);
        let empty = Trained { seed: 0, losses: Vec::new(), predictions: Vec::new() };
        let mut results = vec![empty; BLOCK * threads];
        let mut trainers = vec![self.clone(); threads];
        let mut seeds = seeds.peekable();
        while seeds.peek().is_some() {
            let taken = results.iter_mut().zip(&mut seeds).map(|(result, seed)| result.seed = seed).count();
            let round = &mut results[..taken];
            thread::scope(|scope| {
                for (results, trainer) in round.chunks_mut(BLOCK).zip(&mut trainers) {
                    scope.spawn(move || {
                        for result in results {
                            trainer.train(result.seed, &mut result.losses);
                            result.predictions = trainer.predict(x_test);
                        }
                    });
                }
            });
            round.iter().for_each(&mut each);
        }
    }
}
