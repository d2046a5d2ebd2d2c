"""A figure with text and mathematics, as PNG and SVG, with no screen."""

import io

ONLY_IN = "kernel"


def attempt():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], label=r"$\sqrt{1-p}$")
    axes.legend()
    picture, drawing = io.BytesIO(), io.StringIO()
    figure.savefig(picture, format="png")
    figure.savefig(drawing, format="svg")
    plt.close(figure)
    return "drawn" if picture.getvalue()[:4] == b"\x89PNG" and "</svg>" in drawing.getvalue() else ""
