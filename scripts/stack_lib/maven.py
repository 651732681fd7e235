"""Maven as a downloader of jars, with whatever repositories this machine's Maven is configured with."""

from pathlib import Path

from . import cache
from .progress import run_logged

LOCK = "maven"
COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# Newer versions read an artifact's parent POM before they copy it; Apicurio's parent is not published.
COPY = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy"

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rowmill</groupId><artifactId>stack</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""
DEPENDENCY = "    <dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


def copy_with_dependencies(name: str, coordinates: list[str], part: Path) -> None:
    """Put the jars of `group:artifact:version` coordinates and all they need at run time into `part/libs`."""
    pom = part / "pom.xml"
    pom.write_text(POM.format(dependencies="\n".join(DEPENDENCY.format(*c.split(":")) for c in coordinates)))
    run_logged(name, "downloading jars", [
        "mvn", "-B", "-f", pom, COPY_DEPENDENCIES,
        f"-DoutputDirectory={part / 'libs'}", "-DincludeScope=runtime"], cache.install_log(name))


def copy_artifact(name: str, coordinate: str, part: Path) -> None:
    """Put one `group:artifact:version:type:classifier` into `part`."""
    run_logged(name, "downloading", [
        "mvn", "-B", COPY, f"-Dartifact={coordinate}", f"-DoutputDirectory={part}"],
        cache.install_log(name), cwd=part)
