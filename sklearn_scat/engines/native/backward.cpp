// The workspace of the gradient.
#include "plan.h"

#include <algorithm>

namespace scat {

BackwardSpace lay_out_backward(const Plan &plan) {
    const std::size_t W = plan.lanes, line = 2 * (std::max(plan.M, plan.N) + 2 * W) * W;
    std::size_t phase = 0, sums = 0, inner_sums = 0;
    for (const First &first : plan.first) {
        const std::size_t G = first.scale.G, R = W / G;
        const std::size_t held = first.descend ? std::max<std::size_t>(first.T / G, 1) : 1;
        phase = std::max(phase, held * ((first.scale.m + R - 1) / R) * first.scale.n * 2 * W);
        sums = std::max(sums, G * plan.spectrum.size());
        for (const Scale &scale : first.second)
            inner_sums = std::max(inner_sums, scale.G * first.spectrum.size());
    }
    BackwardSpace space;
    std::size_t at = plan.total;
    auto take = [&](std::size_t &place, std::size_t floats) {
        place = at;
        at += (floats + 15) / 16 * 16 + 16;
    };
    take(space.at_line3, line);
    take(space.at_line4, line);
    take(space.at_phase, phase);
    take(space.at_inner_sums, inner_sums + W);
    take(space.at_sums, sums + W);
    take(space.at_gradient, plan.first.empty() ? 0 : plan.spectrum.size() + W);
    space.total = at;
    return space;
}

} // namespace scat
