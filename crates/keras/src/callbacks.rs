//! Callbacks: what watches a training between its epochs, as Keras' `fit` calls it.

use std::ops::ControlFlow;

use manifest::Broken;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::defaults;
use crate::{Epoch, Fit, Flow, Training};

/// What watches a training between its epochs, told apart by `name`; parameters left out take Keras' defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Callback {
    /// Ends the training when a column of the history has not improved for some epochs.
    EarlyStopping {
        /// The column of the history.
        #[serde(default = "monitor")]
        #[schemars(length(min = 1))]
        monitor: String,
        /// By how much a value has to be better than the best to count as an improvement.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        min_delta: f64,
        /// After how many epochs without an improvement the training ends.
        #[serde(default)]
        patience: u32,
        /// Whether small values are good or large ones.
        #[serde(default)]
        mode: Mode,
        /// A value that has to be improved on too, or epochs count as without an improvement.
        #[serde(default)]
        baseline: Option<f64>,
        /// Whether the model gets back the weights of its best epoch.
        #[serde(default)]
        restore_best_weights: bool,
        /// How many epochs pass unwatched.
        #[serde(default)]
        start_from_epoch: u32,
    },
    /// Lowers the learning rate when a column of the history has not improved for some epochs.
    ReduceLrOnPlateau {
        /// The column of the history.
        #[serde(default = "monitor")]
        #[schemars(length(min = 1))]
        monitor: String,
        /// What the learning rate is multiplied by.
        #[serde(default = "factor")]
        #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
        factor: f64,
        /// After how many epochs without an improvement the learning rate is lowered.
        #[serde(default = "patience")]
        patience: u32,
        /// Whether small values are good or large ones.
        #[serde(default)]
        mode: Mode,
        /// By how much a value has to be better than the best to count as an improvement.
        #[serde(default = "min_delta")]
        #[schemars(range(min = 0.0))]
        min_delta: f64,
        /// How many epochs pass unwatched after the learning rate was lowered.
        #[serde(default)]
        cooldown: u32,
        /// The learning rate below which it is not lowered.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        min_lr: f64,
    },
    /// Sets the learning rate before every epoch: to that of a table's row, or else to a multiple of the last one.
    LearningRateScheduler {
        /// What the learning rate is multiplied by before an epoch that no row names.
        #[serde(default = "one")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        factor: f64,
        /// How many epochs pass before the learning rate is multiplied.
        #[serde(default = "first_epoch")]
        start_from_epoch: u32,
        /// Epochs with learning rates of their own, in their order.
        #[serde(default)]
        rates: Vec<RateFrom>,
    },
}

/// An epoch with a learning rate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateFrom {
    /// The epoch, counted from 1 as in the history.
    #[schemars(range(min = 1))]
    pub epoch: u32,
    /// The learning rate.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub learning_rate: f64,
}

/// Whether small values are good or large ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As the column's name says.
    #[default]
    Auto,
    /// Small ones.
    Min,
    /// Large ones.
    Max,
}

defaults! {
    /// `monitor` of Keras' callbacks.
    monitor: String = "val_loss".to_owned();
    /// `factor` of Keras' `ReduceLROnPlateau`.
    factor: f64 = 0.1;
    /// `patience` of Keras' `ReduceLROnPlateau`.
    patience: u32 = 10;
    /// `min_delta` of Keras' `ReduceLROnPlateau`.
    min_delta: f64 = 1e-4;
    /// A factor that changes nothing.
    one: f64 = 1.0;
    /// The first epoch keeps the optimizer's learning rate.
    first_epoch: u32 = 1;
}

impl Callback {
    /// Whether it writes the column `learning_rate` of the history.
    fn sets_the_rate(&self) -> bool {
        !matches!(self, Self::EarlyStopping { .. })
    }

    /// The column that it watches, and what is good there.
    fn watches(&self) -> Option<(&str, Mode)> {
        match self {
            Self::EarlyStopping { monitor, mode, .. } | Self::ReduceLrOnPlateau { monitor, mode, .. } => {
                Some((monitor, *mode))
            }
            Self::LearningRateScheduler { .. } => None,
        }
    }
}

