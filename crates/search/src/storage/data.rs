//! What is known of a trial, in one line or several.

use std::collections::BTreeMap;

use super::distribution::{self, Class, Distribution};
use super::fields::{Fields, integer, number, state, whole};
use super::json::Json;
use super::lock::is_ours;
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

    pub(super) fn internal(&self) -> Json {
        Json::Float(distribution::internal(&self.domain, &self.value))
    }
}

/// A trial in a journal.
#[derive(Debug, Clone)]
pub struct StoredTrial {
    /// Its id in the journal, over all studies.
    pub id: i64,
    /// Its number in its study, from 0.
    pub number: u64,
    /// Who runs it, or ran it last.
    pub worker: String,
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

impl StoredTrial {
    /// Whether another program has this trial in its hands, running or queued: this crate leaves it alone.
    pub fn is_left_to_others(&self) -> bool {
        !self.state.is_finished() && !is_ours(&self.worker)
    }

    /// The trial that a line creates.
    pub(super) fn from_fields(fields: Fields<'_>, id: i64, number: u64) -> Result<Self, String> {
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
            (true, false) => vec![super::fields::number(fields.get("value")?).unwrap_or(f64::NAN)],
            _ => fields.floats("values")?.unwrap_or_default(),
        };
        let attributes = |key: &str| fields.0.get(key).and_then(Json::as_object).map(<[_]>::to_vec).unwrap_or_default();
        Ok(Self {
            id,
            number,
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
            worker: fields.name("worker_id")?,
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
