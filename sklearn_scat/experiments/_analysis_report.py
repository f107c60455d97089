"""The report of an analysis: one page that needs nothing beside it."""

import io

import numpy as np
from markupsafe import Markup

from sklearn_scat.displays import LayerCurveDisplay
from sklearn_scat.experiments._pages import Section, page_html, table_html

_QUESTIONS = {
    "contraction": "Distances within classes over those between classes; a class "
    "contracts where this falls.",
    "separation": "The smallest distances between classes (quantile 10⁻³) of "
    "standardised features.",
    "accuracy": "A nearest neighbour and a Gaussian SVM on three quarters of the "
    "images, tested on the rest.",
    "support": "Share of images that most of their k nearest neighbours contradict, "
    "mean over k.",
    "dimension": "Maximum-likelihood estimate of the local dimension; biased downwards "
    "for few images.",
    "stability": "Change by a smooth deformation over that by noise of the same norm; "
    "pixels have 1.",
}


def analysis_html(analysis):
    """Return the report of an analysis as one self-contained HTML page.

    Parameters
    ----------
    analysis : Analysis
        The measurements.

    Returns
    -------
    html : str
        A section a question, with a picture and a table over the layers; certificates
        and attacks; notes; the classifier.
    """
    results = analysis.results
    return page_html(
        f"{analysis.case}: what {analysis.recipe} does with it",
        [
            Section(_introduction(analysis)),
            *(Section(note) for note in _notes(analysis)),
            *(
                Section(_measurement(name, results[name]), name.capitalize())
                for name in _QUESTIONS
                if name in results
            ),
            Section(_certificates(results), "Certificates and attacks"),
            Section(Markup("<pre>{}</pre>").format(analysis.estimator), "Classifier"),
        ],
        footer=Markup("Written by <code>sklearn-scat analyse</code>."),
    )


def _introduction(analysis):
    """Return what was fitted and measured."""
    return Markup(
        "<p>{title}. Fitted on {n_train:,} images; measured on {n_test:,} others, of "
        "which {percent:.1f} % are classified correctly. The layers are the pixels and "
        "the classifier's steps, one after the other.</p>"
    ).format(
        title=analysis.title,
        n_train=analysis.n_train,
        n_test=analysis.n_test,
        percent=100 * analysis.accuracy,
    )


def _notes(analysis):
    """Return what could not be measured."""
    return [Markup("<p class='note'>{}</p>").format(note) for note in analysis.notes]


def _measurement(name, result):
    """Return the section of one measurement: a picture and a table."""
    quantities = result.headline
    rows = [
        [layer, *(f"{_mean(result, q, i):.3g}" for q in quantities)]
        for i, layer in enumerate(result.layers)
    ]
    header = ["layer", *(q.replace("_", " ") for q in quantities)]
    return Markup("<p>{}</p><figure>{}</figure>{}").format(
        _QUESTIONS[name],
        _svg(LayerCurveDisplay(result), name),
        table_html(header, rows),
    )


def _mean(result, quantity, i):
    """Return a quantity of a layer, averaged over its further axes."""
    return float(np.mean(getattr(result, quantity)[i]))


def _svg(display, label):
    """Return a picture as an SVG element that refers to nothing outside itself."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    display.plot(figure.add_subplot())
    text = io.StringIO()
    # a salt of its own, so that pictures of one page share no identifiers
    with matplotlib.rc_context({"svg.hashsalt": f"sklearn_scat {label}"}):
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None})
    _, _, svg = text.getvalue().partition("<svg")
    return Markup('<svg role="img" aria-label="{}"').format(label) + Markup(svg)


def _certificates(results):
    """Return quantiles of certified radii, and of what attacks found."""
    if "certificate" not in results:
        return ""
    certificate, attack = results["certificate"], results["attack"]
    quantiles = (0.1, 0.5, 0.9)
    rows = [
        ["certified radius", *_quantiles(certificate.radius, quantiles)],
        ["smallest change found", *_quantiles(attack.norm, quantiles)],
    ]
    below = int(np.sum(attack.norm < certificate.radius[: len(attack.norm)] * 0.999999))
    header = ["norm of the image's change", *(f"{100 * q:.0f} %" for q in quantiles)]
    note = Markup(
        "<p>No change of the image below the radius can turn its decision; {} images "
        "were attacked, and {} attacks succeeded below. Columns are quantiles over "
        "images.</p>"
    ).format(len(attack.norm), below)
    return note + table_html(header, rows)


def _quantiles(values, at):
    """Return quantiles as text."""
    return [f"{value:.3g}" for value in np.quantile(values, at, method="lower")]
