"""What of this machine a child may see, and the bubblewrap box that shows no more than that."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.inside.lockdown import (
    BOX,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    DEVICES,
    SHARED_MEMORY,
    SOCKETS,
    TEMPORARY,
    WORK,
)

INSIDE = Path(__file__).resolve().with_name("inside")  # all of ours that enters the box
PACKAGE = INSIDE.parents[1]
IN_THE_BOX = Path(BOX)  # where the fork server's own few files are shown
SCRIPTS = tuple(
    f"{name}.py"
    for name in ("zygote", "watch", "cloning", "lockdown", "calls", "session", "handed", "worker", "kernel")
)
SYSTEM = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
PREFIXES = ("/usr", "/usr/local")
ENVIRONMENT = ("bin", "sbin", "lib", "lib32", "lib64", "libexec", "include", "share", "etc", "pyvenv.cfg")


def without_dots(path: str) -> str:
    """The same place by a path that has no ".." in it, as it has where Python was called by a relative one: what lies
    behind that is not in a box."""
    plain = os.path.normpath(path)
    return plain if os.path.exists(plain) and os.path.samefile(plain, path) else path  # noqa: PTH110, PTH121


def python() -> str:
    """The program that runs us, and all children."""
    return without_dots(sys.executable)


def package_folders() -> list[str]:
    """Where the packages are that a child may import: site-packages of the environment, and the user's own."""
    own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    found = [path for path in sys.path if path in own or Path(path).name in ("site-packages", "dist-packages")]
    return [without_dots(path) for path in found]


def roots() -> list[Path]:
    """What of this machine a child may read: the system's programs, Python, and its packages; outermost first.

    Of a prefix only what belongs to an environment: somebody's project may lie around it, or in /usr/src.
    """
    prefixes = {*PREFIXES, without_dots(sys.prefix), without_dots(sys.base_prefix)}
    wanted = {*SYSTEM, *package_folders(), *(f"{prefix}/{name}" for prefix in prefixes for name in ENVIRONMENT)}
    paths = {Path(path) for path in wanted if Path(path).exists()}
    return sorted(path for path in paths if paths.isdisjoint(path.parents))


def readable_paths() -> Iterator[Path]:
    """The roots at level ``process``, without this package itself: Landlock allows, and cannot take back."""
    hidden = hidden_folders()
    for path in (*roots(), *(Path(folder) for folder in ("/bin", "/lib", "/lib64", "/sbin") if Path(folder).exists())):
        yield from _without(path, hidden)


def listed_folders() -> list[Path]:
    """Where this package lies among the readable: what else lies there is found by its names, as metadata is."""
    readable = {root.resolve() for root in roots()}
    around = [folder.parent for folder in hidden_folders()]
    return [folder for folder in around if not readable.isdisjoint((folder, *folder.parents))]


def way_to_python() -> int | None:
    """The one capability with which an ordinary user can read Python where only root may enter, as below ``/root``;
    none if anybody can. Raises ``SandboxError`` if root has no such capability to give.

    What may be read and written is Landlock's to say, whatever a child can: a capability does not lift that.
    """
    above = {parent for path in roots() for parent in (path, *path.parents) if parent.is_dir()}
    closed = next((folder for folder in sorted(above) if not folder.stat().st_mode & 0o001), None)
    if os.getuid() != 0 or closed is None:
        return None
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):  # Docker's root has only the second, which may more
        if effective >> capability & 1:
            return capability
    raise SandboxError(f"as root, children run as an ordinary user, who may not enter {closed}, where Python is")


def hidden_folders() -> list[Path]:
    """This package, wherever a child could find it: an editable installation has its data apart from its code."""
    installed = [Path(folder, PACKAGE.name).resolve() for folder in package_folders()]
    return sorted({PACKAGE, *(folder for folder in installed if folder.is_dir())})


def _without(path: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """The path, or what is in it but the hidden folders, whatever links lead there (as lib64 does to lib)."""
    real = path.resolve()
    if any(real in folder.parents for folder in hidden):
        for below in path.iterdir():
            yield from _without(below, hidden)
    elif not any(real.is_relative_to(folder) for folder in hidden):
        yield path


def bubblewrap(program: str, folder: str) -> list[str]:
    """The box: no network, the system and Python read-only, of the project only the fork server's files.

    As root, the server drops to an ordinary user by itself, after the mounts.
    """
    arguments = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() == 0:
        arguments += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--cap-drop", "ALL"]
    arguments += ["--hostname", "sandbox", "--proc", "/proc", "--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        arguments += ["--dev-bind", device, device]
    made: set[Path] = set()
    for path in (Path(WORK), Path(SOCKETS), Path(TEMPORARY), Path(SHARED_MEMORY)):
        arguments += _folders(path, made)
    arguments += ["--perms", "1777", "--tmpfs", WORK]  # the server's own; each child has another in its place
    package = hidden_folders()
    for root in roots():
        for path in _open_to_nobody(root):
            arguments += [*_folders(path.parent, made), "--ro-bind", str(path), str(path)]
        real = root.resolve()
        for hidden in package:
            if hidden.is_relative_to(real):
                masked = root / hidden.relative_to(real)
                arguments += ["--perms", "0755", "--tmpfs", str(masked)]
                arguments += ["--ro-bind", str(INSIDE / "absent.py"), str(masked / "__init__.py")]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if Path("/", name).is_symlink():
            arguments += ["--symlink", str(Path("/", name).readlink()), f"/{name}"]
        elif Path("/", name).is_dir():
            arguments += ["--ro-bind", f"/{name}", f"/{name}"]
    for script in SCRIPTS:
        arguments += [*_folders(IN_THE_BOX, made), "--ro-bind", str(INSIDE / script), str(IN_THE_BOX / script)]
    arguments += [*_folders(Path(folder).parent, made), "--bind", folder, folder]
    return [program, *arguments, "--remount-ro", "/", "--chdir", "/", "--"]


def _open_to_nobody(root: Path) -> list[Path]:
    """The folder, or, where only root may enter it, what is in it: the box then has a folder of its own around that."""
    if os.getuid() == 0 and root.is_dir() and not root.stat().st_mode & 0o001:
        return [path for path in sorted(root.iterdir()) if path.exists()]
    return [root]


def _folders(path: Path, made: set[Path]) -> list[str]:
    """Make a folder in the box with all above it: bubblewrap by itself would keep them from anybody but root."""
    arguments = []
    for folder in (*reversed(path.parents), path):
        if folder != Path("/") and folder not in made:
            made.add(folder)
            arguments += ["--perms", "0755", "--dir", str(folder)]
    return arguments
