"""The report of an analysis: one page that needs nothing beside it."""

import io
from html import escape

import numpy as np

from sklearn_scat.displays import LayerCurveDisplay
from sklearn_scat.experiments._report import STYLE
from sklearn_scat.experiments._tables import table_html

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
    title = escape(f"{analysis.case}: what {analysis.method} does with it")
    sections = [
        f"<p>{escape(analysis.title)}. Fitted on {analysis.n_train:,} images; measured "
        f"on {analysis.n_test:,} others, of which {100 * analysis.accuracy:.1f} % are "
        "classified correctly. The layers are the pixels and the classifier's steps, "
        "one after the other.</p>",
        *(_notes(analysis)),
        *(
            _measurement(name, analysis.results[name])
            for name in _QUESTIONS
            if name in analysis.results
        ),
        _certificates(analysis.results),
        f"<h2>Classifier</h2><pre>{escape(analysis.estimator)}</pre>",
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *filter(None, sections),
            "<footer>Written by <code>sklearn-scat analyse</code>.</footer>",
            "</body></html>\n",
        ]
    )


def _notes(analysis):
    """Return what could not be measured."""
    return [f"<p class='note'>{escape(note)}</p>" for note in analysis.notes]


def _measurement(name, result):
    """Return the section of one measurement: a picture and a table."""
    quantities = result.headline
    rows = [
        [layer, *(f"{_mean(result, q, i):.3g}" for q in quantities)]
        for i, layer in enumerate(result.layers)
    ]
    header = ["layer", *(q.replace("_", " ") for q in quantities)]
    return (
        f"<h2>{name.capitalize()}</h2><p>{_QUESTIONS[name]}</p>"
        f"<figure>{_svg(LayerCurveDisplay(result), name)}</figure>"
        f"{table_html(header, rows)}"
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
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)


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
    return (
        "<h2>Certificates and attacks</h2><p>No change of the image below the radius "
        f"can turn its decision; {len(attack.norm)} images were attacked, and {below} "
        f"attacks succeeded below. Columns are quantiles over images.</p>"
        f"{table_html(header, rows)}"
    )


def _quantiles(values, at):
    """Return quantiles as text."""
    return [f"{value:.3g}" for value in np.quantile(values, at, method="lower")]
