//! The pages over all reports, made from what the report folders list.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use figures::Line;
use manifest::{Broken, Rules};
use minijinja::{Value, context};
use notebook::{Comparison, Contents, Table, Verdict, column, read_csv, render, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const README: &str = include_str!("../templates/README.md");
const INDEX: &str = include_str!("../templates/index.html");

/// `experiments/index.yaml`: how the pages over all reports are made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Experiments in the order in which they are shown; others follow by name.
    #[serde(default)]
    order: Vec<String>,
    /// Figures that show several reports side by side.
    #[serde(default)]
    figures: Vec<SideBySide>,
}

/// A figure over several reports: bars of one value, or curves of one column of the table `history`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SideBySide {
    /// The file's stem.
    #[schemars(length(min = 1), regex(pattern = "^[a-z0-9_]+$"))]
    file: String,
    title: String,
    subtitle: String,
    /// The label of the axis.
    label: String,
    /// The value of `metrics.json` that the bars show, the largest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// The column of the table `history` that the curves show by epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<String>,
    experiments: Vec<String>,
}

impl Rules for Layout {
    fn rules(&self) -> Result<(), Broken> {
        let unclear = self.figures.iter().position(|figure| figure.value.is_some() == figure.history.is_some());
        unclear.map_or(Ok(()), |index| {
            Err(Broken::new(format!("figures.{index}"), "shows either a `value` or a column of the `history`"))
        })
    }
}

impl Layout {
    /// Reads the workspace's file; a workspace without one shows its experiments by name.
    ///
    /// # Errors
    /// If it is not of its form, or names an experiment that is none of `known`.
    pub fn load(root: &Path, known: &[String]) -> anyhow::Result<Self> {
        let path = root.join("experiments/index.yaml");
        if !path.exists() {
            return Ok(Self::default());
        }
        let layout = (*manifest::load::<Self>(&path, &[])?).clone();
        let named = layout.order.iter().chain(layout.figures.iter().flat_map(|figure| &figure.experiments));
        for name in named {
            if !known.contains(name) {
                bail!("{}: there is no experiment {name}", path.display());
            }
        }
        Ok(layout)
    }

    /// Where the experiment comes in the story; those that are not named come last.
    pub fn place(&self, name: &str) -> usize {
        self.order.iter().position(|known| known == name).unwrap_or(self.order.len())
    }
}

/// What one report folder says.
#[derive(Debug)]
pub struct Report {
    folder: PathBuf,
    contents: Contents,
}

impl Report {
    /// Reads the report of the experiment `name` in `folder`.
    ///
    /// # Errors
    /// If its list of contents is missing or not of its form.
    pub fn load(name: &str, folder: &Path) -> anyhow::Result<Self> {
        if notebook::is_half_replaced(folder) {
            bail!("{} is half replaced by a run that was killed; run {name} again", folder.display());
        }
        Ok(Self { folder: folder.to_owned(), contents: Contents::load(folder)? })
    }

    /// Reads the report of the experiment `name` that an earlier version of the project may have written; where it did, a line says
    /// so, and what is left of its list makes its rows. None if nothing of it can be read; a half replaced one is an error.
    pub fn load_kept(name: &str, folder: &Path) -> anyhow::Result<Option<Self>> {
        match Self::load(name, folder) {
            Err(_) if !notebook::is_half_replaced(folder) => {}
            loaded => return loaded.map(Some),
        }
        let contents = Contents::load_older(folder);
        let rows = if contents.is_some() { "some of it is" } else { "it is" };
        eprintln!("the report of {name} is of an older form: {rows} missing from the pages until `make report {name}`");
        let contents = contents.map(|contents| Contents { experiment: name.to_owned(), ..contents });
        Ok(contents.map(|contents| Self { folder: folder.to_owned(), contents }))
    }

    fn name(&self) -> &str {
        &self.contents.experiment
    }
}

/// All reports together.
#[derive(Debug)]
pub struct Index {
    layout: Layout,
    reports: Vec<Report>,
}

impl Index {
    /// An index over these reports, in the order of the layout.
    pub fn new(layout: Layout, mut reports: Vec<Report>) -> Self {
        reports.sort_by_key(|report| (layout.place(report.name()), report.name().to_owned()));
        Self { layout, reports }
    }

