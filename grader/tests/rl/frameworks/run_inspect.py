"""Inspect, offline: its own mock model plays the scripts."""

from __future__ import annotations

import tempfile
from typing import Any

from inspect_ai import Epochs, eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPT, SCRIPTS, SEED, TASK, Calls, broken_grader, said


def called(name: str, arguments: dict[str, str]) -> ModelOutput:
    output = ModelOutput.for_tool_call("mockllm/model", name, arguments)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def ran(outputs: Any, folder: str, **options: Any) -> EvalLog:
    model = get_model("mockllm/model", custom_outputs=outputs)
    told = {"level": LEVEL, "seeds": 1, "first_seed": SEED}
    (log,) = eval("grader/dropout", task_args=told, model=model, log_dir=folder, display="none", **options)
    assert log.status == "success", log.error
    return log


def played(calls: Calls) -> list[ModelOutput]:
    return [*(called(*call) for call in calls), called("submit", {"answer": "done"})]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (calls, reward) in SCRIPTS.items():
            (sample,) = ran(played(calls), folder).samples or []
            score = (sample.scores or {})["contract"]
            said("inspect:", name, score.value, score.explanation)
            assert score.value == ("C" if reward else "I")
            assert (score.metadata or {})["turns"] == len(calls)
            state = sample.store["Rollout:state"]
            assert TASK.gold[SCRIPT] not in str(state) or name == "repairs"
        with broken_grader():
            log = ran(played([]), folder)
        assert log.results is not None
        (score_of_all,) = log.results.scores
        said("inspect: grader broken", score_of_all.scored_samples, "scored,", score_of_all.unscored_samples, "not")
        assert (score_of_all.scored_samples, score_of_all.unscored_samples) == (0, 1)

        begun = [0]

        def every_fourth(messages: list[Any], *_: Any) -> ModelOutput:
            if any(message.role == "assistant" for message in messages):
                return called("submit", {"answer": "done"})
            begun[0] += 1
            content = TASK.gold[SCRIPT] if begun[0] % 4 == 0 else TASK.files[SCRIPT]
            return called("write_file", {"path": SCRIPT, "content": content})

        log = ran(every_fourth, folder, epochs=Epochs(4, ["mean", "pass_at_2"]), max_samples=1)
        assert log.results is not None
        rates = {score.reducer: score.metrics["accuracy"].value for score in log.results.scores}
        said("inspect: one of four", rates)
        assert rates == {"mean": 0.25, "pass_at_2": 0.5}


if __name__ == "__main__":
    main()
