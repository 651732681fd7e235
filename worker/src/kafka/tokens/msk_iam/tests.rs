//! Signatures are those of AWS's own library for Java (aws-msk-iam-auth 2.3.2) for the same credentials in the same second.

use super::*;

const REGION: &str = "eu-west-1";
/// 2026-11-30T16:31:48Z
const SECOND: u64 = 1_796_056_308;

fn credentials(session: Option<&str>) -> Credentials {
    let session = session.map(str::to_owned);
    Credentials::new(
        "AKIDEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session,
        None,
        "tests",
    )
}

fn url(session: Option<&str>, second: u64) -> String {
    let now = UNIX_EPOCH + Duration::from_secs(second);
    let token = token(&credentials(session), REGION, now).expect("a token");
    assert_eq!(token.lifetime_ms, i64::try_from((second + 900) * 1000).expect("a time"));
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.token).expect("base64")).expect("text")
}

#[test]
fn a_token_is_signed_as_the_library_for_java_signs_it() {
    let url = url(None, SECOND);
    for part in [
        "https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect&",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=AKIDEXAMPLE%2F20261130%2Feu-west-1%2Fkafka-cluster%2Faws4_request",
        "X-Amz-Date=20261130T163148Z",
        "X-Amz-Expires=900",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=6e1184d72fd0077f9d4f770e431a8e5425825c1e611c51ae2ba44720efa9c3be",
        "&User-Agent=rowmill%2F",
    ] {
        assert!(url.contains(part), "{url} does not have {part}");
    }
}

#[test]
fn the_token_of_a_session_is_signed_with_it() {
    let url = url(Some("a/session+token="), SECOND + 1);
    for part in [
        "X-Amz-Security-Token=a%2Fsession%2Btoken%3D",
        "X-Amz-Signature=b8f307e1e5b919a977178b2474f46e08110377ad81c7b89fdbf3d278495db2de",
    ] {
        assert!(url.contains(part), "{url} does not have {part}");
    }
}
