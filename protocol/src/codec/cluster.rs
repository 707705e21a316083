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
    let mut map = vec![None; counts.len()];
    for (index, cluster) in clusters.iter().enumerate() {
        for place in &cluster.places {
            if let Some(to) = map.get_mut(*place) {
                *to = Some(index);
            }
        }
    }
    // What was never seen goes where the neutral expectation costs least.
    let nearest = |place: usize| {
        let p = expect(place);
        let bits = |c: &Cluster| {
            let total: f64 = c.counts.iter().sum();
            p.iter()
                .zip(&c.counts)
                .map(|(p, c)| -p * ((c + 0.01) / total).log2())
                .sum::<f64>()
        };
        let best = clusters
            .iter()
            .enumerate()
            .min_by(|a, b| bits(a.1).total_cmp(&bits(b.1)));
        best.map_or(0, |(index, _)| index)
    };
    let map = map
        .iter()
        .enumerate()
        .map(|(place, index)| index.unwrap_or_else(|| nearest(place)));
    ClassTable {
        map: map.map(|i| u8::try_from(i).unwrap_or(0)).collect(),
        shares: clusters
            .iter()
            .map(|c| shares_of(&c.counts, kind.has_signs()))
            .collect(),
    }
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
