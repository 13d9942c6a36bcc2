//! Numbers of a column in as few bytes as they need: whole ones, and those with a fraction, short where they were written with
//! few digits.

use crate::drawn::LARGEST_EXACT;

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

/// Powers of ten that are exact as a 64-bit float.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// 64-bit floats. As long as all were written with few digits, they are kept as whole numbers over one power of ten: both are
/// exact, so that their quotient is the float nearest to what was written.
#[derive(Debug, Clone)]
pub(crate) enum Reals {
    Short { digits: Integers, places: u32 },
    Long(Vec<f64>),
}

impl Reals {
    pub fn new() -> Self {
        Self::Short { digits: Integers::new(), places: 0 }
    }

    /// Adds a number, which may have been written as this many over a power of ten; see [`decimal`].
    pub fn push(&mut self, value: f64, written: Option<(i64, u32)>) {
        if let (Self::Short { digits, places }, Some((number, own))) = (&mut *self, written) {
            if own > *places
                && let Some(scaled) = digits.iter().map(|number| scale(number, own - *places)).collect::<Option<_>>()
            {
                (*digits, *places) = (scaled, own);
            }
            if let Some(number) = places.checked_sub(own).and_then(|by| scale(number, by)) {
                return digits.push(number);
            }
        }
        if let Self::Short { .. } = self {
            *self = Self::Long(self.iter().collect());
        }
        if let Self::Long(values) = self {
            values.push(value);
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Short { digits, .. } => digits.len(),
            Self::Long(values) => values.len(),
        }
    }

    /// The number of that row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn get(&self, row: usize) -> f64 {
        match self {
            Self::Short { digits, places } => digits.get(row) as f64 / POWERS[*places as usize],
            Self::Long(values) => values[row],
        }
    }

    /// Keeps the rows for which `stays` says so, asked in their order.
    pub fn retain(&mut self, mut stays: impl FnMut() -> bool) {
        match self {
            Self::Short { digits, .. } => *digits = digits.iter().filter(|_| stays()).collect(),
            Self::Long(values) => values.retain(|_| stays()),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|row| self.get(row))
    }
}

/// What a text writes as a whole number over a power of ten; `None` if either is not exact as a 64-bit float.
pub(crate) fn decimal(text: &str) -> Option<(i64, u32)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut number = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        number = number * 10 + digit;
        if number > LARGEST_EXACT {
            return None;
        }
    }
    let negative = text.starts_with('-');
    // A whole number has no negative zero.
    let exact = fraction.len() < POWERS.len() && !(negative && number == 0);
    exact.then_some((if negative { -number } else { number }, fraction.len() as u32))
}

/// A whole number times a power of ten, if it is exact as a 64-bit float.
fn scale(number: i64, by: u32) -> Option<i64> {
    10_i64.checked_pow(by)?.checked_mul(number).filter(|scaled| scaled.abs() <= LARGEST_EXACT)
}

#[cfg(test)]
mod tests {
    use random::mt19937::Mt19937;

    use super::{Integers, Reals, bytes_of, decimal};

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

    /// A column of these texts, and whether it stays short.
    fn column(texts: &[String]) -> (Vec<f64>, bool) {
        let mut reals = Reals::new();
        for text in texts {
            reals.push(text.parse().unwrap(), decimal(text));
        }
        (reals.iter().collect(), matches!(reals, Reals::Short { .. }))
    }

    fn assert_bits(texts: &[String]) -> bool {
        let (column, short) = column(texts);
        for (number, text) in column.iter().zip(texts) {
            assert_eq!(number.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
        assert_eq!(column.len(), texts.len());
        short
    }

    /// However a column goes on, each number is what its text means.
    #[test]
    fn every_number_is_what_its_text_means() {
        let mut random = Mt19937::new(1);
        for digits in 1..20 {
            let text = |random: &mut Mt19937| {
                let number = random.next_u64() % 10_u64.pow(digits);
                let sign = ["", "-", "+"][random.next_u32() as usize % 3];
                let text = format!("{number:025}");
                let (whole, fraction) = text.split_at(3 + random.next_u32() as usize % 22);
                format!("{sign}{whole}.{}", &fraction[..fraction.len().min(22)])
            };
            for _ in 0..200 {
                assert_bits(&(0..5).map(|_| text(&mut random)).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn columns_are_short_as_long_as_their_numbers_are() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(assert_bits(&texts(&["3", "0.1", "-2.75", "+.5", "7.", "0.30"])));
        assert!(assert_bits(&texts(&["9007199254740992", "1"])));
        for last in ["-0.0", "1e-3", "0.12345678901234567", "9007199254740993", "0.00000000000000000000001"] {
            assert!(!assert_bits(&texts(&["3.25", last, "1.5"])), "{last}");
        }
        assert!(!assert_bits(&texts(&["900719925474099", "0.01"])), "too many digits over one power");
    }
}
