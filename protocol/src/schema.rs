//! What the rows of a game look like: names, kinds and ranges of the columns, and a hash over all of it.

use std::any::TypeId;
use std::fmt;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::components::Components;
use crate::limits::{MAX_COLUMNS, MAX_COMPONENTS, MAX_ROWS, MAX_WORDS};
use crate::wire::Wire;

/// What the words of a column mean.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// 0 or 1.
    Flag,
    /// The place of an enum's variant in this list, from 0.
    Enum {
        /// The variants' names as declared.
        variants: &'static [&'static str],
    },
    /// An unsigned integer.
    UInt,
    /// `min + word × step`.
    Fixed {
        /// The value of word 0.
        min: f64,
        /// The distance between two words.
        step: f64,
    },
    /// A share of a turn; the word after the last is the first.
    Angle,
    /// Which component of a quaternion is the largest; three [`ColumnKind::RotationPart`] follow.
    RotationLargest,
    /// One of a quaternion's three smallest components.
    RotationPart,
    /// A reference to an entity: 0 for none, otherwise its network id + 1.
    Reference,
}

/// One column: one word of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Field name; nested fields and array elements are joined by dots.
    pub name: String,
    /// What the words mean.
    pub kind: ColumnKind,
    /// The largest word.
    pub max: u32,
    /// Whether the field blends between snapshots.
    pub lerp: bool,
    /// The field whose velocity it blends by, on a curve.
    pub velocity: Option<&'static str>,
    /// Whether it goes on by that velocity when nothing newer is there.
    pub extrapolate: bool,
    /// Whether the fields beside it jump where it changes.
    pub teleport: bool,
    /// Whether the field is a one-shot of an input.
    pub edge: bool,
}

impl Column {
    /// A column that neither blends nor is a one-shot.
    #[must_use]
    pub fn new(name: &str, kind: ColumnKind, max: u32) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            max,
            lerp: false,
            velocity: None,
            extrapolate: false,
            teleport: false,
            edge: false,
        }
    }

    /// How it is drawn between snapshots, in the words of the text of a [`GameSchema`](crate::GameSchema); empty when it just
    /// keeps its value.
    pub(crate) fn blending(&self) -> String {
        let curve = self.velocity.map(|velocity| format!("hermite {velocity}"));
        let line = (self.lerp && curve.is_none()).then(|| "lerp".to_owned());
        let extrapolate = self.extrapolate.then(|| "extrapolate".to_owned());
        let teleport = self.teleport.then(|| "teleport".to_owned());
        let words = [line, curve, extrapolate, teleport];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Bits that a word of this column takes: 0 to 32.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        u32::BITS - self.max.leading_zeros()
    }
}

/// A column's line in the text of the schema: name, kind, largest word and what the kind adds. How it is drawn between
/// snapshots is left out: it changes neither the bytes nor the tables that fit them.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, max, .. } = self;
        match self.kind {
            ColumnKind::Flag => write!(f, "{name} flag {max}"),
            ColumnKind::Enum { variants } => write!(f, "{name} enum {max} {}", variants.join(" ")),
            ColumnKind::UInt => write!(f, "{name} uint {max}"),
            ColumnKind::Fixed { min, step } => write!(f, "{name} fixed {max} {min} {step}"),
            ColumnKind::Angle => write!(f, "{name} angle {max}"),
            ColumnKind::RotationLargest => write!(f, "{name} largest {max}"),
            ColumnKind::RotationPart => write!(f, "{name} part {max}"),
            ColumnKind::Reference => write!(f, "{name} reference {max}"),
        }?;
        f.write_str(if self.edge { " edge" } else { "" })
    }
}

/// Collects columns while a type describes itself.
#[derive(Debug, Default)]
pub struct Columns {
    list: Vec<Column>,
    prefix: String,
}

impl Columns {
    /// Adds a column, its name behind the names of the fields around it.
    pub fn push(&mut self, column: Column) {
        self.list.push(Column {
            name: format!("{}{}", self.prefix, column.name),
            ..column
        });
    }

