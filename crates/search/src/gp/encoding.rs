//! A space as coordinates: numbers in [0, 1], categories as their index.

use crate::random::active;
use crate::scale::Scale;
use crate::{Assignment, Space, Value};

/// Where a parameter that does not exist is put, so that it makes no distance between points without it.
const ABSENT_NUMBER: f64 = 0.5;
const ABSENT_CATEGORY: f64 = -1.0;

/// The coordinates of a space. Parameters with a single value have none.
#[derive(Debug)]
pub(super) struct Encoding<'a> {
    space: &'a Space,
    pub(super) axes: Vec<Axis>,
    conditional: bool,
}

/// One coordinate.
#[derive(Debug)]
pub(super) struct Axis {
    position: usize,
    scale: Scale,
    /// How many values there are; 0 for a continuous range.
    pub(super) count: usize,
    pub(super) categorical: bool,
}

impl Axis {
    /// The coordinate of value number `index`.
    pub(super) fn at(&self, index: usize) -> f64 {
        if self.categorical { index as f64 } else { self.unit(self.scale.place_of(index as u64)) }
    }

    /// The number of the value nearest to a coordinate.
    pub(super) fn index(&self, at: f64) -> usize {
        if self.categorical { at.max(0.0) as usize } else { self.scale.index(self.scale.along(at)) as usize }
    }

    fn unit(&self, place: f64) -> f64 {
        ((place - self.scale.low) / (self.scale.high - self.scale.low)).clamp(0.0, 1.0)
    }

    fn value(&self, at: f64) -> Value {
        if self.categorical { self.scale.value(at.max(0.0)) } else { self.scale.value(self.scale.along(at)) }
    }
}

impl<'a> Encoding<'a> {
    pub(super) fn new(space: &'a Space) -> Self {
        let axis = |position: usize| {
            let scale = Scale::new(&space.parameters()[position].domain);
            let (count, categorical) = (scale.count as usize, scale.categorical);
            (count != 1).then_some(Axis { position, scale, count, categorical })
        };
        let axes = (0..space.parameters().len()).filter_map(axis).collect();
        let conditional = space.parameters().iter().any(|parameter| !parameter.when.is_empty());
        Self { space, axes, conditional }
    }

    /// Coordinates of a trial's values.
    pub(super) fn encode(&self, values: &[Option<&Value>]) -> Vec<f64> {
        let coordinate = |axis: &Axis| match values[axis.position] {
            Some(value) if axis.categorical => axis.scale.place(value),
            Some(value) => axis.unit(axis.scale.place(value)),
            None => axis.absent(),
        };
        self.axes.iter().map(coordinate).collect()
    }

    /// The parameters at a point.
    pub(super) fn decode(&self, point: &[f64]) -> Assignment {
        active(self.space, |position| match self.axes.iter().zip(point).find(|(axis, _)| axis.position == position) {
            Some((axis, at)) => axis.value(*at),
            None => self.space.parameters()[position].domain.nth(0),
        })
    }

    /// Coordinates from numbers in [0, 1), every value of a lattice having an equal share.
    pub(super) fn at_unit_point(&self, mut unit: impl FnMut(usize) -> f64) -> Vec<f64> {
        let coordinate = |(i, axis): (usize, &Axis)| {
            let unit = unit(i);
            if axis.categorical { ((unit * axis.count as f64) as usize).min(axis.count - 1) as f64 } else { unit }
        };
        let mut point: Vec<f64> = self.axes.iter().enumerate().map(coordinate).collect();
        self.settle(&mut point);
        point
    }

    /// Moves a point to what it stands for: lattice coordinates to their nearest value, coordinates of parameters that
    /// do not exist there to their place. Says which exist.
    pub(super) fn settle(&self, point: &mut [f64]) -> Vec<bool> {
        let exists = self.exists(point);
        for ((axis, at), exists) in self.axes.iter().zip(point).zip(&exists) {
            if !exists {
                *at = axis.absent();
            } else if axis.categorical {
                *at = at.max(0.0);
            } else if axis.count > 0 {
                *at = axis.at(axis.index(*at));
            }
        }
        exists
    }

    fn exists(&self, point: &[f64]) -> Vec<bool> {
        if !self.conditional {
            return vec![true; self.axes.len()];
        }
        let mut values = vec![None; self.space.parameters().len()];
        for &position in self.space.parents_first() {
            if self.space.is_active(position, &values) {
                let axis = self.axes.iter().zip(point).find(|(axis, _)| axis.position == position);
                let alone = || self.space.parameters()[position].domain.nth(0);
                values[position] = Some(axis.map_or_else(alone, |(axis, at)| axis.value(*at)));
            }
        }
        self.axes.iter().map(|axis| values[axis.position].is_some()).collect()
    }
}

impl Axis {
    fn absent(&self) -> f64 {
        if self.categorical { ABSENT_CATEGORY } else { ABSENT_NUMBER }
    }
}
