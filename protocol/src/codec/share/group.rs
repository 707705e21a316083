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

/// Finds out which of a group's slots are asked about, and so on.
fn sort_group<R: Rows>(classes: &mut [Class<'_, R>], group: &Group<'_>, own: &mut Vec<Own>) -> u64 {
    own.clear();
    let mut surprises = 0;
    for (at, rows) in group.rows.iter().enumerate() {
        let mut sorted = Own::default();
        if *rows != 0 {
            for class in &mut *classes {
                let rows = rows & word(class.rows, at);
                if rows != 0 {
                    class
                        .shared
                        .sort(&class.source, group, (at, rows), &mut sorted);
                }
            }
        }
        surprises |= sorted.surprises;
        own.push(sorted);
    }
    surprises
}

/// Writes what turns a group's rows, as the client has them, into the newest.
pub fn write_group<R: Rows>(
    classes: &mut [Class<'_, R>],
    group: &Group<'_>,
    press: &mut Press,
    out: &mut BitWriter,
) {
    let mut own = std::mem::take(&mut press.own);
    let surprises = sort_group(classes, group, &mut own);
    write_places(
        surprises != 0,
        || own.iter().map(|own| (own.calm, own.surprises)),
        out,
    );
    for (at, own) in own.iter().enumerate() {
        let told = own.asked | own.surprises;
        if told == 0 {
            continue;
        }
        match classes {
            [class] if told & own.short == 0 => class.append(press, (at, told), own.asked, out),
            _ => append_mixed(classes, group, press, (at, *own), out),
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
    (at, own): (usize, Own),
    out: &mut BitWriter,
) {
    let mut left = own.asked | own.surprises;
    while left != 0 {
        let bit = left.trailing_zeros() as usize;
        let slot = at * 64 + bit;
        let mut run = 1 << bit;
        if let Some(class) = class_of(classes, slot) {
            if own.short & run == 0 {
                let others = left & !(word(class.rows, at) & !own.short);
                run = left & (others & others.wrapping_neg()).wrapping_sub(1);
                class.append(press, (at, run), own.asked, out);
            } else {
                let asked = own.asked & run != 0;
                class.append_any(press, (slot, Some(group.depth(slot))), asked, out);
            }
        }
        left &= !run;
    }
}

impl<R: Rows> Class<'_, R> {
    /// Appends the chunks of 64 slots that the client has had for long. This is what a server with many clients does all the
    /// time, so nothing is done in the loop that can be done before.
    #[inline]
    fn append(
        &mut self,
        press: &mut Press,
        (at, told): (usize, u64),
        asked: u64,
        out: &mut BitWriter,
    ) {
        if self.shared.append_run((at, told), out) {
            return;
        }
        let mut left = told;
        while left != 0 {
            let chunks = self.shared.full.list.get(at * 64..).unwrap_or_default();
            for bit in bits(left) {
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
                self.append_any(press, (slot, None), asked >> bit & 1 == 1, out);
                left &= left - 1;
            }
        }
    }

    /// Appends a chunk that may not be made yet, be very long, or be for a client that has not had the row for long.
    fn append_any(
        &mut self,
        press: &mut Press,
        (slot, short): (usize, Option<usize>),
        asked: bool,
        out: &mut BitWriter,
    ) {
        let chunk = match short {
            None => self.shared.chunk(&self.source, press, slot, asked),
            Some(depth) => {
                let short = (slot, depth);
                self.shared.short_chunk(&self.source, press, short, asked)
            }
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
            let mut own = Own::default();
            class
                .shared
                .sort(&class.source, group, (at, 1 << bit), &mut own);
            let depth = group.depth(slot);
            let (changed, asked) = class.shared.is_changed(slot, depth);
            if changed {
                let chunk = if depth == DEPTH {
                    class.shared.chunk(&class.source, press, slot, asked)
                } else {
                    let short = (slot, depth);
                    class.shared.short_chunk(&class.source, press, short, asked)
                };
                each(slot, chunk.bits());
            }
        }
    }
}
