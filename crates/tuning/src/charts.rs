//! The figures of a study, drawn from what its journal holds.

use anyhow::Context as _;
use figures::{
    Direction, Distribution, IntermediateCurve, Objective, Parameter, ParameterValues, Point, TimelineBar, TrialPoint,
    TrialState,
};
use notebook::Notebook;
use search::importance::{fanova, ped_anova};
use search::storage::{StoredStudy, StoredTrial};
use search::{Domain, Search, State, Timestamp, Trial, Value};

use crate::{Metric, Studies, short_names};

/// The figures of the study on the test data, each by its name. None is drawn if no trial is complete.
pub struct Charts<'a> {
    title: &'a str,
    studies: &'a Studies,
    objective: Objective<'a>,
    trials: Vec<TrialPoint>,
    columns: Vec<Column>,
    /// Of the parameters that all complete trials have.
    importances: Vec<Importance<'a>>,
}

/// A parameter in every trial.
struct Column {
    name: String,
    values: Values,
    labels: Vec<String>,
}

enum Values {
    Numeric { values: Vec<f64>, log: bool },
    Categorical { index: Vec<Option<usize>> },
}

/// How much a parameter matters.
struct Importance<'a> {
    path: &'a str,
    /// Place of its column.
    place: usize,
    fanova: f64,
    ped_anova: f64,
}

impl<'a> Charts<'a> {
    pub(crate) fn new(search: &'a Search, metrics: &'a [Metric], studies: &'a Studies) -> anyhow::Result<Self> {
        let metric = metrics.iter().find(|metric| metric.name == search.objective);
        let Metric { label: name, log, .. } = *metric.context("the objective is a metric")?;
        let direction = match search.direction {
            search::Direction::Minimize => Direction::Minimize,
            search::Direction::Maximize => Direction::Maximize,
        };
        let (study, space) = (&studies.test, &search.parameters);
        let point = |trial: &StoredTrial| {
            Some(TrialPoint { number: trial.number as u32, value: trial.value(), state: state(trial)? })
        };
        let columns = space.parameters().iter().zip(short_names(space)).map(|(of, name)| column(study, of, name));
        let trials: Vec<Trial> = study.trials.iter().map(|trial| trial.to_trial()).collect();
        let first = fanova(space, &trials, search.direction, search.seed.unsigned_abs());
        let second = ped_anova(space, &trials, search.direction);
        let importance = |((name, fanova), (_, ped_anova)): ((String, f64), (String, f64))| {
            let place = space.parameters().iter().position(|parameter| parameter.name == name)?;
            Some(Importance { path: &space.parameters()[place].name, place, fanova, ped_anova })
        };
        Ok(Self {
            title: &study.name,
            studies,
            objective: Objective { name, direction, log },
            trials: study.trials.iter().filter_map(|trial| point(trial)).collect(),
            columns: columns.collect(),
            importances: first.into_iter().zip(second).filter_map(importance).collect(),
        })
    }

    fn is_empty(&self) -> bool {
        self.studies.test.count(State::Complete) == 0
    }

