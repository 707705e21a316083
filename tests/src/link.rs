//! The simulated network: an ordered byte stream that is slow, unsteady and sometimes stuck, from a seed.

use std::collections::VecDeque;
use std::time::Duration;

/// A network profile. It delays like TCP: nothing is lost or reordered; a lost segment holds up all that follows for about
/// one round trip and two send intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Round trip without jitter.
    pub rtt: Duration,
    /// The round trip varies by up to this much either way.
    pub jitter: Duration,
    /// Share of segments lost, 0 to 1.
    pub loss: f64,
    /// Nothing passes for the first of these in every second of them.
    pub blackhole: Option<(Duration, Duration)>,
    /// Bytes per second towards the client.
    pub downstream: Option<u32>,
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Link {
    /// Loopback.
    pub const P0: Self = Self {
        rtt: ms(0),
        jitter: ms(0),
        loss: 0.0,
        blackhole: None,
        downstream: None,
    };
    /// A good connection: 50 ± 10 ms.
    pub const P1: Self = Self {
        rtt: ms(50),
        jitter: ms(10),
        ..Self::P0
    };
    /// An ordinary one: 100 ± 20 ms, 0.1 % loss.
    pub const P2: Self = Self {
        rtt: ms(100),
        jitter: ms(20),
        loss: 0.001,
        ..Self::P0
    };
    /// A lossy one: 100 ± 20 ms, 1 % loss.
    pub const P3: Self = Self {
        loss: 0.01,
        ..Self::P2
    };
    /// A far one: 200 ± 40 ms, 0.1 % loss.
    pub const P4: Self = Self {
        rtt: ms(200),
        jitter: ms(40),
        loss: 0.001,
        ..Self::P0
    };
    /// A mobile one: 50 ± 10 ms, and nothing passes for 2 s in every 30.
    pub const P5: Self = Self {
        blackhole: Some((ms(2_000), ms(30_000))),
        ..Self::P1
    };
    /// A narrow one: 50 ± 10 ms, 256 kbit/s towards the client.
    pub const P6: Self = Self {
        downstream: Some(32_000),
        ..Self::P1
    };
    /// All profiles with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("P0", Self::P0),
        ("P1", Self::P1),
        ("P2", Self::P2),
        ("P3", Self::P3),
        ("P4", Self::P4),
        ("P5", Self::P5),
        ("P6", Self::P6),
    ];
}

/// Bytes of one TCP segment, about.
const SEGMENT: usize = 1400;

/// How long after a lost segment its successors show the loss: two send intervals at 60 Hz.
const TWO_INTERVALS: Duration = ms(33);

/// Bytes on their way before the sender's buffers count as full.
const WINDOW: usize = 16 * 1024;

/// One direction of a link.
#[derive(Debug)]
pub struct Pipe {
    link: Link,
    /// Its rate is that of the link's downstream.
    narrow: bool,
    bytes_per_second: Option<u32>,
    rng: fastrand::Rng,
    in_flight: VecDeque<(Duration, Vec<u8>)>,
    bytes_in_flight: usize,
    /// Nothing arrives before this: what went ahead is still on its way.
    last_arrival: Duration,
    /// When the last byte so far has left for the wire.
    wire_free: Duration,
}

impl Pipe {
    /// The direction towards the server.
    #[must_use]
    pub fn upstream(link: Link, seed: u64) -> Self {
        Self::new(link, false, seed)
    }

    /// The direction towards the client.
    #[must_use]
    pub fn downstream(link: Link, seed: u64) -> Self {
        Self::new(link, true, seed)
    }

    fn new(link: Link, narrow: bool, seed: u64) -> Self {
        Self {
            link,
            narrow,
            bytes_per_second: narrow.then_some(link.downstream).flatten(),
            rng: fastrand::Rng::with_seed(seed),
            in_flight: VecDeque::new(),
            bytes_in_flight: 0,
            last_arrival: Duration::ZERO,
            wire_free: Duration::ZERO,
        }
    }

    /// Whether the sender's socket takes more: the wire has caught up, and its buffers are not full.
    #[must_use]
    pub fn is_writable(&self, now: Duration) -> bool {
        self.wire_free <= now && self.bytes_in_flight < WINDOW
    }

    /// When the sender's socket takes more, unless something arrives before; `None` when something must.
    #[must_use]
    pub fn writable_at(&self) -> Option<Duration> {
        (self.bytes_in_flight < WINDOW).then_some(self.wire_free)
    }

