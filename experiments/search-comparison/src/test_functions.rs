//! Functions with known minima: what samplers are measured on.

use std::f64::consts::{E, PI, TAU};

use libm::{cos, exp, log2, log10, sin, sqrt};
use search::{Assignment, Space, Value};

use crate::tabulated::{self, FUEL_EFFICIENCY_SPACE, TUMOURS_SPACE};

/// A function of a trial's parameters, to be minimised.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its smallest value in its space.
    pub minimum: f64,
    space: fn() -> String,
    value: fn(&Assignment) -> f64,
}

/// All functions of this module.
pub const ALL: [Function; 12] = [
    Function { name: "branin", minimum: 0.39788735772973816, space: || BRANIN.to_owned(), value: branin },
    Function { name: "hartmann6", minimum: -3.322368011415515, space: || cube(6, 0.0, 1.0), value: hartmann6 },
    Function { name: "mixed", minimum: 0.0, space: || MIXED.to_owned(), value: mixed },
    Function { name: "rosenbrock4", minimum: 0.0, space: || cube(4, -2.048, 2.048), value: rosenbrock },
    Function { name: "ackley5", minimum: 0.0, space: || cube(5, -15.0, 20.0), value: ackley },
    Function { name: "levy4", minimum: 0.0, space: || cube(4, -10.0, 10.0), value: levy },
    Function { name: "sphere8", minimum: 0.0, space: || cube(8, -4.0, 6.0), value: sphere },
    Function { name: "rastrigin3", minimum: 0.0, space: || cube(3, -4.0, 5.12), value: rastrigin },
    Function { name: "conditional", minimum: 0.0, space: || CONDITIONAL.to_owned(), value: conditional },
    Function { name: "lattice", minimum: 0.0, space: || LATTICE.to_owned(), value: lattice },
    Function {
        name: "tumours",
        minimum: 0.0697804868221283,
        space: || TUMOURS_SPACE.to_owned(),
        value: tabulated::tumours,
    },
    Function {
        name: "fuel-efficiency",
        minimum: 2.129905399446901,
        space: || FUEL_EFFICIENCY_SPACE.to_owned(),
        value: tabulated::fuel_efficiency,
    },
];

const BRANIN: &str = "{x1: {min: -5.0, max: 10.0}, x2: {min: 0.0, max: 15.0}}";

const MIXED: &str = "
activation: {values: [relu, tanh, sigmoid]}
optimizer: {values: [sgd, rmsprop, adam]}
learning_rate: {min: 1e-5, max: 1.0, log: true}
units: {min: 4, max: 128}
";

const CONDITIONAL: &str = "
optimizer: {values: [sgd, adam]}
learning_rate: {min: 1e-5, max: 1.0, log: true}
momentum: {min: 0.0, max: 0.99, when: {optimizer: [sgd]}}
epsilon: {min: 1e-9, max: 1e-3, log: true, when: {optimizer: [adam]}}
";

const LATTICE: &str = "
dropout: {min: 0.0, max: 0.9, step: 0.05}
layers: {min: 1, max: 9, step: 2}
units: {min: 1, max: 512, log: true}
bias: {values: [false, true]}
";

impl Function {
    /// The function called `name`.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|function| function.name == name)
    }

    /// Where it is defined.
    ///
    /// # Errors
    /// Never for the functions of this module.
    pub fn space(&self) -> Result<Space, serde_yaml::Error> {
        serde_yaml::from_str(&(self.space)())
    }

    /// Its value at a point of its space; NaN elsewhere.
    pub fn value(&self, parameters: &Assignment) -> f64 {
        (self.value)(parameters)
    }
}

/// The space of coordinates x0, x1, … that all have the same range.
fn cube(dimensions: usize, min: f64, max: f64) -> String {
    (0..dimensions).map(|i| format!("x{i}: {{min: {min:?}, max: {max:?}}}")).collect::<Vec<_>>().join("\n")
}

fn number(parameters: &Assignment, name: &str) -> f64 {
    parameters.get(name).and_then(Value::number).unwrap_or(f64::NAN)
}

fn text<'a>(parameters: &'a Assignment, name: &str) -> &'a str {
    match parameters.get(name) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// The coordinates, in order.
fn point(parameters: &Assignment) -> Vec<f64> {
    parameters.iter().map(|(_, value)| value.number().unwrap_or(f64::NAN)).collect()
}

/// Branin's function (Dixon and Szegő 1978).
fn branin(parameters: &Assignment) -> f64 {
    let (x1, x2) = (number(parameters, "x1"), number(parameters, "x2"));
    let bend = x2 - 5.1 / (4.0 * PI * PI) * x1 * x1 + 5.0 / PI * x1 - 6.0;
    bend * bend + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * cos(x1) + 10.0
}

