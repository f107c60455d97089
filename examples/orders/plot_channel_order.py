r"""
An order for the channels of a layer
====================================

The angles of first-order scattering are an axis: neighbours answer alike, and a
translation along it is a rotation of the image. When the channels are shuffled, what
they answer is enough to bring the circle back.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from sklearn_scat import ImageClassifier, LayerOrganiser, ScatteringTransformer
from sklearn_scat.analysis import layer_features, mode_shares, transport
from sklearn_scat.datasets import make_textures
from sklearn_scat.displays import TransportDisplay, VariationDisplay

# %%
# Ripples in all directions, and their coefficients of order 1 for 12 angles. The
# channels are the angles, which are shuffled.

L = 12
images, _ = make_textures(
    80, image_shape=(32, 32), kinds=["gaussian-ripple"], rotate=True, random_state=0
)
scattering = ScatteringTransformer(
    J=2, L=L, max_order=1, padding="periodic", output="maps"
)
maps = scattering.fit_transform(images)[:, 1:]  # (80, J·L, 8, 8)
maps = maps.reshape(80, 2, L, 8, 8).swapaxes(1, 2)  # (80, L, J, 8, 8)
angles = np.random.default_rng(0).permutation(L)
shuffled = maps[:, angles]

# %%
# The circle
# ----------
#
# The first two diffusion coordinates of the channels. The numbers are the true angles,
# which the organiser does not know.

organiser = LayerOrganiser("circle").fit(shuffled)
fig, ax = plt.subplots(figsize=(4, 3.8), layout="constrained")
points = organiser.embedding_[:, :2]
ring = np.append(organiser.order_, organiser.order_[0])
ax.plot(*points[ring].T, color="0.7", zorder=1)
ax.scatter(*points.T, c=angles, cmap="twilight", edgecolors="0.3", s=60, zorder=2)
for point, angle in zip(points, angles, strict=True):
    ax.annotate(f"{180 * angle // L}°", point, (5, 5), textcoords="offset points")
ax.set(xlabel="first diffusion coordinate", ylabel="second diffusion coordinate")
ax.margins(0.15)
print("angles in the order found:", 180 * angles[organiser.order_] // L)

# %%
# Smoothness
# ----------
#
# Total variation along the channels, over that of random orders: 1 says nothing.

VariationDisplay.from_estimator(organiser).plot()

# %%
# Translations
# ------------
#
# Once there is an order, channels can be translated. The images whose coefficients are
# nearest to the translated ones are turned, by 15° for each channel.

pooled = organiser.transform(shuffled).mean(axis=(3, 4))
nearest = {s: transport(pooled, axis=1, shift=s).nearest for s in (1, 2, 3, 6)}
TransportDisplay(images, nearest).plot(samples=(0, 1, 2, 3))

# %%
# Flatness
# --------
#
# What rotation changes lies in the slowest Fourier modes along the axis, in the order
# found; in the shuffled order it is spread over all.

fig, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
for name, layer, look in (
    ("in the order found", pooled, "o-"),
    ("as they came", shuffled.mean(axis=(3, 4)), "s--"),
):
    share = 100 * mode_shares(layer, axis=1).share
    ax.plot(range(len(share)), share, look, label=name)
ax.set(xlabel="Fourier mode along the channels", ylabel="variance (%)")
ax.legend(frameon=False)

# %%
# A layer of a network
# --------------------
#
# The channels of an ordinary network come in no order at all. What they answer gives
# them one too, though no circle: here the leaves of a tree.

X, y = load_digits(return_X_y=True)
X = X.reshape(-1, 1, 8, 8).astype(np.float32) / 16
classifier = ImageClassifier(max_epochs=4, module__width=16, random_state=0)
network = classifier.fit(X[:600], y[:600]).to_torch()
answers = layer_features(network, X[600:800], layers=["bn2"], pool=None)["bn2"]
organiser = LayerOrganiser("tree", n_channels=32).fit(answers)
VariationDisplay.from_estimator(organiser).plot()

# %%
# Correlations of the channels, as they came and in that order.

channels = answers.reshape(200, 32, -1).swapaxes(0, 1).reshape(32, -1)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
orders = {"as they came": np.arange(32), "organised": organiser.order_}
for ax, (title, order) in zip(axes, orders.items(), strict=True):
    image = ax.imshow(np.corrcoef(channels[order]), cmap="RdBu_r", vmin=-1, vmax=1)
    ax.set(title=title, xlabel="channel", ylabel="channel", xticks=[], yticks=[])
fig.colorbar(image, ax=axes, label="correlation")
plt.show()
