"""How far images are changed: by copies for classifiers, at random for networks."""

import math

# Of "affine", which turns, slants and moves an image about its centre.
ANGLE = math.radians(12)
SHIFT = 1.0  # pixels along either axis
# Slopes. Copies stay with their image, and were chosen larger on digits; a network
# sees a new change in every epoch.
SHEAR_OF_COPIES = 0.2
SHEAR_OF_BATCHES = 0.1
# Of "strong", over those of "affine", and in shares of the image's own spread and size.
STRONG = 3
STRONG_ZOOM = math.log(1.3)
COLOUR = 0.5
HOLE = 0.5  # of the sides, at most
LIKELY = 0.7  # share of images that each strong change meets
