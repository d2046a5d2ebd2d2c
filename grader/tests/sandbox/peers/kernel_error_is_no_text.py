"""Replies with an error whose name is a list and whose traceback is a number."""

MEANS = ("kernel failed in cell 1", "raised in cell 1")

identity = kernel._get_shell_context_var(kernel._shell_parent_ident)
content = {"status": "error", "ename": [1], "evalue": {}, "traceback": 5, "execution_count": "x"}
session.send(shell, "execute_reply", content, parent=parent, ident=identity)
time.sleep(0.3)
