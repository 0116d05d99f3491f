"""Files of a web server, a real one whose answers are faulty on purpose."""

import gzip
import ssl
import threading
import time

import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.fetch import UnreachableError, address
from mlpipe.ingest.fetch import web as fetching
from tests.servers import send

BODY = b"plan,fee\nbasic,5\n"


@pytest.fixture
def source(web):
    """Return the values of a source at a path of the server."""

    def source(path, **more):
        return {"path": web.url(path), "allow_private": True, "timeout": 5, **more}

    return source


def test_the_bytes_come_as_they_are(get, web, source):
    packed = gzip.compress(BODY)
    web.file("/data/plans%202026.csv.gz", packed)
    came = get(source("/data/plans%202026.csv.gz?version=3"))
    assert came.names == ["plans_2026.csv.gz"]
    assert (came.folder / came.names[0]).read_bytes() == packed
    assert web.asked[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "headers", [{"ETag": '"v1"'}, {"Last-Modified": "Thu, 26 Nov 2026 10:00:00 GMT"}]
)
def test_what_did_not_change_is_not_sent_again(get, web, source, headers):
    web.file("/plans.csv", BODY, **headers)
    first = get(source("/plans.csv"))
    again = get(source("/plans.csv"), first.before)
    assert (again.fetched.kept, again.names) == ({"plans.csv"}, [])
    web.file("/plans.csv", b"other", **dict.fromkeys(headers, '"v2"'))
    other = get(source("/plans.csv"), first.before)
    assert (other.fetched.kept, other.text("plans.csv")) == (frozenset(), "other")


def test_a_server_that_says_nothing_of_versions_is_asked_in_full(get, web, source):
    web.file("/plans.csv", BODY)
    first = get(source("/plans.csv"))
    assert get(source("/plans.csv"), first.before).text("plans.csv") == BODY.decode()


def test_the_version_of_one_url_is_not_taken_for_that_of_another(get, web, source):
    web.file("/one/plans.csv", b"one", ETag='"1"')
    web.file("/two/plans.csv", b"two", ETag='"1"')
    web.redirect("/plans.csv", "/one/plans.csv")
    first = get(source("/plans.csv"))
    assert first.text("plans.csv") == "one"
    assert get(source("/plans.csv"), first.before).fetched.kept == {"plans.csv"}
    web.redirect("/plans.csv", "/two/plans.csv")
    assert get(source("/plans.csv"), first.before).text("plans.csv") == "two"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 503])
def test_an_answer_that_is_no_file(get, web, source, status):
    web.answers["/plans.csv"] = lambda request: send(request, status, b"sorry")
    with pytest.raises(UnreachableError, match=f"it answered {status} "):
        get(source("/plans.csv"))


def test_a_short_body(get, web, source):
    web.answers["/plans.csv"] = lambda request: send(
        request, 200, BODY, {"Content-Length": str(len(BODY) + 1)}
    )
    with pytest.raises(UnreachableError, match="broke off after 17 of 18 bytes"):
        get(source("/plans.csv"))


def test_a_body_in_chunks_that_breaks_off(get, web, source):
    def answer(request):
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"ff\r\nonly a few")
        request.close_connection = True

    web.answers["/plans.csv"] = answer
    with pytest.raises(UnreachableError, match="broke off"):
        get(source("/plans.csv"))


def test_a_server_that_does_not_answer(get, web, source):
    done = threading.Event()
    web.answers["/slow.csv"] = lambda request: done.wait(20)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=r"no answer within 0\.3 s"):
        get(source("/slow.csv", timeout=0.3))
    assert time.monotonic() - began < 15  # the server waits for 20
    done.set()


def test_a_server_that_is_not_there(get, web):
    web.close()
    with pytest.raises(UnreachableError, match="refused"):
        get({"path": web.url("/plans.csv"), "allow_private": True, "timeout": 2})
    with pytest.raises(UnreachableError, match=r"nosuch\.invalid has no address"):
        get({"path": "https://nosuch.invalid/plans.csv"})


