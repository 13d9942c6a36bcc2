//! The network that a report keeps, and rows that it predicts.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use dataset::{Dataset, Kept};

use crate::tables::csv;
use crate::{Done, Notebook};

/// Rows to predict instead of writing a report.
#[derive(Debug)]
pub(crate) struct Predict {
    /// The CSV file with the rows.
    pub(crate) rows: PathBuf,
    /// The report whose network predicts them.
    pub(crate) report: PathBuf,
    /// The weights that it has kept.
    pub(crate) weights: Vec<u8>,
}

/// The weights that a report keeps.
pub(crate) const WEIGHTS: &str = "model.safetensors";

impl Notebook {
    /// The report whose network predicts rows, if that is what the program was started for: what that report found need not be
    /// found again.
    pub fn predicts_by(&self) -> Option<&Path> {
        self.predict.as_ref().map(|predict| predict.report.as_path())
    }

    /// Keeps a network of these data in the report: as a program in Python, and with the weights that it has when the report is
    /// written. A story has one network to keep, and it comes before the training: a program that was started to predict rows
    /// with the weights of an earlier report prints their predictions as CSV and ends the story here.
    ///
    /// # Errors
    /// If a file cannot be written, or the story keeps another network; [`Done`] if rows were predicted, and why not if they
    /// cannot be.
    #[track_caller]
    pub fn keep(&mut self, data: &Dataset, network: impl Kept + 'static) -> anyhow::Result<()> {
        if let Some(Predict { rows, weights, .. }) = &self.predict {
            let x = data.read_inputs(rows)?;
            let outputs = network.predict(weights, &x).map_err(anyhow::Error::from_boxed)?;
            let answers = csv(&mut data.answers(&outputs, x.len() / data.features.len()))?;
            return Err(Done(answers).into());
        }
        if self.kept.is_some() {
            bail!("a second network is to be kept");
        }
        let program = network.program(&self.about.experiment, &data.python()).map_err(anyhow::Error::from_boxed)?;
        for (name, content) in &program {
            std::fs::write(self.staging.path().join(name), content).with_context(|| format!("cannot write {name}"))?;
        }
        let mut files: Vec<String> = program.iter().map(|(name, _)| format!("[{name}]({name})")).collect();
        let program = files.pop().unwrap_or_default();
        let beside = if files.is_empty() { String::new() } else { format!(", which reads {},", files.join(" and ")) };
        self.paragraph(format!(
            "{program}{beside} does the same with Keras in Python and compares; [{WEIGHTS}]({WEIGHTS}) has the trained weights."
        ));
        self.kept = Some(Box::new(network));
        Ok(())
    }
}
