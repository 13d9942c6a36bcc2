//! Networks and trainings in words, for reports.

use serde_json::Value;

use crate::model::{Dense, Dropout};
use crate::{Engine, Layer, Model, Training};

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
            let activation = serde_json::to_value(activation).ok();
            let activation = activation.as_ref().and_then(Value::as_str).unwrap_or_default();
            text += &line([&format!("dense, {activation}"), &format!("[rows, {units}]"), &parameters.to_string()]);
            (width, all) = (units, all + parameters);
        }
        text + &line(["In all", "", &all.to_string()])
    }
}

impl Training {
    /// Who trains, what is minimised and by what, how often and from which seed, in Markdown.
    pub fn describe(&self) -> String {
        let optimizer = serde_json::to_value(self.optimizer).unwrap_or_default();
        let name = optimizer["name"].as_str().unwrap_or_default();
        let parameters = optimizer.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
        let mut parameters: Vec<String> = parameters.map(|(key, value)| format!("`{key} {value}`")).collect();
        parameters.sort_by_key(|parameter| !parameter.starts_with("`learning_rate"));
        let engine = match self.engine {
            Engine::Libtorch => "libtorch",
            Engine::Exact => "exact",
        };
        let order = if self.shuffle { "shuffled in every epoch" } else { "in their own order" };
        let epochs = if self.epochs == 1 { "1 epoch".to_owned() } else { format!("{} epochs", self.epochs) };
        format!(
            "Engine `{engine}` minimises the {} by {name} ({}): {epochs} in batches of {} rows, {order}, from seed {}.",
            self.loss.words(),
            parameters.join(", "),
            self.batch_size,
            self.seed,
        )
    }
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
