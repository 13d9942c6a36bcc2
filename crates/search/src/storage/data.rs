//! What is known of a trial, in one line or several.

use std::collections::BTreeMap;

use super::distribution::{self, Class, Distribution};
use super::fields::{Fields, STATES, code, integer, moment, number, state, whole};
use super::json::Json;
use crate::{Domain, State, Timestamp, Value};

/// A parameter of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredParameter {
    /// Its name.
    pub name: String,
    /// What it was drawn from.
    pub domain: Domain,
    /// Its value. An integer beyond 64 bits is the text of its digits.
    pub value: Value,
    class: Class,
}

impl StoredParameter {
    /// A value as it is when it comes back from a journal; nothing if it is none of the domain's.
    pub(crate) fn new(name: &str, domain: &Domain, value: &Value) -> Option<Self> {
        let value = distribution::external(domain, &Json::Float(distribution::internal(domain, value)))?;
        Some(Self { name: name.to_owned(), domain: domain.clone(), value, class: distribution::class(domain) })
    }

    pub(super) fn from_json(name: String, internal: &Json, distribution: Distribution) -> Result<Self, String> {
        let Distribution { class, domain } = distribution;
        let value = distribution::external(&domain, internal);
        let value = value.ok_or_else(|| format!("{name}: {internal} stands for no value"))?;
        Ok(Self { name, domain, value, class })
    }

    /// Whether Optuna lets a parameter be this in one trial and be drawn from `other` in another: ranges may differ; the
    /// class, the scale and the choices may not.
    pub(super) fn is_compatible(&self, other: &Distribution) -> bool {
        self.class == other.class && distribution::is_compatible(&self.domain, &other.domain)
    }

    fn internal(&self) -> Json {
        Json::Float(distribution::internal(&self.domain, &self.value))
    }
}

/// What is known of a trial besides its place in a study.
#[derive(Debug, Clone)]
pub struct TrialData {
    /// What became of it.
    pub state: State,
    /// The objective's values: one in a study of a single objective, none where there is no result, NaN for what is no
    /// number.
    pub values: Vec<f64>,
    /// Its parameters, in the order in which they were set.
    pub parameters: Vec<StoredParameter>,
    /// Reported values by step. A report of no number, or at a step that is no whole number, is none.
    pub intermediate_values: BTreeMap<i64, f64>,
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

    /// The trial that a line creates.
    pub(super) fn from_fields(fields: Fields<'_>) -> Result<Self, String> {
        let distributions = fields.object("distributions")?;
        let distributions = distributions.iter().map(|(name, written)| Ok((name, Distribution::from_json(written)?)));
        let mut distributions = distributions.collect::<Result<BTreeMap<_, _>, String>>()?;
        let parameters = fields.object("params")?.iter().map(|(name, value)| {
            let distribution = distributions.remove(name).ok_or_else(|| format!("{name} has no distribution"))?;
            StoredParameter::from_json(name.clone(), value, distribution)
        });
        let parameters = parameters.collect::<Result<_, String>>()?;
        let mut intermediate_values = BTreeMap::new();
        for (step, value) in fields.object("intermediate_values")? {
            let step = integer(step).ok_or_else(|| format!("intermediate_values: {step} is no number of a step"))?;
            set_report(&mut intermediate_values, &step, value);
        }
        let given = |key: &str| !matches!(fields.0.get(key), None | Some(Json::Null));
        let values = match (given("value"), given("values")) {
            (true, true) => return Err("value and values: expected one of both".to_owned()),
            (true, false) => vec![number(fields.get("value")?).unwrap_or(f64::NAN)],
            _ => fields.floats("values")?.unwrap_or_default(),
        };
        let attributes = |key: &str| fields.0.get(key).and_then(Json::as_object).map(<[_]>::to_vec).unwrap_or_default();
        Ok(Self {
            state: fields.0.get("state").map_or(Ok(State::Running), state)?,
            values,
            parameters,
            intermediate_values,
            user_attributes: attributes("user_attrs"),
            system_attributes: attributes("system_attrs"),
            started: match fields.get("datetime_start")? {
                Json::Null => None,
                _ => Some(fields.moment("datetime_start")?),
            },
            completed: match fields.0.get("datetime_complete") {
                None => None,
                Some(_) => Some(fields.moment("datetime_complete")?),
            },
        })
    }
}

/// Sets the report at `step`, or takes it back where the new one is no number.
pub(super) fn set_report(reports: &mut BTreeMap<i64, f64>, step: &Json, value: &Json) {
    let Some(step) = whole(step) else { return };
    match number(value) {
        Some(value) => reports.insert(step, value),
        None => reports.remove(&step),
    };
}
