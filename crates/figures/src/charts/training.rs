//! What every training has: values by epoch, and predictions beside labels.

use crate::axis::Axis;
use crate::canvas::{Align, Text};
use crate::font::{self, Weight};
use crate::frame::Frame;
use crate::legend::{self, Item};
use crate::number::exact;
use crate::style::{BLUE, DASHED, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, REFERENCE, RING, Stroke, WIDTH, series};
use crate::{Error, Line, Point};

const IDENTITY: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// Values by epoch on a logarithmic axis; colour, dash and marker of the lines all differ. Points with a name of their
/// own are drawn over them as rings.
///
/// # Errors
/// Without values, with columns of different lengths, or without a value above zero.
pub fn curves_by_epoch(
    title: &str,
    subtitle: &str,
    y_label: &str,
    curves: &[Line<'_>],
    (marked, points): (&str, &[Point]),
) -> Result<Vec<u8>, Error> {
    curves.iter().try_for_each(Line::check)?;
    let all = || curves.iter().flat_map(Line::points).chain(points.iter().copied());
    let x = Axis::epochs(all().map(|point| point.0))?;
    let y = Axis::logarithmic(y_label, all().map(|point| point.1))?;
    // A lone long curve needs no markers; several are told apart by them too.
    let marker = |index: usize| (curves.len() > 1 || curves[index].x.len() <= 30).then_some(series(index).1);
    let stroke = |index: usize| Stroke::by_epoch(index, curves[index].x.len());
    let items = curves.iter().enumerate();
    let items = items.map(|(index, curve)| Item { marker: marker(index), ..Item::line(curve.name, stroke(index)) });
    let mut legend: Vec<Item> = items.collect();
    legend.extend((!points.is_empty()).then(|| Item::dot(marked, RING)));

    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    let traces = curves.iter().enumerate();
    let traces = traces.map(|(index, curve)| (plot.runs(curve.points()), stroke(index), marker(index)));
    let traces: Vec<_> = traces.collect();
    plot.traces(&traces);
    plot.points(points.iter().copied(), RING);
    plot.into_png()
}

/// Pairs of a label and a prediction with the identity line; one length means the same on both axes. The legend calls a
/// pair `point`; `facts` about the pairs stand below it, each a name with a number.
///
/// # Errors
/// Without pairs, or without a finite one.
pub fn predictions(
    title: &str,
    subtitle: &str,
    point: &str,
    pairs: &[Point],
    facts: &[(&str, f64)],
) -> Result<Vec<u8>, Error> {
    let is_whole = |&&(label, predict): &&Point| label.is_finite() && predict.is_finite();
    let whole = || pairs.iter().filter(is_whole).flat_map(|&(label, predict)| [label, predict]);
    let left_out = pairs.iter().filter(|pair| !is_whole(pair)).map(|_| f64::NAN);
    let x = Axis::linear("label", whole().chain(left_out))?;
    let y = Axis::linear("prediction", whole())?;
    let radius = if pairs.len() <= 200 { 10.0 } else { 5.0 };
    let marker = Marker { rim: true, ..Marker::circle(BLUE, radius) };
    let mut plot = Frame { title, subtitle, is_square: true, ..Frame::default() }.plot(&x, &y);
    let corners = [(plot.area.left, plot.area.bottom), (plot.area.right, plot.area.top)];
    plot.canvas.line(&corners, IDENTITY);
    plot.points(pairs.iter().copied(), marker);

    let items = [Item::dot(point, marker), Item::line("prediction = label", IDENTITY)];
    let (left, top) = (plot.area.right + 80.0, plot.area.top + 20.0);
    legend::draw_column(&mut plot.canvas, &items, left, top);
    let mut y = top + 3.0 * legend::ROW;
    for &(name, value) in facts {
        let name = font::shorten(name, Weight::Regular, LEGEND_SIZE, f64::from(WIDTH) - MARGIN - left);
        plot.canvas.text(Text::new(name, (left, y), LEGEND_SIZE, MUTED, Align::Left));
        plot.canvas.text(Text::new(exact(value), (left, y + 42.0), 34.0, INK, Align::Left));
        y += 112.0;
    }
    plot.into_png()
}

/// Values at places as stems from the zero line, such as the gap between prediction and label at each test point.
///
/// # Errors
/// Without points, or without a finite one.
pub fn stems(title: &str, subtitle: &str, labels: [&str; 2], points: &[Point]) -> Result<Vec<u8>, Error> {
    let x = Axis::linear(labels[0], points.iter().map(|point| point.0))?;
    let y = Axis::linear(labels[1], points.iter().map(|point| point.1).chain([0.0]))?;
    let mut plot = Frame { title, subtitle, ..Frame::default() }.plot(&x, &y);
    let zero = plot.up(0.0);
    plot.canvas.line(&[(plot.area.left, zero), (plot.area.right, zero)], Stroke::solid(REFERENCE, 3.0));
    let (radius, width) = if points.len() <= 60 { (10.0, 4.0) } else { (4.0, 1.5) };
    for &(x, y) in points.iter().filter(|point| point.0.is_finite() && point.1.is_finite()) {
        plot.line([(x, 0.0), (x, y)], Stroke::solid(BLUE, width));
    }
    plot.points(points.iter().copied(), Marker::circle(BLUE, radius));
    plot.into_png()
}