    /// When the next message arrives.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Duration> {
        self.in_flight.front().map(|(arrival, _)| *arrival)
    }

    /// Nothing arrives before `time`, not even what is on its way.
    pub fn hold_until(&mut self, time: Duration) {
        self.last_arrival = self.last_arrival.max(time);
        for (arrival, _) in &mut self.in_flight {
            *arrival = (*arrival).max(time);
        }
    }

    /// What is sent from now on goes over another link.
    pub fn set_link(&mut self, link: Link) {
        self.bytes_per_second = self.narrow.then_some(link.downstream).flatten();
        self.link = link;
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Sends a message at `now`.
    pub fn send(&mut self, bytes: Vec<u8>, now: Duration) {
        let left = self.wire_free.max(now) + self.time_on_wire(bytes.len());
        self.wire_free = left;
        let mut arrival = left + self.delay();
        if let Some((closed, period)) = self.link.blackhole {
            let phase = Duration::from_nanos(
                (arrival.as_nanos() % period.as_nanos())
                    .try_into()
                    .unwrap_or(u64::MAX),
            );
            // The hole opens at the end of each period, so that a match starts well.
            if phase > period - closed {
                arrival += period - phase;
            }
        }
        self.last_arrival = self.last_arrival.max(arrival);
        self.bytes_in_flight += bytes.len();
        self.in_flight.push_back((self.last_arrival, bytes));
        for _ in 0..segments(self.in_flight.back().map_or(0, |(_, bytes)| bytes.len())) {
            if self.rng.f64() < self.link.loss {
                self.last_arrival += self.link.rtt + TWO_INTERVALS;
                if let Some((arrival, _)) = self.in_flight.back_mut() {
                    *arrival = self.last_arrival;
                }
            }
        }
    }

    fn time_on_wire(&self, bytes: usize) -> Duration {
        self.bytes_per_second.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(bytes as f64 / f64::from(rate))
        })
    }

    fn delay(&mut self) -> Duration {
        let swing = self.link.jitter.as_secs_f64() * (self.rng.f64() * 2.0 - 1.0);
        Duration::from_secs_f64(((self.link.rtt.as_secs_f64() + swing) / 2.0).max(0.0))
    }

    /// The next message that has arrived by `now`, with the moment of its arrival.
    pub fn receive(&mut self, now: Duration) -> Option<(Duration, Vec<u8>)> {
        self.in_flight
            .front()
            .filter(|(arrival, _)| *arrival <= now)?;
        let (arrival, bytes) = self.in_flight.pop_front()?;
        self.bytes_in_flight -= bytes.len();
        Some((arrival, bytes))
    }
}

fn segments(bytes: usize) -> usize {
    bytes.div_ceil(SEGMENT).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arrival delays in ms of a message every 16 ms over a minute.
    fn delays(link: Link) -> Vec<f64> {
        let mut pipe = Pipe::downstream(link, 1);
        let mut delays = Vec::new();
        for i in 0..3750_u16 {
            pipe.send(i.to_le_bytes().to_vec(), ms(16) * u32::from(i));
        }
        while let Some((arrival, bytes)) = pipe.receive(Duration::MAX) {
            let i = u16::from_le_bytes(bytes.try_into().unwrap());
            assert_eq!(usize::from(i), delays.len(), "a link keeps the order");
            delays.push((arrival - ms(16) * u32::from(i)).as_secs_f64() * 1000.0);
        }
        delays.sort_by(f64::total_cmp);
        delays
    }

    #[test]
    fn profiles_delay_as_they_say() {
        assert_eq!(delays(Link::P0).last(), Some(&0.0));
        let p1 = delays(Link::P1);
        assert!((p1[0] - 20.0).abs() < 0.5 && (p1[p1.len() - 1] - 30.0).abs() < 0.5);
        let p3 = delays(Link::P3);
        let late = p3.iter().filter(|delay| **delay > 60.0 + 33.0).count() as f64 / p3.len() as f64;
        assert!(
            (0.03..0.1).contains(&late),
            "1 % of lost segments makes 3 to 10 % of messages late, here {late}"
        );
        assert!(delays(Link::P5).last().is_some_and(|worst| *worst > 1900.0));
    }

    #[test]
    fn a_narrow_link_is_not_writable_while_it_sends() {
        let mut pipe = Pipe::downstream(Link::P6, 1);
        pipe.send(vec![0; 3200], ms(0));
        assert!(!pipe.is_writable(ms(99)));
        assert!(pipe.is_writable(ms(100)));
    }
}
