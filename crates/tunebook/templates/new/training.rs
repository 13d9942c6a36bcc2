//! One training step and one whole `fit` of `{{ name }}`: `cargo bench -p {{ name }}`.

use criterion::{Criterion, criterion_group, criterion_main};

fn training(criterion: &mut Criterion) {
    benchmark::training(criterion, env!("CARGO_MANIFEST_DIR"));
}

criterion_group!(benches, training);
criterion_main!(benches);
