//! The sums as a tree to show: component → field → reason.

use serde::Serialize;

use super::{Ledger, Reason};
use crate::schema::Schema;

/// A part of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What it is: a component, a field, a reason, an event.
    pub name: String,
    /// Its bits, those of its children included.
    pub bits: u64,
    /// What it is made of. There is nothing else in it: without children it is all one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

impl Node {
    /// Without anything in it so far.
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            bits: 0,
            children: Vec::new(),
        }
    }

    fn add(&mut self, path: &[&str], bits: u64) {
        self.bits += bits;
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let at = self.children.iter().position(|node| node.name == *first);
        let at = at.unwrap_or_else(|| {
            self.children.push(Self::new(first));
            self.children.len() - 1
        });
        if let Some(child) = self.children.get_mut(at) {
            child.add(rest, bits);
        }
    }

    /// The parts without children, each with the names from below the root down to it.
    #[must_use]
    pub fn leaves(&self) -> Vec<(Vec<&str>, u64)> {
        let mut leaves = Vec::new();
        let mut path = Vec::new();
        for child in &self.children {
            child.collect(&mut path, &mut leaves);
        }
        leaves
    }

    fn collect<'a>(&'a self, path: &mut Vec<&'a str>, leaves: &mut Vec<(Vec<&'a str>, u64)>) {
        path.push(&self.name);
        if self.children.is_empty() {
            leaves.push((path.clone(), self.bits));
        }
        for child in &self.children {
            child.collect(path, leaves);
        }
        path.pop();
    }
}

/// Whole rows: which they are, whether they changed, came or went.
const ROWS: &str = "rows";
/// What is around the rows.
const MESSAGES: &str = "messages";
const EVENTS: &str = "events";
/// The place of a component's own bits among its fields.
const WHOLE: &str = "whole";

impl Ledger {
    /// The tree, in the order of the schema; then what concerns whole rows, the events and what is around them. Its total is the
    /// ledger's.
    #[must_use]
    pub fn tree(&self, schema: &Schema) -> Node {
        let mut root = Node::new("all");
        let components = schema.components().iter();
        root.children
            .extend(components.map(|component| Node::new(component.name)));
        let mut around = Vec::new();
        for (cause, bits) in self.iter(schema) {
            let reason = cause.reason.name();
            let component = cause.component.and_then(|at| {
                let component = schema.components().get(usize::from(at))?;
                Some(component.name)
            });
            let column = cause
                .column
                .and_then(|at| schema.columns().get(usize::from(at)));
            match (component, column) {
                (Some(component), Some(column)) => {
                    root.add(&[component, &column.name, reason], bits);
                }
                (Some(component), None) => root.add(&[component, WHOLE, reason], bits),
                _ => around.push((cause.reason, bits)),
            }
        }
        for (reason, bits) in around {
            match reason {
                Reason::Change | Reason::Spawn | Reason::Removal | Reason::Id => {
                    root.add(&[ROWS, reason.name()], bits);
                }
                Reason::Event => root.add(&[EVENTS, "header"], bits),
                _ => root.add(&[MESSAGES, reason.name()], bits),
            }
        }
        for (name, bits) in self.events() {
            root.add(&[EVENTS, name], bits);
        }
        root.children.retain(|node| node.bits > 0);
        root
    }
}
