//! The figures of two classes: their rows, and how well they are told apart.

use anyhow::Context as _;
use dataset::{Dataset, classification};
use figures::{Line, Point};
use notebook::Notebook;

/// The training rows of both classes by two features.
///
/// # Errors
/// If a feature is no number, or the figure cannot be drawn or written.
#[track_caller]
pub fn training_tumours(notebook: &mut Notebook, data: &Dataset, names: &[String]) -> anyhow::Result<()> {
    let column = |name: &String| data.train.values(name).with_context(|| format!("{name} is no number"));
    let shown = [column(&names[0])?, column(&names[1])?];
    let of_class = |class: f64| -> Vec<Point> {
        let points = shown[0].iter().zip(&shown[1]).zip(&data.train.labels);
        points.filter(|(_, label)| **label == class).map(|((x, y), _)| (*x, *y)).collect()
    };
    let points = [of_class(0.0), of_class(1.0)];
    let groups: Vec<(&str, &[Point])> = data.classes().iter().zip(&points).map(|(name, of)| (&**name, &**of)).collect();
    let caption = "The training tumours by two of their features";
    let figure = figures::groups(caption, &notebook.name(), [&names[0], &names[1]], &groups);
    notebook.figure("training_tumours", caption, figure)
}

/// The curves of logistic regression and network, whose outputs for the test rows these are.
///
/// # Errors
/// If the figure cannot be drawn or written.
#[track_caller]
pub fn roc_curves(notebook: &mut Notebook, data: &Dataset, outputs: [&Vec<f64>; 2]) -> anyhow::Result<()> {
    let (first, second) = (&data.classes()[0], &data.classes()[1]);
    let curve = |outputs: &Vec<f64>| classification::roc_curve(outputs, &data.test.labels).into_iter().unzip();
    let [of_regression, of_network]: [(Vec<f64>, Vec<f64>); 2] = outputs.map(curve);
    let lines = [("logistic regression", &of_regression), ("network", &of_network)];
    let lines = lines.map(|(name, (x, y))| Line::new(name, x, y));
    let axes = [format!("share of {first} that is taken for {second}"), format!("share of {second} that is found")];
    let caption = "ROC curves on the test rows";
    let figure = figures::curves_of_shares(caption, &notebook.name(), axes.each_ref().map(String::as_str), &lines);
    notebook.figure("roc", caption, figure)
}
