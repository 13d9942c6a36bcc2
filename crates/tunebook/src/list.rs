//! `tunebook list`: what experiments there are, and what came out.

use std::path::Path;

use notebook::Contents;
use serde::Serialize;

use crate::answer::Answer;
use crate::index::Layout;
use crate::run::experiments;

/// An experiment with what its committed report says.
#[derive(Debug, Serialize)]
struct Listed {
    experiment: String,
    /// What is asked; empty without a report.
    question: String,
    /// The last line of what the run printed; empty without a report.
    result: String,
}

/// The experiments in the order of the story.
///
/// # Errors
/// If there is no experiment, or the order names one that is not there.
pub fn list(root: &Path) -> anyhow::Result<Answer> {
    let mut known = experiments(root)?;
    let layout = Layout::load(root, &known)?;
    known.sort_by_key(|name| (layout.place(name), name.clone()));
    let listed = |experiment: String| {
        let contents = Contents::load(&root.join("reports").join(&experiment)).unwrap_or_default();
        let question = contents.question().replace('\n', " ");
        Listed { experiment, question, result: contents.result }
    };
    let listed: Vec<Listed> = known.into_iter().map(listed).collect();
    let width = listed.iter().map(|of| of.experiment.len()).max().unwrap_or(0);
    let lines = listed.iter().map(|Listed { experiment, question, result }| {
        format!("{experiment:width$}  {question}\n{:width$}  {result}\n", "")
    });
    Ok(Answer::new(lines.collect::<String>(), serde_json::to_value(&listed)?))
}
