"""Sign-in by OpenID Connect: a provider on the loopback, Streamlit's own login, and the gate."""

import importlib.util
import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest
from tuneset.review_app.users import add_user, disable_user

COOKIE_SECRET = "0123456789abcdef0123456789abcdef"


def load(name):
    spec = importlib.util.spec_from_file_location(
        f"tuneset_test_{name}", Path(__file__).with_name(f"{name}.py")
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def provider():
    for name in ("authlib", "httpx", "joserfc"):
        if importlib.util.find_spec(name) is None:
            told = f"the Python package {name!r} is not installed"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    running = load("oidc_provider").Provider(email="Ana@Example.org", email_verified=True, name="Ana")
    yield running
    running.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


@pytest.fixture
def app(serve, story, provider, tmp_path):
    """The app with [auth] in secrets.toml."""
    oidc = load("oidc_provider")
    port = free_port()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"

[auth.example]
client_id = "{oidc.CLIENT}"
client_secret = "{oidc.SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
""")
    return serve(story, "--port", str(port))


@pytest.mark.browser
def test_a_person_signs_in_and_out_by_their_address(app, story, visit):
    add_user(story, "ana@example.org", role="adjudicator")
    seen = visit()
    page = seen.page
    page.goto(f"{app.url}/")
    page.get_by_role("link", name="Sign in with example").click()
    page.get_by_role("link", name="Account").click()
    page.get_by_text("Signed in as ana@example.org, adjudicator.").wait_for()
    cookies = {c["name"]: c for c in seen.context.cookies() if c["name"] == "_streamlit_user"}
    assert cookies["_streamlit_user"]["httpOnly"]
    page.goto(f"{app.url}/sign-out")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Your token").wait_for()
    assert seen.violations == []


@pytest.mark.browser
def test_a_stranger_a_disabled_person_and_an_unproved_address_stay_outside(app, story, provider, visit):
    def try_to_enter():
        page = visit().page
        page.goto(f"{app.url}/")
        page.get_by_role("link", name="Sign in with example").click()
        page.get_by_label("Your token").wait_for()
        return page

    page = try_to_enter()
    assert page.get_by_role("alert").inner_text() == (
        "ana@example.org is no enabled user here. Ask an admin of the review."
    )
    add_user(story, "ana@example.org", role="reviewer")
    time.sleep(2.1)
    page.goto(f"{app.url}/")
    page.get_by_role("link", name="Account").wait_for()
    disable_user(story, "ana@example.org")
    time.sleep(2.1)
    page.goto(f"{app.url}/")
    page.get_by_label("Your token").wait_for()
    add_user(story, "eve@example.org", role="admin")
    provider.claims = {"email": "eve@example.org", "email_verified": False}
    assert try_to_enter().get_by_role("alert").count() == 0


@pytest.fixture
def sign_in(monkeypatch):
    """The reader of Streamlit's cookie, with a secret of the test's."""
    pytest.importorskip("streamlit")
    from streamlit.web.server import server_util
    from tuneset.review_app.web.sso import StreamlitSignIn

    monkeypatch.setattr(server_util, "get_cookie_secret", lambda: COOKIE_SECRET)
    return StreamlitSignIn(["example"])


def cookie(secret=COOKIE_SECRET, **told):
    from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

    user = {
        "origin": "http://h",
        "is_logged_in": True,
        "provider": "example",
        "email": "ana@example.org",
        **told,
    }
    return {"_streamlit_user": create_signed_value(secret, "_streamlit_user", json.dumps(user)).decode()}


def test_what_a_cookie_must_say(sign_in):
    assert sign_in.name(cookie(), "http://h") == "ana@example.org"
    assert sign_in.name(cookie(email="ANA@example.ORG"), "http://h") == "ana@example.org"
    for told in (
        {"origin": "http://other"},
        {"is_logged_in": False},
        {"provider": "gone"},
        {"email_verified": False},
        {"email": None},
        {"email": "ana"},
    ):
        assert sign_in.name(cookie(**told), "http://h") is None, told
    assert sign_in.name(cookie(secret="x" * 32), "http://h") is None
    assert sign_in.name({"_streamlit_user": "nonsense"}, "http://h") is None
    assert sign_in.name({}, "http://h") is None


@pytest.mark.parametrize(
    ("section", "why"),
    [
        (
            {"redirect_uri": "http://h/oauth2callback", "cookie_secret": "short", "client_id": "x"},
            "cookie_secret",
        ),
        ({"redirect_uri": "http://h/", "cookie_secret": COOKIE_SECRET, "client_id": "x"}, "redirect_uri"),
        ({"redirect_uri": "http://h/oauth2callback", "cookie_secret": COOKIE_SECRET}, "names no provider"),
    ],
)
def test_a_half_made_section_turns_it_off_and_says_why(section, why, monkeypatch):
    pytest.importorskip("streamlit")
    from streamlit import auth_util
    from tuneset.review_app.web import sso

    monkeypatch.setattr(auth_util, "get_secrets_auth_section", lambda: section)
    monkeypatch.setattr(sso, "NEEDS", ())
    other, warnings = sso.other_sign_in()
    assert other is None
    assert why in warnings[0]
    monkeypatch.setattr(sso, "NEEDS", ("no_such_package",))
    assert "pip install 'tuneset[sso]'" in sso.other_sign_in()[1][0]
