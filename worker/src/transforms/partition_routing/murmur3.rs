//! [`murmur3`]: the upper 32 bits of Debezium's MurmurHash3 for 64 bits (`io.debezium.util.MurmurHash3`, seed 9001).
//!
//! It is that of the algorithm's second beta version, which mixes otherwise than the final one, and reads the bytes of an
//! incomplete block with their sign.

use std::num::Wrapping;

const SEED: u64 = 9001;

struct State {
    h1: Wrapping<u64>,
    h2: Wrapping<u64>,
    c1: Wrapping<u64>,
    c2: Wrapping<u64>,
}

/// The hash of these bytes.
pub(super) fn murmur3(bytes: &[u8]) -> i32 {
    let mut state = State {
        h1: Wrapping(0x9368_e53c_2f6a_f274 ^ SEED),
        h2: Wrapping(0x586d_cd20_8f7c_d3fd ^ SEED),
        c1: Wrapping(0x87c3_7b91_1142_53d5),
        c2: Wrapping(0x4cf5_ad43_2745_937f),
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let (low, high) = block.split_at(8);
        state.mix(word(low), word(high));
    }
    if !rest.is_empty() {
        let (low, high) = rest.split_at(rest.len().min(8));
        state.mix(signed_word(low), signed_word(high));
    }
    state.end(bytes.len() as u64)
}

fn word(bytes: &[u8]) -> Wrapping<u64> {
    Wrapping(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}

fn signed_word(bytes: &[u8]) -> Wrapping<u64> {
    let signed = bytes
        .iter()
        .zip(0..)
        .map(|(byte, at)| i64::from(byte.cast_signed()) << (8 * at));
    Wrapping(signed.fold(0, |word, byte| word ^ byte).cast_unsigned())
}

impl State {
    fn mix(&mut self, k1: Wrapping<u64>, k2: Wrapping<u64>) {
        let rotated = |word: Wrapping<u64>, bits| Wrapping(word.0.rotate_left(bits));
        self.h1 ^= rotated(k1 * self.c1, 23) * self.c2;
        self.h1 += self.h2;
        self.h2 = rotated(self.h2, 41);
        self.h2 ^= rotated(k2 * self.c2, 23) * self.c1;
        self.h2 += self.h1;
        self.h1 = self.h1 * Wrapping(3) + Wrapping(0x52dc_e729);
        self.h2 = self.h2 * Wrapping(3) + Wrapping(0x3849_5ab5);
        self.c1 = self.c1 * Wrapping(5) + Wrapping(0x7b7d_159c);
        self.c2 = self.c2 * Wrapping(5) + Wrapping(0x6bce_6396);
    }

    fn end(mut self, length: u64) -> i32 {
        self.h2 ^= length;
        self.h1 += self.h2;
        self.h2 += self.h1;
        let sum = finished(self.h1) + finished(self.h2);
        (sum.0 >> 32) as i32
    }
}

fn finished(mut word: Wrapping<u64>) -> Wrapping<u64> {
    word ^= word >> 33;
    word *= 0xff51_afd7_ed55_8ccd;
    word ^= word >> 33;
    word *= 0xc4ce_b9fe_1a85_ec53;
    word ^ word >> 33
}
