//! Whether a network is better than a regression, or other test rows could turn that round.

/// By how much a network's squared error of a row is smaller than a regression's, in the square of the label's unit.
pub struct Saved {
    mean: f64,
    /// Of the mean: the deviation of independent rows by the root of their number.
    standard_error: f64,
}

impl Saved {
    /// Of predictions of rows with these labels, by a regression and by a network from several seeds, whose squared errors are
    /// averaged.
    pub fn of(regression: &[f64], network: &[Vec<f64>], labels: &[f64]) -> Self {
        let saved = |row: usize| {
            let square = |predict: &[f64]| (predict[row] - labels[row]).powi(2);
            square(regression) - network.iter().map(|predict| square(predict)).sum::<f64>() / network.len() as f64
        };
        let saved: Vec<f64> = (0..labels.len()).map(saved).collect();
        let rows = labels.len() as f64;
        let mean = saved.iter().sum::<f64>() / rows;
        let variance = saved.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / (rows - 1.0);
        Self { mean, standard_error: (variance / rows).sqrt() }
    }

    /// What may be concluded; holds whatever comes out.
    pub fn in_words(&self) -> String {
        let Self { mean, standard_error } = self;
        let may = match mean / standard_error {
            ratio if ratio > 2.0 => "more than two standard errors: on rows like these the network is better",
            ratio if ratio < -2.0 => "more than two standard errors: on rows like these the network is worse",
            _ => "no more than two standard errors: these data do not tell which of the two is better",
        };
        format!(
            "In the mean of the rows it saves {mean:.2} of the regression's squared error, with a standard error of \
             {standard_error:.2}, and that is {may}."
        )
    }
}
