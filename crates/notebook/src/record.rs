//! The notebook of one run: what it computed, kept until all of it is written.

mod finish;
mod keep;
mod records;

use std::ffi::OsString;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use dataset::Kept;
use manifest::{Document, Rules};
use polars::prelude::DataFrame;
use serde_json::Value;

pub(crate) use self::finish::{Finished, METRICS};
pub(crate) use self::keep::{Predict, WEIGHTS};
pub use self::records::JOURNAL;
use crate::changes::changes;
use crate::contents::{Change, Figure, Output, Table, changed_keys};
use crate::outputs::{Outputs, ProgramSource};
use crate::parts::Parts;
use crate::published::Published;
use crate::tables::{TableWriter, column, write_csv};
use crate::{About, Kind, RECORDS, Resume, Staging, number};

/// One run's tables, figures, values and text, on their way into its report folder.
#[derive(Debug)]
pub struct Notebook {
    pub(crate) about: About,
    pub(crate) resolved: String,
    pub(crate) published: Published,
    root: PathBuf,
    manifest_folder: PathBuf,
    staging: Staging,
    within: Option<PathBuf>,
    pub(crate) journal: Option<OsString>,
    pub(crate) resume: Option<Resume>,
    pub(crate) predict: Option<Predict>,
    pub(crate) parts: Option<Parts>,
    kept: Option<Box<dyn Kept>>,
    recorded: Vec<PathBuf>,
    pub(crate) quiet: bool,
    /// Whether nothing is printed on stdout before the result.
    pub(crate) silent: bool,
    clock: Instant,
    tables: Vec<(String, DataFrame)>,
    changed: Vec<Change>,
    source: ProgramSource,
    pub(crate) outputs: Outputs,
}

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
        let about = serde_json::from_value(manifest.to_json());
        let about: About = about.context("a manifest begins with what it says of itself")?;
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
            journal: None,
            resume: None,
            predict: None,
            parts: None,
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

    /// The journal that the user wants the study to be kept in, as it was written; it may be a URL with a password. A story
    /// that does not take it ends with an error.
    pub fn take_journal(&mut self) -> Option<OsString> {
        self.journal.take()
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
    /// the cell. The second begins with `bar`; `logs` are the loss and what else was measured, with their names.
    #[track_caller]
    pub fn epoch(&mut self, epoch: u32, epochs: u32, steps: usize, bar: &str, logs: &[(String, f32)]) {
        let time = self.clock.elapsed();
        self.clock = Instant::now();
        if !self.quiet {
            eprintln!("Epoch {epoch}/{epochs}\n{}", number::epoch_line(steps, bar, logs, Some(time)));
        }
        let line = format!("Epoch {epoch}/{epochs}\n{}\n", number::epoch_line(steps, bar, logs, None));
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
