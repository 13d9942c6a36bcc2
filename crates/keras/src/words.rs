//! Networks and trainings in words, for reports.

use serde::Serialize;
use serde_json::Value;

use crate::model::{Dense, Dropout};
use crate::{Layer, Model, Training};

impl Model {
    /// The layers with the shape of their outputs and their number of parameters, as a text in columns: Keras'
    /// `model.summary()`.
    pub fn summary(&self, features: usize) -> String {
        let line = |cells: [&str; 3]| format!("{:20}{:20}{:>10}\n", cells[0], cells[1], cells[2]);
        let mut text = line(["Layer", "Output shape", "Parameters"]);
        let (mut width, mut all) = (features, 0);
        for layer in &self.layers {
            let Dense { units, activation, .. } = match layer {
                Layer::Dense(dense) => dense,
                Layer::Dropout(Dropout { rate }) => {
                    text += &line([&format!("dropout, {rate}"), &format!("[rows, {width}]"), "0"]);
                    continue;
                }
            };
            let units = *units as usize;
            let parameters = (width + 1) * units;
            text +=
                &line([&format!("dense, {}", name(activation)), &format!("[rows, {units}]"), &parameters.to_string()]);
            (width, all) = (units, all + parameters);
        }
        text + &line(["In all", "", &all.to_string()])
    }
}

impl Training {
    /// Who trains, what is minimised and by what, how often and from which seed, in Markdown.
    pub fn describe(&self) -> String {
        let optimizer = named(&self.optimizer);
        let engine = name(&self.engine);
        let order = if self.shuffle { "shuffled in every epoch" } else { "in their own order" };
        let epochs = if self.epochs == 1 { "1 epoch".to_owned() } else { format!("{} epochs", self.epochs) };
        let callbacks: Vec<String> = self.callbacks.iter().map(named).collect();
        let callbacks =
            if callbacks.is_empty() { String::new() } else { format!(" Callbacks: {}.", callbacks.join("; ")) };
        format!(
            "Engine `{engine}` minimises the {} by {optimizer}: {epochs} in batches of {} rows, {order}, from seed {}.",
            self.loss.words(),
            self.batch_size,
            self.seed,
        ) + &callbacks
    }
}

/// The name that a manifest has for it.
pub(crate) fn name(of: &impl Serialize) -> String {
    serde_json::to_value(of).ok().as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What has a name in a manifest, with its settings, a learning rate first.
fn named(of: &impl Serialize) -> String {
    let value = serde_json::to_value(of).unwrap_or_default();
    let settings = value.as_object().into_iter().flatten();
    let settings = settings.filter(|(key, value)| *key != "name" && !value.is_null());
    let mut settings: Vec<String> = settings.map(|(key, value)| format!("`{key} {value}`")).collect();
    settings.sort_by_key(|setting| !setting.starts_with("`learning_rate"));
    format!("{} ({})", value["name"].as_str().unwrap_or_default(), settings.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::{Activation, Layer, Model};

    #[test]
    fn a_summary_counts_weights_and_biases() {
        let model = Model { layers: vec![Layer::dense(16, Activation::Relu), Layer::dense(1, Activation::Linear)] };
        let summary = model.summary(3);
        let counts: Vec<&str> = summary.lines().filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(counts, ["Parameters", "64", "17", "81"]);
        assert!(summary.contains("dense, relu") && summary.contains("[rows, 16]"), "{summary}");
    }
}
