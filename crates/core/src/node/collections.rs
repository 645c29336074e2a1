//! Boxes, options, vectors and maps of structures, as the codec sees them.

use std::collections::BTreeMap;

use super::fields::{Node, NodeList, NodeMap, NodeMapSlot, NodeSlot, RefVisitor, SlotVisitor};
use super::unknown::Unknown;
use crate::schema::Structure;

/// A structure that can hold its own kind is boxed.
impl<T: Node> Node for Box<T> {
    fn structure(&self) -> &'static Structure {
        self.as_ref().structure()
    }

    fn refs(&self, visitor: RefVisitor<'_>) {
        self.as_ref().refs(visitor);
    }

    fn slots(&mut self, visitor: SlotVisitor<'_>) {
        self.as_mut().slots(visitor);
    }

    fn unknown(&self) -> &Unknown {
        self.as_ref().unknown()
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        self.as_mut().unknown_mut()
    }

    fn footprint(&self) -> usize {
        size_of_val(self) + self.as_ref().footprint()
    }
}

impl<T: Node> NodeList for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<&dyn Node> {
        match self.as_slice().get(index) {
            Some(node) => Some(node),
            None => None,
        }
    }
}

impl<T: Node> NodeMap for BTreeMap<String, T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Node)) {
        for (name, node) in self {
            visit(name, node);
        }
    }
}

impl<T: Node + Default> NodeMapSlot for BTreeMap<String, T> {
    fn put(&mut self, name: &str, fill: &mut dyn FnMut(&mut dyn Node)) {
        fill(self.entry(name.to_owned()).or_default());
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node)) {
        for node in self.values_mut() {
            change(node);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.contains_key(name)
    }

    fn count(&self) -> usize {
        self.len()
    }
}

impl<T: Node + Default> NodeSlot for Option<T> {
    fn put(&mut self, fill: &mut dyn FnMut(&mut dyn Node)) {
        if self.is_none() {
            *self = Some(T::default());
        }
        self.each(fill);
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node)) {
        if let Some(node) = self {
            change(node);
        }
    }

    fn count(&self) -> usize {
        usize::from(self.is_some())
    }
}

impl<T: Node + Default> NodeSlot for Vec<T> {
    fn put(&mut self, fill: &mut dyn FnMut(&mut dyn Node)) {
        // Filled where it stays: a structure can be some kilobytes large.
        self.push(T::default());
        if let Some(node) = self.last_mut() {
            fill(node);
        }
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut dyn Node)) {
        let mut rest = self.as_mut_slice();
        while let [node, tail @ ..] = rest {
            change(node);
            rest = tail;
        }
    }

    fn count(&self) -> usize {
        self.len()
    }
}
