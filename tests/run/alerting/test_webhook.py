"""Posting to a real server: what is retried, what is refused, and that it never hangs."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlpipe.run.alerting import webhook
from mlpipe.run.alerting.webhook import Answer, Asked, NotToldError, host_of, post

DOCUMENT = {"schema_version": 1, "text": "größer → ok"}
SECRET = "T0-B0-s3cr3t"

Answering = Callable[[BaseHTTPRequestHandler], None]


class Hook:
    """A server whose answers a test decides, one after the other; the last one stays."""

    def __init__(self, *answers: Answering) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.append((self.path, dict(self.headers), body))
                answers[min(len(hook.asked), len(answers)) - 1](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/services/{SECRET}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def serving() -> Iterator[Callable[..., Hook]]:
    hooks: list[Hook] = []

    def start(*answers: Answering) -> Hook:
        hooks.append(Hook(*answers))
        return hooks[-1]

    yield start
    for hook in hooks:
        hook.close()


def status(code: int, body: bytes = b"", **headers: str) -> Answering:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def asked(url: str, **given: object) -> Asked:
    values = {"headers": {}, "timeout": 5.0, "retries": 3, "allow_private": True, **given}
    return Asked(url=url, **values)  # type: ignore[arg-type]


class Pauses(list[float]):
    """Takes the place of sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_a_document_is_posted_as_json(serving: Callable[..., Hook]) -> None:
    hook = serving(status(204))
    assert post(DOCUMENT, asked(hook.url, headers={"X-Who": " me "})) == Answer(204, 1)
    ((path, headers, body),) = hook.asked
    assert path == f"/services/{SECRET}"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Who"] == "me"
    assert "größer → ok" in body.decode()


def test_a_login_in_the_url_is_sent_as_a_header(serving: Callable[..., Hook]) -> None:
    hook = serving(status(200))
    post(DOCUMENT, asked(hook.url.replace("http://", "http://me:p%40ss@")))
    assert hook.asked[0][1]["Authorization"] == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize("code", [500, 503, 429])
def test_it_is_tried_again_with_longer_pauses(serving: Callable[..., Hook], code: int) -> None:
    hook, pauses = serving(status(code), status(code), status(200)), Pauses()
    assert post(DOCUMENT, asked(hook.url), pauses) == Answer(200, 3)
    assert pauses == [0.5, 1.0]
    assert len({body for *_, body in hook.asked}) == 1


def test_it_is_given_up_after_the_last_retry(serving: Callable[..., Hook]) -> None:
    hook, pauses = serving(status(500)), Pauses()
    with pytest.raises(NotToldError, match=r"^it answered 500; tried 3 times$"):
        post(DOCUMENT, asked(hook.url, retries=2), pauses)
    assert len(hook.asked) == 3


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2", 2.0),
        ("0", 0.0),
        ("999999999", 30.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2199 07:28:00 GMT", 30.0),
        ("soon", 0.5),
        ("-5", 0.5),
    ],
)
def test_the_server_may_ask_for_a_pause(
    serving: Callable[..., Hook], after: str, expected: float
) -> None:
    hook, pauses = serving(status(429, Retry_After=after), status(200)), Pauses()
    post(DOCUMENT, asked(hook.url, timeout=60.0), pauses)
    assert pauses == [expected]


def test_a_pause_that_is_longer_than_the_time_left_is_not_waited_for(
    serving: Callable[..., Hook],
) -> None:
    hook, pauses = serving(status(503, Retry_After="25")), Pauses()
    with pytest.raises(NotToldError, match="503; tried once"):
        post(DOCUMENT, asked(hook.url, timeout=5.0, retries=3), pauses)
    assert pauses == []


@pytest.mark.parametrize("code", [400, 401, 404, 410])
def test_a_no_is_a_no(serving: Callable[..., Hook], code: int) -> None:
    hook = serving(status(code, b"invalid_token"))
    with pytest.raises(NotToldError, match=f"^it answered {code}$"):
        post(DOCUMENT, asked(hook.url))
    assert len(hook.asked) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_where_it_leads_is_not_said(
    serving: Callable[..., Hook], code: int
) -> None:
    other = serving(status(200))
    hook = serving(status(code, Location=other.url))
    with pytest.raises(NotToldError) as error:
        post(DOCUMENT, asked(hook.url))
    assert f"it answered {code}, a redirect" in str(error.value)
    assert SECRET not in str(error.value)
    assert not other.asked


