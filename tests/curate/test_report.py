"""report.html: self-contained, true to the ledger, and safe to open whatever the rows hold."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from tuneset.cli.main import main
from tuneset.curate import curate
from tuneset.curate.ledger import Ledger
from tuneset.curate.report import report
from tuneset.schemas.errors import WorkspaceError

HOSTILE = (
    "</pre></details><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
)
HIDDEN = "user \u202etxt.exe\u202c zero\u200bwidth nul\x00 tag\U000e0041"
OURS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h6", "b", "i"),
    *("nav", "ul", "li", "main", "section", "svg", "desc", "defs", "pattern", "rect", "text", "line", "g"),
    *("details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "small", "span"),
    *("code", "article", "pre", "dl", "dt", "dd", "mark", "ins", "del", "figure", "figcaption", "footer"),
}


class Page(HTMLParser):
    """Tags with their attributes, tables by caption as rows of cell texts, and all text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.words: list[str] = []
        self._caption, self._in = "", ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        if tag == "tr" and self._caption:
            self.tables[self._caption].append([])
        if tag in ("td", "th"):
            self.tables[self._caption][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._caption = ""

    def handle_data(self, data: str) -> None:
        if self._in == "caption":
            self._caption = data
            self.tables[data] = []
            self._in = ""
        elif self._caption and self.tables[self._caption] and self.tables[self._caption][-1]:
            self.tables[self._caption][-1][-1] += data
        if self._in != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture
def hostile(tmp_path: Path, workspaces: ModuleType) -> Path:
    """Markup and hidden characters in every place that a user's data can reach."""
    w = workspaces
    file = 'a<b>"&.jsonl'
    rows = [w.row(n, w.turns(HOSTILE, HIDDEN + HOSTILE), file=file) for n in (1, 2, 3)]
    one, two, three = (r["row_id"] for r in rows)
    evil = {"reason": "bad", "detail": HOSTILE}
    verdicts = [
        w.verdict(one, "user<i>", "edit", **evil),
        w.verdict(two, "user<i>", "drop", related_id=one, score=0.5, **evil),
        w.verdict(three, "user<i>", "review", **evil),
        w.verdict(one, "language", "assign", value=HOSTILE),
        w.verdict(three, "language", "assign", value="en"),
    ]
    edits = [{"row_id": one, "step": "user<i>", "messages": w.turns(HOSTILE, HOSTILE + HIDDEN)}]
    quarantine = [{"file": file, "row": 4, "line": 4, "reason": HOSTILE, "text": HIDDEN + HOSTILE}]
    return w.build(
        tmp_path / "out", rows, verdicts, edits=edits, quarantine=quarantine, sentences={"bad": HOSTILE}
    )


def test_nothing_is_asked_of_the_network(story: Path) -> None:
    path = report(story)
    for tag, attributes in Page(path).tags:
        assert tag in OURS
        assert not {"src", "srcset", "data", "action", "poster", "xlink:href"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", path.read_text("utf-8"), re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import", style[1])


def test_counts_equal_the_ledger(story: Path) -> None:
    page = Page(report(story))
    card = Ledger.open(story).card
    assert "Of 9 input rows, 6 (66.7 %) were kept and 2 dropped, and 1 row could not be read." in page.text
    assert "1 kept row (16.7 %) waits for a person. 1 row was edited." in page.text
    steps = [
        [s.step, *map(str, (s.rows_in, s.kept, s.dropped, s.review, s.edited, s.assigned))]
        for s in card.steps
    ]
    assert page.tables["Rows by step"][2:] == steps
    assert page.tables["Rows by step"][1] == ["read", "9", "8", "1", "0", "0", "0"]


def test_reasons_stand_with_count_and_share(story: Path) -> None:
    rows = Page(report(story)).tables["Reasons by step"][1:]
    assert rows == [
        ["defects", "drop", "refusal", "the answer is a canned refusal", "1", "12.5 %"],
        [
            "near_duplicate",
            "drop",
            "near_duplicate",
            "prompt and answer nearly repeat a kept row",
            "1",
            "12.5 %",
        ],
        ["pii", "edit", "email", "an e-mail address was redacted", "1", "12.5 %"],
        ["quality", "review", "doubtful", "the quality score is near the limit", "1", "12.5 %"],
    ]


def test_languages_and_splits(story: Path) -> None:
    rows = Page(report(story)).tables["Kept rows by language and split"]
    assert rows[0] == ["language", "labelled", "kept", "share of kept", "train", "validation", "test"]
    assert rows[1] == ["en", "6", "5", "83.3 %", "4 80.0 %", "0 0 %", "1 20.0 %"]
    assert rows[2] == ["fr", "1", "1", "16.7 %", "0 0 %", "1 100.0 %", "0 0 %"]
    assert rows[3] == ["all", "7", "6", "", "4 66.7 %", "1 16.7 %", "1 16.7 %"]


def test_shares_of_each_stratum(tmp_path: Path) -> None:
    step = {"use": "split", "train": 0, "validation": 0, "test": 1, "stratify": ["kind", "topic"]}
    rows = [
        {"prompt": f"Question {n}?", "completion": "Yes.", "kind": "<a>" if n < 3 else None} for n in range(4)
    ]
    curate(rows, out=tmp_path / "out", recipe={"steps": [step]})
    page = Page(tmp_path / "out" / "report.html")
    assert page.tables["Kept rows by stratum and split"] == [
        ["stratum", "kept", "train", "validation", "test"],
        ["<a> / none", "3", "0 0 %", "0 0 %", "3 100.0 %"],
        ["none", "1", "0 0 %", "0 0 %", "1 100.0 %"],
    ]


def test_input_file_with_kept_share(story: Path) -> None:
    rows = Page(report(story)).tables["Input files"]
    assert rows[1][2:] == ["8", "0", "6", "75.0 %"]


def test_partner_stands_beside_a_duplicate(story: Path) -> None:
    text = report(story).read_text("utf-8")
    part = text[text.index('id="r-near_duplicate-drop-near_duplicate"') :]
    part = part[: part.index("</article>")]
    assert "score 0.91" in part
    assert "How do I reset my password?<mark>?</mark></pre>" in part
    assert "How do I reset my password?</pre>" in part
    assert "Open Settings and choose Reset<mark>!</mark></pre>" in part


def test_edit_shows_what_changed(story: Path) -> None:
    text = report(story).read_text("utf-8")
    assert "Write to <del>ana@example.org</del><ins>&lt;EMAIL&gt;</ins> today." in text


def test_hostile_text_is_shown_and_never_runs(hostile: Path) -> None:
    path = report(hostile)
    page = Page(path)
    assert {tag for tag, _ in page.tags} <= OURS
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count("<script>document.title='owned'</script>") >= 6
    source = path.read_text("utf-8")
    assert not set(source) & set("\u202e\u202c\u200b\x00\U000e0041")
    assert '<span class="hidden" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>' in source


@pytest.mark.browser
def test_browser_opens_a_hostile_report_unharmed(hostile: Path, system_program: Callable[[str], str]) -> None:
    path = report(hostile)
    browser = system_program("chromium")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "<title>Curation report: 2 of 4 rows kept</title>" in dom


def test_same_workspace_gives_the_same_bytes(story: Path) -> None:
    first = report(story).read_bytes()
    assert report(story).read_bytes() == first


def test_no_leftovers_beside_the_report(story: Path) -> None:
    before = {p.name for p in story.iterdir()}
    report(story)
    assert {p.name for p in story.iterdir()} == before | {"report.html"}


@pytest.mark.parametrize("action", ["drop", "keep"])
def test_all_rows_dropped_or_none(tmp_path: Path, workspaces: ModuleType, action: str) -> None:
    w = workspaces
    rows = [w.row(n, w.turns(f"Question {n}?", "Answer.")) for n in (1, 2)]
    reason = "refusal" if action == "drop" else None
    verdicts = [w.verdict(r["row_id"], "defects", action, reason=reason) for r in rows]
    verdicts += [] if action == "drop" else [w.verdict(r["row_id"], "split") for r in rows]
    page = Page(report(w.build(tmp_path / "out", rows, verdicts)))
    kept = 0 if action == "drop" else 2
    assert f"Of 2 input rows, {kept} ({'100.0' if kept else '0'} %) were kept" in page.text
    assert ("Reasons by step" in page.tables) == (action == "drop")
    assert "every row could be read" in page.text


def test_run_without_rows(tmp_path: Path, workspaces: ModuleType) -> None:
    page = Page(report(workspaces.build(tmp_path / "out", [], [])))
    assert "Of 0 input rows, 0 (0 %) were kept and 0 dropped" in page.text


def test_no_run_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="holds no finished run"):
        report(tmp_path)


def test_verb_says_where_the_report_is(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(story), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert Path(said["report"]) == story / "report.html"
    assert (story / "report.html").is_file()
