//! SCRAM (RFC 5802, RFC 7677), the client's half: both prove that they know the password, and none sends it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::settings::ScramHash;

/// More rounds than any server asks for; each costs time.
const MOST_ROUNDS: usize = 1_000_000;
/// `n,,` in Base64: no channel binding.
const BINDING: &str = "c=biws";

/// An exchange that has begun.
pub(super) struct Scram<'a> {
    hash: ScramHash,
    password: &'a str,
    nonce: String,
    first: String,
}

/// What the server must answer in the end.
pub(super) struct ServerProof(Vec<u8>);

impl<'a> Scram<'a> {
    /// With a nonce that nobody has used.
    pub(super) fn new(hash: ScramHash, username: &str, password: &'a str, nonce: String) -> Self {
        let name = username.replace('=', "=3D").replace(',', "=2C");
        Scram {
            hash,
            password,
            first: format!("n={name},r={nonce}"),
            nonce,
        }
    }

    /// What the client says first.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first)
    }

    /// The proof, and what proves the server.
    ///
    /// # Errors
    /// What is wrong with the server's answer.
    pub(super) fn prove(&self, server_first: &str) -> Result<(String, ServerProof), String> {
        let field = |name: char| {
            let is_it = |part: &&str| part.starts_with(name) && part[1..].starts_with('=');
            let part = server_first.split(',').find(is_it);
            part.map(|part| &part[2..])
                .ok_or_else(|| format!("the server's first message has no `{name}`"))
        };
        let nonce = field('r')?;
        if !nonce.starts_with(&self.nonce) {
            return Err("the server answers another client's exchange".to_owned());
        }
        let salt = STANDARD
            .decode(field('s')?)
            .map_err(|_| "the server's salt is no Base64")?;
        let rounds: usize = field('i')?
            .parse()
            .map_err(|_| "the server's number of rounds is none")?;
        if rounds == 0 || rounds > MOST_ROUNDS {
            return Err(format!("the server asks for {rounds} rounds of hashing"));
        }
        let bare = format!("{BINDING},r={nonce}");
        let message = format!("{},{server_first},{bare}", self.first);
        let (proof, server) = self
            .proofs(&salt, rounds, message.as_bytes())
            .map_err(|error| format!("OpenSSL: {error}"))?;
        Ok((format!("{bare},p={}", STANDARD.encode(proof)), ServerProof(server)))
    }

    fn proofs(&self, salt: &[u8], rounds: usize, message: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
        let (digest, length) = match self.hash {
            ScramHash::Sha256 => (MessageDigest::sha256(), 32),
            ScramHash::Sha512 => (MessageDigest::sha512(), 64),
        };
        let mut salted = vec![0; length];
        pbkdf2_hmac(self.password.as_bytes(), salt, rounds, digest, &mut salted)?;
        let client_key = hmac(digest, &salted, b"Client Key")?;
        let signature = hmac(digest, &hash(digest, &client_key)?, message)?;
        let proof = client_key
            .iter()
            .zip(&signature)
            .map(|(key, sign)| key ^ sign)
            .collect();
        let server_key = hmac(digest, &salted, b"Server Key")?;
        Ok((proof, hmac(digest, &server_key, message)?))
    }
}

impl ServerProof {
    /// Whether the server knows the password, too.
    pub(super) fn check(&self, server_final: &str) -> Result<(), String> {
        if let Some(error) = server_final.strip_prefix("e=") {
            return Err(error.to_owned());
        }
        let proof = server_final
            .strip_prefix("v=")
            .and_then(|proof| proof.split(',').next());
        match proof.map(|proof| STANDARD.decode(proof)) {
            Some(Ok(proof)) if proof == self.0 => Ok(()),
            _ => Err("the server does not prove that it knows the password".to_owned()),
        }
    }
}

fn hmac(digest: MessageDigest, key: &[u8], message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(key)?;
    Signer::new(digest, &key)?.sign_oneshot_to_vec(message)
}

#[cfg(test)]
mod tests {
    use super::{Scram, ScramHash};

    /// The example of RFC 7677.
    #[test]
    fn both_sides_prove_the_password() {
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        let scram = Scram::new(ScramHash::Sha256, "user", "pencil", nonce);
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let server = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let (proof, expected) = scram.prove(server).expect("a proof");
        assert_eq!(
            proof,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(expected.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
        assert!(
            expected
                .check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=")
                .is_err()
        );
        assert_eq!(expected.check("e=unknown-user"), Err("unknown-user".to_owned()));
    }

    #[test]
    fn a_server_that_makes_no_sense_is_told_so() {
        let scram = Scram::new(ScramHash::Sha512, "a=b,c", "secret", "nonce".to_owned());
        assert_eq!(scram.first(), "n,,n=a=3Db=2Cc,r=nonce");
        for server in [
            "",
            "r=other,s=AA==,i=4096",
            "r=nonce1,s=?,i=4096",
            "r=nonce1,s=AA==,i=0",
            "r=nonce1,s=AA==,i=999999999999",
        ] {
            assert!(scram.prove(server).is_err(), "{server}");
        }
    }
}
