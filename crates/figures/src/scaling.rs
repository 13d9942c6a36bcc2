//! How a measure grows with the size of the work, on two logarithmic axes.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::direct::{self, Label};
use crate::frame::{Frame, Plot};
use crate::loss::spaced;
use crate::style::{DASHED, MARGIN, Marker, REFERENCE, Stroke, WIDTH, series};
use crate::{Error, check_columns, note_left_out};

const LIMIT: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };
/// Half the length of the caps of a whisker.
const CAP: f64 = 8.0;

/// A measure at several sizes.
#[derive(Debug, Clone, Copy)]
pub struct ScalingLine<'a> {
    /// What stands beside its right end.
    pub name: &'a str,
    /// The sizes, in ascending order.
    pub x: &'a [f64],
    /// The measure at each size.
    pub y: &'a [f64],
    /// The lower ends of the whiskers; empty for none.
    pub low: &'a [f64],
    /// The upper ends of the whiskers; empty for none.
    pub high: &'a [f64],
}

/// Lines with markers and whiskers on two logarithmic axes, each with its name at its right end.
/// `limit` is a dashed line without markers, such as what the arithmetic alone allows.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a pair that has a place on
/// logarithmic axes.
pub fn scaling_lines(
    title: &str,
    subtitle: &str,
    x_label: &str,
    y_label: &str,
    lines: &[ScalingLine<'_>],
    limit: Option<ScalingLine<'_>>,
) -> Result<Vec<u8>, Error> {
    for line in lines.iter().chain(&limit) {
        line.check()?;
    }
    if lines.iter().all(|line| line.x.is_empty()) {
        return Err(Error::Empty { what: "lines" });
    }
    let shown = &lines[..lines.len().min(direct::MOST)];
    let drawable = |line: &ScalingLine<'_>| line.pairs().filter(has_a_place).count();
    if shown.iter().all(|line| drawable(line) == 0) {
        return Err(Error::NothingToDraw { what: "lines" });
    }
    let pairs = || shown.iter().chain(&limit).flat_map(ScalingLine::pairs).filter(has_a_place);
    let sizes: Vec<f64> = pairs().map(|pair| pair.0).collect();
    let whiskers = shown.iter().flat_map(ScalingLine::whiskers).flat_map(|(_, low, high)| [low, high]);
    let (low, high) = range(pairs().map(|pair| pair.1).chain(whiskers)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, x_label, y_label);
    let all: usize = shown.iter().map(|line| line.x.len()).sum();
    frame.note = if shown.len() < lines.len() {
        Some(format!("{} more lines are not shown", lines.len() - shown.len()))
    } else {
        note_left_out(all - shown.iter().map(drawable).sum::<usize>(), "not finite or not above zero")
    };
    frame.right = MARGIN + direct::room(shown.iter().chain(&limit).map(|line| line.name));
    let length = f64::from(WIDTH) - frame.right - 240.0;
    let mut plot =
        frame.draw(|height| (Axis::logarithmic_at(&sizes, length), Axis::logarithmic(low, high, height, 40.0)))?;
    let mut labels = Vec::new();
    if let Some(line) = &limit {
        labels.extend(line.draw(&mut plot, LIMIT, None)?);
    }
    for (index, line) in shown.iter().enumerate() {
        let (stroke, marker) = series(index);
        labels.extend(line.draw(&mut plot, stroke, Some(marker))?);
    }
    direct::draw(&mut plot, labels)?;
    for (index, line) in shown.iter().enumerate() {
        line.draw_markers(&mut plot, (index, shown.len()))?;
    }
    plot.canvas.into_png()
}

fn has_a_place(&(x, y): &(f64, f64)) -> bool {
    x.is_finite() && x > 0.0 && y.is_finite() && y > 0.0
}

impl ScalingLine<'_> {
    fn check(&self) -> Result<(), Error> {
        if self.x.len() != self.y.len() {
            check_columns(("x", self.x.len()), ("y", self.y.len()))?;
        }
        for (name, column) in [("low", self.low), ("high", self.high)] {
            if !column.is_empty() && column.len() != self.x.len() {
                check_columns(("x", self.x.len()), (name, column.len()))?;
            }
        }
        Ok(())
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.x.iter().copied().zip(self.y.iter().copied())
    }

    /// Size and ends of the whiskers that can be drawn.
    fn whiskers(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let columns = self.x.iter().zip(self.low).zip(self.high).map(|((&x, &low), &high)| (x, low, high));
        columns.filter(|&(x, low, high)| has_a_place(&(x, low)) && has_a_place(&(x, high)))
    }

    /// Draws the line; gives its name and right end if there is one.
    fn draw(&self, plot: &mut Plot, stroke: Stroke, marker: Option<Marker>) -> Result<Option<Label>, Error> {
        let pairs: Vec<(f64, f64)> = self.pairs().collect();
        for run in pairs.split(|pair| !has_a_place(pair)) {
            let run: Vec<Position> = run.iter().map(|&(x, y)| plot.position(x, y)).collect();
            plot.canvas.line(&run, stroke)?;
        }
        let last = pairs.iter().rfind(|pair| has_a_place(pair));
        Ok(last.map(|&(x, y)| Label { name: self.name.to_owned(), end: plot.position(x, y), stroke, marker }))
    }

    fn draw_markers(&self, plot: &mut Plot, (index, lines): (usize, usize)) -> Result<(), Error> {
        let marker = series(index).1;
        let whisker = Stroke::solid(marker.color, 2.5);
        for (x, low, high) in self.whiskers() {
            let (x, low) = plot.position(x, low);
            let high = plot.up(plot.y.fraction(high));
            plot.canvas.line(&[(x, low), (x, high)], whisker)?;
            for y in [low, high] {
                plot.canvas.line(&[(x - CAP, y), (x + CAP, y)], whisker)?;
            }
        }
        let all: Vec<Position> = self.pairs().filter(has_a_place).map(|(x, y)| plot.position(x, y)).collect();
        for at in spaced(&all, plot.area.right - plot.area.left, index, lines) {
            plot.canvas.marker(at, marker)?;
        }
        Ok(())
    }
}
