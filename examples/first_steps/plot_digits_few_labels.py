"""
Digits from few labels
======================

What a representation is worth shows when labels are few. Here a linear classifier
learns from 2 to 20 digits of each class, on pixels, on principal components and on
scattering coefficients.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifierCV
from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images

# %%
# The scattering is computed once for all images. That leaks nothing from the test
# images: ``fit`` learns the size of the images, and no number depends on another image.

X, y = load_digits_images(return_X_y=True)
S = ScatteringTransformer(J=3).fit_transform(X)
print(f"{X.shape[1]} pixels, {S.shape[1]} scattering coefficients")

# %%
# All that is learned, scaling and penalty included, is learned from the drawn digits
# alone. The same five draws serve every method. Other linear classifiers give other
# numbers, in the same order; :doc:`/user_guide/pipelines` searches J as well.

head = RidgeClassifierCV(alphas=[10, 100, 1000, 10000])
methods = {
    "pixels": (X, make_pipeline(StandardScaler(), head)),
    "PCA, 15 components": (X, make_pipeline(PCA(15), StandardScaler(), head)),
    "scattering, J=3": (S, make_pipeline(StandardScaler(), head)),
}
sizes = [20, 50, 100, 200]
accuracy = {
    name: np.array(
        [
            cross_val_score(
                model,
                features,
                y,
                cv=StratifiedShuffleSplit(
                    5, train_size=n, test_size=500, random_state=0
                ),
            )
            for n in sizes
        ]
    )
    for name, (features, model) in methods.items()
}

# %%
# Mean and standard deviation over the draws.

fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
colors, styles = ["#D55E00", "#009E73", "#0072B2"], ["s--", "^:", "o-"]
for i, (name, scores) in enumerate(accuracy.items()):
    mean, spread = 100 * scores.mean(axis=1), 100 * scores.std(axis=1)
    look = {"color": colors[i], "fmt": styles[i], "capsize": 3, "label": name}
    ax.errorbar(sizes, mean, spread, **look)
    print(f"{name:20s}", "  ".join(map("{:5.1f} ± {:3.1f}".format, mean, spread)))
ax.set_xscale("log")
ax.set_xticks(sizes, sizes, minor=False)
ax.minorticks_off()
ax.set(xlabel="training digits (all classes together)", ylabel="test accuracy (%)")
ax.legend()
plt.show()
