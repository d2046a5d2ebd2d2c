"""The environment for training code models: levels of the task, and what an answer to one is worth."""
