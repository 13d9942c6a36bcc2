//! The figures that every training has, drawn from the tables that were written.

use figures::{Curve, Point};

use crate::Notebook;

impl Notebook {
    /// Training loss by epoch, from the table `history`, with the published losses over it; `loss_name` says in words what the
    /// loss is, and of what.
    ///
    /// # Errors
    /// If there is no such table, or the figure cannot be drawn or written.
    pub fn training_loss(&mut self, loss_name: &str) -> anyhow::Result<()> {
        let (epoch, loss) = (self.column("history", "epoch")?, self.column("history", "loss")?);
        let epoch: Vec<u32> = epoch.iter().map(|&epoch| epoch as u32).collect();
        let points = if self.is_published() { self.published_losses() } else { Vec::new() };
        let points: Vec<Point> = points.into_iter().map(|(epoch, loss)| Point { x: epoch.into(), y: loss }).collect();
        let title = self.about().experiment.clone();
        let curve = Curve { name: &title, epoch: &epoch, value: &loss };
        let caption = format!("Training loss by epoch: {loss_name}");
        let marked = ("printed in the post", &points[..]);
        let figure = figures::curves_by_epoch(&title, &caption, "loss", &[curve], marked);
        self.figure("training_loss", &caption, figure)
    }

    /// Predictions against labels, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    pub fn predictions(&mut self) -> anyhow::Result<()> {
        let (label, predict) = (self.column("predictions", "label")?, self.column("predictions", "predict")?);
        let caption = "Predictions against labels on the test data";
        let gap = self.column("predictions", "gap")?;
        let mean_square = gap.iter().map(|gap| gap * gap).sum::<f64>() / gap.len() as f64;
        let facts = [
            ("points", gap.len() as f64),
            ("root mean square error", mean_square.sqrt()),
            ("largest |prediction − label|", gap.iter().copied().map(f64::abs).fold(0.0, f64::max)),
        ];
        let title = &self.about().experiment;
        let figure = figures::predictions(title, caption, "test point", &label, &predict, &facts);
        self.figure("predictions", caption, figure)
    }

    /// The gap between prediction and label at every test input, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    pub fn prediction_gap(&mut self) -> anyhow::Result<()> {
        let (x, gap) = (self.column("predictions", "x")?, self.column("predictions", "gap")?);
        let caption = "Prediction minus label at every test input";
        let labels = ["x", "gap (prediction − label)"];
        let figure = figures::stems(&self.about().experiment, caption, labels, &x, &gap);
        self.figure("prediction_gap", caption, figure)
    }
}
