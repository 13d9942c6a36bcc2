//! The training of the first recorded configuration by both engines: `cargo bench -p keras-parity`.

use std::path::Path;

use keras::recorded::{self, CaseData};
use keras::{Engine, Model};

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/keras/recorded.json");
    let case = recorded::load(&path).expect("the records are there").remove(0);
    let CaseData { x_train, y_train, .. } = case.data().expect("recorded inputs differ");
    let model = Model { layers: case.layers.clone() };
    let mut criterion = benchmark::criterion();
    for (name, engine) in [("libtorch", Engine::Libtorch), ("exact", Engine::Exact)] {
        let training = case.training(engine, 0);
        let rows = ((&x_train[..], &y_train[..]), None);
        benchmark::time(&mut criterion, &format!("keras-parity/{name}"), &model, &training, rows);
    }
    criterion.final_summary();
}
