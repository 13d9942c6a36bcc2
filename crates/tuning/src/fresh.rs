//! A chosen classifier trained from fresh seeds, and what may be concluded from its test.

use dataset::{Dataset, Table, baseline, classification};
use keras::{Engine, History, Model, RecordedData, Seeds, Sequential, Training};
use manifest::Broken;
use notebook::{Notebook, median};
use search::Search;

use crate::{Metric, rules};

/// Trainings of one network that differ in their seeds alone.
#[derive(Debug)]
pub struct FreshSeeds {
    /// The seeds.
    pub seeds: Vec<i64>,
    /// The history of every training.
    pub histories: Vec<History>,
    /// The outputs for the test rows of every training, in the label's unit.
    pub outputs: Vec<Vec<f64>>,
    /// The share of the test rows whose class each tells.
    pub accuracies: Vec<f64>,
    /// Seeds from which real Keras was recorded with the same data, network and training.
    pub recorded: usize,
    /// Those of them that have every bit of real Keras' losses, final weights and outputs.
    pub equal: usize,
    engine: Engine,
    /// The largest difference of an output from real Keras'.
    farthest: f32,
}

/// Whether the data are of classes and have rows to validate on, a search with these metrics leaves it at those, and no trial
/// trains from one of `seeds`; paths are those of a manifest with the sections `search`, `seeds`, `training` and `data`.
///
/// # Errors
/// If not, or as [`rules`] and [`Table::rules_of_classes`].
pub fn rules_of_fresh_seeds(
    data: &Table,
    search: &Search,
    metrics: &[Metric],
    (seeds, training): (Seeds, &Training),
) -> Result<(), Broken> {
    data.rules_of_classes()?;
    if data.validation.is_none() {
        return Err(Broken::new("data.validation", "must say by which rows the search chooses"));
    }
    if training.validation_split.is_some() {
        let message = "must be left out, data.validation says which rows are held out";
        return Err(Broken::new("training.validation_split", message).with("data.validation"));
    }
    seeds.rules("seeds", training)?;
    if search.validation_split.is_some() {
        let message = "must be left out, data.validation says which rows are held out";
        return Err(Broken::new("search.validation_split", message).with("data.validation"));
    }
    if let Some(key) = search.unused().first() {
        let message = "the sampler has no use for it";
        return Err(Broken::new(format!("search.{key}"), message).with("search.sampler"));
    }
    training.rules_of_seeds("search.repeats", search.repeats, 0)?;
    let last = training.seed + i64::from(search.repeats) - 1;
    if seeds.first <= last && training.seed <= seeds.last {
        let message = format!("must be none that a trial trains from, {} to {last}", training.seed);
        return Err(Broken::new("seeds.first", message).with("training.seed").with("search.repeats"));
    }
    rules(search, metrics, 0)
}

