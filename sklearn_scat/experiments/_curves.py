"""Learning curves as a picture."""

import io
import math
from typing import Any

# Okabe and Ito's colours, which differ for all kinds of colour vision; the markers
# and dashes tell curves apart in grey.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = "os^DvPX"
_DASHES = ("-", "--", ":", "-.")
_OFFSET = 0.012  # of a decade, so that error bars do not hide one another


def learning_curves_svg(summary: Any) -> str:
    """Return the learning curves of an experiment as an SVG element.

    Parameters
    ----------
    summary : Summary
        Accuracies in percent; the bars are standard deviations over the seeds.

    Returns
    -------
    svg : str
        An ``<svg>`` element that refers to nothing outside itself.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    draw_learning_curves(summary, figure.add_subplot())
    text = io.StringIO()
    # a fixed salt, so that the same numbers give the same file
    with matplotlib.rc_context({"svg.hashsalt": "sklearn_scat"}):
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def draw_learning_curves(summary: Any, axes: Any) -> None:
    """Draw accuracy against training size, one curve a recipe, with error bars."""
    for i, recipe in enumerate(summary.recipes):
        points = [(n, summary.accuracy(recipe, n)) for n in summary.sizes]
        points = [(n, accuracy) for n, accuracy in points if accuracy]
        shift = 10 ** (_OFFSET * (i - (len(summary.recipes) - 1) / 2))
        axes.errorbar(
            [n * shift for n, _ in points],
            [accuracy.mean for _, accuracy in points],
            yerr=[0 if math.isnan(a.std) else a.std for _, a in points],
            label=recipe,
            color=_COLORS[i % len(_COLORS)],
            marker=_MARKERS[i % len(_MARKERS)],
            linestyle=_DASHES[i // len(_COLORS) % len(_DASHES)],
            markersize=5,
            linewidth=1.6,
            elinewidth=1,
            capsize=3,
        )
    axes.set_xscale("log")
    axes.set_xticks(summary.sizes, [f"{n:,}" for n in summary.sizes])
    axes.minorticks_off()
    axes.set_xlabel("training images (all classes together)")
    axes.set_ylabel("accuracy on test images (%)")
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
