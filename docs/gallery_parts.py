"""Parts of the gallery: in which order it is read, and words for its figures."""

import re

from sphinx_gallery.scrapers import matplotlib_scraper

ORDER = [
    "plot_digits_few_labels.py",
    "plot_coefficients.py",
    "plot_filter_bank.py",
    "plot_classifiers.py",
    "plot_photographs_few_labels.py",
    "plot_textures.py",
    "plot_rotations.py",
    "plot_segmentation.py",
    "plot_similar_places.py",
    "plot_torch_network.py",
    "plot_hybrid_digits.py",
    "plot_learned_filters.py",
    "plot_reconstruction.py",
    "plot_stability.py",
    "plot_variability.py",
    "plot_affine_spaces.py",
    "plot_layers.py",
    "plot_certificates.py",
    "plot_questionnaire.py",
    "plot_personality.py",
    "plot_channel_order.py",
]


def reading_order(file):
    """Return the place of an example in the order in which one would read them."""
    return ORDER.index(file)


def scraper(block, block_vars, gallery_conf, **options):
    """Save the figures as sphinx-gallery does; describe each by what is on its axes.

    A figure of which no axis has a label is an error, which ends the build.
    """
    from matplotlib import pyplot

    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    for figure in figures:
        check_labelled(figure, block_vars["src_file"])
    words = iter([describe(figure) for figure in figures])
    rst = matplotlib_scraper(block, block_vars, gallery_conf, **options)
    return re.sub(r"(?<=:alt: ).*", lambda _: next(words), rst)


def check_labelled(figure, example):
    """Refuse a figure of an example of which no axis has a label."""
    if not any(ax.get_xlabel() + ax.get_ylabel() for ax in figure.axes):
        raise ValueError(f"{example}: no axis of a figure has a label")


def describe(figure):
    """Return the title of a figure and, axes by axes, what they show."""
    title = figure.get_suptitle()
    axes = [describe_axes(ax) for ax in figure.axes if ax.get_visible()]
    distinct = dict.fromkeys(text for text in [title, *axes] if text)
    return " ".join("; ".join(distinct).split()) + "."


def describe_axes(ax):
    """Return title, labels, legend and names along the axes as text."""
    titles = [ax.get_title(place) for place in ("left", "center", "right")]
    labels = " against ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel())))
    text = ": ".join(filter(None, [*titles, labels]))
    ticks = [*ax.get_yticklabels(), *ax.get_xticklabels()]
    names = [tick.get_text() for tick in ticks if re.match("[A-Za-z]", tick.get_text())]
    if legend := ax.get_legend():
        names += [entry.get_text() for entry in legend.get_texts()]
    return " for ".join(filter(None, [text, ", ".join(dict.fromkeys(names))]))
