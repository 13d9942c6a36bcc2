//! One value of several subjects side by side.

use crate::Error;
use crate::axis::{Axis, has_a_place};
use crate::frame::Frame;
use crate::marks::widest;
use crate::number::four_digits;
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, WIDTH};

const ROW: f64 = 50.0;
/// From a dot to its value, and by how much less that may reach into the margin.
const VALUE_GAP: f64 = 26.0;
const OVERLAP: f64 = 6.0;

/// The value of each row, a name with a value, as a dot on a logarithmic axis, with the value in numbers beside it. A
/// zero stands at the left edge as a ring.
///
/// # Errors
/// Without rows, or without a value above zero.
pub fn comparison(title: &str, subtitle: &str, x_label: &str, rows: &[(&str, f64)]) -> Result<Vec<u8>, Error> {
    let has_a_place = |row: &&(&str, f64)| has_a_place(row.1, true);
    let x = Axis::logarithmic(x_label, rows.iter().filter(has_a_place).map(|row| row.1))
        .map_err(|error| if rows.is_empty() { error } else { Error::NothingToDraw })?;
    let y = Axis::rows("", rows.iter().map(|row| row.0), ROW);
    let note = match rows.iter().filter(|row| !has_a_place(row)).count() {
        0 => None,
        1 => Some("1 value is not drawn: no place on a logarithmic axis, a ring at the edge instead".to_owned()),
        count => {
            Some(format!("{count} values are not drawn: no place on a logarithmic axis, a ring at the edge instead"))
        }
    };
    let texts = rows.iter().filter(has_a_place).map(|row| (row.1, four_digits(row.1)));
    let right = overhang(&x, &y, texts, 280.0, OVERLAP);
    let mut plot = Frame { title, subtitle, note, right, ..Frame::default() }.plot(&x, &y);
    for (row, &(_, value)) in (0..).map(f64::from).zip(rows).filter(|(row, _)| y.has(*row)) {
        let at = (if x.has(value) { plot.across(value) } else { plot.area.left + 18.0 }, plot.up(row));
        plot.write_beside(four_digits(value), (at.0 + VALUE_GAP, at.1), INK);
        if x.has(value) {
            plot.points([(value, row)], Marker::circle(BLUE, 12.0));
        } else {
            plot.canvas.marker(at, Marker { hollow: true, ..Marker::circle(MUTED, 12.0) });
        }
    }
    plot.into_png()
}

/// Pixels by which texts that start at their values on the lying axis reach beyond the plot.
pub fn overhang(x: &Axis, y: &Axis, texts: impl Iterator<Item = (f64, String)>, beside: f64, gap: f64) -> f64 {
    // The least room there is between the names and the texts.
    let length = f64::from(WIDTH) - MARGIN - y.upright(1.0).widest_label() - beside;
    let scale = x.lying(length);
    let reach = |(value, text): (f64, String)| {
        gap + widest([text.as_str()], LEGEND_SIZE) - (1.0 - scale.fraction(value)) * length
    };
    texts.map(reach).fold(0.0, f64::max)
}
