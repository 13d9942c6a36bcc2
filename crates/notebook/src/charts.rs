//! The figures that every training has, drawn from the tables that were written.

use anyhow::Context as _;
use figures::{Curve, Distribution, Point};
use manifest::{Loss, Restore, Scaling, SeedScan};

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

    /// The accuracies of all scanned seeds, from the table `seeds`: a histogram with the post's marked, over the lattice on
    /// which they lie where they do, and a paragraph on how often the post's text comes out.
    ///
    /// # Errors
    /// If the manifest has no scan, otherwise as [`Notebook::training_loss`].
    pub fn seed_scan(&mut self) -> anyhow::Result<()> {
        let accuracies = self.column("seeds", "accuracy")?;
        let SeedScan { first, last } = self.manifest().seed_scan.context("seed_scan: there is none")?;
        let published = self.published("accuracy").context("the post's accuracy is not among the published numbers")?;
        let published = published.to_owned();
        let marked: f64 = published.parse().with_context(|| format!("{published} is not a number"))?;
        let seeds = (first..=last).zip(&accuracies);
        let hits: Vec<i64> =
            seeds.filter(|(_, accuracy)| python_repr(**accuracy) == published).map(|(seed, _)| seed).collect();
        let found = match hits[..] {
            [seed] => format!("one of them, {seed}, prints `{published}`"),
            [seed, ..] => format!("{} of them print `{published}`, and seed {seed} is the smallest", hits.len()),
            [] => format!("none of them prints `{published}`"),
        };
        let mut text = format!("{} seeds were trained, {first} to {last}: {found}.", accuracies.len());
        let lattice = self.has_lattice(&accuracies);
        if lattice {
            text += " Predictions are restored in float32, so every error on the test data is a multiple of 2⁻¹⁷ below 128 and \
                     of 2⁻¹⁶ above. An accuracy is therefore 2⁻¹⁷·√(N/20) with a whole number N";
            let hit = format!(
                ", and few values of N are likely: the post's number, N = {}, can be hit to the last digit. The post's own \
                 run set no seed, so hitting it does not show that these are its initial weights.",
                figures::lattice_number(marked),
            );
            text += if hits.is_empty() { "." } else { &hit };
        }
        self.value("seeds_scanned", accuracies.len());
        self.value("seeds_with_published_accuracy", hits.len());
        self.paragraph(text);
        let title = self.manifest().experiment.clone();
        if lattice {
            let caption = "Accuracy of every scanned seed on its lattice, 2⁻¹⁷·√(N/20)";
            let figure = figures::accuracy_lattice(&title, caption, &accuracies, marked);
            return self.figure("accuracy_by_seed", caption, figure);
        }
        let caption = "Accuracy of every scanned seed";
        let groups = [Distribution { name: "scanned seeds", values: &accuracies }];
        let marked = Some(("printed in the post", marked));
        let label = "root mean square error on the test data";
        let figure = figures::distributions(&title, caption, &groups, marked, label);
        self.figure("accuracy_by_seed", caption, figure)
    }

    /// Whether accuracies of this manifest lie on the lattice of the post's: twenty test points, predictions that are
    /// restored in float32, and none of them so small that its steps are finer.
    pub fn has_lattice(&self, accuracies: &[f64]) -> bool {
        let manifest = self.manifest();
        let is_float32 = manifest.scaling == Scaling::None || manifest.restore == Restore::Float32;
        let mut finite = accuracies.iter().filter(|accuracy| accuracy.is_finite()).peekable();
        let on_it = finite.peek().is_some() && finite.all(|&accuracy| figures::is_on_lattice(accuracy));
        is_float32 && manifest.data.test.size == 20 && on_it
    }
}
