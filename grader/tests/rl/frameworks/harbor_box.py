"""Harbor without Docker: an environment whose boxes are bubblewrap's, and an agent that plays a script in one."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import landlockpy
from harbor.agents.base import BaseAgent
from harbor.environments.base import BaseEnvironment, ExecResult
from harbor.environments.capabilities import EnvironmentCapabilities

from grader.sandbox import bwrap
from grader.tests.rl.frameworks.scripted import SCRIPTS

ROOT = Path(os.environ.get("HARBOR_BOXES", "/nowhere"))
SHARED = ("app", "tests", "logs", "solution")
SYSTEM = ("--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev")
LINKS = ("bin", "sbin", "lib", "lib64")


class BubblewrapBox(BaseEnvironment):
    """Of the two images only what matters here: the verifier's has this package, in /opt/verifier."""

    @staticmethod
    def type() -> str:
        return "bubblewrap"

    @property
    def capabilities(self) -> EnvironmentCapabilities:
        return EnvironmentCapabilities(disable_internet=True, dynamic_network_policy=True)

    async def set_network_policy(self, *_: Any, **__: Any) -> None: ...

    def _validate_definition(self) -> None: ...

    async def start(self, force_build: bool) -> None:
        self.root = ROOT / self.session_id
        for name in (*SHARED, "logs/verifier", "logs/agent", "logs/artifacts"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        context = Path(self.environment_dir)
        self.verifies = (context / "test.sh").exists()
        for path in context.iterdir():  # what the images COPY
            if path.is_file() and path.name != "Dockerfile":
                shutil.copy(path, self.root / ("tests" if self.verifies else "app"))

    async def stop(self, delete: bool) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def at(self, path: Any) -> Path:
        root: Path = self.root
        return root / str(path).lstrip("/")

    async def upload_file(self, source_path: Any, target_path: Any) -> None:
        self.at(target_path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source_path, self.at(target_path))

    async def upload_dir(self, source_dir: Any, target_dir: Any) -> None:
        shutil.copytree(source_dir, self.at(target_dir), dirs_exist_ok=True)

    async def download_file(self, source_path: Any, target_path: Any) -> None:
        Path(target_path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.at(source_path), target_path)

    async def download_dir(self, source_dir: Any, target_dir: Any) -> None:
        shutil.copytree(self.at(source_dir), target_dir, dirs_exist_ok=True)

    async def exec(
        self, command: str, cwd: Any = None, env: Any = None, timeout_sec: Any = None, user: Any = None
    ) -> Any:
        program = bwrap.find()
        assert program is not None
        words = [program.path, "--unshare-all", "--die-with-parent", "--new-session", *SYSTEM, "--tmpfs", "/tmp"]
        for name in LINKS:
            words += ["--symlink", f"usr/{name}", f"/{name}"]
        words += ["--ro-bind", sys.base_prefix, sys.base_prefix, "--uid", "1000", "--gid", "1000"]
        if self.verifies:
            words += ["--ro-bind", sys.prefix, "/opt/verifier"]
            if "HARBOR_BROKEN" in os.environ:  # no walls can be had: there is no verdict then
                words += ["--tmpfs", f"/opt/verifier/{Path(landlockpy.__file__).parent.relative_to(sys.prefix)}"]
        for name in SHARED:
            words += ["--bind", str(self.root / name), f"/{name}"]
        words += ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin:/usr/sbin:/sbin", "--setenv", "HOME", "/tmp"]
        for name, value in (env or {}).items():
            words += ["--setenv", name, str(value)]
        process = await asyncio.create_subprocess_exec(
            *(*words, "--chdir", cwd or "/app", "bash", "-c", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), timeout_sec)
        return ExecResult(stdout=out.decode(), stderr=err.decode(), return_code=process.returncode)


class Scripted(BaseAgent):
    """Plays a script's files, forges a reward beside them, and plants a module of the grader's name."""

    @staticmethod
    def name() -> str:
        return "scripted"

    def version(self) -> str:
        return "1"

    async def setup(self, environment: BaseEnvironment) -> None: ...

    async def run(self, instruction: str, environment: BaseEnvironment, context: Any) -> None:
        calls, _ = SCRIPTS[os.environ["HARBOR_SCRIPT"]]
        for name, arguments in calls:
            if name == "write_file":
                await environment.exec(f"cat > /app/{arguments['path']} <<'END'\n{arguments['content']}\nEND")
        forged = shlex.quote('{"reward": 1.0}')
        await environment.exec(f"echo {forged} > /logs/verifier/reward.json; echo 1 > /logs/verifier/reward.txt")
        await environment.exec("mkdir -p /app/grader; echo 'raise SystemExit(0)' > /app/grader/__init__.py")
