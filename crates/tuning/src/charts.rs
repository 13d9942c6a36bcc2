//! The figures of a study, drawn from what its journal holds.

use figures::{
    Direction, Distribution, IntermediateCurve, Objective, Parameter, ParameterValues, TimelineBar, TrialPoint,
    TrialState,
};
use notebook::Notebook;
use search::storage::{StoredStudy, StoredTrial};
use search::{Domain, Search, State, Timestamp, Trial, Value};

use crate::{Metric, Studies, short_names};

/// The values of a parameter in every trial.
enum Values {
    Numeric { values: Vec<f64>, log: bool },
    Categorical { index: Vec<Option<usize>> },
}

/// A parameter as figures take it.
struct Column {
    name: String,
    values: Values,
    labels: Vec<String>,
}

/// Draws every figure; none if no trial is complete.
pub(crate) fn draw(notebook: &mut Notebook, studies: &Studies, search: &Search, metric: &Metric) -> anyhow::Result<()> {
    let title = notebook.about().experiment.clone();
    let study = &studies.test;
    if study.count(State::Complete) == 0 {
        return Ok(());
    }
    let direction = match search.direction {
        search::Direction::Minimize => Direction::Minimize,
        search::Direction::Maximize => Direction::Maximize,
    };
    let objective = Objective { name: metric.label, direction, log: metric.log };
    let trials: Vec<TrialPoint> = study.trials.iter().filter_map(|trial| point(trial)).collect();
    let names = short_names(&search.parameters);
    let columns: Vec<Column> =
        search.parameters.parameters().iter().zip(names).map(|(of, name)| column(study, of, name)).collect();
    let labels: Vec<Vec<&str>> =
        columns.iter().map(|column| column.labels.iter().map(String::as_str).collect()).collect();
    let parameters: Vec<Parameter> =
        columns.iter().zip(&labels).map(|(column, labels)| parameter(column, labels)).collect();

    let caption = "The objective of every trial, and the best so far";
    let drawn = figures::optimization_history(&title, caption, objective, &trials);
    notebook.figure("optimization_history", caption, drawn)?;
    let by_importance = importance(notebook, &title, study, search, &columns)?;
    let caption = "The objective against each parameter";
    notebook.figure("slice", caption, figures::slice(&title, caption, objective, &trials, &parameters))?;
    if let [a, b, ..] = by_importance[..] {
        let pair = [parameters[a], parameters[b]];
        let caption =
            format!("The objective over the two that matter most, {} and {}", columns[a].name, columns[b].name);
        notebook.figure("contour", &caption, figures::contour(&title, &caption, objective, &trials, pair))?;
        let caption = format!("The rank of every trial over {} and {}", columns[a].name, columns[b].name);
        notebook.figure("rank", &caption, figures::rank(&title, &caption, objective, &trials, pair))?;
    }
    let caption = "Every trial as a line through its parameters, the best on top";
    let drawn = figures::parallel_coordinates(&title, caption, objective, &trials, &parameters);
    notebook.figure("parallel_coordinates", caption, drawn)?;
    distribution(notebook, &title, studies, objective)?;
    intermediate(notebook, &title, study)?;
    timeline(notebook, &title, study)
}

/// How much each parameter matters; returns the parameters by their share of fANOVA, the largest first.
fn importance(
    notebook: &mut Notebook,
    title: &str,
    study: &StoredStudy,
    search: &Search,
    columns: &[Column],
) -> anyhow::Result<Vec<usize>> {
    let trials: Vec<Trial> = study.trials.iter().map(|trial| trial.to_trial()).collect();
    let space = &search.parameters;
    let fanova = search::importance::fanova(space, &trials, search.direction, search.seed.unsigned_abs());
    let ped_anova = search::importance::ped_anova(space, &trials, search.direction);
    let shares = |of: &[(String, f64)]| of.iter().map(|(_, share)| *share).collect::<Vec<f64>>();
    let (first, second) = (shares(&fanova), shares(&ped_anova));
    let place = |name: &String| space.parameters().iter().position(|parameter| parameter.name == *name);
    let places: Vec<usize> = fanova.iter().filter_map(|(name, _)| place(name)).collect();
    let paths: Vec<&str> = fanova.iter().map(|(name, _)| name.as_str()).collect();
    let table = polars::df!("parameter" => paths, "fanova" => &first, "ped_anova" => &second)?;
    notebook.table("parameter_importance", table)?;
    let names: Vec<&str> = places.iter().map(|&place| columns[place].name.as_str()).collect();
    let caption = "How much of the objective each parameter decides alone, and whether a trial is among the best tenth";
    let evaluators: [(&str, &[f64]); 2] = [("fANOVA", &first), ("PED-ANOVA", &second)];
    let drawn = figures::parameter_importance(title, caption, &names, &evaluators);
    notebook.figure("parameter_importance", caption, drawn)?;
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| first[b].total_cmp(&first[a]));
    Ok(order.into_iter().map(|at| places[at]).collect())
}

