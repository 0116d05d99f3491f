"""Real servers for tests: PostgreSQL, MariaDB, and a web server whose answers a test decides."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PASSWORD = "correct-h0rse@battery/st%40ple"
"""With characters that a URL has to write in another way."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def postgresql() -> Iterator[int]:
    """Start a server of Debian's package in a folder of its own and give its port."""
    binaries = sorted(glob("/usr/lib/postgresql/*/bin"))
    if not binaries:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    with _home("postgres") as (home, as_user):
        data, port = home / "data", free_port()
        (home / "password").write_text(PASSWORD)
        ctl = [*as_user, f"{binaries[-1]}/pg_ctl", "-D", str(data)]
        init = f"-A scram-sha-256 -U me -N -E UTF8 --no-locale --pwfile={home / 'password'}"
        _run([*ctl, "initdb", "-o", init])
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run([*ctl, "-w", "-o", options, "-l", str(home / "log"), "start"])
        try:
            yield port
        finally:
            _run([*ctl, "-m", "immediate", "stop"])


@contextmanager
def mariadb() -> Iterator[int]:
    """Start a server of Debian's package in a folder of its own and give its port."""
    if shutil.which("mariadbd") is None:
        raise FileNotFoundError("MariaDB is not installed: apt-get install mariadb-server")
    with _home("mysql") as (home, as_user):
        data, port, socket_ = home / "data", free_port(), home / "socket"
        _run([*as_user, "mariadb-install-db", "--no-defaults", f"--datadir={data}",
              "--auth-root-authentication-method=normal", "--skip-test-db"])  # fmt: skip
        server = subprocess.Popen(
            [*as_user, "mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket_}",
             f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={home / 'pid'}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _until(lambda: socket_.exists())
            sql = f"CREATE USER me@127.0.0.1 IDENTIFIED BY '{PASSWORD}'; CREATE DATABASE shop; "
            sql += "GRANT ALL ON shop.* TO me@127.0.0.1"
            client = ["mariadb", "--no-defaults", "-S", str(socket_), "-u", "root", "-e"]
            _until(
                lambda: subprocess.run([*client, "select 1"], capture_output=True).returncode == 0
            )
            _run([*client, sql])
            yield port
        finally:
            _run([*as_user, "mariadb-admin", "--no-defaults", "-S", str(socket_), "-u", "root",
                  "shutdown"])  # fmt: skip
            server.wait(30)


class Web:
    """A web server; ``answers`` maps a path to a function of the request."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append((self.path, dict(self.headers)))
                web.answers[self.path.partition("?")[0]](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def file(self, path: str, body: bytes, **headers: str) -> None:
        """Serve a file; one that the client says it has is answered with 304."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            known = "ETag" in headers and request.headers.get("If-None-Match") == headers["ETag"]
            dated = headers.get("Last-Modified", "-") == request.headers.get("If-Modified-Since")
            send(request, 304 if known or dated else 200, b"" if known or dated else body, headers)

        self.answers[path] = answer

    def redirect(self, path: str, target: str) -> None:
        self.answers[path] = lambda request: send(request, 302, b"", {"Location": target})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def _home(user: str) -> Iterator[tuple[Path, list[str]]]:
    """Give a folder and what runs a command as its owner: no database server runs as root."""
    home = Path(tempfile.mkdtemp(prefix="mlpipe-test-", dir="/tmp"))
    as_user: list[str] = []
    try:
        if os.geteuid() == 0:
            shutil.chown(home, user)
            as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        home.chmod(0o755)
        yield home, as_user
    finally:
        shutil.rmtree(home)


def _run(command: list[str]) -> None:
    # A server that stays must not inherit a pipe that somebody waits for.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=said, cwd="/", check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.1)
