"""Apicurio Registry, which serves Confluent's schema registry API under /apis/ccompat/v7."""

import tarfile
from pathlib import Path

from . import cache, maven
from .progress import say

VERSION = "3.0.9"
NAME = f"apicurio-{VERSION}"


def install() -> Path:
    return cache.entry(NAME, build, lock=maven.LOCK)


def build(part: Path) -> None:
    maven.copy_artifact(NAME, f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all", part)
    archive = next(part.glob("*.tar.gz"))
    say(NAME, "unpacking")
    with tarfile.open(archive) as tar:
        tar.extractall(part, filter="data")
    archive.unlink()


def jar() -> Path:
    home = cache.cache_root() / NAME
    return next(home.rglob("apicurio-registry-app-*-runner.jar"))
