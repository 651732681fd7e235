use std::collections::BTreeSet;

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use super::GtidSet;
use crate::position::gtid::{Gtid, Tag};

const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const B: &str = "ca9f915b-e695-11f1-ada1-02fc00000001";

fn set(text: &str) -> GtidSet {
    let text = text.replace("A:", &format!("{A}:")).replace("B:", &format!("{B}:"));
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn short(set: &GtidSet) -> String {
    set.to_string().replace(A, "A").replace(B, "B")
}

#[test]
fn text_becomes_canonical() {
    for (text, canonical) in [
        ("", ""),
        (" , ,", ""),
        ("A:1", "A:1"),
        ("A:3:1-2", "A:1-3"),
        ("A:1-3:5-7:4", "A:1-7"),
        ("A:1-3:5-7", "A:1-3:5-7"),
        ("B:1,\nA:2", "A:2,B:1"),
        ("A:1,A:2", "A:1-2"),
        ("A:1-49:mytag:1-2", "A:1-49:mytag:1-2"),
        ("A:mytag:1:Other:2,A:1", "A:1:mytag:1:other:2"),
        ("A: 1 - 5 : 9", "A:1-5:9"),
        ("A:9223372036854775806", "A:9223372036854775806"),
    ] {
        assert_eq!(short(&set(text)), canonical, "{text}");
    }
    let loud = format!("{}:1", A.to_uppercase());
    assert_eq!(short(&loud.parse().expect("upper case is legal")), "A:1");
}

#[test]
fn text_that_is_no_set_is_refused() {
    for text in [
        "x",
        ":1",
        "A:",
        "A:0",
        "A:5-3",
        "A:1-",
        "A:-1",
        "A:1::2",
        "A:tag",
        "A:tag:",
        "A:t:u:1",
        "A:1:t",
        "A:9223372036854775807",
    ] {
        let text = text.replace("A:", &format!("{A}:"));
        assert!(text.parse::<GtidSet>().is_err(), "{text}");
    }
    assert!(A.parse::<GtidSet>().is_err());
}

#[test]
fn a_gap_is_never_filled() {
    // flink-cdc #3452: the server's set was merged into the restored one and the gap between them disappeared.
    let mut stored = set("A:1-100");
    let server = set("A:1-100:120-200");
    assert!(!stored.contains_set(&server));
    assert_eq!(short(&server.minus(&stored)), "A:120-200");
    stored.add(&format!("{A}:120").parse().expect("a GTID"));
    assert_eq!(short(&stored), "A:1-100:120");
}

#[test]
fn a_source_known_to_one_side_only_is_kept() {
    assert_eq!(short(&set("A:1-5,B:1-3").minus(&set("B:2"))), "A:1-5,B:1:3");
    assert_eq!(short(&set("A:1-5").minus(&set("A:1-5"))), "");
    assert!(!set("A:1-5").contains_set(&set("A:tag:1")));
    assert!(set("A:1-5:tag:1-2").contains_set(&set("A:3:tag:2")));
}

#[test]
fn wire_form_without_tags_is_the_old_one() {
    let mut bytes = Vec::new();
    set("A:1-3:7").encode(&mut bytes);
    let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0];
    expected.extend(Uuid::parse_str(A).expect("a uuid").as_bytes());
    for word in [2_u64, 1, 4, 7, 8] {
        expected.extend(word.to_le_bytes());
    }
    assert_eq!(bytes, expected);
}

#[test]
fn wire_form_agrees_with_mysql_common() {
    use mysql_common::packets::{ComBinlogDumpGtid, GnoInterval, Sid, Tag as TheirTag};
    use mysql_common::proto::MySerialize;

    let uuid = *Uuid::parse_str(A).expect("a uuid").as_bytes();
    let untagged = Sid::new(uuid).with_interval(GnoInterval::new(1, 4));
    let tagged = Sid::new(uuid)
        .with_tag(TheirTag::new("mytag").expect("a tag"))
        .with_interval(GnoInterval::new(2, 3));
    for (text, sids) in [
        ("A:1-3", vec![untagged.clone()]),
        ("A:1-3:mytag:2", vec![untagged, tagged]),
    ] {
        let mut command = Vec::new();
        ComBinlogDumpGtid::new(1).with_sids(sids).serialize(&mut command);
        // command, flags, server id, file name (length 0), position, length of the set
        let theirs = &command[1 + 2 + 4 + 4 + 8 + 4..];
        let mut ours = Vec::new();
        set(text).encode(&mut ours);
        assert_eq!(ours, theirs, "{text}");
    }
}

#[test]
fn broken_wire_form_is_refused() {
    let mut bytes = Vec::new();
    set("A:1-3:mytag:7,B:9").encode(&mut bytes);
    for length in 0..bytes.len() {
        assert_eq!(GtidSet::decode(&bytes[..length]), None, "{length}");
    }
    assert_eq!(GtidSet::decode(&u64::MAX.to_le_bytes()), None);
}

/// Numbers from a small range, so that neighbours, gaps and overlaps are common.
fn gtids() -> impl Strategy<Value = BTreeSet<Gtid>> {
    let gtid = (0..3_u128, 0..3_usize, 1..40_u64).prop_map(|(source, tag, number)| Gtid {
        source: Uuid::from_u128(source),
        tag: Tag::parse(["", "tag_a", "tag_b"][tag]).expect("a tag"),
        number,
    });
    proptest::collection::btree_set(gtid, 0..80)
}

fn collect(gtids: &BTreeSet<Gtid>) -> GtidSet {
    let mut set = GtidSet::new();
    for gtid in gtids {
        set.add(gtid);
    }
    set
}

proptest! {
    #[test]
    fn behaves_like_a_set_of_gtids(left in gtids(), right in gtids()) {
        let (a, b) = (collect(&left), collect(&right));
        prop_assert_eq!(a.minus(&b), collect(&left.difference(&right).cloned().collect()));
        prop_assert_eq!(a.contains_set(&b), left.is_superset(&right));
        prop_assert_eq!(a == b, left == right);
        prop_assert_eq!(a.is_empty(), left.is_empty());
        for gtid in &right {
            prop_assert_eq!(a.contains(gtid), left.contains(gtid));
        }
    }

    #[test]
    fn the_order_of_adding_does_not_matter(mut gtids in proptest::collection::vec((0..2_u128, 1..60_u64), 0..80)) {
        let add = |gtids: &[(u128, u64)]| {
            let mut set = GtidSet::new();
            for (source, number) in gtids {
                set.add(&Gtid { source: Uuid::from_u128(*source), tag: Tag::default(), number: *number });
            }
            set
        };
        let forward = add(&gtids);
        gtids.reverse();
        prop_assert_eq!(forward, add(&gtids));
    }

    #[test]
    fn text_and_wire_form_round_trip(gtids in gtids()) {
        let set = collect(&gtids);
        prop_assert_eq!(&set.to_string().parse::<GtidSet>().expect("our own text"), &set);
        let mut bytes = Vec::new();
        set.encode(&mut bytes);
        prop_assert_eq!(GtidSet::decode(&bytes), Some(set));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9a-f:,_ \\-]{0,80}") {
        if let Ok(set) = text.parse::<GtidSet>() {
            prop_assert_eq!(set.to_string().parse::<GtidSet>().expect("our own text"), set);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        prop_assert!(GtidSet::decode(&bytes).is_none_or(|set| set.to_string().len() < 4096));
    }
}
