#[test]
fn the_loss_falls_and_predictions_stay_visibly_off() {
    let metrics = notebook::expect::Run::of(env!("CARGO_BIN_EXE_standardized-relu"), &[]).metrics;
    let accuracy = metrics["accuracy"].as_f64().unwrap();
    assert!((0.001..1.0).contains(&accuracy), "{accuracy}");
    assert!(metrics["final_loss"].as_f64().unwrap() < 1e-3);
}
