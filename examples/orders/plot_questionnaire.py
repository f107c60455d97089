r"""
A shuffled questionnaire, recovered
===================================

Rows and columns of a smooth matrix are shuffled, so that nothing is left to see. Trees
on the rows and on the columns, each made from the other, bring the order back; and most
coefficients in their Haar-like bases vanish.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_scat import Questionnaire
from sklearn_scat.datasets import load_pixel_questionnaire, make_questionnaire
from sklearn_scat.displays import HaarDisplay, MatrixDisplay
from sklearn_scat.questionnaire import (
    compression_curve,
    dyadic_tree,
    mixed_holder,
    random_tree,
    tensor_haar,
)

# %%
# The matrix as it came, and in the order of its trees. Steps that are left stand where
# folders end: the order inside a folder is known, that of folders only coarsely.

answers = make_questionnaire(128, 96, random_state=0)
questionnaire = Questionnaire().fit(answers.data)
MatrixDisplay.from_estimator(questionnaire, answers.data).plot()

# %%
# Coefficients
# ------------
#
# In these trees coefficients fall with the size of their supports, about as those of a
# matrix that is smooth of order α fall.

trees = questionnaire.row_tree_, questionnaire.column_tree_
decay = mixed_holder(questionnaire.coef_, *trees)
HaarDisplay(decay).plot()
print(f"fitted order of smoothness: {decay.exponent:.2f}")

# %%
# The learned trees compress the matrix nearly as well as those of the true positions,
# which nobody told; trees at random do not compress at all.

pairs = {
    "learned trees": (trees, "-"),
    "true positions": (
        (dyadic_tree(answers.row_positions), dyadic_tree(answers.column_positions)),
        "--",
    ),
    "random trees": (
        (random_tree(128, random_state=0), random_tree(96, random_state=1)),
        ":",
    ),
}
fig, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
share = 100 * np.arange(answers.data.size + 1) / answers.data.size
for name, (pair, dashes) in pairs.items():
    error = compression_curve(tensor_haar(answers.data, *pair))
    ax.semilogx(share[1:-1], 100 * error[1:-1], dashes, label=name)
ax.set(xlabel="coefficients kept (%)", ylabel="relative error (%)")
ax.legend(frameon=False)

# %%
# Noisy answers with gaps
# -----------------------
#
# Three quarters of the answers, and noise on them. Shrinking the coefficients in
# several pairs of trees finds the matrix behind.

noisy = make_questionnaire(128, 96, noise=0.5, missing=0.25, random_state=0)
questionnaire = Questionnaire(missing="ignore").fit(noisy.data)
quiet = questionnaire.denoise(noisy.data)
order = np.ix_(questionnaire.row_order_, questionnaire.column_order_)
fig, axes = plt.subplots(1, 3, figsize=(8.4, 2.9), layout="constrained")
titles = ["noisy, with gaps", "denoised", "truth"]
for ax, M, title in zip(
    axes, [noisy.data, quiet, noisy.expectation], titles, strict=True
):
    image = ax.imshow(M[order], cmap="cividis", vmin=-1.5, vmax=1.5, aspect="auto")
    ax.set(title=title, xticks=[], yticks=[], xlabel="column", ylabel="row")
fig.colorbar(image, ax=axes, label="answer")

# %%
# Pixels and digits
# -----------------
#
# A real one: 64 pixels asked about 300 images of digits, both shuffled. Neighbours in
# the order of the columns mostly show the same digit, which no one told either.

digits = load_pixel_questionnaire(n_images=300, random_state=0)
ink = digits.data - digits.data.mean(axis=1, keepdims=True)
questionnaire = Questionnaire(tree="binary").fit(ink)
MatrixDisplay.from_estimator(questionnaire, ink).plot()
target = digits.target[questionnaire.column_order_]
same = np.mean(target[1:] == target[:-1])
print(f"neighbours that show the same digit: {100 * same:.0f} % (by chance 10 %)")
plt.show()