def test_a_file_that_is_too_large(get, web, source, monkeypatch):
    monkeypatch.setattr(fetching, "LARGEST", 16)
    web.file("/plans.csv", BODY)
    with pytest.raises(UnreachableError, match="the file has 17 bytes; 16 are the most"):
        get(source("/plans.csv"))

    def unannounced(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(BODY)

    web.answers["/plans.csv"] = unannounced
    with pytest.raises(UnreachableError, match="more than 16 bytes"):
        get(source("/plans.csv"))


def test_a_server_that_packs_what_it_was_not_asked_to(get, web, source):
    web.file("/plans.csv", gzip.compress(BODY), **{"Content-Encoding": "gzip"})
    with pytest.raises(DataError, match="answered with gzip"):
        get(source("/plans.csv"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "0.0.0.0"]
)
def test_a_private_address_is_refused(get, web, host):
    web.file("/plans.csv", BODY)
    with pytest.raises(SpecError, match="not public") as caught:
        get({"path": web.url("/plans.csv", host)})
    assert "allow_private: true" in str(caught.value)
    assert web.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.8.8.8", "169.254.169.254", "100.100.100.200",
        "168.63.129.16", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0",
        "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(text):
    assert not address.is_public(text)


@pytest.mark.parametrize("text", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_that_are(text):
    assert address.is_public(text)


@pytest.fixture
def public(monkeypatch):
    """Take 127.0.0.1 for a public address, and no other one of this machine."""
    real = address.is_public
    monkeypatch.setattr(address, "is_public", lambda text: text == "127.0.0.1" or real(text))


def test_a_redirect_to_a_private_address_is_refused(get, web, public):
    web.file("/secret.csv", BODY)
    web.redirect("/plans.csv", web.url("/secret.csv", "127.0.0.2"))
    with pytest.raises(SpecError, match=r"127\.0\.0\.2 is an address that is not public"):
        get({"path": web.url("/plans.csv")})
    assert [path for path, _ in web.asked] == ["/plans.csv"]
    allowed = get({"path": web.url("/plans.csv"), "allow_private": True})
    assert allowed.text("plans.csv") == BODY.decode()


def test_the_address_that_was_checked_is_the_one_that_is_asked(get, web, public, monkeypatch):
    """A name that means something else a moment later (DNS rebinding) leads nowhere else."""
    web.file("/plans.csv", BODY)
    answers = ["127.0.0.1", "127.0.0.2", "127.0.0.2"]
    reached = []
    real = address.socket.create_connection

    def resolved(host, port, *_, **__):
        found = answers.pop(0) if host == "changing.example" else host
        return [(2, 1, 6, "", (found, port))]

    def connect(target, *rest):
        reached.append(target[0])
        return real(target, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(address.socket, "getaddrinfo", resolved)
        patch.setattr(address.socket, "create_connection", connect)
        assert get({"path": web.url("/plans.csv", "changing.example")}).names == ["plans.csv"]
        assert reached == ["127.0.0.1"]
        with pytest.raises(SpecError, match=r"leads to 127\.0\.0\.2"):
            get({"path": web.url("/plans.csv", "changing.example")})
    assert dict(web.asked[0][1])["Host"].startswith("changing.example")


def test_redirects_in_a_circle_and_to_elsewhere(get, web, source):
    web.redirect("/a", "/b")
    web.redirect("/b", "/a")
    with pytest.raises(UnreachableError, match="more than 5 times"):
        get(source("/a"))
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/x"):
        web.redirect("/a", target)
        with pytest.raises(SpecError, match="not https"):
            get(source("/a"))


def test_credentials_go_to_the_origin_that_the_spec_names_alone(get, web, source):
    web.file("/own", BODY)
    web.redirect("/mine", "/own")
    web.redirect("/theirs", web.url("/own", "127.0.0.2"))
    values = source("/mine", options={"Authorization": "Bearer s3cret", "X-Team": "a"})
    get(values)
    get({**values, "path": web.url("/theirs")})
    sent = [(path, headers.get("Authorization")) for path, headers in web.asked]
    assert sent == [
        ("/mine", "Bearer s3cret"), ("/own", "Bearer s3cret"),
        ("/theirs", "Bearer s3cret"), ("/own", None),
    ]  # fmt: skip
    get({**source("/own"), "path": web.url("/own").replace("//", "//me:p%40ss@")})
    assert web.asked[-1][1]["Authorization"] == "Basic bWU6cEBzcw=="


def test_a_header_that_would_be_two_is_refused_without_telling_it(get, web, source):
    with pytest.raises(SpecError) as caught:
        get(source("/x", options={"Authorization": "Bearer s3cret\r\nX: 1"}))
    assert "s3cret" not in str(caught.value)
    assert "ingest.sources.plans.options.Authorization" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://", "http://host:99999/x", "http://host/a b", "ftp://host/x", "file:///etc/passwd"],
)
def test_what_is_no_url_of_the_web(get, url):
    with pytest.raises(SpecError):
        get({"path": url})


def test_https_asks_for_the_certificate_of_the_name(get, web, tmp_path, monkeypatch):
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    web.server.handle_error = lambda *_: None
    web.file("/plans.csv", BODY)
    values = {"allow_private": True, "timeout": 5}
    url = web.url("/plans.csv", "localhost").replace("http:", "https:")
    with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        get({"path": url, **values})
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get({"path": url, **values}).text("plans.csv") == BODY.decode()
    with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        get({"path": url.replace("localhost", "127.0.0.1"), **values})


def _certificate(folder):
    """Return a certificate of its own for ``localhost``, and its key."""
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"
