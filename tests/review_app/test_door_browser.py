"""The door in real Chromium: links, cookies, other tabs, and what the content security policy lets run."""

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuneset.review_app.users import add_user, disable_user

pytestmark = pytest.mark.browser
AXE = Path(__file__).with_name("vendor") / "axe.min.js"

SHOWCASE = '''
import streamlit as st, pandas as pd
JS = """export default function(c) {
  let b = c.parentElement.querySelector("button") || c.parentElement.appendChild(document.createElement("button"));
  b.className = "own"; b.textContent = "own " + c.data.n; b.onclick = () => c.setTriggerValue("hit", "yes");
}"""
own = st.components.v2.component("own", js=JS, css=".own { color: rgb(1, 2, 3) }")
def one():
    st.title("One")
    st.text("hit: " + str(own(data={"n": 1}, key="own", on_hit_change=lambda: None).hit))
    st.markdown("*words* :material/check: $x^2$ ![out](http://192.0.2.1/x.png) <img src=http://192.0.2.1/y.png>")
def two():
    st.title("Two")
    rows = pd.DataFrame({"a": [1, 2, 3], "b": [3, 5, 4]})
    st.dataframe(rows, on_select="rerun", selection_mode="multi-row", key="rows")
    st.bar_chart(rows, x="a", y="b")
    st.line_chart(rows, x="a", y="b")
    st.code("x = 1", language="python")
    st.download_button("Download", b"hello", "hello.txt")
    if st.button("Ask"):
        st.dialog("Sure?")(lambda: st.text("in the dialog"))()
st.navigation([st.Page(one, title="One", default=True), st.Page(two, title="Two", url_path="two")], position="top").run()
'''
RUNNER = """
import sys
from pathlib import Path
import streamlit, uvicorn
from streamlit.web import bootstrap
from tuneset.review_app.web.accounts import Account
from tuneset.review_app.web.gate import Door, Gate
from tuneset.review_app.web.headers import app_policy
from tuneset.review_app.web.listening import listen
from tuneset.review_app.web.options import streamlit_options
from tuneset.review_app.web.sessions import Sessions
class Ana:
    def of_token(self, token): return Account("ana", "1") if token == "t" else None
    def of_name(self, name, *, owner=False): return Account("ana", "1")
sock = listen("127.0.0.1", 0)
port = sock.getsockname()[1]
bootstrap.load_config_options(streamlit_options(address="127.0.0.1", port=port, hosts=["127.0.0.1"], exposed=False))
page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
gate = Gate(streamlit.App(Path(sys.argv[1])), Ana(), Sessions(b"k" * 32), Door(policy=app_policy(page), port=port))
print(port, flush=True)
uvicorn.Server(uvicorn.Config(gate, log_config=None, ws="websockets-sansio")).run(sockets=[sock])
"""


@pytest.fixture
def showcase(tmp_path):
    """Streamlit's elements behind the real gate; the address that signs in."""
    (tmp_path / "showcase.py").write_text(SHOWCASE)
    (tmp_path / "runner.py").write_text(RUNNER)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "runner.py", tmp_path / "showcase.py"], stdout=subprocess.PIPE, text=True
    )
    yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def test_the_policy_lets_the_app_work_and_nothing_else(showcase, visit):
    seen = visit()
    page = seen.page
    page.goto(f"{showcase}?token=t")
    own = page.get_by_role("button", name="own 1")
    own.wait_for()
    assert own.evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"
    own.click()
    page.get_by_text("hit: yes").wait_for()
    assert {url for url in seen.refused} == {"http://192.0.2.1/x.png"}
    assert [v for v in seen.violations if "192.0.2.1" not in v] == []
    seen.violations.clear()
    page.get_by_role("link", name="Two").click()
    page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").nth(1).wait_for()
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").click()
    assert Path(download.value.path()).read_bytes() == b"hello"
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("in the dialog").wait_for()
    assert seen.violations == []
    assert not [line for line in seen.console if "uncaught" in line]
    assert seen.foreign_hosts() == set()


def entered(page):
    """Wait until the app itself is there, not the sign-in page."""
    page.get_by_role("link", name="Account").wait_for()


