//! What the scanned seeds say: a figure of their accuracies, and a paragraph on how often the post's text comes out.

use anyhow::Context as _;
use dataset::{Restore, Scaling};
use figures::Distribution;
use keras::SeedScan;
use notebook::{Notebook, python_repr};
use serde::{Deserialize, Serialize};

use crate::Manifest;

/// What is kept of scanned seeds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Scanned {
    count: u64,
    /// How many of them print the published accuracy, and the first that does.
    hits: u64,
    first_hit: Option<i64>,
    /// The seeds that have a row.
    pub seeds: Vec<i64>,
    /// Their accuracies.
    pub accuracies: Vec<f64>,
}

impl Scanned {
    /// What is kept of these seeds and their accuracies.
    pub fn new(scan: SeedScan, seeds: &[i64], mut accuracies: Vec<f64>, published: Option<&str>) -> Self {
        let hits = seeds.iter().zip(&accuracies).filter(|(_, accuracy)| Some(&*python_repr(**accuracy)) == published);
        let hits: Vec<i64> = hits.map(|(&seed, _)| seed).collect();
        let rows: Vec<i64> = seeds.iter().copied().filter(|&seed| scan.has_row(seed)).collect();
        accuracies.truncate(rows.len());
        let (count, first_hit) = (seeds.len() as u64, hits.first().copied());
        Self { count, hits: hits.len() as u64, first_hit, seeds: rows, accuracies }
    }

    /// Adds what is kept of the seeds that come next.
    pub fn add(&mut self, next: Self) {
        self.count += next.count;
        self.hits += next.hits;
        self.first_hit = self.first_hit.or(next.first_hit);
        self.seeds.extend(next.seeds);
        self.accuracies.extend(next.accuracies);
    }
}

/// Draws and describes the accuracies of the scanned seeds, over the lattice on which they lie where they do.
pub fn describe(notebook: &mut Notebook, manifest: &Manifest, scan: SeedScan, scanned: &Scanned) -> anyhow::Result<()> {
    let SeedScan { first, last, .. } = scan;
    let Scanned { count, hits, first_hit, accuracies, .. } = scanned;
    let published =
        notebook.published().printed("accuracy").context("the post's accuracy is not among the published numbers")?;
    let published = published.to_owned();
    let marked: f64 = published.parse().with_context(|| format!("{published} is not a number"))?;
    let found = match (hits, first_hit) {
        (1, Some(seed)) => format!("one of them, {seed}, prints `{published}`"),
        (_, Some(seed)) => format!("{hits} of them print `{published}`, and seed {seed} is the smallest"),
        (_, None) => format!("none of them prints `{published}`"),
    };
    let mut text = match count {
        1 => format!(
            "1 seed was trained, {first}: it {} `{published}`.",
            if *hits == 0 { "does not print" } else { "prints" }
        ),
        count => format!("{count} seeds were trained, {first} to {last}: {found}."),
    };
    let lattice = lattice_numbers(manifest, accuracies);
    let marked_number = lattice_number(marked);
    if lattice.is_some() {
        text += " Predictions are restored in float32, so every error on the test data is a multiple of 2⁻¹⁷ below 128 and \
                 of 2⁻¹⁶ above. An accuracy is therefore 2⁻¹⁷·√(N/20) with a whole number N";
        let hit = marked_number.filter(|_| *hits > 0).map(|number| {
            format!(
                ", and few values of N are likely: the post's number, N = {number}, can be hit to the last digit. The post's \
                 own run set no seed, so hitting it does not show that these are its initial weights.",
            )
        });
        text += hit.as_deref().unwrap_or(".");
    }
    notebook.value("seeds_scanned", *count);
    notebook.value("seeds_with_published_accuracy", *hits);
    notebook.paragraph(text);
    let title = &notebook.name();
    let which = match accuracies.len() {
        rows if rows as u64 == *count => "every scanned seed".to_owned(),
        rows => format!("the first {rows} of {count} scanned seeds"),
    };
    if let Some(numbers) = lattice {
        let caption = &format!("Accuracy of {which} on its lattice, 2⁻¹⁷·√(N/20)");
        let labels = ["lattice number N = 20 · (accuracy · 2¹⁷)²", "seeds"];
        let name = match numbers.len() {
            1 => "1 seed by lattice number".to_owned(),
            count => format!("{count} seeds by lattice number"),
        };
        let marked = marked_number.map(|number| ("published", number));
        let figure = figures::counts(caption, title, labels, &name, "N", &numbers, marked);
        return notebook.figure("accuracy_by_seed", caption, figure);
    }
    let caption = &format!("Accuracy of {which}");
    let groups = [Distribution { name: "scanned seeds", values: accuracies }];
    let marked = Some(("published", marked));
    let label = "root mean square error on the test data";
    notebook.figure("accuracy_by_seed", caption, figures::distributions(caption, title, &groups, marked, label))
}

/// The lattice numbers of the finite accuracies where all of them have one: with twenty test points, and predictions that
/// are restored in float32 and none of which is so small that its steps are finer.
fn lattice_numbers(manifest: &Manifest, accuracies: &[f64]) -> Option<Vec<f64>> {
    let is_float32 = manifest.scaling == Scaling::None || manifest.restore == Restore::Float32;
    let finite = accuracies.iter().copied().filter(|accuracy| accuracy.is_finite());
    let numbers: Vec<f64> = finite.map(lattice_number).collect::<Option<_>>()?;
    (is_float32 && manifest.data.test.size == 20 && !numbers.is_empty()).then_some(numbers)
}

/// The whole number N of an accuracy 2⁻¹⁷·√(N/20), which the root mean square of twenty whole multiples of 2⁻¹⁷ is; none
/// if it has none, as far as float64 tells.
fn lattice_number(accuracy: f64) -> Option<f64> {
    let steps = accuracy * 131_072.0;
    let number = (20.0 * steps * steps).round();
    let whole = (number / 20.0).sqrt() / 131_072.0;
    // Four roundings lead from the mean of the squares to here and back.
    (accuracy >= 0.0 && (whole - accuracy).abs() <= 4.0 * f64::EPSILON * accuracy).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::lattice_number;

    /// Every accuracy of twenty gaps of whole multiples of 2⁻¹⁷ is on the lattice; between its points there is nothing.
    #[test]
    fn the_lattice_has_its_points_and_no_others() {
        for number in (0..2000_u32).chain([1 << 20, (1 << 30) + 1, u32::MAX]).map(f64::from) {
            let at = |number: f64| (number / 20.0).sqrt() / 131_072.0;
            assert_eq!(lattice_number(at(number)), Some(number));
            assert_eq!(lattice_number(at(number + 0.25)), None, "{number}");
        }
        assert_eq!(lattice_number(1.0789593218788873e-05), Some(40.0));
        assert_eq!([f64::NAN, f64::INFINITY, -1.0].map(lattice_number), [None; 3]);
    }
}
