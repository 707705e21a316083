//! The body of a snapshot message.

use std::sync::Arc;

use super::exact::{Exact, ExactRows, Rows};
use super::{Reading, Receiver};
use crate::cadence::{Cadence, Lineage};
use crate::codec::msb::BitReader;
use crate::codec::past::DEPTH;
use crate::codec::places::{read_gaps, read_places};
use crate::codec::sight::Ticks;
use crate::codec::slots::SlotSet;
use crate::codec::view::RowsMut;
use crate::error::DecodeError;
use crate::explain::{Cause, Reason, Witness};
use crate::history::History;
use crate::limits::{HISTORY_TICKS, MAX_NET_ID};
use crate::snapshot::{NetId, Snapshot};
use crate::tick::Tick;

/// Bytes of a checksum.
const SUM: usize = 4;

/// What happens to the rows of the baseline.
struct Fates {
    /// By place in the baseline: the tier, and `None` for rows that are lost.
    tiers: Vec<Option<u8>>,
    left: Vec<NetId>,
    gone: Vec<NetId>,
    /// Places of rows that are told of.
    told: Vec<usize>,
}

/// Rows that the client did not have, by ascending id.
#[derive(Default)]
struct New {
    rows: Vec<(NetId, u8, u32)>,
    words: Vec<u32>,
}

/// Rows with the same baseline.
struct Batch {
    tier: u8,
    base: Tick,
    /// Their ids.
    slots: Vec<usize>,
}

impl RowsMut for Snapshot {
    fn row_mut(&mut self, slot: usize) -> Option<(&mut u32, &mut [u32])> {
        let id = NetId(u32::try_from(slot).ok()?);
        self.at_mut(self.find(id)?)
    }
}

impl Receiver {
    pub(super) fn read_body<W: Witness>(
        &mut self,
        (tick, base, lineage): (Tick, &Arc<Snapshot>, &Lineage),
        body: &[u8],
        witness: &mut W,
    ) -> Result<Reading, DecodeError> {
        let mut bits = BitReader::new(body);
        let fates = self.read_fates((tick, base, lineage), &mut bits, witness)?;
        let new = self.read_new(base, &fates, &mut bits, witness)?;
        let (mut snapshot, rows) = merge(tick, base, &fates, &new)?;
        let (batches, expired) = self.batches((tick, base, lineage), &fates);
        let mut touched = SlotSet::default();
        for (id, ..) in &new.rows {
            touched.insert(id.0 as usize);
        }
        for batch in &batches {
            self.read_batch((tick, lineage), batch, &mut snapshot, &mut bits, witness)?;
            self.reader.told().for_each(|slot| touched.insert(slot));
        }
        for slot in expired {
            touched.insert(slot);
            let Some((mask, row)) = snapshot.row_mut(slot) else {
                continue;
            };
            let tables = (&self.layout, &self.tables.steady);
            *mask = self.reader.read_whole(tables, row, &mut bits, witness)?;
        }
        let sum = end(&bits, body, witness)?;
        Ok(Reading {
            snapshot,
            rows,
            left: fates.left,
            touched,
            sum,
        })
    }

