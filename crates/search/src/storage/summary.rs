//! What a reader of a study asks first.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Json, StoredStudy, StoredTrial};
use crate::{State, Trial, Value};

impl StoredStudy {
    /// The completed trial with the best value; of equals the one with the lowest number. None where no trial is
    /// complete or the study has no direction or several.
    pub fn best(&self) -> Option<&Arc<StoredTrial>> {
        let [Some(direction)] = self.directions[..] else { return None };
        let complete = self.trials.iter().filter(|trial| trial.state == State::Complete);
        let valued = complete.filter_map(|trial| trial.value().map(|value| (direction.as_loss(value), trial)));
        let valued = valued.filter(|(loss, _)| !loss.is_nan());
        valued.min_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal)).map(|(_, trial)| trial)
    }

    /// How many trials are in `state`.
    pub fn count(&self, state: State) -> usize {
        self.trials.iter().filter(|trial| trial.state == state).count()
    }

    /// The names of all parameters of all trials, in the order in which they first occur: the columns of a table.
    pub fn parameter_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for parameter in self.trials.iter().flat_map(|trial| &trial.parameters) {
            if !names.contains(&parameter.name.as_str()) {
                names.push(parameter.name.as_str());
            }
        }
        names
    }
}

impl StoredTrial {
    /// The value, in a study of a single objective. A pruned trial's is the last one it reported.
    pub fn value(&self) -> Option<f64> {
        match self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The value of the parameter `name`; none where its condition did not hold.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value)
    }

    /// The user attribute `key`.
    pub fn user_attribute(&self, key: &str) -> Option<&Json> {
        self.user_attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The trial as samplers and pruners know it, without its attributes.
    pub fn to_trial(&self) -> Trial {
        let parameters = self.parameters.iter().map(|parameter| (&*parameter.name, parameter.value.clone())).collect();
        Trial {
            value: self.value(),
            intermediate: self.intermediate_values.clone(),
            started: self.started,
            completed: self.completed,
            ..Trial::new(self.number, self.state, parameters)
        }
    }
}
