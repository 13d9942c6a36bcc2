//! A space as coordinates: numbers in [0, 1], categories as their index.

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
    pub(super) scale: Scale,
}

impl Axis {
    /// The coordinate of value number `index`.
    pub(super) fn at(&self, index: u64) -> f64 {
        if self.scale.categorical { index as f64 } else { self.unit(self.scale.place_of(index)) }
    }

    /// The number of the value nearest to a coordinate.
    pub(super) fn index(&self, at: f64) -> u64 {
        if self.scale.categorical { at.max(0.0) as u64 } else { self.scale.index(self.scale.along(at)) }
    }

    fn unit(&self, place: f64) -> f64 {
        ((place - self.scale.low) / (self.scale.high - self.scale.low)).clamp(0.0, 1.0)
    }

    fn absent(&self) -> f64 {
        if self.scale.categorical { ABSENT_CATEGORY } else { ABSENT_NUMBER }
    }
}

impl<'a> Encoding<'a> {
    pub(super) fn new(space: &'a Space) -> Self {
        let axes = space.parameters().iter().enumerate();
        let axes = axes.map(|(position, parameter)| Axis { position, scale: Scale::new(&parameter.domain) });
        let axes = axes.filter(|axis| axis.scale.count != 1).collect();
        let conditional = space.parameters().iter().any(|parameter| !parameter.when.is_empty());
        Self { space, axes, conditional }
    }

    /// Coordinates of a trial's values.
    pub(super) fn encode(&self, values: &[Option<&Value>]) -> Vec<f64> {
        let coordinate = |axis: &Axis| match values[axis.position] {
            Some(value) if axis.scale.categorical => axis.scale.place(value),
            Some(value) => axis.unit(axis.scale.place(value)),
            None => axis.absent(),
        };
        self.axes.iter().map(coordinate).collect()
    }

    /// The parameters at a point.
    pub(super) fn decode(&self, point: &[f64]) -> Assignment {
        self.space.assignment(|position| self.value(position, point))
    }

    /// The value at a point of the parameter at `position`, if it exists there.
    fn value(&self, position: usize, point: &[f64]) -> Value {
        match self.axes.iter().zip(point).find(|(axis, _)| axis.position == position) {
            Some((Axis { scale, .. }, at)) if scale.categorical => scale.value(at.max(0.0)),
            Some((Axis { scale, .. }, at)) => scale.value(scale.along(*at)),
            None => self.space.parameters()[position].domain.nth(0),
        }
    }

    /// Coordinates from numbers in [0, 1), every value of a lattice having an equal share.
    pub(super) fn at_unit_point(&self, units: &[f64]) -> Vec<f64> {
        let coordinate = |(Axis { scale, .. }, &unit): (&Axis, &f64)| {
            if scale.categorical { ((unit * scale.count as f64) as u64).min(scale.count - 1) as f64 } else { unit }
        };
        let mut point: Vec<f64> = self.axes.iter().zip(units).map(coordinate).collect();
        self.settle(&mut point);
        point
    }

    /// Moves a point to what it stands for: lattice coordinates to their nearest value, coordinates of parameters that
    /// do not exist there to their place. Says which exist.
    pub(super) fn settle(&self, point: &mut [f64]) -> Vec<bool> {
        let mut exists = vec![true; self.axes.len()];
        if self.conditional {
            let values = self.space.active_values(|position| self.value(position, point));
            exists = self.axes.iter().map(|axis| values[axis.position].is_some()).collect();
        }
        for ((axis, at), exists) in self.axes.iter().zip(point).zip(&exists) {
            if !exists {
                *at = axis.absent();
            } else if axis.scale.categorical {
                *at = at.max(0.0);
            } else if axis.scale.count > 0 {
                *at = axis.at(axis.index(*at));
            }
        }
        exists
    }
}