impl FreshSeeds {
    /// Trains from every seed on the training rows, shows the epochs of the first, whose network the report keeps, and looks at the
    /// test rows.
    ///
    /// # Errors
    /// If the network cannot be trained.
    #[track_caller]
    pub fn train(
        notebook: &mut Notebook,
        (model, training, seeds): (&Model, &Training, Seeds),
        data: &Dataset,
        recorded: &RecordedData,
    ) -> anyhow::Result<Self> {
        let (engine, is_recorded) = (training.engine, recorded.is_of_data(data));
        let mut fresh = Self {
            seeds: (seeds.first..=seeds.last).collect(),
            histories: Vec::new(),
            outputs: Vec::new(),
            accuracies: Vec::new(),
            recorded: 0,
            equal: 0,
            engine,
            farthest: 0.0,
        };
        for (index, seed) in fresh.seeds.clone().into_iter().enumerate() {
            let training = Training { seed, ..training.clone() };
            let mut network = Sequential::from(model).compile(&training, data.features.len())?;
            if index == 0 {
                notebook.within(|notebook| notebook.keep(data, network.program()))?;
            }
            let history = notebook.within(|notebook| {
                network.fit_validated(&data.train, data.validation.as_ref(), |epoch| {
                    if index == 0 {
                        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.logs());
                    }
                    true
                })
            })?;
            let predictions = network.predict(&data.test.x)?;
            if let Some(run) = recorded.run(model, &training).filter(|_| is_recorded) {
                fresh.recorded += 1;
                fresh.equal += usize::from(run.is(&history, &network, &predictions));
                let differences = predictions.iter().zip(&run.predictions).map(|(own, keras)| (own - keras).abs());
                fresh.farthest = differences.fold(fresh.farthest, f32::max);
            }
            let outputs = data.restore(&predictions);
            let labels = &data.test.labels;
            fresh.accuracies.push(classification::accuracy(&classification::chosen(&outputs, labels.len()), labels));
            fresh.histories.push(history);
            fresh.outputs.push(outputs);
        }
        Ok(fresh)
    }

    /// How far real Keras agrees.
    pub fn beside_keras(&self, keras: &RecordedData) -> String {
        let Self { recorded, equal, farthest, .. } = self;
        if *recorded == 0 {
            return "The recorded runs of real Keras are of another table, network, training or other seeds."
                .to_owned();
        }
        let RecordedData { keras, tensorflow, scikit_learn, processor, .. } = keras;
        let engine = match self.engine {
            Engine::Exact => "exact",
            Engine::Libtorch => "libtorch",
        };
        let or = if equal == recorded {
            String::new()
        } else {
            format!(" The largest difference of an output for a test row is {farthest:.1e}.")
        };
        format!(
            "Real Keras {keras} (TensorFlow {tensorflow}, on {processor}) was recorded from {recorded} of these seeds, on inputs \
             and labels from scikit-learn {scikit_learn} that have the same float32 bits as the ones here. Engine `{engine}` \
             repeats {equal} of the {recorded} runs in every bit of every loss, of the final weights and of the outputs.{or}"
        )
    }

    /// What the test says of network, logistic regression and most frequent class, whose shares of right rows are given, and
    /// what it does not say. Holds whatever comes out.
    pub fn conclusion(&self, data: &Dataset, logistic: f64, majority: f64) -> String {
        let rows = data.test.labels.len();
        let (network, seeds) = (median(&self.accuracies), self.seeds.len());
        let least = self.accuracies.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.accuracies.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let better = self.accuracies.iter().filter(|accuracy| **accuracy > logistic).count();
        let worse = self.accuracies.iter().filter(|accuracy| **accuracy < logistic).count();
        // Of a share of independent rows.
        let deviation = (logistic * (1.0 - logistic) / rows as f64).sqrt();
        let difference = network - logistic;
        let may = if difference.abs() <= 2.0 * deviation {
            format!(
                "other test rows could turn that round: a share of {rows} rows near {logistic:.4} has a standard deviation of \
                 {deviation:.4}. These data do not tell which of the two is better"
            )
        } else {
            let word = if difference > 0.0 { "better" } else { "worse" };
            format!(
                "that is more than two standard deviations of a share of {rows} rows near {logistic:.4} ({deviation:.4}). On data \
                 like these the network is {word}"
            )
        };
        format!(
            "From {seeds} fresh seeds the chosen network tells the class of {least:.4} to {most:.4} of the {rows} test rows, in the \
             median {network:.4}; logistic regression tells {logistic:.4}, and the most frequent class is right for \
             {majority:.4}. The network is better than the regression from {better} seeds and worse from {worse}. The \
             medians' difference is {difference:+.4}, and {may}."
        )
    }
}

/// For how many test rows scikit-learn's logistic regression, where it was recorded, chooses the class that ours does.
pub fn beside_scikit_learn(recorded: &RecordedData, data: &Dataset) -> String {
    let chosen = classification::chosen(&baseline::logistic(data), data.test.labels.len());
    if !recorded.is_of_data(data) {
        return "The recorded logistic regression of scikit-learn is of other data.".to_owned();
    }
    let same = chosen.iter().zip(&recorded.logistic_regression).filter(|(own, other)| own == other).count();
    format!(
        "scikit-learn's own `LogisticRegression`, with its default penalty and tolerance, chooses the same class as the one \
         here for {same} of the {} test rows.",
        chosen.len()
    )
}
