//! What a program does that was started for a study in a journal of the user's; it writes no report.

use anyhow::Context as _;
use manifest::{Document, Rules};
use notebook::{Notebook, Resume};
use search::storage::{Journal, Location, StoredTrial, shown};
use search::study::{Proof, Study, StudyError};
use search::{Domain, Parameter, SamplerKind, Search, Space};
use serde_json::json;

use crate::run::{Goal, study_name};
use crate::{Measured, Train, Tuning, with};

impl<T: Rules + Clone + Send + Sync + 'static> Tuning<'_, T> {
    /// Goes on with the study of this manifest, or runs one of its trials again, prints the manifest of one, or enqueues the
    /// next round: what `resume` asks for.
    pub(crate) fn resume(
        &self,
        notebook: &Notebook,
        resume: &Resume,
        circumstances: Vec<(&'static str, String)>,
        train: &Train<'_, T>,
    ) -> anyhow::Result<()> {
        let experiment = &notebook.about().experiment;
        let place = Location::parse(&resume.journal).map_err(StudyError::from)?;
        // An experiment's own name may end as the names of its studies on held-out data do.
        let measured = [Measured::Test, Measured::Validation];
        let measured =
            measured.into_iter().find(|&of| study_name(experiment, of) == resume.study).with_context(|| {
                format!("{place}: study {} is not the one of its manifest, {experiment}", shown(&resume.study))
            })?;
        let plan = self.plan(experiment, measured, circumstances)?;
        let trials = resume.trials.unwrap_or(self.search.trials.into());
        if resume.enqueue {
            let [waiting, running] = Study::open(place, plan)?.enqueue(trials)?;
            return notebook::show(&json!({"waiting": waiting, "running": running}).to_string());
        }
        if let Some(number) = resume.replay.or(resume.trial_manifest) {
            let journal = Journal::read(place.clone()).map_err(StudyError::from)?;
            let study = journal.study(&resume.study);
            let study = study.with_context(|| format!("{place}: there is no study {}", shown(&resume.study)))?;
            let trial = study.trials.get(number as usize);
            let trial = trial.with_context(|| format!("{place}: there is no trial {number}"))?;
            if resume.trial_manifest.is_some() {
                return notebook::show(&self.alone(trial)?.to_yaml());
            }
            let proof = Proof::of(&plan, study, number, &self.objective(measured, train));
            let proof = proof.with_context(|| format!("{place}: trial {number} has not ended"))?;
            let circumstances = proof.circumstances.iter();
            let circumstances = circumstances.map(|of| json!({"name": of.name, "was": of.was, "is": of.is}));
            let fields = json!({
                "results": proof.results, "settings": proof.settings,
                "circumstances": circumstances.collect::<Vec<_>>(),
            });
            return notebook::show(&fields.to_string());
        }
        let progress = notebook.progress_bar(0, "trials");
        let goal = Goal { trials, jobs: resume.jobs };
        let result = self.run(&place, plan, measured, goal, &progress, train);
        progress.finish_and_clear();
        result.map(|_| ())
    }

    /// The manifest with the values of a trial, and a search of that trial alone.
    fn alone(&self, trial: &StoredTrial) -> anyhow::Result<Document<T>> {
        let parameters = trial.parameters.iter().map(|parameter| Parameter {
            name: parameter.name.clone(),
            domain: Domain::Categorical { values: vec![parameter.value.clone()] },
            when: Vec::new(),
        });
        let search = Search {
            sampler: SamplerKind::Grid,
            trials: 1,
            round: 1,
            pruner: None,
            grid_points: None,
            startup_trials: None,
            candidates: None,
            parameters: Space::new(parameters.collect())?,
            ..self.search.clone()
        };
        Ok(with(self.manifest, &trial.assignment())?.with([("search", serde_json::to_value(search)?)])?)
    }
}
