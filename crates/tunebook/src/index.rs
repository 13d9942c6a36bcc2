//! The pages over all reports, made from what lies in the report folders.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use figures::Curve;
use minijinja::{Value, context};
use notebook::{column, python_repr, read_csv, read_csv_texts, render};
use polars::prelude::DataFrame;

const README: &str = include_str!("../templates/README.md");
const INDEX: &str = include_str!("../templates/index.html");

/// Figures of a report that the index shows; the report has the others.
const FIGURES: usize = 4;

/// What one report folder says.
#[derive(Debug)]
pub struct Report {
    name: String,
    folder: PathBuf,
    title: String,
    analysis: String,
    outcome: String,
    training: Option<OneTraining>,
    rows: Vec<Row>,
}

/// What a report of one training of the post's network has: those whose error is called accuracy.
#[derive(Debug)]
struct OneTraining {
    accuracy: f64,
    epoch: Vec<u32>,
    loss: Vec<f64>,
}

/// One row of the table published against reproduced.
#[derive(Debug, Clone)]
struct Row {
    quantity: String,
    published: String,
    reproduced: String,
    verdict: String,
    rung: String,
}

impl Report {
    /// Reads the report of the experiment `name` in `folder`.
    ///
    /// # Errors
    /// If a file of the report is missing or not of its form.
    pub fn load(name: &str, folder: &Path) -> anyhow::Result<Self> {
        if notebook::is_half_replaced(folder) {
            bail!("{} is half replaced by a run that was killed; run {name} again", folder.display());
        }
        let path = folder.join("resolved.yaml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let about: notebook::About =
            serde_yaml::from_str(&text).with_context(|| format!("{}: not a manifest", path.display()))?;
        let path = folder.join("metrics.json");
        let metrics = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let metrics: serde_json::Value = serde_json::from_str(&metrics).context("metrics.json is not JSON")?;
        let history = folder.join("history.csv");
        let training = if history.exists() && metrics.get("accuracy").is_some() {
            let history = read_csv(&history)?;
            Some(OneTraining {
                accuracy: metrics["accuracy"].as_f64().unwrap_or(f64::NAN),
                epoch: column(&history, "epoch")?.iter().map(|&epoch| epoch as u32).collect(),
                loss: column(&history, "loss")?,
            })
        } else {
            None
        };
        let published = folder.join("published.csv");
        Ok(Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            title: about.title,
            analysis: about.analysis.trim().to_owned(),
            outcome: metrics["outcome"].as_str().unwrap_or("a study").to_owned(),
            training,
            rows: if published.exists() { rows(&read_csv_texts(&published)?)? } else { Vec::new() },
        })
    }
}

fn rows(frame: &DataFrame) -> anyhow::Result<Vec<Row>> {
    let cell = |name: &str, row: usize| -> anyhow::Result<String> {
        Ok(frame.column(name)?.str()?.get(row).unwrap_or_default().to_owned())
    };
    (0..frame.height())
        .map(|row| {
            Ok(Row {
                quantity: cell("quantity", row)?,
                published: cell("published", row)?,
                reproduced: cell("reproduced", row)?,
                verdict: cell("verdict", row)?,
                rung: cell("rung", row)?,
            })
        })
        .collect()
}

/// All reports together.
#[derive(Debug)]
pub struct Index {
    reports: Vec<Report>,
}

impl Index {
    /// An index over these reports.
    pub fn new(reports: Vec<Report>) -> Self {
        Self { reports }
    }

    /// Whether no published number that is claimed to be reproduced differs.
    pub fn all_reproduced(&self) -> bool {
        self.rows().all(|(_, row)| row.verdict != "differs")
    }

