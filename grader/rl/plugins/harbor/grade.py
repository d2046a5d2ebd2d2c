"""The reward file, where there is a verdict. Where the grader itself failed there is none: that is nobody's zero."""

import json
import sys
from pathlib import Path

from grader.rl.episode import LARGEST
from grader.rl.grading import RewardGrader
from grader.rl.instance import instance

level, seed, index = json.loads(Path("/tests/task.json").read_text(encoding="utf-8"))
task = instance(level, seed, index)
files = {}
for name in task.files:
    path = Path("/app", name)
    if path.is_file() and not path.is_symlink():
        with path.open(encoding="utf-8", errors="replace") as file:
            files[name] = file.read(LARGEST)
with RewardGrader() as grader:
    judged = grader.reward(task, files)
print(judged.diagnosis, judged.feedback, sep="\n")
if judged.value is None:
    sys.exit("the grader itself failed: no reward")
kept = {f"rule_{name}": float(found == "passed") for name, found in judged.rules.items() if found != "not_judged"}
text = json.dumps({"reward": judged.value, "attempted": float(judged.attempted), **kept})
Path("/logs/verifier/reward.json").write_text(text, encoding="utf-8")
