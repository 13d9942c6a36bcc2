//! The notebook of one run: what it computed, kept until all of it is written.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use manifest::{Document, Rules};
use polars::prelude::{
    AnyValue, CsvReadOptions, CsvWriter, DataFrame, DataType, IntoColumn, NamedFrom, SerReader, SerWriter, Series,
};
use serde_json::Value;

use crate::changes::{analysis, changes};
use crate::contents::{CONTENTS, Contents, Figure, Table};
use crate::published::{Comparison, Number, Published, Reproduced};
use crate::{
    About, Kind, PROVENANCE, RECORDS, Resume, Staging, digest, number, page, printed_loss, provenance, python_repr,
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
    recorded: Vec<PathBuf>,
    quiet: bool,
    clock: Instant,
    tables: Vec<(String, DataFrame)>,
    contents: Contents,
}

/// The name of a search's journal among the records of its experiment.
pub const JOURNAL: &str = "journal.log";

/// A table on its way into a file.
#[derive(Debug)]
pub struct TableWriter {
    name: String,
    file: BufWriter<File>,
    head: DataFrame,
    rows: usize,
}

impl TableWriter {
    /// Appends rows; all frames have the same columns.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(&mut self, mut rows: DataFrame) -> anyhow::Result<()> {
        let first = self.rows == 0;
        if first {
            self.head = rows.clone();
        }
        self.rows += rows.height();
        CsvWriter::new(&mut self.file)
            .include_header(first)
            .finish(&mut rows)
            .with_context(|| format!("cannot write {}.csv", self.name))
    }
}

impl Notebook {
    /// Starts the notebook of one run in the workspace `root`, to appear as the folder `out`. Where that is made to become part of a folder of
    /// reports, `within`, what must outlive a run lies there.
    ///
    /// # Errors
    /// [`crate::Busy`] if another run is writing `out`; [`crate::Refused`] if something else than a report of this
    /// experiment stands there; otherwise if the published numbers cannot be read or the folder cannot be prepared.
    pub fn begin<T: Rules>(
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
        let changes = changes(root, &about, manifest);
        let contents = Contents {
            experiment: about.experiment.clone(),
            title: about.title.clone(),
            analysis: analysis(&about, &changes),
            changed: changes.keys,
            ..Contents::default()
        };
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
            recorded: Vec::new(),
            quiet,
            clock: Instant::now(),
            tables: Vec::new(),
            contents,
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
        self.contents.changed.iter().any(|path| keys.iter().any(|key| below(path, key)))
    }

    /// The numbers that this experiment claims to reproduce, and what else its source published.
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// Keras' two lines for a finished epoch, on stderr unless the run is quiet; timed from the last one.
    pub fn epoch(&mut self, epoch: u32, epochs: u32, steps: usize, loss: f32) {
        let time = self.clock.elapsed();
        self.clock = Instant::now();
        if !self.quiet {
            eprintln!("Epoch {epoch}/{epochs}\n{}", number::epoch_line(steps, f64::from(loss), time));
        }
    }

    /// As [`progress_bar`], hidden if the run is quiet.
    pub fn progress_bar(&self, length: u64, work: &'static str) -> indicatif::ProgressBar {
        progress_bar(length, work, self.quiet)
    }