    /// Writes `README.md`, `index.html` and the figures over all experiments into `folder`.
    ///
    /// # Errors
    /// If a figure cannot be drawn or a file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let figures = folder.join("figures");
        std::fs::create_dir_all(&figures).context("cannot create the folder figures")?;
        std::fs::write(figures.join("loss_comparison.png"), self.loss_comparison()?)?;
        std::fs::write(figures.join("error_comparison.png"), self.error_comparison()?)?;
        let page = |name: &str, template: &str| -> anyhow::Result<()> {
            let text = render(name, template, self.values(folder)?)?;
            std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
        };
        page("README.md", README)?;
        page("index.html", INDEX)
    }

    /// The table published against reproduced as aligned text.
    pub fn table(&self) -> String {
        let header = ["experiment", "quantity", "published", "reproduced", "verdict", "rung"].map(str::to_owned);
        let rows: Vec<[String; 6]> = std::iter::once(header)
            .chain(self.rows().map(|(name, row)| {
                let Row { quantity, published, reproduced, verdict, rung } = row.clone();
                [name.to_owned(), quantity, published, reproduced, verdict, rung]
            }))
            .collect();
        let width = |cell: usize| rows.iter().map(|row| row[cell].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        let mut table = String::new();
        for row in &rows {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            let _ = writeln!(table, "{}", cells.join("  ").trim_end());
        }
        table
    }

    fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.reports.iter().flat_map(|report| report.rows.iter().map(|row| (report.name.as_str(), row)))
    }

    fn trainings(&self) -> impl Iterator<Item = (&str, &OneTraining)> {
        self.reports.iter().filter_map(|report| Some((report.name.as_str(), report.training.as_ref()?)))
    }

    fn loss_comparison(&self) -> anyhow::Result<Vec<u8>> {
        let curves: Vec<Curve> = self
            .trainings()
            .map(|(name, training)| Curve { name, epoch: &training.epoch, value: &training.loss })
            .collect();
        let subtitle = "Each on its own labels, scaled or not as its manifest says";
        Ok(figures::curves_by_epoch("Training loss of the experiments", subtitle, "loss", &curves, ("", &[]))?)
    }

    /// The largest error first, so that the improvement reads from top to bottom.
    fn error_comparison(&self) -> anyhow::Result<Vec<u8>> {
        let mut errors: Vec<(&str, f64)> = self.trainings().map(|(name, training)| (name, training.accuracy)).collect();
        errors.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        let subtitle = "Root mean square error on the test data, which the post calls accuracy";
        Ok(figures::comparison("Accuracy of the experiments", subtitle, "root mean square error", &errors)?)
    }

    fn values(&self, folder: &Path) -> anyhow::Result<Value> {
        let rows = self.rows().map(|(name, row)| {
            context! {
                experiment => name, quantity => row.quantity, published => row.published,
                reproduced => row.reproduced, verdict => row.verdict, rung => row.rung,
            }
        });
        let mut reports = Vec::new();
        for report in &self.reports {
            let all = listed_figures(&report.folder)?;
            let mut figures = Vec::new();
            for (caption, file) in all.iter().take(FIGURES) {
                figures.push(context! { name => caption, uri => data_uri(&report.folder.join(file))? });
            }
            reports.push(context! {
                name => report.name, title => report.title, analysis => report.analysis,
                outcome => report.outcome,
                accuracy => report.training.as_ref().map(|training| python_repr(training.accuracy)),
                figures => figures, more_figures => all.len().saturating_sub(FIGURES),
            });
        }
        let comparison = |name: &str| data_uri(&folder.join("figures").join(name));
        Ok(context! {
            rows => rows.collect::<Vec<_>>(),
            reports => reports,
            error_comparison => comparison("error_comparison.png")?,
            loss_comparison => comparison("loss_comparison.png")?,
        })
    }
}

/// The figures of a report in its own order: captions and files below `folder`.
fn listed_figures(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let path = folder.join("report.md");
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let figure = |line: &str| {
        let (caption, file) = line.strip_prefix("![")?.strip_suffix(')')?.rsplit_once("](")?;
        Some((caption.to_owned(), file.to_owned()))
    };
    Ok(page.lines().filter_map(figure).collect())
}

fn data_uri(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes)))
}
