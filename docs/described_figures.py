"""Words for the figures of the gallery, for whoever does not see them."""

import re

from sphinx_gallery.scrapers import matplotlib_scraper


def scraper(block, block_vars, gallery_conf, **options):
    """Save the figures as sphinx-gallery does; describe each by what is on its axes."""
    from matplotlib import pyplot

    words = iter([describe(pyplot.figure(number)) for number in pyplot.get_fignums()])
    rst = matplotlib_scraper(block, block_vars, gallery_conf, **options)
    return re.sub(r"(?<=:alt: ).*", lambda _: next(words), rst)


def describe(figure):
    """Return the title of a figure and, axes by axes, what they show."""
    title = figure.get_suptitle()
    axes = [describe_axes(ax) for ax in figure.axes if ax.get_visible()]
    distinct = dict.fromkeys(text for text in [title, *axes] if text)
    return " ".join("; ".join(distinct).split()) + "."


def describe_axes(ax):
    """Return title, labels and legend of axes as text."""
    parts = [ax.get_title(loc) for loc in ("left", "center", "right")]
    labels = [label for label in (ax.get_ylabel(), ax.get_xlabel()) if label]
    parts.append(" against ".join(labels))
    if legend := ax.get_legend():
        parts.append("for " + ", ".join(t.get_text() for t in legend.get_texts()))
    return ": ".join(part for part in parts if part).replace(": for ", " for ")
