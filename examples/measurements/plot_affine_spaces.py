r"""
One affine space for each class
===============================

:class:`sklearn_scat.PCAAffineClassifier` models every class by its mean and its
first d principal directions, and gives an image to the nearest of these spaces. d = 0
is the nearest mean; with a larger d, more of what varies inside a class stops counting.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from sklearn_scat import PCAAffineClassifier, ScatteringTransformer
from sklearn_scat.datasets import load_digits_images

# %%
# 300 digits to learn from. The square root brings large and small coefficients closer
# together; without it, the largest ones rule the directions.

X, y = load_digits_images(return_X_y=True)
S = np.sqrt(np.abs(ScatteringTransformer(J=3).fit_transform(X)))
split = train_test_split(X, S, y, train_size=300, stratify=y, random_state=0)
X_train, X_test, S_train, S_test, y_train, y_test = split

# %%
# The dimension is chosen by cross-validation on the training digits: the largest whose
# error is within one standard error of the smallest.

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, train, test, color, style in [
    ("pixels", X_train, X_test, "#D55E00", "--"),
    ("scattering, J=3", S_train, S_test, "#0072B2", "-"),
]:
    classifier = PCAAffineClassifier(random_state=0).fit(train, y_train)
    errors = 100 * classifier.cv_errors_.mean(axis=0)
    d = classifier.n_components_
    test_error = 100 * (1 - classifier.score(test, y_test))
    ax.plot(errors, style, color=color, label=f"{name}: test error {test_error:.1f} %")
    ax.plot(d, errors[d], "o", color=color, markersize=8)
    print(f"{name}: d = {d}, test error {test_error:.1f} %")
ax.set(xlabel="dimension d of the spaces", ylabel="cross-validated error (%)", ylim=0)
ax.legend(title="dots: the dimension chosen")
plt.show()
