"""The gate by raw ASGI: who gets in, who does not, and what every response carries."""

import asyncio
from urllib.parse import quote, urlencode

import pytest
from tuneset.review_app.web.accounts import Account, Link
from tuneset.review_app.web.door_pages import SIGN_IN, SIGN_OUT
from tuneset.review_app.web.gate import Door, Gate
from tuneset.review_app.web.headers import app_policy
from tuneset.review_app.web.limiter import MAX_FAILURES, MAX_FAILURES_PER_ADDRESS, WINDOW_SECONDS, Limiter
from tuneset.review_app.web.sessions import SESSION_SECONDS, Sessions
from tuneset.schemas.errors import WorkspaceError

PAGE = "<html><script>one()</script><script type='module' src='x.js'></script></html>"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PATHS = [
    "/",
    "/review",
    "/_stcore/health",
    "/_stcore/stream",
    "/_stcore/host-config",
    "/_stcore/upload_file/a/b",
    "/_stcore/bidi-components/x/y.js",
    "/_stcore/agent/openapi.json",
    "/static/js/index.js",
    "/media/abc.csv",
    "/component/x/index.html",
    "/favicon.png",
    "/auth/login",
    "/oauth2callback",
    "/api/anything",
    "/sign-in/x",
    "//",
    "/../etc/passwd",
]


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


class People:
    """Users in memory: token to name, and a stamp for each name."""

    def __init__(self):
        self.tokens = {"ana-token": "ana", "zoe-token": "Zoë 李", "owner-token": "ana"}
        self.stamps = {"ana": "1", "Zoë 李": "1"}
        self.down = False

    def of_token(self, token):
        self.check()
        name = self.tokens.get(token)
        if token == "owner-token":
            return Account("ana", "owner", owner=True)
        return Account(name, self.stamps[name]) if name in self.stamps else None

    def of_name(self, name, *, owner=False):
        self.check()
        if owner:
            return Account(name, "owner", owner=True)
        return Account(name, self.stamps[name]) if name in self.stamps else None

    def check(self):
        if self.down:
            raise WorkspaceError("the database is away", where="here", fix="wait")


class Behind:
    """The app behind the gate: answers everything, and notes what reached it."""

    def __init__(self):
        self.seen = []
        self.messages = []

    async def __call__(self, scope, receive, send):
        self.seen.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                self.messages.append(message["bytes"])
            await send({"type": "websocket.send", "bytes": b"too late"})
            return
        headers = [
            (b"content-type", b"text/html"),
            (b"X-Frame-Options", b"ALLOWALL"),
            (b"cache-control", b"public"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"inside"})

    def headers(self):
        return [(n.decode(), v.decode()) for n, v in self.seen[-1]["headers"]]


class Other:
    """A second way to sign in: the cookie `sso` holds a name."""

    open_paths = frozenset({"/auth/login", "/oauth2callback"})
    sign_out_path = "/auth/logout"

    def links(self):
        return [Link("Sign in with Example", "/sign-in/with/example")]

    def begin(self, provider):
        return "/auth/login?provider=signed" if provider == "example" else None

    def name(self, cookies, origin):
        return cookies.get("sso") if origin == "http://127.0.0.1:8501" else None


class World:
    """A gate with everything around it under the test's control."""

    def __init__(self, other=None, **door):
        self.people, self.behind, self.clock = People(), Behind(), Clock()
        self.sessions = Sessions(b"k" * 32, clock=self.clock)
        self.limiter = Limiter(clock=self.clock)
        self.door = Door(policy=app_policy(PAGE), port=8501, **door)
        self.other = other
        self.restart()

    def restart(self, key=b"k" * 32):
        self.sessions = Sessions(key, clock=self.clock)
        self.gate = Gate(
            self.behind, self.people, self.sessions, self.door, other=self.other, limiter=self.limiter
        )
        self.gate._admission._clock = self.clock

    def ask(
        self, path="/", *, method="GET", kind="http", body=b"", client="10.0.0.9", messages=None, **headers
    ):
        path, _, query = path.partition("?")
        sent, told = [], {"host": "127.0.0.1:8501", **{n.replace("_", "-"): v for n, v in headers.items()}}
        scope = {
            "type": kind,
            "path": path,
            "query_string": query.encode(),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in told.items() if v is not None],
            "client": (client, 1234),
            "scheme": "http" if kind == "http" else "ws",
            "extensions": {"websocket.http.response": {}},
        }
        if kind == "http":
            scope["method"] = method
        waiting = list(messages or [{"type": "http.request", "body": body}])

        async def receive():
            return waiting.pop(0)

        async def send(message):
            sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        return Answer(sent)

    def signed_in(self, token="ana-token", **headers):
        answer = self.ask(f"/?token={token}", **headers)
        assert answer.status == 303
        return answer.header("set-cookie").split(";")[0]

    def sign_in(self, token, **more):
        form = urlencode({"token": token, **more.pop("form", {})}).encode()
        return self.ask(
            SIGN_IN,
            method="POST",
            body=form,
            content_type="application/x-www-form-urlencoded",
            origin=more.pop("origin", "http://127.0.0.1:8501"),
            accept="text/html",
            **more,
        )


