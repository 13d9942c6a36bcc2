use search::importance::fanova;
use search::study::Outcome;
use search::{Ask, Direction, Random, Sampler as _, Trial};
use tuning::{Attempt, Measured};

use crate::sample::{SAMPLE, document_of};
use crate::types::train;

/// Of 300 random trials the activation decides most and the optimizer comes second, in every one of six studies. The
/// medians of their shares lie where Optuna's fANOVA has them on this problem: from 0.61 to 0.76, and from 0.20 to 0.34.
#[test]
fn the_activation_comes_first_and_the_optimizer_second() {
    let parameters = "{model.layers.0.activation: {values: [linear, relu, tanh, sigmoid]}, \
                      training.optimizer.name: {values: [sgd, momentum, rmsprop, adam]}, \
                      training.optimizer.learning_rate: {min: 1.0e-4, max: 1.0e-1, log: true}, \
                      model.layers.0.units: {min: 4, max: 64, log: true}, \
                      training.batch_size: {values: [8, 16, 32, 64]}}";
    let search = format!("search={{sampler: random, trials: 300, objective: log10_rmse, parameters: {parameters}}}");
    let manifest = document_of(SAMPLE, &["training.engine=exact", "training.seed=1", "seed_scan=null", &search]);
    let space = manifest.search.clone().unwrap().parameters;
    let (mut activation, mut optimizer) = (Vec::new(), Vec::new());
    for seed in 0..6 {
        let random = Random { seed };
        let trial = |number| {
            let ask = Ask { space: &space, direction: Direction::Minimize, trials: &[], number };
            let parameters = random.suggest(&ask).unwrap();
            // As in the study that Optuna's shares come from, what diverges counts as an error of a million.
            let attempt = Attempt::new(&manifest, &parameters, Measured::Test, 0, &|_, _| false).unwrap();
            let value = match attempt.outcome("log10_rmse", train) {
                Outcome::Complete(value) => value.min(6.0),
                _ => 6.0,
            };
            Trial::complete(number, parameters, value)
        };
        let trials: Vec<Trial> = (0..300).map(trial).collect();
        let mut shares = fanova(&space, &trials, Direction::Minimize, seed);
        shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let [(first, most), (second, next), (_, third), ..] = &shares[..] else { panic!("{shares:?}") };
        assert_eq!((first.as_str(), second.as_str()), ("model.layers.0.activation", "training.optimizer.name"));
        assert!(next > &(2.0 * third), "{seed}: {shares:?}");
        activation.push(*most);
        optimizer.push(*next);
    }
    let medians = [notebook::median(&activation), notebook::median(&optimizer)];
    assert!((0.61..0.76).contains(&medians[0]) && (0.2..0.34).contains(&medians[1]), "{medians:?}");
}
