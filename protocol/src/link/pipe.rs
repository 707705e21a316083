//! One direction of a link.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Link, ms};

/// Bytes of one TCP segment, about.
const SEGMENT: usize = 1400;

/// How long after a lost segment its successors show the loss: two send intervals at 60 Hz.
const TWO_INTERVALS: Duration = ms(33);

/// Bytes on their way before the sender's buffers count as full.
const WINDOW: usize = 16 * 1024;

/// One direction of a link: messages in at one end, the same in the same order out at the other, later.
///
/// It holds what it is given: whoever asks [`Self::is_writable`] before each message bounds it to 16 KiB and a message. `now` is the
/// time since any fixed start, and never goes back.
#[derive(Debug)]
pub struct Pipe {
    link: Link,
    /// Towards the client, where a narrow link is narrow.
    downstream: bool,
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

    fn new(link: Link, downstream: bool, seed: u64) -> Self {
        Self {
            link,
            downstream,
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

    /// When [`Self::is_writable`] may next have become true, if nothing else happens: the wire has caught up, or a message has
    /// arrived and made place.
    #[must_use]
    pub fn next_writable(&self) -> Option<Duration> {
        if self.bytes_in_flight < WINDOW {
            Some(self.wire_free)
        } else {
            self.next_arrival()
        }
    }

    /// When the next message arrives; `None` while nothing is on its way.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Duration> {
        self.in_flight.front().map(|(arrival, _)| *arrival)
    }

    /// Bytes of the messages on their way.
    #[must_use]
    pub fn bytes_in_flight(&self) -> usize {
        self.bytes_in_flight
    }

    /// From `now` on the link is another. What is on its way arrives as planned, but no later than the new link would bring it if
    /// it were sent now: a change is felt at once, and the order stays.
    pub fn set_link(&mut self, link: Link, now: Duration) {
        self.link = link;
        let latest = now + link.longest_way();
        for (arrival, _) in &mut self.in_flight {
            *arrival = (*arrival).min(latest);
        }
        self.last_arrival = self.last_arrival.min(latest);
        self.wire_free = self.wire_free.min(now);
    }

    /// Nothing arrives before `time`, not even what is on its way.
    pub fn hold_until(&mut self, time: Duration) {
        self.last_arrival = self.last_arrival.max(time);
        for (arrival, _) in &mut self.in_flight {
            *arrival = (*arrival).max(time);
        }
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
        let narrow = self.link.downstream.filter(|_| self.downstream);
        narrow.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(bytes as f64 / f64::from(rate.max(1)))
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
    fn a_change_of_the_link_is_felt_at_once_and_keeps_the_order() {
        let mut pipe = Pipe::downstream(Link::P5, 7);
        pipe.send(vec![0], ms(29_000));
        pipe.send(vec![1], ms(29_000));
        assert_eq!(pipe.next_arrival(), Some(ms(30_000)), "in the hole");
        pipe.set_link(Link::P2, ms(29_100));
        pipe.send(vec![2], ms(29_100));
        let mut arrived = Vec::new();
        while let Some((at, bytes)) = pipe.receive(ms(29_160)) {
            assert!(at >= ms(29_140) || bytes != [2], "P2 takes 40 ms at least");
            arrived.extend(bytes);
        }
        assert_eq!(arrived, [0, 1, 2]);
        assert_eq!(pipe.bytes_in_flight(), 0);
    }

    #[test]
    fn a_writer_that_asks_keeps_to_the_window_and_is_told_when_to_ask_again() {
        let hole = Link {
            blackhole: Some((ms(29_000), ms(30_000))),
            ..Link::P1
        };
        let mut pipe = Pipe::downstream(hole, 7);
        let mut sent = 0;
        while pipe.is_writable(ms(2_000)) {
            pipe.send(vec![0; 1000], ms(2_000));
            sent += 1;
        }
        assert_eq!(sent, 17, "16 KiB and a message");
        assert_eq!(pipe.next_writable(), Some(ms(30_000)));
        while pipe.receive(ms(30_000)).is_some() {}
        assert!(pipe.is_writable(ms(30_000)));
    }

    #[test]
    fn a_narrow_link_is_not_writable_while_it_sends() {
        let mut pipe = Pipe::downstream(Link::P6, 1);
        pipe.send(vec![0; 3200], ms(0));
        assert!(!pipe.is_writable(ms(99)));
        assert!(pipe.is_writable(ms(100)));
    }
}