    /// Lets `describe` add columns below the field `name`.
    pub fn nest(&mut self, name: &str, describe: impl FnOnce(&mut Self)) {
        let outer = self.prefix.len();
        self.prefix = format!("{}{name}.", self.prefix);
        describe(self);
        self.prefix.truncate(outer);
    }
}

/// One component type of a game.
#[derive(Debug, Clone)]
pub struct Component {
    /// The type's name.
    pub name: &'static str,
    /// Its columns' places in a row.
    pub columns: Range<usize>,
    type_id: TypeId,
}

/// Component types and their columns in wire order.
#[derive(Debug, Clone)]
pub struct Schema {
    components: Vec<Component>,
    columns: Vec<Column>,
    hash: u64,
}

/// A schema without components.
impl Default for Schema {
    fn default() -> Self {
        Self {
            components: Vec::new(),
            columns: Vec::new(),
            hash: xxh3_64(b""),
        }
    }
}

impl Schema {
    /// The schema of a tuple of components.
    ///
    /// # Panics
    /// When the game has more components or columns than `limits.rs` allows, or names a type twice.
    #[must_use]
    pub fn of<C: Components>() -> Self {
        let mut schema = Self::default();
        C::describe(&mut schema);
        schema
    }

    /// Adds a component type after the ones that are there.
    ///
    /// # Panics
    /// When the type is there already, or the limits do not allow one more.
    pub fn add<T: Wire>(&mut self) {
        assert!(
            self.position::<T>().is_none(),
            "{} is listed twice",
            T::NAME
        );
        let mut columns = Columns::default();
        T::describe(&mut columns);
        assert_eq!(
            columns.list.len(),
            T::WORDS,
            "{} describes as many columns as it stores words",
            T::NAME
        );
        let start = self.columns.len();
        self.columns.extend(columns.list);
        self.components.push(Component {
            name: T::NAME,
            columns: start..self.columns.len(),
            type_id: TypeId::of::<T>(),
        });
        assert!(
            self.components.len() <= MAX_COMPONENTS,
            "a game replicates at most {MAX_COMPONENTS} component types"
        );
        assert!(
            self.columns.len() <= MAX_COLUMNS,
            "a row has at most {MAX_COLUMNS} columns; with {} there are {}",
            T::NAME,
            self.columns.len()
        );
        self.hash = xxh3_64(self.to_string().as_bytes());
    }

    /// The component types in wire order.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// All columns of a row in wire order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where `T` stands among the components; `None` when the game does not replicate it.
    #[must_use]
    pub fn position<T: 'static>(&self) -> Option<usize> {
        self.components
            .iter()
            .position(|c| c.type_id == TypeId::of::<T>())
    }

    /// Where the type of another schema's component stands in this one.
    #[must_use]
    pub fn position_of(&self, component: &Component) -> Option<usize> {
        self.components
            .iter()
            .position(|c| c.type_id == component.type_id)
    }

    /// Whether a component of the same type is part of this schema.
    #[must_use]
    pub fn contains(&self, component: &Component) -> bool {
        self.position_of(component).is_some()
    }

    /// Words of a row.
    #[must_use]
    pub fn row_words(&self) -> usize {
        self.columns.len()
    }

    /// Rows that a snapshot of this schema can have: fewer than [`MAX_ROWS`] when they are wide.
    #[must_use]
    pub fn max_rows(&self) -> usize {
        MAX_ROWS.min(MAX_WORDS / self.row_words().max(1))
    }

    /// The presence mask with every component in it.
    #[must_use]
    pub fn full_mask(&self) -> u32 {
        u32::try_from((1_u64 << self.components.len()) - 1).unwrap_or(u32::MAX)
    }

    /// XXH3 (64 bits) of the text that [`Display`](fmt::Display) gives: two ends with the same hash agree on every row.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

/// One line for each component's name, and below it, behind two blanks, one for each of its columns.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for component in &self.components {
            writeln!(f, "{}", component.name)?;
            for column in self
                .columns
                .get(component.columns.clone())
                .unwrap_or_default()
            {
                writeln!(f, "  {column}")?;
            }
        }
        Ok(())
    }
}
