// The cascade of one image: spectrum, wavelets, modulus, averages, and again.
//
// Inverse transforms go down the columns, from the multiply-and-fold straight into the
// first pass, then along the rows, where the last pass takes the modulus; each finished
// row is averaged, and transformed again if a deeper order needs it, while it is in L1.
#ifndef SCAT_CASCADE_H
#define SCAT_CASCADE_H

#include "average.h"
#include "fft.h"
#include "lanes.h"
#include "plan.h"

namespace {

struct Workspace {
    V *work, *line, *line2, *map, *average, *result, *dense;
};

// Column `block` of (spectrum x filter), folded to the output grid, with real and
// imaginary parts swapped, in the order that the first pass reads.
template <int G, bool PAIRED>
void fold_column(const scat::Fold &fold, int block, const scat::Spectrum &from,
                 const float *spectrum, const int *slot, V *to) {
    const float *psi = fold.psi.data() + fold.block_psi[block];
    const std::ptrdiff_t stride = from.stride, imaginary = from.imaginary;
    for (int s = fold.block[block]; s < fold.block[block + 1]; ++s) {
        const scat::Segment &g = fold.segments[s];
        const std::ptrdiff_t *term = fold.terms.data() + g.term;
        for (int f = g.begin; f < g.end; ++f) {
            V re{}, im{};
            const float *x = spectrum + f * stride;
            for (int t = 0; t < g.direct; ++t) {
                const float *p = x + term[t];
                V filter;
                if constexpr (PAIRED)
                    filter = tile<G>(psi), psi += G;
                else
                    filter = *reinterpret_cast<const VU *>(psi), psi += W;
                re += filter * spread<G>(p), im += filter * spread<G>(p + imaginary);
            }
            x = spectrum - f * stride;
            for (int t = g.direct; t < g.direct + g.conjugate; ++t) {
                const float *p = x + term[t];
                V filter;
                if constexpr (PAIRED)
                    filter = tile<G>(psi), psi += G;
                else
                    filter = *reinterpret_cast<const VU *>(psi), psi += W;
                re += filter * spread<G, !PAIRED>(p);
                im -= filter * spread<G, !PAIRED>(p + imaginary);
            }
            to[2 * slot[f]] = im, to[2 * slot[f] + 1] = re;
        }
    }
}

// R rows of the half transform are finished along the rows; their modulus goes to u.
template <int G>
void invert_rows(const scat::Fft &f, const V *work, std::ptrdiff_t stride, int row, int blocks,
                 const Workspace &ws, V *u) {
    constexpr int R = W / G;
    const V *from = work + 2 * (row * stride);
    if constexpr (R == 1) {
        fft(f, from, 1, f.in.data(), ws.line, ws.dense, Modulus{u});
    } else {
        const int *slot = f.slot.data();
        for (int b = 0; b < blocks; ++b) {
            V re[R], im[R];
            static_for<R>([&](auto i) __attribute__((always_inline)) {
                const V *p = from + 2 * (i * stride + b);
                re[i] = p[0], im[i] = p[1];
            });
            transpose<R>(re), transpose<R>(im);
            static_for<R>([&](auto i) __attribute__((always_inline)) {
                if (b * R + i < f.n) {
                    V *p = ws.line + 2 * slot[b * R + i];
                    p[0] = re[i], p[1] = im[i];
                }
            });
        }
        fft(f, ws.line, 1, f.identity.data(), ws.line, ws.dense, Modulus{u});
    }
}

// Twice the DFT of R real rows u (n of them even), columns 0..n/2, into `work`.
template <int G>
void transform_rows(const scat::Fft &half, const float *unpack, V *u, std::ptrdiff_t stride,
                    int row, const Workspace &ws) {
    constexpr int R = W / G;
    const int h = half.n;
    V *z = u + 2 * h;
    fft(half, u, 1, half.in.data(), ws.line, ws.dense, Strided{z, 1});
    V *y = ws.line;
    y[0] = (z[0] + z[1]) * 2.0f, y[1] = V{};
    y[2 * h] = (z[0] - z[1]) * 2.0f, y[2 * h + 1] = V{};
    for (int k = 1; 2 * k <= h; ++k) {
        const V *a = z + 2 * k, *b = z + 2 * (h - k);
        const V er = a[0] + b[0], ei = a[1] - b[1], dr = a[0] - b[0], di = a[1] + b[1];
        const float c = unpack[2 * k], s = unpack[2 * k + 1];
        const V tr = di * c - dr * s, ti = dr * c + di * s;
        y[2 * k] = er + tr, y[2 * k + 1] = ei - ti;
        y[2 * (h - k)] = er - tr, y[2 * (h - k) + 1] = -ei - ti;
    }
    V *to = ws.work + 2 * (row * stride);
    for (int b = 0; b * R <= h; ++b) {
        V re[R], im[R];
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            re[i] = y[2 * (b * R + i)], im[i] = y[2 * (b * R + i) + 1];
        });
        transpose<R>(re), transpose<R>(im);
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            V *p = to + 2 * (i * stride + b);
            p[0] = re[i], p[1] = im[i];
        });
    }
}

