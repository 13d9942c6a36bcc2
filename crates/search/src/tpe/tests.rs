//! What the estimator skips and keeps changes nothing: its densities and its choice are those of the plain formulas.

use super::Tpe;
use super::history::History;
use crate::normal::{LOG_SQRT_TAU, below, between};
use crate::random::{Draws, Purpose, random_point};
use crate::sampler::{Ask, Outcome};
use crate::scale::Scale;
use crate::{Direction, Space, State, Trial};

/// All kinds of scales, and groups of their own of a continuous one and of a lattice.
const SPACE: &str = "
rate: {min: 1e-5, max: 1.0, log: true}
shift: {min: -2.0, max: 6.0}
units: {min: 1, max: 512, log: true}
step: {min: 0.0, max: 1.0, step: 0.25}
choice: {values: [a, b, c]}
momentum: {min: 0.0, max: 0.99, when: {choice: [a, b]}}
second: {min: 4, max: 64, when: {choice: [a]}}
";

/// A mixture with nothing left out: trials' places along every axis.
struct Plain<'a> {
    scales: &'a [Scale],
    trials: Vec<Vec<f64>>,
}

impl Plain<'_> {
    /// The logarithm of the density times the sum of the weights.
    fn log_density(&self, point: &[f64]) -> f64 {
        let count = self.trials.len();
        let mut terms: Vec<f64> = (0..count).map(|i| weight(i, count).ln()).chain([0.0]).collect();
        for (axis, (scale, &place)) in self.scales.iter().zip(point).enumerate() {
            let seen = self.trials.iter().map(|trial| trial[axis]);
            let logs = if scale.categorical { shares(scale, seen, place) } else { kernels(scale, seen, place) };
            terms.iter_mut().zip(logs).for_each(|(term, log)| *term += log);
        }
        let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + terms.iter().map(|term| (term - largest).exp()).sum::<f64>().ln()
    }
}

fn weight(i: usize, count: usize) -> f64 {
    let (oldest, faded) = (1.0 / count as f64, count.saturating_sub(25));
    if i < faded { oldest + (1.0 - oldest) * i as f64 / faded.saturating_sub(1).max(1) as f64 } else { 1.0 }
}

fn shares(scale: &Scale, seen: impl Iterator<Item = f64>, place: f64) -> Vec<f64> {
    let seen: Vec<f64> = seen.collect();
    let room = 1.0 / (seen.len() + 1) as f64;
    let own = |seen: &f64| f64::from(u8::from(*seen == place));
    let logs = seen.iter().map(|seen| ((own(seen) + room) / (1.0 + room * scale.count as f64)).ln());
    logs.chain([-(scale.count as f64).ln()]).collect()
}

fn kernels(scale: &Scale, seen: impl Iterator<Item = f64>, place: f64) -> Vec<f64> {
    let means: Vec<f64> = seen.chain([f64::midpoint(scale.low, scale.high)]).collect();
    let (prior, range) = (means.len() - 1, scale.high - scale.low);
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|&a, &b| means[a].total_cmp(&means[b]).then(a.cmp(&b)));
    let log = |i: usize| {
        let rank = order.iter().position(|&other| other == i).unwrap();
        let neighbours = [rank.checked_sub(1), Some(rank + 1)].into_iter().flatten().filter_map(|rank| order.get(rank));
        let gap = neighbours.map(|&other| (means[i] - means[other]).abs()).fold(0.0, f64::max);
        let deviation = if i == prior { range } else { gap.max(range / (means.len() + 1).min(100) as f64) };
        let standard = |place: f64| (place - means[i]) / deviation;
        let inside = below(standard(scale.high)) - below(standard(scale.low));
        if scale.count == 0 {
            -0.5 * standard(place).powi(2) - LOG_SQRT_TAU - (deviation * inside).ln()
        } else {
            let (low, high) = scale.cell(place);
            (between(standard(low), standard(high)) / inside).ln().max(-700.0)
        }
    };
    (0..means.len()).map(log).collect()
}

