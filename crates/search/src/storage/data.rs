//! What is known of a trial, in one line or several.

use std::collections::BTreeMap;

use super::distribution;
use super::fields::{Fields, STATES, code, moment, state};
use super::json::Json;
use crate::{Domain, State, Timestamp, Value};

/// A parameter of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredParameter {
    /// Its name.
    pub name: String,
    /// What it was drawn from.
    pub domain: Domain,
    /// Its value.
    pub value: Value,
}

impl StoredParameter {
    /// A value as it is when it comes back from a journal; nothing if it is none of the domain's.
    pub(crate) fn new(name: &str, domain: &Domain, value: &Value) -> Option<Self> {
        let value = distribution::external(domain, distribution::internal(domain, value))?;
        Some(Self { name: name.to_owned(), domain: domain.clone(), value })
    }

    pub(super) fn from_json(name: &str, internal: &Json, distribution: &Json) -> Result<Self, String> {
        let domain = distribution::from_json(distribution)?;
        let value = internal.as_float().and_then(|number| distribution::external(&domain, number));
        let value = value.ok_or_else(|| format!("{name}: {internal} stands for no value"))?;
        Ok(Self { name: name.to_owned(), domain, value })
    }

    pub(super) fn internal(&self) -> Json {
        Json::Float(distribution::internal(&self.domain, &self.value))
    }
}

/// What is known of a trial besides its place in a study.
#[derive(Debug, Clone)]
pub struct TrialData {
    /// What became of it.
    pub state: State,
    /// The objective's values: one in a study of a single objective, none where there is no result.
    pub values: Vec<f64>,
    /// Its parameters, in the order in which they were set.
    pub parameters: Vec<StoredParameter>,
    /// Reported values by step.
    pub intermediate_values: BTreeMap<u64, f64>,
    /// Attributes that users set.
    pub user_attributes: Vec<(String, Json)>,
    /// Attributes that Optuna's own parts set.
    pub system_attributes: Vec<(String, Json)>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it was told.
    pub completed: Option<Timestamp>,
}

impl TrialData {
    /// A trial that begins.
    pub(crate) fn running(parameters: Vec<StoredParameter>, started: Timestamp) -> Self {
        Self {
            state: State::Running,
            values: Vec::new(),
            parameters,
            intermediate_values: BTreeMap::new(),
            user_attributes: Vec::new(),
            system_attributes: Vec::new(),
            started: Some(started),
            completed: None,
        }
    }

    pub(super) fn to_fields(&self, study: i64) -> Vec<(&'static str, Json)> {
        // Optuna takes a single value and several from different fields.
        let (value, values) = match self.values[..] {
            [] => (Json::Null, Json::Null),
            [value] => (Json::Float(value), Json::Null),
            _ => (Json::Null, Json::Array(self.values.iter().copied().map(Json::Float).collect())),
        };
        let each = |field: fn(&StoredParameter) -> Json| {
            Json::Object(self.parameters.iter().map(|parameter| (parameter.name.clone(), field(parameter))).collect())
        };
        let steps = self.intermediate_values.iter().map(|(step, &value)| (step.to_string(), Json::Float(value)));
        let mut fields = vec![
            ("study_id", Json::Int(study)),
            ("datetime_start", moment(self.started)),
            ("state", code(&STATES, &self.state)),
            ("value", value),
            ("values", values),
            ("distributions", each(|parameter| distribution::to_json(&parameter.domain))),
            ("params", each(StoredParameter::internal)),
            ("user_attrs", Json::Object(self.user_attributes.clone())),
            ("system_attrs", Json::Object(self.system_attributes.clone())),
            ("intermediate_values", Json::Object(steps.collect())),
        ];
        if self.completed.is_some() {
            fields.push(("datetime_complete", moment(self.completed)));
        }
        fields
    }

    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Self, String> {
        let distributions = fields.object("distributions")?;
        let parameters = fields.object("params")?.iter().map(|(name, value)| {
            let written = distributions.iter().find(|(other, _)| other == name);
            let (_, written) = written.ok_or_else(|| format!("{name} has no distribution"))?;
            StoredParameter::from_json(name, value, written)
        });
        let steps = fields.object("intermediate_values")?.iter().map(|(step, value)| {
            let number =
                step.parse().map_err(|_| format!("intermediate_values: step {step} is no number of a step"))?;
            Ok((number, value.as_float().ok_or_else(|| format!("intermediate_values: {value} is no number"))?))
        });
        let values = match fields.0.get("value") {
            None | Some(Json::Null) => fields.floats("values")?.unwrap_or_default(),
            Some(value) => vec![value.as_float().ok_or("value: expected a number")?],
        };
        Ok(Self {
            state: fields.0.get("state").map_or(Ok(State::Running), state)?,
            values,
            parameters: parameters.collect::<Result<_, String>>()?,
            intermediate_values: steps.collect::<Result<_, String>>()?,
            user_attributes: fields.object("user_attrs")?.to_vec(),
            system_attributes: fields.object("system_attrs")?.to_vec(),
            started: fields.moment("datetime_start")?,
            completed: fields.moment("datetime_complete")?,
        })
    }
}