class Answer:
    def __init__(self, sent):
        self.sent = sent
        start = next((m for m in sent if m["type"].endswith("response.start")), None)
        self.status = start["status"] if start else None
        self.headers = [(n.decode(), v.decode()) for n, v in start["headers"]] if start else []
        self.text = b"".join(m.get("body", b"") for m in sent if m["type"].endswith("response.body")).decode()

    def header(self, name):
        found = [v for n, v in self.headers if n == name]
        assert len(found) <= 1, f"{name} stands there {len(found)} times"
        return found[0] if found else None


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_every_path_is_closed_without_a_session(world, path, method):
    answer = world.ask(path, method=method, origin="http://127.0.0.1:8501")
    assert answer.status == 401
    assert world.behind.seen == []
    if method == "HEAD":
        assert answer.text == ""


def test_the_socket_is_closed_without_a_session(world):
    answer = world.ask("/_stcore/stream", kind="websocket", origin="http://127.0.0.1:8501")
    assert answer.status == 401
    assert world.behind.seen == []


def test_a_server_without_the_extension_closes_the_handshake(world):
    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "query_string": b"",
        "client": None,
        "scheme": "ws",
    }
    scope["headers"] = [(b"host", b"127.0.0.1:8501")]
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(world.gate(scope, None, send))
    assert [m["type"] for m in sent] == ["websocket.close"]
    assert sent[0]["code"] == 1008


def test_a_token_link_signs_in_and_leaves_the_address(world):
    answer = world.ask("/review?item=r%3A1&token=ana-token&x=1")
    assert answer.status == 303
    assert answer.header("location") == "/review?item=r%3A1&x=1"
    cookie = answer.header("set-cookie")
    assert cookie.startswith("tuneset-8501=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "ana-token" not in str(answer.headers)
    inside = world.ask("/review", cookie=cookie.split(";")[0])
    assert (inside.status, inside.text) == (200, "inside")
    assert ("x-tuneset-user", "ana") in world.behind.headers()
    assert ("x-tuneset-owner", "0") in world.behind.headers()


def test_the_owner_is_told_from_a_user_of_the_same_name(world):
    world.ask(cookie=world.signed_in("owner-token"))
    assert ("x-tuneset-owner", "1") in world.behind.headers()
    world.ask(cookie=world.signed_in("ana-token"))
    assert ("x-tuneset-owner", "0") in world.behind.headers()


def test_a_name_of_any_letters_travels_encoded(world):
    world.ask(cookie=world.signed_in("zoe-token"))
    assert ("x-tuneset-user", quote("Zoë 李")) in world.behind.headers()


def test_headers_that_only_the_gate_sets_are_taken_from_clients(world):
    cookie = world.signed_in()
    for spelled in ("X-Tuneset-User", "x_tuneset_user", "X-TUNESET_USER", "X-Tuneset-Owner"):
        world.ask(cookie=cookie, **{"x": "1"} | {spelled: "root"})
        mine = [
            (n, v) for n, v in world.behind.headers() if n.lower().replace("_", "-").startswith("x-tuneset")
        ]
        assert mine == [("x-tuneset-user", "ana"), ("x-tuneset-owner", "0")]
    assert world.ask(**{"X-Tuneset-User": "ana"}).status == 401


def test_a_signed_in_socket_passes(world):
    cookie = world.signed_in()
    messages = [{"type": "websocket.connect"}, {"type": "websocket.receive", "bytes": b"1"}]
    messages.append({"type": "websocket.disconnect"})
    world.ask(
        "/_stcore/stream", kind="websocket", cookie=cookie, origin="http://127.0.0.1:8501", messages=messages
    )
    assert world.behind.messages == [b"1"]
    assert ("x-tuneset-user", "ana") in world.behind.headers()


def test_a_disabled_person_is_cut_off_in_the_middle_of_a_socket(world):
    cookie = world.signed_in()

    def leave():
        world.people.stamps.pop("ana")
        world.clock.now += 3
        return {"type": "websocket.receive", "bytes": b"2"}

    class Late(list):
        def pop(self, at):
            message = super().pop(at)
            return message() if callable(message) else message

    messages = Late([{"type": "websocket.connect"}, {"type": "websocket.receive", "bytes": b"1"}, leave])
    scope_headers = {"cookie": cookie, "origin": "http://127.0.0.1:8501"}
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    told = {"host": "127.0.0.1:8501", **scope_headers}
    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "query_string": b"",
        "client": ("10.0.0.9", 1),
        "headers": [(n.encode(), v.encode()) for n, v in told.items()],
    }
    asyncio.run(world.gate(scope, receive, send))
    assert world.behind.messages == [b"1"]
    assert [(m["type"], m.get("code")) for m in sent] == [
        ("websocket.accept", None),
        ("websocket.close", 4401),
    ]


