//! `tunebook diff`: how two reports differ, as text, as JSON, or as a page with their pictures side by side.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figures::Line;
use minijinja::{Value, context};
use notebook::{CONTENTS, Change, Contents, PROVENANCE, RECORDS, column, differences, read_csv, render};
use serde::Serialize;

use crate::answer::Answer;
use crate::compare::{Compared, pixels};
use crate::export::{folder, uri};

const PAGE: &str = include_str!("../templates/diff.html");

/// Which reports are compared, and how that is shown.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// An experiment with a committed report, or the folder of a report
    a: String,
    /// The other one [default: the first is compared with the committed report of its experiment]
    b: Option<String>,
    /// Write a page with curves together and every changed figure as old, new and difference
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// How two reports differ.
#[derive(Debug, Serialize)]
struct Differs {
    /// The folders.
    reports: [PathBuf; 2],
    /// Keys of the manifest.
    keys: Vec<Change>,
    /// Values of `metrics.json`.
    values: Vec<Change>,
    /// Places in tables, and figures.
    files: Vec<String>,
}

/// Files that are made of the others.
const MADE: [&str; 9] = [
    CONTENTS,
    PROVENANCE,
    RECORDS,
    "SHA256SUMS",
    "index.html",
    "metrics.json",
    "notebook.ipynb",
    "report.md",
    "resolved.yaml",
];

/// How the reports differ; good if they do not.
pub fn diff(root: &Path, diff: &Diff) -> anyhow::Result<Answer> {
    let first = folder(root, &diff.a)?;
    let reports = match &diff.b {
        Some(other) => [first, folder(root, other)?],
        None => [folder(root, &Contents::load(&first)?.experiment)?, first],
    };
    let mut compared = Compared::without(&MADE);
    compared.add(&reports[0], &reports[1], Path::new(""))?;
    let differs = Differs {
        keys: changes(&reports, "resolved.yaml")?,
        values: changes(&reports, "metrics.json")?,
        files: compared.differences,
        reports,
    };
    if let Some(path) = &diff.html {
        std::fs::write(path, page(&differs)?).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("wrote {}", path.display());
    }
    let good = differs.keys.is_empty() && differs.values.is_empty() && differs.files.is_empty();
    Ok(Answer { text: differs.to_text(), json: serde_json::to_value(&differs)?, good })
}

/// The keys of a file, as YAML or JSON, that differ.
fn changes(reports: &[PathBuf; 2], file: &str) -> anyhow::Result<Vec<Change>> {
    let read = |report: &PathBuf| -> anyhow::Result<serde_json::Value> {
        let path = report.join(file);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_yaml::from_slice(&text).with_context(|| format!("{}: not of its form", path.display()))
    };
    Ok(differences(&read(&reports[0])?, &read(&reports[1])?))
}

impl Differs {
    fn to_text(&self) -> String {
        let change = |change: &Change| {
            let side = |text: &str| if text.is_empty() { "left out".to_owned() } else { text.to_owned() };
            format!("{}: {} → {}", change.key, side(&change.was), side(&change.is))
        };
        let sections = [
            ("manifest", self.keys.iter().map(change).collect::<Vec<_>>()),
            ("values", self.values.iter().map(change).collect()),
            ("tables and figures", self.files.clone()),
        ];
        let mut text = format!("{} → {}\n", self.reports[0].display(), self.reports[1].display());
        for (title, lines) in sections.iter().filter(|(_, lines)| !lines.is_empty()) {
            let lines: Vec<String> = lines.iter().map(|line| format!("  {line}\n")).collect();
            text = [&text, *title, "\n", &lines.concat()].concat();
        }
        if self.keys.is_empty() && self.values.is_empty() && self.files.is_empty() {
            text += "the same manifest, values, tables and figures\n";
        }
        text
    }
}

fn page(differs: &Differs) -> anyhow::Result<String> {
    let reports = &differs.reports;
    let names = reports.each_ref().map(|report| report.display().to_string());
    let mut curves = Vec::new();
    let tables = reports.each_ref().map(|report| read_csv(&report.join("history.csv")));
    if let [Ok(first), Ok(second)] = &tables {
        let shared = first.get_column_names().into_iter().filter(|name| second.column(name).is_ok());
        for name in shared.filter(|name| *name != "epoch") {
            let of = |frame| -> anyhow::Result<_> { Ok((column(frame, "epoch")?, column(frame, name)?)) };
            let [(x, y), (other_x, other_y)] = [of(first)?, of(second)?];
            let lines = [Line::new("old", &x, &y), Line::new("new", &other_x, &other_y)];
            let title = format!("{name} by epoch");
            curves.extend(
                figures::curves_by_epoch(&title, "old and new", name, &lines, ("", &[])).ok().map(|png| uri(&png)),
            );
        }
    }
    let mut names_of_figures = BTreeSet::new();
    for report in reports {
        let contents = Contents::load(report)?;
        names_of_figures.extend(contents.figures().map(|figure| figure.file.clone()));
    }
    let mut pictures = Vec::new();
    for file in names_of_figures {
        let pngs = reports.each_ref().map(|report| std::fs::read(report.join(&file)).ok());
        if pngs[0] == pngs[1] {
            continue;
        }
        let paths = reports.each_ref().map(|report| report.join(&file));
        let difference = if pngs.iter().all(Option::is_some) { difference(&paths)? } else { None };
        let [old, new] = pngs.map(|png| png.map(|png| uri(&png)));
        pictures.push(context! { file, old, new, difference => difference.map(|png| uri(&png)) });
    }
    let values = context! {
        style => Value::from_safe_string(notebook::STYLE.to_owned()),
        names, curves, pictures, keys => differs.keys, values => differs.values, files => differs.files,
    };
    render("diff.html", PAGE, values)
}

/// A picture that is white where two are the same and darker the more they differ; none of two sizes.
fn difference(paths: &[PathBuf; 2]) -> anyhow::Result<Option<Vec<u8>>> {
    let open = |path: &PathBuf| pixels(path).with_context(|| format!("cannot read {}", path.display()));
    let ((size, old), (other, new)) = (open(&paths[0])?, open(&paths[1])?);
    if size != other {
        return Ok(None);
    }
    let ink = |(old, new): (&[u8], &[u8])| {
        let most = old.iter().zip(new).map(|(old, new)| old.abs_diff(*new)).max().unwrap_or(0);
        // The smallest difference is to be seen too.
        if most == 0 { 255 } else { 190 - most / 2 - most / 4 }
    };
    let grey: Vec<u8> = old.chunks_exact(4).zip(new.chunks_exact(4)).map(ink).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&grey)?;
    Ok(Some(file))
}
