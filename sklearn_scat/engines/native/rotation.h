// The second layer of roto-translation scattering, of one image.
//
// For each scale and group of G orientations t2, the wavelets act on the maps of all
// orientations t1: a vector holds one t1, so that the filters along t1 are sums of
// vectors, row by row, while the maps of all t1 are in L1 or L2.
#ifndef SCAT_ROTATION_H
#define SCAT_ROTATION_H

#include "cascade.h"

namespace {

struct RotationSpace {
    V *lines, *moduli, *maps, *signs;
    std::ptrdiff_t line, modulus, map; // vectors from one t1, output, output to the next
};

// Where the last pass puts maps: real and imaginary parts change back, some conjugated.
struct Signed {
    V *to;
    V sign;
    SCAT_INLINE void operator()(int k, V re, V im) const {
        to[2 * k] = im, to[2 * k + 1] = re * sign;
    }
};

// ROWS rows of a filter at AT positions: |A x + i B y| and |A x - i B y|.
template <int AT, int ROWS, bool REAL>
SCAT_INLINE void filter_rows(const float *weights, int L, const V *z, std::ptrdiff_t step,
                             V (&plus)[ROWS * AT], V (&minus)[ROWS * AT]) {
    V p[ROWS * AT], q[ROWS * AT], r[ROWS * AT], s[ROWS * AT];
    static_for<ROWS * AT>([&](auto i) __attribute__((always_inline)) {
        p[i] = q[i] = r[i] = s[i] = V{};
    });
    for (int t = 0; t < L; ++t, z += step)
        static_for<ROWS * AT>([&](auto i) __attribute__((always_inline)) {
            const float *c = weights + (std::ptrdiff_t(i / AT) * L + t) * 4;
            const V x = z[2 * (i % AT)], y = z[2 * (i % AT) + 1];
            p[i] += x * c[0], r[i] += y * c[2];
            if constexpr (!REAL)
                s[i] += x * c[1], q[i] += y * c[3];
        });
    static_for<ROWS * AT>([&](auto i) __attribute__((always_inline)) {
        if constexpr (REAL) {
            plus[i] = root(p[i] * p[i] + r[i] * r[i]);
        } else {
            const V a = p[i] - q[i], b = r[i] + s[i], c = p[i] + q[i], d = r[i] - s[i];
            plus[i] = root(a * a + b * b), minus[i] = root(c * c + d * d);
        }
    });
}

// What a filter makes of AT positions: sums over its rows, or each row by itself.
template <int AT, bool REAL, bool RELATIVE>
SCAT_INLINE void filter_positions(const scat::AngularFilter &filter, int L, const V *z,
                                  std::ptrdiff_t step, V *u, std::ptrdiff_t u_step) {
    V sum[AT];
    static_for<AT>([&](auto i) __attribute__((always_inline)) { sum[i] = V{}; });
    auto rows = [&](auto count, int row) __attribute__((always_inline)) {
        constexpr int N = number<decltype(count)>;
        V plus[N * AT], minus[N * AT];
        const float *weights = filter.weights.data() + std::ptrdiff_t(row) * L * 4;
        filter_rows<AT, N, REAL>(weights, L, z, step, plus, minus);
        static_for<N * AT>([&](auto i) __attribute__((always_inline)) {
            if constexpr (RELATIVE) {
                sum[i % AT] += plus[i];
                if constexpr (!REAL)
                    sum[i % AT] += minus[i];
            } else {
                V *to = u + (row + i / AT) * u_step + i % AT;
                to[0] = plus[i];
                if constexpr (!REAL)
                    to[filter.rows * u_step] = minus[i];
            }
        });
    };
    int row = 0;
    for (; row + 2 <= filter.rows; row += 2)
        rows(std::integral_constant<int, 2>{}, row);
    if (row < filter.rows)
        rows(std::integral_constant<int, 1>{}, row);
    if constexpr (RELATIVE)
        static_for<AT>([&](auto i) __attribute__((always_inline)) { u[i] = sum[i]; });
}

template <int AT, bool RELATIVE>
SCAT_INLINE void rotate_positions(const scat::Rotation &rotation, int L, const V *z,
                                  std::ptrdiff_t step, V *u, std::ptrdiff_t u_step) {
    for (const scat::AngularFilter &filter : rotation.filters) {
        if (filter.real)
            filter_positions<AT, true, RELATIVE>(filter, L, z, step, u, u_step);
        else
            filter_positions<AT, false, RELATIVE>(filter, L, z, step, u, u_step);
        u += (RELATIVE ? 1 : filter.real ? filter.rows : 2 * filter.rows) * u_step;
    }
}

// All filters, along a row of n positions.
template <bool RELATIVE>
SCAT_APART void rotate_row(const scat::Rotation &rotation, int L, int n,
                           const RotationSpace &space) {
    constexpr int AT = registers == 32 ? 2 : 1; // what they hold
    int c = 0;
    for (; c + AT <= n; c += AT)
        rotate_positions<AT, RELATIVE>(rotation, L, space.lines + 2 * c, space.line,
                                       space.moduli + c, space.modulus);
    for (; c < n; ++c)
        rotate_positions<1, RELATIVE>(rotation, L, space.lines + 2 * c, space.line,
                                      space.moduli + c, space.modulus);
}

// One scale, G orientations t2 and all t1: wavelets, angular filters, averages.
template <int G>
void propagate_rotation(const scat::Plan &plan, const scat::First &first,
                        const scat::Scale &scale, int group, const float *spectra,
                        const Workspace &ws, const RotationSpace &space, float *out) {
    constexpr int R = W / G;
    const scat::Rotation &rotation = *plan.rotation;
    const int j = scale.j, L = plan.L;
    const scat::Fft &column = plan.column[j], &row = plan.row[j];
    const std::ptrdiff_t map = (scale.m + R - 1) / R * R * scale.stride;
    for (int t1 = 0; t1 < L; ++t1) {
        const scat::Fold &fold = scale.folds[rotation.relative ? (group * G + t1) % L : group];
        V *work = ws.work + 2 * t1 * map;
        for (int b = 0; b < scale.blocks; ++b) {
            fold_column<G, false>(fold, b, first.spectrum, spectra + t1 * first.spectrum.size(),
                                  column.slot.data(), ws.line);
            fft(column, ws.line, 1, column.identity.data(), ws.line, ws.dense,
                Strided{work + 2 * b, scale.stride});
        }
        for (int i = 0; i < W; ++i)
            space.signs[t1][i] = rotation.relative && group * G + i % G + t1 >= L ? -1.0f : 1.0f;
    }
    for (int r = 0; r < scale.m; r += R) {
        for (int t1 = 0; t1 < L; ++t1)
            invert_rows<G>(row, ws.work + 2 * t1 * map, scale.stride, r, scale.blocks, ws,
                           Signed{space.lines + t1 * space.line, space.signs[t1]});
        if (rotation.relative)
            rotate_row<true>(rotation, L, scale.n, space);
        else
            rotate_row<false>(rotation, L, scale.n, space);
        for (int p = 0; p < rotation.outputs; ++p)
            average_row<G>(plan, j, space.moduli + p * space.modulus, r, ws.line, ws.average,
                           space.maps + p * space.map);
    }
    for (int p = 0; p < rotation.outputs; ++p) {
        std::ptrdiff_t channel[W];
        for (int i = 0; i < W; ++i) {
            const int t2 = group * G + i;
            channel[i] = i < G && t2 < L ? plan.area() *
                                               rotated_channel(plan, first.scale.j, j, t2, p)
                                         : -1;
        }
        average_columns<G>(plan, j, space.maps + p * space.map, ws.line, ws.result, channel, out);
    }
}

void propagate_rotations(const scat::Plan &plan, const scat::First &first, const float *spectra,
                         const Workspace &ws, const RotationSpace &space, float *out) {
    for (const scat::Scale &scale : first.second)
        for (int group = 0; group * scale.G < plan.L; ++group)
            with_lanes(scale.G, [&](auto G) {
                propagate_rotation<G>(plan, first, scale, group, spectra, ws, space, out);
            });
}

} // namespace