/// The share of trials that reach a value, for the study on the test data and the one on held-out data.
fn distribution(notebook: &mut Notebook, title: &str, studies: &Studies, objective: Objective) -> anyhow::Result<()> {
    let values = |study: &StoredStudy| -> Vec<f64> {
        let complete = study.trials.iter().filter(|trial| trial.state == State::Complete);
        complete.filter_map(|trial| trial.value()).collect()
    };
    let test = values(&studies.test);
    let validation = studies.validation.as_ref().map(values);
    let mut groups = vec![Distribution { name: "test data", values: &test }];
    groups.extend(validation.as_ref().map(|values| Distribution { name: "held-out training data", values }));
    let caption = "The share of trials that reach a value";
    let drawn = figures::empirical_distribution(title, caption, objective, &groups);
    notebook.figure("empirical_distribution", caption, drawn)
}

fn state(trial: &StoredTrial) -> Option<TrialState> {
    match trial.state {
        State::Complete => Some(TrialState::Complete),
        State::Pruned => Some(TrialState::Pruned),
        State::Fail => Some(TrialState::Failed),
        State::Running | State::Waiting => None,
    }
}

fn point(trial: &StoredTrial) -> Option<TrialPoint> {
    Some(TrialPoint { number: trial.number as u32, value: trial.value(), state: state(trial)? })
}

fn column(study: &StoredStudy, of: &search::Parameter, name: String) -> Column {
    let ended = study.trials.iter().filter(|trial| state(trial).is_some());
    let found = ended.map(|trial| trial.parameter(&of.name));
    let (values, labels) = match &of.domain {
        Domain::Categorical { values } => {
            let labels: Vec<String> = values.iter().map(ToString::to_string).collect();
            let place = |value: &Value| values.iter().position(|known| known.same(value));
            let index = found.map(|value| value.and_then(place)).collect();
            (Values::Categorical { index }, labels)
        }
        Domain::Float { log, .. } | Domain::Integer { log, .. } => {
            let values = found.map(|value| value.and_then(Value::number).unwrap_or(f64::NAN)).collect();
            (Values::Numeric { values, log: *log }, Vec::new())
        }
    };
    Column { name, values, labels }
}

fn parameter<'a>(column: &'a Column, labels: &'a [&'a str]) -> Parameter<'a> {
    let values = match &column.values {
        Values::Numeric { values, log } => ParameterValues::Numeric { values, log: *log },
        Values::Categorical { index } => ParameterValues::Categorical { labels, index },
    };
    Parameter { name: &column.name, values }
}

/// The losses that every trial reports.
fn intermediate(notebook: &mut Notebook, title: &str, study: &StoredStudy) -> anyhow::Result<()> {
    let series: Vec<(u32, TrialState, Vec<u32>, Vec<f64>)> = study
        .trials
        .iter()
        .filter_map(|trial| {
            let (epochs, losses) = trial.intermediate_values.iter().map(|(&epoch, &loss)| (epoch as u32, loss)).unzip();
            Some((trial.number as u32, state(trial)?, epochs, losses))
        })
        .collect();
    if series.iter().all(|(.., losses)| losses.is_empty()) {
        notebook.paragraph("No trial reports a loss: `search.report_every` is more than its epochs.");
        return Ok(());
    }
    let curves: Vec<IntermediateCurve> = series
        .iter()
        .map(|(number, state, epoch, value)| IntermediateCurve { number: *number, epoch, value, state: *state })
        .collect();
    let loss = Objective { name: "training loss", direction: Direction::Minimize, log: true };
    let caption = "The training loss of every trial";
    notebook.figure("intermediate_values", caption, figures::intermediate_values(title, caption, loss, &curves))
}

/// When every trial ran: its times are those of the journal, so it lies beside it.
fn timeline(notebook: &mut Notebook, title: &str, study: &StoredStudy) -> anyhow::Result<()> {
    let start = study.trials.iter().filter_map(|trial| trial.started).min();
    let seconds = |moment: Option<Timestamp>| Some((moment?.0 - start?.0) as f64 / 1e6);
    let bars: Vec<TimelineBar> = study
        .trials
        .iter()
        .filter_map(|trial| {
            let (start, end) = (seconds(trial.started)?, seconds(trial.completed)?);
            Some(TimelineBar { number: trial.number as u32, start, end, state: state(trial)? })
        })
        .collect();
    let caption = "When every trial ran";
    notebook.recorded_figure("timeline", caption, figures::timeline(title, caption, &bars))
}