    /// Keeps what `draw` makes of the parameters.
    fn figure(
        &self,
        notebook: &mut Notebook,
        name: &str,
        caption: &str,
        draw: impl FnOnce(&[Parameter<'_>]) -> Result<Vec<u8>, figures::Error>,
    ) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let labels: Vec<Vec<&str>> =
            self.columns.iter().map(|column| column.labels.iter().map(String::as_str).collect()).collect();
        let mut parameters = Vec::new();
        for (column, labels) in self.columns.iter().zip(&labels) {
            let values = match &column.values {
                Values::Numeric { values, log } => ParameterValues::Numeric { values, log: *log },
                Values::Categorical { index } => ParameterValues::Categorical { labels, index },
            };
            parameters.push(Parameter { name: &column.name, values });
        }
        notebook.figure(name, caption, draw(&parameters))
    }

    /// Places of the two parameters that matter most by fANOVA, if there are two.
    fn most_important(&self) -> Option<[usize; 2]> {
        let mut order: Vec<&Importance<'_>> = self.importances.iter().collect();
        order.sort_by(|a, b| b.fanova.total_cmp(&a.fanova));
        let [first, second, ..] = order[..] else { return None };
        Some([first.place, second.place])
    }

    /// The objective of every trial, and the best so far.
    ///
    /// # Errors
    /// As of all figures: if it cannot be drawn or written.
    pub fn optimization_history(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "The objective of every trial, and the best so far";
        self.figure(notebook, "optimization_history", caption, |_| {
            figures::optimization_history(caption, self.title, self.objective, &self.trials)
        })
    }

    /// How much each parameter matters, by fANOVA and PED-ANOVA, with a table of it.
    ///
    /// # Errors
    /// As of all figures.
    pub fn parameter_importance(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let paths: Vec<&str> = self.importances.iter().map(|of| of.path).collect();
        let names: Vec<&str> = self.importances.iter().map(|of| self.columns[of.place].name.as_str()).collect();
        let first: Vec<f64> = self.importances.iter().map(|of| of.fanova).collect();
        let second: Vec<f64> = self.importances.iter().map(|of| of.ped_anova).collect();
        let table = polars::df!("parameter" => paths, "fanova" => &first, "ped_anova" => &second)?;
        notebook.table("parameter_importance", table)?;
        let caption =
            "How much of the objective each parameter decides alone, and whether a trial is among the best tenth";
        let evaluators: [(&str, &[f64]); 2] = [("fANOVA", &first), ("PED-ANOVA", &second)];
        let left_out = |at: &usize| self.importances.iter().all(|of| of.place != *at);
        let others: Vec<&str> = (0..self.columns.len()).filter(left_out).map(|at| &*self.columns[at].name).collect();
        let subtitle = match others[..] {
            [] => format!("{}: what it decides of the objective alone, and of being among the best tenth", self.title),
            _ => format!("{}: of those that every trial has; without {}", self.title, others.join(", ")),
        };
        self.figure(notebook, "parameter_importance", caption, |_| {
            figures::parameter_importance("Importance of each parameter", &subtitle, &names, &evaluators)
        })
    }

    /// The objective against each parameter.
    ///
    /// # Errors
    /// As of all figures.
    pub fn slice(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "The objective against each parameter";
        self.figure(notebook, "slice", caption, |parameters| {
            figures::slice(caption, self.title, self.objective, &self.trials, parameters)
        })
    }

    /// The objective over the two parameters that matter most; nothing where there is one.
    ///
    /// # Errors
    /// As of all figures.
    pub fn contour(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let Some([a, b]) = self.most_important() else { return Ok(()) };
        let (x, y) = (&self.columns[a].name, &self.columns[b].name);
        let caption = format!("The objective over {x} and {y}");
        let subtitle = format!("{}: the two parameters with the largest shares by fANOVA", self.title);
        self.figure(notebook, "contour", &caption, |parameters| {
            let pair = [parameters[a], parameters[b]];
            figures::contour(&caption, &subtitle, self.objective, &self.trials, pair)
        })
    }

    /// The rank of every trial over the two parameters that matter most; nothing where there is one.
    ///
    /// # Errors
    /// As of all figures.
    pub fn rank(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let Some([a, b]) = self.most_important() else { return Ok(()) };
        let caption = format!("The rank of every trial over {} and {}", self.columns[a].name, self.columns[b].name);
        self.figure(notebook, "rank", &caption, |parameters| {
            let pair = [parameters[a], parameters[b]];
            figures::rank(&caption, self.title, self.objective, &self.trials, pair)
        })
    }

    /// Every trial as a line through its parameters.
    ///
    /// # Errors
    /// As of all figures.
    pub fn parallel_coordinates(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "Every trial as a line through its parameters, the best on top";
        self.figure(notebook, "parallel_coordinates", caption, |parameters| {
            figures::parallel_coordinates(caption, self.title, self.objective, &self.trials, parameters)
        })
    }

    /// The share of trials that reach a value, for the study on the test data and the one on held-out data.
    ///
    /// # Errors
    /// As of all figures.
    pub fn empirical_distribution(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let values = |study: &StoredStudy| -> Vec<f64> {
            let complete = study.trials.iter().filter(|trial| trial.state == State::Complete);
            complete.filter_map(|trial| trial.value()).collect()
        };
        let test = values(&self.studies.test);
        let validation = self.studies.validation.as_ref().map(values);
        let mut groups = vec![Distribution { name: "test data", values: &test }];
        groups.extend(validation.as_ref().map(|values| Distribution { name: "held-out training data", values }));
        let caption = "The share of trials that reach a value";
        self.figure(notebook, "empirical_distribution", caption, |_| {
            figures::empirical_distribution(caption, self.title, self.objective, &groups)
        })
    }

    /// The losses that every trial reports.
    ///
    /// # Errors
    /// As of all figures.
    pub fn intermediate_values(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let reports = |trial: &StoredTrial| -> Vec<Point> {
            trial.intermediate_values.iter().map(|(&epoch, &loss)| (epoch as f64, loss)).collect()
        };
        let trials = self.studies.test.trials.iter();
        let series: Vec<_> =
            trials.filter_map(|trial| Some((trial.number as u32, state(trial)?, reports(trial)))).collect();
        if !self.is_empty() && series.iter().all(|(.., losses)| losses.is_empty()) {
            notebook.paragraph("No trial reports a loss: `search.report_every` is more than its epochs.");
            return Ok(());
        }
        let curves: Vec<IntermediateCurve> = series
            .iter()
            .map(|(number, state, points)| IntermediateCurve { number: *number, points, state: *state })
            .collect();
        let loss = Objective { name: "training loss", direction: Direction::Minimize, log: true };
        let caption = "The training loss of every trial";
        let best = self.studies.test.best().map(|best| best.number as u32);
        self.figure(notebook, "intermediate_values", caption, |_| {
            figures::intermediate_values(caption, self.title, loss, &curves, best)
        })
    }

    /// When every trial ran: its times are those of the journal, so it lies beside it.
    ///
    /// # Errors
    /// As of all figures.
    pub fn timeline(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let trials = &self.studies.test.trials;
        let first = trials.iter().filter_map(|trial| trial.started).min();
        let seconds = |moment: Option<Timestamp>| Some((moment?.0 - first?.0) as f64 / 1e6);
        let bar = |trial: &StoredTrial| {
            let (start, end) = (seconds(trial.started)?, seconds(trial.completed)?);
            Some(TimelineBar { number: trial.number as u32, start, end, state: state(trial)? })
        };
        let bars: Vec<TimelineBar> = trials.iter().filter_map(|trial| bar(trial)).collect();
        let caption = "When every trial ran";
        notebook.recorded_figure("timeline", caption, figures::timeline(caption, self.title, &bars))
    }
}

fn state(trial: &StoredTrial) -> Option<TrialState> {
    match trial.state {
        State::Complete => Some(TrialState::Complete),
        State::Pruned => Some(TrialState::Pruned),
        State::Fail => Some(TrialState::Failed),
        State::Running | State::Waiting => None,
    }
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
