//! What the trials of a study show: their history, their parameters and what these have to do with
//! the objective.

use figures::{Direction, Error, Objective, Parameter, ParameterValues, TrialPoint, TrialState};

use crate::{Figures, LONG, noise};

pub const ERROR: Objective<'static> =
    Objective { name: "root mean square error", direction: Direction::Minimize, log: true };
const SHARE: Objective<'static> = Objective { name: "share correct (%)", direction: Direction::Maximize, log: false };
const ACTIVATIONS: [&str; 6] = ["relu", "leaky_relu", "tanh", "linear", "hard_sigmoid", "softplus"];

/// A study: trials with a rate, a number of units, an activation, a decay and a batch size.
pub struct Study {
    pub trials: Vec<TrialPoint>,
    rate: Vec<f64>,
    units: Vec<f64>,
    activation: Vec<Option<usize>>,
    decay: Vec<f64>,
    batch: Vec<f64>,
}

impl Study {
    /// A study whose later trials gather around its best ones.
    pub fn new(trials: usize) -> Study {
        let near = |k: usize, stream: usize, best: f64| {
            let spread = 1.0 / (1.0 + k as f64 / (0.3 * trials as f64));
            (best + spread * noise(k * 31 + stream)).clamp(-1.0, 1.0)
        };
        let column = |stream, best| (0..trials).map(|k| near(k, stream, best)).collect::<Vec<f64>>();
        let (rate, units, decay) = (column(1, 0.3), column(2, 0.5), column(3, -0.2));
        let activation: Vec<usize> = (0..trials).map(|k| ((near(k, 4, 0.2) + 1.0) * 2.99) as usize).collect();
        let state = |k: usize| match k % 23 {
            7 | 15 => TrialState::Pruned,
            11 => TrialState::Failed,
            _ => TrialState::Complete,
        };
        let value = |k: usize| {
            let bowl = 4.0 * (rate[k] - 0.3).powi(2) + (units[k] - 0.5).powi(2) + 0.1 * decay[k].powi(2);
            let choice = [1.5, 1.0, 0.4, 0.0, 2.0, 0.6][activation[k]];
            10f64.powf(-5.0 + 1.6 * bowl + choice + 0.4 * noise(k * 7 + 5))
        };
        let point = |k: usize| TrialPoint {
            number: k as u32,
            value: (state(k) != TrialState::Failed).then(|| value(k)),
            state: state(k),
        };
        Study {
            trials: (0..trials).map(point).collect(),
            rate: rate.iter().map(|rate| 10f64.powf(-2.5 + 1.5 * rate)).collect(),
            units: units.iter().map(|units| (32.0 + 31.0 * units).round()).collect(),
            activation: activation.into_iter().map(Some).collect(),
            decay: decay.iter().map(|decay| 0.5 + 0.5 * decay).collect(),
            batch: (0..trials).map(|k| f64::from(8 << ((noise(k * 3) + 1.0) * 2.49) as u32)).collect(),
        }
    }

    pub fn parameters(&self) -> [Parameter<'_>; 5] {
        let numeric = |name, values, log| Parameter { name, values: ParameterValues::Numeric { values, log } };
        let activation = ParameterValues::Categorical { labels: &ACTIVATIONS, index: &self.activation };
        [
            numeric("learning rate", &self.rate, true),
            numeric("units", &self.units, false),
            Parameter { name: "activation", values: activation },
            numeric("decay of the learning rate a hundred epochs", &self.decay, false),
            numeric("batch size", &self.batch, true),
        ]
    }
}

pub fn figures() -> Result<Figures, Error> {
    Ok([histories()?, slices()?, pairs()?].concat())
}

fn histories() -> Result<Figures, Error> {
    let history = |title, objective, trials: &[TrialPoint]| {
        figures::optimization_history(title, "Tree-structured Parzen estimator", objective, trials)
    };
    let shares: Vec<TrialPoint> = (0..40)
        .map(|k| TrialPoint { number: k, value: Some(90.0 + 9.0 * noise(k as usize)), state: TrialState::Complete })
        .collect();
    let odd = [Some(1e-3), Some(0.0), Some(f64::NAN), None, Some(2e-4), Some(5.0)];
    let odd: Vec<TrialPoint> =
        (0..6).map(|k| TrialPoint { number: 3 * k, value: odd[k as usize], state: TrialState::Complete }).collect();
    Ok(vec![
        ("optimization_history", history("A hundred trials find 1×10⁻⁵", ERROR, &Study::new(120).trials)?),
        ("optimization_history_linear", history("Shares are maximised", SHARE, &shares)?),
        ("odd_history_many", history("Ten thousand trials", ERROR, &Study::new(10_000).trials)?),
        ("odd_history_one", history("One trial", ERROR, &Study::new(1).trials)?),
        ("odd_history_missing", history(LONG, Objective { name: LONG, ..ERROR }, &odd)?),
    ])
}

fn slices() -> Result<Figures, Error> {
    let study = Study::new(300);
    let all = study.parameters();
    let twenty: Vec<Parameter<'_>> = (0..20).map(|k| all[k % 5]).collect();
    let (large, single) = (Study::new(5000), Study::new(1));
    let names: Vec<String> = (0..40).map(|k| format!("choice number {k}")).collect();
    let labels: Vec<&str> = names.iter().map(String::as_str).collect();
    let index: Vec<Option<usize>> = (0..300).map(|k| (k % 7 > 0).then_some(k % 41)).collect();
    let choices = Parameter { name: LONG, values: ParameterValues::Categorical { labels: &labels, index: &index } };
    let slice = |title, study: &Study, parameters: &[Parameter<'_>]| {
        figures::slice(title, "Each dot is a complete trial", ERROR, &study.trials, parameters)
    };
    Ok(vec![
        ("slice", slice("The learning rate and the activation decide", &study, &all)?),
        ("slice_two", slice("Two parameters", &study, &all[..2])?),
        ("odd_slice_four", slice("Four parameters, many trials", &large, &large.parameters()[1..])?),
        ("odd_slice_one", slice("One trial", &single, &single.parameters()[..1])?),
        ("odd_slice_many", slice("Twenty parameters", &study, &twenty)?),
        ("odd_slice_choices", slice("Forty choices, some missing", &study, &[choices, all[0]])?),
    ])
}

fn pairs() -> Result<Figures, Error> {
    let study = Study::new(200);
    let [rate, units, activation, decay, batch] = study.parameters();
    let large = Study::new(20_000);
    let [large_rate, large_units, ..] = large.parameters();
    let single = Study::new(1);
    let [single_rate, single_units, ..] = single.parameters();
    let contour = |title, study: &Study, pair| figures::contour(title, "200 trials", ERROR, &study.trials, pair);
    let rank = |title, study: &Study, pair| figures::rank(title, "200 trials", ERROR, &study.trials, pair);
    Ok(vec![
        ("contour", contour("A valley along the learning rate", &study, [rate, units])?),
        ("contour_choices", contour("Linear activations are best", &study, [rate, activation])?),
        ("odd_contour_both", contour("Two axes of choices or steps", &study, [activation, batch])?),
        ("odd_contour_many", contour("Twenty thousand trials", &large, [large_rate, large_units])?),
        ("odd_contour_one", contour("One trial", &single, [single_rate, single_units])?),
        ("rank", rank("The best trials lie close together", &study, [rate, decay])?),
        ("rank_choices", rank("Ranks over choices", &study, [activation, units])?),
        ("odd_rank_many", rank("Twenty thousand trials", &large, [large_rate, large_units])?),
        ("odd_rank_one", rank("One trial", &single, [single_rate, single_units])?),
    ])
}
