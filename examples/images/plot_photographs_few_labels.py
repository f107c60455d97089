"""
Which photograph is this a piece of?
====================================

Pieces of two photographs, 48×48 pixels in colour, told apart after 2 to 32 labelled
pieces of each: by scattering, by the pixels, and by their colours alone. A few pieces
are enough where the representation does not depend on what lies exactly where.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_scat import ScatteringTransformer

# %%
# 104 pieces of each photograph that comes with scikit-learn, without overlap. The
# colours of each piece are brought to mean 0 and deviation 1, or they would tell all.
side, images, labels = 48, [], []
for label, photograph in enumerate(load_sample_images().images):
    rows, columns = (n // side for n in photograph.shape[:2])
    pieces = photograph[: rows * side, : columns * side] / 255
    pieces = pieces.reshape(rows, side, columns, side, 3).transpose(0, 2, 4, 1, 3)
    images.append(pieces.reshape(-1, 3, side, side))
    labels += [label] * rows * columns
X, y = np.concatenate(images), np.array(labels)
axes = (1, 2, 3)
X = (X - X.mean(axes, keepdims=True)) / (X.std(axes, keepdims=True) + 0.05)
X = X.astype(np.float32)  # as the native kernel takes them

# %%
# One ridge regression after each representation.
models = {
    "scattering, means": ScatteringTransformer(J=4, pooling="mean"),
    "pixels": FunctionTransformer(lambda x: x.reshape(len(x), -1)),
    "means of colours": FunctionTransformer(lambda x: x.mean(axis=(2, 3))),
}
sizes = [2, 4, 8, 16, 32]
for name, representation in models.items():
    accuracy = []
    features = representation.fit_transform(X)
    for n in sizes:
        split = StratifiedShuffleSplit(5, train_size=2 * n, random_state=0)
        model = make_pipeline(StandardScaler(), RidgeClassifier(10))
        accuracy.append(cross_val_score(model, features, y, cv=split).mean())
    plt.plot(sizes, accuracy, "o-", label=name)
    print(name, np.round(accuracy, 2))
plt.xscale("log", base=2)
plt.xlabel("labelled pieces of each photograph")
plt.ylabel("accuracy on other pieces")
plt.legend()
plt.show()
