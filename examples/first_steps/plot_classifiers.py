"""
Which classifier for how many labels
====================================

Four classifiers on the same scattering coefficients, for 2 to 50 training digits of
each class, on the same draws. :doc:`/user_guide/which_classifier` says when to take
which.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import RidgeClassifierCV
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import MeanNormSVC, PCAAffineClassifier, ScatteringTransformer
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.model_selection import BalancedSubsetSplit

# %%
# The square root needs nothing learned, and neither does the scattering: both are
# computed once, before the draws.

X, y = load_digits_images(return_X_y=True)
S = np.sqrt(np.abs(ScatteringTransformer(J=3).fit_transform(X)))

# %%
# Every classifier chooses its penalty or dimension inside the drawn digits, or has a
# setting that suits all sizes. The last 500 digits are for testing.

alphas = [10, 100, 1000, 10000]
classifiers = {
    "nearest centroid": NearestCentroid(),
    "ridge": make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=alphas)),
    "RBF SVM": MeanNormSVC(),
    "affine spaces": PCAAffineClassifier(max_components=40, random_state=0),
}
sizes = [20, 50, 100, 200, 500]
test = np.arange(len(y) - 500, len(y))


def mean_and_spread(classifier, n_total):
    """Return the mean accuracy over three draws and its standard deviation, in %."""
    draws = BalancedSubsetSplit(n_total, n_repeats=3, random_state=0, test=test)
    scores = 100 * cross_val_score(classifier, S, y, cv=draws)
    return scores.mean(), scores.std()


# %%

fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
colors, styles = (
    ["#000000", "#D55E00", "#009E73", "#0072B2"],
    ["v:", "s--", "^-.", "o-"],
)
for i, (name, classifier) in enumerate(classifiers.items()):
    mean, spread = np.transpose([mean_and_spread(classifier, n) for n in sizes])
    look = {"color": colors[i], "fmt": styles[i], "capsize": 3, "label": name}
    ax.errorbar(sizes, mean, spread, **look)
    print(f"{name:18s}", "  ".join(map("{:5.1f} ± {:3.1f}".format, mean, spread)))
ax.set_xscale("log")
ax.set_xticks(sizes, sizes, minor=False)
ax.minorticks_off()
ax.set(xlabel="training digits (all classes together)", ylabel="test accuracy (%)")
ax.legend()
plt.show()
