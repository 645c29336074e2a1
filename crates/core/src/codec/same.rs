//! Copies and comparisons of structures: what `Clone` and `PartialEq` of generated types do.

use crate::node::{Node, Ref, RefVisitor, Slot, SlotVisitor};

/// A copy of `node`.
pub fn copy<T: Node + Default>(node: &T) -> T {
    let mut copy = T::default();
    fill(&mut copy, node);
    copy
}

/// Puts the values of `from` into `to`, which is empty and of the same table.
pub(crate) fn fill(to: &mut dyn Node, from: &dyn Node) {
    to.unknown_mut().clone_from(from.unknown());
    from.refs(RefVisitor::new(&mut |refs| {
        to.slots(SlotVisitor::new(&mut |slots| {
            for (slot, value) in slots.iter_mut().zip(refs) {
                put(slot, *value);
            }
        }));
    }));
}

fn put(slot: &mut Slot<'_>, value: Ref<'_>) {
    match (slot, value) {
        (Slot::Text(place), Ref::Text(text)) => **place = text.map(str::to_owned),
        (Slot::Word(place), Ref::Text(Some(text))) => {
            place.put(text.to_owned());
        }
        (Slot::Integer(place), Ref::Integer(number)) => **place = number,
        (Slot::Float(place), Ref::Float(number)) => **place = number,
        (Slot::Boolean(place), Ref::Boolean(truth)) => **place = truth,
        (Slot::Node(place), Ref::Node(Some(node))) => place.put(&mut |new| fill(new, node)),
        (Slot::Any(place), Ref::Any(value)) => **place = value.cloned(),
        (Slot::Map(place), Ref::Map(map)) => (*place).clone_from(map),
        (Slot::Texts(place), Ref::Texts(list)) => {
            place.extend(list.iter().map(str::to_owned));
        }
        (Slot::Words(place), Ref::Texts(list)) => {
            for text in list.iter() {
                place.put(text.to_owned());
            }
        }
        (Slot::Integers(place), Ref::Integers(list)) => place.extend_from_slice(list),
        (Slot::Floats(place), Ref::Floats(list)) => place.extend_from_slice(list),
        (Slot::Booleans(place), Ref::Booleans(list)) => place.extend_from_slice(list),
        (Slot::Nodes(place), Ref::Nodes(list)) => {
            for node in list.iter() {
                place.put(&mut |new| fill(new, node));
            }
        }
        (Slot::NodeMap(place), Ref::NodeMap(map)) => {
            map.each(&mut |name, node| place.put(name, &mut |new| fill(new, node)));
        }
        (Slot::Anys(place), Ref::Anys(list)) => place.extend_from_slice(list),
        // There is nothing to copy. One table shows its values and its places alike.
        _ => {}
    }
}

/// Whether two structures are of one table and hold the same values.
pub fn equal(a: &dyn Node, b: &dyn Node) -> bool {
    if a.structure() != b.structure() || !a.unknown().has_same_nodes(b.unknown()) {
        return false;
    }
    let marks =
        |position| a.unknown().is_marked_empty(position) == b.unknown().is_marked_empty(position);
    let mut equal = false;
    a.refs(RefVisitor::new(&mut |a| {
        b.refs(RefVisitor::new(&mut |b| {
            let mut pairs = a.iter().zip(b).enumerate();
            equal = a.len() == b.len()
                && pairs.all(|(at, (a, b))| same(*a, *b) && (!a.is_absent() || marks(at)));
        }));
    }));
    equal
}

fn same(a: Ref<'_>, b: Ref<'_>) -> bool {
    match (a, b) {
        (Ref::Fixed, Ref::Fixed) => true,
        (Ref::Text(a), Ref::Text(b)) => a == b,
        (Ref::Integer(a), Ref::Integer(b)) => a == b,
        (Ref::Float(a), Ref::Float(b)) => a == b,
        (Ref::Boolean(a), Ref::Boolean(b)) => a == b,
        (Ref::Node(Some(a)), Ref::Node(Some(b))) => equal(a, b),
        (Ref::Node(a), Ref::Node(b)) => a.is_none() && b.is_none(),
        (Ref::Any(a), Ref::Any(b)) => a == b,
        (Ref::Map(a), Ref::Map(b)) => a == b,
        (Ref::Texts(a), Ref::Texts(b)) => a.count() == b.count() && a.iter().eq(b.iter()),
        (Ref::Integers(a), Ref::Integers(b)) => a == b,
        (Ref::Floats(a), Ref::Floats(b)) => a == b,
        (Ref::Booleans(a), Ref::Booleans(b)) => a == b,
        (Ref::Nodes(a), Ref::Nodes(b)) => {
            a.count() == b.count() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b))
        }
        (Ref::NodeMap(a), Ref::NodeMap(b)) => {
            let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
            a.each(&mut |name, node| ours.push((name, node)));
            b.each(&mut |name, node| theirs.push((name, node)));
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|((name, a), (other, b))| *name == other && equal(*a, b))
        }
        (Ref::Anys(a), Ref::Anys(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{INPUT, JOB};
    use super::super::{Document, json};
    use super::{equal, fill};

    const FULL: &str = r#"{"Tag":"ImageInspect","Level":2,"Ratio":0.5,"Automatic":true,
        "State":"Success","Created":"2022-06-27T15:23:10+0800","Note":"",
        "Input":{"Object":"o","Secret":"s","More":1},"Names":["one","two"],"Sizes":[1,-2],
        "Parts":[{"Object":"p"},{"Object":"q"}],"Child":{"State":"Unheard"},
        "Free":{"a":[1,null]},"Tags":{"x":"y"},"Unknown":[1,2]}"#;

    fn read(text: &str) -> Document {
        let mut job = Document::new(&JOB);
        json::decode(text, "Job", &mut job).unwrap();
        job
    }

    #[test]
    fn a_copy_holds_all_that_the_original_holds() {
        let full = read(FULL);
        let mut copy = Document::new(&JOB);
        assert!(!equal(&copy, &full));
        fill(&mut copy, &full);
        // The equality that the compiler derives is the judge of both functions.
        assert_eq!(copy, full);
        assert!(equal(&copy, &full));
    }

    #[test]
    fn every_difference_counts() {
        let full = read(FULL);
        for (of, to) in [
            ("\"Level\":2", "\"Level\":1"),
            ("0.5", "0.25"),
            ("true", "false"),
            ("Success", "Submitted"),
            ("23:10", "23:11"),
            ("\"Note\":\"\",", ""),
            ("\"o\"", "\"O\""),
            ("\"More\":1", "\"More\":2"),
            ("\"two\"", "\"three\""),
            ("-2", "2"),
            ("\"q\"", "\"Q\""),
            (",{\"Object\":\"q\"}", ""),
            ("Unheard", "Unseen"),
            ("null", "0"),
            ("\"y\"", "\"z\""),
            ("[1,2]", "[2,1]"),
            (r#""Names":["one","two"]"#, r#""Names":[]"#),
        ] {
            assert!(FULL.contains(of), "{of}");
            assert!(!equal(&full, &read(&FULL.replace(of, to))), "{of}");
        }
        assert!(!equal(&Document::new(&JOB), &Document::new(&INPUT)));
        assert!(!equal(&Document::new(&JOB), &read(r#"{"Names":[]}"#)));
    }
}
