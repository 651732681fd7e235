//! Any bytes as a GTID set, in the wire form and as text. What is read must be written and read back as the same set.

use crate::position::GtidSet;

/// One input.
pub fn gtid_set(data: &[u8]) {
    if let Some(set) = GtidSet::decode(data) {
        check(&set);
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(set) = text.parse::<GtidSet>()
    {
        check(&set);
    }
}

fn check(set: &GtidSet) {
    let mut wire = Vec::new();
    set.encode(&mut wire);
    assert_eq!(GtidSet::decode(&wire).as_ref(), Some(set));
    assert_eq!(set.to_string().parse::<GtidSet>().as_ref(), Ok(set));
    assert!(set.contains_set(set) && set.minus(set).is_empty());
}
