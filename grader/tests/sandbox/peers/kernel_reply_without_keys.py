"""Replies with a content that lacks all that a reply has."""

MEANS = ("kernel failed in cell 1",)

identity = kernel._get_shell_context_var(kernel._shell_parent_ident)
session.send(shell, "execute_reply", {}, parent=parent, ident=identity)
time.sleep(0.3)
