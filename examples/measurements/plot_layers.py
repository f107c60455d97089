r"""
What the layers of a network do
===============================

A network that classifies well ends in features that a linear function can tell apart.
How does it get there? Thirteen convolutions of one width are trained on digits and
measured layer by layer, beside the same network untrained. The trained one contracts
each class, step by step, relative to the distance between classes; the untrained one
does not. The measurements are explained in :doc:`/user_guide/contraction` and
:doc:`/user_guide/boundary`.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.optim.swa_utils import update_bn

from sklearn_scat import ImageClassifier
from sklearn_scat.analysis import (
    contraction,
    layer_accuracy,
    layer_features,
    local_support_vectors,
    standardize,
)
from sklearn_scat.displays import LayerCurveDisplay, SpectrumDisplay
from sklearn_scat.nn import RegularBoundaryNet

# %%
# Two networks
# ------------
#
# Eight passes over 1,097 digits are enough here. The statistics of batch normalisation
# lag behind in so short a training, and mean nothing in an untrained network: they are
# measured anew on the training images.

X, y = load_digits(return_X_y=True)
X = ((X - X.mean()) / X.std()).astype(np.float32).reshape(-1, 1, 8, 8)
X, X_test, y, y_test = train_test_split(X, y, test_size=700, random_state=0, stratify=y)
classifier = ImageClassifier(
    RegularBoundaryNet,
    module__width=16,
    module__dropout=0.0,
    module__momentum=0.1,
    lr=1e-2,
    max_epochs=8,
    random_state=0,
).fit(X, y)
torch.manual_seed(0)
networks = {
    "trained": classifier.to_torch(),
    "untrained": RegularBoundaryNet(width=16, in_channels=1),
}
for net in networks.values():
    update_bn(torch.from_numpy(X).split(256), net)

# %%
# The features of a layer are the means of its maps, each standardised on the training
# images.

names = [f"layers.{i}" for i in range(13)]
train = {key: layer_features(net, X, layers=names) for key, net in networks.items()}
test = {key: layer_features(net, X_test, layers=names) for key, net in networks.items()}
features = {key: standardize(test[key], train[key]) for key in networks}

# %%
# Contraction
# -----------
#
# The mean distance within the classes, over the mean distance between classes, of
# images that the network did not learn from; and how many directions hold the variance
# of a class.

ratios = {key: contraction(F, y_test) for key, F in features.items()}
for key, result in ratios.items():
    print(f"{key:>9s}:", " ".join(f"{ratio:.2f}" for ratio in result.ratio))
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
LayerCurveDisplay(ratios).plot(axes[0])
SpectrumDisplay(ratios["trained"], layers=names[::4]).plot(axes[1])

# %%
# The boundary
# ------------
#
# Fewer and fewer images have a nearest neighbour of another class, and simple
# classifiers get better with depth.

vectors = {key: local_support_vectors(F, y_test) for key, F in features.items()}
scores = {
    key: layer_accuracy(train[key], y, F_test=test[key], y_test=y_test)
    for key in networks
}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
LayerCurveDisplay(vectors, quantity="first").plot(axes[0])
LayerCurveDisplay(scores, quantity="nearest_neighbor").plot(axes[1])
plt.show()
