"""The parameters of a transform, as several commands take them."""

from sklearn_scat.commands._arguments import count, whole_number
from sklearn_scat.filters import FRAMES


def add_parameters(parser):
    """Add the parameters of ScatteringTransformer to a command's parser."""
    add = parser.add_argument
    add("--J", type=count, default=2, help="scales (default: 2)")
    add("--L", type=whole_number, default=8, help="orientations (default: 8)")
    add("--max-order", type=count, default=2, metavar="M", help="(default: 2)")
    add("--padding", default="reflect", choices=["reflect", "zero", "periodic"])
    add("--frame", default="none", choices=[*FRAMES, "morlet"])
    add("--oversampling", type=count, default=0, metavar="N", help="(default: 0)")
    add(
        "--engine",
        default="auto",
        choices=("auto", "native", "definition", "torch", "triton"),
    )
    add("--device", default="auto", help="cpu, cuda, … (default: auto)")


def transformer(arguments, image_shape=None):
    """Return the transformer that the arguments ask for."""
    from sklearn_scat.transformers import ScatteringTransformer

    return ScatteringTransformer(
        J=arguments.J,
        L=arguments.L,
        max_order=arguments.max_order,
        image_shape=image_shape,
        pooling=arguments.pooling,
        padding=arguments.padding,
        frame=arguments.frame,
        oversampling=arguments.oversampling,
        engine=arguments.engine,
        device=arguments.device,
        batch_size=arguments.batch_size,
        cache=getattr(arguments, "cache", None),
    )
