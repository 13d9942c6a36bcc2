const FEW: &str = "comparison.seeds=2";
const TWO: &str = "variants=[{name: random, set: [search.sampler=random]}, {name: Sobol, set: [search.sampler=sobol]}]";

/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (
            &[FEW, TWO, "search.trials=41", "comparison.functions=[branin]"],
            &[
                "Trials until `log10_accuracy` is −4.5 or better, in the median of 2 studies: random ",
                "The share of a sampler's studies that find `model.layers.0.activation=linear`",
                "On 1 function with known minima and on the post's problem, as they were recorded, ",
                " of 6 comparisons",
            ],
            &["is not complete"],
        ),
        (
            &[
                "comparison.seeds=1",
                TWO,
                "search.trials=2",
                "training.optimizer={name: sgd, learning_rate: 1e30}",
                "search.parameters={training.epochs: {values: [2, 3]}}",
                "comparison.find=training.epochs=2",
                "comparison.functions=[]",
            ],
            &[
                "in the median of 1 study: random not within 2 trials in half of its studies, Sobol not within",
                "No trial of any sampler is complete: there is no distribution of values.",
                "On the post's problem, as they were recorded, ",
            ],
            &["trials 21 to 40", "known minima"],
        ),
        (
            &[
                FEW,
                TWO,
                "search.trials=3",
                "search.direction=maximize",
                "comparison.target=1",
                "comparison.functions=[]",
            ],
            &["Trials until `log10_accuracy` is 1 or better"],
            &["trials 21 to 40", "−4.5"],
        ),
        (
            &[
                FEW,
                TWO,
                "search.trials=3",
                "search.objective=accuracy",
                "comparison.target=1e-9",
                "comparison.functions=[]",
            ],
            &["Trials until `accuracy` is 1×10⁻⁹ or better, in the median of 2 studies: random not within 3 trials"],
            &["log10_accuracy"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_search-comparison"), &cases);
}