/// Whether large values of the column are good, as the flow's Keras takes `mode: auto`; `None` if it takes it for no column
/// of that name.
fn large_is_good(flow: Flow, monitor: &str, mode: Mode) -> Option<bool> {
    match (mode, flow) {
        (Mode::Min, _) => Some(false),
        (Mode::Max, _) => Some(true),
        (Mode::Auto, Flow::TfLegacy) => Some(monitor.contains("acc")),
        (Mode::Auto, Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215) => {
            Some(["acc", "accuracy", "auc"].iter().any(|name| monitor.ends_with(name)))
        }
        // A metric says by itself what is good; the learning rate is none.
        (Mode::Auto, Flow::Keras3) => match monitor.trim_start_matches("val_") {
            "learning_rate" => None,
            metric => Some(["accuracy", "auc"].contains(&metric)),
        },
    }
}

impl Training {
    /// Whether the flow's Keras has these callbacks as they are said; paths are whole.
    pub(crate) fn rules_of_callbacks(&self) -> Result<(), Broken> {
        for (number, callback) in self.callbacks.iter().enumerate() {
            let broken =
                |key: &str, message: String| Err(Broken::new(format!("training.callbacks.{number}.{key}"), message));
            if callback.sets_the_rate() && self.optimizer.schedule.is_some() {
                let message = "sets the learning rate, which training.optimizer.learning_rate does already".to_owned();
                return broken("name", message);
            }
            match callback {
                Callback::EarlyStopping { start_from_epoch: 1.., .. } if self.flow == Flow::TfLegacy => {
                    return broken(
                        "start_from_epoch",
                        "must be 0 with flow tf-legacy, whose Keras has no such key".to_owned(),
                    );
                }
                Callback::EarlyStopping { monitor, .. } | Callback::ReduceLrOnPlateau { monitor, .. }
                    if monitor == "learning_rate" && !self.callbacks[..number].iter().any(Callback::sets_the_rate) =>
                {
                    return broken("monitor", "learning_rate is no column before a callback sets it".to_owned());
                }
                Callback::LearningRateScheduler { rates, .. } => {
                    if let Some(row) = rates.windows(2).position(|rows| rows[0].epoch >= rows[1].epoch) {
                        let at = row + 1;
                        return broken(&format!("rates.{at}.epoch"), "must be later than the row before it".to_owned());
                    }
                }
                _ => {}
            }
            if let Some((monitor, mode)) = callback.watches()
                && large_is_good(self.flow, monitor, mode).is_none()
            {
                return broken("mode", format!("must be min or max, Keras knows none for {monitor}"));
            }
        }
        Ok(())
    }
}

/// The callbacks of a training in progress.
pub(crate) struct Callbacks {
    flow: Flow,
    all: Vec<(Callback, Watched)>,
}

/// What a callback knows of the epochs so far.
#[derive(Default)]
struct Watched {
    best: Option<f64>,
    wait: u32,
    cooldown: u32,
    best_weights: Option<Vec<f32>>,
}

impl Callbacks {
    /// Before the first epoch; an error if the history has not the columns that they watch.
    pub(crate) fn new(fit: &Fit) -> Result<Self, Broken> {
        let training = fit.training();
        for (number, callback) in training.callbacks.iter().enumerate() {
            let Some((monitor, _)) = callback.watches() else { continue };
            let (measured, validates) = match monitor.strip_prefix("val_") {
                Some(measured) => (measured, fit.validates()),
                None => (monitor, true),
            };
            let is_measured = measured == "loss" || training.metrics.iter().any(|metric| metric.name() == measured);
            if !(is_measured && validates || monitor == "learning_rate") {
                let path = format!("training.callbacks.{number}.monitor");
                let message = format!("{} is no column of this training's history", manifest::quote(monitor));
                return Err(Broken::new(path, message));
            }
        }
        let all = training.callbacks.iter().map(|callback| (callback.clone(), Watched::default())).collect();
        Ok(Self { flow: training.flow, all })
    }

    /// Before an epoch, counted from 1.
    pub(crate) fn epoch_begins(&self, fit: &mut Fit, epoch: u32) {
        for (callback, _) in &self.all {
            let Callback::LearningRateScheduler { factor, start_from_epoch, rates } = callback else { continue };
            if let Some(row) = rates.iter().find(|row| row.epoch == epoch) {
                fit.set_learning_rate(row.learning_rate as f32);
            } else if epoch > *start_from_epoch {
                fit.set_learning_rate((f64::from(fit.learning_rate()) * factor) as f32);
            }
        }
    }

