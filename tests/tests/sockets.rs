//! Slow readers on real sockets. Bounds of time have much room here, for a machine that does other things too; the exact figures
//! are in the report.

use peak_alloc::PeakAlloc;
use tickwire_tests::sockets::{Stall, narrow_reader, stalled_readers};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

#[test]
fn a_narrow_line_gets_fewer_snapshots_and_fresh_ones() {
    for unbudgeted in [false, true] {
        let held = narrow_reader(4, unbudgeted, true).expect("there are sockets");
        assert!(
            held.age_p50_ms < 200.0 && held.age_p99_ms < 400.0,
            "{held:?}"
        );
        assert!(held.snapshots > 10.0, "{held:?}");
    }
    let left_alone = narrow_reader(4, true, false).expect("there are sockets");
    assert!(
        left_alone.age_p50_ms > 600.0,
        "what the bound is good for: {left_alone:?}"
    );
}

#[test]
fn who_stops_reading_costs_little_and_nobody_else_notices() {
    let stall = Stall {
        clients: 64,
        stalled: 8,
        usual_seconds: 2,
        stalled_seconds: 6,
    };
    let crowd = stalled_readers(stall, || HEAP.current_usage()).expect("nobody is dropped");
    assert!(crowd.whole > 0.97, "{crowd:?}");
    let each = crowd.kernel_bytes + crowd.heap_bytes;
    assert!(each <= 64 * 1024, "{crowd:?}");
    assert!(crowd.fresh_ticks <= 12, "{crowd:?}");
}
