use figures::{
    Direction, Distribution, Error, Factor, IntermediateCurve, Line, Objective, Parameter, ParameterValues,
    TimelineBar, TrialPoint, TrialState,
};

pub const LOSS: Objective<'static> = Objective { name: "loss", direction: Direction::Minimize, log: true };
pub const STATES: [TrialState; 3] = [TrialState::Complete, TrialState::Pruned, TrialState::Failed];

/// Complete trials with these values.
pub fn complete(values: &[f64]) -> Vec<TrialPoint> {
    let trial = |(number, &value)| TrialPoint { number, value: Some(value), state: TrialState::Complete };
    (0..).zip(values).map(trial).collect()
}

pub fn numeric<'a>(name: &'a str, values: &'a [f64], log: bool) -> Parameter<'a> {
    Parameter { name, values: ParameterValues::Numeric { values, log } }
}

pub fn categorical<'a>(name: &'a str, labels: &'a [&'a str], index: &'a [Option<usize>]) -> Parameter<'a> {
    Parameter { name, values: ParameterValues::Categorical { labels, index } }
}

/// Name and picture of every chart of trials.
pub fn all() -> Vec<(&'static str, Result<Vec<u8>, Error>)> {
    let shuffled: Vec<f64> = (0..40).map(|k| f64::from(k * 17 % 40)).collect();
    let values: Vec<f64> = shuffled.iter().map(|value| 1e-5 * (1.0 + value * value)).collect();
    let mut trials = complete(&values);
    trials[7].state = TrialState::Pruned;
    trials[11] = TrialPoint { value: None, state: TrialState::Failed, ..trials[11] };
    let rates: Vec<f64> = shuffled.iter().map(|value| 1e-4 * (1.0 + value)).collect();
    let choices: Vec<Option<usize>> = (0..40).map(|k| (k != 3).then_some(k % 3)).collect();
    let labels = ["relu", "tanh", "linear"];
    let parameters =
        [numeric("rate", &rates, true), numeric("units", &shuffled, false), categorical("choice", &labels, &choices)];
    let [rate, _, choice] = parameters;

    let level = |name, values| Distribution { name, values };
    let levels = [level("one", &values[..20]), level("other", &values[20..])];
    let factors = [Factor { name: "factor", levels: &levels }, Factor { name: "half", levels: &levels[..1] }];
    let epoch: Vec<u32> = (1..=20).collect();
    let curves: Vec<IntermediateCurve<'_>> = (0..3)
        .map(|k| IntermediateCurve { number: k, epoch: &epoch, value: &values[..20], state: STATES[k as usize] })
        .collect();
    let bars: Vec<TimelineBar> = (0..9)
        .map(|number| TimelineBar {
            number,
            start: f64::from(number),
            end: f64::from(number + 2),
            state: STATES[number as usize % 3],
        })
        .collect();
    let falling = [4.0, 2.0, 1.0, 0.5];
    let band = Line {
        name: "sampler",
        x: &[1.0, 10.0, 100.0, 500.0],
        y: &falling,
        low: &[1.0, 0.5, 0.2, 0.1],
        high: &[8.0; 4],
    };

    let title = "A chart";
    let subtitle = "Sample data, 40 trials";
    let importance: [(&str, &[f64]); 2] = [("fANOVA", &[0.5, 0.2, 0.3]), ("PED-ANOVA", &[0.6, 0.3, 0.1])];
    vec![
        ("optimization_history", figures::optimization_history(title, subtitle, LOSS, &trials)),
        ("slice", figures::slice(title, subtitle, LOSS, &trials, &parameters)),
        ("contour", figures::contour(title, subtitle, LOSS, &trials, [rate, choice])),
        ("rank", figures::rank(title, subtitle, LOSS, &trials, [choice, rate])),
        ("parallel_coordinates", figures::parallel_coordinates(title, subtitle, LOSS, &trials, &parameters)),
        ("parameter_importance", figures::parameter_importance(title, subtitle, &["a", "b", "c"], &importance)),
        ("empirical_distribution", figures::empirical_distribution(title, subtitle, LOSS, &levels)),
        ("intermediate_values", figures::intermediate_values(title, subtitle, LOSS, &curves)),
        ("timeline", figures::timeline(title, subtitle, &bars)),
        ("best_so_far_bands", figures::best_so_far_bands(title, subtitle, ("trials", true), LOSS, &[band])),
        ("one_at_a_time", figures::one_at_a_time(title, subtitle, LOSS, factors[0], Some(1e-4))),
        ("factor_overview", figures::factor_overview(title, subtitle, LOSS, &factors, 1e-4)),
    ]
}