@pytest.mark.parametrize(
    "end", ["disable", "renew", "expire", "forge", "other key", "sign out", "other stamp"]
)
def test_what_ends_a_session(world, end):
    cookie = world.signed_in()
    assert world.ask(cookie=cookie).status == 200
    world.clock.now += 3
    if end == "disable":
        world.people.stamps.pop("ana")
    elif end == "renew":
        world.people.stamps["ana"] = "2"
    elif end == "expire":
        world.clock.now += SESSION_SECONDS
    elif end == "forge":
        cookie = cookie[:-1] + ("0" if cookie[-1] != "0" else "1")
    elif end == "other key":
        world.restart(b"x" * 32)
    elif end == "sign out":
        assert world.ask(SIGN_OUT, method="POST", cookie=cookie, origin="http://127.0.0.1:8501").status == 303
    elif end == "other stamp":
        body = Sessions(b"k" * 32, clock=world.clock).seal(Account("ana", "stolen hash"))
        cookie = f"tuneset-8501={body}"
    assert world.ask(cookie=cookie).status == 401


def test_a_restart_signs_nobody_out(world):
    cookie = world.signed_in()
    world.restart()
    assert world.ask(cookie=cookie).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "",
        None,
        "[::1",
        "a,127.0.0.1",
    ],
)
def test_a_wrong_host_is_refused_even_with_a_session(world, host):
    cookie = world.signed_in()
    answer = world.ask(cookie=cookie, host=host)
    assert answer.status == 403
    socket = world.ask("/_stcore/stream", kind="websocket", cookie=cookie, host=host)
    assert socket.status == 403
    assert world.behind.seen == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8501", "LOCALHOST", "[::1]:8501", "127.0.0.1:9000"])
def test_names_of_this_machine_are_right(world, host):
    assert world.ask(cookie=world.signed_in(), host=host).status == 200


def test_two_hosts_are_none(world):
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "client": None}
    scope["headers"] = [(b"host", b"127.0.0.1"), (b"host", b"evil.example")]
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(world.gate(scope, None, send))
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "http://localhost:8501", "garbage"]
)
def test_a_foreign_origin_is_refused(world, origin):
    cookie = world.signed_in()
    assert world.ask("/_stcore/stream", kind="websocket", cookie=cookie, origin=origin).status == 403
    assert world.ask("/x", method="POST", cookie=cookie, origin=origin).status == 403
    assert world.ask("/x", method="PUT", cookie=cookie, origin=origin).status == 403
    assert world.sign_in("ana-token", origin=origin).status == 403
    assert world.ask(SIGN_OUT, method="POST", cookie=cookie, origin=origin).status == 403
    assert world.behind.seen == []
    assert world.ask(cookie=cookie).status == 200  # the session still stands


def test_the_port_that_a_scheme_implies_may_be_written_or_not():
    world = World(hosts=("review.example.org",), https=True)
    answer = world.ask(
        "/x", method="POST", host="review.example.org:443", origin="https://review.example.org"
    )
    assert answer.status == 401
    assert (
        world.ask("/x", method="POST", host="review.example.org", origin="http://review.example.org").status
        == 403
    )


def test_https_makes_the_cookie_secure_and_bound_to_the_host():
    world = World(hosts=("review.example.org",), https=True)
    cookie = world.ask("/?token=ana-token", host="review.example.org").header("set-cookie")
    assert cookie.startswith("__Host-tuneset-8501=")
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Secure")


