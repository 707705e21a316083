//! Lets situations that are alike share a distribution.

use crate::codec::site::ClassKind;
use crate::codec::tables::{ClassTable, shares_of};
use crate::codec::token::SYMBOLS;
use crate::codec::train::Plan;

/// How often each symbol was there.
pub(crate) type Counts = [f64; SYMBOLS];

/// A set of situations with one distribution.
struct Cluster {
    counts: Counts,
    places: Vec<usize>,
    cost: f64,
    /// The partner that it would cost least to join with, and how much.
    partner: Option<(usize, f64)>,
}

fn cost(counts: &Counts) -> f64 {
    let total: f64 = counts.iter().sum();
    let sum: f64 = counts
        .iter()
        .filter(|c| **c > 0.0)
        .map(|c| c * c.log2())
        .sum();
    total * total.log2() - sum
}

pub(crate) fn joined(a: &Counts, b: &Counts) -> Counts {
    let mut sum = *a;
    for (to, from) in sum.iter_mut().zip(b) {
        *to += from;
    }
    sum
}

/// Joins situations as long as a distribution of its own does not pay.
pub(crate) fn gather(
    kind: ClassKind,
    counts: &[Counts],
    expect: &dyn Fn(usize) -> Counts,
    plan: Plan,
) -> ClassTable {
    let mut clusters: Vec<Option<Cluster>> = Vec::new();
    for (place, seen) in counts
        .iter()
        .enumerate()
        .filter(|(_, c)| c.iter().sum::<f64>() > 0.0)
    {
        let counts = joined(seen, &expect(place).map(|p| p * plan.prior));
        clusters.push(Some(Cluster {
            counts,
            places: vec![place],
            cost: cost(&counts),
            partner: None,
        }));
    }
    merge(&mut clusters, plan);
    let clusters: Vec<Cluster> = clusters.into_iter().flatten().collect();
    if clusters.is_empty() {
        // Never seen at all: what is expected, once for all places.
        return ClassTable {
            map: vec![0; counts.len()],
            shares: vec![shares_of(&expect(0), kind.has_signs())],
        };
    }
    let weights = counts.iter().enumerate();
    let weights: Vec<Counts> = weights
        .map(|(place, seen)| joined(seen, &expect(place).map(|p| p * plan.prior)))
        .collect();
    let map = assign(&clusters, &weights, plan.run);
    let mut shares = Vec::new();
    let mut renamed = vec![0; clusters.len()];
    for (index, cluster) in clusters.iter().enumerate() {
        let own = map.iter().zip(counts).zip(&weights);
        let mut own = own.filter(|((i, _), _)| **i == index).peekable();
        if own.peek().is_none() {
            continue;
        }
        // What was never seen has no say, unless nothing else is left.
        let seen = own.filter(|((_, seen), _)| seen.iter().sum::<f64>() > 0.0);
        let sum = seen
            .map(|(_, weights)| *weights)
            .reduce(|a, b| joined(&a, &b));
        if let Some(name) = renamed.get_mut(index) {
            *name = u8::try_from(shares.len()).unwrap_or(0);
        }
        shares.push(shares_of(&sum.unwrap_or(cluster.counts), kind.has_signs()));
    }
    let map = map
        .iter()
        .map(|index| renamed.get(*index).copied().unwrap_or(0));
    ClassTable {
        map: map.collect(),
        shares,
    }
}

/// Each place's cluster: the one where it was put, or what was never seen would cost least, unless the one of the place before
/// costs hardly more: a change takes bytes in the map.
fn assign(clusters: &[Cluster], weights: &[Counts], run: f64) -> Vec<usize> {
    let mut own = vec![None; weights.len()];
    for (index, cluster) in clusters.iter().enumerate() {
        for place in &cluster.places {
            if let Some(to) = own.get_mut(*place) {
                *to = Some(index);
            }
        }
    }
    let costs: Vec<Counts> = clusters.iter().map(bits_of_symbols).collect();
    let cost = |index: usize, weights: &Counts| {
        let costs = costs.get(index).into_iter().flatten();
        costs.zip(weights).map(|(c, w)| c * w).sum::<f64>()
    };
    let mut before = None;
    let places = own.iter().zip(weights).map(|(own, weights)| {
        let nearest = || {
            let each = (0..clusters.len()).map(|index| (index, cost(index, weights)));
            each.min_by(|a, b| a.1.total_cmp(&b.1))
                .map_or(0, |(index, _)| index)
        };
        let own = own.unwrap_or_else(nearest);
        let least = cost(own, weights) + run;
        let index = before
            .filter(|index| cost(*index, weights) < least)
            .unwrap_or(own);
        before = Some(index);
        index
    });
    places.collect()
}

fn bits_of_symbols(cluster: &Cluster) -> Counts {
    let total: f64 = cluster.counts.iter().sum();
    cluster.counts.map(|c| -((c + 0.01) / total).log2())
}

fn merge(clusters: &mut [Option<Cluster>], plan: Plan) {
    let mut alive = clusters.len();
    for i in 0..clusters.len() {
        seek(clusters, i);
    }
    loop {
        let best = clusters.iter().enumerate().filter_map(|(i, c)| {
            let (partner, loss) = c.as_ref()?.partner?;
            Some((i, partner, loss))
        });
        let Some((i, j, loss)) = best.min_by(|a, b| a.2.total_cmp(&b.2)) else {
            return;
        };
        if loss > plan.price && alive <= plan.most {
            return;
        }
        let (Some(a), Some(b)) = (
            clusters.get_mut(i).and_then(Option::take),
            clusters.get_mut(j).and_then(Option::take),
        ) else {
            return;
        };
        let counts = joined(&a.counts, &b.counts);
        let places = [a.places, b.places].concat();
        if let Some(place) = clusters.get_mut(i) {
            *place = Some(Cluster {
                counts,
                places,
                cost: cost(&counts),
                partner: None,
            });
        }
        alive -= 1;
        let stale: Vec<usize> = (0..clusters.len())
            .filter(|k| {
                clusters
                    .get(*k)
                    .and_then(Option::as_ref)
                    .is_some_and(|c| c.partner.is_none_or(|(p, _)| p == i || p == j))
            })
            .collect();
        for k in stale {
            seek(clusters, k);
        }
        offer(clusters, i);
    }
}

/// Finds the cheapest partner of a cluster.
fn seek(clusters: &mut [Option<Cluster>], i: usize) {
    let Some(Some(own)) = clusters.get(i) else {
        return;
    };
    let mut best: Option<(usize, f64)> = None;
    for (j, other) in clusters.iter().enumerate() {
        let Some(other) = other.as_ref().filter(|_| j != i) else {
            continue;
        };
        let loss = cost(&joined(&own.counts, &other.counts)) - own.cost - other.cost;
        if best.is_none_or(|(_, least)| loss < least) {
            best = Some((j, loss));
        }
    }
    if let Some(Some(own)) = clusters.get_mut(i) {
        own.partner = best;
    }
}

/// Lets all others see a new cluster.
fn offer(clusters: &mut [Option<Cluster>], i: usize) {
    let Some(Some(new)) = clusters.get(i) else {
        return;
    };
    let (counts, own_cost) = (new.counts, new.cost);
    for (j, other) in clusters.iter_mut().enumerate() {
        let Some(other) = other.as_mut().filter(|_| j != i) else {
            continue;
        };
        let loss = cost(&joined(&counts, &other.counts)) - own_cost - other.cost;
        if other.partner.is_none_or(|(_, least)| loss < least) {
            other.partner = Some((i, loss));
        }
    }
}
