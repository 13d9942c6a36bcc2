//! The notebook of one run: what it computed, kept until all of it is written.

use std::collections::BTreeMap;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use dataset::{Dataset, Kept};
use manifest::{Document, Rules};
use polars::prelude::{AnyValue, DataFrame};
use serde_json::Value;

use crate::changes::changes;
use crate::contents::{CONTENTS, Change, Contents, Figure, Output, Table, changed_keys};
use crate::outputs::{Outputs, ProgramSource};
use crate::published::{Number, Published, Reproduced};
use crate::tables::{TableWriter, column, comparison_frame, csv, write_csv};
use crate::{
    About, Kind, PROVENANCE, Predicted, RECORDS, Resume, Staging, digest, ipynb, markdown, number, page, printed_loss,
    provenance, python_repr,
};

/// One run's tables, figures, values and text, on their way into its report folder.
#[derive(Debug)]
pub struct Notebook {
    about: About,
    resolved: String,
    published: Published,
    root: PathBuf,
    manifest_folder: PathBuf,
    staging: Staging,
    within: Option<PathBuf>,
    pub(crate) resume: Option<Resume>,
    pub(crate) predict: Option<Predict>,
    kept: Option<Box<dyn Kept>>,
    recorded: Vec<PathBuf>,
    quiet: bool,
    /// Whether nothing is printed on stdout before the result.
    pub(crate) silent: bool,
    clock: Instant,
    tables: Vec<(String, DataFrame)>,
    changed: Vec<Change>,
    source: ProgramSource,
    outputs: Outputs,
}

/// The values of a run, by name.
pub(crate) const METRICS: &str = "metrics.json";

/// A report that stands.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its folder.
    pub(crate) report: PathBuf,
    /// The values of the run.
    pub(crate) metrics: BTreeMap<String, Value>,
}

/// Rows to predict instead of writing a report.
#[derive(Debug)]
pub(crate) struct Predict {
    /// The CSV file with the rows.
    pub(crate) rows: PathBuf,
    /// The weights that an earlier report has kept.
    pub(crate) weights: Vec<u8>,
}

/// The weights that a report keeps.
pub(crate) const WEIGHTS: &str = "model.safetensors";

/// The name of a search's journal among the records of its experiment.
pub const JOURNAL: &str = "journal.log";

impl Notebook {
    /// Starts the notebook of one run of the program `source` in the workspace `root`, to appear as the folder `out`. Where
    /// that is made to become part of a folder of reports, `within`, what must outlive a run lies there.
    ///
    /// # Errors
    /// [`crate::Busy`] if another run is writing `out`; [`crate::Refused`] if something else than a report of this
    /// experiment stands there; otherwise if the published numbers or the cells cannot be read or the folder cannot be
    /// prepared.
    pub fn begin<T: Rules>(
        source: ProgramSource,
        manifest: &Document<T>,
        [root, manifest_folder]: [&Path; 2],
        out: &Path,
        within: Option<PathBuf>,
        quiet: bool,
    ) -> anyhow::Result<Self> {
        let about = About::of(manifest.to_json())?;
        let published = match &about.source {
            Some(source) => source.load(&about.experiment, [root, manifest_folder])?,
            None => Published::default(),
        };
        let changed = changes(root, &about, manifest);
        let outputs = Outputs::new(source)?;
        let staging = Staging::begin(out, &Kind::Report(about.experiment.clone()))?;
        std::fs::create_dir(staging.path().join("figures")).context("cannot create the folder figures")?;
        Ok(Self {
            about,
            resolved: manifest.to_yaml(),
            published,
            root: root.to_owned(),
            manifest_folder: manifest_folder.to_owned(),
            staging,
            within,
            resume: None,
            predict: None,
            kept: None,
            recorded: Vec::new(),
            quiet,
            silent: quiet,
            clock: Instant::now(),
            tables: Vec::new(),
            changed,
            source,
            outputs,
        })
    }

