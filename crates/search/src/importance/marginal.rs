//! Variance of a tree, and what single parameters have of it: equations 7 to 10 of Hutter, Hoos and Leyton-Brown (2014)
//! for sets of one parameter.

use crate::scale::Scale;

use super::forest::Leaf;
use super::observed::Observed;
use super::side::Side;

/// By parameter: the variance of the tree's mean as a function of that parameter, over the tree's variance; all 0 for
/// a tree without variance.
pub(super) fn shares(leaves: &[Leaf], observed: &Observed<'_>) -> Vec<f64> {
    let scales: Vec<&Scale> = observed.parameters.iter().map(|column| &column.scale).collect();
    let widths: Vec<Vec<f64>> = leaves
        .iter()
        .map(|leaf| leaf.sides.iter().zip(&scales).map(|(side, scale)| side.share(scale)).collect())
        .collect();
    let volumes: Vec<f64> = widths.iter().map(|widths| widths.iter().product()).collect();
    let mean: f64 = leaves.iter().zip(&volumes).map(|(leaf, volume)| leaf.value * volume).sum();
    let variance: f64 =
        leaves.iter().zip(&volumes).map(|(leaf, volume)| volume * (leaf.value - mean) * (leaf.value - mean)).sum();
    let share = |(parameter, scale): (usize, &&Scale)| {
        if scale.count == 1 {
            return 0.0;
        }
        // What a leaf adds to the marginal where it is: its distance from the mean by the volume of its other sides.
        let parts =
            leaves.iter().zip(&volumes).zip(&widths).filter(|((_, volume), _)| **volume > 0.0).map(
                |((leaf, volume), widths)| (&leaf.sides[parameter], (leaf.value - mean) * volume / widths[parameter]),
            );
        marginal_variance(scale, parts) / variance
    };
    if variance > 0.0 { scales.iter().enumerate().map(share).collect() } else { vec![0.0; scales.len()] }
}

/// The mean square of a function on a scale, given as a sum of constants on sides.
fn marginal_variance<'a>(scale: &Scale, parts: impl Iterator<Item = (&'a Side, f64)>) -> f64 {
    let (mut stretches, mut choices) = (Vec::new(), Vec::<(&[Option<bool>], f64)>::new());
    for (side, part) in parts {
        match side {
            Side::Stretch(low, high) => stretches.extend([(*low, part), (*high, -part)]),
            Side::Choices(asked) => match choices.iter_mut().find(|(known, _)| known == asked) {
                Some((_, sum)) => *sum += part,
                None => choices.push((asked, part)),
            },
        }
    }
    if scale.categorical {
        let pairs = choices.iter().flat_map(|a| choices.iter().map(move |b| (a, b)));
        return pairs.map(|((a, x), (b, y))| x * y * Side::common_share(a, b)).sum::<f64>().max(0.0);
    }
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut height, mut area) = (0.0, 0.0);
    for pair in stretches.windows(2) {
        height += pair[0].1;
        area += height * height * (pair[1].0 - pair[0].0);
    }
    if scale.high > scale.low { area / (scale.high - scale.low) } else { 0.0 }
}
