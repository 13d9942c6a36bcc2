//! What `make quality` leaves behind: how good the samplers are on functions, and what they cost.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use polars::prelude::{Column, DataFrame, DataType};
use serde::{Deserialize, Serialize};

/// The record's name among those of the experiment.
pub const RECORD: &str = "quality.json";

/// The table of its studies, beside it: a row a study.
const STUDIES: &str = "quality_studies.csv";

/// The name of the post's problem among the functions.
pub const POST: &str = "post";

/// The evaluations after which the best value so far is recorded.
pub const EVALUATIONS: [usize; 10] = [1, 2, 5, 10, 15, 20, 30, 50, 70, 100];

/// One measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it began, in UTC.
    pub date: String,
    /// The processor's name as the system gives it.
    pub processor: String,
    /// The system's load over the last minute, before and after.
    pub load: [f64; 2],
    /// Studies of functions with known minima, and of the post's problem: in a table of their own.
    #[serde(skip)]
    pub studies: Vec<Study>,
    /// The digest of that table.
    pub studies_sha256: String,
    /// What a suggestion takes.
    pub costs: Vec<Cost>,
    /// What studies of the post's problem take, trainings included.
    pub times: Vec<Times>,
}

/// One study.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The function, or [`POST`].
    pub function: String,
    /// The sampler.
    pub sampler: String,
    /// The study's seed.
    pub seed: u32,
    /// After each of [`EVALUATIONS`]: the best value so far minus the function's minimum; for the post's problem the
    /// value itself. None before the first complete trial.
    pub best: Vec<Option<f64>>,
}

/// What one suggestion takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The function, or [`POST`].
    pub function: String,
    /// The sampler.
    pub sampler: String,
    /// Complete trials that it is made from, drawn at random.
    pub trials: usize,
    /// Milliseconds on one core, the median of several.
    pub milliseconds: f64,
}

/// When the trials of a study end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// The sampler.
    pub sampler: String,
    /// By trial: seconds since the start of its study on one core, the median over the seeds.
    pub seconds: Vec<f64>,
}

/// Writes a record and the table of its studies into the folder, which is made if it is missing; returns where.
///
/// # Errors
/// If it cannot be written.
pub fn write(folder: &Path, mut record: Record) -> anyhow::Result<PathBuf> {
    let studies = &record.studies;
    let words = |of: fn(&Study) -> &str| studies.iter().map(of).collect::<Vec<_>>();
    let mut frame = polars::df!(
        "function" => words(|study| &study.function),
        "sampler" => words(|study| &study.sampler),
        "seed" => studies.iter().map(|study| study.seed).collect::<Vec<_>>(),
    )?;
    for (place, count) in EVALUATIONS.iter().enumerate() {
        let values: Vec<Option<f64>> = studies.iter().map(|study| study.best[place]).collect();
        frame.with_column(Column::new(after(*count).into(), values))?;
    }
    let cannot = || format!("cannot write into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let (unfinished, path) = (folder.join(format!(".{STUDIES}")), folder.join(STUDIES));
    notebook::write_csv(&unfinished, &mut frame)?;
    std::fs::rename(unfinished, &path).with_context(cannot)?;
    record.studies_sha256 = notebook::sha256(&path)?;
    notebook::write_record(folder, RECORD, &record)
}

/// Reads a record and the table of its studies.
///
/// # Errors
/// If a file cannot be read or is not of a record, or the table is of another.
pub fn load(path: &Path) -> anyhow::Result<Record> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let record: Record = serde_json::from_str(&text).with_context(|| format!("{}: not a record", path.display()))?;
    let path = path.with_file_name(STUDIES);
    if notebook::sha256(&path)? != record.studies_sha256 {
        bail!("{} is not the table of {RECORD}; `make quality` makes both", path.display());
    }
    let frame = notebook::read_csv(&path)?;
    Ok(Record { studies: studies(&frame).with_context(|| format!("{}: not a record", path.display()))?, ..record })
}

fn studies(frame: &DataFrame) -> anyhow::Result<Vec<Study>> {
    let (functions, samplers) = (frame.column("function")?.str()?, frame.column("sampler")?.str()?);
    let seeds = notebook::column(frame, "seed")?;
    let mut best = vec![Vec::new(); frame.height()];
    for count in EVALUATIONS {
        let column = frame.column(&after(count))?.cast(&DataType::Float64)?;
        best.iter_mut().zip(column.f64()?.iter()).for_each(|(best, value)| best.push(value));
    }
    let words = functions.iter().zip(samplers.iter()).zip(seeds.iter().zip(best));
    let study = |((function, sampler), (seed, best)): ((Option<&str>, Option<&str>), (&f64, _))| {
        let [function, sampler] = [function, sampler].map(|word| word.unwrap_or_default().to_owned());
        Study { function, sampler, seed: *seed as u32, best }
    };
    Ok(words.map(study).collect())
}

/// The column of the best values after a count of evaluations.
fn after(count: usize) -> String {
    format!("after_{count}")
}
