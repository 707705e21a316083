//! What the codec needs to know of a schema: which words belong together, and what each of them means.

use std::ops::Range;

use crate::schema::{Column, ColumnKind, Schema};

/// What a word is, as far as the codec goes: a [`ColumnKind`] without what it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordKind {
    /// 0 or 1.
    Flag,
    /// The place of a variant.
    Enum,
    /// An unsigned integer.
    UInt,
    /// A linear quantity.
    Fixed,
    /// A share of a turn; the word after the last is the first.
    Angle,
    /// Which component of a quaternion is the largest; three [`WordKind::RotationPart`] follow.
    RotationLargest,
    /// One of a quaternion's three smallest components.
    RotationPart,
}

impl From<ColumnKind> for WordKind {
    fn from(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Flag => Self::Flag,
            ColumnKind::Enum { .. } => Self::Enum,
            ColumnKind::UInt | ColumnKind::Reference => Self::UInt,
            ColumnKind::Fixed { .. } => Self::Fixed,
            ColumnKind::Angle => Self::Angle,
            ColumnKind::RotationLargest => Self::RotationLargest,
            ColumnKind::RotationPart => Self::RotationPart,
        }
    }
}

/// One word of a row: a [`Column`] without what only games need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// What it is.
    pub kind: WordKind,
    /// The largest there can be.
    pub max: u32,
}

impl From<&Column> for Word {
    fn from(column: &Column) -> Self {
        Self {
            kind: column.kind.into(),
            max: column.max,
        }
    }
}

/// Words that belong together: a component, or a rotation inside one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Their places in a row.
    pub columns: Range<usize>,
    /// Which component they are of.
    pub component: usize,
    /// The largest word of the parts, when they are the four words of a rotation.
    pub rotation: Option<u32>,
}

/// The columns of a row and their groups.
#[derive(Debug, Clone)]
pub struct Layout {
    columns: Vec<Word>,
    groups: Vec<Group>,
    components: u32,
}

impl Layout {
    /// The layout of a game's rows.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        Self::new(
            schema
                .components()
                .iter()
                .map(|component| schema.columns().get(component.columns.clone()))
                .map(Option::unwrap_or_default),
        )
    }

    /// `components` are the columns of each component, in wire order. A rotation makes a group of its own.
    #[must_use]
    pub fn new<'a>(components: impl IntoIterator<Item = &'a [Column]>) -> Self {
        let mut layout = Self {
            columns: Vec::new(),
            groups: Vec::new(),
            components: 0,
        };
        for component in components {
            let mut start = layout.columns.len();
            for column in component.iter().map(Word::from) {
                let at = layout.columns.len();
                if column.kind == WordKind::RotationLargest {
                    layout.close(start..at, false);
                    start = at;
                }
                let ends_rotation = column.kind == WordKind::RotationPart && at == start + 3;
                layout.columns.push(column);
                if ends_rotation {
                    layout.close(start..at + 1, true);
                    start = at + 1;
                }
            }
            let end = layout.columns.len();
            layout.close(start..end, false);
            layout.components += 1;
        }
        layout
    }

    fn close(&mut self, columns: Range<usize>, rotation: bool) {
        if !columns.is_empty() {
            let last = self.columns.last().filter(|_| rotation);
            let rotation = last.map(|part| part.max);
            self.groups.push(Group {
                columns,
                component: self.components as usize,
                rotation,
            });
        }
    }

    /// How many components a row can have.
    #[must_use]
    pub fn components(&self) -> u32 {
        self.components
    }

    /// All columns in wire order.
    #[must_use]
    pub fn columns(&self) -> &[Word] {
        &self.columns
    }

    /// All groups in wire order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Words of a row.
    #[must_use]
    pub fn row_words(&self) -> usize {
        self.columns.len()
    }
}
