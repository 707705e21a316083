//! Commands: what a player does, tick by tick.

use super::TICK_PATH;
use crate::bits::{BitReader, BitWriter};
use crate::error::DecodeError;
use crate::limits::{HISTORY_TICKS, MAX_COMMANDS, MAX_VIEW_AGE};
use crate::schema::{Column, Schema};
use crate::tick::Tick;
use crate::wire::{Wire, Words};

/// What a client drew when its player acted: a point between two snapshots that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The older snapshot.
    pub from: Tick,
    /// The newer one, at most 63 ticks later; the same as `from` when nothing newer had arrived.
    pub to: Tick,
    /// How far between the two, in 1/256.
    pub fraction: u8,
}

/// A player's input for one tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Command<I> {
    /// The tick it is meant for.
    pub tick: Tick,
    /// What the player saw; `None` while there was nothing to see.
    pub view: Option<View>,
    /// What the player does.
    pub input: I,
}

/// One message's worth of commands.
#[derive(Debug, Clone, PartialEq)]
pub struct Commands<I> {
    /// The newest snapshot that the client has decoded.
    pub ack: Option<Tick>,
    /// 1 to [`MAX_COMMANDS`] commands of consecutive ticks.
    pub list: Vec<Command<I>>,
}

const COUNT_BITS: u32 = 3;
const AGE_BITS: u32 = 8;
const SPAN_BITS: u32 = 6;
const FRACTION_BITS: u32 = 8;
const _: () = assert!(
    MAX_COMMANDS == 1 << COUNT_BITS,
    "the count's field holds every count"
);
const _: () = assert!(
    MAX_VIEW_AGE < 1 << AGE_BITS,
    "the age's field holds every age"
);
const _: () = assert!(
    HISTORY_TICKS == 1 << SPAN_BITS,
    "the span's field holds every span"
);

impl<I: Wire> Commands<I> {
    /// The message's bytes. A view that lies too far back to be written is left out.
    ///
    /// # Panics
    /// When there is no command, more than [`MAX_COMMANDS`], or the ticks are not consecutive.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::cast_possible_truncation,
        reason = "asserted just before"
    )]
    pub fn encode(&self, schema: &Schema) -> Vec<u8> {
        assert!(
            (1..=MAX_COMMANDS).contains(&self.list.len()),
            "1 to {MAX_COMMANDS} commands go in a message"
        );
        let mut out = BitWriter::after(vec![TICK_PATH]);
        out.write_bool(self.ack.is_some());
        if let Some(ack) = self.ack {
            out.write(ack.0, 32);
        }
        out.write(self.list.len() as u32 - 1, COUNT_BITS);
        let first = self.list.first().expect("there is a command").tick;
        out.write(first.0, 32);
        for (i, command) in self.list.iter().enumerate() {
            assert_eq!(
                command.tick,
                first + i as u32,
                "commands of a message have consecutive ticks"
            );
            encode_view(command, &mut out);
            for (column, word) in schema
                .columns()
                .iter()
                .zip(Words::of(&command.input).as_slice())
            {
                out.write(*word, column.bits());
            }
        }
        out.finish()
    }

    pub(super) fn decode(bytes: &[u8], schema: &Schema) -> Result<Self, DecodeError> {
        let mut bits = BitReader::new(bytes);
        let ack = if bits.read_bool()? {
            Some(Tick(bits.read(32)?))
        } else {
            None
        };
        let count = bits.read(COUNT_BITS)? + 1;
        let first = Tick(bits.read(32)?);
        let mut list = Vec::with_capacity(MAX_COMMANDS);
        for i in 0..count {
            let tick = first + i;
            let view = decode_view(tick, &mut bits)?;
            let words = schema
                .columns()
                .iter()
                .map(|column| read_word(&mut bits, column))
                .collect::<Result<Vec<_>, _>>()?;
            list.push(Command {
                tick,
                view,
                input: Words::from(words).load(),
            });
        }
        bits.finish()?;
        Ok(Self { ack, list })
    }
}

fn encode_view<I>(command: &Command<I>, out: &mut BitWriter) {
    let fields = command.view.and_then(|view| {
        let age = u32::try_from(command.tick.since(view.from))
            .ok()
            .filter(|age| *age <= MAX_VIEW_AGE)?;
        let span = u32::try_from(view.to.since(view.from))
            .ok()
            .filter(|span| *span < HISTORY_TICKS)?;
        Some((age, span, view.fraction))
    });
    out.write_bool(fields.is_some());
    if let Some((age, span, fraction)) = fields {
        out.write(age, AGE_BITS);
        out.write(span, SPAN_BITS);
        out.write(u32::from(fraction), FRACTION_BITS);
    }
}

fn decode_view(tick: Tick, bits: &mut BitReader<'_>) -> Result<Option<View>, DecodeError> {
    if !bits.read_bool()? {
        return Ok(None);
    }
    let from = tick - bits.read(AGE_BITS)?;
    let to = from + bits.read(SPAN_BITS)?;
    let fraction = u8::try_from(bits.read(FRACTION_BITS)?).unwrap_or(u8::MAX);
    Ok(Some(View { from, to, fraction }))
}

/// Reads the word of a column and checks its range.
fn read_word(bits: &mut BitReader<'_>, column: &Column) -> Result<u32, DecodeError> {
    let word = bits.read(column.bits())?;
    DecodeError::check("word of a column", u64::from(word), u64::from(column.max))?;
    Ok(word)
}