/// Hartmann's function of six variables (Dixon and Szegő 1978).
fn hartmann6(parameters: &Assignment) -> f64 {
    const WEIGHTS: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
    const SCALES: [[f64; 6]; 4] = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    const CENTRES: [[f64; 6]; 4] = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];
    let x = point(parameters);
    let bump = |i: usize| {
        let distance: f64 = (0..6).map(|j| SCALES[i][j] * (x[j] - CENTRES[i][j]) * (x[j] - CENTRES[i][j])).sum();
        WEIGHTS[i] * exp(-distance)
    };
    if x.len() == 6 { -(0..4).map(bump).sum::<f64>() } else { f64::NAN }
}

/// A made-up tuning problem: two choices that shift the best learning rate and width, and a cliff where the learning
/// rate is too large. The best point is relu, adam, 10^-2.4, 48.
fn mixed(parameters: &Assignment) -> f64 {
    let (activation_cost, best_units) = match text(parameters, "activation") {
        "relu" => (0.0, 48.0),
        "tanh" => (0.15, 24.0),
        "sigmoid" => (0.5, 96.0),
        _ => return f64::NAN,
    };
    let (optimizer_cost, best_rate, curvature) = match text(parameters, "optimizer") {
        "sgd" => (0.3, -0.7, 0.6),
        "rmsprop" => (0.1, -3.0, 0.4),
        "adam" => (0.0, -2.4, 0.3),
        _ => return f64::NAN,
    };
    let d = log10(number(parameters, "learning_rate")) - best_rate;
    let e = log2(number(parameters, "units") / best_units);
    let ripple = 0.08 * (1.0 - cos(3.0 * PI * d));
    let cliff = if d > 1.2 { 2.0 } else { 0.0 };
    activation_cost + optimizer_cost + curvature * d * d + 0.2 * e * e + 0.1 * d * e + ripple + cliff
}

/// Rosenbrock's valley.
fn rosenbrock(parameters: &Assignment) -> f64 {
    let term = |pair: &[f64]| {
        let (side, along) = (pair[1] - pair[0] * pair[0], 1.0 - pair[0]);
        100.0 * side * side + along * along
    };
    point(parameters).windows(2).map(term).sum()
}

/// Ackley's function.
fn ackley(parameters: &Assignment) -> f64 {
    let x = point(parameters);
    let n = x.len() as f64;
    let square = x.iter().map(|x| x * x).sum::<f64>() / n;
    let wave = x.iter().map(|x| cos(TAU * x)).sum::<f64>() / n;
    20.0 - 20.0 * exp(-0.2 * sqrt(square)) + E - exp(wave)
}

/// Lévy's function.
fn levy(parameters: &Assignment) -> f64 {
    let w: Vec<f64> = point(parameters).iter().map(|x| 1.0 + (x - 1.0) / 4.0).collect();
    let Some((&last, front)) = w.split_last() else { return f64::NAN };
    let first = *front.first().unwrap_or(&last);
    let square = |x: f64| x * x;
    let middle: f64 = front.iter().map(|w| square(w - 1.0) * (1.0 + 10.0 * square(sin(PI * w + 1.0)))).sum();
    square(sin(PI * first)) + middle + square(last - 1.0) * (1.0 + square(sin(TAU * last)))
}

/// The squared distance from the origin, with axes of growing weight.
fn sphere(parameters: &Assignment) -> f64 {
    point(parameters).iter().enumerate().map(|(i, x)| (i + 1) as f64 * x * x).sum()
}

/// Rastrigin's function.
fn rastrigin(parameters: &Assignment) -> f64 {
    point(parameters).iter().map(|x| 10.0 + x * x - 10.0 * cos(TAU * x)).sum()
}

/// A tuning problem in which each optimiser has a parameter of its own; sgd at 0.1 with momentum 0.9 is best.
fn conditional(parameters: &Assignment) -> f64 {
    let square = |x: f64| x * x;
    let rate = log10(number(parameters, "learning_rate"));
    match text(parameters, "optimizer") {
        "sgd" => 0.5 * square(rate + 1.0) + 2.0 * square(number(parameters, "momentum") - 0.9),
        "adam" => 0.1 + 0.3 * square(rate + 2.5) + 0.05 * square(log10(number(parameters, "epsilon")) + 7.0),
        _ => f64::NAN,
    }
}

/// A function of parameters that are all discrete; 0.35, 5, 96, true is best.
fn lattice(parameters: &Assignment) -> f64 {
    let square = |x: f64| x * x;
    let width = log2(number(parameters, "units") / 96.0);
    let depth = (number(parameters, "layers") - 5.0) / 2.0;
    let bias = if parameters.get("bias") == Some(&Value::Bool(true)) { 0.0 } else { 0.2 };
    4.0 * square(number(parameters, "dropout") - 0.35) + 0.1 * square(width + depth) + 0.05 * square(depth) + bias
}
