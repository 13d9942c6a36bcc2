//! The search space: named domains, some of them only under a condition.

use std::borrow::Borrow;

use crate::{Assignment, Domain, Value};

/// A condition: the parameter exists only if another one has one of some values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Name of the other parameter.
    pub parameter: String,
    /// The values under which the condition holds.
    pub values: Vec<Value>,
}

/// One parameter of a space.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, unique in the space, such as `training.optimizer.learning_rate`.
    pub name: String,
    /// The values that it can take.
    pub domain: Domain,
    /// What must hold, all of it, for the parameter to exist in a trial; mostly empty.
    pub when: Vec<Condition>,
}

impl Parameter {
    /// A parameter without conditions.
    pub fn new(name: impl Into<String>, domain: Domain) -> Self {
        Self { name: name.into(), domain, when: Vec::new() }
    }
}

/// A search space that keeps its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    parameters: Vec<Parameter>,
    /// Positions of the parameters, each after those that its conditions name.
    order: Vec<usize>,
    /// By position: positions and values of the conditions.
    conditions: Vec<Vec<(usize, Vec<Value>)>>,
}

/// A space breaks a rule: which parameter and which rule, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {rule}")]
pub struct SpaceError {
    /// Name of the parameter.
    pub parameter: String,
    /// The rule and what was found instead.
    pub rule: String,
}

impl SpaceError {
    pub(crate) fn new(parameter: &str, rule: impl Into<String>) -> Self {
        Self { parameter: parameter.to_owned(), rule: rule.into() }
    }
}

impl Space {
    /// A space of `parameters`, in this order.
    ///
    /// # Errors
    ///
    /// If there is no parameter, two share a name, a domain or condition is impossible, or conditions form a circle.
    pub fn new(parameters: Vec<Parameter>) -> Result<Self, SpaceError> {
        if parameters.is_empty() {
            return Err(SpaceError::new("parameters", "must name at least one parameter"));
        }
        for (i, parameter) in parameters.iter().enumerate() {
            let fail = |rule: String| Err(SpaceError::new(&parameter.name, rule));
            if parameter.name.is_empty() {
                return Err(SpaceError::new("parameters", "a parameter must have a name"));
            }
            if parameters[..i].iter().any(|earlier| earlier.name == parameter.name) {
                return fail("named twice".to_owned());
            }
            if let Some(rule) = parameter.domain.fault() {
                return fail(rule);
            }
        }
        let conditions = parameters.iter().map(|p| conditions(p, &parameters)).collect::<Result<Vec<_>, _>>()?;
        let order = parents_first(&parameters, &conditions)?;
        Ok(Self { parameters, order, conditions })
    }

    /// The parameters, in their order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Positions of the parameters, each after those that its conditions name.
    pub fn parents_first(&self) -> &[usize] {
        &self.order
    }

    /// By position of a parameter: positions of the parameters that its conditions name, with the values that they ask.
    pub(crate) fn conditions(&self, position: usize) -> &[(usize, Vec<Value>)] {
        &self.conditions[position]
    }

    /// Whether the parameter at `position` exists, given the values by position of those that do.
    pub fn is_active<V: Borrow<Value>>(&self, position: usize, values: &[Option<V>]) -> bool {
        let holds = |value: &V, asked: &[Value]| asked.iter().any(|a| a.same(value.borrow()));
        let conditions = &self.conditions[position];
        conditions.iter().all(|(parent, asked)| values[*parent].as_ref().is_some_and(|value| holds(value, asked)))
    }

    /// The assignment of values by position; `None` marks parameters that do not exist.
    pub fn assignment(&self, values: Vec<Option<Value>>) -> Assignment {
        self.parameters.iter().zip(values).filter_map(|(p, value)| Some((p.name.as_str(), value?))).collect()
    }

    /// Values by position, if `assignment` belongs to the space: every parameter that exists is set to a value of its
    /// domain. Others are ignored.
    pub fn values<'a>(&self, assignment: &'a Assignment) -> Option<Vec<Option<&'a Value>>> {
        let mut values: Vec<Option<&Value>> = vec![None; self.parameters.len()];
        for &position in &self.order {
            if self.is_active(position, &values) {
                let parameter = &self.parameters[position];
                let value = assignment.get_near(position, &parameter.name)?;
                values[position] = Some(value).filter(|value| parameter.domain.contains(value));
                values[position]?;
            }
        }
        Some(values)
    }
}

fn conditions(parameter: &Parameter, all: &[Parameter]) -> Result<Vec<(usize, Vec<Value>)>, SpaceError> {
    let fail = |rule: String| Err(SpaceError::new(&parameter.name, rule));
    let mut found: Vec<(usize, Vec<Value>)> = Vec::new();
    for Condition { parameter: parent, values } in &parameter.when {
        let Some(position) = all.iter().position(|p| p.name == *parent) else {
            return fail(format!("when names {parent}, which is no parameter of the space"));
        };
        if found.iter().any(|(earlier, _)| *earlier == position) {
            return fail(format!("when names {parent} twice"));
        }
        if values.is_empty() {
            return fail(format!("when gives no value for {parent}"));
        }
        if let Some(value) = values.iter().find(|value| !all[position].domain.contains(value)) {
            return fail(format!("when asks {parent} to be {value}, which it never is"));
        }
        found.push((position, values.clone()));
    }
    Ok(found)
}

fn parents_first(parameters: &[Parameter], conditions: &[Vec<(usize, Vec<Value>)>]) -> Result<Vec<usize>, SpaceError> {
    let mut order = Vec::with_capacity(parameters.len());
    while order.len() < parameters.len() {
        let next = (0..parameters.len())
            .find(|i| !order.contains(i) && conditions[*i].iter().all(|(parent, _)| order.contains(parent)));
        let Some(next) = next else {
            let stuck = (0..parameters.len()).find(|i| !order.contains(i)).unwrap_or(0);
            return Err(SpaceError::new(&parameters[stuck].name, "its conditions lead back to itself"));
        };
        order.push(next);
    }
    Ok(order)
}
