//! Searches of real data's networks. What every point of a lattice is worth was trained once and stands in a table, so that a
//! study of it costs no training: `data/optuna/tables.py` wrote it.

use std::collections::HashMap;
use std::sync::LazyLock;

use search::Assignment;

/// A table's values, by its parameters as they are written there.
type Table = LazyLock<HashMap<&'static str, f64>>;

static TUMOURS: Table = LazyLock::new(|| values(include_str!("../../../data/optuna/tumours.csv")));
static FUEL_EFFICIENCY: Table = LazyLock::new(|| values(include_str!("../../../data/optuna/fuel-efficiency.csv")));

/// The parameters of the table `tumours.csv`.
pub(crate) const TUMOURS_SPACE: &str = "
activation: {values: [relu, tanh, sigmoid]}
units: {min: 8, max: 64, step: 8}
log10_learning_rate: {min: -4.0, max: -1.0, step: 0.25}
batch_size: {values: [16, 32, 64]}
";

/// The parameters of the table `fuel-efficiency.csv`.
pub(crate) const FUEL_EFFICIENCY_SPACE: &str = "
units_1: {min: 16, max: 64, step: 16}
units_2: {min: 16, max: 64, step: 16}
log10_learning_rate: {min: -4.0, max: -1.0, step: 0.25}
batch_size: {values: [16, 32, 64]}
";

/// The mean validation loss, a cross-entropy, of five folds.
pub(crate) fn tumours(parameters: &Assignment) -> f64 {
    value(&TUMOURS, parameters)
}

/// The root mean square error of the validation rows in miles a gallon.
pub(crate) fn fuel_efficiency(parameters: &Assignment) -> f64 {
    value(&FUEL_EFFICIENCY, parameters)
}

fn values(text: &'static str) -> HashMap<&'static str, f64> {
    let row = |line: &'static str| {
        let (parameters, value) = line.rsplit_once(',')?;
        Some((parameters, value.parse().ok()?))
    };
    text.lines().skip(1).filter_map(row).collect()
}

/// The value at a point of the lattice; NaN elsewhere.
fn value(table: &HashMap<&'static str, f64>, parameters: &Assignment) -> f64 {
    let point: Vec<String> = parameters.iter().map(|(_, value)| value.to_string()).collect();
    table.get(point.join(",").as_str()).copied().unwrap_or(f64::NAN)
}
