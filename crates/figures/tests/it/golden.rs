use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::inputs::CHARTS;
use crate::picture::Picture;

static SAMPLES: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(all);

/// Name and picture of every chart.
fn all() -> Vec<(&'static str, Vec<u8>)> {
    let values: Vec<f64> = (0..40).map(|k| 1e-5 * (1.0 + f64::from(k * 17 % 40).powi(2))).collect();
    CHARTS.iter().map(|(name, draw, _)| (*name, draw(&values).expect(name))).collect()
}

/// A changed digest means that every figure of the project changes with it. If that is wanted:
/// `UPDATE_DIGESTS=1 cargo test --release -p figures`.
#[test]
fn figures_have_the_committed_digests() {
    let digests = SAMPLES.iter().fold(String::new(), |mut lines, (name, png)| {
        for byte in Sha256::digest(png) {
            write!(lines, "{byte:02x}").unwrap();
        }
        writeln!(lines, "  {name}").unwrap();
        lines
    });
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/digests.txt");
    if std::env::var_os("UPDATE_DIGESTS").is_some() {
        std::fs::write(&file, &digests).unwrap();
    }
    assert_eq!(digests, std::fs::read_to_string(file).unwrap());
}

#[test]
fn two_threads_draw_the_same_bytes() {
    let other = std::thread::spawn(all);
    assert!(*SAMPLES == other.join().unwrap());
}

#[test]
fn files_hold_a_large_picture_with_an_empty_edge_and_nothing_else() {
    for (name, png) in SAMPLES.iter() {
        let picture = Picture::read(png);
        let Picture { width, height, .. } = picture;
        assert!(width >= 1600 && height >= 1000, "{name} is {width} wide and {height} high");
        assert_eq!(chunks(png), ["IHDR", "PLTE", "IDAT", "IEND"], "{name}");
        for (column, row, pixel) in picture.places() {
            let inside = (16..width - 16).contains(&column) && (16..height - 16).contains(&row);
            assert!(inside || pixel == [255; 3], "{name} at {column}, {row}");
        }
    }
}

/// The kinds of chunks of a PNG file, repeated ones once.
fn chunks(png: &[u8]) -> Vec<String> {
    let mut kinds = Vec::new();
    let mut rest = &png[8..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        kinds.push(String::from_utf8_lossy(&after[..4]).into_owned());
        rest = &after[8 + u32::from_be_bytes(*length) as usize..];
    }
    kinds.dedup();
    kinds
}
