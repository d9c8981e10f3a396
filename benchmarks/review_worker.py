"""The processes of `review_swarm.py`: a queue, a reviewer at full speed, a service, and what is stored.

    review_worker.py setup PLACE --items 10000 --people 50
    review_worker.py work PLACE --name p3 --n 200 --start 0      decisions straight on the record
    review_worker.py work PLACE --name p3 --n 200 --port 5000    decisions through the service
    review_worker.py serve PLACE --port 5000                     one process, a thread a reviewer
    review_worker.py dump PLACE | verify PLACE

A worker prints `ACK uuid milliseconds` once a decision is stored; after a lost connection it saves again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import socket
import socketserver
import sys
import time
from typing import Any

from tuneset.review_app.desk import Desk, Shown, Ticket
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.policy import Policy, write_policy
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Store
from tuneset.review_app.store_pool import StorePool
from tuneset.schemas.errors import LeaseLost, TunesetError, WorkspaceError
from tuneset.schemas.review import ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
PATIENCE_S = 60


def setup(place: str, items: int, people: int) -> None:
    """A queue of rows, and reviewers p0, p1, ..."""
    with Store.open(place) as store:
        write_policy(store, Policy(lease_seconds=600, overlap_ratio=0), by="root")
        for n in range(people):
            add_person(store, f"p{n}", "reviewer", by="root")
        sync(
            store,
            (
                ReviewItem(
                    task="review",
                    item_id=f"part-{n % 7}.jsonl:{n}",
                    row_ids=(f"part-{n % 7}.jsonl:{n}",),
                    content_ids=(f"{n:064x}",),
                    rank=n,
                    why="in turn",
                )
                for n in range(items)
            ),
            "run1",
        )


class Direct:
    """A reviewer with a connection to the record."""

    def __init__(self, place: str, name: str) -> None:
        self.place, self.name = place, name
        self.store: Store | None = None

    def _desk(self) -> Desk:
        if self.store is None:
            self.store = Store.open(self.place)
        return Desk(self.store, Person(self.name, "reviewer"))

    def claim(self) -> Ticket | None:
        return self._desk().claim()

    def decide(self, ticket: Ticket) -> None:
        self._desk().decide(ticket, "approve", SEEN)


class Served:
    """A reviewer at the service."""

    def __init__(self, port: int, name: str) -> None:
        self.port, self.name = port, name
        self.lines: Any = None

    def _ask(self, **told: Any) -> Any:
        try:
            if self.lines is None:
                self.lines = socket.create_connection(("127.0.0.1", self.port), timeout=30).makefile("rwb")
            self.lines.write(json.dumps({"name": self.name, **told}).encode() + b"\n")
            self.lines.flush()
            answer = json.loads(self.lines.readline() or b"null")
        except (OSError, ValueError):
            answer = None
        if answer is None:
            self.lines = None
            raise WorkspaceError("the service is gone", where=str(self.port), fix="save again")
        if answer.get("error") == "LeaseLost":
            raise LeaseLost("lost", where="the service", fix="go on")
        if answer.get("error"):
            raise WorkspaceError(answer["what"], where="the service", fix="save again")
        return answer["value"]

    def claim(self) -> Ticket | None:
        told = self._ask(act="claim")
        return told and _ticket(told)

    def decide(self, ticket: Ticket) -> None:
        self._ask(act="decide", ticket=dataclasses.asdict(ticket))


def _ticket(told: dict[str, Any]) -> Ticket:
    return Ticket(**{**told, "row_ids": tuple(told["row_ids"]), "content_ids": tuple(told["content_ids"])})


def _patiently(act: Any, *values: Any) -> Any:
    """Do it again while the connection is lost, as the app tells people to."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act(*values)
        except LeaseLost:
            raise
        except WorkspaceError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def work(desk: Direct | Served, n: int, start: int, pause: float) -> None:
    """Decide until n decisions are stored, resting `pause` seconds after each."""
    done = start
    while done < n:
        ticket = _patiently(desk.claim)
        if ticket is None:
            return
        begin = time.perf_counter()
        try:
            _patiently(desk.decide, ticket)
        except LeaseLost:
            continue
        print(f"ACK {ticket.uuid} {(time.perf_counter() - begin) * 1e3:.2f}", flush=True)
        time.sleep(pause)
        done += 1


def serve(place: str, port: int) -> None:
    """One process with a pool of connections; each act on another thread's turn."""
    pool = StorePool(place)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                told = json.loads(line)
                self.wfile.write(json.dumps(self._answer(told)).encode() + b"\n")
                self.wfile.flush()

        def _answer(self, told: dict[str, Any]) -> dict[str, Any]:
            try:
                with pool.borrow() as store:
                    desk = Desk(store, Person(told["name"], "reviewer"))
                    if told["act"] == "claim":
                        ticket = desk.claim()
                        return {"value": ticket and dataclasses.asdict(ticket)}
                    return {"value": desk.decide(_ticket(told["ticket"]), "approve", SEEN).seq}
            except TunesetError as error:
                return {"error": type(error).__name__, "what": error.what}

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", port), Handler) as server:
        print("ready", flush=True)
        server.serve_forever(poll_interval=0.05)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("act", choices=["setup", "work", "serve", "dump", "verify"])
    ap.add_argument("place")
    ap.add_argument("--items", type=int, default=10_000)
    ap.add_argument("--people", type=int, default=50)
    ap.add_argument("--name", default="p0")
    ap.add_argument("--n", type=int, default=200)
    ap.add_argument("--start", type=int, default=0)
    ap.add_argument("--port", type=int, default=0)
    ap.add_argument("--pause", type=float, default=0, help="seconds of rest after each decision")
    told = ap.parse_args()
    if told.act == "setup":
        setup(told.place, told.items, told.people)
    elif told.act == "work":
        desk = Served(told.port, told.name) if told.port else Direct(told.place, told.name)
        work(desk, told.n, told.start, told.pause)
    elif told.act == "serve":
        serve(told.place, told.port)
    else:
        with Store.open(told.place) as store:
            if told.act == "verify":
                print(store.verify())
            else:
                sys.stdout.writelines(
                    f"{e.uuid} {e.row_id}\n" for e in store.events() if e.action == "approve"
                )


if __name__ == "__main__":
    main()
