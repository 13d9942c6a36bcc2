//! The trainings that a manifest asks for.

use std::path::Path;

use anyhow::Context as _;
use benchmark::Shape;
use dataset::{Drawn, Range, Restore, Rows};
use keras::{Layer, Model, Training};
use manifest::Document;
use training_speed::record::Timing;
use training_speed::{Axis, Changed, Manifest, Other, RealData, Series, Subject};

/// Trainings of one shape, to be timed in turns.
#[derive(Debug, Clone)]
pub struct Task {
    /// The experiment whose training it is, if it is another's.
    pub experiment: Option<String>,
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
    /// Columns of the inputs.
    pub features: usize,
    /// Scaled inputs, row-major.
    pub x: Vec<f32>,
    /// Scaled labels, one a row.
    pub y: Vec<f32>,
    /// The rows that are validated on after every epoch.
    pub validation: Option<Rows>,
}

/// The manifest's own training, then those of other experiments, then its series.
///
/// # Errors
/// If the manifest's data cannot be drawn, or another experiment's training cannot be read.
pub fn tasks(root: &Path, manifest: &Manifest) -> anyhow::Result<Vec<Task>> {
    let speed = &manifest.speed;
    let (x, y) = data(manifest, manifest.data.train.size)?;
    let own = Task {
        experiment: None,
        place: None,
        subjects: speed.subjects.clone(),
        repetitions: speed.repetitions,
        model: manifest.model.clone(),
        training: manifest.training.clone(),
        trials: speed.trials,
        threads: 1,
        features: 1,
        x,
        y,
        validation: None,
    };
    let mut tasks = vec![own.clone()];
    if let Some(real_data) = &speed.real_data {
        for changed in &real_data.manifests {
            tasks.push(own.of(root, real_data, changed)?);
        }
    }
    for series in &speed.scaling {
        for &value in &series.values {
            tasks.push(own.along(series, value, manifest)?);
        }
    }
    Ok(tasks)
}

impl Task {
    /// The training of another experiment.
    fn of(&self, root: &Path, real_data: &RealData, changed: &Changed) -> anyhow::Result<Self> {
        let path = root.join(&changed.manifest);
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        let mut sections: serde_yaml::Mapping = serde_yaml::from_str(&text).context(name.clone())?;
        sections.retain(|key, _| key.as_str().is_some_and(|key| Other::SECTIONS.contains(&key)));
        let other = Document::<Other>::parse(&name, &serde_yaml::to_string(&sections)?, &changed.set)?;
        let data = other.data.load_from(&[root, path.parent().unwrap_or(root)])?;
        Ok(Self {
            experiment: Some(other.experiment.clone()),
            subjects: real_data.subjects.clone(),
            repetitions: real_data.repetitions,
            model: other.model.clone(),
            training: other.training.clone(),
            features: data.features.len(),
            x: data.train.x,
            y: data.train.y,
            validation: data.validation,
            ..self.clone()
        })
    }

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
        match (&self.experiment, self.place) {
            (Some(experiment), _) => experiment.clone(),
            (None, Some((axis, value))) => format!("{axis:?} {value}"),
            (None, None) => "the manifest's training".to_owned(),
        }
    }

    /// A timing without rounds.
    pub fn timing(&self, subject: Subject) -> Timing {
        let many = matches!(subject, Subject::ExactSweep | Subject::JaxVmap);
        let shape = Shape {
            features: self.features as u32,
            units: self.model.units(),
            samples: self.y.len() as u32,
            batch_size: self.training.batch_size as u32,
            epochs: self.training.epochs,
            validation_samples: self.validation.as_ref().map_or(0, |rows| rows.y.len() as u32),
        };
        Timing {
            experiment: self.experiment.clone(),
            over: self.place.map(|place| place.0),
            value: self.place.map(|place| place.1),
            subject,
            shape,
            trials: if many { self.trials } else { 1 },
            threads: if subject == Subject::ExactSweep { self.threads } else { 1 },
            seconds: Vec::new(),
            losses: [0.0; 2],
            val_losses: None,
        }
    }
}

/// The manifest's training data with that many rows, scaled.
fn data(manifest: &Manifest, samples: usize) -> anyhow::Result<(Vec<f32>, Vec<f32>)> {
    let train = Range { size: samples, ..manifest.data.train };
    let drawn = Drawn { train, ..manifest.data.clone() }.dataset(manifest.scaling, Restore::default())?;
    Ok((drawn.train.x, drawn.train.y))
}
