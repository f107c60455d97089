"""DICOM and FITS: the files of radiology and astronomy, by pydicom and astropy."""

import numpy as np

from sklearn_scat.datasets._pages import Page, Source, check_size, needed

_WHITE_IS_ZERO = "MONOCHROME1"


def is_dicom(head):
    """Tell a DICOM file by its first 132 bytes."""
    return head[128:132] == b"DICM"


def is_fits(head):
    """Tell a FITS file by its first bytes."""
    return head.startswith(b"SIMPLE  =")


def of_dicom(stream):
    """Return the frames of a DICOM file, in the units of its modality.

    Where the file rescales what is stored, as computed tomography does to Hounsfield
    units, the values are floats, which have no white.

    References
    ----------
    DICOM PS3.3, section C.11.1, "Modality LUT Module", and section C.7.6.3.1.2.
    """
    pydicom = needed("pydicom", why="DICOM files need pydicom", packages="pydicom")
    dataset = pydicom.dcmread(stream)
    n_frames = int(dataset.get("NumberOfFrames") or 1)
    size = (int(dataset.Rows), int(dataset.Columns))
    check_size(*size, n_frames * dataset.SamplesPerPixel * size[0] * size[1])

    def page(i, all_bands=False):
        pixels = pydicom.pixels.pixel_array(dataset, index=i)
        return Page(_bands_first(_in_units(pydicom, pixels, dataset)))

    return Source(size, n_frames, page)


def _in_units(pydicom, pixels, dataset):
    """Return stored values in the units of the modality, white at the largest."""
    rescales = (dataset.get("RescaleSlope", 1), dataset.get("RescaleIntercept", 0))
    if rescales != (1, 0) or "ModalityLUTSequence" in dataset:
        return pydicom.pixels.apply_modality_lut(pixels, dataset)
    if dataset.PhotometricInterpretation == _WHITE_IS_ZERO and pixels.dtype.kind == "u":
        return pixels.dtype.type((1 << dataset.BitsStored) - 1) - pixels
    return pixels


def _bands_first(pixels):
    return np.moveaxis(np.atleast_3d(pixels), -1, 0)


def of_fits(stream):
    """Return the images of a FITS file, rows in the order in which they are stored.

    References
    ----------
    Definition of the Flexible Image Transport System, version 4.0, section 4.4.1.
    """
    fits = needed("astropy.io.fits", why="FITS files need astropy", packages="astropy")
    units = [
        unit
        for unit in fits.open(stream, memmap=False)
        if unit.is_image and len(unit.shape) in (2, 3)
    ]
    if not units:
        raise ValueError("it holds no image of two or three axes")
    for unit in units:
        check_size(*unit.shape[-2:], int(np.prod(unit.shape)))

    def page(i, all_bands=False):
        pixels = np.asarray(units[i].data)
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
        return Page(pixels if pixels.ndim == 3 else pixels[None])

    return Source(units[0].shape[-2:], len(units), page)
