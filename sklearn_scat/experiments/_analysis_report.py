"""The report of an analysis: one page that needs nothing beside it."""

import io
from typing import Any

import numpy as np
from markupsafe import Markup

from sklearn_scat.displays import (
    LayerCurveDisplay,
    NeighborCurveDisplay,
    SpectrumDisplay,
)
from sklearn_scat.experiments._pages import Section, page_html, table_html

_QUESTIONS = {
    "contraction": "Distances within classes over those between classes; a class "
    "contracts where this falls.",
    "separation": "The smallest distances between classes (quantile 10⁻³), in units of "
    "the root of the layer's mean squared distance.",
    "accuracy": "A nearest neighbour and a Gaussian SVM on three quarters of the "
    "images, tested on the rest; features as they are, up to one factor a layer.",
    "support": "Share of images that most of their k nearest neighbours contradict, "
    "|Γᵏ|: mean over k, and for every k.",
    "dimension": "Maximum-likelihood estimate of the local dimension; biased downwards "
    "for few images. Control: every feature permuted on its own.",
    "variability": "Share of the variance that lies between the means of the classes, "
    "all taken with as many images.",
    "stability": "R: squared change by a smooth deformation over that by noise of the "
    "same norm; pixels have 1. D: the same change over the squared distance of two "
    "images. A layer that averages moves little by either: where D is tiny the "
    "deformation is all but removed, and R compares two tiny numbers. Where R is tiny "
    "and D is not, it is the noise that the layer amplifies.",
}
_QUANTITIES = {"variability": ("share",)}
_BESIDE = {"stability": ("R", "D")}  # in the table, of another unit than the curve

_FURTHER = {"contraction": (SpectrumDisplay,), "support": (NeighborCurveDisplay,)}


def analysis_html(analysis: Any) -> str:
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
        _title(analysis),
        [
            Section(_introduction(analysis)),
            *(Section(note) for note in _notes(analysis)),
            *(
                Section(_measurement(name, analysis), name.capitalize())
                for name in _QUESTIONS
                if name in results
            ),
            Section(_random_labels(results), "Random labels"),
            Section(
                _certificates(results, analysis.pixel_range), "Certificates and attacks"
            ),
            Section(Markup("<pre>{}</pre>").format(analysis.estimator), "Classifier"),
        ],
        footer=Markup("Written by <code>sklearn-scat analyse</code>."),
    )


def _title(analysis):
    if analysis.recipe:
        return f"{analysis.case}: what {analysis.recipe} does with it"
    return analysis.title or "What a classifier does with images"


def _introduction(analysis):
    """Return what was fitted and measured."""
    fitted = f"Fitted on {analysis.n_train:,} images; m" if analysis.n_train else "M"
    return Markup(
        "<p>{title} {fitted}easured on {n_test:,} others, of which {percent:.1f} % are "
        "classified correctly. The layers are the pixels and the classifier's steps, "
        "one after the other, each divided by one number: isometries change nothing. "
        "Controls have permuted labels.</p>"
    ).format(
        title=f"{analysis.title}." if analysis.title else "",
        fitted=fitted,
        n_test=analysis.n_test,
        percent=100 * analysis.accuracy,
    )


def _notes(analysis):
    """Return what could not be measured."""
    return [Markup("<p class='note'>{}</p>").format(note) for note in analysis.notes]


def _measurement(name, analysis):
    """Return the section of one measurement: pictures, and a table."""
    result = analysis.results[name]
    controlled = {"": result, "control": analysis.controls.get(name)}
    curves = {key: value for key, value in controlled.items() if value is not None}
    quantities = _QUANTITIES.get(name, result.headline)
    pictures = [
        LayerCurveDisplay(
            {"measured": result, "control": curves["control"]}
            if len(curves) > 1
            else result,
            quantity=quantities,
        ),
        *(further(result) for further in _FURTHER.get(name, ())),
    ]
    columns = [
        (f"{_words(q)}{', control' if key else ''}", value, q)
        for key, value in curves.items()
        for q in _BESIDE.get(name, quantities)
    ]
    rows = [
        [layer, *(f"{_mean(value, q, i):.3g}" for _, value, q in columns)]
        for i, layer in enumerate(result.layers)
    ]
    figures = Markup("").join(
        Markup("<figure>{}</figure>").format(
            _svg(display, f"{name} {i}".removesuffix(" 0"))
        )
        for i, display in enumerate(pictures)
    )
    header = ["layer", *(title for title, _, _ in columns)]
    return Markup("<p>{}</p>{}{}").format(
        _QUESTIONS[name], figures, table_html(header, rows)
    )


def _words(quantity):
    return quantity.replace("_", " ")


def _random_labels(results):
    """Return what fits to permuted labels remember, and what they predict."""
    if "random_labels" not in results:
        return ""
    found = results["random_labels"]
    permuted = [found.train_accuracy.mean(), found.test_accuracy.mean()]
    true = [found.true_train_accuracy, found.true_test_accuracy]
    rows = [
        [label, *(f"{100 * accuracy:.1f}" for accuracy in accuracies)]
        for label, accuracies in (("true", true), ("permuted", permuted))
    ]
    note = Markup(
        "<p>The classifier, fitted {} times to permuted labels. How many of these it "
        "learns by heart says how much it could fit; chance is {:.1f} %.</p>"
    ).format(len(found.train_accuracy), 100 * found.chance)
    header = ["labels", "learned (%)", "right on others (%)"]
    return note + table_html(header, rows)


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


def _certificates(results, pixel_range):
    """Return quantiles of certified radii, and of what attacks found."""
    if "certificate" not in results:
        return ""
    norms = {"certified radius": results["certificate"].radius}
    if "attack" in results:
        norms["smallest change found"] = results["attack"].norm
    quantiles, unit = (0.1, 0.5, 0.9), pixel_range or 1.0
    rows = [
        [name, *_quantiles(values, quantiles), *_quantiles(values / unit, quantiles)]
        for name, values in norms.items()
    ]
    header = ["norm of the image's change"]
    header += [f"{100 * q:.0f} %{of}" for of in ("", " / range") for q in quantiles]
    note = Markup(
        "<p>No change of the image below the radius can turn its decision; {}. Columns "
        "are quantiles over images, then the same in units of the range of the pixels, "
        "{:.4g}.</p>"
    ).format(_attacks(*norms.values()), pixel_range)
    return note + table_html(header, rows)


def _attacks(radius, norm=()):
    """Return how many images were attacked, and how many below their radius."""
    below = int(np.sum(norm < radius[: len(norm)] * 0.999999))
    return f"{len(norm)} images were attacked, and {below} attacks succeeded below"


def _quantiles(values, at):
    """Return quantiles as text."""
    return [f"{value:.3g}" for value in np.quantile(values, at, method="lower")]