// Lanes (column, map, member) of a vector become (map, column, member) in memory.
template <int G, int T> struct SplitMap {
    static constexpr int R = W / G;
    static constexpr int at(int i) {
        const int map = i / (R * T), column = i / T % R, member = i % T;
        return column * G + map * T + member;
    }
};
template <int G, int T> SCAT_INLINE void split_store(V v, float *to, std::ptrdiff_t step) {
    constexpr int piece = W / G * T;
    if constexpr (piece == W) {
        store(to, v);
    } else {
        v = permute<SplitMap<G, T>>(v, v);
        alignas(64) float lanes[W];
        std::memcpy(lanes, &v, sizeof v);
        static_for<G / T>([&](auto q) __attribute__((always_inline)) {
            std::memcpy(to + q * step, lanes + q * piece, piece * sizeof(float));
        });
    }
}

// Columns of `work` transformed into the half spectra of the maps in the lanes.
template <int G, int T>
void transform_columns(const scat::Fft &f, const scat::Spectrum &s, std::ptrdiff_t stride,
                       const Workspace &ws, float *to) {
    constexpr int R = W / G;
    for (int b = 0; b * R <= s.n / 2; ++b) {
        fft(f, ws.work + 2 * b, stride, f.in.data(), ws.line, ws.dense, Strided{ws.line2, 1});
        float *p = to + s.margin + std::ptrdiff_t(b) * R * T;
        for (int k = 0; k < s.m; ++k, p += s.stride) {
            split_store<G, T>(ws.line2[2 * k], p, s.size());
            split_store<G, T>(ws.line2[2 * k + 1], p + s.imaginary, s.size());
        }
    }
    for (int q = 0; q < G / T; ++q) {
        float *x = to + q * s.size();
        for (int k = 0; k < s.m && s.extra > 0; ++k)
            for (int c = s.n / 2 + 1; c <= s.n / 2 + s.extra && c < s.n; ++c) {
                float *p = x + k * s.stride + s.margin;
                const float *o = x + (k ? s.m - k : 0) * s.stride + s.margin + (s.n - c);
                p[c] = o[0], p[c + s.imaginary] = -o[s.imaginary];
            }
        std::memcpy(x + s.m * s.stride, x, s.stride * sizeof(float));
    }
}

template <int G>
void transform_columns(const scat::Fft &f, const scat::Spectrum &s, std::ptrdiff_t stride,
                       const Workspace &ws, float *to) {
    if (s.unit == 1)
        return transform_columns<G, 1>(f, s, stride, ws, to);
    if constexpr (G >= 2 && W / 2 >= 4)
        if (s.unit == 2)
            return transform_columns<G, 2>(f, s, stride, ws, to);
    if constexpr (G >= 4 && W / 4 >= 2)
        if (s.unit == 4)
            return transform_columns<G, 4>(f, s, stride, ws, to);
    if constexpr (G >= 2 && W == 4)
        if (s.unit == 2)
            return transform_columns<G, 2>(f, s, stride, ws, to);
}

// |IDFT(fold(spectrum x filter))| for one group of orientations, averaged into `out`,
// and left half transformed in `work` where `descend`.
template <int G, bool PAIRED>
void propagate(const scat::Plan &plan, const scat::Scale &scale, int group,
               const scat::Spectrum &from, const float *spectrum, const Workspace &ws,
               const std::ptrdiff_t *channel, float *out, bool descend) {
    constexpr int LANE = PAIRED ? W : G, R = W / LANE;
    const int j = scale.j;
    const scat::Fft &column = plan.column[j], &row = plan.row[j];
    const scat::Fold &fold = scale.folds[group];
    for (int b = 0; b < scale.blocks; ++b) {
        fold_column<G, PAIRED>(fold, b, from, spectrum, column.slot.data(), ws.line);
        fft(column, ws.line, 1, column.identity.data(), ws.line, ws.dense,
            Strided{ws.work + 2 * b, scale.stride});
    }
    for (int r = 0; r < scale.m; r += R) {
        invert_rows<LANE>(row, ws.work, scale.stride, r, scale.blocks, ws, ws.line2);
        average_row<LANE>(plan, j, ws.line2, r, ws.average, ws.map);
        if (descend)
            transform_rows<LANE>(plan.half[j], plan.unpack[j].data(), ws.line2, scale.stride, r, ws);
    }
    average_columns<LANE>(plan, j, ws.map, ws.result, channel, out);
}

