//! How far losses are from real Keras' by epoch: over all configurations, and of each.

use figures::{Area, Axis, ColourBar, Error, Frame, INK, Item, MISSING, Marker, Point, Stroke, ZERO, series};

/// The band of zeros is at least this high in pixels.
const ZERO_BAND: f64 = 84.0;
/// From the zero of one engine to that of the next, so that none covers another.
const LANE: f64 = 20.0;
/// The axis reaches at least so far, so that it has decades even when every distance is zero.
const LEAST: [f64; 2] = [1.0, 1000.0];
const THIN: f64 = 2.0;
const ZERO_NAME: &str = "0: every bit equal";
/// A row of the map is this high where there are so many that they do not fit the usual height, and has a gap below it only if
/// it is much higher.
const ROW: f64 = 8.0;
const USUAL: f64 = 700.0;
const HIGH: f64 = 20.0;
/// About as many epochs of the map have a label.
const STEPS: f64 = 10.0;

/// For each engine, a name with the median and the largest distance by epoch, a line through the medians and a thin one
/// through the largest. Zeros lie in a band of their own at the lower edge, each engine a little below the one before.
pub fn by_epoch(
    title: &str,
    subtitle: &str,
    y_label: &str,
    engines: &[(&str, &[Vec<f64>; 2])],
) -> Result<Vec<u8>, Error> {
    let points = |column: &[f64]| (1..).map(f64::from).zip(column.iter().copied()).collect::<Vec<Point>>();
    let values = || engines.iter().flat_map(|(_, columns)| columns.iter()).flatten().copied();
    let x = Axis::epochs(engines.iter().flat_map(|(_, [median, _])| points(median)).map(|point| point.0))?;
    // Engines without zeros need no lane.
    let has_zeros = |engine: &&(&str, &[Vec<f64>; 2])| engine.1.iter().any(|column| column.contains(&0.0));
    let count = |engines: &[(&str, &[Vec<f64>; 2])]| engines.iter().filter(has_zeros).count() as f64;
    let all = count(engines);
    let band = ZERO_BAND.max(LANE * (all + 1.0));
    let y = Axis::logarithmic(y_label, values().filter(|&value| value > 0.0).chain(LEAST))?.with_band(band, "0");
    let marker = |index| Marker { radius: 9.0, ..series(index).1 };
    let items = engines.iter().enumerate();
    let items =
        items.map(|(index, (name, _))| Item { marker: Some(marker(index)), ..Item::line(*name, series(index).0) });
    let mut legend: Vec<Item> = items.collect();
    legend.push(Item::line("median of the cases", Stroke::solid(INK, 4.0)));
    legend.push(Item::line("largest of all cases", Stroke::solid(INK, THIN)));
    legend.push(Item::area(ZERO_NAME, ZERO));

    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    plot.bar(Area { top: plot.area.bottom - band + 6.0, ..plot.area }, ZERO);
    let middle = plot.up(0.0);
    let runs = |index: usize, column: usize| {
        let lane = LANE * (count(&engines[..index]) - (all - 1.0) / 2.0);
        let mut runs = plot.runs(points(&engines[index].1[column]));
        runs.iter_mut().flatten().filter(|at| at.1 == middle).for_each(|at| at.1 += lane);
        runs
    };
    let largest = (0..engines.len()).map(|index| (runs(index, 1), Stroke::solid(series(index).0.color, THIN), None));
    let medians = (0..engines.len()).map(|index| (runs(index, 0), series(index).0, Some(marker(index))));
    let (largest, medians): (Vec<_>, Vec<_>) = (largest.collect(), medians.collect());
    plot.traces(&largest);
    plot.traces(&medians);
    plot.into_png()
}

/// A coloured cell for each configuration (a row with its name, the first on top) and epoch (column); distances that are not numbers
/// are grey.
pub fn map(title: &str, subtitle: &str, rows: &[(&str, Vec<f64>)], epochs: usize) -> Result<Vec<u8>, Error> {
    let distances = || rows.iter().flat_map(|row| row.1.iter().copied());
    let positive = distances().filter(|&distance| distance > 0.0);
    let bar = Axis::logarithmic("units in the last place", positive);
    let bar = bar.ok().map(|axis| ColourBar::new(&axis, false));
    let x = Axis::whole("epoch", 0.5, epochs as f64 + 0.5, STEPS).from_first();
    // From the lower end.
    let names: Vec<String> = rows.iter().rev().map(|row| row.0.to_owned()).collect();
    let y = Axis::choices("", &names);
    let mut legend = Vec::new();
    legend.extend(distances().any(|distance| distance == 0.0).then(|| Item::area(ZERO_NAME, ZERO)));
    legend.extend(distances().any(f64::is_nan).then(|| Item::area("no value", MISSING)));

    let count = rows.len();
    let taller = (ROW * count as f64 - USUAL).max(0.0);
    let mut plot = Frame { title, subtitle, legend, taller, bar: bar.as_ref(), ..Frame::default() }.plot(&x, &y);
    let gap = if USUAL >= HIGH * count as f64 { 1.0 } else { 0.0 };
    plot.cells(plot.area, [epochs, count], gap, |column, row| match (rows[row].1[column], &bar) {
        (distance, _) if distance.is_nan() => MISSING,
        (distance, Some(bar)) if distance > 0.0 => bar.color(distance),
        _ => ZERO,
    });
    plot.into_png()
}
