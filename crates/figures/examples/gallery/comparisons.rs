//! What is drawn of several studies, samplers, evaluators and factors, and of the trials over time.

use figures::{
    Direction, Distribution, Error, Factor, IntermediateCurve, Objective, SamplerBand, TimelineBar, TrialState,
};

use crate::trials::{ERROR, Study};
use crate::{Figures, LONG, noise, spread};

const LOSS: Objective<'static> = Objective { name: "loss", ..ERROR };
const SHARE: Objective<'static> = Objective { name: "share correct (%)", direction: Direction::Maximize, log: false };

pub fn figures() -> Result<Figures, Error> {
    Ok([parallel()?, importances()?, studies()?, curves()?, timelines()?, samplers()?, factors()?].concat())
}

fn parallel() -> Result<Figures, Error> {
    let (study, large, single) = (Study::new(150), Study::new(3000), Study::new(1));
    let parameters = study.parameters();
    let many: Vec<_> = (0..20).map(|k| parameters[k % 5]).collect();
    let draw = |title, study: &Study, parameters: &[figures::Parameter<'_>]| {
        figures::parallel_coordinates(title, "Each line is a complete trial", ERROR, &study.trials, parameters)
    };
    Ok(vec![
        ("parallel_coordinates", draw("The best trials take similar paths", &study, &parameters)?),
        ("odd_parallel_many", draw("Twenty parameters", &study, &many)?),
        ("odd_parallel_large", draw("Three thousand trials", &large, &large.parameters()[..3])?),
        ("odd_parallel_one", draw("One trial, one parameter", &single, &single.parameters()[..1])?),
    ])
}

fn importances() -> Result<Figures, Error> {
    let names = ["learning rate", "units", "activation", "decay of the learning rate", "batch size"];
    let fanova = [0.52, 0.08, 0.31, 0.004, 0.09];
    let ped_anova = [0.61, 0.05, 0.22, 0.11, 0.0];
    let both: [(&str, &[f64]); 2] = [("fANOVA", &fanova), ("PED-ANOVA", &ped_anova)];
    let thirty: Vec<f64> = (0..30).map(|k| 1.0 / f64::from(k + 1)).collect();
    let holes = [f64::NAN, 0.3, -1.0];
    let draw = |title, names: &[&str], evaluators: &[(&str, &[f64])]| {
        figures::parameter_importance(title, "300 trials", names, evaluators)
    };
    Ok(vec![
        ("parameter_importance", draw("The learning rate matters most", &names, &both)?),
        ("odd_importance_many", draw("Thirty parameters", &[LONG; 30], &[("fANOVA", &thirty), ("PED", &thirty)])?),
        ("odd_importance_missing", draw("Missing values", &names[..3], &[("fANOVA", &holes)])?),
    ])
}

fn studies() -> Result<Figures, Error> {
    let values = [(1e-3, 0.5), (1e-4, 0.4), (2e-5, 0.3)].map(|(center, decades)| spread(200, center, decades));
    let names = ["random search", "tree-structured Parzen estimator", "population of trainings"];
    let group = |name, values| Distribution { name, values };
    let three: Vec<Distribution<'_>> =
        names.into_iter().zip(&values).map(|(name, values)| group(name, values)).collect();
    let shares: Vec<f64> = (0..50).map(|k| 90.0 + 8.0 * noise(k)).collect();
    let odd = [group(LONG, &[1.0, 0.0, f64::NAN]), group("none", &[]), group("equal", &[2.0; 9])];
    let draw = |title, objective, studies: &[Distribution<'_>]| {
        figures::empirical_distribution(title, "200 trials each", objective, studies)
    };
    Ok(vec![
        ("empirical_distribution", draw("Half of the last study is below 2×10⁻⁵", ERROR, &three)?),
        ("empirical_distribution_linear", draw("Shares are maximised", SHARE, &[group("one", &shares)])?),
        ("odd_empirical_missing", draw("Missing values", ERROR, &odd)?),
        ("odd_empirical_one", draw("One value", ERROR, &[group("one", &[3e-4])])?),
    ])
}

