"""docker/ without an engine: what can be compared is compared with the scripts that are run every day.

compose.yml is read by Docker's own parser, so what is compared is what an engine would read. A version, port, user or
setting that is changed on one side only fails here.
"""

import json
import re
import subprocess
import tomllib
import unittest
from pathlib import Path

from demo_lib import connector, rowmill_worker
from stack_lib import install_kafka, install_mysql, install_registry, kafka_server, mysql_server, prerequisites
from stack_lib.registry_server import RegistryServer

from . import tools

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKER = REPOSITORY / "docker"
# Where images of others expect things; what they are was looked up, and cannot be tried here.
INIT_FOLDER = "/docker-entrypoint-initdb.d"
REGISTRY_PORT = 8080


def compose() -> dict:
    """compose.yml as Docker's own parser reads it: defaults filled in, paths absolute, unknown words refused."""
    result = subprocess.run([tools.compose(), "--file", DOCKER / "compose.yml", "config", "--format", "json"],
                            cwd=REPOSITORY, capture_output=True, text=True)
    if result.returncode != 0:
        raise AssertionError(f"docker/compose.yml is not taken: {result.stderr}")
    return json.loads(result.stdout)


def properties(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """`(INSTRUCTION, rest)` of a Dockerfile; lines that end in a backslash are joined with the next."""
    code = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    lines = re.sub(r"\\\n\s*", " ", code).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def words(sql: str) -> str:
    return " ".join(sql.split())


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        services = compose()["services"]
        cls.mysql, cls.kafka, cls.registry, cls.worker = (
            services[name] for name in ("mysql", "kafka", "registry", "worker"))
        cls.services = services

    def published(self) -> dict[str, str]:
        return {name: port["published"] for name, service in self.services.items() for port in service["ports"]}

    def test_images_are_of_the_versions_that_the_stack_installs(self):
        self.assertEqual(self.mysql["image"], f"mysql:{install_mysql.NAME.split('-')[1]}")
        self.assertEqual(self.kafka["image"], f"apache/kafka:{install_kafka.VERSION}")
        self.assertEqual(self.registry["image"], f"apicurio/apicurio-registry:{install_registry.VERSION}")

    def test_ports_are_published_on_loopback_only(self):
        for name, service in self.services.items():
            for port in service["ports"]:
                self.assertEqual(port.get("host_ip"), "127.0.0.1", name)

    def test_files_that_are_mounted_exist(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                self.assertTrue(Path(volume["source"]).is_file(), f"{name} mounts {volume['source']}")
        build = self.worker["build"]
        self.assertTrue((Path(build["context"]) / build["dockerfile"]).is_file())

    def test_mysql_gets_options_that_the_stack_gives(self):
        ours = mysql_server.OPTIONS + install_mysql.OPTIONS
        for option in self.mysql["command"]:
            if not option.startswith("--server-id="):
                self.assertIn(option, ours)

    def test_mysql_makes_its_user_before_the_tables_of_the_demo(self):
        mounted = {volume["target"]: Path(volume["source"]) for volume in self.mysql["volumes"]}
        self.assertEqual(
            [mounted[target] for target in sorted(mounted)],
            [DOCKER / "mysql-user.sql", REPOSITORY / "scripts" / "demo_lib" / "inventory.sql"])
        self.assertEqual({Path(target).parent for target in mounted}, {Path(INIT_FOLDER)})

    def test_the_user_has_the_rights_of_the_stacks_user(self):
        self.assertIn(words((DOCKER / "mysql-user.sql").read_text()), words(install_mysql.USERS_SQL))

    def test_kafka_has_the_settings_of_the_stacks_broker(self):
        ours = properties(kafka_server.PROPERTIES) | {"process.roles": kafka_server.ROLES}
        addresses = {"listeners", "advertised.listeners", "listener.security.protocol.map",
                     "inter.broker.listener.name", "controller.quorum.voters"}
        for variable, value in self.kafka["environment"].items():
            name = variable.removeprefix("KAFKA_").lower().replace("_", ".")
            if name not in addresses:
                self.assertEqual(value, ours.get(name), variable)

    def test_kafkas_listeners_are_named_and_numbered_alike_wherever_they_are_named(self):
        environment = self.kafka["environment"]
        listeners = dict(re.findall(r"(\w+)://:(\d+)", environment["KAFKA_LISTENERS"]))
        advertised = dict(re.findall(r"(\w+)://([\w.]+:\d+)", environment["KAFKA_ADVERTISED_LISTENERS"]))
        controller = environment["KAFKA_CONTROLLER_LISTENER_NAMES"]
        inside = environment["KAFKA_INTER_BROKER_LISTENER_NAME"]
        protocols = dict(pair.split(":") for pair in environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
        self.assertEqual(set(protocols), set(listeners))
        self.assertEqual(set(advertised), set(listeners) - {controller})
        self.assertEqual(advertised[inside], f"kafka:{listeners[inside]}")
        self.assertEqual(advertised["OUTSIDE"], f"127.0.0.1:{listeners['OUTSIDE']}")
        self.assertEqual(environment["KAFKA_CONTROLLER_QUORUM_VOTERS"],
                         f"{environment['KAFKA_NODE_ID']}@kafka:{listeners[controller]}")
        [port] = self.kafka["ports"]
        self.assertEqual((port["published"], str(port["target"])), (listeners["OUTSIDE"], listeners["OUTSIDE"]))
        self.assertIn(f"127.0.0.1:{listeners[inside]}", self.kafka["healthcheck"]["test"])

    def test_the_worker_waits_for_all_servers_and_is_given_time_to_stop(self):
        self.assertEqual(set(self.worker["depends_on"]), set(self.services) - {"worker"})
        for name, condition in self.worker["depends_on"].items():
            healthy = "service_healthy" if "healthcheck" in self.services[name] else "service_started"
            self.assertEqual(condition["condition"], healthy, name)
        definition = (REPOSITORY / "worker" / "src" / "config" / "definition.rs").read_text()
        graceful = re.search(r'"task\.shutdown\.graceful\.timeout\.ms",\s*\w+,\s*Some\("(\d+)"\)', definition)
        self.assertIsNotNone(graceful, "the default of task.shutdown.graceful.timeout.ms")
        period = int(self.worker["stop_grace_period"].removesuffix("s"))
        self.assertGreater(period * 1000, int(graceful.group(1)))


class Worker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = compose()["services"]
        cls.dockerfile = instructions((DOCKER / "worker.Dockerfile").read_text())
        cls.properties = properties((DOCKER / "worker.properties").read_text())

    def the(self, instruction: str) -> str:
        return next(rest for name, rest in reversed(self.dockerfile) if name == instruction)

    def runs(self) -> str:
        return " && ".join(rest for name, rest in self.dockerfile if name == "RUN")

    def test_it_is_compiled_by_the_compiler_of_the_tree(self):
        manifest = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())
        promised = manifest["workspace"]["package"]["rust-version"]
        toolchain = tomllib.loads((REPOSITORY / "rust-toolchain.toml").read_text())["toolchain"]
        self.assertEqual(toolchain["channel"], f"{promised}.0")
        self.assertEqual(".".join(map(str, prerequisites.RUST_AT_LEAST)), promised)
        build, run = [rest.split()[0] for name, rest in self.dockerfile if name == "FROM"]
        image, suite = re.fullmatch(r"rust:([\d.]+)-(\w+)", build).groups()
        self.assertEqual(image, promised)
        self.assertEqual(run, f"debian:{suite}-slim", "the libraries it was linked to are of this suite")
        self.assertIn("rust-toolchain.toml", (DOCKER / "worker.Dockerfile.dockerignore").read_text().split())

    def test_it_is_built_as_the_demo_builds_it(self):
        self.assertIn(" ".join(rowmill_worker.BUILD), self.runs())
        self.assertIn("cp target/release/rowmill /rowmill", self.runs())
        self.assertIn("--from=build /rowmill /usr/local/bin/rowmill", [rest for name, rest in self.dockerfile if name == "COPY"])
        self.assertEqual(self.the("ENTRYPOINT"), '["rowmill"]')

    def test_it_is_linked_to_what_the_prerequisites_name(self):
        # The image of the compiler has build-essential.
        needed = {tool.package for tool in prerequisites.NATIVE} - {"build-essential"}
        installed = [set(re.findall(r"[a-z][a-z0-9.+-]+", found)) for found in re.findall(
            r"apt-get install -y --no-install-recommends ([^&]+) &&", self.runs())]
        build, run = installed
        self.assertEqual(build, needed)
        libraries = {"libssl-dev": "libssl3", "zlib1g-dev": "zlib1g", "pkg-config": None}
        self.assertEqual(run, {libraries[package] for package in needed} - {None} | {"ca-certificates"})

    def test_its_properties_are_the_demos_but_for_names_and_addresses(self):
        demos = properties(rowmill_worker.PROPERTIES)
        self.assertEqual(set(self.properties) - set(demos), {"rest.advertised.host.name"})
        self.assertEqual(set(demos) - set(self.properties), set())
        for key, value in demos.items():
            if "{" not in value and "demo" not in value:
                self.assertEqual(self.properties[key], value, key)

    def test_its_addresses_are_those_of_the_services(self):
        kafka = self.services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
        self.assertIn(f"INSIDE://{self.properties['bootstrap.servers']},", kafka)
        path = "/" + RegistryServer.PATH
        [port] = self.services["registry"]["ports"]
        self.assertEqual(port["target"], REGISTRY_PORT)
        for side in ("key", "value"):
            self.assertEqual(self.properties[f"{side}.converter.schema.registry.url"], f"http://registry:{REGISTRY_PORT}{path}")
        [rest] = self.services["worker"]["ports"]
        self.assertEqual(self.properties["listeners"], f"http://0.0.0.0:{rest['target']}")
        self.assertEqual(self.the("EXPOSE"), str(rest["target"]))
        self.assertIn(self.properties["rest.advertised.host.name"], self.services)

    def test_it_reads_the_file_that_is_mounted(self):
        [mounted] = self.services["worker"]["volumes"]
        self.assertEqual(mounted["source"], str(DOCKER / "worker.properties"))
        self.assertEqual(self.the("CMD"), json.dumps(["worker", mounted["target"]]))


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = (DOCKER / "README.md").read_text()
        cls.services = compose()["services"]

    def test_its_call_registers_the_connector_of_the_demo(self):
        body = json.loads(re.search(r"-d '(\{.*?\})'", self.text, re.DOTALL).group(1))
        demos = connector.settings(user=install_mysql.USER, password=install_mysql.PASSWORD, hostname="mysql", port="3306",
                                   kafka=self.services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
                                   .split(",")[0].removeprefix("INSIDE://"))
        self.assertEqual(body["name"], connector.NAME)
        for key, value in body["config"].items():
            self.assertEqual(value, demos.get(key), key)

    def test_it_names_the_ports_that_are_published(self):
        published = {port["published"] for service in self.services.values() for port in service["ports"]}
        self.assertEqual(set(re.findall(r"127\.0\.0\.1:(\d+)", self.text)), published)
        self.assertIn(f"8081/{RegistryServer.PATH}", self.text)

    def test_its_commands_name_files_and_services_that_exist(self):
        for name in re.findall(r"docker/[\w.]+", self.text):
            self.assertTrue((REPOSITORY / name).exists(), name)
        self.assertIn("exec worker", self.text)
        [mounted] = self.services["worker"]["volumes"]
        self.assertEqual(set(re.findall(r"/etc/[\w./]+\w", self.text)), {mounted["target"]})
