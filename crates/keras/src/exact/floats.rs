//! Float32 memory on cache lines.

use super::lanes::LANES;

/// One cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f32; LANES]);

/// Float32 memory that begins on a cache line and has a register's room behind its end.
#[derive(Clone, Debug)]
pub(super) struct Floats {
    lines: Vec<Line>,
    length: usize,
}

impl Floats {
    /// Zeros.
    pub(super) fn zeros(length: usize) -> Self {
        Self { lines: vec![Line([0.0; LANES]); length.div_ceil(LANES) + 1], length }
    }

    /// A pointer to the first float; valid for their number and sixteen more.
    pub(super) fn pointer(&mut self) -> *mut f32 {
        self.lines.as_mut_ptr().cast()
    }

    pub(super) fn values(&self) -> &[f32] {
        // SAFETY: lines are arrays of floats without gaps, one after the other.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }

    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}
