"""The schema registry; its ids live in a file of the stack, so a restart keeps them."""

from . import http_probe, install_registry
from .server import Server


class RegistryServer(Server):
    name = "registry"
    port_variable = "ROWMILL_REGISTRY_PORT"
    PATH = "apis/ccompat/v7"

    def install(self) -> None:
        install_registry.install()

    def prepare(self) -> None:
        pass

    def command(self) -> list:
        database = self.folder / "data" / "db"
        return [
            "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={self.port}",
            f"-Dapicurio.datasource.url=jdbc:h2:file:{database};MODE=PostgreSQL",
            # Else only Confluent's API may delete.
            "-Dapicurio.rest.deletion.artifact.enabled=true",
            "-jar", install_registry.jar(),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.PATH}"

    def answers(self) -> bool:
        return http_probe.is_ok(f"{self.url}/subjects")

    def environment(self) -> dict[str, str]:
        return {"ROWMILL_REGISTRY": self.url}
