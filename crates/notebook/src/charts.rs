//! The figures that every training has, drawn from the tables that were written.

use anyhow::Context as _;
use figures::{Curve, Point};
use manifest::{Loss, Scaling};

use crate::{Notebook, python_repr};

impl Notebook {
    /// Training loss by epoch, from the table `history`, with the losses that the post prints over it.
    ///
    /// # Errors
    /// If there is no such table, or the figure cannot be drawn or written.
    pub fn training_loss(&mut self) -> anyhow::Result<()> {
        let (epoch, loss) = (self.column("history", "epoch")?, self.column("history", "loss")?);
        let epoch: Vec<u32> = epoch.iter().map(|&epoch| epoch as u32).collect();
        let points = if self.is_published() { self.published_losses() } else { Vec::new() };
        let points = points.into_iter().map(|(epoch, loss)| Point { x: epoch.into(), y: loss });
        let title = self.manifest().experiment.clone();
        let curve = Curve { name: &title, epoch: &epoch, loss: &loss };
        let loss_name = match self.manifest().training.loss {
            Loss::Mse => "mean squared error",
            Loss::Mae => "mean absolute error",
            Loss::Huber => "Huber loss",
        };
        let scaled = match self.manifest().scaling {
            Scaling::Standard => "standardised ",
            Scaling::None => "",
        };
        let caption = format!("Training loss by epoch: {loss_name} of the {scaled}labels");
        let figure = figures::training_loss(&title, &caption, &[curve], &points.collect::<Vec<_>>());
        self.figure("training_loss", &caption, figure)
    }

    /// Predictions against labels, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    pub fn predictions(&mut self) -> anyhow::Result<()> {
        let (label, predict) = (self.column("predictions", "label")?, self.column("predictions", "predict")?);
        let caption = "Predictions against labels on the test data";
        let figure = figures::predictions(&self.manifest().experiment, caption, &label, &predict);
        self.figure("predictions", caption, figure)
    }

    /// The gap between prediction and label at every test input, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    pub fn prediction_gap(&mut self) -> anyhow::Result<()> {
        let (x, gap) = (self.column("predictions", "x")?, self.column("predictions", "gap")?);
        let caption = "Prediction minus label at every test input";
        let figure = figures::prediction_gap(&self.manifest().experiment, caption, &x, &gap);
        self.figure("prediction_gap", caption, figure)
    }

    /// The accuracies of all scanned seeds, from the table `seeds`: a histogram over the lattice on which they
    /// lie, with the post's marked, and a paragraph on how often the post's text comes out.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    pub fn seed_scan(&mut self) -> anyhow::Result<()> {
        let (seeds, accuracies) = (self.column("seeds", "seed")?, self.column("seeds", "accuracy")?);
        let published = self.published("accuracy").context("the post's accuracy is not among the published numbers")?;
        let published = published.to_owned();
        let marked: f64 = published.parse().with_context(|| format!("{published} is not a number"))?;
        let hits: Vec<f64> = seeds
            .iter()
            .zip(&accuracies)
            .filter(|&(_, &accuracy)| python_repr(accuracy) == published)
            .map(|(&seed, _)| seed)
            .collect();
        let (first, last) = (seeds.first().copied().unwrap_or_default(), seeds.last().copied().unwrap_or_default());
        let found = match hits.first() {
            Some(seed) => format!("{} of them print `{published}`, and seed {seed} is the smallest", hits.len()),
            None => format!("none of them prints `{published}`"),
        };
        let text = format!(
            "{} seeds were trained, {first} to {last}: {found}. Predictions are restored in float32, so every error on \
             the test data is a multiple of 2⁻¹⁷ below 128 and of 2⁻¹⁶ above. An accuracy is therefore \
             2⁻¹⁷·√(N/20) with a whole number N, and few values of N are likely: the post's number, N = {}, can be \
             hit to the last digit. The post's own run set no seed, so hitting it does not show that these are its \
             initial weights.",
            seeds.len(),
            figures::lattice_number(marked),
        );
        self.value("seeds_scanned", seeds.len());
        self.value("seeds_with_published_accuracy", hits.len());
        self.paragraph(text);
        let caption = "Accuracy of every scanned seed on its lattice, 2⁻¹⁷·√(N/20)";
        let figure = figures::accuracy_lattice(&self.manifest().experiment, caption, &accuracies, marked);
        self.figure("accuracy_by_seed", caption, figure)
    }
}