    /// Who is lost, who changes the tier, whose turn it is and who has to wait all the same.
    fn read_fates<W: Witness>(
        &self,
        (tick, base, lineage): (Tick, &Snapshot, &Lineage),
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<Fates, DecodeError> {
        let start = bits.position();
        let lost = read_places(bits, base.len())?;
        let tiers = lineage.last().and_then(|last| self.exact.at(last));
        let tier_of = |at: usize| {
            tiers
                .and_then(|rows| rows.tiers.get(at).copied())
                .unwrap_or(0)
        };
        let mut fates = Fates {
            tiers: (0..base.len()).map(|at| Some(tier_of(at))).collect(),
            left: Vec::new(),
            gone: Vec::new(),
            told: Vec::new(),
        };
        for place in lost {
            let lives = bits.read(1)? == 1;
            let (Some(tier), Some(id)) = (fates.tiers.get_mut(place), base.ids().get(place)) else {
                continue;
            };
            *tier = None;
            fates.gone.push(*id);
            if lives {
                fates.left.push(*id);
            }
        }
        let kept = |tiers: &[Option<u8>]| -> Vec<usize> {
            let kept = tiers.iter().enumerate().filter(|(_, tier)| tier.is_some());
            kept.map(|(at, _)| at).collect()
        };
        let removed = bits.position();
        let width = self.cadence.tier_bits();
        if width > 0 {
            let kept = kept(&fates.tiers);
            for place in read_places(bits, kept.len())? {
                let new = read_tier(bits, &self.cadence)?;
                let tier = kept.get(place).and_then(|at| fates.tiers.get_mut(*at));
                tier.into_iter().for_each(|tier| *tier = Some(new));
            }
        }
        let turns = lineage.due(&self.cadence, tick);
        let due = fates.tiers.iter().enumerate().filter(|(_, tier)| {
            tier.is_some_and(|tier| turns.get(usize::from(tier)) == Some(&true))
        });
        let due: Vec<usize> = due.map(|(at, _)| at).collect();
        fates.told = told(due, bits)?;
        witness.add(Cause::of(Reason::Removal), (removed - start) as u64);
        witness.add(Cause::of(Reason::Id), (bits.position() - removed) as u64);
        Ok(fates)
    }

    /// Whom the client did not have.
    fn read_new<W: Witness>(
        &mut self,
        base: &Snapshot,
        fates: &Fates,
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<New, DecodeError> {
        let mut new = New::default();
        let width = self.layout.row_words();
        let start = bits.position();
        let count = bits.read_gamma()?;
        witness.add(Cause::of(Reason::Id), (bits.position() - start) as u64);
        let kept = fates.tiers.iter().filter(|tier| tier.is_some()).count();
        let room = base.schema().max_rows() - kept.min(base.schema().max_rows());
        DecodeError::check("number of entities", u64::from(count), room as u64)?;
        let mut next = 0;
        for _ in 0..count {
            let start = bits.position();
            let id = next + u64::from(bits.read_gamma()?);
            DecodeError::check("network id", id, u64::from(MAX_NET_ID))?;
            next = id + 1;
            let id = NetId(u32::try_from(id).unwrap_or(MAX_NET_ID));
            let is_kept = base
                .find(id)
                .and_then(|at| fates.tiers.get(at).copied().flatten());
            if is_kept.is_some() {
                return Err(DecodeError::Contradiction(
                    "a spawn of an entity that is there already",
                ));
            }
            let tier = read_tier(bits, &self.cadence)?;
            witness.add(Cause::of(Reason::Id), (bits.position() - start) as u64);
            let from = new.words.len();
            new.words.resize(from + width, 0);
            let row = new.words.get_mut(from..).unwrap_or_default();
            let tables = (&self.layout, &self.tables.steady);
            let mask = self.reader.read_whole(tables, row, bits, witness)?;
            new.rows.push((id, tier, mask));
        }
        Ok(new)
    }

    /// The told rows by tier and baseline, and those whose baseline history has forgotten.
    fn batches(
        &self,
        (tick, base, lineage): (Tick, &Snapshot, &Lineage),
        fates: &Fates,
    ) -> (Vec<Batch>, Vec<usize>) {
        let mut batches: Vec<Batch> = Vec::new();
        let mut expired = Vec::new();
        let Some(last) = lineage.last() else {
            return (batches, expired);
        };
        for at in &fates.told {
            let (Some(id), Some(Some(tier))) = (base.ids().get(*at), fates.tiers.get(*at)) else {
                continue;
            };
            let slot = id.0 as usize;
            match self.version(*id, last).filter(|base| is_known(*base, tick)) {
                None => expired.push(slot),
                Some(base) => {
                    let known = batches
                        .iter_mut()
                        .find(|batch| batch.base == base && batch.tier == *tier);
                    match known {
                        Some(batch) => batch.slots.push(slot),
                        None => batches.push(Batch {
                            tier: *tier,
                            base,
                            slots: vec![slot],
                        }),
                    }
                }
            }
        }
        batches.sort_by_key(|batch| (batch.tier, last.since(batch.base)));
        (batches, expired)
    }

    /// The tick whose words the client has of an entity.
    fn version(&self, id: NetId, last: Tick) -> Option<Tick> {
        let ticks = (0..HISTORY_TICKS).map(|back| last - back);
        ticks.into_iter().find(|tick| {
            exact_rows(&self.exact, &self.history, *tick).is_some_and(|rows| rows.has(id))
        })
    }

    fn read_batch<W: Witness>(
        &mut self,
        (tick, lineage): (Tick, &Lineage),
        batch: &Batch,
        snapshot: &mut Snapshot,
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<(), DecodeError> {
        let stride = lineage.stride(tick, batch.base, usize::from(batch.tier));
        let exact_rows = |tick| exact_rows(&self.exact, &self.history, tick);
        let before: [Option<ExactRows<'_>>; DEPTH] = std::array::from_fn(|k| {
            let back = (u32::try_from(k).unwrap_or(0) + 1) * stride.ticks;
            let of = batch.base - back;
            is_known(of, tick).then(|| exact_rows(of)).flatten()
        });
        let base = exact_rows(batch.base).ok_or(DecodeError::UnknownBaseline(batch.base.0))?;
        let mut moved = SlotSet::default();
        let reach = stride.reach(batch.base);
        self.history.moved(reach, batch.base, &mut moved);
        let ticks = Ticks {
            now: &base,
            base: &base,
            before: before.each_ref().map(Option::as_ref),
            steps: stride.steps,
            moved: moved.words(),
        };
        let steady = tick.since(batch.base) == i32::from(self.cadence.interval());
        let tables = if steady {
            &self.tables.steady
        } else {
            &self.tables.late
        };
        let of = (&self.layout, tables);
        self.reader
            .read(of, ticks, &batch.slots, snapshot, bits, witness)
    }
}

fn exact_rows<'a>(exact: &'a Exact, history: &'a History, tick: Tick) -> Option<ExactRows<'a>> {
    let (rows, snapshot) = (exact.at(tick)?, history.get(tick)?);
    Some(ExactRows { snapshot, rows })
}

/// Whether the server still knows a tick when it writes a snapshot of `now`.
fn is_known(tick: Tick, now: Tick) -> bool {
    now.since(tick).unsigned_abs() < HISTORY_TICKS
}

fn read_tier(bits: &mut BitReader<'_>, cadence: &Cadence) -> Result<u8, DecodeError> {
    let tier = bits.read(cadence.tier_bits())?;
    DecodeError::check("tier", u64::from(tier), cadence.tiers() as u64 - 1)?;
    Ok(u8::try_from(tier).unwrap_or(0))
}

/// The baseline's rows that stay, and the new ones.
fn merge(
    tick: Tick,
    base: &Snapshot,
    fates: &Fates,
    new: &New,
) -> Result<(Snapshot, Rows), DecodeError> {
    let mut snapshot = Snapshot::with_room_like(base, tick);
    let mut rows = Rows::default();
    fates.gone.iter().for_each(|id| rows.go(*id));
    let width = base.schema().row_words();
    let mut words = new.words.chunks(width.max(1));
    let mut new = new.rows.iter().peekable();
    let mut told = fates.told.iter().peekable();
    let mut add = |(id, tier, mask): &(NetId, u8, u32), rows: &mut Rows, now: &mut Snapshot| {
        let words = words.next().unwrap_or_default();
        let row = now.push(*id, *mask);
        row.iter_mut().zip(words).for_each(|(to, from)| *to = *from);
        rows.push(*tier, true);
    };
    for (at, (row, tier)) in base.rows().zip(&fates.tiers).enumerate() {
        let Some(tier) = tier else { continue };
        while let Some(first) = new.next_if(|(id, ..)| *id < row.id) {
            add(first, &mut rows, &mut snapshot);
        }
        snapshot.push(row.id, row.mask).copy_from_slice(row.words);
        rows.push(*tier, told.next_if_eq(&&at).is_some());
    }
    new.for_each(|row| add(row, &mut rows, &mut snapshot));
    Ok((snapshot, rows))
}

/// What follows the last bit: less than a byte of zeros, and perhaps a checksum.
fn end<W: Witness>(
    bits: &BitReader<'_>,
    body: &[u8],
    witness: &mut W,
) -> Result<Option<u32>, DecodeError> {
    let at = bits.position();
    let whole = at.div_ceil(8);
    let (told, rest) = body.split_at_checked(whole).ok_or(DecodeError::Truncated)?;
    let mut padding = BitReader::new(told);
    padding.skip(at)?;
    padding.finish()?;
    witness.add(Cause::of(Reason::Padding), (whole * 8 - at) as u64);
    if rest.is_empty() {
        return Ok(None);
    }
    let sum = rest
        .try_into()
        .map_err(|_| DecodeError::Trailing(rest.len()))?;
    witness.add(Cause::of(Reason::Checksum), 8 * SUM as u64);
    Ok(Some(u32::from_le_bytes(sum)))
}

/// Of those whose turn it is, those who do not have to wait. The message names whoever are fewer.
fn told(due: Vec<usize>, bits: &mut BitReader<'_>) -> Result<Vec<usize>, DecodeError> {
    let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
    let waiting = bits.read_gamma()?;
    DecodeError::check("number of rows", waiting.into(), count.into())?;
    let most = waiting > count / 2;
    let named = if most { count - waiting } else { waiting };
    let mut named = read_gaps(bits, named, due.len())?.into_iter().peekable();
    let told = due.into_iter().enumerate();
    let told = told.filter(|(place, _)| named.next_if_eq(place).is_some() == most);
    Ok(told.map(|(_, at)| at).collect())
}
