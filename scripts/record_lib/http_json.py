"""JSON over HTTP on loopback, past any proxy; a refusal is an error that carries the server's own words."""

import json
import urllib.error
import urllib.request

from stack_lib.progress import StackError

TIMEOUT_SECONDS = 60
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(StackError):
    def __init__(self, request: str, status: int, answer: str):
        super().__init__(f"{request}: {status} {answer}")
        self.status = status


def call(method: str, url: str, body=None):
    answer = exchange(method, url, body)
    return json.loads(answer) if answer else None


def text(url: str) -> str:
    """What is no JSON of the server's own."""
    return exchange("GET", url).decode()


def exchange(method: str, url: str, body=None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", "Accept": "application/json, */*"}, method=method)
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(f"{method} {url}", error.code, error.read().decode(errors="replace")) from None
