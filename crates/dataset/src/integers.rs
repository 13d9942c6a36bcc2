//! Whole numbers in as few bytes as they need.

/// Whole numbers, each in as many bytes as the widest of them needs.
#[derive(Debug, Clone)]
pub(crate) struct Integers {
    /// Little-endian two's complement, one number after the other.
    bytes: Vec<u8>,
    /// Bytes a number, from 1 to 8.
    width: usize,
}

impl Integers {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), width: 1 }
    }

    /// Adds a number; if it needs more bytes than those before, they are written anew.
    pub fn push(&mut self, value: i64) {
        let needed = bytes_of(value);
        if needed > self.width {
            let mut wider = Vec::with_capacity((self.len() + 1) * needed);
            self.iter().for_each(|value| wider.extend_from_slice(&value.to_le_bytes()[..needed]));
            *self = Self { bytes: wider, width: needed };
        }
        self.bytes.extend_from_slice(&value.to_le_bytes()[..self.width]);
    }

    pub fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// The number of that row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn get(&self, row: usize) -> i64 {
        extend_sign(&self.bytes[row * self.width..(row + 1) * self.width])
    }

    pub fn iter(&self) -> impl Iterator<Item = i64> {
        self.bytes.chunks_exact(self.width).map(extend_sign)
    }
}

impl FromIterator<i64> for Integers {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Self {
        let mut integers = Self::new();
        values.into_iter().for_each(|value| integers.push(value));
        integers
    }
}

/// The bytes that a number needs, its sign included.
fn bytes_of(value: i64) -> usize {
    let magnitude = if value < 0 { !value } else { value };
    ((64 - magnitude.leading_zeros()) / 8 + 1) as usize
}

fn extend_sign(bytes: &[u8]) -> i64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    let unused = 64 - 8 * bytes.len() as u32;
    (i64::from_le_bytes(word) << unused) >> unused
}

#[cfg(test)]
mod tests {
    use super::{Integers, bytes_of};

    #[test]
    fn numbers_take_the_bytes_that_the_widest_needs() {
        for (value, bytes) in [(0, 1), (127, 1), (-128, 1), (128, 2), (-129, 2), (9999, 2), (32_768, 3), (-32_769, 3)] {
            assert_eq!(bytes_of(value), bytes, "{value}");
        }
        let mut integers = Integers::new();
        let values = [0, -1, 127, -128, 128, -129, 32_767, -32_768, 1 << 31, -(1 << 47), i64::MAX, i64::MIN, 5];
        for (number, value) in values.into_iter().enumerate() {
            integers.push(value);
            assert!(integers.iter().eq(values[..=number].iter().copied()), "{value}");
            assert_eq!((integers.get(number), integers.len()), (value, number + 1));
        }
    }
}
