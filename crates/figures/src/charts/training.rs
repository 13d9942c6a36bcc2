//! What every training has: values by epoch, and predictions beside labels.

use crate::axis::Axis;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::number::exact;
use crate::style::{BLUE, DASHED, Marker, REFERENCE, RING, Stroke, series};
use crate::{Error, Line, Point};

const IDENTITY: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// Values by epoch on a logarithmic axis; colour, dash and marker of the lines all differ. Points with a name of their
/// own are drawn over them as rings.
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

/// Pairs of a label and a prediction with the identity line, one length meaning the same on both axes, and beside them
/// how far each prediction is from its label. The legend calls a pair `point`; `facts` about the pairs, each a name with a
/// number, follow the subtitle.
pub fn predictions(
    title: &str,
    subtitle: &str,
    point: &str,
    pairs: &[Point],
    facts: &[(&str, f64)],
) -> Result<Vec<u8>, Error> {
    let is_whole = |&&(label, predict): &&Point| label.is_finite() && predict.is_finite();
    let whole: Vec<Point> = pairs.iter().filter(is_whole).copied().collect();
    let left_out = std::iter::repeat_n(f64::NAN, pairs.len() - whole.len());
    let both = || whole.iter().flat_map(|&(label, predict)| [label, predict]);
    let x = Axis::linear("label", both().chain(left_out))?;
    let y = Axis::linear("prediction", both())?;
    let radius = if pairs.len() <= 200 { 10.0 } else { 5.0 };
    let marker = Marker { rim: true, ..Marker::circle(BLUE, radius) };
    let legend = vec![Item::dot(point, marker), Item::line("prediction = label", IDENTITY)];
    let facts = facts.iter().map(|(name, value)| format!(", {name}: {}", exact(*value)));
    let subtitle = &format!("{subtitle}{}", facts.collect::<String>());
    let mut plot = Frame { title, subtitle, legend, is_square: true, ..Frame::default() }.plot(&x, &y);
    let corners = [(plot.area.left, plot.area.bottom), (plot.area.right, plot.area.top)];
    plot.canvas.line(&corners, IDENTITY);
    plot.points(whole.iter().copied(), marker);

    let gaps: Vec<Point> = whole.iter().map(|&(label, predict)| (label, predict - label)).collect();
    let x = Axis::linear("label", gaps.iter().map(|gap| gap.0))?;
    let y = Axis::linear("prediction − label", gaps.iter().map(|gap| gap.1).chain([0.0]))?;
    plot.beside(&x, &y);
    stand(&mut plot, &gaps);
    plot.into_png()
}

/// Values at places as stems from the zero line, such as the gap between prediction and label at each test point.
pub fn stems(title: &str, subtitle: &str, labels: [&str; 2], points: &[Point]) -> Result<Vec<u8>, Error> {
    let x = Axis::linear(labels[0], points.iter().map(|point| point.0))?;
    let y = Axis::linear(labels[1], points.iter().map(|point| point.1).chain([0.0]))?;
    let mut plot = Frame { title, subtitle, ..Frame::default() }.plot(&x, &y);
    stand(&mut plot, points);
    plot.into_png()
}

/// A zero line, and a stem from it to each point.
fn stand(plot: &mut Plot, points: &[Point]) {
    let zero = plot.up(0.0);
    plot.canvas.line(&[(plot.area.left, zero), (plot.area.right, zero)], Stroke::solid(REFERENCE, 3.0));
    let (radius, width) = match points.len() {
        0..=60 => (10.0, 4.0),
        61..=300 => (6.0, 2.5),
        _ => (4.0, 1.5),
    };
    for &(x, y) in points.iter().filter(|point| point.0.is_finite() && point.1.is_finite()) {
        plot.line([(x, 0.0), (x, y)], Stroke::solid(BLUE, width));
    }
    plot.points(points.iter().copied(), Marker::circle(BLUE, radius));
}
