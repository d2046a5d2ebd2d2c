# expected: status timed_out
# Computes a whole number with a hundred billion digits, which no signal handler interrupts.

9**9**9
