use figures::{
    Direction, Distribution, Factor, IntermediateCurve, Line, Objective, Parameter, ParameterValues, Point,
    TimelineBar, TrialPoint, TrialState,
};

pub const LOSS: Objective<'static> = Objective { name: "loss", direction: Direction::Minimize, log: true };
pub const STATES: [TrialState; 3] = [TrialState::Complete, TrialState::Pruned, TrialState::Failed];

/// Name and picture of every chart.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let epoch: Vec<f64> = (1..=3000).map(f64::from).collect();
    let halving = falling(3000, 0.995);
    let slower = falling(3000, 0.999);
    let curves = [Line::new("this run", &epoch, &halving), Line::new("slower", &epoch, &slower)];
    let points = [1, 1000, 2000, 3000].map(|epoch| (f64::from(epoch), halving[epoch as usize - 1]));
    let x: Vec<f64> = (0..20).map(|k| f64::from(k) - 9.5).collect();
    let gaps: Vec<Point> = (0..).zip(&x).map(|(k, &x)| (x, f64::from(k % 7 - 3) * 1e-5)).collect();
    let pairs: Vec<Point> = gaps.iter().map(|&(x, gap)| (x * x, x * x + gap)).collect();
    let facts = [("points", 20.0), ("largest error", 3e-5)];
    let errors = [("first", 2.345), ("second", 1.234e-2), ("third", 1.726e-5)];
    let numbers: Vec<f64> = (0..300).map(|k| f64::from(5 + k * k % 83)).collect();
    let groups = [("narrow", &halving[..300]), ("wide", &halving[900..])];
    let groups = groups.map(|(name, values)| Distribution { name, values });
    let marked = Some(("marked", 1.726e-5));
    let sizes = [1.0, 32.0, 1024.0];
    let line = Line { name: "ours", x: &sizes, y: &[3.0, 2.0, 1.0], low: &[2.0, 1.0, 0.5], high: &[5.0; 3] };
    let floor = Line::new("limit", &sizes, &[0.5; 3]);

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
    let factor = Factor { name: "factor", levels: &levels };
    let losses: Vec<Point> = (1..=20).map(f64::from).zip(values[..20].iter().copied()).collect();
    let of_trial = |number: u32| IntermediateCurve { number, points: &losses, state: STATES[number as usize] };
    let bars: Vec<TimelineBar> = (0..9)
        .map(|number| TimelineBar {
            number,
            start: f64::from(number),
            end: f64::from(number + 2),
            state: STATES[number as usize % 3],
        })
        .collect();
    let band = Line {
        name: "sampler",
        x: &[1.0, 10.0, 100.0, 500.0],
        y: &[4.0, 2.0, 1.0, 0.5],
        low: &[1.0, 0.5, 0.2, 0.1],
        high: &[8.0; 4],
    };
    let importance: [(&str, &[f64]); 2] = [("fANOVA", &[0.5, 0.2, 0.3]), ("PED-ANOVA", &[0.6, 0.3, 0.1])];

    let title = "A chart";
    let subtitle = "Sample data";
    let of_trials = "Sample data, 40 trials";
    let drawn = [
        ("curve", figures::curves_by_epoch(title, subtitle, "loss", &curves[..1], ("marked", &points))),
        ("curves", figures::curves_by_epoch(title, subtitle, "loss", &curves, ("", &[]))),
        ("predictions", figures::predictions(title, subtitle, "test point", &pairs, &facts)),
        ("stems", figures::stems(title, subtitle, ["x", "prediction − label"], &gaps)),
        ("comparison", figures::comparison(title, subtitle, "error", &errors)),
        ("counts", figures::counts(title, subtitle, ["n", "runs"], "300 runs", "n", &numbers, Some(("marked", 21.0)))),
        ("distributions", figures::distributions(title, subtitle, &groups, marked, "error")),
        ("scaling_lines", figures::scaling_lines(title, subtitle, ["trials", "time"], &[line], Some(floor))),
        ("optimization_history", figures::optimization_history(title, of_trials, LOSS, &trials)),
        ("slice", figures::slice(title, of_trials, LOSS, &trials, &parameters)),
        ("contour", figures::contour(title, of_trials, LOSS, &trials, [rate, choice])),
        ("rank", figures::rank(title, of_trials, LOSS, &trials, [choice, rate])),
        ("parallel_coordinates", figures::parallel_coordinates(title, of_trials, LOSS, &trials, &parameters)),
        ("parameter_importance", figures::parameter_importance(title, of_trials, &["a", "b", "c"], &importance)),
        ("empirical_distribution", figures::empirical_distribution(title, of_trials, LOSS, &levels)),
        (
            "intermediate_values",
            figures::intermediate_values(title, of_trials, LOSS, &[0, 1, 2].map(of_trial), Some(0)),
        ),
        ("timeline", figures::timeline(title, of_trials, &bars)),
        ("best_so_far_bands", figures::best_so_far_bands(title, of_trials, ("trials", true), LOSS, &[band])),
        ("one_at_a_time", figures::one_at_a_time(title, of_trials, LOSS, factor, Some(1e-4))),
    ];
    drawn.into_iter().map(|(name, png)| (name, png.expect(name))).collect()
}

/// 1, then `rate` times the value before.
pub fn falling(epochs: usize, rate: f64) -> Vec<f64> {
    std::iter::successors(Some(1.0), |loss| Some(loss * rate)).take(epochs).collect()
}

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
