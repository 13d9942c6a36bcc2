//! Quantiles of losses over any number of seeds in constant memory.

use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use serde::{Deserialize, Serialize};

/// The quantiles of a band.
pub const QUANTILES: [f64; 5] = [0.01, 0.25, 0.5, 0.75, 0.99];

/// Bins an octave: 64, so a quantile is known to 1.6 %.
const FRACTION_BITS: u32 = 6;
const SHIFT: u32 = 23 - FRACTION_BITS;

/// A histogram of the losses of every epoch, over bins of a 64th of an octave.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bands {
    histograms: Vec<Histogram>,
}

/// Seeds by bin, from the first bin that has one to the last.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Histogram {
    first: usize,
    counts: Vec<u64>,
}

impl Bands {
    /// Before the first seed.
    pub fn new(epochs: u32) -> Self {
        Self { histograms: vec![Histogram::default(); epochs as usize] }
    }

    /// Counts one seed's losses, which are not negative.
    pub fn add(&mut self, losses: &[f32]) {
        for (histogram, &loss) in self.histograms.iter_mut().zip(losses) {
            histogram.add(bin(loss), 1);
        }
    }

    /// Counts the seeds of other bands of as many epochs.
    pub fn add_all(&mut self, other: &Self) {
        for (histogram, other) in self.histograms.iter_mut().zip(&other.histograms) {
            other.bins().for_each(|(bin, count)| histogram.add(bin, count));
        }
    }

    /// The share of seeds whose loss at `epoch` lies in a bin below that of `loss`, and half of those in its bin.
    pub fn share_below(&self, epoch: u32, loss: f64) -> f64 {
        let histogram = &self.histograms[epoch as usize - 1];
        let marked = bin(loss as f32);
        let sum = |is_meant: fn(&usize, &usize) -> bool| {
            histogram.bins().filter(|(bin, _)| is_meant(bin, &marked)).map(|(_, count)| count).sum::<u64>() as f64
        };
        (sum(usize::lt) + 0.5 * sum(usize::eq)) / sum(|_, _| true)
    }

    /// For every quantile its value at every epoch: the middle of the bin that it falls into.
    pub fn quantiles(&self) -> [Vec<f64>; 5] {
        QUANTILES.map(|quantile| self.histograms.iter().map(|histogram| histogram.quantile(quantile)).collect())
    }
}

impl Histogram {
    fn add(&mut self, bin: usize, count: u64) {
        if self.counts.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            self.counts.splice(..0, std::iter::repeat_n(0, self.first - bin));
            self.first = bin;
        }
        let place = bin - self.first;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += count;
    }

    fn bins(&self) -> impl Iterator<Item = (usize, u64)> {
        (self.first..).zip(self.counts.iter().copied())
    }

    fn quantile(&self, quantile: f64) -> f64 {
        let all: u64 = self.counts.iter().sum();
        let rank = (quantile * all as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bin, count) in self.bins() {
            seen += count;
            if seen >= rank {
                return f64::from(f32::from_bits(((bin as u32) << SHIFT) | (1 << (SHIFT - 1))));
            }
        }
        f64::NAN
    }
}

fn bin(loss: f32) -> usize {
    (loss.abs().to_bits() >> SHIFT) as usize
}

/// The table of a band: a row an epoch, a column a quantile.
pub fn frame(epoch: &[u32], quantiles: &[Vec<f64>; 5]) -> anyhow::Result<DataFrame> {
    let mut columns = vec![Column::from(Series::new("epoch".into(), epoch))];
    for (quantile, values) in QUANTILES.iter().zip(quantiles) {
        columns.push(Series::new(format!("loss_{}_percent", quantile * 100.0).into(), values).into());
    }
    Ok(DataFrame::new(epoch.len(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::Bands;

    /// Ten thousand million seeds are more than 32 bits count, in a bin and in all.
    #[test]
    fn counts_above_32_bits_are_exact() {
        let mut bands = Bands::new(1);
        for loss in [1.0, 4.0, 4.0, 0.5] {
            bands.add(&[loss]);
        }
        for _ in 0..32 {
            let so_far = serde_json::from_value(serde_json::to_value(&bands).unwrap()).unwrap();
            bands.add_all(&so_far);
        }
        let counts: Vec<(usize, u64)> = bands.histograms[0].bins().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1 << 32, 1 << 32, 1 << 33]);
        assert_eq!(bands.share_below(1, 4.0), 0.75);
        assert_eq!(bands.share_below(1, 0.6), 0.25);
        let [low, _, middle, _, high] = bands.quantiles().map(|of_epochs| of_epochs[0]);
        assert!((0.5..0.51).contains(&low) && (1.0..1.02).contains(&middle) && (4.0..4.1).contains(&high));
    }
}
