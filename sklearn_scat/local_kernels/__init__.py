"""Kernels between images that compare patches of their maps at near positions."""

from sklearn_scat._public import settle
from sklearn_scat.local_kernels._features import LocalKernelFeatures
from sklearn_scat.local_kernels._local_kernel import LocalKernel
from sklearn_scat.local_kernels._maps import fit_scattering, maps_of

__all__ = ["LocalKernel", "LocalKernelFeatures", "fit_scattering", "maps_of"]

settle(__name__)
