# expected: fails
# Holds form feeds, tabs, a bell and text that is written from right to left.

name= "‮)p - 1(trqs / 1‬"
if True:
	print(name)
raise ValueError(name + "[2J")
