"""The broker's listeners for clients that have to prove who they are, beside the plain one: SASL over TLS, and TLS with a
certificate of the client's.

Certificate and passwords are for tests on loopback and protect nothing: the plain listener stays open, and whoever comes
through it is a super user.
"""

import subprocess
from pathlib import Path

from .progress import StackError

# Both users may log in with PLAIN and with SCRAM-SHA-512, and with tokens that nobody signs. The first may do everything, the second what ACLs give it.
FULL_USER, FULL_PASSWORD = "full", "full-password"
LIMITED_USER, LIMITED_PASSWORD = "limited", "limited-password"
PASSWORDS = {FULL_USER: FULL_PASSWORD, LIMITED_USER: LIMITED_PASSWORD}
STORE_PASSWORD = "store-password"

PROPERTIES = """\
listener.name.sasl_ssl.ssl.keystore.location={key_store}
listener.name.sasl_ssl.ssl.keystore.type=PKCS12
listener.name.sasl_ssl.ssl.keystore.password={store_password}
listener.name.ssl.ssl.keystore.location={key_store}
listener.name.ssl.ssl.keystore.type=PKCS12
listener.name.ssl.ssl.keystore.password={store_password}
listener.name.ssl.ssl.truststore.location={certificate}
listener.name.ssl.ssl.truststore.type=PEM
listener.name.ssl.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.sasl_ssl.oauthbearer.connections.max.reauth.ms=3600000
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{full_user};User:CN=broker
"""


class SaslListener:
    """What the broker and its clients need for it, in the broker's folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def key_store(self) -> Path:
        return self.folder / "broker.p12"

    @property
    def certificate(self) -> Path:
        """In PEM: the trust store of clients, and the broker's own, for clients that have the key, too."""
        return self.folder / "broker.pem"

    def properties(self) -> str:
        users = " ".join(f'user_{name}="{password}"' for name, password in PASSWORDS.items())
        return PROPERTIES.format(
            key_store=self.key_store, certificate=self.certificate, store_password=STORE_PASSWORD, users=users, full_user=FULL_USER)

    def make_certificate(self) -> None:
        """For 127.0.0.1, made once; it outlives the stack."""
        if self.certificate.exists():
            return
        # What a killed run has left; keytool adds to a store that is there.
        self.key_store.unlink(missing_ok=True)
        self.keytool("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "3650",
                     "-dname", "CN=broker", "-ext", "SAN=ip:127.0.0.1,dns:localhost")
        part = self.certificate.with_suffix(".part")
        self.keytool("-exportcert", "-rfc", "-file", part)
        part.rename(self.certificate)

    def keytool(self, *arguments: str | Path) -> None:
        store = ("-alias", "broker", "-keystore", self.key_store, "-storetype", "PKCS12", "-storepass", STORE_PASSWORD)
        # The same shortcuts for a short life as everywhere else.
        short_life = ("-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1")
        result = subprocess.run(["keytool", *short_life, *arguments, *store], capture_output=True, text=True)
        if result.returncode != 0:
            raise StackError(f"kafka: making the certificate failed:\n{result.stdout}{result.stderr}")

    def scram_users(self) -> dict[str, str]:
        """The log-in of each user of SCRAM, in the words of Kafka's tools: such users live in the cluster's metadata."""
        return {name: f"SCRAM-SHA-512=[password={password}]" for name, password in PASSWORDS.items()}

    @property
    def scram_users_made(self) -> Path:
        """Is there when they are."""
        return self.folder / "scram-users-made"

    def environment(self, port: int, tls_port: int | None) -> dict[str, str]:
        return {
            "ROWMILL_KAFKA_SASL": f"127.0.0.1:{port}",
            "ROWMILL_KAFKA_TLS": f"127.0.0.1:{tls_port}",
            "ROWMILL_KAFKA_KEY_STORE": str(self.key_store),
            "ROWMILL_KAFKA_KEY_STORE_PASSWORD": STORE_PASSWORD,
            "ROWMILL_KAFKA_CERTIFICATE": str(self.certificate),
            "ROWMILL_KAFKA_USER": FULL_USER,
            "ROWMILL_KAFKA_PASSWORD": FULL_PASSWORD,
            "ROWMILL_KAFKA_LIMITED_USER": LIMITED_USER,
            "ROWMILL_KAFKA_LIMITED_PASSWORD": LIMITED_PASSWORD,
        }