    /// A line for each published number that is claimed and not reproduced.
    pub fn not_reproduced(&self) -> Vec<String> {
        let differs = self.rows().filter(|(_, row)| row.verdict == Verdict::Differs);
        let line = |(name, row): (&str, &Comparison)| {
            let Comparison { quantity, published, reproduced, .. } = row;
            match reproduced.as_str() {
                "" => format!("{name}: {quantity}: published {published}, and the run has no such number"),
                _ => format!("{name}: {quantity}: published {published}, reproduced {reproduced}"),
            }
        };
        differs.map(line).collect()
    }

    /// Writes `README.md`, `index.html` and the figures over several experiments into `folder`.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut figures = Vec::new();
        for figure in &self.layout.figures {
            let file = format!("figures/{}.png", figure.file);
            let Some(png) = self.side_by_side(figure)? else { continue };
            std::fs::create_dir_all(folder.join("figures")).context("cannot create the folder figures")?;
            std::fs::write(folder.join(&file), &png).with_context(|| format!("cannot write {file}"))?;
            figures.push(context! { title => figure.title, file });
        }
        let page = |name: &str, template: &str| -> anyhow::Result<()> {
            let text = render(name, template, self.values(&figures))?;
            std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
        };
        page("README.md", README)?;
        page("index.html", INDEX)
    }

    /// The table published against reproduced as aligned text.
    pub fn table(&self) -> String {
        let columns = ["experiment", "quantity", "published", "reproduced", "verdict", "basis"];
        let cells = |(name, row): (&str, &Comparison)| {
            let Comparison { quantity, published, reproduced, verdict, basis, .. } = row;
            [name, quantity, published, reproduced, verdict.word(), basis.word()].map(str::to_owned).to_vec()
        };
        Table::of_rows("published", columns.map(|name| (name, false)), self.rows().map(cells).collect()).plain()
    }

    /// The published numbers beside the runs' own, each with its experiment.
    pub fn published(&self) -> Vec<serde_json::Value> {
        let row = |(experiment, row): (&str, &Comparison)| serde_json::json!({"experiment": experiment, "number": row});
        self.rows().map(row).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (&str, &Comparison)> {
        self.reports.iter().flat_map(|report| report.contents.published.iter().map(|row| (report.name(), row)))
    }

    /// The picture; none if no report has what it shows.
    fn side_by_side(&self, figure: &SideBySide) -> anyhow::Result<Option<Vec<u8>>> {
        let SideBySide { title, subtitle, label, value, history, experiments, .. } = figure;
        let reports = experiments.iter().filter_map(|name| self.reports.iter().find(|report| report.name() == name));
        if let Some(value) = value {
            let bar = |report: &'_ Report| report.contents.value(value)?.as_f64();
            let mut bars: Vec<(&str, f64)> = reports.filter_map(|report| Some((report.name(), bar(report)?))).collect();
            bars.sort_by(|(_, left), (_, right)| right.total_cmp(left));
            let png = (!bars.is_empty()).then(|| figures::comparison(title, subtitle, label, &bars));
            return Ok(png.transpose()?);
        }
        let mut curves = Vec::new();
        for report in reports {
            let table = read_csv(&report.folder.join("history.csv"))?;
            curves.push((
                report.name(),
                column(&table, "epoch")?,
                column(&table, history.as_deref().unwrap_or("loss"))?,
            ));
        }
        let curves: Vec<Line> = curves.iter().map(|(name, epoch, value)| Line::new(name, epoch, value)).collect();
        let png = (!curves.is_empty()).then(|| figures::curves_by_epoch(title, subtitle, label, &curves, ("", &[])));
        Ok(png.transpose()?)
    }

    fn values(&self, side_by_side: &[Value]) -> Value {
        let rows = self.rows().map(|(experiment, row)| context! { experiment, ..Value::from_serialize(row) });
        let reports = self.reports.iter().map(|Report { contents, .. }| {
            let safe = |markdown: &str| Value::from_safe_string(notebook::html_of_markdown(markdown));
            context! {
                name => contents.experiment, title => contents.full_title(), result => contents.result,
                question => safe(contents.question()), finding => safe(&contents.finding()),
                figure => contents.figures().next(),
            }
        });
        context! {
            style => Value::from_safe_string(notebook::STYLE.to_owned()),
            rows => rows.collect::<Vec<_>>(),
            words => words(self.rows().map(|(_, row)| row)),
            reports => reports.collect::<Vec<_>>(),
            figures => side_by_side,
        }
    }
}
