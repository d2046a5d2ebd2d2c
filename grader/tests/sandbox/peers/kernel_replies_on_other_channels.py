"""Sends replies to the control and the stdin channel, which the grader does not listen to."""

MEANS = ("ran",)

for _ in range(2000):
    reply("error", to=kernel.control_stream)
    reply("error", to=kernel.stdin_socket)
print("here")
