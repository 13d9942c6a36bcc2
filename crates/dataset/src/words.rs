//! Data and errors in words, for reports.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::{Dataset, Rows, baseline, classification, root_mean_square_error};

/// Features that are named one by one.
const NAMED: usize = 12;

impl Dataset {
    /// How many rows there are, what is to be predicted from what, and in which ranges, in Markdown.
    pub fn describe(&self) -> String {
        let Self { train, validation, test, features, label, .. } = self;
        let rows = |rows: &Rows| {
            if rows.labels.len() == 1 { "1 row".to_owned() } else { format!("{} rows", rows.labels.len()) }
        };
        let mut text = format!("{} to train on", rows(train));
        if let Some(validation) = validation {
            let _ = write!(text, ", {} to validate on", rows(validation));
        }
        let _ = write!(text, " and {} to test on. `{label}` is to be predicted", rows(test));
        let names: Vec<String> = features.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        let more = features.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = write!(text, " from {}{more}.", names.join(", "));
        if !self.classes().is_empty() {
            let counts = self.classes().iter().zip(self.class_counts(train)).zip(self.class_counts(test));
            let counts: Vec<String> =
                counts.map(|((name, train), test)| format!("{} ({train} and {test})", in_code(name))).collect();
            let (last, others) = counts.split_last().expect("there are two classes");
            let _ = write!(
                text,
                " It is one of {} classes, of which there are so many training and test rows: {} and {last}.",
                counts.len(),
                others.join(", "),
            );
        }
        let label = self.classes().is_empty().then_some(label);
        for name in features.iter().take(1).filter(|_| features.len() == 1).chain(label) {
            if let [Some(train), Some(test)] = [train, test].map(|rows| range(&rows.values(name)?)) {
                let _ = write!(text, " `{name}` lies {train} in the training rows and {test} in the test rows.");
            }
        }
        text
    }

    /// The root mean square error of these predictions of the test rows, in the label's unit, beside those of what needs no
    /// training: a linear regression on the same inputs and the mean of the training labels. Holds whatever comes out.
    pub fn describe_error(&self, predictions: &[f64]) -> String {
        let error = |predictions: &[f64]| root_mean_square_error(predictions, &self.test.labels);
        let (network, linear, mean) =
            (error(predictions), error(&baseline::linear(self)), error(&baseline::mean(self)));
        let rows = self.test.labels.len();
        if !network.is_finite() {
            return format!("The network's predictions of the {rows} test rows are not finite: it has learnt nothing.");
        }
        let better = match [network < linear, network < mean] {
            [true, true] => "The network is better than both",
            [true, false] => "The network is better than the regression and not better than the mean",
            [false, true] => "The network is better than the mean and not better than the regression",
            [false, false] => "The network is better than neither",
        };
        format!(
            "On the {rows} test rows the root mean square error of the network is {}. A linear regression on the same inputs has \
             {}, and the mean of the training labels, predicted for every row, {}. {better}.",
            shown(network),
            shown(linear),
            shown(mean),
        )
    }
    /// The share of the test rows whose class a network of these outputs tells, in [0, 1], beside those of a logistic regression
    /// on the same inputs and of the most frequent class. Holds whatever comes out.
    pub fn describe_accuracy(&self, outputs: &[f64]) -> String {
        let labels = &self.test.labels;
        let accuracy =
            |outputs: &[f64]| classification::accuracy(&classification::chosen(outputs, labels.len()), labels);
        if !outputs.iter().all(|output| output.is_finite()) {
            return "The network's outputs are not finite: it has learnt nothing.".to_owned();
        }
        let (network, logistic) = (accuracy(outputs), accuracy(&baseline::logistic(self)));
        let majority = classification::accuracy(&baseline::majority(self), labels);
        let against = |other: f64| match network.total_cmp(&other) {
            Ordering::Less => "worse than",
            Ordering::Equal => "as good as",
            Ordering::Greater => "better than",
        };
        format!(
            "The network tells the class of a share of {} of the {} test rows. A logistic regression on the same inputs tells \
             {}, and the most frequent class of the training rows is right for {}. The network is {} the regression and {} the \
             most frequent class.",
            shown(network),
            labels.len(),
            shown(logistic),
            shown(majority),
            against(logistic),
            against(majority),
        )
    }
}

/// A name as code of Markdown.
fn in_code(name: &str) -> String {
    format!("`{}`", name.replace(|letter: char| letter.is_control() || letter == '`', " "))
}

fn range(values: &[f64]) -> Option<String> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (least, most) = (finite().reduce(f64::min)?, finite().reduce(f64::max)?);
    Some(if least == most { format!("at {least}") } else { format!("from {least} to {most}") })
}

/// Four digits.
fn shown(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        1e-3..1e6 => format!("{value:.4}"),
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Dataset, Drawn, Restore, Scaling};

    fn data() -> Dataset {
        let drawn: Drawn = serde_json::from_str(
            r#"{"seed": 1, "train": {"low": 0, "high": 9, "size": 30}, "test": {"low": 20, "high": 30, "size": 4}, "label": {"add": 1}}"#,
        )
        .unwrap();
        drawn.dataset(Scaling::None, Restore::Float64).unwrap()
    }

    #[test]
    fn data_are_described_by_their_rows_and_ranges() {
        let said = data().describe();
        assert!(
            said.starts_with("30 rows to train on and 4 rows to test on. `label` is to be predicted from `x`."),
            "{said}"
        );
        assert!(said.contains("`x` lies from 0 to 8 in the training rows"), "{said}");
    }

    /// Whatever comes out, the sentence is true: the regression is exact here, and the mean far away.
    #[test]
    fn an_error_is_set_beside_what_needs_no_training() {
        let data = data();
        let off = |by: f64| data.test.labels.iter().map(|label| label + by).collect::<Vec<f64>>();
        let ends = [
            (off(1.0), "The network is better than the mean and not better than the regression."),
            (off(100.0), "The network is better than neither."),
            (vec![f64::NAN; 4], "are not finite: it has learnt nothing."),
        ];
        for (predictions, end) in ends {
            let said = data.describe_error(&predictions);
            assert!(said.ends_with(end), "{said}");
        }
        assert!(
            data.describe_error(&off(1.0)).contains("of the network is 1.0000."),
            "{}",
            data.describe_error(&off(1.0))
        );
    }
}
