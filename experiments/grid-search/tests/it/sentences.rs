/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 3] = [
        (
            &["search.trials=6"],
            &["Sampler `grid` suggests 6 trials, and the smallest", "chosen by held-out data, trial "],
            &["No trial is complete"],
        ),
        (
            &[
                "search.trials=6",
                "training.optimizer.name=sgd",
                "search.parameters={training.optimizer.learning_rate: {values: [1.0e+6, 1.0e+30]}}",
            ],
            &["No trial is complete, so nothing is chosen: 2 failed"],
            &["Both choices", "The best value"],
        ),
        (
            &["search.trials=6", "search.sampler=random", "search.objective=accuracy", "search.validation_split=null"],
            &["Sampler `random`", "the smallest `accuracy` is the best", "What is chosen by the test data"],
            &["`grid`", "Both choices"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_grid-search"), &cases);
}
