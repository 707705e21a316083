//! Lag compensation.

use std::time::Duration;

use tickwire_engine::RewindLimit;

use super::{Effort, Row, Target, percentile, profiles};
use crate::Link;
use crate::shots::{Lie, Outcome, Trial, gain, run};

const SEED: u64 = 3;

/// All figures of this kind.
pub(super) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, link) in profiles(["P0", "P1", "P2", "P3"]) {
        let usual = trial(link, effort);
        let with = run(&usual);
        rows.push(agreement(
            name,
            "hit agreement",
            &with,
            Target::AtLeast(99.5),
        ));
        let limit = RewindLimit(Duration::ZERO);
        let without = run(&Trial { limit, ..usual });
        let what = "hit agreement without compensation";
        rows.push(agreement(name, what, &without, Target::None));
        let limit = RewindLimit::LONGEST;
        let longest = run(&Trial { limit, ..usual });
        let ms = limit.0.as_millis();
        let what = format!("hit agreement with a limit of {ms} ms");
        rows.push(agreement(name, &what, &longest, Target::None));
        rows.extend(unconfirmed(name, &with));
        rows.extend(judged(name, &with));
    }
    rows.extend(Lie::ALL.map(|lie| liar(lie, effort)));
    rows.extend([("P1", Link::P1), ("P3", Link::P3)].map(|(name, link)| best(name, link, effort)));
    rows
}

/// How many shots are fired for a figure.
fn shots(effort: Effort) -> usize {
    usize::try_from(effort.of(10_000)).unwrap_or(10_000)
}

/// A client that lies about what it saw.
fn liar(lie: Lie, effort: Effort) -> Row {
    let more = gain(lie, Link::P2, shots(effort), SEED);
    let what = format!("hits gained by claiming another picture ({lie:?})");
    Row::new("P2", &what, more as f64, "hits", Target::AtMost(0.0))
}

/// A client that claims for each shot the best moment that is believed.
fn best(name: &str, link: Link, effort: Effort) -> Row {
    let shots = shots(effort);
    let more = gain(Lie::Best, link, shots, SEED);
    let share = 100.0 * more as f64 / shots as f64;
    let what = "shots that hit by claiming the best moment that is believed";
    Row::new(name, what, share, "%", Target::AtMost(10.0))
}

fn trial(link: Link, effort: Effort) -> Trial {
    Trial::new(link, shots(effort), SEED)
}

fn agreement(name: &str, what: &str, of: &Outcome, target: Target) -> Row {
    Row::new(name, what, 100.0 * of.agreement.share(), "%", target)
}

/// Why hits on the screen were none on the server.
fn unconfirmed(name: &str, of: &Outcome) -> Vec<Row> {
    let (all, why) = (of.agreement.hit_on_screen, of.agreement.misses);
    let causes = [
        ("never judged", why.lost),
        ("older than the limit", why.limited),
        ("claim not admissible", why.moved),
        ("victim elsewhere in the picture", why.drawn_elsewhere),
        ("shooter elsewhere than predicted", why.shot_elsewhere),
        ("a little of both", why.both),
    ];
    let row = |(cause, count): (&str, usize)| {
        let share = 100.0 * count as f64 / all.max(1) as f64;
        let what = format!("hits not confirmed: {cause}");
        Row::new(name, &what, share, "%", Target::None)
    };
    causes.map(row).into()
}

/// How far back shots were judged, and who was hit in cover.
fn judged(name: &str, of: &Outcome) -> Vec<Row> {
    let row = |metric: &str, value, unit| Row::new(name, metric, value, unit, Target::None);
    let found = of.agreement;
    let share = |count: usize| 100.0 * count as f64 / found.shots.max(1) as f64;
    let hits = of.behind_cover.iter();
    let (mut ms, mut cm): (Vec<_>, Vec<_>) = hits
        .map(|hit| {
            (
                f64::from(hit.ticks) * 1000.0 / 60.0,
                f64::from(hit.metres) * 100.0,
            )
        })
        .unzip();
    let ms_of = |time: Duration| time.as_secs_f64() * 1000.0;
    let limit = Target::AtMost(ms_of(RewindLimit::DEFAULT.0));
    let bound = ms_of(RewindLimit::DEFAULT.0 + RewindLimit::WAIT + RewindLimit::CARRIED);
    let mut rows = vec![
        row("shots were judged in the past by", found.rewound_ms, "ms"),
        Row::new(
            name,
            "at most, without the wait of their commands",
            found.longest_ms,
            "ms",
            limit,
        ),
        row("shots whose claim was moved", share(found.clamped), "%"),
        row(
            "because it was older than the limit",
            share(found.limited),
            "%",
        ),
        row(
            "shots that hit someone in cover by then",
            share(of.behind_cover.len()),
            "%",
        ),
    ];
    for percent in [50.0, 95.0, 99.0] {
        let in_cover = percentile(&mut ms, percent);
        rows.push(row(
            &format!("they were in cover for, p{percent}"),
            in_cover,
            "ms",
        ));
        let come = percentile(&mut cm, percent);
        rows.push(row(&format!("they had come since, p{percent}"), come, "cm"));
    }
    rows.push(Row::new(
        name,
        "they were in cover for, at most",
        percentile(&mut ms, 100.0),
        "ms",
        Target::AtMost(bound),
    ));
    rows.push(row(
        "they had come since, at most",
        percentile(&mut cm, 100.0),
        "cm",
    ));
    rows
}
