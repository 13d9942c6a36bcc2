#[test]
fn it_gets_near_the_line_and_stays_there() {
    let metrics = notebook::expect::Run::of(env!("CARGO_BIN_EXE_raw-relu"), &[]).metrics;
    let accuracy = metrics["accuracy"].as_f64().unwrap();
    assert!((1.0..50.0).contains(&accuracy), "{accuracy}");
    assert!(metrics["final_loss"].as_f64().unwrap() > 1.0);
}
