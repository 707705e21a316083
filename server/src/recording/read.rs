//! The reading end: a file into rows, with nothing in it believed.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::recording::Recording;
use tickwire_protocol::limits::MAX_NET_ID;
use tickwire_protocol::{GameSchema, Schema};
use zstd::stream::read::Decoder;

use super::{MAGIC, WINDOW_LOG};

/// How many more words recordings may take in memory, all of them together.
#[derive(Debug)]
pub(crate) struct Budget(pub(crate) usize);

impl Default for Budget {
    /// 1 GiB.
    fn default() -> Self {
        Self(1 << 28)
    }
}

impl Budget {
    fn take(&mut self, words: usize) -> Result<(), Fault> {
        self.0 = self.0.checked_sub(words).ok_or(Fault::TooLong)?;
        Ok(())
    }
}

/// What can be wrong with a file.
enum Fault {
    File(io::Error),
    Nonsense(String),
    TooLong,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Fault {
    /// What goes on "FILE …".
    fn words(self, place: &str) -> String {
        match self {
            Self::File(why) if why.kind() == io::ErrorKind::UnexpectedEof => {
                format!("ends too early, {place}: what recorded it was cut off; record it anew")
            }
            Self::File(why) => format!("cannot be read, {place}: {why}"),
            Self::Nonsense(why) => format!("is damaged, {place}: {why}"),
            Self::TooLong => "is too long to be held in memory together with those before it: \
                              give fewer recordings, or shorter ones"
                .to_owned(),
        }
    }
}

/// Reads the ticks that snapshots are made of, one every `interval` ticks, of a match of the game `schema`.
///
/// # Errors
/// What is wrong with the file and what to do: words to go on behind its name.
pub(crate) fn open(
    path: &Path,
    schema: &GameSchema,
    interval: u32,
    budget: &mut Budget,
) -> Result<Recording, String> {
    let file = File::open(path).map_err(|why| format!("cannot be opened: {why}"))?;
    read(BufReader::new(file), schema, interval, budget)
}

/// The same from any bytes.
pub(crate) fn read(
    packed: impl BufRead,
    schema: &GameSchema,
    interval: u32,
    budget: &mut Budget,
) -> Result<Recording, String> {
    let begin = |why: io::Error| Fault::File(why).words("at the beginning");
    let mut unpacked = Decoder::with_buffer(packed).map_err(begin)?;
    unpacked.window_log_max(WINDOW_LOG).map_err(begin)?;
    let mut bytes = Bytes(BufReader::new(unpacked));
    check_header(&mut bytes, schema)?;
    let mut recording = Recording::new(Layout::of(&schema.rows));
    let mut before = None;
    loop {
        let place = before.map_or("behind the header".to_owned(), |tick| {
            format!("behind tick {tick}")
        });
        let tick = next_tick(&mut bytes, before)
            .and_then(|tick| {
                let Some(tick) = tick else { return Ok(None) };
                let kept = tick.is_multiple_of(interval).then_some(&mut recording);
                read_tick(&mut bytes, &schema.rows, kept, budget)?;
                Ok(Some(tick))
            })
            .map_err(|fault: Fault| fault.words(&place))?;
        if tick.is_none() {
            return Ok(recording);
        }
        before = tick;
    }
}

fn check_header(bytes: &mut Bytes<impl BufRead>, schema: &GameSchema) -> Result<(), String> {
    match bytes.take() {
        Ok(magic) if magic == *MAGIC => {}
        Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(Fault::File(why).words("at the beginning"));
        }
        // What is not even zstd ends here as well.
        _ => return Err("is no recording: bots --record FILE makes one".to_owned()),
    }
    let mut header = || -> io::Result<_> {
        let hash = u64::from_le_bytes(bytes.take()?);
        let [_, length] = bytes.take()?;
        let mut name = vec![0; usize::from(length)];
        bytes.0.read_exact(&mut name)?;
        Ok((hash, name))
    };
    let (theirs, name) = header().map_err(|why| Fault::File(why).words("at the beginning"))?;
    let ours = schema.rows.hash();
    if theirs == ours {
        return Ok(());
    }
    // Nothing in the name may play tricks on a terminal.
    let name = String::from_utf8_lossy(&name);
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let game = schema.name;
    Err(if name == game {
        format!(
            "is from before or after a change of {game}'s components ({theirs:016x}, now {ours:016x}): record it anew"
        )
    } else {
        format!("is of the game {name}, not of {game}: record matches of this game")
    })
}

/// The number of the tick that follows, unless the recording ends.
fn next_tick(bytes: &mut Bytes<impl BufRead>, before: Option<u32>) -> Result<Option<u32>, Fault> {
    if bytes.0.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let tick = bytes.number()?;
    if before.is_some_and(|before| before.wrapping_add(1) != tick) {
        return Err(Fault::Nonsense(format!("tick {tick} comes next")));
    }
    Ok(Some(tick))
}

/// Reads the rows of a tick into `recording`, or past them.
fn read_tick(
    bytes: &mut Bytes<impl BufRead>,
    schema: &Schema,
    mut recording: Option<&mut Recording>,
    budget: &mut Budget,
) -> Result<(), Fault> {
    let rows = bytes.checked("number of rows", schema.max_rows())?;
    if let Some(recording) = &mut recording {
        budget.take(size_of::<usize>() / size_of::<u32>())?;
        recording.push_tick();
    }
    let mut row = vec![0; schema.row_words()];
    let mut least = 0;
    for _ in 0..rows {
        let id = bytes.checked("network id", MAX_NET_ID as usize)?;
        if id < least {
            return Err(Fault::Nonsense(format!("row {id} comes late")));
        }
        least = id + 1;
        let mask = bytes.checked("mask", schema.full_mask() as usize)?;
        row.fill(0);
        for (i, component) in schema.components().iter().enumerate() {
            if mask >> i & 1 == 0 {
                continue;
            }
            let columns = component.columns.clone();
            let words = row.get_mut(columns.clone()).unwrap_or_default();
            let described = schema.columns().get(columns).unwrap_or_default();
            for (word, column) in words.iter_mut().zip(described) {
                *word = bytes.checked(&column.name, column.max as usize)?;
            }
        }
        if let Some(recording) = &mut recording {
            budget.take(row.len() + 2)?;
            recording.push_row(id, mask).copy_from_slice(&row);
        }
    }
    Ok(())
}

/// Takes numbers off a stream.
struct Bytes<R>(R);

impl<R: BufRead> Bytes<R> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn number(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn checked(&mut self, what: &str, most: usize) -> Result<u32, Fault> {
        let found = self.number()?;
        if found as usize <= most {
            return Ok(found);
        }
        Err(Fault::Nonsense(format!(
            "{what} is {found}, but at most {most} is allowed"
        )))
    }
}
