"""Prints 200 MB, in lines of 100 kB."""

MEANS = ("printed too much",)

for _ in range(2000):
    print("x" * 99_999)
