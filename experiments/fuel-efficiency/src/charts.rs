//! The training cars in a figure.

use anyhow::Context as _;
use dataset::Dataset;
use figures::Point;
use notebook::Notebook;
use polars::prelude::DataType;

/// The label of the training rows by a feature, a colour a category; `shown` names both.
///
/// # Errors
/// If there are no such columns, or the figure cannot be drawn or written.
#[track_caller]
pub fn training_cars(notebook: &mut Notebook, data: &Dataset, shown: &[String]) -> anyhow::Result<()> {
    let feature = data.train.values(&shown[0]).with_context(|| format!("{} is no number", shown[0]))?;
    let categories = data.train.frame().column(&shown[1])?.cast(&DataType::String)?;
    let rows: Vec<(Option<&str>, Point)> =
        categories.str()?.iter().zip(feature.into_iter().zip(data.train.labels.iter().copied())).collect();
    let mut names: Vec<&str> = rows.iter().filter_map(|row| row.0).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| -> Vec<Point> { rows.iter().filter(|row| row.0 == Some(name)).map(|row| row.1).collect() };
    let points: Vec<Vec<Point>> = names.iter().map(|name| of(name)).collect();
    let groups: Vec<(&str, &[Point])> = names.into_iter().zip(points.iter().map(Vec::as_slice)).collect();
    let caption = format!("The training cars by {} and {}", shown[0], shown[1]);
    let figure = figures::groups(&caption, &notebook.name(), [&shown[0], &data.label], &groups);
    notebook.figure("training_cars", &caption, figure)
}
