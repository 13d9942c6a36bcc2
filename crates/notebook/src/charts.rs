//! The figures that every training has, drawn from the tables that were written.

use figures::{Line, Point};

use crate::Notebook;

impl Notebook {
    /// Training loss by epoch, from the table `history`, with the published losses over it; `loss_name` says in words what the
    /// loss is, and of what.
    ///
    /// # Errors
    /// If there is no such table, or the figure cannot be drawn or written.
    #[track_caller]
    pub fn training_loss(&mut self, loss_name: &str) -> anyhow::Result<()> {
        let (epoch, loss) = (self.column("history", "epoch")?, self.column("history", "loss")?);
        let (published, experiment) = (self.published(), &self.about().experiment);
        let is_claimed = published.numbers.iter().any(|number| number.claims.contains_key(experiment));
        let points = if is_claimed { published.by_epoch("loss") } else { Vec::new() };
        let points: Vec<Point> = points.into_iter().map(|(epoch, loss)| (epoch.into(), loss)).collect();
        let title = self.name();
        let validation = self.column("history", "val_loss").ok();
        let mut curves = vec![Line::new(if validation.is_some() { "training rows" } else { &title }, &epoch, &loss)];
        curves.extend(validation.as_ref().map(|loss| Line::new("validation rows", &epoch, loss)));
        let caption = format!("Training loss by epoch: {loss_name}");
        let marked = ("published", &points[..]);
        let subtitle = format!("{title}: {loss_name}");
        let figure = figures::curves_by_epoch("Training loss by epoch", &subtitle, "loss", &curves, marked);
        self.figure("training_loss", &caption, figure)
    }

    /// Predictions against labels, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    #[track_caller]
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
        let pairs: Vec<Point> = label.into_iter().zip(predict).collect();
        let title = &self.name();
        let figure = figures::predictions(caption, title, "test point", &pairs, &facts);
        self.figure("predictions", caption, figure)
    }

    /// The gap between prediction and label at every test input, from the table `predictions`.
    ///
    /// # Errors
    /// As [`Notebook::training_loss`].
    #[track_caller]
    pub fn prediction_gap(&mut self) -> anyhow::Result<()> {
        let (x, gap) = (self.column("predictions", "x")?, self.column("predictions", "gap")?);
        let caption = "Prediction minus label at every test input";
        let labels = ["x", "gap (prediction − label)"];
        let points: Vec<Point> = x.into_iter().zip(gap).collect();
        let figure = figures::stems(caption, &self.name(), labels, &points);
        self.figure("prediction_gap", caption, figure)
    }
}