def test_a_link_signs_in_and_leaves_no_trace(serve, story, visit):
    served = serve(story)
    seen = visit()
    page = seen.page
    page.goto(served.link)
    entered(page)
    page.wait_for_url(f"{served.url}/review")
    token = served.link.split("token=")[1]
    assert token not in page.content()
    assert "tuneset" not in page.evaluate("document.cookie")
    page.go_back()
    assert token not in page.url
    later = [url for url in seen.urls if url != served.link]
    assert not [url for url in later if token in url]
    [cookie] = [c for c in seen.context.cookies() if c["name"].startswith("tuneset-")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert seen.foreign_hosts() == set()
    assert seen.violations == []


def test_without_a_session_a_page_asks_and_leads_on(serve, story, visit):
    token = add_user(story, "ana", role="reviewer").token
    served = serve(story)
    page = visit().page
    assert page.goto(f"{served.url}/guidelines?item=1").status == 401
    page.get_by_label("Your token").fill("wrong")
    page.get_by_role("button", name="Sign in").press("Enter")
    assert page.get_by_role("alert").inner_text() == "No enabled user has this token."
    page.get_by_label("Your token").fill(token)
    page.keyboard.press("Enter")
    entered(page)
    assert page.url == f"{served.url}/guidelines?item=1"


def test_a_link_on_another_sites_page_signs_in(serve, story, visit):
    served = serve(story)

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            links = {"token": served.link, "deep": f"{served.url}/guidelines?item=7"}
            self.wfile.write("".join(f"<a href='{url}'>{name}</a> " for name, url in links.items()).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    elsewhere = f"http://localhost:{server.server_port}/"  # another site than 127.0.0.1
    page = visit().page
    for name in ("token", "deep"):
        page.goto(elsewhere)
        page.get_by_role("link", name=name).click()
        entered(page)
    assert page.url == f"{served.url}/guidelines?item=7"
    server.shutdown()
    server.server_close()


def test_another_sites_page_can_neither_frame_nor_call_nor_connect(serve, story, visit):
    served = serve(story)
    seen = visit()
    page = seen.page
    page.goto(served.link)
    entered(page)
    page.route(
        "http://evil.example/**", lambda route: route.fulfill(body="<p>evil</p>", content_type="text/html")
    )
    page.goto("http://evil.example/")
    tried = page.evaluate(
        """async url => {
          const socket = new Promise(done => {
            const s = new WebSocket(url.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
            s.onopen = () => done("open"); s.onerror = () => done("refused");
          });
          const call = fetch(url + "/_stcore/health", {credentials: "include"}).then(r => r.text(), () => "refused");
          const frame = new Promise(done => {
            const f = document.createElement("iframe"); f.src = url + "/";
            f.onload = () => { try { done(f.contentDocument ? "same" : "foreign"); } catch (e) { done("foreign"); } };
            document.body.append(f);
          });
          return [await socket, await call, await frame];
        }""",
        served.url,
    )
    assert tried[:2] == ["refused", "refused"]
    framed = [f for f in page.frames if f != page.main_frame]
    assert not any("Streamlit" in f.content() or "Account" in f.content() for f in framed)


def test_a_disabled_person_is_cut_off_in_an_open_tab(serve, story, visit):
    token = add_user(story, "ana", role="reviewer").token
    served = serve(story)
    page = visit().page
    page.goto(f"{served.url}/?token={token}")
    entered(page)
    disable_user(story, "ana")
    time.sleep(2.1)
    page.get_by_role("link", name="Account").click()
    page.get_by_text("Connection failed with status 401").wait_for()
    assert page.goto(f"{served.url}/").status == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_sign_in_page_is_for_everyone(serve, story, visit, scheme, width):
    served = serve(story)
    seen = visit(color_scheme=scheme, width=width)
    page = seen.page
    page.goto(f"{served.url}/?token=wrong")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "token"
    for name in ("textbox", "button"):
        box = page.get_by_role(name).first.bounding_box()
        assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.violations == []
    assert page.locator("script").count() == 0
    if AXE.is_file():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")["violations"]
        assert [(v["id"], v["impact"]) for v in found if v["impact"] in ("serious", "critical")] == []
