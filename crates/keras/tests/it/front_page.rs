use keras::{Model, Sequential, Training};

/// What is written here is in the words of a manifest.
const MODEL: &str = "layers: [{units: 16, activation: relu}, {units: 1}]";
const TRAINING: &str = "{engine: exact, flow: keras-3, seed: 0, optimizer: {name: adam}, loss: mse, epochs: 300}";

#[test]
fn a_parabola_is_learnt() -> Result<(), Box<dyn std::error::Error>> {
    let x: Vec<f32> = (-50..50).map(|i| i as f32 / 50.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x * x).collect();
    let (model, training): (Model, Training) = (serde_yaml::from_str(MODEL)?, serde_yaml::from_str(TRAINING)?);
    let mut network = Sequential::from(&model).compile(&training, 1)?;
    let history = network.fit(&x, &y, |epoch| println!("epoch {}: loss {}", epoch.epoch, epoch.loss))?;
    assert!(history.final_loss() < 0.01);
    assert!((network.predict(&[0.5])?[0] - 0.25).abs() < 0.1);
    Ok(())
}
