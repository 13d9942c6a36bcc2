//! How far each factor moves the median accuracy, a row a factor.

use figures::{
    Align, Axis, BLUE, Color, Error, Frame, GREY_BLUE, HEAD, INK, Item, MUTED, Marker, Stroke, TICK_SIZE, series,
    widest,
};
use notebook::median;

use crate::Level;

const ROW: f64 = 52.0;
const COLUMN_GAP: f64 = 34.0;
const COLUMN_HEADS: [&str; 2] = ["best level", "worst level"];

/// A factor with its levels from the best to the worst, each with its median relative to the baseline's.
struct Row<'a> {
    name: &'a str,
    levels: Vec<(&'a str, f64)>,
}

/// The range from the best to the worst median of each factor's levels, relative to the median of the baseline. The factor
/// with the widest range comes first.
pub fn overview(
    title: &str,
    subtitle: &str,
    x_label: &str,
    factors: &[(&str, &[Level])],
    baseline: f64,
) -> Result<Vec<u8>, Error> {
    let relative = |level: &Level| {
        median(&level.accuracies.iter().copied().filter(|value| value.is_finite()).collect::<Vec<_>>()) / baseline
    };
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (name, levels) in factors {
        let mut levels: Vec<(&str, f64)> = levels.iter().map(|level| (level.name.as_str(), relative(level))).collect();
        levels.retain(|level| level.1.is_finite() && level.1 > 0.0);
        levels.sort_by(|one, other| one.1.total_cmp(&other.1));
        rows.extend((!levels.is_empty()).then_some(Row { name, levels }));
    }
    let all = factors.iter().flat_map(|(_, levels)| *levels).flat_map(|level| &level.accuracies).copied();
    let note = Axis::logarithmic("", all)?.note();
    let [best, worst] = [|row: &Row<'_>| row.levels[0].1, |row: &Row<'_>| row.levels[row.levels.len() - 1].1];
    let width = |row: &Row<'_>| worst(row) / best(row);
    rows.sort_by(|one, other| width(other).total_cmp(&width(one)));
    let medians = rows.iter().flat_map(|row| &row.levels).map(|level| level.1).chain([1.0]);
    let x = Axis::tight_logarithmic(x_label, medians)?;
    let y = Axis::rows("", rows.iter().map(|row| row.name), ROW).with_head(HEAD);
    let marker = |color: Color, radius: f64| Marker { rim: true, ..Marker::circle(color, radius) };
    // The worst level has not the colour of the line of the baseline.
    let looks = [marker(BLUE, 12.0), marker(INK, 7.0), marker(series(4).0.color, 12.0)];
    let legend = ["best level", "other level", "worst level"];
    let legend = legend.into_iter().zip(looks).map(|(name, look)| Item::dot(name, look)).collect();
    let names = [0, 1].map(|end| {
        rows.iter()
            .map(|row| if end == 0 { row.levels[0].0 } else { row.levels[row.levels.len() - 1].0 })
            .collect::<Vec<_>>()
    });
    let columns =
        [0, 1].map(|end| widest(names[end].iter().copied().chain([COLUMN_HEADS[end]]), TICK_SIZE) + COLUMN_GAP);

    let right = columns[0] + columns[1];
    let mut plot = Frame { title, subtitle, legend, note, right, ..Frame::default() }.plot(&x, &y);
    plot.rule("baseline", 1.0);
    for (place, row) in (0..).map(f64::from).zip(&rows) {
        let [best, worst] = [(best(row), place), (worst(row), place)];
        plot.line([best, worst], Stroke::solid(GREY_BLUE, 10.0));
        plot.points(row.levels.iter().map(|level| (level.1, place)), looks[1]);
        if row.levels.len() > 1 {
            plot.points([worst], looks[2]);
        }
        plot.points([best], looks[0]);
    }
    let mut x = plot.area.right + COLUMN_GAP;
    for end in [0, 1] {
        plot.column(x, Align::Left, (TICK_SIZE, INK), names[end].iter().copied());
        plot.write(COLUMN_HEADS[end], (x, plot.area.top + 22.5), (TICK_SIZE, MUTED), Align::Left);
        x += columns[end];
    }
    plot.into_png()
}
