//! The trials and importances of golden/optuna.json, which golden/optuna.py writes.

use serde_json::Value as Json;

use super::{MINIMIZE, assert_near};
use crate::functions::{choice, float, integer};
use crate::importance::{fanova, ped_anova};
use crate::{Domain, Parameter, Space, Trial, Value};

/// Trials of a study and, by evaluator, what Optuna says.
struct Golden(Json);

impl Golden {
    fn new(study: &str) -> Self {
        let file: Json = serde_json::from_str(include_str!("../golden/optuna.json")).unwrap();
        Self(file[study].clone())
    }

    fn importances(&self, evaluator: &str) -> Vec<f64> {
        serde_json::from_value(self.0[evaluator].clone()).unwrap()
    }

    fn trials(&self) -> Vec<Trial> {
        let names: Vec<String> = serde_json::from_value(self.0["names"].clone()).unwrap();
        let rows: Vec<Vec<Value>> = serde_json::from_value(self.0["trials"].clone()).unwrap();
        let trial = |(number, row): (usize, Vec<Value>)| {
            let value = row.last().and_then(Value::number).unwrap();
            let parameters = names.iter().map(String::as_str).zip(row).collect();
            Trial::complete(number as u64, parameters, value)
        };
        rows.into_iter().enumerate().map(trial).collect()
    }
}

fn floats() -> Space {
    Space::new(["a", "b", "c", "d"].map(|name| float(name, -1.0, 2.0, false)).to_vec()).unwrap()
}

fn mixed() -> Space {
    Space::new(vec![
        choice("activation", &["linear", "relu", "tanh", "sigmoid"]),
        choice("optimizer", &["sgd", "rmsprop", "adam"]),
        float("learning_rate", 1e-5, 1.0, true),
        integer("units", 4, 128, false),
        Parameter::new("dropout", Domain::Float { min: 0.0, max: 0.5, log: false, step: Some(0.1) }),
        integer("layers", 1, 16, true),
    ])
    .unwrap()
}

#[test]
fn ped_anova_is_optunas() {
    for (study, space) in [("floats", floats()), ("mixed", mixed())] {
        let golden = Golden::new(study);
        assert_near(&ped_anova(&space, &golden.trials(), MINIMIZE), &golden.importances("ped_anova"), 1e-9);
    }
}

/// Forests differ in their bootstrap samples.
#[test]
fn fanova_is_near_optunas() {
    for (study, space) in [("floats", floats()), ("mixed", mixed())] {
        let golden = Golden::new(study);
        for seed in 0..3 {
            assert_near(&fanova(&space, &golden.trials(), MINIMIZE, seed), &golden.importances("fanova"), 0.03);
        }
    }
}
