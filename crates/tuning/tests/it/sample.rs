use dataset::{Drawn, Restore, Scaling};
use keras::{Model, Seeds, Sequential, Training};
use manifest::{Broken, Document, Rules, Variant};
use notebook::About;
use schemars::JsonSchema;
use search::{Search, Space};
use serde::{Deserialize, Serialize};
use tuning::{Attempt, FRESH_SEEDS, Measured, Metric};

/// A manifest with all sections.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    #[serde(flatten)]
    pub about: About,
    pub data: Drawn,
    pub scaling: Scaling,
    pub model: Model,
    pub training: Training,
    #[serde(default)]
    pub restore: Restore,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_scan: Option<Seeds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<Factors>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    #[schemars(range(min = 1, max = 100_000))]
    pub seeds: u32,
    pub parameters: Space,
}

pub const METRICS: [Metric; 2] = [
    Metric { name: "rmse", label: "root mean square error", log: true },
    Metric { name: "log10_rmse", label: "its logarithm", log: false },
];

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        self.training.rules(&self.model, 1)?;
        if let Some(seeds) = &self.seed_scan {
            seeds.rules("seed_scan", &self.training)?;
        }
        if let Some(factors) = &self.factors {
            self.training.rules_of_seeds("factors.seeds", factors.seeds, 0)?;
        }
        if let Some(search) = &self.search {
            self.training.rules_of_seeds("search.repeats", search.repeats, FRESH_SEEDS)?;
            tuning::rules_of_sampler(search)?;
            tuning::rules(search, &METRICS, self.data.train.size)?;
        }
        Ok(())
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        if let Some(factors) = &document.factors {
            tuning::rules_of_factors(document, "factors.parameters", &factors.parameters)?;
        }
        match &document.search {
            Some(search) => tuning::rules_of_trials(document, "search.parameters", &search.parameters),
            None => Ok(()),
        }
    }
}

/// Trains an attempt, measured where it says.
pub fn train(attempt: &Attempt<Manifest>) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let Manifest { data, scaling, restore, model, training, .. } = &*attempt.manifest;
    let data = match attempt.measured {
        Measured::Test => data.dataset(*scaling, *restore)?,
        Measured::Validation => data.validation(*scaling, *restore, 0.2)?,
    };
    let training = Training { seed: training.seed + i64::from(attempt.repeat), ..training.clone() };
    let mut model = Sequential::from(model).compile(&training, data.features.len())?;
    model.fit_while(&data.train.x, &data.train.y, |epoch| attempt.goes_on(epoch.epoch, epoch.loss))?.converged()?;
    let rmse = data.test_error(&model.predict(&data.test.x)?);
    Ok(vec![("rmse", rmse), ("log10_rmse", libm::log10(rmse))])
}

/// A manifest as the errors' places count it.
pub const SAMPLE: &str = "\
experiment: sample
title: A sample
source: {post: A post, published: data/published.yaml}
analysis: |
  What to look at.
data:
  seed: 1234
  train: {low: 0, high: 100, size: 100}
  test: {low: 100, high: 200, size: 20}
  label: {add: 10}
scaling: standard
model:
  layers:
    - {units: 16, activation: relu}
    - {units: 1, activation: linear}
training:
  engine: libtorch
  device: cpu
  flow: tf-legacy
  seed: 26
  optimizer: {name: adam, learning_rate: 0.01}
  loss: mse
  epochs: 100
  batch_size: 32
  shuffle: true
restore: float32
seed_scan: {first: 0, last: 26}
";

/// The manifest that a text and overrides give.
pub fn manifest_of(text: &str, overrides: &[&str]) -> Document<Manifest> {
    read(text, overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The error that a text and overrides give.
pub fn error_of(text: &str, overrides: &[&str]) -> String {
    read(text, overrides).expect_err("the manifest is wrong").to_string()
}

/// Checks every case of a table, of which there are at least `fewest`; its head explains the form.
pub fn assert_cases(table: &str, fewest: usize) {
    let mut count = 0;
    let (mut text, mut from, mut overrides) = (SAMPLE.to_owned(), String::new(), Vec::new());
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "-" => from = unescape(rest),
            "+" => {
                assert_eq!(SAMPLE.matches(&from).count(), 1, "{from:?} is once in the sample");
                text = SAMPLE.replace(&from, &unescape(rest));
            }
            "=" => overrides.push(unescape(rest)),
            "!" => {
                let error = Document::<Manifest>::parse("manifest.yaml", &text, &overrides).expect_err(rest);
                assert_eq!(error.to_string(), rest);
                count += 1;
                SAMPLE.clone_into(&mut text);
                overrides.clear();
            }
            "#" => {}
            _ => panic!("{line:?} begins with no known mark"),
        }
    }
    assert!(count >= fewest, "only {count} cases");
}

/// A text with its `\n`, `\t`, `\\` and `\u{...}` replaced.
fn unescape(text: &str) -> String {
    let mut rest = text.chars();
    let mut plain = String::new();
    while let Some(letter) = rest.next() {
        plain.push(match (letter, letter == '\\') {
            (letter, false) => letter,
            _ => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('u') => {
                    let code: String = rest.by_ref().skip(1).take_while(|&c| c != '}').collect();
                    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).expect("a code")
                }
                letter => letter.expect("a letter follows the backslash"),
            },
        });
    }
    plain
}

fn read(text: &str, overrides: &[&str]) -> Result<Document<Manifest>, manifest::Error> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Document::<Manifest>::parse("manifest.yaml", text, &overrides)
}