def test_every_response_carries_the_headers():
    world = World(other=Other())
    cookie = world.signed_in()
    answers = [
        world.ask("/"),
        world.ask("/", accept="text/html"),
        world.ask("/", cookie=cookie),
        world.ask("/static/js/a.js", cookie=cookie),
        world.ask("/?token=ana-token"),
        world.ask("/?token=wrong", accept="text/html"),
        world.ask("/", host="evil.example"),
        world.ask("/x", method="POST", origin="http://evil.example"),
        world.ask(SIGN_IN, accept="text/html"),
        world.ask(SIGN_OUT, cookie=cookie),
        world.ask("/auth/login"),
        world.ask("/_stcore/stream", kind="websocket"),
        world.sign_in("ana-token"),
        world.sign_in("x" * 9_000),
    ]
    assert [a.status for a in answers] == [
        401,
        401,
        200,
        200,
        303,
        401,
        403,
        403,
        401,
        200,
        200,
        401,
        303,
        413,
    ]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.header(name) == value
        assert "frame-ancestors 'none'" in answer.header("content-security-policy")
        assert "default-src 'none'" in answer.header("content-security-policy")
        assert "camera=()" in answer.header("permissions-policy")
    assert [a.header("cache-control") for a in answers[:4]] == ["no-store"] * 3 + ["public"]


def test_the_policy_of_the_app_allows_its_own_scripts_alone(world):
    policy = dict(
        p.strip().split(" ", 1)
        for p in world.ask("/", cookie=world.signed_in()).header("content-security-policy").split(";")
    )
    # the digest is sha256 of the inline script "one()", by `printf 'one()' | openssl dgst -sha256 -binary | base64`
    assert policy["script-src"] == "'self' blob: 'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='"
    assert policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert "unsafe-eval" not in str(policy)
    assert "unsafe-inline" not in policy["script-src"]


def test_the_sign_in_page_has_no_script_and_leads_back(world):
    answer = world.ask("/review?item=a%22%3E%3Cscript%3E", accept="text/html")
    assert answer.status == 401
    assert "<script" not in answer.text
    assert 'name="follow" value="/review?item=a%22%3E%3Cscript%3E"' in answer.text
    assert "script-src" not in answer.header("content-security-policy")
    done = world.sign_in(" ana-token\n", form={"follow": "/review?item=1"})
    assert (done.status, done.header("location")) == (303, "/review?item=1")


@pytest.mark.parametrize(
    "follow",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:x",
        "",
        "/sign-out",
        "/a\r\nb",
        "/a b",
    ],
)
def test_sign_in_leads_to_this_host_alone(world, follow):
    assert world.sign_in("ana-token", form={"follow": follow}).header("location") == "/"


def test_a_wrong_token_says_so_and_keeps_a_session(world):
    answer = world.sign_in("wrong")
    assert answer.status == 401
    assert 'role="alert"' in answer.text
    assert "wrong" not in answer.text
    stale = world.ask("/?token=stale", cookie=world.signed_in())
    assert (stale.status, stale.header("location"), stale.header("set-cookie")) == (303, "/", None)


def test_failed_sign_ins_are_limited_for_each_address(world):
    for _ in range(MAX_FAILURES_PER_ADDRESS):
        assert world.sign_in("wrong").status == 401
    blocked = world.sign_in("ana-token")
    assert blocked.status == 429
    assert int(blocked.header("retry-after")) == WINDOW_SECONDS
    assert world.ask("/?token=ana-token").status == 429
    assert world.sign_in("ana-token", client="10.0.0.10").status == 303
    world.clock.now += WINDOW_SECONDS
    assert world.sign_in("ana-token").status == 303


def test_failed_sign_ins_are_limited_for_all_addresses_together(world):
    cookie = world.signed_in()
    for number in range(MAX_FAILURES):
        assert world.sign_in("wrong", client=f"10.1.{number // 250}.{number % 250}").status == 401
    assert world.sign_in("ana-token", client="10.9.9.9").status == 429
    assert world.ask(cookie=cookie).status == 200


def test_one_ipv6_network_is_one_client():
    limiter = Limiter()
    for number in range(MAX_FAILURES_PER_ADDRESS):
        limiter.failed(f"2001:db8::{number:x}")
    assert limiter.wait("2001:db8::ffff") > 0
    assert limiter.wait("2001:db8:0:1::1") == 0
    assert limiter.wait("::ffff:192.0.2.1") == 0


def test_the_limiter_forgets_rather_than_grows():
    limiter = Limiter(clock=Clock())
    for number in range(20_000):
        limiter.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limiter._failures) <= 10_000
    assert limiter.wait("192.0.2.1") > 0


