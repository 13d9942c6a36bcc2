//! Bayesian optimisation with a Gaussian process.
//!
//! Matérn 5/2 kernel with a length scale for every parameter, fitted noise, parameters of the kernel at the maximum of
//! their posterior, and the logarithm of the expected improvement as the acquisition (Ament et al. 2023). Running trials
//! are averaged over. Everything is computed anew from the history at each suggestion.

mod encoding;
mod kernel;
mod matrix;
mod maximize;
mod minimize;
mod posterior;
mod targets;

use crate::Assignment;
use crate::random::{Draws, Purpose, SobolSequence, sobol_point};
use crate::sampler::{Ask, Observation, Outcome, Sampler, observations};

use encoding::Encoding;
use kernel::{Kernel, Points, fit};
use maximize::{Search, bits};
use posterior::{Acquisition, Posterior};

/// Trials that the kernel is fitted to at most: the better half of them are the best, the others are spread over the
/// rest. The process itself is conditioned on all trials up to [`MOST_POINTS`].
const MOST_FITTED: usize = 160;
/// Trials that the process is conditioned on at most, chosen in the same way.
const MOST_POINTS: usize = 1000;

/// The Gaussian process sampler.
#[derive(Clone, Debug)]
pub struct Gp {
    /// The study's seed.
    pub seed: u64,
    /// Trials that must be complete before the process takes over from Sobol points.
    pub startup_trials: usize,
}

impl Sampler for Gp {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        let trials = observations(ask);
        let complete = trials.iter().filter(|trial| trial.outcome.is_complete()).count();
        let start = || sobol_point(ask.space, self.seed, Purpose::GpStart, ask.number);
        if complete < self.startup_trials.max(1) {
            return Some(start());
        }
        let encoding = Encoding::new(ask.space);
        if encoding.axes.is_empty() {
            return Some(start());
        }
        let point = self.best_point(&encoding, &trials, ask.number);
        Some(point.map_or_else(start, |point| encoding.decode(&point)))
    }
}

impl Gp {
    fn best_point(&self, encoding: &Encoding<'_>, trials: &[Observation], number: u64) -> Option<Vec<f64>> {
        let (pending, known): (Vec<_>, Vec<_>) =
            trials.iter().partition(|trial: &&Observation| trial.outcome == Outcome::Pending);
        let outcomes: Vec<Outcome> = known.iter().map(|trial| trial.outcome).collect();
        let values = targets::standardized(&outcomes);
        let points: Vec<Vec<f64>> = known.iter().map(|trial| encoding.encode(&trial.values)).collect();
        let mut order: Vec<usize> = (0..known.len()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let best = *order.iter().find(|&&i| outcomes[i].is_complete())?;

        let dimensions = encoding.axes.len();
        let categorical: Vec<bool> = encoding.axes.iter().map(|axis| axis.scale.categorical).collect();
        let take = |chosen: &[usize]| -> (Vec<Vec<f64>>, Vec<f64>) {
            (chosen.iter().map(|&i| points[i].clone()).collect(), chosen.iter().map(|&i| values[i]).collect())
        };
        let (fitted, fitted_values) = take(&thinned(&order, MOST_FITTED));
        let kernel = fit(&Points::new(dimensions, &fitted), &categorical, &fitted_values);

        let chosen = thinned(&order, MOST_POINTS);
        let (mut all, all_values) = take(&chosen);
        all.extend(pending.iter().map(|trial| encoding.encode(&trial.values)));
        let posterior = condition(kernel, &categorical, &Points::new(dimensions, &all), &all_values)?;
        // To improve on: the smallest mean. The smallest value is partly luck under noise, and a search that has to beat
        // luck leaves good regions too early.
        let means = posterior.means(&all_values);
        let complete = chosen.iter().zip(means).filter(|(i, _)| outcomes[**i].is_complete());
        let least = complete.map(|(_, mean)| mean).reduce(f64::min).unwrap_or(values[best]);
        let fantasies = SobolSequence::new(self.seed, Purpose::Fantasies, number);
        let acquisition = Acquisition::new(&posterior, least, fantasies);
        // Where all parameters are discrete, points come up again exactly; repeating one would teach little.
        let discrete = encoding.axes.iter().all(|axis| axis.scale.count > 0);
        let tried = trials.iter().filter(|_| discrete).map(|trial| bits(&encoding.encode(&trial.values)));
        let search =
            Search { encoding, acquisition: &acquisition, weights: &posterior.kernel.weights, taken: tried.collect() };
        let sobol = SobolSequence::new(self.seed, Purpose::Gp, number);
        let mut draws = Draws::new(self.seed, Purpose::Gp, number);
        // Every point that the process is conditioned on makes a candidate more costly.
        let candidates = (200_000 / all.len().max(1)).clamp(256, 2048) as u32;
        Some(search.run(sobol, candidates, &mut draws, &[points[best].clone()]))
    }
}

/// Conditions a process, with more noise if its covariance matrix has no Cholesky factor.
fn condition(mut kernel: Kernel, categorical: &[bool], points: &Points, values: &[f64]) -> Option<Posterior> {
    while kernel.noise < 1.0 {
        if let Some(posterior) = Posterior::new(kernel.clone(), categorical.to_vec(), points.clone(), values) {
            return Some(posterior);
        }
        kernel.noise *= 10.0;
    }
    None
}

/// At most `most` of the indices in `order`, in ascending order: half of them from the front, the others evenly spread
/// over the rest.
fn thinned(order: &[usize], most: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = if order.len() <= most {
        order.to_vec()
    } else {
        let (front, rest) = order.split_at(most / 2);
        let spread = most - most / 2;
        front.iter().copied().chain((0..spread).map(|i| rest[i * rest.len() / spread])).collect()
    };
    chosen.sort_unstable();
    chosen
}