fn curves() -> Result<Figures, Error> {
    let epochs: Vec<u32> = (1..=100).collect();
    let loss = |k: usize, epochs: usize| -> Vec<f64> {
        let (rate, floor) = (0.03 + 0.06 * (noise(k) + 1.0), 1e-6 * 10f64.powf(2.0 * noise(k + 99)));
        (0..epochs).map(|e| 3000.0 * (-rate * e as f64).exp() * (1.0 + 0.3 * noise(e + k)) + floor).collect()
    };
    let state = |k: usize| match k % 10 {
        1 | 3 | 4 | 8 => (TrialState::Pruned, 8 + k % 31),
        7 if k % 20 == 7 => (TrialState::Failed, 30),
        _ => (TrialState::Complete, 100),
    };
    let values: Vec<Vec<f64>> = (0..400).map(|k| loss(k, state(k).1)).collect();
    let curve = |k: usize| {
        let value = values[k].as_slice();
        IntermediateCurve { number: k as u32, epoch: &epochs[..value.len()], value, state: state(k).0 }
    };
    let all: Vec<IntermediateCurve<'_>> = (0..400).map(curve).collect();
    let holes = [1.0, f64::NAN, 0.1, 0.0, 0.01, 0.02, f64::INFINITY, 0.5];
    let odd = IntermediateCurve { number: 1, epoch: &epochs[..8], value: &holes, state: TrialState::Complete };
    let failed = IntermediateCurve { state: TrialState::Failed, ..odd };
    let draw = |title, curves: &[IntermediateCurve<'_>]| {
        figures::intermediate_values(title, "Loss of the training set after each epoch", LOSS, curves)
    };
    Ok(vec![
        ("intermediate_values", draw("Pruned trials stop early", &all[..60])?),
        ("intermediate_values_few", draw("Eight trials", &all[..8])?),
        ("odd_intermediate_many", draw("Four hundred trials", &all)?),
        ("odd_intermediate_holes", draw("Missing values", &[odd])?),
        ("odd_intermediate_failed", draw("All trials failed", &[failed; 3])?),
    ])
}

fn timelines() -> Result<Figures, Error> {
    let bars = |count: u32, workers: u32| -> Vec<TimelineBar> {
        (0..count)
            .map(|number| {
                let start = f64::from(number / workers) * 2.1 + 0.4 * noise(number as usize) + 0.4;
                let state = match number % 9 {
                    2 | 5 => TrialState::Pruned,
                    7 => TrialState::Failed,
                    _ => TrialState::Complete,
                };
                let length = if state == TrialState::Complete { 1.8 } else { 0.6 };
                TimelineBar { number, start, end: start + length + 0.2 * noise(number as usize + 5), state }
            })
            .collect()
    };
    let failed = [TimelineBar { number: 0, start: 0.0, end: 0.0, state: TrialState::Failed }];
    let odd = [failed[0], TimelineBar { number: 9, start: 3.0, end: f64::NAN, ..failed[0] }];
    let draw = |title, bars: &[TimelineBar]| figures::timeline(title, "Two workers", bars);
    Ok(vec![
        ("timeline", draw("Two trials run at a time", &bars(30, 2))?),
        ("odd_timeline_many", draw("Two thousand trials", &bars(2000, 8))?),
        ("odd_timeline_failed", draw("One trial, failed at once", &failed)?),
        ("odd_timeline_missing", draw("A trial without an end", &odd)?),
    ])
}

