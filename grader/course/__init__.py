"""Many submissions: a pool of processes, the gradebook, a class from paths to pages."""
