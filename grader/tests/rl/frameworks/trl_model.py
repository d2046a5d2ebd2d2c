"""TRL's trainer with a model of some ten thousand weights, whose words are scripted and whose steps are real."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas
import torch
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, PrinterCallback, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer
from trl.chat_template_utils import qwen2_5_chat_template

from grader.rl.trl_environment import DropoutEnvironment, reward, rows
from grader.tests.rl.frameworks.scripted import LEVEL, SCRIPTS, SEED, TASK

BEGINS, ENDS, PAD = "<|im_start|>", "<|im_end|>", "<|pad|>"
STEPS = 2

logging.getLogger("trl").setLevel(logging.ERROR)  # of a rollout without a reward, it would print all
warnings.filterwarnings("ignore", category=FutureWarning)  # what TRL uses of transformers


def made(folder: Path) -> str:
    """A model and its tokenizer, in files, where the trainer looks for both."""
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet, special = pre_tokenizers.ByteLevel.alphabet(), [BEGINS, ENDS, PAD]
    learning = trainers.BpeTrainer(
        vocab_size=1000, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    words.train_from_iterator([TASK.prompt, *TASK.files.values()], learning)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token=ENDS, pad_token=PAD)
    tokenizer.chat_template = qwen2_5_chat_template
    tokenizer.save_pretrained(folder)
    size = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
    )
    Qwen2ForCausalLM(size).save_pretrained(folder)
    return str(folder)


def spoken(row: int, context: str) -> str:
    """The model's next turn. Which script it plays, its row decides at first, and later what it said at first."""
    _, *turns = context.split(f"{BEGINS}assistant\n")
    name = turns[0].partition("\n")[0] or list(SCRIPTS)[row]
    calls, _ = SCRIPTS[name]
    if len(turns) > len(calls):
        return f"done{ENDS}"
    tool, arguments = calls[len(turns) - 1]
    return f"{name}\n<tool_call>\n{json.dumps({'name': tool, 'arguments': arguments})}\n</tool_call>{ENDS}"


def trained(model: str, folder: Path) -> list[tuple[dict[str, Any], Any]]:
    """Of each step, what the trainer logs, and its table of rollouts."""
    args = GRPOConfig(
        output_dir=str(folder),
        max_steps=STEPS,
        per_device_train_batch_size=len(SCRIPTS),
        num_generations=len(SCRIPTS),
        max_completion_length=8192,
        learning_rate=0.1,
        use_cpu=True,
        bf16=False,
        logging_steps=1,
        log_completions=True,
        num_completions_to_print=0,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    trainer = GRPOTrainer(
        model,
        reward,
        train_dataset=Dataset.from_list(rows([LEVEL], [SEED])),
        environment_factory=DropoutEnvironment,
        args=args,
    )
    trainer.remove_callback(PrinterCallback)

    def generate(input_ids: Any, **_: Any) -> Any:
        tokenizer = trainer.processing_class
        texts = [spoken(row, context) for row, context in enumerate(tokenizer.batch_decode(input_ids))]
        turns = tokenizer(texts, padding=True, padding_side="right", return_tensors="pt")
        return torch.cat([input_ids, turns.input_ids], dim=1)

    before = [weights.detach().clone() for weights in trainer.model.parameters()]
    with patch.object(trainer.model, "generate", generate):
        trainer.train()
    assert not all(map(torch.equal, before, trainer.model.parameters())), "it has learned something"
    logged = [log for log in trainer.state.log_history if "reward" in log]
    tables = [pandas.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))]
    assert len(tables) == STEPS
    return list(zip(logged, tables, strict=True))