    /// Writes `<name>.csv`; floats read back to the same bits.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn table(&mut self, name: &str, mut frame: DataFrame) -> anyhow::Result<()> {
        write_csv(&self.staging.path().join(format!("{name}.csv")), &mut frame)?;
        self.contents.tables.push(Table::of(name, &frame));
        self.tables.push((name.to_owned(), frame));
        Ok(())
    }

    /// Starts `<name>.csv`, whose rows are written as they come and not kept.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn table_writer(&self, name: &str) -> anyhow::Result<TableWriter> {
        let path = self.staging.path().join(format!("{name}.csv"));
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(TableWriter { name: name.to_owned(), file: BufWriter::new(file), head: DataFrame::empty(), rows: 0 })
    }

    /// Ends a table that was written row by row; the report shows its first rows.
    ///
    /// # Errors
    /// If the last rows cannot be written.
    pub fn finish_table(&mut self, table: TableWriter) -> anyhow::Result<()> {
        let TableWriter { name, mut file, head, rows } = table;
        file.flush().with_context(|| format!("cannot write {name}.csv"))?;
        self.contents.tables.push(Table::of_head(&name, &head, rows));
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
    pub fn figure(&mut self, name: &str, caption: &str, png: Result<Vec<u8>, figures::Error>) -> anyhow::Result<()> {
        let png = match png {
            Err(figures::Error::NothingToDraw) => {
                self.paragraph(format!("There is no figure {name}: none of its values is finite."));
                return Ok(());
            }
            png => png.with_context(|| format!("cannot draw {name}"))?,
        };
        let file = format!("figures/{name}.png");
        let path = self.staging.path().join(&file);
        std::fs::write(&path, png).with_context(|| format!("cannot write {}", path.display()))?;
        self.contents.figures.push(Figure { file, caption: caption.to_owned() });
        Ok(())
    }

    /// Writes `records/<name>.png`, for a figure that differs from run to run: the report links it and does not show it,
    /// and no digest covers it.
    ///
    /// # Errors
    /// As [`Notebook::figure`].
    pub fn recorded_figure(
        &mut self,
        name: &str,
        caption: &str,
        png: Result<Vec<u8>, figures::Error>,
    ) -> anyhow::Result<()> {
        let png = png.with_context(|| format!("cannot draw {name}"))?;
        let file = format!("{RECORDS}/{name}.png");
        let path = self.staging.path().join(&file);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))
            .and_then(|()| std::fs::write(&path, png))
            .with_context(|| format!("cannot write {}", path.display()))?;
        self.contents.recorded_figures.push(Figure { file, caption: caption.to_owned() });
        Ok(())
    }

    /// Keeps a value for `metrics.json`; a float that is not finite becomes null.
    pub fn value(&mut self, name: &str, value: impl Into<Value>) {
        self.contents.values.insert(name.to_owned(), value.into());
    }

    /// Adds a paragraph to the report, written from what the run computed.
    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.contents.paragraphs.push(text.into());
    }

    /// Writes what is left (values, manifest, comparison, contents, page, digests) and puts the folder in place; `result` is
    /// what the run prints. Returns the metrics as JSON text.
    ///
    /// # Errors
    /// If something cannot be written; the previous report then stays.
    pub(crate) fn finish(mut self, result: &str) -> anyhow::Result<String> {
        result.trim_end().lines().last().unwrap_or_default().clone_into(&mut self.contents.result);
        self.contents.published = self.published.compare(&self.about.experiment, |number| self.reproduced(number));
        let folder = self.staging.path();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
        };
        let metrics = serde_json::to_string_pretty(&self.contents.values)? + "\n";
        write("metrics.json", &metrics)?;
        write("resolved.yaml", &self.resolved)?;
        if !self.contents.published.is_empty() {
            write_csv(&folder.join("published.csv"), &mut comparison_frame(&self.contents.published)?)?;
        }
        write(CONTENTS, &self.contents.to_json()?)?;
        write("report.md", &page::report(&self.contents, &self.resolved)?)?;
        digest::write_sha256sums(folder)?;
        write(PROVENANCE, &provenance::provenance(&self.root, &self.about.experiment, &self.resolved)?)?;
        self.staging.publish()?;
        for file in self.recorded {
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(metrics)
    }

    /// The run's own number, as the source of a published one prints it.
    fn reproduced(&self, number: &Number) -> Option<Reproduced> {
        let (table, row, print): (_, _, fn(f64) -> String) = match (number.epoch, &number.table, number.row) {
            (Some(epoch), ..) => ("history", self.row_of_epoch(epoch)?, printed_loss),
            (None, Some(table), Some(row)) => (table.as_str(), row as usize - 1, python_repr),
            _ => return self.contents.values.get(&number.quantity).and_then(Reproduced::of_value),
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

fn comparison_frame(comparisons: &[Comparison]) -> anyhow::Result<DataFrame> {
    let text = |name: &str, field: fn(&Comparison) -> &str| {
        Series::new(name.into(), comparisons.iter().map(field).collect::<Vec<_>>()).into_column()
    };
    Ok(DataFrame::new(
        comparisons.len(),
        vec![
            text("quantity", |row| &row.quantity),
            text("published", |row| &row.published),
            text("reproduced", |row| &row.reproduced),
            text("verdict", |row| row.verdict.word()),
            text("basis", |row| row.basis.word()),
            text("where", |row| &row.place),
        ],
    )?)
}

/// A numeric column as float64.
///
/// # Errors
/// If there is no such column, or it is not of numbers.
pub fn column(frame: &DataFrame, name: &str) -> anyhow::Result<Vec<f64>> {
    let column = frame.column(name)?.cast(&DataType::Float64)?;
    let values: Vec<f64> = column.f64()?.iter().flatten().collect();
    if values.len() != frame.height() {
        bail!("column {name} has missing values");
    }
    Ok(values)
}

/// Writes a table as CSV with a header line.
///
/// # Errors
/// If the file cannot be written.
pub fn write_csv(path: &Path, frame: &mut DataFrame) -> anyhow::Result<()> {
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    CsvWriter::new(&mut file).finish(frame).with_context(|| format!("cannot write {}", path.display()))
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

/// A table as CSV text with a header line.
///
/// # Errors
/// If the table cannot be written as CSV.
pub fn csv(frame: &mut DataFrame) -> anyhow::Result<String> {
    let mut text = Vec::new();
    CsvWriter::new(&mut text).finish(frame)?;
    Ok(String::from_utf8(text)?)
}

/// Reads a CSV that [`write_csv`] wrote, types inferred from all rows.
///
/// # Errors
/// If the file cannot be read or is not such a table.
pub fn read_csv(path: &Path) -> anyhow::Result<DataFrame> {
    read(path, None)
}

/// Reads a CSV whose cells are all texts: digits stay as they are written.
///
/// # Errors
/// As [`read_csv`].
pub fn read_csv_texts(path: &Path) -> anyhow::Result<DataFrame> {
    read(path, Some(0))
}

fn read(path: &Path, rows_to_infer_types_from: Option<usize>) -> anyhow::Result<DataFrame> {
    CsvReadOptions::default()
        .with_infer_schema_length(rows_to_infer_types_from)
        .try_into_reader_with_file_path(Some(PathBuf::from(path)))
        .and_then(SerReader::finish)
        .with_context(|| format!("cannot read {}", path.display()))
}
