"""Pools of processes of our own: deaf to Ctrl-C, which is the parent's to answer, and gone when the parent is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import connection
from typing import Any, TypeVar

Result = TypeVar("Result")


def skip_address_grammar() -> None:
    """In a process that runs nothing but ours: jsonschema, which nbformat loads, does without the grammar of addresses
    that it would build for a second, and that no notebook needs."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type] # an ImportError, which it expects


def start(jobs: int, begin: Callable[..., None], *given: Any) -> ProcessPoolExecutor:
    """A pool whose processes begin with ``begin(*given)``, which calls ``follow_parent``."""
    # spawned, not forked: a forked process would share the parent's threads' locks
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), begin, given)


def submit(pool: ProcessPoolExecutor, work: Callable[..., Result], *given: Any) -> Future[Result]:
    """As the pool's own; where one of its processes has died, the Future says so."""
    with _deaf():  # the first calls start the processes: they are deaf to Ctrl-C from their first line on
        try:
            return pool.submit(work, *given)
        except BrokenProcessPool as error:
            broken: Future[Result] = Future()
            broken.set_exception(error)
            return broken


def stop(pool: ProcessPoolExecutor) -> None:
    """Wait for what is under way and start nothing more. A second Ctrl-C waits too: a join that it interrupts counts
    as done, and at its end Python would wait for ever for processes that nobody told to go."""
    with _deaf():
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C waits. It is blocked here, which the processes that are started inherit; where another thread takes the
    signal, Python would still raise it in the main one, in the middle of a start, so it is put off there."""
    handler = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    heard: list[tuple[int, Any]] = []
    if callable(handler):
        signal.signal(signal.SIGINT, lambda *of: heard.append(of))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if callable(handler):
            signal.signal(signal.SIGINT, handler)
            if heard:
                handler(*heard[0])


def follow_parent(at_end: Callable[[], None] = lambda: None) -> None:
    """In a pool's process: ignore Ctrl-C, and end when the parent was killed, which says nothing to its pool."""
    skip_address_grammar()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, args=(at_end,), daemon=True).start()


def _end_with_parent(at_end: Callable[[], None]) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    with suppress(Exception):  # it may be in use at this moment
        at_end()
    os._exit(1)