namespace scat {
namespace SCAT_NAMESPACE {

void rotate(const Plan &plan, const float *x, float *out, float *workspace) {
    auto at = [&](std::size_t offset) { return reinterpret_cast<V *>(workspace + offset); };
    const Workspace ws = workspace_of(plan, workspace);
    const RotationSpace space{at(plan.at_lines),  at(plan.at_moduli), at(plan.at_maps),
                              at(plan.at_signs),  plan.line,          plan.modulus,
                              plan.map};
    float *spectrum = workspace + plan.at_spectrum, *inner = workspace + plan.at_inner;
    float *orbit = workspace + plan.at_orbit;
    const bool relative = plan.rotation->relative;
    const std::ptrdiff_t area = plan.area();
    transform_image(plan, x, out, ws, spectrum);
    for (const First &first : plan.first) {
        const Scale &scale = first.scale;
        for (int group = 0; group * scale.G < plan.L; ++group) {
            Pass pass = first_pass(plan, first, group, spectrum);
            for (int i = 0; i < W; ++i) {
                const int t = group * scale.G + i;
                pass.channel[i] = i < scale.G && t < plan.L
                                      ? area * (relative ? t : plan.channel1(scale.j, t)) : -1;
            }
            with_pass(pass, [&](auto G, auto paired) {
                propagate<G, paired>(pass, ws, relative ? orbit : out, first.descend);
            });
            if (first.descend)
                with_lanes(scale.G, [&](auto G) {
                    transform_columns<G>(plan.column[scale.j], first.spectrum, scale.stride, ws, 0,
                                         inner + group * scale.G * first.spectrum.size());
                });
        }
        if (relative) { // the mean over 2L angles of U1 / sqrt(2)
            const float weight = float(0.70710678118654752440 / plan.L);
            for (std::ptrdiff_t i = 0; i < area; ++i) {
                float sum = 0.0f;
                for (int t = 0; t < plan.L; ++t)
                    sum += orbit[t * area + i];
                out[area * (1 + scale.j) + i] = sum * weight;
            }
        }
        propagate_rotations(plan, first, inner, ws, space, out);
    }
}

} // namespace SCAT_NAMESPACE
} // namespace scat
#endif