/// The trials of a history that are good, by number: of those with all parameters of a group.
fn good(trials: &[&Trial], direction: Direction) -> Vec<bool> {
    let key = |&i: &usize| match Outcome::of(trials[i], direction) {
        Some(Outcome::Complete(loss)) => Some((0, 0, loss)),
        Some(Outcome::Pruned(Some((step, loss)))) => Some((1, u64::MAX - step, loss)),
        Some(Outcome::Pruned(None)) => Some((2, 0, 0.0)),
        _ => None,
    };
    let mut scored: Vec<usize> = (0..trials.len()).filter(|i| key(i).is_some()).collect();
    scored.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap());
    let best = &scored[..scored.len().div_ceil(10).min(25)];
    (0..trials.len()).map(|i| best.contains(&i)).collect()
}

#[test]
fn densities_and_choice_are_those_of_the_plain_formulas() {
    let space: Space = serde_yaml::from_str(SPACE).unwrap();
    let mut draws = Draws::new(3, Purpose::Random, 0);
    let trials: Vec<Trial> = (0..420)
        .map(|number| {
            let mut trial = Trial::running(number, random_point(&space, 1, Purpose::Random, number));
            let value = (draws.uniform() * 50.0).round();
            (trial.state, trial.value) = match draws.below(8) {
                0 => (State::Running, None),
                1 => (State::Fail, None),
                2 => (State::Waiting, None),
                3 => (State::Pruned, None),
                _ => (State::Complete, Some(value)),
            };
            if trial.state == State::Pruned && draws.below(4) > 0 {
                trial.intermediate.insert(draws.below(3) as u64, value);
            }
            trial
        })
        .collect();
    let tpe = Tpe::new(0, 10, 24);
    // One history after the other, as a study goes on: of so many trials, without one, and told in another direction.
    let mut history = History::new(&space);
    let all =
        [(0, 900), (1, 900), (30, 7), (31, 900), (100, 900), (101, 50), (420, 411), (419, 900), (260, 3), (420, 900)];
    for (number, (count, without)) in (1000..).zip(all) {
        let direction = if count % 3 == 0 { Direction::Maximize } else { Direction::Minimize };
        let mut told: Vec<Trial> = trials[..count].iter().filter(|trial| trial.number != without).cloned().collect();
        told.reverse();
        history.update(&Ask { space: &space, direction, trials: &told, number });
        for group in &mut history.groups {
            let (positions, scales) = (group.positions.clone(), group.scales.clone());
            let places = |trial: &Trial| -> Option<Vec<f64>> {
                let values = space.values(&trial.parameters)?;
                positions.iter().zip(&scales).map(|(&at, scale)| Some(scale.place(values[at]?))).collect()
            };
            let is_known = |trial: &&Trial| trial.state != State::Waiting && places(trial).is_some();
            let known: Vec<&Trial> = told.iter().rev().filter(is_known).collect();
            let good = good(&known, direction);
            let plain = [true, false].map(|is_good| {
                let trials = known.iter().zip(&good).filter(|(_, good)| **good == is_good);
                Plain { scales: &scales, trials: trials.filter_map(|(trial, _)| places(trial)).collect() }
            });
            let mut again = Draws::new(0, Purpose::Tpe, number);
            let points: Vec<Vec<f64>> = (0..24).map(|_| group.good.draw(&mut again)).collect();
            let far = (0..24).filter_map(|at| places(&trials[at]));
            for point in points.iter().cloned().chain(far) {
                for (parzen, plain) in [&mut group.good, &mut group.bad].into_iter().zip(&plain) {
                    let (found, all) = (parzen.log_density(&point, f64::INFINITY), plain.log_density(&point));
                    assert!(
                        (found - all).abs() <= 1e-12 * all.abs().max(1.0),
                        "{count}: {found} is not {all} at {point:?}"
                    );
                    let limited = parzen.log_density(&point, all - 1.0);
                    assert!(limited > all - 1.0 && limited <= found, "{count}: {limited} at {point:?}");
                }
            }
            let ratio = |point: &Vec<f64>| plain[0].log_density(point) - plain[1].log_density(point);
            let chosen = tpe.sample(group, &mut Draws::new(0, Purpose::Tpe, number));
            let largest = points.iter().map(ratio).fold(f64::NEG_INFINITY, f64::max);
            assert!(points.contains(&chosen) && ratio(&chosen) > largest - 1e-11, "{count}: {chosen:?}");
        }
    }
}
