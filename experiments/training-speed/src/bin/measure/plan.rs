//! The trainings that a manifest asks for.

use anyhow::Context as _;
use benchmark::Shape;
use dataset::{Drawn, Range, Restore};
use keras::{Layer, Model, Training};
use training_speed::record::Timing;
use training_speed::{Axis, Manifest, Series, Subject};

/// Trainings of one shape, to be timed in turns.
#[derive(Debug, Clone)]
pub struct Task {
    /// The axis and the value of the series it belongs to.
    pub place: Option<(Axis, u32)>,
    /// What trains.
    pub subjects: Vec<Subject>,
    /// Rounds.
    pub repetitions: u32,
    /// The network.
    pub model: Model,
    /// How it is trained.
    pub training: Training,
    /// Trainings at once, of what can take several.
    pub trials: u32,
    /// Threads of a sweep.
    pub threads: u32,
    /// Scaled inputs, one a row.
    pub x: Vec<f32>,
    /// Scaled labels.
    pub y: Vec<f32>,
}

/// The manifest's own training, then its series.
///
/// # Errors
/// If the manifest's data cannot be drawn.
pub fn tasks(manifest: &Manifest) -> anyhow::Result<Vec<Task>> {
    let speed = &manifest.speed;
    let (x, y) = data(manifest, manifest.data.train.size)?;
    let own = Task {
        place: None,
        subjects: speed.subjects.clone(),
        repetitions: speed.repetitions,
        model: manifest.model.clone(),
        training: manifest.training.clone(),
        trials: speed.trials,
        threads: 1,
        x,
        y,
    };
    let mut tasks = vec![own.clone()];
    for series in &speed.scaling {
        for &value in &series.values {
            tasks.push(own.along(series, value, manifest)?);
        }
    }
    Ok(tasks)
}

impl Task {
    /// This task at a place of a series.
    fn along(&self, series: &Series, value: u32, manifest: &Manifest) -> anyhow::Result<Self> {
        let mut task = Self { place: Some((series.over, value)), ..self.clone() };
        let at = |axis, other: Option<u32>| if series.over == axis { Some(value) } else { other };
        (task.subjects, task.repetitions) = (series.subjects.clone(), series.repetitions);
        if let Some(hidden_layers) = at(Axis::HiddenLayers, series.hidden_layers) {
            let layers = &self.model.layers;
            let (hidden, output) = (layers[0], *layers.last().context("a model has layers")?);
            task.model.layers = vec![hidden; hidden_layers as usize];
            task.model.layers.push(output);
        }
        if let Some(units) = at(Axis::Units, series.units) {
            let hidden = task.model.layers.len() - 1;
            for layer in &mut task.model.layers[..hidden] {
                if let Layer::Dense(layer) = layer {
                    layer.units = units;
                }
            }
        }
        if let Some(batch_size) = at(Axis::BatchSize, series.batch_size) {
            task.training.batch_size = batch_size as usize;
        }
        task.training.epochs = series.epochs.unwrap_or(task.training.epochs);
        task.threads = at(Axis::Threads, None).unwrap_or(1);
        task.trials = at(Axis::Trials, None).unwrap_or(task.trials);
        if let Some(samples) = series.samples {
            (task.x, task.y) = data(manifest, samples as usize)?;
        }
        Ok(task)
    }

    /// What is shown while it runs.
    pub fn title(&self) -> String {
        match self.place {
            None => "the manifest's training".to_owned(),
            Some((axis, value)) => format!("{axis:?} {value}"),
        }
    }

    /// A timing without rounds.
    pub fn timing(&self, subject: Subject) -> Timing {
        let many = matches!(subject, Subject::ExactSweep | Subject::JaxVmap);
        let shape = Shape {
            features: 1,
            units: self.model.units(),
            samples: self.y.len() as u32,
            batch_size: self.training.batch_size as u32,
            epochs: self.training.epochs,
        };
        Timing {
            over: self.place.map(|place| place.0),
            value: self.place.map(|place| place.1),
            subject,
            shape,
            trials: if many { self.trials } else { 1 },
            threads: if subject == Subject::ExactSweep { self.threads } else { 1 },
            seconds: Vec::new(),
            losses: [0.0; 2],
        }
    }
}

/// The manifest's training data with that many rows, scaled.
fn data(manifest: &Manifest, samples: usize) -> anyhow::Result<(Vec<f32>, Vec<f32>)> {
    let train = Range { size: samples, ..manifest.data.train };
    let drawn = Drawn { train, ..manifest.data.clone() }.dataset(manifest.scaling, Restore::default())?;
    Ok((drawn.train.x, drawn.train.y))
}
