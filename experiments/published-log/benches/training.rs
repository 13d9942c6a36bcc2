//! The replayed training: `cargo bench -p published-log`.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use published_log::Manifest;

fn training(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest.yaml");
    let manifest = manifest::load::<Manifest>(&path, &[]).expect("the manifest loads");
    let data = manifest.data.dataset(manifest.scaling, manifest.restore).expect("the manifest's inputs differ");
    let rows = (&data.train.x[..], &data.train.y[..]);
    benchmark::time(criterion, "published-log/exact", &manifest.model, &manifest.training(), rows);
}

criterion_group!(benches, training);
criterion_main!(benches);
