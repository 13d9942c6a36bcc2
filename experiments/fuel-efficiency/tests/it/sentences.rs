/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let few = ["search.trials=1", "search.repeats=1", "seeds.last=101", "training.epochs=3"];
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (
            &[],
            &[
                "Engine `exact`: from 2 seeds that no trial used, on the 79 test rows",
                "better than the regression from 0 of 2 seeds.",
                "more than two standard errors: on rows like these the network is worse",
                "The recorded runs of real Keras are of another table, network, training or other seeds.",
                "predicts the 79 test rows within",
            ],
            &["diverges"],
        ),
        (
            &["training.engine=libtorch", "training.callbacks=[]"],
            &["Engine `libtorch` minimises", "Engine `exact`: from 2 seeds"],
            &["Callbacks:", "diverges"],
        ),
        (
            &["seeds.last=100", "training.callbacks=[{name: reduce_lr_on_plateau, monitor: loss}]"],
            &["Engine `exact`: from 1 seed that no trial used", "of 1 seed.", "Callbacks: reduce_lr_on_plateau ("],
            &["diverges"],
        ),
        (
            &["data.test.seed=1"],
            &["The recorded linear regression of scikit-learn is of other data."],
            &["bit", "diverges"],
        ),
    ];
    let all = cases.map(|(changes, _, _)| [&few[..], changes].concat());
    let cases: Vec<_> = all.iter().zip(cases).map(|(all, (_, said, unsaid))| (&all[..], said, unsaid)).collect();
    notebook::expect::sentences(env!("CARGO_BIN_EXE_fuel-efficiency"), &cases);
}
