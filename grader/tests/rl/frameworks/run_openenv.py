"""OpenEnv, offline: the server on loopback, and its own client."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from openenv.core.env_server.mcp_types import CallToolAction
from openenv.core.mcp_client import MCPToolClient

from grader.rl.openenv_app import app
from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPTS, SEED, TASK, Calls, broken_grader, said

SUBMIT = CallToolAction(tool_name="submit", arguments={})


@contextmanager
def serving() -> Iterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    (port,) = {socket.getsockname()[1] for each in server.servers for socket in each.sockets}
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def played(url: str, calls: Calls) -> tuple[Any, Any]:
    """What came of the last call, and of handing in."""
    with MCPToolClient(base_url=url).sync() as client:
        begun = client.reset(seed=SEED, level=LEVEL)
        assert begun.observation.metadata["prompt"] == TASK.prompt
        assert {tool.name for tool in client.list_tools()} == {"read_file", "write_file", "execute_code", "submit"}
        heard = [client.call_tool(name, **arguments) for name, arguments in calls]
        return heard[-1:], client.step(SUBMIT)


def main() -> None:
    with serving() as url:
        for name, (calls, reward) in SCRIPTS.items():
            heard, end = played(url, calls)
            said("openenv:", name, end.reward, end.done, str(heard)[-60:])
            assert (end.reward, end.done) == (reward, True)
            assert end.observation.metadata["turns"] == len(calls)
        with broken_grader():
            _, end = played(url, [])
        said("openenv: grader broken", end.reward, end.done, end.observation.metadata["masked"])
        assert end.reward is None
        assert end.done
        assert end.observation.metadata["masked"] is True
        slow = threading.Thread(target=played, args=(url, [("execute_code", {"code": "import time; time.sleep(60)"})]))
        order: list[str] = []
        slow.start()
        time.sleep(0.5)
        played(url, SCRIPTS["repairs"][0])
        order.append("quick" if slow.is_alive() else "slow")
        slow.join()
        said("openenv: beside one that sleeps", order)
        assert order == ["quick"], "a session that waits holds up nobody"


if __name__ == "__main__":
    main()
