//! What holds a client's view against the server's: a checksum now and then.

use super::Sender;
use super::deltas::SharedDeltas;
use super::held::Held;
use crate::history::History;
use crate::tick::Tick;

impl Sender {
    /// Whether the next message has a checksum. They come once a second, at another time for each client.
    pub(super) fn is_check_due(&mut self, now: Tick) -> bool {
        let period = self.cadence.check_ticks();
        let own = self.own.map_or(0, |own| own.0);
        let checked = *self.checked.get_or_insert(now - own % period);
        now.since(checked).unsigned_abs() >= period
    }
}

/// The sum of the checksums of all rows that the client has; `None` when history has forgotten the words of one.
pub(crate) fn sum(held: &Held, history: &History, deltas: &mut SharedDeltas) -> Option<u32> {
    let mut sum = 0_u32;
    let last = held.lineage.last()?;
    let mut left = held.slots.clone();
    let mut bytes = Vec::new();
    for (tick, exact) in held.exact.ticks(last) {
        for slot in left.iter().filter(|slot| exact.contains(*slot)) {
            let hidden = held.veils.of(slot);
            let row = u32::try_from(slot).ok().and_then(|id| {
                let table = deltas.table(tick, hidden, history)?;
                Some(table.row(crate::NetId(id))?.sum(&mut bytes))
            });
            sum = sum.wrapping_add(row.unwrap_or(0));
        }
        for (at, exact) in exact.words().iter().enumerate() {
            *left.word_mut(at) &= !exact;
        }
        if left.is_empty() {
            break;
        }
    }
    left.is_empty().then_some(sum)
}
