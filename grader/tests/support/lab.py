"""A real JupyterLab on a copy of the notebooks, and a person's hands on one notebook in Chromium."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from grader.tests.support.machine import chromium

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000  # a page of JupyterLab takes 5 s on two cores; this is for a machine with other work
SETTINGS: dict[str, dict[str, object]] = {
    # no question about news and no look for updates: both cover the page, and both want a network
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# What the page says about the notebook in front; the counts tell a cell that ran from one that is still to run.
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(({ model }) => ({
    type: model.type,
    source: model.sharedModel.getSource(),
    tags: model.sharedModel.getMetadata('tags') ?? [],
    count: model.executionCount ?? null,
    outputs: (model.outputs?.toJSON() ?? []).map(output => output.name ?? output.output_type),
}))"""
READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.session?.kernel?.status === 'idle';
}"""
# After an error the cells below do not run: what they show is then for the tests to judge.
RAN = """([indices, before]) => {
    const panel = window.jupyterapp.shell.currentWidget;
    const models = indices.map(index => panel.content.widgets[index].model);
    const failed = models.some(({ outputs }) => outputs.toJSON().some(output => output.output_type === 'error'));
    const ran = models.every(model => model.executionCount > before);
    return (failed || ran) && panel.sessionContext.session.kernel.status === 'idle';
}"""
SAVED = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


# --- the server ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token, the folder that it shows and the one that holds its settings."""

    url: str
    token: str
    root: Path
    settings: Path

    def set(self, plugin: str, values: dict[str, object]) -> None:
        """What the settings editor would write; a page that is opened afterwards reads it."""
        path = self.settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


@contextmanager
def serve(root: Path, scratch: Path) -> Iterator[Server]:
    """JupyterLab on ``root``, with nothing of the user's own configuration; ended with its kernels, whatever happens.

    Raises ``RuntimeError`` with the end of its log if it does not start.
    """
    folders = {
        name: scratch / name.lower()
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
            "MPLCONFIGDIR",
        )
    }
    token, log = secrets.token_hex(16), scratch / "lab.log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 18888,  # where it is taken, the server tries others: the address comes from the server
        "ServerApp.root_dir": root,
        "IdentityProvider.token": token,
        "LabApp.extension_manager": "readonly",
        "JupyterNotebookApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    for folder in folders.values():
        folder.mkdir(parents=True)
    environment = os.environ | {name: str(folder) for name, folder in folders.items()}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            url = _address(process, folders["JUPYTER_RUNTIME_DIR"], token, log)
            server = Server(url, token, root, folders["JUPYTERLAB_SETTINGS_DIR"])
            for plugin, values in SETTINGS.items():
                server.set(plugin, values)
            yield server
        finally:
            _end(process)


def _address(process: subprocess.Popen[bytes], runtime: Path, token: str, log: Path) -> str:
    """The address that the server wrote down, once it answers there."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while process.poll() is None and time.monotonic() < until:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text(encoding="utf-8"))["url"])
                with urllib.request.urlopen(f"{url}api/status?token={token}", timeout=5):
                    return url
            except (OSError, ValueError):
                pass  # half written, or not listening yet
        time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start:\n" + log.read_text(encoding="utf-8")[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM makes the server end its kernels; a kernel that is left alone ends by itself."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()


# --- the person ------------------------------------------------------------------------------------------------


class Person:
    """Works on one notebook the way people do: clicks, types, uses menus; the page's own model tells when to go on."""

    def __init__(self, page: Page, server: Server, path: Path, *, classic: bool = False) -> None:
        """In JupyterLab, or in Notebook 7 (``classic``), which the same server has."""
        self.page, self.path = page, path
        page.set_default_timeout(PATIENCE_MS)
        name = path.relative_to(server.root).as_posix()
        # a workspace of its own, so that no tab of another test is restored
        place = "notebooks" if classic else f"lab/workspaces/{path.parent.name}/tree"
        page.goto(f"{server.url}{place}/{name}?token={server.token}")
        page.wait_for_function(READY)

    # what is there

    def cells(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(CELLS)
        return found

    def tagged(self, tag: str) -> list[int]:
        return [index for index, cell in enumerate(self.cells()) if tag in cell["tags"]]

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(index)

    def check(self) -> Locator:
        (index,) = self.tagged("check")
        return self.cell(index).locator(".jp-Cell-outputWrapper")

    # what is done

    def leave(self) -> None:
        """End the kernel: those of other tests would only take memory."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def start_over(self) -> None:
        """With what lies on the disk, and a kernel that has run nothing, as in a page that was just opened."""
        self.page.evaluate(
            """async () => {
                const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
                await context.revert();
                await sessionContext.restartKernel();
            }"""
        )
        self.page.wait_for_function(READY)

    def look(self, theme: str, width: int, height: int, *, files: bool) -> None:
        """Choose a theme and a size of the window, with or without the list of files at the left."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.mouse.move(0, 0)  # what the mouse is over looks different
        self.page.evaluate(
            """async ([theme, files]) => {
                const { commands, shell } = window.jupyterapp;
                await commands.execute('apputils:change-theme', { theme });
                if (shell.leftCollapsed === files) await commands.execute('application:toggle-left-area');
            }""",
            [theme, files],
        )
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)  # it covers the change of the theme

    def theme(self, name: str) -> None:
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=name)

    def run_all(self) -> None:
        before = self._last_count()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self._ran([index for index, cell in enumerate(self.cells()) if cell["type"] == "code"], before)

    def put_cursor(self, index: int, line: str) -> None:
        """Click into a line of a cell's editor."""
        self.cell(index).locator(".cm-line", has_text=line).click()
        expect(self.cell(index).locator(".cm-editor")).to_contain_class("cm-focused")

    def retype(self, index: int, line: str, by: str) -> None:
        """Replace a line of a cell, but not its indentation."""
        self.put_cursor(index, line)
        self.page.keyboard.press("End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.type(by)
        assert by in [row.strip() for row in self.cells()[index]["source"].splitlines()]

    def run_check(self, index: int) -> None:
        """Run the cell that was edited and then the check below it: Shift+Enter goes on to the next cell."""
        before = self._last_count()
        self.page.keyboard.press("Shift+Enter")
        self.page.keyboard.press("Shift+Enter")
        self._ran([index, *self.tagged("check")], before)

    def run_one(self, index: int) -> None:
        before = self._last_count()
        self.cell(index).click()
        self.page.keyboard.press("Control+Enter")
        self._ran([index], before)

    def save(self) -> Path:
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function(SAVED)
        return self.path

    def _last_count(self) -> int:
        return max(cell["count"] or 0 for cell in self.cells())

    def _ran(self, indices: list[int], before: int) -> None:
        self.page.wait_for_function(RAN, arg=[indices, before])