def test_a_server_that_never_answers_is_given_up_in_time(serving: Callable[..., Hook]) -> None:
    end = threading.Event()
    hook = serving(lambda _: end.wait(20) and None)
    began = time.monotonic()
    try:
        with pytest.raises(NotToldError, match=r"no answer within 0.2 s; tried"):
            post(DOCUMENT, asked(hook.url, timeout=0.2, retries=2))
    finally:
        end.set()
    assert time.monotonic() - began < 15
    assert hook.asked


def test_a_server_that_answers_a_byte_now_and_then_is_given_up_in_time(
    serving: Callable[..., Hook],
) -> None:
    end = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 500:
            request.wfile.write(bytes([byte]))
            if end.wait(0.05):
                return

    hook, began = serving(drip), time.monotonic()
    try:
        with pytest.raises(NotToldError, match=r"no answer within 0\.3 s"):
            post(DOCUMENT, asked(hook.url, timeout=0.3, retries=0))
    finally:
        end.set()
    assert time.monotonic() - began < 15


def test_an_endless_answer_is_not_read(serving: Callable[..., Hook]) -> None:
    sent = []

    def pour(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        with_ = b"x" * 2**16
        try:
            for _ in range(10_000):
                request.wfile.write(with_)
                sent.append(1)
        except OSError:
            return

    hook, began = serving(pour), time.monotonic()
    assert post(DOCUMENT, asked(hook.url)) == Answer(200, 1)
    assert time.monotonic() - began < 15
    time.sleep(0.2)
    assert len(sent) < 500


def test_headers_without_end_are_refused(serving: Callable[..., Hook]) -> None:
    def pour(request: BaseHTTPRequestHandler) -> None:
        try:
            request.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000)
        except OSError:
            return

    with pytest.raises(NotToldError, match="broke off; tried once"):
        post(DOCUMENT, asked(serving(pour).url, retries=0))


def test_nobody_there_is_tried_again_and_said_without_the_url() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"
        pauses = Pauses()
        with pytest.raises(NotToldError) as error:
            post(DOCUMENT, asked(url, retries=1), pauses)
    assert pauses == [0.5]
    assert str(error.value) == "no connection: Connection refused; tried 2 times"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "192.168.0.7", "172.16.0.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]",
        "[fc00::1]", "[ff02::1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]",
        "168.63.129.16", "2130706433", "0x7f.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "connection_to", lambda *_: pytest.fail("it was connected to"))
    pauses = Pauses()
    with pytest.raises(NotToldError, match=r"not public|has no address"):
        post(DOCUMENT, asked(f"http://{host}:9/{SECRET}", allow_private=False), pauses)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("93.184.215.14", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    monkeypatch.setattr(webhook, "connection_to", lambda *_: pytest.fail("it was connected to"))
    with pytest.raises(NotToldError, match="not public"):
        post(DOCUMENT, asked("https://example.org/x", allow_private=False))


def test_the_connection_goes_to_the_address_that_was_judged(
    serving: Callable[..., Hook], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something else when it is asked a second time is not asked again."""
    hook = serving(status(200))
    port = int(hook.url.split(":")[2].split("/")[0])
    looked_up = []

    def rebinding(*_: object, **__: object) -> list[tuple[object, ...]]:
        looked_up.append(1)
        address = "127.0.0.1" if len(looked_up) == 1 else "203.0.113.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", _once(rebinding, socket.getaddrinfo))
    url = f"http://rebound.example:{port}/x"
    assert post(DOCUMENT, asked(url, retries=0)) == Answer(200, 1)
    assert len(looked_up) == 1
    assert hook.asked[0][1]["Host"] == f"rebound.example:{port}"


def _once(of_names: Callable[..., object], real: Callable[..., object]) -> Callable[..., object]:
    """Look names up with one function and numbers, as sockets do themselves, with the real one."""
    return lambda host, *a, **k: (of_names if host[0].isalpha() else real)(host, *a, **k)


@pytest.mark.parametrize("url", ["ftp://example.org", "http://", "nothing", "http://a b/", ""])
def test_what_is_no_url_of_the_web_is_not_repeated(url: str) -> None:
    with pytest.raises(NotToldError, match=r"^its URL is not one of http or https$"):
        post(DOCUMENT, asked(url))


def test_a_header_that_would_be_two_is_refused() -> None:
    with pytest.raises(NotToldError, match="the header X-Who holds what cannot be sent"):
        post(DOCUMENT, asked("http://127.0.0.1:9", headers={"X-Who": "a\r\nX-Other: b"}))


def test_only_the_host_of_a_url_is_said() -> None:
    assert host_of(f"https://me:pw@hooks.example.org:8443/{SECRET}?a={SECRET}") == (
        "hooks.example.org"
    )
    assert host_of("https://[bad") == "the webhook"
