//! Both engines from several seeds, beside real Keras from the same ones.

use dataset::{Dataset, mean_absolute_error, root_mean_square_error};
use keras::recorded::{Run, same_bits};
use keras::{Engine, Sequential, Training};
use notebook::Notebook;
use polars::df;
use polars::prelude::DataFrame;

use crate::Manifest;

const ENGINES: [(&str, Engine); 2] = [("exact", Engine::Exact), ("libtorch", Engine::Libtorch)];

/// What became of every seed.
pub struct BySeed {
    /// The seeds.
    pub seeds: Vec<i64>,
    /// Of engine `exact`, of engine `libtorch` and, if it was recorded from one of the seeds, of real Keras.
    pub errors: Vec<Errors>,
    /// Seeds from which real Keras was recorded.
    pub recorded: usize,
    /// Those of them from which engine `exact` has every bit of real Keras.
    pub equal: usize,
}

/// Errors on the test rows, one a seed; not a number where there is no recorded run.
pub struct Errors {
    /// What tables and figures call what was trained.
    pub name: &'static str,
    /// Root mean square errors.
    pub rmse: Vec<f64>,
    /// Mean absolute errors.
    pub mae: Vec<f64>,
}

impl BySeed {
    /// Trains from the manifest's seeds by both engines and compares with those of the runs of real Keras that are from them.
    ///
    /// # Errors
    /// If a network cannot be trained.
    pub fn train(notebook: &Notebook, manifest: &Manifest, data: &Dataset, runs: &[Run]) -> anyhow::Result<Self> {
        let seeds: Vec<i64> = (manifest.seeds.first..=manifest.seeds.last).collect();
        let run = |seed: i64| runs.iter().find(|run| run.seed == seed);
        let progress = notebook.progress_bar(2 * manifest.seeds.count(), "trainings");
        let mut equal = 0;
        let mut errors = Vec::new();
        for (name, engine) in ENGINES {
            let mut of = Errors { name, rmse: Vec::new(), mae: Vec::new() };
            for &seed in &seeds {
                let training = Training { engine, seed, ..manifest.training.clone() };
                let mut model = Sequential::from(&manifest.model).compile(&training, data.features.len())?;
                let history = model.fit(&data.train.x, &data.train.y, |_| ())?;
                let predictions = model.predict(&data.test.x)?;
                of.add(test_errors(data, &data.restore(&predictions)));
                let is_equal = |run: &Run| {
                    same_bits(&history.loss, &run.losses)
                        && same_bits(&model.weights(), &run.weights)
                        && same_bits(&predictions, &run.predictions)
                };
                equal += usize::from(engine == Engine::Exact && run(seed).is_some_and(is_equal));
                progress.inc(1);
            }
            errors.push(of);
        }
        progress.finish_and_clear();
        let recorded = seeds.iter().filter(|seed| run(**seed).is_some()).count();
        if recorded > 0 {
            let mut of = Errors { name: "real Keras", rmse: Vec::new(), mae: Vec::new() };
            for &seed in &seeds {
                of.add(run(seed).map_or([f64::NAN; 2], |run| test_errors(data, &data.restore(&run.predictions))));
            }
            errors.push(of);
        }
        Ok(Self { seeds, errors, recorded, equal })
    }

    /// A row a seed, with both errors of each that was trained.
    ///
    /// # Errors
    /// If a column has another length.
    pub fn table(&self) -> anyhow::Result<DataFrame> {
        let mut table = df!("seed" => &self.seeds)?;
        for Errors { name, rmse, mae } in &self.errors {
            let name = name.replace(' ', "_").to_lowercase();
            table.hstack_mut(df!(format!("{name}_rmse") => rmse, format!("{name}_mae") => mae)?.columns())?;
        }
        Ok(table)
    }
}

impl Errors {
    fn add(&mut self, [rmse, mae]: [f64; 2]) {
        self.rmse.push(rmse);
        self.mae.push(mae);
    }
}

/// Root mean square error and mean absolute error of predictions of the test rows.
pub fn test_errors(data: &Dataset, predict: &[f64]) -> [f64; 2] {
    let labels = &data.test.labels;
    [root_mean_square_error(predict, labels), mean_absolute_error(predict, labels)]
}
