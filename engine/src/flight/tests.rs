//! Single rules of the flight control; the sweep over all kinds of narrow links is in `sweep`.

use super::*;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A link of 32 bytes per ms and 25 ms each way; 1,500 bytes every 32 ms, if there is room then or 16 ms later. Returns when
/// each was written and when it arrived, and how long it was; from `from` on each way is `lag` ms longer.
fn narrow(until: u64, from: u64, lag: u64) -> Vec<Seen> {
    let way = |t| 25 + if t >= from { lag } else { 0 };
    through(until, 1, |_| 1500, way, |_| 32)
}

/// When a snapshot was written and when it arrived, in ms, and how long it was.
type Seen = (u64, u64, u64);

/// The same with snapshots and ways of any length, and so many bytes per ms; a client says every `rhythm` ms what it has.
fn through(
    until: u64,
    rhythm: u64,
    size: impl Fn(u64) -> u64,
    way: impl Fn(u64) -> u64,
    rate: impl Fn(u64) -> u64,
) -> Vec<Seen> {
    let (mut flight, mut due) = (Flight::new(ms(16), ms(32)), false);
    let (mut free, mut seen, mut acks) = (0, Vec::<Seen>::new(), VecDeque::new());
    for t in 0..until {
        while acks.front().is_some_and(|(at, _)| *at <= t)
            && let Some((_, tick)) = acks.pop_front()
        {
            flight.handle_ack(Tick(tick), ms(t));
        }
        due |= t % 32 == 0;
        if due && t % 16 == 0 && flight.has_room(ms(t)) {
            due = false;
            let tick = u32::try_from(t / 16).unwrap();
            let bytes = usize::try_from(size(t)).unwrap();
            let bytes = bytes.min(flight.limit(ms(t)).unwrap_or(usize::MAX));
            flight.note_written(Tick(tick), bytes, ms(t));
            free = free.max(t) + bytes as u64 / rate(t);
            let last = seen.last().map_or(0, |(_, there, _)| *there);
            let there = last.max(free + way(t));
            seen.push((t, there, bytes as u64));
            acks.push_back((there.next_multiple_of(rhythm) + way(t), tick));
        }
    }
    seen
}

/// The share of a link of 32 bytes per ms that was used between two times.
fn used(seen: &[Seen], from: u64, until: u64) -> f64 {
    let there = seen
        .iter()
        .filter(|(_, there, _)| (from..until).contains(there));
    there.map(|(_, _, bytes)| *bytes).sum::<u64>() as f64 / (32 * (until - from)) as f64
}

/// A client's words come in a bunch, the last a millisecond after its snapshot: that looks like 6 MB/s over a way of 100 ms.
#[test]
fn little_is_on_its_way_to_who_falls_silent_whatever_the_link_seemed_to_take() {
    const BYTES: usize = 1500;
    let mut flight = Flight::new(ms(16), ms(32));
    let tick = |t: u64| Tick(u32::try_from(t / 32).unwrap());
    flight.note_written(tick(0), BYTES, ms(0));
    flight.handle_ack(tick(0), ms(100));
    for t in (128..256).step_by(32) {
        flight.note_written(tick(t), BYTES, ms(t));
    }
    flight.handle_ack(tick(224), ms(225));
    let due = (256..1000).step_by(32);
    let sent = due.filter(|t| {
        let goes = flight.has_room(ms(*t));
        if goes {
            flight.note_written(tick(*t), BYTES, ms(*t));
        }
        goes
    });
    let sent = sent.count() * BYTES;
    assert!((2 * BYTES..=MOST).contains(&sent), "{sent} bytes");
}

#[test]
fn on_a_narrow_link_snapshots_are_fewer_and_never_old() {
    let seen = narrow(60_000, u64::MAX, 0);
    let p99 = age_p99(&seen);
    assert!(p99 <= 50 + 150, "what is shown is {p99} ms old");
    let share = used(&seen, 0, 60_000);
    assert!(share > 0.95, "{share} of what the link takes");
}

/// Snapshots from which nothing is known of the link yet.
const LEARNING: usize = 20;

/// The age of what is shown, in ms, that 99 of 100 moments do not exceed, once the link is known.
fn age_p99(seen: &[Seen]) -> u64 {
    let shown = seen[LEARNING..].windows(2);
    let mut ages: Vec<_> = shown
        .flat_map(|pair| pair[0].1 - pair[0].0..pair[1].1 - pair[0].0)
        .collect();
    ages.sort_unstable();
    ages[ages.len() * 99 / 100]
}