    /// The study that the program was started to go on with, if that is what it was started for.
    pub fn resume(&self) -> Option<&Resume> {
        self.resume.as_ref()
    }

    /// What the manifest says of the experiment.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Whether one of these keys, given by their dotted paths, differs from the manifest in the experiment's folder, or a
    /// key below one: what a text says of that manifest need not hold for this run then.
    pub fn changes(&self, keys: &[&str]) -> bool {
        let below =
            |path: &str, key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.changed.iter().any(|change| keys.iter().any(|key| below(&change.key, key)))
    }

    /// The experiment's name for figures, with the keys in which the manifest differs from the one in its folder.
    pub fn name(&self) -> String {
        let changed = changed_keys(&self.changed).map(|keys| format!(", {keys}"));
        self.about.experiment.clone() + changed.as_deref().unwrap_or_default()
    }

    /// Does some work whose outputs all belong to the cell of this call. Outputs of functions in other files need it: what
    /// is called without it belongs to the line that it stands on.
    #[track_caller]
    pub fn within<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.outputs.pin(Location::caller());
        let result = work(self);
        self.outputs.unpin(outer);
        result
    }

    /// Prints a text as it is, on stdout and in the cell.
    ///
    /// # Errors
    /// If stdout cannot be written.
    #[track_caller]
    pub fn print(&mut self, text: &str) -> anyhow::Result<()> {
        let text = format!("{}\n", text.trim_end_matches('\n'));
        self.outputs.push(Location::caller(), Output::Print(text.clone()));
        if self.silent { Ok(()) } else { crate::show(&text) }
    }

    /// The numbers that this experiment claims to reproduce, and what else its source published.
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// Keras' two lines for a finished epoch, on stderr unless the run is quiet, and without the time since the last one in
    /// the cell. `logs` are the loss and what else was measured, with their names.
    #[track_caller]
    pub fn epoch(&mut self, epoch: u32, epochs: u32, steps: usize, logs: &[(String, f32)]) {
        let time = self.clock.elapsed();
        self.clock = Instant::now();
        if !self.quiet {
            eprintln!("Epoch {epoch}/{epochs}\n{}", number::epoch_line(steps, logs, Some(time)));
        }
        let line = format!("Epoch {epoch}/{epochs}\n{}\n", number::epoch_line(steps, logs, None));
        self.outputs.push(Location::caller(), Output::Print(line));
    }

    /// As [`progress_bar`], hidden if the run is quiet.
    #[track_caller]
    pub fn progress_bar(&self, length: u64, work: &'static str) -> indicatif::ProgressBar {
        self.outputs.reach(Location::caller());
        progress_bar(length, work, self.quiet)
    }

    /// Writes `<name>.csv`; floats read back to the same bits.
    ///
    /// # Errors
    /// If the file cannot be written.
    #[track_caller]
    pub fn table(&mut self, name: &str, mut frame: DataFrame) -> anyhow::Result<()> {
        self.outputs.push(Location::caller(), Output::Table(Table::of(name, &frame)));
        write_csv(&self.staging.path().join(format!("{name}.csv")), &mut frame)?;
        self.tables.push((name.to_owned(), frame));
        Ok(())
    }

    /// Starts `<name>.csv`, whose rows are written as they come and not kept.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn table_writer(&self, name: &str) -> anyhow::Result<TableWriter> {
        TableWriter::begin(self.staging.path(), name)
    }

    /// Ends a table that was written row by row; the report shows its first and its last rows.
    ///
    /// # Errors
    /// If the last rows cannot be written.
    #[track_caller]
    pub fn finish_table(&mut self, table: TableWriter) -> anyhow::Result<()> {
        let at = Location::caller();
        let table = table.finish()?;
        self.outputs.push(at, Output::Table(table));
        Ok(())
    }

    /// Carries the measurements in the folder [`RECORDS`] of the experiment's committed report over to the new one, and
    /// returns them by name: what machines measured is kept there, as JSON and outside the digests. Other files there are
    /// the user's. Where the new report replaces the committed one, the folder is left as it is.
    ///
    /// # Errors
    /// If the folder cannot be read or a file cannot be copied.
    pub fn records(&self) -> anyhow::Result<Vec<PathBuf>> {
        let from = self.root.join("reports").join(&self.about.experiment).join(RECORDS);
        let cannot = || format!("cannot read {}", from.display());
        if !from.exists() {
            return Ok(Vec::new());
        }
        let entries = std::fs::read_dir(&from).with_context(cannot)?;
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().with_context(cannot)?;
        files.retain(|file| file.is_file() && file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let to = self.staging.path().join(RECORDS);
        std::fs::create_dir(&to).with_context(|| format!("cannot create {}", to.display()))?;
        let stays = from.canonicalize().ok() == self.earlier_record("").canonicalize().ok();
        for file in files.iter().filter(|_| !stays) {
            std::fs::copy(file, to.join(file.file_name().unwrap_or_default()))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
        Ok(files)
    }

    /// Where a record of that name lies in the experiment's committed report.
    pub fn record_path(&self, name: &str) -> PathBuf {
        self.root.join("reports").join(&self.about.experiment).join(RECORDS).join(name)
    }

    /// Where the report folder that is being replaced has a record of that name.
    pub fn earlier_record(&self, name: &str) -> PathBuf {
        let folder = self.staging.target();
        let within = self.within.as_ref().map(|within| within.join(folder.file_name().unwrap_or_default()));
        within.as_deref().unwrap_or(folder).join(RECORDS).join(name)
    }

    /// A hidden file beside the report folder, for what must outlive a run that is killed.
    pub fn beside(&self, name: &str) -> PathBuf {
        match &self.within {
            Some(within) => within.join(self.staging.beside(name).file_name().unwrap_or_default()),
            None => self.staging.beside(name),
        }
    }

    /// Removes a file from beside the report folder once the report, which has what is in it, stands. A report that
    /// becomes part of a folder of reports leaves that to who puts the folder in place.
    pub fn remove_when_published(&mut self, file: PathBuf) {
        if self.within.is_none() {
            self.recorded.push(file);
        }
    }

    /// Copies a file into the folder [`RECORDS`] under that name.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn record(&self, name: &str, from: &Path) -> anyhow::Result<()> {
        let folder = self.staging.path().join(RECORDS);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        std::fs::copy(from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(())
    }

    /// The folders to which files of data are relative: the workspace, then that of the manifest.
    pub fn folders(&self) -> [&Path; 2] {
        [&self.root, &self.manifest_folder]
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A column of a table of this notebook, as float64: what figures are drawn from.
    ///
    /// # Errors
    /// If there is no such table or column, or it is not of numbers.
    pub fn column(&self, table: &str, name: &str) -> anyhow::Result<Vec<f64>> {
        let found = self.tables.iter().find(|(known, _)| known == table);
        column(&found.with_context(|| format!("no table {table}"))?.1, name)
    }

    /// Writes `figures/<name>.png` from its bytes; the caption stands under it in the report. Where there is
    /// nothing finite to draw, the report says so instead.
    ///
    /// # Errors
    /// If the figure could not be drawn or the file cannot be written.
    #[track_caller]
    pub fn figure(&mut self, name: &str, caption: &str, png: Result<Vec<u8>, figures::Error>) -> anyhow::Result<()> {
        let png = match png {
            Err(figures::Error::NothingToDraw) => {
                self.paragraph(format!("There is no figure {name}: none of its values is finite."));
                return Ok(());
            }
            png => png.with_context(|| format!("cannot draw {name}"))?,
        };
        let figure = self.draw(&format!("figures/{name}.png"), caption, &png)?;
        self.outputs.push(Location::caller(), Output::Figure(figure));
        Ok(())
    }

    /// Writes `records/<name>.png`, for a figure that differs from run to run: the report links it and does not show it,
    /// and no digest covers it.
    ///
    /// # Errors
    /// As [`Notebook::figure`].
    #[track_caller]
    pub fn recorded_figure(
        &mut self,
        name: &str,
        caption: &str,
        png: Result<Vec<u8>, figures::Error>,
    ) -> anyhow::Result<()> {
        let png = png.with_context(|| format!("cannot draw {name}"))?;
        let figure = self.draw(&format!("{RECORDS}/{name}.png"), caption, &png)?;
        self.outputs.push(Location::caller(), Output::RecordedFigure(figure));
        Ok(())
    }

    fn draw(&self, file: &str, caption: &str, png: &[u8]) -> anyhow::Result<Figure> {
        let path = self.staging.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))
            .and_then(|()| std::fs::write(&path, png))
            .with_context(|| format!("cannot write {}", path.display()))?;
        // The header, which comes first, has the size in two words of four bytes.
        let word =
            |at: usize| png.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
        Ok(Figure { file: file.to_owned(), caption: caption.to_owned(), size: [word(16), word(20)] })
    }

    /// Keeps a value for `metrics.json`; a float that is not finite becomes null.
    #[track_caller]
    pub fn value(&mut self, name: &str, value: impl Into<Value>) {
        self.outputs.push(Location::caller(), Output::Value(name.to_owned(), value.into()));
    }

    /// Adds a paragraph to the report, written from what the run computed.
    #[track_caller]
    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.outputs.push(Location::caller(), Output::Paragraph(text.into()));
    }

    /// Keeps a network of these data in the report: as a program in Python, and with the weights that it has when the report is
    /// written. A story has one network to keep, and it comes before the training: a program that was started to predict rows
    /// with the weights of an earlier report prints their predictions as CSV and ends the story here.
    ///
    /// # Errors
    /// If a file cannot be written, or the story keeps another network; [`Predicted`] if rows were predicted, and why not if they
    /// cannot be.
    #[track_caller]
    pub fn keep(&mut self, data: &Dataset, network: impl Kept + 'static) -> anyhow::Result<()> {
        if let Some(Predict { rows, weights }) = &self.predict {
            let x = data.read_inputs(rows)?;
            let outputs = network.predict(weights, &x).map_err(anyhow::Error::from_boxed)?;
            crate::show(&csv(&mut data.answers(&outputs, x.len() / data.features.len()))?)?;
            return Err(Predicted.into());
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

    /// Writes what is left (values, manifest, comparison, contents, pages, digests) and puts the folder in place; `result` is
    /// what the run prints.
    ///
    /// # Errors
    /// If something cannot be written, a value is given twice, or an output has no place in the story; the previous report
    /// then stays.
    pub(crate) fn finish(self, result: &str) -> anyhow::Result<Finished> {
        // A table that is printed before it stands in the story already.
        let shown = result.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let cells = self.outputs.story(Output::Result(shown.to_owned()))?;
        let mut contents = self.contents(cells);
        result.trim_end().lines().last().unwrap_or_default().clone_into(&mut contents.result);
        let mut metrics = BTreeMap::new();
        for (name, value) in contents.values() {
            if metrics.insert(name.to_owned(), value.clone()).is_some() {
                bail!("the value {name} is given twice");
            }
        }
        contents.published = self.published.compare(&self.about.experiment, |number| self.reproduced(number, &metrics));
        let folder = self.staging.path();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
        };
        if let Some(network) = &self.kept {
            let weights = network.weights().map_err(anyhow::Error::from_boxed)?;
            std::fs::write(folder.join(WEIGHTS), weights).with_context(|| format!("cannot write {WEIGHTS}"))?;
        }
        write(METRICS, &(serde_json::to_string_pretty(&metrics)? + "\n"))?;
        write("resolved.yaml", &self.resolved)?;
        if !contents.published.is_empty() {
            write_csv(&folder.join("published.csv"), &mut comparison_frame(&contents.published)?)?;
        }
        write(CONTENTS, &contents.to_json()?)?;
        write("report.md", &markdown::report(&contents)?)?;
        write(ipynb::FILE, &ipynb::notebook(&contents, folder)?)?;
        write("index.html", &page::page(&contents)?)?;
        digest::write_sha256sums(folder)?;
        write(PROVENANCE, &provenance::provenance(&self.root, &self.about.experiment, &self.resolved)?)?;
        let unfinished = self.beside(ipynb::UNFINISHED);
        let report = self.staging.target().to_owned();
        self.staging.publish()?;
        let unfinished = unfinished.exists().then_some(unfinished);
        for file in self.recorded.into_iter().chain(unfinished) {
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(Finished { report, metrics })
    }

    /// Leaves what a story that ended early has given so far as a notebook beside the report, which stays as it is; returns
    /// where. Nothing is left where the story gave nothing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn leave_unfinished(self, error: &anyhow::Error) -> anyhow::Result<Option<PathBuf>> {
        if self.outputs.is_empty() {
            return Ok(None);
        }
        let contents = self.contents(self.outputs.unfinished(error));
        let path = self.beside(ipynb::UNFINISHED);
        std::fs::write(&path, ipynb::notebook(&contents, self.staging.path())?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Some(path))
    }

    fn contents(&self, cells: Vec<crate::contents::Cell>) -> Contents {
        Contents {
            experiment: self.about.experiment.clone(),
            title: self.about.title.clone(),
            changed: self.changed.clone(),
            source: self.source.file.to_owned(),
            source_sha256: digest::text_sha256(self.source.text),
            cells,
            published: Vec::new(),
            result: String::new(),
            manifest: self.resolved.clone(),
        }
    }

    /// The run's own number, as the source of a published one prints it.
    fn reproduced(&self, number: &Number, metrics: &BTreeMap<String, Value>) -> Option<Reproduced> {
        let (table, row, print): (_, _, fn(f64) -> String) = match (number.epoch, &number.table, number.row) {
            (Some(epoch), ..) => ("history", self.row_of_epoch(epoch)?, printed_loss),
            (None, Some(table), Some(row)) => (table.as_str(), row as usize - 1, python_repr),
            _ => return metrics.get(&number.quantity).and_then(Reproduced::of_value),
        };
        let (_, frame) = self.tables.iter().find(|(name, _)| name == table)?;
        match frame.column(&number.quantity).ok()?.get(row).ok()? {
            AnyValue::Null => None,
            AnyValue::String(text) => Some(Reproduced { text: text.to_owned(), value: None }),
            cell @ (AnyValue::Float64(_) | AnyValue::Float32(_)) => {
                let value: f64 = cell.try_extract().ok()?;
                Some(Reproduced { text: print(value), value: Some(value) })
            }
            cell => Some(Reproduced { text: cell.to_string(), value: cell.try_extract().ok() }),
        }
    }

    fn row_of_epoch(&self, epoch: u32) -> Option<usize> {
        let epochs = self.column("history", "epoch").ok()?;
        epochs.iter().position(|&of_row| of_row == f64::from(epoch))
    }
}

/// A bar on stderr with rate and remaining time for `length` pieces of work, if stderr is a terminal and not `hidden`.
pub fn progress_bar(length: u64, work: &'static str, hidden: bool) -> indicatif::ProgressBar {
    if hidden {
        return indicatif::ProgressBar::hidden();
    }
    let style = "{msg} {wide_bar} {pos}/{len} · {per_sec} · {eta} left";
    indicatif::ProgressBar::new(length)
        .with_message(work)
        .with_style(indicatif::ProgressStyle::with_template(style).expect("a valid template"))
}
