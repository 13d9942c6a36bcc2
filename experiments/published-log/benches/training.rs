//! The replayed training: `cargo bench -p published-log`.

use std::path::Path;

use published_log::Manifest;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest.yaml");
    let manifest = manifest::load::<Manifest>(&path, &[]).expect("the manifest loads");
    let data = manifest.data.dataset(manifest.scaling, manifest.restore).expect("the manifest's inputs differ");
    let rows = ((&data.train.x[..], &data.train.y[..]), None);
    let mut criterion = benchmark::criterion();
    benchmark::time(&mut criterion, "published-log/exact", &manifest.model, &manifest.training(), rows);
    criterion.final_summary();
}
