# expected: status raised
# Allocates 6 GiB and fills them with ones.

filled = np.ones(6 << 27)
