"""The started server: ports, signals, links, exposure, and what leaves the machine."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tuneset.review_app.users import add_user, disable_user, new_token
from tuneset.schemas.run import Guard, LargeDrop, RunCard

AUDIT = """
import sys, os
def watch(event, details):
    if event == "socket.connect" and isinstance(details[1], tuple):
        told = str(details[1][0])
    elif event == "socket.getaddrinfo":
        told = str(details[0])
    else:
        return
    with open(os.environ["AUDIT_FILE"], "a") as file:
        file.write(told + "\\n")
sys.addaudithook(watch)
with open(os.environ["AUDIT_FILE"], "a") as file:
    file.write("watched\\n")
"""


def ask(served, path="/", method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request(method, path, body, {n.replace("_", "-"): v for n, v in headers.items()})
    answer = connection.getresponse()
    answer.text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer


def handshake(served, **headers):
    """The status line of a WebSocket handshake, spoken by hand (RFC 6455, 1.3)."""
    told = {
        "Host": f"127.0.0.1:{served.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "streamlit",
        "Origin": f"http://127.0.0.1:{served.port}",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as sock:
        sock.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return int(sock.recv(4096).split()[1])


def cookie_of(served, link=None):
    path = (link or served.link).replace(served.url, "")
    answer = ask(served, path)
    assert answer.status == 303
    return answer.getheader("set-cookie").split(";")[0]


def test_nothing_is_reached_without_signing_in(serve, story):
    served = serve(story)
    for path in (
        "/",
        "/_stcore/health",
        "/_stcore/host-config",
        "/favicon.png",
        "/nothing",
        "/_stcore/metrics",
    ):
        assert ask(served, path).status == 401, path
    assert handshake(served) == 401
    cookie = cookie_of(served)
    assert "<title>Streamlit</title>" in ask(served, "/", Cookie=cookie).text
    assert ask(served, "/_stcore/health", Cookie=cookie).text == "ok"
    assert handshake(served, Cookie=cookie) == 101
    assert handshake(served, Cookie=cookie, Origin="http://evil.example") == 403
    assert handshake(served, Cookie=cookie, Host="evil.example") == 403
    assert ask(served, "/", Cookie=cookie, Host="evil.example").status == 403
    answer = ask(served, "/", Cookie=cookie)
    assert answer.getheader("server") is None
    assert "frame-ancestors 'none'" in answer.getheader("content-security-policy")


def test_an_owners_session_outlives_the_server_and_the_token_does_not(serve, story):
    first = serve(story)
    cookie = cookie_of(first)
    assert first.stop() == 130
    second = serve(story, "--port", str(first.port))
    assert ask(second, "/", Cookie=cookie).status == 200
    assert ask(second, first.link.replace(first.url, "")).status == 401
    [key] = (Path(second.log).parent / "state" / "tuneset").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_cleanly_with_a_socket_open(serve, story, number, code):
    served = serve(story)
    cookie = cookie_of(served)
    with socket.create_connection(("127.0.0.1", served.port)) as sock:
        sock.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        assert b" 101 " in sock.recv(4096)
        assert served.stop(number) == code
    assert "Traceback" not in served.log.read_text()


def test_a_named_port_that_is_taken_is_an_error(story):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "tuneset.cli.main", "review", str(story), "--port", str(port), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert json.loads(done.stdout)["what"] == f"port {port} is taken, or not yours to use"
    assert "Traceback" not in done.stderr


def test_the_next_free_port_is_taken_by_default():
    from tuneset.review_app.web.listening import DEFAULT_PORT, listen

    first = listen("127.0.0.1", None)
    second = listen("127.0.0.1", None)
    ports = [sock.getsockname()[1] for sock in (first, second)]
    first.close()
    second.close()
    assert DEFAULT_PORT <= ports[0] < ports[1]


def refused(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "tuneset.cli.main", "review", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stdout
    return json.loads(done.stdout)


def test_other_machines_take_a_name_and_users(story):
    assert "--public-host NAME" in refused(story, "--host", "0.0.0.0")["fix"]
    assert "tuneset users add" in refused(story, "--host", "0.0.0.0", "--public-host", "r.example.org")["fix"]
    assert "is no address" in refused(story, "--host", "r.example.org")["what"]
    assert "--public-host is" in refused(story, "--public-host", "r.example.org/x y")["what"]


def test_with_a_public_name_people_bring_their_tokens(serve, story):
    ana = add_user(story, "ana", role="reviewer").token
    served = serve(story, "--public-host", "review.example.org")
    assert served.link is None
    assert "people come without TLS" in served.log.read_text()
    answer = ask(served, f"/?token={ana}", Host="review.example.org")
    assert answer.status == 303
    cookie = answer.getheader("set-cookie").split(";")[0]
    assert ask(served, "/", Host="review.example.org", Cookie=cookie).status == 200
    disable_user(story, "ana")
    time.sleep(2.1)
    assert ask(served, "/", Host="review.example.org", Cookie=cookie).status == 401
    assert handshake(served, Cookie=cookie) == 401
    renewed = new_token(story, "ana").token
    assert ask(served, "/", Host="review.example.org", Cookie=cookie).status == 401
    assert ask(served, f"/?token={ana}").status == 401
    assert ask(served, f"/?token={renewed}").status == 303


def test_behind_a_tls_proxy_the_cookie_is_secure_and_nothing_warns(serve, story):
    token = add_user(story, "ana", role="reviewer").token
    served = serve(story, "--public-host", "https://review.example.org", "--port", "0")
    assert served.log.read_text() == ""
    assert "Secure" in ask(served, f"/?token={token}", Host="review.example.org").getheader("set-cookie")


def test_a_stopped_run_is_refused(story):
    finding = LargeDrop(
        step="defects",
        kind="source",
        group="faq.jsonl",
        rows=8,
        dropped=7,
        share=7 / 8,
        reasons={},
        examples=[],
    )
    path = story / "run.json"
    card = RunCard.model_validate_json(path.read_text())
    path.write_text(card.model_copy(update={"guard": Guard(findings=[finding])}).model_dump_json())
    assert "stopped by a guard rail" in refused(story)["what"]


def test_no_address_but_this_machine_is_asked_for(serve, story, tmp_path):
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(AUDIT)
    told = tmp_path / "asked.txt"
    path = os.pathsep.join([str(hook), os.environ.get("PYTHONPATH", "")])
    served = serve(story, PYTHONPATH=path, AUDIT_FILE=str(told))
    cookie = cookie_of(served)
    assert handshake(served, Cookie=cookie) == 101
    time.sleep(1)
    asked = set(told.read_text().split())
    assert "watched" in asked
    assert asked <= {"watched", "127.0.0.1", "localhost", "::1"}


def test_two_starts_at_once_share_one_secret(tmp_path, monkeypatch):
    from tuneset.review_app.web import server_key

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(server_key.server_key(tmp_path))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({key for key, _ in found}) == 1
    assert all(kept for _, kept in found)
    assert server_key.server_key(tmp_path / "other")[0] != found[0][0]


def test_a_secret_that_others_can_read_is_not_trusted(tmp_path, monkeypatch):
    from tuneset.review_app.web import server_key

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    key, _ = server_key.server_key(tmp_path)
    [path] = (tmp_path / "tuneset").iterdir()
    path.chmod(0o644)
    other, kept = server_key.server_key(tmp_path)
    assert not kept
    assert other != key
