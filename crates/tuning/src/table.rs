//! Tables with a row a trial.

use notebook::{JOURNAL, Notebook, RECORDS};
use polars::prelude::{Column, DataFrame};
use search::storage::{Json, StoredParameter, StoredStudy, StoredTrial};
use search::{Search, Space, State};

use crate::Studies;
use crate::run::replay_command;

/// What figures and tables call parameters: the last word of every parameter's path, or the whole path where two would be the
/// same.
pub fn short_names(space: &Space) -> Vec<String> {
    let short = |name: &str| match name.rsplit('.').next().unwrap_or(name) {
        "name" => name.rsplit('.').nth(1).unwrap_or(name).to_owned(),
        last => last.replace('_', " "),
    };
    let names: Vec<&str> = space.parameters().iter().map(|parameter| parameter.name.as_str()).collect();
    let alone = |name: &&str| names.iter().filter(|other| short(other) == short(name)).count() == 1;
    names.iter().map(|name| if alone(name) { short(name) } else { (*name).to_owned() }).collect()
}

/// Where trials failed: which, why, of which manifest, and the command that runs it again.
#[track_caller]
pub(crate) fn failures(notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<()> {
    let studies: Vec<&StoredStudy> = [&studies.test].into_iter().chain(&studies.validation).collect();
    let failed = |study: &&StoredStudy| study.count(State::Fail) > 0;
    if !studies.iter().any(failed) {
        return Ok(());
    }
    let all = studies.iter().flat_map(|study| study.trials.iter().map(move |trial| (*study, &**trial)));
    let failed: Vec<(&StoredStudy, &StoredTrial)> = all.filter(|(_, trial)| trial.state == State::Fail).collect();
    let column = |name: &str, of: &dyn Fn(&StoredStudy, &StoredTrial) -> String| {
        Column::new(name.into(), failed.iter().map(|(study, trial)| of(study, trial)).collect::<Vec<_>>())
    };
    let columns = vec![
        column("study", &|study, _| study.name.clone()),
        Column::new("number".into(), failed.iter().map(|(_, trial)| trial.number).collect::<Vec<_>>()),
        column("error", &|_, trial| {
            trial.user_attribute("error").and_then(Json::as_str).unwrap_or_default().to_owned()
        }),
        column("manifest", &|_, trial| {
            let set = |parameter: &StoredParameter| format!(" --set '{}={}'", parameter.name, parameter.value);
            "--manifest resolved.yaml".to_owned() + &trial.parameters.iter().map(set).collect::<String>()
        }),
        // As seen from the report's folder: a path from elsewhere would be another one on every machine.
        column("command", &|study, trial| {
            format!("{} {}", replay_command(&format!("{RECORDS}/{JOURNAL}"), &study.name), trial.number)
        }),
    ];
    notebook.paragraph(
        "Each command below, given in the folder of this report, runs a failed trial once more and says whether it ends with the \
         same message.",
    );
    notebook.table("failures", DataFrame::new(failed.len(), columns)?)
}

/// Writes number, state, value, spread of the repeats, parameters and error of every trial.
#[track_caller]
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
