//! Tables come back from bytes; broken bytes are refused.

use proptest::prelude::*;
use tickwire_protocol::ColumnKind;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::motion::Mode;
use tickwire_protocol::codec::neutral::{self, KINDS, stand_in};
use tickwire_protocol::codec::site::classes;
use tickwire_protocol::codec::store::{read, write};
use tickwire_protocol::codec::tables::ClassTable;

use crate::rows::{FIXED, column, layout};

#[test]
fn tables_come_back() {
    let first = [column(FIXED, 100), column(ColumnKind::Angle, 9)];
    let second = [column(ColumnKind::Flag, 1)];
    let layout = Layout::new([&first[..], &second]);
    let kinds = neutral::tables().unwrap();
    let list: Vec<ClassTable> = classes(&layout)
        .into_iter()
        .map(|kind| kinds[KINDS.iter().position(|k| *k == stand_in(kind)).unwrap()].clone())
        .collect();
    let mut modes = vec![[Mode::Linear; 32]; 3];
    modes[1][7] = Mode::Bend;
    modes[2][31] = Mode::Half;
    let fitted = (list, modes);
    let bytes = write(7, &fitted, &fitted);
    let set = read(&layout, 7, &bytes).unwrap();
    assert_eq!(set.steady.modes(1)[7], Mode::Bend);
    assert_eq!(set.late.modes(2)[31], Mode::Half);
    assert_eq!(set.late.modes(2)[30], Mode::Linear);
    assert!(read(&layout, 8, &bytes).is_err(), "another schema");
    for cut in (0..bytes.len()).step_by(41) {
        assert!(read(&layout, 7, &bytes[..cut]).is_err(), "cut at {cut}");
    }
    for i in (12..bytes.len()).step_by(41) {
        let mut broken = bytes.clone();
        broken[i] ^= 0x55;
        // Other tables or none: never a panic, and never the same hash.
        assert!(
            read(&layout, 7, &broken).is_ok_and(|other| other.hash != set.hash)
                || read(&layout, 7, &broken).is_err()
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_do_not_panic(mut bytes in prop::collection::vec(any::<u8>(), 12..2000)) {
        let layout = layout();
        bytes[..4].copy_from_slice(b"TWT1");
        bytes[4..12].copy_from_slice(&7_u64.to_le_bytes());
        prop_assert!(read(&layout, 7, &bytes).is_err());
    }
}
