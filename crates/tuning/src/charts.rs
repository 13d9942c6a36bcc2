//! The figures of a study, drawn from what its journal holds.

use anyhow::Context as _;
use figures::{Direction, Distribution, Objective, Parameter, ParameterScale, TrialPoint, TrialState, Trials};
use notebook::Notebook;
use search::importance::{fanova, ped_anova};
use search::storage::{StoredStudy, StoredTrial};
use search::{Domain, Search, State, Timestamp, Trial, Value};

use crate::{Metric, Studies, short_names};

/// A number with no more values than this, each in about so many trials, is drawn as a choice.
const MOST_CHOICES: usize = 8;
const TRIALS_A_CHOICE: usize = 8;

/// The figures of the study on the test data, each by its name. None is drawn if no trial is complete.
pub struct Charts<'a> {
    title: &'a str,
    studies: &'a Studies,
    objective: Objective<'a>,
    trials: Vec<TrialPoint>,
    /// In every trial.
    columns: Vec<Parameter>,
    /// Of the parameters that all complete trials have.
    importances: Vec<Importance<'a>>,
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
        let first = study.trials.iter().filter_map(|trial| trial.started).min();
        let seconds = |moment: Option<Timestamp>| Some((moment?.0 - first?.0) as f64 / 1e6);
        let point = |trial: &StoredTrial| {
            Some(TrialPoint {
                number: trial.number as u32,
                value: trial.value(),
                state: state(trial)?,
                reports: trial.intermediate_values.iter().map(|(&epoch, &loss)| (epoch as f64, loss)).collect(),
                seconds: seconds(trial.started).zip(seconds(trial.completed)).map(|(start, end)| [start, end]),
            })
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

    fn trials<'b>(&'b self, title: &'b str, subtitle: &'b str) -> Trials<'b> {
        Trials { title, subtitle, objective: self.objective, points: &self.trials }
    }

    fn is_empty(&self) -> bool {
        self.studies.test.count(State::Complete) == 0
    }

    /// Keeps what `draw` makes.
    #[track_caller]
    fn figure(
        &self,
        notebook: &mut Notebook,
        name: &str,
        caption: &str,
        draw: impl FnOnce() -> Result<Vec<u8>, figures::Error>,
    ) -> anyhow::Result<()> {
        // Whoever predicts rows looks at no figure.
        if self.is_empty() || notebook.predicts_by().is_some() {
            Ok(())
        } else {
            notebook.figure(name, caption, draw())
        }
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
    #[track_caller]
    pub fn optimization_history(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "The objective of every trial, and the best so far";
        self.figure(notebook, "optimization_history", caption, || {
            figures::optimization_history(&self.trials(caption, self.title))
        })
    }

    /// How much each parameter matters, by fANOVA and PED-ANOVA, with a table of it.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
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
        self.figure(notebook, "parameter_importance", caption, || {
            figures::parameter_importance("Importance of each parameter", &subtitle, &names, &evaluators)
        })
    }

    /// The objective against each parameter.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn slice(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "The objective against each parameter";
        self.figure(notebook, "slice", caption, || figures::slice(&self.trials(caption, self.title), &self.columns))
    }

    /// The objective over the two parameters that matter most; nothing where there is one.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn contour(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let Some([a, b]) = self.most_important() else { return Ok(()) };
        let (x, y) = (&self.columns[a].name, &self.columns[b].name);
        let caption = format!("The objective over {x} and {y}");
        let subtitle = format!("{}: the two parameters with the largest shares by fANOVA", self.title);
        self.figure(notebook, "contour", &caption, || {
            figures::contour(&self.trials(&caption, &subtitle), [&self.columns[a], &self.columns[b]])
        })
    }

    /// The rank of every trial over the two parameters that matter most; nothing where there is one.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn rank(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let Some([a, b]) = self.most_important() else { return Ok(()) };
        let caption = format!("The rank of every trial over {} and {}", self.columns[a].name, self.columns[b].name);
        self.figure(notebook, "rank", &caption, || {
            figures::rank(&self.trials(&caption, self.title), [&self.columns[a], &self.columns[b]])
        })
    }

    /// Every trial as a line through its parameters.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn parallel_coordinates(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        let caption = "Every trial as a line through its parameters, the best on top";
        self.figure(notebook, "parallel_coordinates", caption, || {
            figures::parallel_coordinates(&self.trials(caption, self.title), &self.columns)
        })
    }

    /// The share of trials that reach a value, for the study on the test data and the one on held-out data.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
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
        self.figure(notebook, "empirical_distribution", caption, || {
            figures::empirical_distribution(caption, self.title, self.objective, &groups)
        })
    }

    /// The losses that every trial reports.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn intermediate_values(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        if !self.is_empty() && self.trials.iter().all(|trial| trial.reports.is_empty()) {
            notebook.paragraph("No trial reports a loss: `search.report_every` is more than its epochs.");
            return Ok(());
        }
        let loss = Objective { name: "training loss", direction: Direction::Minimize, log: true };
        let caption = "The training loss of every trial";
        let best = self.studies.test.best().map(|best| best.number as u32);
        self.figure(notebook, "intermediate_values", caption, || {
            figures::intermediate_values(&Trials { objective: loss, ..self.trials(caption, self.title) }, best)
        })
    }

    /// When every trial ran: its times are those of the journal, so it lies beside it.
    ///
    /// # Errors
    /// As of all figures.
    #[track_caller]
    pub fn timeline(&self, notebook: &mut Notebook) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let caption = "When every trial ran";
        notebook.recorded_figure("timeline", caption, figures::timeline(&self.trials(caption, self.title)))
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