#[test]
fn snapshots_unlike_each_other_and_a_client_with_a_rhythm_do_not_make_a_link_look_wide() {
    let unlike = |t: u64| 1275 + (t / 16 * 2_654_435_761) % 451;
    for way in [0, 2, 5, 10, 20] {
        let seen = through(60_000, 16, unlike, |t| way + (t / 16 * 40_503) % 5, |_| 32);
        let (p99, most) = (age_p99(&seen), 2 * way + 150);
        assert!(p99 <= most, "way {way}: what is shown is {p99} ms old");
        let share = used(&seen, 0, 60_000);
        assert!(share > 0.9, "way {way}: {share} of what the link takes");
    }
}

#[test]
fn a_longer_way_is_learnt_and_not_taken_for_a_queue() {
    let seen = narrow(60_000, 20_000, 60);
    let share = used(&seen, 30_000, 60_000);
    assert!(share > 0.9, "{share} of what the link takes");
}

#[test]
fn a_link_that_becomes_narrower_has_no_queue_for_long() {
    let rate = |t| if t < 20_000 { 32 } else { 8 };
    let seen = through(60_000, 16, |_| 1500, |_| 20, rate);
    let later: Vec<_> = seen
        .iter()
        .copied()
        .filter(|seen| seen.0 > 35_000)
        .collect();
    let p99 = age_p99(&later);
    assert!(p99 <= 40 + 150, "what is shown is {p99} ms old");
}

#[test]
fn a_link_that_becomes_wider_is_used() {
    for (wide, most) in [(64, 47.0 / 32.0), (10_000, 47.0 / 32.0)] {
        let rate = |t| if t < 20_000 { 16 } else { wide };
        let seen = through(60_000, 16, |_| 1500, |_| 20, rate);
        let narrow = used(&seen, 10_000, 20_000);
        assert!((0.45..0.51).contains(&narrow), "{narrow}");
        let share = used(&seen, 30_000, 60_000) / most;
        assert!(share > 0.95, "{wide}: {share} of all there is");
    }
}

#[test]
fn stalls_do_not_make_a_link_narrow() {
    let (mut flight, mut acks) = (Flight::new(ms(16), ms(16)), VecDeque::new());
    let (mut rng, mut last, mut left_out) = (fastrand::Rng::with_seed(7), 0, 0);
    for i in 0..10_000_u32 {
        let now = u64::from(i) * 16;
        while let Some((at, tick)) = acks.pop_front_if(|(at, _)| *at <= now) {
            flight.handle_ack(Tick(tick), ms(at));
        }
        assert!(flight.full.is_none(), "after {now} ms");
        if !flight.has_room(ms(now)) {
            left_out += 1;
            continue;
        }
        flight.note_written(Tick(i), 530, ms(now));
        // 100 ms there and back, and 133 ms more for what is lost, with all that follows.
        let stall = if rng.u32(..100) == 0 { 133 } else { 0 };
        last = last.max(now + 90 + rng.u64(..20) + stall);
        acks.push_back((last, i));
    }
    assert!(left_out < 400, "{left_out} of 10,000 were left out");
}

#[test]
fn a_small_game_on_a_long_way_is_never_held_up() {
    let mut flight = Flight::new(ms(16), ms(33));
    for i in 0..6000_u32 {
        let now = ms(33) * i;
        if let Some(acked) = i.checked_sub(if i % 50 < 10 { 12 } else { 8 }) {
            flight.handle_ack(Tick(acked), now);
        }
        assert!(flight.has_room(now), "snapshot {i}");
        flight.note_written(Tick(i), 150, now);
    }
}

#[test]
fn who_stops_reading_gets_one_now_and_then_and_is_back_at_once() {
    let mut flight = Flight::new(ms(16), ms(33));
    flight.note_written(Tick(0), 900, ms(0));
    flight.handle_ack(Tick(0), ms(20));
    let mut written = Vec::new();
    for i in 1..1000_u32 {
        let now = ms(33) * i;
        if flight.has_room(now) {
            flight.note_written(Tick(i), 900, now);
            written.push(i);
        }
    }
    // A few at once, then after 1, 2, 4, 8, 8 and 8 seconds.
    assert!((7..=9).contains(&written.len()), "{written:?}");
    assert!(!flight.has_room(ms(33_001)));
    flight.handle_ack(Tick(999), ms(33_002));
    assert!(flight.has_room(ms(33_002)));
}

#[test]
fn who_never_says_what_it_has_is_left_to_its_socket() {
    let mut flight = Flight::new(ms(16), ms(33));
    for i in 0..10_000_u32 {
        let now = ms(33) * i;
        assert!(flight.has_room(now));
        flight.note_written(Tick(i), 1 << 20, now);
    }
    assert_eq!(flight.sent.len(), MAX_SENT);
    flight.clear();
    assert_eq!((flight.bytes, flight.has_room(ms(1 << 20))), (0, true));
}
