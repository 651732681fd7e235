//! What random bytes are thrown at (`scripts/fuzz`), compiled for the target in `worker/wire/fuzz`, by the feature `fuzzing`, and for a
//! unit test; no part of the client.

use crate::protocol::understood::{every_version, understand};

/// One input: which answer it is, and its bytes. No bytes may make the decoder panic or reserve memory for what is not there.
pub fn answer(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else {
        return;
    };
    let answers = every_version().count();
    if let Some((api, version)) = every_version().nth(usize::from(*which) % answers) {
        understand(api, bytes.to_vec(), version).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    /// The target is compiled and run with the other tests, so that it does not fall behind the code.
    #[test]
    fn the_target_takes_an_input() {
        for which in 0..=u8::MAX {
            answer(&[which, 0, 0, 0, 0, 0, 0]);
        }
    }
}
