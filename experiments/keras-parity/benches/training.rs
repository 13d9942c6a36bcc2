//! The training of the first recorded configuration by both engines: `cargo bench -p keras-parity`.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use keras::recorded::{self, CaseData};
use keras::{Engine, Model};

fn training(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/keras/recorded.json");
    let case = recorded::load(&path).expect("the records are there").remove(0);
    let CaseData { x_train, y_train, .. } = case.data().expect("recorded inputs differ");
    let model = Model { layers: case.layers.clone() };
    for (name, engine) in [("libtorch", Engine::Libtorch), ("exact", Engine::Exact)] {
        let training = case.training(engine, 0);
        benchmark::time(criterion, &format!("keras-parity/{name}"), &model, &training, (&x_train, &y_train));
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