void propagate_any(const scat::Plan &plan, const scat::Scale &scale, int group,
                   const scat::Spectrum &from, const float *spectrum, const Workspace &ws,
                   const std::ptrdiff_t *channel, float *out, bool descend) {
    if (scale.paired) {
        if constexpr (W >= 16)
            if (scale.G == 8)
                return propagate<8, true>(plan, scale, group, from, spectrum, ws, channel, out, descend);
        if constexpr (W >= 8)
            if (scale.G == 4)
                return propagate<4, true>(plan, scale, group, from, spectrum, ws, channel, out, descend);
        if constexpr (W == 4)
            if (scale.G == 2)
                return propagate<2, true>(plan, scale, group, from, spectrum, ws, channel, out, descend);
        return;
    }
    switch (scale.G) {
#define X(G) case G: return propagate<G, false>(plan, scale, group, from, spectrum, ws, channel, out, descend);
        X(1) X(2) X(4)
#if LANES >= 8
        X(8)
#endif
#if LANES >= 16
        X(16)
#endif
#undef X
    }
}

void transform_columns_any(int G, const scat::Fft &f, const scat::Spectrum &s,
                           std::ptrdiff_t stride, const Workspace &ws, float *to) {
    switch (G) {
#define X(G) case G: return transform_columns<G>(f, s, stride, ws, to);
        X(1) X(2) X(4)
#if LANES >= 8
        X(8)
#endif
#if LANES >= 16
        X(16)
#endif
#undef X
    }
}

// The padded image, W rows at a time: order zero, and its half spectrum.
void transform_image(const scat::Plan &plan, const float *x, float *out, const Workspace &ws,
                     float *spectrum) {
    const bool descend = !plan.first.empty();
    const std::ptrdiff_t channel[1] = {0};
    for (int r = 0; r < plan.M; r += W) {
        float *u = reinterpret_cast<float *>(ws.line2);
        for (int i = 0; i < W; ++i) {
            const int from = r + i < plan.M ? plan.rows[r + i] : -1;
            for (int c = 0; c < plan.N; ++c) {
                const int k = plan.columns[c];
                u[std::ptrdiff_t(c) * W + i] =
                    from < 0 || k < 0 ? 0.0f : x[std::ptrdiff_t(from) * plan.columns_in + k];
            }
        }
        average_row<1>(plan, 0, ws.line2, r, ws.average, ws.map);
        if (descend)
            transform_rows<1>(plan.half[0], plan.unpack[0].data(), ws.line2, plan.base.stride, r, ws);
    }
    average_columns<1>(plan, 0, ws.map, ws.result, channel, out);
    if (descend)
        transform_columns<1>(plan.column[0], plan.spectrum, plan.base.stride, ws, spectrum);
}

void second_order(const scat::Plan &plan, const scat::First &first, int t1, const float *inner,
                  const Workspace &ws, float *out) {
    const std::ptrdiff_t area = std::ptrdiff_t(plan.h) * plan.w;
    for (const scat::Scale &scale : first.second)
        for (int group = 0; group < int(scale.folds.size()); ++group) {
            std::ptrdiff_t channel[W];
            for (int i = 0; i < W; ++i) {
                const int a = scale.paired ? t1 + i / scale.G : t1;
                const int b = scale.paired ? i % scale.G : group * scale.G + i;
                channel[i] = b < plan.L && a < plan.L
                                 ? area * plan.channel2(first.scale.j, a, scale.j, b) : -1;
            }
            propagate_any(plan, scale, group, first.spectrum, inner, ws, channel, out, false);
        }
}

} // namespace

namespace scat {
namespace SCAT_NAMESPACE {

void transform(const Plan &plan, const float *x, float *out, float *workspace) {
    auto at = [&](std::size_t offset) { return reinterpret_cast<V *>(workspace + offset); };
    const Workspace ws{at(plan.at_work),    at(plan.at_line),   at(plan.at_line2),
                       at(plan.at_map),     at(plan.at_average), at(plan.at_result),
                       at(plan.at_dense)};
    float *spectrum = workspace + plan.at_spectrum, *inner = workspace + plan.at_inner;
    const std::ptrdiff_t area = std::ptrdiff_t(plan.h) * plan.w;
    transform_image(plan, x, out, ws, spectrum);
    for (const First &first : plan.first) {
        const Scale &scale = first.scale;
        for (int group = 0; group < int(scale.folds.size()); ++group) {
            std::ptrdiff_t channel[W];
            for (int i = 0; i < W; ++i) {
                const int t = group * scale.G + i;
                channel[i] = t < plan.L ? area * plan.channel1(scale.j, t) : -1;
            }
            propagate_any(plan, scale, group, plan.spectrum, spectrum, ws, channel, out,
                          first.descend);
            if (!first.descend)
                continue;
            transform_columns_any(scale.G, plan.column[scale.j], first.spectrum, scale.stride, ws,
                                  inner);
            for (int q = 0; q < first.maps; ++q) {
                const int t1 = group * scale.G + q * first.T;
                if (t1 < plan.L)
                    second_order(plan, first, t1, inner + q * first.spectrum.size(), ws, out);
            }
        }
    }
}

} // namespace SCAT_NAMESPACE
} // namespace scat
#endif
