"""Small perturbations that change a decision, for batches of images."""

import torch

_BISECTIONS = 20


def nearest(attack, scores, x, *, y):
    """Return what an attack finds, brought as near as the boundary allows.

    Parameters
    ----------
    attack : callable
        From scores, images and classes to perturbed images, as below.
    scores : callable
        From images (B, …) to scores (B, K), differentiable.
    x, y : Tensor of shape (B, …) and (B,)
        Images, and the classes to give up.

    Returns
    -------
    perturbed : Tensor of shape (B, …)
        x itself where it is given to another class already, or nothing was found.
    success : ndarray of bool of shape (B,)
        Whether `perturbed` is given to another class.
    """
    before = wrong(scores, x, y)
    found = attack(scores, x, y)
    nearer = _shorten(scores, x, found, y=y)
    # rounding may put the end of the search back on the right side
    found = torch.where(_like(wrong(scores, nearer, y), x), nearer, found)
    success = before | wrong(scores, found, y)
    moved = _like(success & ~before, x)
    return torch.where(moved, found, x), success.numpy()


def deepfool(scores, x, y, *, max_iter, overshoot=0.02):
    """Step onto the nearest boundary of the linearised scores until y is given up.

    Parameters
    ----------
    scores, x, y
        As for :func:`nearest`.
    max_iter : int
        Steps.
    overshoot : float, default=0.02
        How much longer a step is than to the boundary.

    Returns
    -------
    perturbed : Tensor of shape (B, …)
        Where nothing was found, the last image that was tried.
    """
    perturbed = x.clone()
    for _ in range(max_iter):
        rest = torch.nonzero(~wrong(scores, perturbed, y)).flatten()
        if not len(rest):
            break
        step = _to_boundary(scores, perturbed[rest], y[rest])
        perturbed[rest] += (1 + overshoot) * step
    return perturbed


def projected_gradient(scores, x, y, *, max_iter, generator):
    """Descend the margin within balls, whose radius is doubled, then bisected.

    Parameters
    ----------
    scores, x, y
        As for :func:`nearest`.
    max_iter : int
        Steps within each ball.
    generator : torch.Generator
        Draws where they begin.

    Returns
    -------
    perturbed : Tensor of shape (B, …)
        The nearest that was found; x itself where nothing was.
    """
    best, size = x.clone(), _norm(x)
    high = 1e-3 * torch.where(size > 0, size, torch.ones_like(size))
    low, found = torch.zeros_like(high), torch.zeros(len(x), dtype=torch.bool)
    for _ in range(_BISECTIONS):
        radius = torch.where(found, (low + high) / 2, high)
        tried = _descend(
            scores, x, y, radius=radius, max_iter=max_iter, generator=generator
        )
        hit = wrong(scores, tried, y)
        best = torch.where(_like(hit, x), tried, best)
        low = torch.where(hit, low, radius)
        high = torch.where(hit, radius, torch.where(found, high, 2 * radius))
        found |= hit
    return best


def _shorten(scores, x, perturbed, *, y):
    """Return the nearest point to x on the segment to `perturbed` that is wrong too."""
    low, high = x.new_zeros(len(x)), x.new_ones(len(x))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        hit = wrong(scores, x + _like(middle, x) * (perturbed - x), y)
        low, high = torch.where(hit, low, middle), torch.where(hit, middle, high)
    return x + _like(high, x) * (perturbed - x)


def wrong(scores, x, y):
    """Tell which images are not given to the class y."""
    with torch.no_grad():
        return scores(x).argmax(1) != y


def _to_boundary(scores, x, y):
    """Return the shortest step to a boundary of the linearised scores."""
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        f = scores(x)
        gradients = [
            torch.autograd.grad(f[:, k].sum(), x, retain_graph=True)[0]
            for k in range(f.shape[1])
        ]
    f, w = f.detach(), torch.stack(gradients, 1).flatten(2)  # (B, K), (B, K, pixels)
    rows = torch.arange(len(x))
    gap = f - f[rows, y, None]
    slope = w - w[rows, y, None]
    length = gap.abs() / slope.norm(dim=2)
    length[rows, y] = torch.inf
    length = length.nan_to_num(torch.inf)
    k = length.argmin(1)
    direction = slope[rows, k]
    square = direction.square().sum(1, keepdim=True)
    tiny = torch.finfo(x.dtype).tiny
    step = (gap[rows, k, None].abs() + 1e-9) * direction / square.clamp(min=tiny)
    return step.reshape(x.shape)


def _descend(scores, x, y, *, radius, max_iter, generator):
    """Descend the margin of y within balls of the given radii."""
    noise = torch.randn(x.shape, generator=generator, dtype=x.dtype)
    start = _like(radius / _norm(noise), x) * noise / 2
    delta = start
    for _ in range(max_iter):
        point = (x + delta).detach().requires_grad_()
        with torch.enable_grad():
            f = scores(point)
            others = f.scatter(1, y[:, None], -torch.inf).amax(1)
            margin = f.gather(1, y[:, None]).squeeze(1) - others
            (gradient,) = torch.autograd.grad(margin.sum(), point)
        tiny = torch.finfo(x.dtype).tiny
        length = 2.5 * radius / max_iter / _norm(gradient).clamp(min=tiny)
        delta = delta - _like(length, x) * gradient
        delta = delta * _like((radius / _norm(delta).clamp(min=tiny)).clamp(max=1), x)
    return x + delta


def _norm(x):
    """Return the Euclidean norm of each image: (B,)."""
    return x.flatten(1).norm(dim=1)


def _like(values, x):
    """Give one number per image the axes of images."""
    return values.reshape(-1, *[1] * (x.ndim - 1))
