//! Axes of names: the place of a name is its number, from 0.

use super::{Axis, Scale, Tick, Ticks};
use crate::font::{self, Weight};
use crate::style::TICK_SIZE;

/// The first and the last name of a lying axis end at most this many pixels beyond it.
pub const REACH: f64 = 24.0;
/// Names are cut to this many pixels beside rows, and beside strips.
const LONGEST_ROW: f64 = 680.0;
const LONGEST_CHOICE: f64 = 320.0;
/// Rows beyond this height of all are left out.
const TALLEST: f64 = 3720.0;
/// A name above others takes this many pixels.
const LOWEST_NAME: f64 = 32.0;
/// A name beside others is cut to at least this many pixels.
const NARROWEST_NAME: f64 = 110.0;
const NAME_GAP: f64 = 14.0;

impl Axis {
    /// A row for each name, the first on top, each at least `row` pixels high. Rows for which a figure would become
    /// too tall are left out and counted in a note.
    pub fn rows<'a>(label: &str, names: impl IntoIterator<Item = &'a str>, row: f64) -> Axis {
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let more = names.len().saturating_sub((TALLEST / row) as usize);
        names.truncate(names.len() - more);
        let note = (more > 0).then(|| format!("{more} more rows are not shown"));
        let bottom = names.len() as f64 - 0.5;
        Axis { note, ..Axis::new(label, Ticks::Rows(names, row), bottom, -0.5) }
    }

    /// A strip for each choice, the first at the low end.
    pub fn choices(label: &str, names: &[String]) -> Axis {
        Axis::new(label, Ticks::Choices(names.to_owned()), -0.5, names.len().max(1) as f64 - 0.5)
    }

    /// How many strips of choices it has; none for an axis of numbers.
    pub fn strips(&self) -> Option<usize> {
        if let Ticks::Choices(names) = &self.ticks { Some(names.len()) } else { None }
    }
}

impl Scale {
    pub(super) fn rows(&mut self, names: &[String]) {
        self.ticks = (0..names.len()).map(|index| self.name(index, names, LONGEST_ROW)).collect();
    }

    /// Of many names only some are written.
    pub(super) fn choices_upright(&mut self, names: &[String], length: f64) {
        let every = (LOWEST_NAME * names.len() as f64 / length).ceil().max(1.0) as usize;
        let tick = |index| self.name(index, names, LONGEST_CHOICE);
        self.ticks = (0..names.len()).step_by(every).map(tick).collect();
    }

    /// Names that do not fit side by side are staggered; of many only some are written, and long ones are cut.
    pub(super) fn choices_lying(&mut self, names: &[String], length: f64) {
        let column = length / names.len().max(1) as f64;
        let widest = crate::widest(names.iter().map(String::as_str), TICK_SIZE) + NAME_GAP;
        self.is_staggered = widest > column;
        let room = if self.is_staggered { 2.0 * column } else { column };
        let every = (widest.min(NARROWEST_NAME) / room).ceil().max(1.0) as usize;
        let tick = |index: usize| {
            let edge = (index as f64 + 0.5).min(names.len() as f64 - index as f64 - 0.5) * column + REACH;
            self.name(index, names, (room * every as f64 - NAME_GAP).min(2.0 * edge))
        };
        self.ticks = (0..names.len()).step_by(every).map(tick).collect();
    }

    fn name(&self, index: usize, names: &[String], room: f64) -> Tick {
        let shortened = |name: &str| font::shorten(name, Weight::Regular, TICK_SIZE, room);
        let name = names[index].as_str();
        let mut label = shortened(name);
        let alike = |other: &&String| *other != name && shortened(other) == label;
        if label != name
            && let Some(other) = names.iter().find(alike)
        {
            // They are told apart by what stands behind their common beginning, of which the end is shown where it fits.
            let common = name.char_indices().zip(other.chars()).find(|((_, one), other)| one != other);
            let at = common.map_or(name.len().min(other.len()), |((at, _), _)| at);
            let ends = name.char_indices().map(|(start, _)| start).take_while(|&start| start < at);
            let mut ends = ends.map(|start| format!("…{}", &name[start..]));
            let fits = ends.find(|end| shortened(end) == *end);
            label = fits.unwrap_or_else(|| shortened(&format!("…{}", &name[at..])));
        }
        Tick { fraction: self.fraction(index as f64), label }
    }
}