def test_the_forwarded_address_counts_behind_a_proxy_alone():
    told = {"x_forwarded_for": "6.6.6.6, 203.0.113.7"}
    for https, client, blocked in (
        (True, "127.0.0.1", "203.0.113.7"),
        (False, "127.0.0.1", "127.0.0.1"),
        (True, "10.0.0.9", "10.0.0.9"),
    ):
        world = World(hosts=("127.0.0.1",), https=https)
        for _ in range(MAX_FAILURES_PER_ADDRESS):
            world.ask("/?token=wrong", client=client, **told)
        assert world.limiter.wait(blocked) > 0
        assert world.limiter.wait("6.6.6.6") == 0


def test_signing_out_asks_unless_our_own_page_did(world):
    cookie = world.signed_in()
    asked = world.ask(SIGN_OUT, cookie=cookie, accept="text/html", sec_fetch_site="cross-site")
    assert asked.status == 200
    assert "signed in as ana" in asked.text
    assert world.ask(cookie=cookie).status == 200
    done = world.ask(SIGN_OUT, cookie=cookie, sec_fetch_site="same-origin")
    assert done.status == 303
    assert "Max-Age=0" in done.header("set-cookie")
    assert world.ask(cookie=cookie).status == 401


def test_a_record_that_cannot_be_asked_signs_nobody_out(world):
    cookie = world.signed_in()
    world.people.down = True
    answer = world.ask(cookie=cookie)
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert "set-cookie" not in str(answer.headers)
    assert world.ask("/_stcore/stream", kind="websocket", cookie=cookie).status == 503
    world.people.down = False
    assert world.ask(cookie=cookie).status == 200


def test_a_page_asks_the_record_once(world):
    cookie = world.signed_in()
    asked = []
    of_name = world.people.of_name
    world.people.of_name = lambda name, *, owner=False: asked.append(name) or of_name(name, owner=owner)
    for number in range(50):
        world.ask(f"/static/js/{number}.js", cookie=cookie)
    assert asked == ["ana"]


def test_a_page_that_another_site_led_to_is_asked_for_again(world):
    led = {"accept": "text/html", "sec_fetch_site": "cross-site"}
    assert '<meta http-equiv="refresh" content="0;url=/review">' in world.ask("/review", **led).text
    for site in ("same-origin", "none", None):
        assert "refresh" not in world.ask("/review", accept="text/html", sec_fetch_site=site).text
    assert "refresh" not in world.ask("/?token=wrong", **led).text


def test_another_sign_in_opens_its_own_paths_alone():
    world = World(other=Other())
    for path, status in (
        ("/auth/login", 200),
        ("/oauth2callback", 200),
        ("/auth/logout", 401),
        ("/auth/login/", 401),
        ("/AUTH/LOGIN", 401),
    ):
        assert world.ask(path).status == status, path
    assert not any(n.startswith("x-tuneset") for n, _ in world.behind.headers())
    assert world.ask("/auth/login", kind="websocket").status == 401
    assert 'href="/sign-in/with/example"' in world.ask("/", accept="text/html").text
    begun = world.ask("/sign-in/with/example")
    assert (begun.status, begun.header("location")) == (303, "/auth/login?provider=signed")
    assert world.ask("/sign-in/with/nobody").status == 401


def test_another_sign_in_needs_an_enabled_user():
    world = World(other=Other())
    stranger = world.ask(cookie="sso=nobody", accept="text/html")
    assert stranger.status == 401
    assert "nobody is no enabled user here" in stranger.text
    assert world.ask(cookie="sso=ana").status == 200
    assert ("x-tuneset-user", "ana") in world.behind.headers()
    assert ("x-tuneset-owner", "0") in world.behind.headers()
    world.people.stamps.pop("ana")
    world.clock.now += 3
    assert world.ask(cookie="sso=ana").status == 401
    out = world.ask(SIGN_OUT, method="POST", cookie="sso=ana", origin="http://127.0.0.1:8501")
    assert (out.status, out.header("location")) == (303, "/auth/logout")


@pytest.mark.parametrize(
    "cookie",
    ["tuneset-8501=", "tuneset-8501=a.b", "tuneset-8501=é.b", "tuneset-8501=" + "a" * 5000, ";;=;", "x"],
)
def test_a_broken_cookie_is_no_session(world, cookie):
    assert world.ask(cookie=cookie).status == 401


def test_a_signed_body_that_is_no_session_is_none():
    sessions = Sessions(b"k" * 32)
    for body in ("bm9uc2Vuc2U=", "WzFd", "e30=", "!!"):
        assert sessions.open(f"{body}.{sessions._digest('session', body)}") is None
