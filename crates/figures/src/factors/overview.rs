//! How far each factor moves the objective, a row a factor.

use super::{Factor, LONGEST_LEVEL, MOST, median, note};
use crate::axis::{Axis, has_a_place, range};
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::Item;
use crate::mark::{HEAD, mark};
use crate::style::{BLUE, GREY_BLUE, INK, MARGIN, MUTED, Marker, Stroke, TICK_SIZE, WIDTH, series};
use crate::trial::Objective;
use crate::{Distribution, Error, joined};

/// Rows that fit into a figure of the usual height.
const USUAL_ROWS: usize = 12;
const ROW: f64 = 52.0;
const LONGEST_NAME: f64 = 420.0;
const COLUMN_GAP: f64 = 34.0;
const COLUMN_HEADS: [&str; 2] = ["best level", "worst level"];

/// The range from the best to the worst median of each factor's levels, relative to the median of
/// the baseline: as a ratio where the axis is logarithmic, else as a difference. The factor with the
/// widest range comes first.
///
/// # Errors
///
/// Without values, without one that has a place on the axis, or with a baseline that has none.
pub fn factor_overview(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    factors: &[Factor<'_>],
    baseline: f64,
) -> Result<Vec<u8>, Error> {
    if factors.iter().flat_map(|factor| factor.levels).all(|level| level.values.is_empty()) {
        return Err(Error::Empty { what: "values" });
    }
    if !has_a_place(baseline, objective.log) {
        return Err(Error::NothingToDraw { what: "baseline" });
    }
    let mut rows: Vec<Row<'_>> = factors.iter().filter_map(|factor| Row::new(factor, &objective, baseline)).collect();
    let without = factors.len() - rows.len();
    rows.sort_by(|one, other| other.width(&objective).total_cmp(&one.width(&objective)));
    rows.truncate(MOST);
    let origin = if objective.log { 1.0 } else { 0.0 };
    let medians = rows.iter().flat_map(|row| row.levels.iter().map(|level| level.1));
    if rows.is_empty() {
        return Err(Error::NothingToDraw { what: "values" });
    }
    let ends = objective.with_air(range(medians.chain([origin])).unwrap_or((origin, origin)));

    let relation = if objective.log { "relative to the baseline" } else { "minus the baseline" };
    let label = format!("median {}, {relation}", objective.name);
    let mut frame = Frame::new(title, subtitle, &label, "");
    frame.legend = legend();
    let missing = match without {
        0 => None,
        1 => Some("1 factor has no value and is not shown".to_owned()),
        _ => Some(format!("{without} factors have no value and are not shown")),
    };
    frame.note = joined([note(factors, &objective), missing]);
    let columns = [0, 1].map(|column| {
        let names = rows.iter().map(|row| if column == 0 { row.best().0 } else { row.worst().0 });
        let heading = font::width(COLUMN_HEADS[column], Weight::Regular, TICK_SIZE);
        let widest = names.map(|name| font::width(name, Weight::Regular, TICK_SIZE)).fold(heading, f64::max);
        widest.min(LONGEST_LEVEL) + COLUMN_GAP
    });
    frame.right = MARGIN + columns[0] + columns[1];
    frame.taller = rows.len().saturating_sub(USUAL_ROWS) as f64 * ROW;
    let names = Axis::of_names(rows.iter().map(|row| row.name), LONGEST_NAME);
    let length = f64::from(WIDTH) - frame.right - MARGIN - names.widest_label() - 18.0;
    let mut plot = frame.draw(|height| (objective.lying(ends, length), names.below_head(HEAD / height)))?;
    mark(&mut plot, "baseline", origin)?;
    for (index, row) in rows.iter().enumerate() {
        let y = plot.up(plot.y.ticks[index].fraction);
        row.draw(&mut plot, y)?;
        row.write(&mut plot, y, columns);
    }
    for (column, heading) in COLUMN_HEADS.into_iter().enumerate() {
        let x = plot.area.right + COLUMN_GAP + if column == 1 { columns[0] } else { 0.0 };
        let at = (x, plot.area.top + 32.0);
        plot.canvas.text(line(heading.to_owned(), at, TICK_SIZE, MUTED, Align::Left));
    }
    plot.canvas.into_png()
}

/// Not the colour of the line of the baseline.
fn worst_color() -> plotters::style::RGBColor {
    series(4).0.color
}

fn marker(color: plotters::style::RGBColor, radius: f64) -> Marker {
    Marker { rim: true, ..Marker::circle(color, radius) }
}

fn legend() -> Vec<Item> {
    let item = |name, color, radius| Item::dot(name, marker(color, radius));
    vec![item("best level", BLUE, 12.0), item("other level", INK, 7.0), item("worst level", worst_color(), 12.0)]
}

/// A factor with its levels from the best to the worst, each with its median relative to the
/// baseline.
struct Row<'a> {
    name: &'a str,
    levels: Vec<(&'a str, f64)>,
}

impl<'a> Row<'a> {
    /// None if no level has a median.
    fn new(factor: &Factor<'a>, objective: &Objective<'_>, baseline: f64) -> Option<Row<'a>> {
        let relative = |level: &Distribution<'a>| {
            let median = median(level.values, objective)?;
            let relative = if objective.log { median / baseline } else { median - baseline };
            has_a_place(relative, objective.log).then_some((level.name, relative))
        };
        let mut levels: Vec<(&str, f64)> = factor.levels.iter().filter_map(relative).collect();
        levels.sort_by(|one, other| one.1.total_cmp(&other.1));
        if objective.is_better(1.0, 0.0) {
            levels.reverse();
        }
        (!levels.is_empty()).then_some(Row { name: factor.name, levels })
    }

    fn best(&self) -> (&'a str, f64) {
        self.levels[0]
    }

    fn worst(&self) -> (&'a str, f64) {
        self.levels[self.levels.len() - 1]
    }

    fn width(&self, objective: &Objective<'_>) -> f64 {
        let [best, worst] =
            [self.best().1, self.worst().1].map(|value| if objective.log { libm::log10(value) } else { value });
        (best - worst).abs()
    }

    fn draw(&self, plot: &mut Plot, y: f64) -> Result<(), Error> {
        let across = |plot: &Plot, value: f64| plot.across(plot.x.fraction(value));
        let ends = [(across(plot, self.best().1), y), (across(plot, self.worst().1), y)];
        plot.canvas.line(&ends, Stroke::solid(GREY_BLUE, 10.0))?;
        for level in &self.levels {
            let at = (across(plot, level.1), y);
            plot.canvas.marker(at, marker(INK, 7.0))?;
        }
        if self.levels.len() > 1 {
            plot.canvas.marker(ends[1], marker(worst_color(), 12.0))?;
        }
        plot.canvas.marker(ends[0], marker(BLUE, 12.0))
    }

    /// The names of the best and the worst level in columns right of the plot.
    fn write(&self, plot: &mut Plot, y: f64, columns: [f64; 2]) {
        let mut x = plot.area.right + COLUMN_GAP;
        for (name, room) in [self.best().0, self.worst().0].into_iter().zip(columns) {
            let name = font::shorten(name, Weight::Regular, TICK_SIZE, room - COLUMN_GAP);
            let at = (x, y + font::cap_height(TICK_SIZE) / 2.0);
            plot.canvas.text(line(name, at, TICK_SIZE, INK, Align::Left));
            x += room;
        }
    }
}
