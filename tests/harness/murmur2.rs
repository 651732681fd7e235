//! [`partition_of`]: where Java producers put a key (Kafka's `Utils.murmur2`, `BuiltInPartitioner`).
//!
//! Written from the algorithm's description, apart from the product's own.

/// The partition of `key` in a topic of `partitions`.
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    (hash(key) & i32::MAX) % partitions
}

fn hash(key: &[u8]) -> i32 {
    const MULTIPLIER: u32 = 0x5bd1_e995;
    let mix = |word: u32| {
        let word = word.wrapping_mul(MULTIPLIER);
        (word ^ (word >> 24)).wrapping_mul(MULTIPLIER)
    };
    let mut state = 0x9747_b28c_u32 ^ key.len() as u32;
    let (words, rest) = key.as_chunks::<4>();
    for word in words {
        state = state.wrapping_mul(MULTIPLIER) ^ mix(u32::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut tail = [0; 4];
        tail[..rest.len()].copy_from_slice(rest);
        state = (state ^ u32::from_le_bytes(tail)).wrapping_mul(MULTIPLIER);
    }
    state ^= state >> 13;
    state = state.wrapping_mul(MULTIPLIER);
    (state ^ (state >> 15)) as i32
}

#[cfg(test)]
mod tests {
    use super::{hash, partition_of};

    /// Values of Kafka's own test of the function.
    #[test]
    fn hashes_as_kafka_does() {
        for (key, expected) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(hash(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn a_negative_hash_has_a_partition_too() {
        assert_eq!(partition_of(b"21", 1), 0);
        assert_eq!(partition_of(b"21", 25), (-973_932_308_i32 & i32::MAX) % 25);
    }
}
