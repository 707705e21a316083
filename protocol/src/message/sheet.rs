//! Memory that messages are cut from.

use bytes::{Bytes, BytesMut};

/// Bytes of a sheet: as much as a message that is not taken in time can keep from being used again.
const SHEET: usize = 4096;

/// Messages are many, small, and given back by other threads than the one that wrote them. To cut them from one piece of memory takes
/// much less than to ask for a piece for each.
#[derive(Debug, Default)]
pub(crate) struct Sheet(BytesMut);

impl Sheet {
    /// A message of these two parts.
    #[inline]
    pub(crate) fn cut(&mut self, front: &[u8], back: &[u8]) -> Bytes {
        let len = front.len() + back.len();
        if len > SHEET {
            return [front, back].concat().into();
        }
        if self.0.capacity() < len {
            self.turn();
        }
        self.0.extend_from_slice(front);
        self.0.extend_from_slice(back);
        self.0.split().freeze()
    }

    /// Takes the next one, or the same again when nobody has anything of it any more.
    #[inline(never)]
    fn turn(&mut self) {
        self.0.reserve(SHEET);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_as_they_were_cut_and_none_keeps_more_than_a_sheet() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut sheet = Sheet::default();
        let mut kept: Vec<(Bytes, Vec<u8>)> = Vec::new();
        for _ in 0..20_000 {
            let most = if rng.u8(..) == 0 { 12_000 } else { 300 };
            let len = rng.u32(16..most);
            let bytes: Vec<u8> = (0..len).map(|_| rng.u8(..)).collect();
            let (front, back) = bytes.split_at(rng.u8(0..16).into());
            kept.push((sheet.cut(front, back), bytes.clone()));
            assert!(sheet.0.capacity() <= SHEET);
            if kept.len() > 100 {
                let (message, bytes) = kept.swap_remove(rng.u8(0..100).into());
                assert_eq!(message, bytes);
            }
        }
    }

    #[test]
    fn a_sheet_is_used_again_once_nobody_has_a_piece_of_it() {
        let mut sheet = Sheet::default();
        let places = (0..1000).map(|_| sheet.cut(b"front", &[7; 250]).as_ptr());
        let places: std::collections::BTreeSet<_> = places.collect();
        assert_eq!(places.len(), SHEET / 255);
    }
}
