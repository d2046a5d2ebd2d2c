"""What IPython offers in a notebook: a shell line, the time of a line, a display."""

ONLY_IN = "kernel"


def attempt():
    from IPython import get_ipython
    from IPython.display import HTML, display

    display(HTML("<b>shown</b>"))
    get_ipython().run_line_magic("timeit", "-n 1 -r 1 sum(range(10))")
    return "".join(get_ipython().getoutput("echo hello"))