    /// After an epoch, whose `learning_rate` is written; a break ends the training.
    pub(crate) fn epoch_ends(&mut self, fit: &mut Fit, epoch: &mut Epoch) -> ControlFlow<()> {
        let mut then = ControlFlow::Continue(());
        for (callback, watched) in &mut self.all {
            let callback = &*callback;
            if callback.sets_the_rate() {
                epoch.learning_rate = Some(fit.learning_rate());
            }
            let Some((monitor, mode)) = callback.watches() else { continue };
            let Some(current) = epoch.column(monitor) else { continue };
            let large = large_is_good(self.flow, monitor, mode).unwrap_or(false);
            match callback {
                Callback::EarlyStopping {
                    min_delta,
                    patience,
                    baseline,
                    restore_best_weights,
                    start_from_epoch,
                    ..
                } => {
                    if epoch.epoch <= *start_from_epoch {
                        continue;
                    }
                    // Keras moves the value, not the reference.
                    let current_moved = if large { current - min_delta } else { current + min_delta };
                    let improves = |reference: Option<f64>| better(self.flow, large, current_moved, reference);
                    if *restore_best_weights && watched.best_weights.is_none() {
                        watched.best_weights = Some(fit.weights());
                    }
                    watched.wait += 1;
                    let improved = improves(watched.best);
                    if improved {
                        watched.best = Some(current);
                        if *restore_best_weights {
                            watched.best_weights = Some(fit.weights());
                        }
                        if baseline.is_none() || improves(*baseline) {
                            watched.wait = 0;
                        }
                    }
                    let may_end = self.flow == Flow::TfLegacy || !improved && epoch.epoch > 1;
                    if may_end && watched.wait >= *patience {
                        then = ControlFlow::Break(());
                        if let Some(weights) = &watched.best_weights
                            && self.flow != Flow::Keras3
                        {
                            fit.set_weights(weights);
                        }
                    }
                }
                Callback::ReduceLrOnPlateau { factor, patience, min_delta, cooldown, min_lr, .. } => {
                    if watched.cooldown > 0 {
                        watched.cooldown -= 1;
                        watched.wait = 0;
                    }
                    // Keras 2 moves the reference, Keras 3 the value.
                    let (value, reference) = match (self.flow, large) {
                        (Flow::Keras3, true) => (current - min_delta, watched.best),
                        (Flow::Keras3, false) => (current + min_delta, watched.best),
                        (_, true) => (current, watched.best.map(|best| best + min_delta)),
                        (_, false) => (current, watched.best.map(|best| best - min_delta)),
                    };
                    if better(self.flow, large, value, reference) {
                        watched.best = Some(current);
                        watched.wait = 0;
                    } else if watched.cooldown == 0 {
                        watched.wait += 1;
                        let rate = fit.learning_rate();
                        if watched.wait >= *patience && rate > *min_lr as f32 {
                            fit.set_learning_rate((f64::from(rate) * factor).max(*min_lr) as f32);
                            watched.cooldown = *cooldown;
                            watched.wait = 0;
                        }
                    }
                }
                Callback::LearningRateScheduler { .. } => {}
            }
        }
        then
    }

    /// After the last epoch: Keras 3 gives back the best weights however the training ended.
    pub(crate) fn training_ends(&self, fit: &mut Fit) {
        for weights in self.all.iter().filter_map(|(_, watched)| watched.best_weights.as_ref()) {
            if self.flow == Flow::Keras3 {
                fit.set_weights(weights);
            }
        }
    }
}

/// Whether a value is better than the reference, of which there is none at first.
///
/// In Keras 2 the first reference is infinite: a value that is not a number is no improvement on it. In Keras 3 it is, and
/// values are compared in float32.
fn better(flow: Flow, large: bool, value: f64, reference: Option<f64>) -> bool {
    if flow == Flow::Keras3 {
        let value = value as f32;
        return reference.is_none_or(|best| if large { value > best as f32 } else { value < best as f32 });
    }
    let reference = reference.unwrap_or(if large { f64::NEG_INFINITY } else { f64::INFINITY });
    if large { value > reference } else { value < reference }
}
