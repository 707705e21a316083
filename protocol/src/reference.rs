//! References between entities, as fields of components.

use crate::limits::MAX_NET_ID;
use crate::moment::Way;
use crate::schema::{Column, ColumnKind, Columns};
use crate::snapshot::NetId;
use crate::wire::{Wire, WordReader, WordWriter};

/// One word: 0 for none, otherwise the id + 1. An id that no entity can have is none.
impl Wire for Option<NetId> {
    const NAME: &'static str = "NetId";
    const WORDS: usize = 1;

    fn describe(columns: &mut Columns) {
        columns.push(Column::new("id", ColumnKind::Reference, MAX_NET_ID + 1));
    }

    fn store(&self, out: &mut WordWriter<'_>) {
        let id = self.filter(|id| id.0 <= MAX_NET_ID);
        out.put(id.map_or(0, |id| id.0 + 1));
    }

    fn load(words: &mut WordReader<'_>) -> Self {
        words.take().checked_sub(1).map(NetId)
    }

    fn blend(from: &Self, to: &Self, way: Way) -> Self {
        if way.share < 1.0 { *from } else { *to }
    }

    fn displace(&self, _: &Self, _: &Self, _: f32) -> Self {
        *self
    }

    fn retain_references(&mut self, exists: &dyn Fn(NetId) -> bool) {
        *self = self.filter(|id| exists(*id));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Schema, Snapshot, Tick, Wire, Words};

    #[derive(Wire, Clone, Copy, Debug, PartialEq)]
    struct Pair {
        both: [Option<NetId>; 2],
    }

    #[derive(Wire, Clone, Copy, Debug, PartialEq)]
    struct Crew {
        captain: Option<NetId>,
        pair: Pair,
        size: u8,
    }

    const CREW: Crew = Crew {
        captain: Some(NetId(0)),
        pair: Pair {
            both: [Some(NetId(7)), None],
        },
        size: 3,
    };

    #[test]
    fn none_is_0_and_an_id_its_number_and_1() {
        let words = Words::of(&CREW);
        assert_eq!(words.as_slice(), [1, 8, 0, 3]);
        assert_eq!(words.load::<Crew>(), CREW);
        let lines = Schema::of::<(Crew,)>().to_string();
        assert!(lines.contains("captain.id reference 16777216"), "{lines}");
        assert!(
            lines.contains("pair.both.1.id reference 16777216"),
            "{lines}"
        );
        let nobody = Some(NetId(u32::MAX));
        assert_eq!(Words::of(&nobody).as_slice(), [0]);
    }

    #[test]
    fn a_row_names_only_who_is_in_its_table() {
        let mut table = Snapshot::new(Arc::new(Schema::of::<(Crew,)>()), Tick(1));
        CREW.store(&mut WordWriter::new(table.push(NetId(5), 1)));
        let lonely = Crew {
            captain: None,
            pair: Pair { both: [None; 2] },
            size: 3,
        };
        assert_eq!(table.row(NetId(5)).unwrap().get(), Some(lonely));
        table.push(NetId(7), 0);
        let with_seven = Crew {
            pair: CREW.pair,
            ..lonely
        };
        assert_eq!(table.row(NetId(5)).unwrap().get(), Some(with_seven));
    }
}
