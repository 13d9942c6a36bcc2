//! Axes of names.

use super::{Axis, Tick};
use crate::font::{self, Weight};
use crate::style::{SMALL_TICK_SIZE, TICK_SIZE};

/// The first and the last name end at most this many pixels beyond the axis.
pub const REACH: f64 = 24.0;

impl Axis {
    /// An axis of names, the first at the high end, each in a row of the same width; names wider
    /// than `longest` pixels are cut.
    pub fn of_names<'a>(names: impl ExactSizeIterator<Item = &'a str>, longest: f64) -> Axis {
        let mut axis = Axis { high: 1.0, ..Axis::default() };
        let count = names.len() as f64;
        axis.ticks = names
            .enumerate()
            .map(|(index, name)| Tick {
                fraction: 1.0 - (index as f64 + 0.5) / count,
                label: font::shorten(name, Weight::Regular, TICK_SIZE, longest),
            })
            .collect();
        axis
    }

    /// A horizontal axis of names, the first at the low end, each in a column of the same width. Names
    /// that do not fit side by side into `length` pixels are staggered in small letters; of many names
    /// only some are written, and long ones are cut.
    pub fn of_categories<'a>(names: impl ExactSizeIterator<Item = &'a str> + Clone, length: f64) -> Axis {
        let mut axis = Axis { high: 1.0, ..Axis::default() };
        let column = length / names.len().max(1) as f64;
        let widest =
            |size| names.clone().map(|name| font::width(name, Weight::Regular, size)).fold(0.0, f64::max) + NAME_GAP;
        axis.is_staggered = widest(TICK_SIZE) > column;
        let (size, room) = if axis.is_staggered { (SMALL_TICK_SIZE, 2.0 * column) } else { (TICK_SIZE, column) };
        let every = (widest(size).min(NARROWEST_NAME) / room).ceil().max(1.0) as usize;
        let tick = |(index, name): (usize, &str)| {
            let fraction = (index as f64 + 0.5) * column / length;
            let beside_edge = 2.0 * (fraction.min(1.0 - fraction) * length + REACH);
            let room = (room * every as f64 - NAME_GAP).min(beside_edge);
            Tick { fraction, label: font::shorten(name, Weight::Regular, size, room) }
        };
        axis.ticks = names.enumerate().step_by(every).map(tick).collect();
        axis
    }

    /// As [`Axis::of_categories`] for an axis that stands; the first name at the low end.
    pub fn of_categories_upright<'a>(
        names: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator,
        length: f64,
        longest: f64,
    ) -> Axis {
        let every = (LOWEST_NAME * names.len() as f64 / length).ceil().max(1.0) as usize;
        let mut axis = Axis::of_names(names.rev(), longest);
        let ticks = axis.ticks.into_iter().rev();
        axis.ticks = ticks.step_by(every).collect();
        axis
    }
}

/// A name above others takes this many pixels.
const LOWEST_NAME: f64 = 32.0;
/// A name beside others is cut to at least this many pixels.
const NARROWEST_NAME: f64 = 110.0;
const NAME_GAP: f64 = 14.0;
