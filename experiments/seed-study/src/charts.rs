//! How losses spread over the seeds, and where the post's values fall.

use figures::{
    Align, Area, Axis, BLUE, Error, Frame, INK, Item, LEGEND_SIZE, MARGIN, MUTED, Marker, Point, RING, Shape, Stroke,
    VERMILLION, WHITE, WIDTH, paler, series, widest,
};

/// The share of colour in the area from 1 to 99 %, and that added from 25 to 75 %.
const OUTER: f64 = 0.18;
const INNER: f64 = 0.34;
/// The same in the zones of percentiles.
const OUTER_ZONE: f64 = 0.08;
const INNER_ZONE: f64 = 0.20;
/// Height of a percentile's row, and from the plot to the column of values.
const ROW: f64 = 50.0;
const COLUMN_GAP: f64 = 40.0;
const INSIDE: Marker = Marker { rim: true, ..Marker::circle(BLUE, 12.0) };
const OUTSIDE: Marker = Marker { shape: Shape::Diamond, color: VERMILLION, ..INSIDE };

/// The losses of each configuration by epoch, a name with the 1, 25, 50, 75 and 99 % quantiles: a line through the medians
/// and two areas. Published losses are drawn over them as rings.
pub fn bands(
    title: &str,
    subtitle: &str,
    configurations: &[(&str, &[Vec<f64>; 5])],
    published: &[Point],
) -> Result<Vec<u8>, Error> {
    let points = |column: &[f64]| (1..).map(f64::from).zip(column.iter().copied()).collect::<Vec<Point>>();
    let columns = configurations.iter().flat_map(|(_, quantiles)| quantiles.iter()).flat_map(|column| points(column));
    let columns: Vec<Point> = columns.collect();
    // Published losses alone would be a figure of something else.
    if !columns.is_empty() && !columns.iter().any(|point| point.1.is_finite() && point.1 > 0.0) {
        return Err(Error::NothingToDraw);
    }
    let all: Vec<Point> = columns.into_iter().chain(published.iter().copied()).collect();
    let x = Axis::epochs(all.iter().map(|point| point.0))?;
    let y = Axis::logarithmic("loss", all.iter().map(|point| point.1))?;
    let medians = configurations.iter().enumerate();
    let medians = medians.map(|(index, (name, _))| Item::line(format!("{name}: median"), series(index).0));
    let color = if configurations.len() == 1 { series(0).0.color } else { MUTED };
    let mut legend: Vec<Item> = medians.collect();
    legend.push(Item::area("25–75 % of the runs", paler(color, 1.0 - (1.0 - OUTER) * (1.0 - INNER))));
    legend.push(Item::area("1–99 % of the runs", paler(color, OUTER)));
    legend.extend((!published.is_empty()).then(|| Item::dot("published", RING)));

    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    for (first, last, share) in [(0, 4, OUTER), (1, 3, INNER)] {
        for (index, (_, quantiles)) in configurations.iter().enumerate() {
            let rows = points(&quantiles[first]).into_iter().zip(&quantiles[last]);
            plot.area(rows.map(|((epoch, low), &high)| (epoch, high, low)), series(index).0.color, share as f32);
        }
    }
    for (index, (_, quantiles)) in configurations.iter().enumerate() {
        plot.line(points(&quantiles[2]), Stroke::by_epoch(index, quantiles[2].len()));
    }
    plot.points(published.iter().copied(), RING);
    plot.into_png()
}

/// Published values, a name with its percentile in the study, as dots between 0 and 100 % with the percentile in a column.
/// The zones from 1 to 99 % and from 25 to 75 % are shaded; a value outside the wider one is a diamond.
pub fn percentiles(title: &str, subtitle: &str, x_label: &str, values: &[(&str, f64)]) -> Result<Vec<u8>, Error> {
    let is_inside = |percentile: f64| (1.0..=99.0).contains(&percentile);
    // A little room for dots at the ends.
    let x = Axis::percent(x_label, -2.0, 102.0);
    let y = Axis::rows("", values.iter().map(|value| value.0), ROW);
    let mut legend = Vec::new();
    legend.extend(values.iter().any(|value| is_inside(value.1)).then(|| Item::dot("published value", INSIDE)));
    let outside = "published value outside 1–99 %";
    legend.extend(values.iter().any(|value| !is_inside(value.1)).then(|| Item::dot(outside, OUTSIDE)));
    legend.push(Item::area("25–75 % of the study", paler(BLUE, INNER_ZONE)));
    legend.push(Item::area("1–99 % of the study", paler(BLUE, OUTER_ZONE)));
    let written: Vec<String> = values.iter().map(|value| written(value.1)).collect();
    let right = COLUMN_GAP + widest(written.iter().map(String::as_str), LEGEND_SIZE);

    let mut plot = Frame { title, subtitle, legend, right, ..Frame::default() }.plot(&x, &y);
    let Area { left, top, right, bottom } = plot.area;
    for (low, high, share) in [(1.0, 99.0, OUTER_ZONE), (25.0, 75.0, INNER_ZONE)] {
        plot.bar(Area { left: plot.across(low), right: plot.across(high), ..plot.area }, paler(BLUE, share));
    }
    // The shading covers the grid; the middle and each row need their lines again.
    let middle = plot.across(50.0);
    plot.canvas.line(&[(middle, top), (middle, bottom - 4.0)], Stroke::solid(WHITE, 3.0));
    let rows = || (0..).map(f64::from).zip(values.iter().map(|value| value.1)).filter(|(row, _)| y.has(*row));
    for (row, _) in rows() {
        plot.canvas.line(&[(left + 2.0, plot.up(row)), (right, plot.up(row))], Stroke::solid(WHITE, 2.0));
    }
    for (row, percentile) in rows() {
        plot.points([(percentile, row)], if is_inside(percentile) { INSIDE } else { OUTSIDE });
    }
    plot.column(f64::from(WIDTH) - MARGIN, Align::Right, (LEGEND_SIZE, INK), written);
    plot.into_png()
}

/// A percentile as text: whole in the middle, with a decimal near the ends.
fn written(percentile: f64) -> String {
    match percentile {
        _ if percentile.is_nan() => "no value".to_owned(),
        ..0.1 => "< 0.1 %".to_owned(),
        99.9.. => "> 99.9 %".to_owned(),
        ..1.95 | 98.05.. => format!("{percentile:.1} %"),
        _ => format!("{percentile:.0} %"),
    }
}