fn samplers() -> Result<Figures, Error> {
    let names = ["random search", "tree-structured Parzen estimator", "CMA-ES", "grid", "Gaussian process"];
    let x: Vec<f64> = (1..=200).map(f64::from).collect();
    let quartiles = |k: usize| {
        let median = x.iter().map(|x| (3e-2 / (1.0 + 0.06 * (k + 1) as f64 * x)).max(1.1e-5)).collect::<Vec<f64>>();
        let scaled = |factor: f64| median.iter().map(|value| value * factor).collect::<Vec<f64>>();
        [scaled(0.6), scaled(1.0), scaled(1.9)]
    };
    let columns: Vec<[Vec<f64>; 3]> = (0..5).map(quartiles).collect();
    let seconds: Vec<f64> = x.iter().map(|x| 0.01 * x * x).collect();
    let band = |k: usize, x| {
        let [lower, median, upper] = columns[k].each_ref().map(Vec::as_slice);
        SamplerBand { name: names[k], x, lower, median, upper }
    };
    let five: Vec<SamplerBand<'_>> = (0..5).map(|k| band(k, &x)).collect();
    let timed: Vec<SamplerBand<'_>> = (0..3).map(|k| band(k, &seconds)).collect();
    let holes = [1e-3, f64::NAN, 0.0, 2e-4];
    let odd = SamplerBand { name: LONG, x: &x[..4], lower: &holes, median: &holes, upper: &[1e-2; 4] };
    let draw = |title, x_label, bands: &[SamplerBand<'_>]| {
        figures::best_so_far_bands(title, "Medians and quartiles of 50 repetitions", x_label, ERROR, bands)
    };
    Ok(vec![
        ("best_so_far_bands", draw("Model-based samplers need fewer trials", ("trials", false), &five)?),
        ("best_so_far_seconds", draw("And less time", ("seconds", true), &timed)?),
        ("odd_best_holes", draw("Missing values", ("trials", false), &[odd])?),
        ("odd_best_many", draw("Twenty samplers", ("trials", true), &[five[2]; 20])?),
    ])
}

const FACTORS: [(&str, &[&str]); 7] = [
    ("activation", &["linear", "relu", "leaky_relu", "tanh", "hard_sigmoid"]),
    ("optimizer", &["Adam", "SGD", "RMSprop", "Adagrad"]),
    ("learning rate", &["0.0001", "0.001", "0.01", "0.1"]),
    ("kernel initializer", &["glorot_uniform", "he_normal", "lecun_normal", "variance_scaling, truncated"]),
    ("units", &["4", "8", "16", "32", "64"]),
    ("batch size", &["8", "32", "100"]),
    ("shuffle", &["true", "false"]),
];

fn factors() -> Result<Figures, Error> {
    let values: Vec<Vec<Vec<f64>>> = FACTORS
        .iter()
        .enumerate()
        .map(|(f, (_, levels))| {
            let center = |k: usize| 2e-5 * 10f64.powf(k as f64 * 3.0 / ((f + 1) as f64) / levels.len() as f64);
            (0..levels.len()).map(|k| spread(40 + 90 * (f % 2), center(k), 0.25)).collect()
        })
        .collect();
    let levels: Vec<Vec<Distribution<'_>>> = FACTORS
        .iter()
        .zip(&values)
        .map(|((_, names), values)| {
            names.iter().zip(values).map(|(&name, values)| Distribution { name, values }).collect()
        })
        .collect();
    let all: Vec<Factor<'_>> =
        FACTORS.iter().zip(&levels).map(|(factor, levels)| Factor { name: factor.0, levels }).collect();
    let holes = [1.0, 0.0, f64::NAN];
    let odd = [
        Distribution { name: LONG, values: &holes },
        Distribution { name: "none", values: &[] },
        Distribution { name: "", values: &[2e-3] },
    ];
    let odd = [Factor { name: LONG, levels: &odd }, Factor { name: "without levels", levels: &[] }];
    let many: Vec<Factor<'_>> = (0..25).map(|k| all[k % 7]).collect();
    let subtitle = "All else as in the baseline, 40 to 130 trainings a level";
    let each = |title, factors: &[Factor<'_>]| figures::one_at_a_time(title, subtitle, ERROR, factors, Some(2e-5));
    let overview = |title, factors: &[Factor<'_>]| figures::factor_overview(title, subtitle, ERROR, factors, 2e-5);
    Ok(vec![
        ("one_at_a_time", each("The activation decides", &all)?),
        ("one_at_a_time_one", each("One factor", &all[..1])?),
        ("odd_each_missing", each("Missing values", &odd)?),
        ("odd_each_many", each("Twenty-five factors", &many)?),
        ("factor_overview", overview("The activation decides", &all)?),
        ("odd_overview_missing", overview("Missing values", &odd)?),
        ("odd_overview_many", overview("Twenty-five factors", &many)?),
    ])
}
