//! Tables with a row a trial.

use notebook::Notebook;
use polars::prelude::{Column, DataFrame};
use search::Search;
use search::storage::{Json, StoredStudy, StoredTrial};

/// Writes number, state, value, spread of the repeats, parameters and error of every trial.
pub(crate) fn write(notebook: &mut Notebook, name: &str, study: &StoredStudy, search: &Search) -> anyhow::Result<()> {
    let trials = &study.trials;
    let mut columns = vec![
        Column::new("number".into(), trials.iter().map(|trial| trial.number).collect::<Vec<_>>()),
        Column::new("state".into(), trials.iter().map(|trial| trial.state.to_string()).collect::<Vec<_>>()),
        Column::new("value".into(), trials.iter().map(|trial| trial.value()).collect::<Vec<_>>()),
    ];
    if search.repeats > 1 {
        let spread = |trial: &StoredTrial| trial.user_attribute("spread").and_then(Json::as_float);
        columns.push(Column::new("spread".into(), trials.iter().map(|trial| spread(trial)).collect::<Vec<_>>()));
    }
    for parameter in search.parameters.parameters() {
        let values: Vec<Option<String>> =
            trials.iter().map(|trial| Some(trial.parameter(&parameter.name)?.to_string())).collect();
        columns.push(Column::new(parameter.name.as_str().into(), values));
    }
    let errors: Vec<Option<String>> =
        trials.iter().map(|trial| Some(trial.user_attribute("error")?.as_str()?.to_owned())).collect();
    if errors.iter().any(Option::is_some) {
        columns.push(Column::new("error".into(), errors));
    }
    notebook.table(name, DataFrame::new(trials.len(), columns)?)
}
