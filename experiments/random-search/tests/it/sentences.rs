/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 3] = [
        (
            &["search.trials=6"],
            &[
                "Sampler `random` suggests 6 trials, and the smallest `log10_accuracy` is the best.",
                "the median of 3 trainings",
                "a share of 0.2",
                "chosen by held-out data, trial ",
                "The best value on the test data, -",
            ],
            &["No trial is complete"],
        ),
        (
            &[
                "search.trials=6",
                "training.optimizer.name=sgd",
                "search.parameters={training.optimizer.learning_rate: {min: 1.0e+6, max: 1.0e+7}}",
            ],
            &[
                "- `training.optimizer.learning_rate`: from 1000000.0 to 10000000.0\n",
                "No trial is complete, so nothing is chosen: 6 failed and 0 were ended early. The first error: repeat 1 of 3: diverged at epoch 1.",
            ],
            &["Both choices", "The best value"],
        ),
        (
            &["search.trials=1", "search.repeats=1", "search.validation_split=null", "search.direction=maximize"],
            &[
                "suggests 1 trial, and",
                "the largest `log10_accuracy` is the best",
                "A trial is one training, measured on the test data, as in the post.",
                "What is chosen by the test data, trained from 100 seeds that no trial used, has a median accuracy of ",
                "1 trial, the best ",
            ],
            &["Both choices", "run once more"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_random-search"), &cases);
}
