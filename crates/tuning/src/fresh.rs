//! A chosen network trained from fresh seeds, beside real Keras, and what may be concluded from a test of classes.

use dataset::{Dataset, classification};
use keras::{Engine, Epoch, History, RecordedData, Sequential, Training};
use notebook::{Notebook, median};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};

use crate::TableTask;

/// Trainings of one network that differ in their seeds alone.
#[derive(Debug)]
pub struct FreshSeeds {
    /// The seeds.
    pub seeds: Vec<i64>,
    /// The history of every training.
    pub histories: Vec<History>,
    /// The outputs for the test rows of every training, in the label's unit.
    pub outputs: Vec<Vec<f64>>,
    /// Seeds from which real Keras was recorded with the same data, network and training.
    pub recorded: usize,
    /// Those of them that have every bit of real Keras' losses, final weights and outputs.
    pub equal: usize,
    engine: Engine,
    /// The largest difference of an output from real Keras'.
    farthest: f32,
}

/// What becomes of one seed; whether it has every bit of a recorded run, and how far its outputs are from that run's.
struct Trained {
    history: History,
    outputs: Vec<f64>,
    beside: Option<(bool, f32)>,
}

impl FreshSeeds {
    /// Trains from every seed on the training rows and looks at the test rows. Where there is a notebook, it shows the first of
    /// these trainings, and its report keeps that network.
    ///
    /// # Errors
    /// If the network does not fit the data or cannot be trained, or something cannot be written.
    #[track_caller]
    pub fn train(
        task: &TableTask,
        data: &Dataset,
        recorded: &RecordedData,
        notebook: Option<&mut Notebook>,
    ) -> anyhow::Result<Self> {
        let TableTask { model, training, seeds, .. } = task;
        data.check_units(model.units().last().copied().unwrap_or_default())?;
        let is_recorded = recorded.is_of_data(data);
        let train = |seed: i64, notebook: Option<&mut Notebook>| -> anyhow::Result<Trained> {
            let training = Training { seed, ..training.clone() };
            let mut network = Sequential::from(model).compile(&training, data.features.len())?;
            let (rows, held) = (&data.train, data.validation.as_ref());
            let history = match notebook {
                None => network.fit_validated(rows, held, |_| true)?,
                Some(notebook) => {
                    notebook.print(&model.summary(data.features.len()))?;
                    notebook.paragraph(training.describe());
                    notebook.keep(data, network.program())?;
                    let history = network.fit_validated(rows, held, |epoch: &Epoch| {
                        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.bar(), &epoch.logs());
                        true
                    })?;
                    notebook.table("history", history.frame())?;
                    notebook.training_loss(&format!("{} of {}", training.loss.words(), data.label))?;
                    history
                }
            };
            let predictions = network.predict(&data.test.x)?;
            let beside = recorded.run(model, &training).filter(|_| is_recorded).map(|run| {
                let differences = predictions.iter().zip(&run.predictions).map(|(own, keras)| (own - keras).abs());
                (run.is(&history, &network, &predictions), differences.fold(0.0, f32::max))
            });
            Ok(Trained { history, outputs: data.restore(&predictions), beside })
        };
        let mut trained = Vec::new();
        let mut first = seeds.first;
        if let Some(notebook) = notebook {
            trained.push(notebook.within(|notebook| train(first, Some(notebook)))?);
            first += 1;
        }
        let others = (first..=seeds.last).into_par_iter().map(|seed| train(seed, None));
        trained.extend(others.collect::<anyhow::Result<Vec<_>>>()?);
        let beside = || trained.iter().filter_map(|of| of.beside);
        Ok(Self {
            seeds: (seeds.first..=seeds.last).collect(),
            recorded: beside().count(),
            equal: beside().filter(|(is_equal, _)| *is_equal).count(),
            engine: training.engine,
            farthest: beside().fold(0.0, |most, (_, distance)| most.max(distance)),
            outputs: trained.iter().map(|of| of.outputs.clone()).collect(),
            histories: trained.into_iter().map(|of| of.history).collect(),
        })
    }

    /// A number for the outputs of every seed.
    pub fn scores(&self, score: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        self.outputs.iter().map(|outputs| score(outputs)).collect()
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
}

/// What a test on `rows` rows says of a network with these shares of right ones, one a seed, of logistic regression and of the most
/// frequent class, and what it does not say. Holds whatever comes out.
pub fn conclusion_on_classes(accuracies: &[f64], rows: usize, logistic: f64, majority: f64) -> String {
    let (network, seeds) = (median(accuracies), accuracies.len());
    let least = accuracies.iter().copied().fold(f64::INFINITY, f64::min);
    let most = accuracies.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let better = accuracies.iter().filter(|accuracy| **accuracy > logistic).count();
    let worse = accuracies.iter().filter(|accuracy| **accuracy < logistic).count();
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

/// For how many test rows scikit-learn's logistic regression, where it was recorded, chooses the class that our own, with these
/// outputs, does.
pub fn beside_scikit_learn(recorded: &RecordedData, data: &Dataset, logistic: &[f64]) -> String {
    let chosen = classification::chosen(logistic, data.test.labels.len());
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
