//! One training step and one whole `fit` of `fuel-efficiency`: `cargo bench -p raw-relu`.

use criterion::{Criterion, criterion_group, criterion_main};

fn training(criterion: &mut Criterion) {
    benchmark::training(criterion, env!("CARGO_MANIFEST_DIR"));
}

criterion_group!(benches, training);
criterion_main!(benches);
