//! A group of a client's rows, put together from chunks that are there for all.

use super::{Own, Press, Shared, Source};
use crate::codec::chunks::Chunk;
use crate::codec::msb::BitWriter;
use crate::codec::past::DEPTH;
use crate::codec::places::{bits, write_places};
use crate::codec::sight::{Group, Rows};
use crate::codec::slots::{contains, word};

/// The rows of a group whose chunks are in one place: all of them, unless some hide components.
#[derive(Debug)]
pub struct Class<'a, R> {
    /// What they are made from.
    pub source: Source<'a, R>,
    /// Where they are.
    pub shared: &'a mut Shared,
    /// Which rows.
    pub rows: &'a [u64],
}

/// Finds out which of a group's slots are asked about, and so on. Only those 64 are listed of which anybody may be.
fn sort_group<R: Rows>(
    classes: &mut [Class<'_, R>],
    group: &Group<'_>,
    press: &mut Press,
    own: &mut Vec<Own>,
) {
    own.clear();
    // All classes are of the same ticks.
    let Some(Class { source, .. }) = classes.first() else {
        return;
    };
    let rows = group.rows.iter().enumerate();
    if source.tables.asks_resting() {
        let some = rows.filter(|(_, rows)| **rows != 0);
        own.extend(some.map(|(at, _)| Own::of(at)));
    } else {
        // Nobody is asked about, and nobody changed: so it is with most rows of a world at rest.
        let moved = rows.zip(source.ticks.moved);
        let moved = moved.filter(|((_, rows), moved)| *rows & *moved != 0);
        own.extend(moved.map(|((at, _), _)| Own::of(at)));
    }
    for class in classes {
        for own in &mut *own {
            let rows = word(group.rows, own.at) & word(class.rows, own.at);
            if rows != 0 {
                let Class { source, shared, .. } = &mut *class;
                own.add(shared.sort(source, press, group, (own.at, rows)));
            }
        }
    }
}

/// Writes what turns a group's rows, as the client has them, into the newest.
pub fn write_group<R: Rows>(
    classes: &mut [Class<'_, R>],
    group: &Group<'_>,
    press: &mut Press,
    out: &mut BitWriter,
) {
    let mut own = std::mem::take(&mut press.own);
    sort_group(classes, group, press, &mut own);
    let calm = || {
        let mut own = own.iter().peekable();
        let rows = group.rows.iter().enumerate();
        rows.map(move |(at, rows)| {
            let own = own.next_if(|own| own.at == at);
            own.map_or((*rows, 0), |own| (rows & !own.asked, own.surprises))
        })
    };
    let surprises = own.iter().fold(0, |any, own| any | own.surprises);
    write_places(surprises != 0, calm, out);
    for own in &own {
        let (at, told) = (own.at, own.asked | own.surprises);
        match classes {
            [class] if told & own.short == 0 => class.append(press, (at, told), out),
            _ => append_mixed(classes, group, press, *own, out),
        }
    }
    press.own = own;
}

/// Appends the chunks of 64 slots that are of several classes, or of which the client has not had all for long: run by run of
/// those that are alike.
fn append_mixed<R: Rows>(
    classes: &mut [Class<'_, R>],
    group: &Group<'_>,
    press: &mut Press,
    own: Own,
    out: &mut BitWriter,
) {
    let at = own.at;
    let mut left = own.asked | own.surprises;
    while left != 0 {
        let bit = left.trailing_zeros() as usize;
        let slot = at * 64 + bit;
        let mut run = 1 << bit;
        if let Some(class) = class_of(classes, slot) {
            if own.short & run == 0 {
                let others = left & !(word(class.rows, at) & !own.short);
                run = left & (others & others.wrapping_neg()).wrapping_sub(1);
                class.append(press, (at, run), out);
            } else {
                class.append_any(press, (slot, Some(group.depth(slot))), out);
            }
        }
        left &= !run;
    }
}

impl<R: Rows> Class<'_, R> {
    /// Appends the chunks of 64 slots that the client has had for long. This is what a server with many clients does all the
    /// time, so nothing is done in the loop that can be done before.
    #[inline]
    fn append(&mut self, press: &mut Press, (at, told): (usize, u64), out: &mut BitWriter) {
        if self.shared.append_run((at, told), out) {
            return;
        }
        let mut left = told;
        while left != 0 {
            let (made, chunks) = self.shared.full.block(at);
            let missing = left & !made;
            for bit in bits(left & (missing & missing.wrapping_neg()).wrapping_sub(1)) {
                let Some(Chunk { head, short, .. }) = chunks.get(bit).filter(|c| c.short > 0)
                else {
                    break;
                };
                out.append(*head, u32::from(*short));
                left &= left - 1;
            }
            if left != 0 {
                let bit = left.trailing_zeros();
                let slot = at * 64 + bit as usize;
                self.append_any(press, (slot, None), out);
                left &= left - 1;
            }
        }
    }

    /// Appends a chunk that may not be made yet, be very long, or be for a client that has not had the row for long.
    fn append_any(
        &mut self,
        press: &mut Press,
        (slot, short): (usize, Option<usize>),
        out: &mut BitWriter,
    ) {
        let Self { source, shared, .. } = self;
        let chunk = match short {
            None => shared.chunk(source, press, slot),
            Some(depth) => shared.short_chunk(source, press, (slot, depth)),
        };
        self.shared.full.append(chunk, out);
    }
}

#[inline]
fn class_of<'c, 'a, R>(
    classes: &'c mut [Class<'a, R>],
    slot: usize,
) -> Option<&'c mut Class<'a, R>> {
    if let [class] = classes {
        return Some(class);
    }
    classes.iter_mut().find(|class| contains(class.rows, slot))
}

/// Calls `each` with every slot of a group that changed, and the bits that its chunk takes.
pub fn weigh_group<R: Rows>(
    classes: &mut [Class<'_, R>],
    group: &Group<'_>,
    press: &mut Press,
    mut each: impl FnMut(usize, u32),
) {
    for (at, rows) in group.rows.iter().enumerate() {
        for bit in bits(*rows) {
            let slot = at * 64 + bit;
            let Some(class) = class_of(classes, slot) else {
                continue;
            };
            let Class { source, shared, .. } = class;
            shared.sort(source, press, group, (at, 1 << bit));
            let depth = group.depth(slot);
            if shared.is_changed(slot, depth) {
                let chunk = if depth == DEPTH {
                    shared.chunk(source, press, slot)
                } else {
                    shared.short_chunk(source, press, (slot, depth))
                };
                each(slot, chunk.bits());
            }
        }
    }
}
