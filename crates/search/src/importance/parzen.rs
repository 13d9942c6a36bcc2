//! Densities of one parameter on a grid, and how far apart they are: Watanabe, Bansal and Hutter (2023), with the grid
//! and the kernels of Optuna 5.

use crate::Domain;
use crate::normal::between;
use crate::scale::Scale;

use super::Column;

/// Cells of a grid, at most.
const CELLS: usize = 50;

/// What every cell's density has on top, so that ratios stay numbers.
const FLOOR: f64 = 1e-12;

/// The narrowest kernel, in cells: nine tenths of it lie within its cell.
const NARROWEST: f64 = 0.5 / 1.64;

/// The Pearson divergence Σ q (p/q - 1)² of the density p of the `best` trials from the density q of all.
pub(super) fn divergence(parameter: &Column<'_>, best: &[bool]) -> f64 {
    let count = cell_count(parameter.domain);
    if count < 2 || best.is_empty() {
        return 0.0;
    }
    let cells = cells(&parameter.scale, &parameter.places, count);
    let density = |chosen: &dyn Fn(bool) -> bool| {
        let mut counts = vec![0.0; count];
        for (cell, _) in cells.iter().zip(best).filter(|(_, best)| chosen(**best)) {
            counts[*cell] += 1.0;
        }
        if parameter.scale.categorical { choices(&counts) } else { numbers(&counts) }
    };
    let (of_best, of_all) = (density(&|best| best), density(&|_| true));
    let term = |(p, q): (f64, f64)| {
        let (p, q) = (p + FLOOR, q + FLOOR);
        q * (p / q - 1.0) * (p / q - 1.0)
    };
    of_best.into_iter().zip(of_all).map(term).sum()
}

/// Cells of a domain's grid: all its values if they are few; one a doubling for whole numbers on a logarithmic scale.
fn cell_count(domain: &Domain) -> usize {
    match (domain, domain.count()) {
        (Domain::Categorical { values }, _) => values.len(),
        (_, None) => CELLS,
        (_, Some(1)) => 1,
        (Domain::Integer { log: true, .. }, Some(count)) => {
            ((u64::BITS - (count - 1).leading_zeros()) as usize + 1).min(CELLS)
        }
        (_, Some(count)) => count.min(CELLS as u64) as usize,
    }
}

/// The cell next to every place; the first and the last cell have their middle at the first and last value.
fn cells(scale: &Scale, places: &[f64], count: usize) -> Vec<usize> {
    if scale.categorical {
        return places.iter().map(|place| *place as usize).collect();
    }
    let (low, high) =
        if scale.count == 0 { (scale.low, scale.high) } else { (scale.place_of(0), scale.place_of(scale.count - 1)) };
    let width = (high - low) / (count - 1) as f64;
    // Halfway belongs to the lower cell.
    places.iter().map(|place| (libm::ceil((place - low) / width - 0.5).max(0.0) as usize).min(count - 1)).collect()
}

/// A kernel for every choice that was seen, with some room for all others, and an even one of weight 1.
fn choices(counts: &[f64]) -> Vec<f64> {
    let kernels = counts.iter().filter(|count| **count > 0.0).count() + 1;
    let (total, choices) = (counts.iter().sum::<f64>(), counts.len() as f64);
    let room = 1.0 / kernels as f64;
    let row = 1.0 + room * choices;
    let everywhere = total * room / row + 1.0 / choices;
    counts.iter().map(|count| (everywhere + count / row) / (total + 1.0)).collect()
}

/// Normal kernels cut at the ends of the grid: one a cell that was seen, as wide as Scott's rule (1992) has it, and
/// one of weight 1 in the middle, as wide as the grid. The density of a cell is the mass in it.
fn numbers(counts: &[f64]) -> Vec<f64> {
    let size = counts.len() as f64;
    let seen: Vec<(f64, f64)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0.0)
        .map(|(cell, count)| (cell as f64, *count))
        .collect();
    let width = scott(&seen).max(NARROWEST);
    let mut density = vec![0.0; counts.len()];
    let mut add = |mean: f64, width: f64, weight: f64| {
        let mass = |low: f64, high: f64| between((low - mean) / width, (high - mean) / width);
        let inside = mass(-0.5, size - 0.5);
        for (cell, density) in density.iter_mut().enumerate() {
            *density += weight * mass(cell as f64 - 0.5, cell as f64 + 0.5) / inside;
        }
    };
    for (mean, weight) in &seen {
        add(*mean, width, *weight);
    }
    add((size - 1.0) / 2.0, size, 1.0);
    let total = seen.iter().map(|(_, weight)| weight).sum::<f64>() + 1.0;
    density.into_iter().map(|density| density / total).collect()
}

/// Scott's bandwidth of weighted points in order: 1.059 n^(-1/5) times the smaller of the standard deviation and the
/// quartiles' distance over 1.34.
fn scott(points: &[(f64, f64)]) -> f64 {
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    let mean = points.iter().map(|(place, weight)| place * weight).sum::<f64>() / total;
    let squares: f64 = points.iter().map(|(place, weight)| weight * (place - mean) * (place - mean)).sum();
    let deviation = libm::sqrt(squares / (total - 1.0).max(1.0));
    // The first point with more than a share of the weight up to and including it.
    let quantile = |beyond: &dyn Fn(f64) -> bool| {
        let mut sum = 0.0;
        let reached = points.iter().find(|(_, weight)| {
            sum += weight;
            beyond(sum)
        });
        reached.or(points.last()).map_or(0.0, |(place, _)| *place)
    };
    let (lower, upper) = (libm::floor(total / 4.0), libm::floor(total * 3.0 / 4.0));
    let quartiles = quantile(&|sum| sum > upper) - quantile(&|sum| sum >= lower);
    1.059 * (quartiles / 1.34).min(deviation) * libm::pow(total, -0.2)
}
