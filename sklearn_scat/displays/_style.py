"""How curves look: legible in grey, and for all kinds of colour vision."""

# Okabe and Ito's colours; the markers and dashes tell curves apart in grey.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "os^DvPX"
DASHES = ("-", "--", ":", "-.")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "++", "oo")


def curve_look(i):
    """Return the color, marker and dashes of the i-th curve of a picture."""
    return {
        "color": COLORS[i % len(COLORS)],
        "marker": MARKERS[i % len(MARKERS)],
        "linestyle": DASHES[i % len(DASHES)],
        "linewidth": 1.6,
        "markersize": 5,
    }


def shades(n):
    """Return n colors of growing lightness, that keep their order in grey."""
    from matplotlib import colormaps

    return [colormaps["viridis"](0.9 * i / max(n - 1, 1)) for i in range(n)]


def new_axes(ax, size=(6, 3.8)):
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=size, layout="constrained")[1]


def tidy(ax):
    """Draw a light grid behind the curves and leave the upper frame out."""
    ax.grid(True, color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
