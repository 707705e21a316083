//! A simulated link between the WebSocket and the client core, for whoever wants to feel one.

use std::time::Duration;

use serde::Serialize;
use tickwire_protocol::link::{Link, Pipe};

/// Bytes from the server that may be on their way. A page cannot make a server send less, as a narrow link would: one that
/// stays behind for so long is cut off.
const MAX_IN_FLIGHT: usize = 256 * 1024;

/// Both directions of a link. It is [`Link::P0`] unless somebody asks for another: then messages pass as they come.
#[derive(Debug)]
pub(crate) struct BadLink {
    link: Link,
    seed: u64,
    up: Pipe,
    down: Pipe,
}

impl BadLink {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            link: Link::P0,
            seed,
            up: Pipe::upstream(Link::P0, seed),
            down: Pipe::downstream(Link::P0, !seed),
        }
    }

    /// From now on it is `link`.
    pub(crate) fn set(&mut self, link: Link, now: Duration) {
        self.link = link;
        self.up.set_link(link, now);
        self.down.set_link(link, now);
    }

    /// A new connection: what was on its way on the old one is gone.
    pub(crate) fn clear(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        self.up = Pipe::upstream(self.link, self.seed);
        self.down = Pipe::downstream(self.link, !self.seed);
    }

    /// A message has come from the server.
    ///
    /// # Errors
    /// When the link is too narrow for what the server sends.
    pub(crate) fn receive(&mut self, bytes: &[u8], now: Duration) -> Result<(), String> {
        if self.down.bytes_in_flight() + bytes.len() > MAX_IN_FLIGHT && !self.down.is_empty() {
            let kib = MAX_IN_FLIGHT / 1024;
            return Err(format!(
                "the simulated link is too narrow for this match: {kib} KiB were on their way; choose a wider one"
            ));
        }
        self.down.send(bytes.to_vec(), now);
        Ok(())
    }

    /// The next message for the core.
    pub(crate) fn arrive(&mut self, now: Duration) -> Option<Vec<u8>> {
        Some(self.down.receive(now)?.1)
    }

    /// Whether the core may send: what it may not waits there, as before a full socket.
    pub(crate) fn takes(&self, now: Duration) -> bool {
        self.up.is_writable(now)
    }

    /// The core sends.
    pub(crate) fn send(&mut self, bytes: Vec<u8>, now: Duration) {
        self.up.send(bytes, now);
    }

    /// The next message for the server.
    pub(crate) fn leave(&mut self, now: Duration) -> Option<Vec<u8>> {
        Some(self.up.receive(now)?.1)
    }

    /// When the next message arrives at either end.
    pub(crate) fn due(&self) -> Option<Duration> {
        let ends = [self.up.next_arrival(), self.down.next_arrival()];
        ends.into_iter().flatten().min()
    }
}

/// A link in the page's numbers: ms, percent, kbit/s, seconds. 0 for no limit and no holes.
#[derive(Serialize, Debug, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkNumbers {
    pub(crate) rtt_ms: f64,
    pub(crate) jitter_ms: f64,
    pub(crate) loss_percent: f64,
    pub(crate) kbps: f64,
    pub(crate) hole_seconds: f64,
}

/// How often a hole comes.
const PERIOD: Duration = Duration::from_secs(30);

/// Of a kbit/s.
const BYTES_PER_SECOND: f64 = 125.0;

impl LinkNumbers {
    /// The link, with numbers that make no sense brought to the nearest that do.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and what is no number becomes 0"
    )]
    pub(crate) fn link(self) -> Link {
        let whole = |number: f64, most: f64| number.clamp(0.0, most).round() as u32;
        let ms = |number: f64| Duration::from_micros(whole(number * 1000.0, 5e6).into());
        let hole = ms(self.hole_seconds * 1000.0).min(PERIOD);
        let rate = whole(self.kbps * BYTES_PER_SECOND, f64::from(u32::MAX));
        Link {
            rtt: ms(self.rtt_ms),
            jitter: ms(self.jitter_ms),
            loss: f64::from(whole(self.loss_percent * 1e4, 5e5)) / 1e6,
            blackhole: (!hole.is_zero()).then_some((hole, PERIOD)),
            downstream: (rate > 0).then_some(rate),
        }
    }
}

impl From<Link> for LinkNumbers {
    fn from(link: Link) -> Self {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        Self {
            rtt_ms: ms(link.rtt),
            jitter_ms: ms(link.jitter),
            // Without what binary fractions leave behind.
            loss_percent: (link.loss * 1e8).round() / 1e6,
            kbps: f64::from(link.downstream.unwrap_or(0)) / BYTES_PER_SECOND,
            hole_seconds: link.blackhole.map_or(0.0, |(hole, _)| hole.as_secs_f64()),
        }
    }
}

/// A profile for the page.
#[derive(Serialize)]
pub(crate) struct Profile {
    name: &'static str,
    #[serde(flatten)]
    link: LinkNumbers,
}

/// All profiles.
pub(crate) fn profiles() -> Vec<Profile> {
    let profile = |&(name, link): &(&'static str, Link)| Profile {
        name,
        link: link.into(),
    };
    Link::ALL.iter().map(profile).collect()
}