fn column(study: &StoredStudy, of: &search::Parameter, name: String) -> Parameter {
    let ended = study.trials.iter().filter(|trial| state(trial).is_some());
    let found = ended.map(|trial| trial.parameter(&of.name));
    let place = |of: Option<usize>| of.map_or(f64::NAN, |place| place as f64);
    let (values, scale) = match &of.domain {
        Domain::Categorical { values } => {
            let names = names(values);
            let number = |value: &Value| values.iter().position(|known| known.same(value));
            (found.map(|value| place(value.and_then(number))).collect(), ParameterScale::Choices(names))
        }
        Domain::Float { log, .. } | Domain::Integer { log, .. } => {
            let values: Vec<f64> = found.map(|value| value.and_then(Value::number).unwrap_or(f64::NAN)).collect();
            let mut choices: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            choices.sort_by(f64::total_cmp);
            choices.dedup();
            // The few values of a grid are drawn as choices are: spread, so that no trial hides another.
            if !choices.is_empty() && choices.len() <= MOST_CHOICES && values.len() >= TRIALS_A_CHOICE * choices.len() {
                let names = choices.iter().map(|choice| figures::significant(*choice, 4)).collect();
                let number = |value: &f64| place(choices.iter().position(|choice| choice == value));
                (values.iter().map(number).collect(), ParameterScale::Choices(names))
            } else {
                (values, if *log { ParameterScale::Logarithmic } else { ParameterScale::Linear })
            }
        }
    };
    Parameter { name, values, scale }
}

/// What axes call the values of a choice: lists by what is in their items, without the last items that all have.
fn names(values: &[Value]) -> Vec<String> {
    let items = |value: &Value| match serde_yaml::from_str(&value.to_string()) {
        Ok(serde_yaml::Value::Sequence(items)) => Some(items.iter().map(scalars).collect::<Vec<_>>()),
        _ => None,
    };
    let Some(mut lists) = values.iter().map(items).collect::<Option<Vec<_>>>() else {
        return values.iter().map(ToString::to_string).collect();
    };
    while lists.iter().all(|items| items.len() > 1 && items.last() == lists[0].last()) && lists.len() > 1 {
        for items in &mut lists {
            items.pop();
        }
    }
    lists.iter().map(|items| items.join(", ")).collect()
}

/// Numbers and texts of a value in their order.
fn scalars(value: &serde_yaml::Value) -> String {
    let all = |values: Vec<&serde_yaml::Value>| values.into_iter().map(scalars).collect::<Vec<_>>().join(" ");
    match value {
        serde_yaml::Value::Sequence(items) => all(items.iter().collect()),
        serde_yaml::Value::Mapping(entries) => all(entries.values().collect()),
        scalar => serde_yaml::to_string(scalar).unwrap_or_default().trim_end().to_owned(),
    }
}
