use manifest::{Document, Rules};
use schemars::JsonSchema;
use search::study::Outcome;
use search::{Assignment, Value};
use serde::{Deserialize, Serialize};
use tuning::{Attempt, Measured};

/// What is tuned, with the values of its own.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bowl {
    width: f64,
    depth: f64,
}

impl Rules for Bowl {}

#[test]
fn a_trial_has_its_values_in_the_manifest() -> anyhow::Result<()> {
    let manifest = Document::<Bowl>::parse("bowl.yaml", "{width: 3, depth: 1}", &[])?;
    let suggested: Assignment = [("depth", Value::Float(2.0))].into_iter().collect();
    let attempt = Attempt::new(&manifest, &suggested, Measured::Test, 0, &|_epoch, _loss| false)?;
    let outcome = attempt.outcome("section", |attempt| {
        let Bowl { width, depth } = &*attempt.manifest;
        Ok(vec![("section", width * depth), ("slope", depth / width)])
    });
    assert_eq!(outcome, Outcome::Complete(6.0));
    Ok(())
}
