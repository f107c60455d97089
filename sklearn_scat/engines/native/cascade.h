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

// A filter value per lane. Spatial lanes (column, t2) have one value each; paired lanes
// (t2, t1) have W / G values, each for G maps t1.
template <int G, bool PAIRED> SCAT_INLINE V take_filter(const float *&psi) {
    const V v = PAIRED ? spread<G>(psi) : load(psi);
    psi += PAIRED ? W / G : W;
    return v;
}

// The spectrum's values that go with them: W / G columns, or G maps of one column.
template <int G, bool PAIRED, bool MIRRORED> SCAT_INLINE V take_bins(const float *p) {
    if constexpr (PAIRED)
        return tile<G>(p);
    else
        return spread<G, MIRRORED>(p);
}

// One segment: DIRECT aliases, then CONJUGATE ones from the mirrored half.
template <int G, bool PAIRED, int DIRECT, int CONJUGATE>
SCAT_INLINE void fold_segment(const scat::Segment &g, const std::ptrdiff_t *term,
                              const float *spectrum, std::ptrdiff_t stride,
                              std::ptrdiff_t imaginary, const float *&psi, const int *slot,
                              V *to) {
    const float *p[DIRECT + CONJUGATE + 1];
    static_for<DIRECT>([&](auto t) __attribute__((always_inline)) {
        p[t] = spectrum + (term[t] + g.begin * stride);
    });
    static_for<CONJUGATE>([&](auto t) __attribute__((always_inline)) {
        p[DIRECT + t] = spectrum + (term[DIRECT + t] - g.begin * stride);
    });
    for (int f = g.begin; f < g.end; ++f) {
        V re{}, im{};
        static_for<DIRECT>([&](auto t) __attribute__((always_inline)) {
            const V filter = take_filter<G, PAIRED>(psi);
            re += filter * take_bins<G, PAIRED, false>(p[t]);
            im += filter * take_bins<G, PAIRED, false>(p[t] + imaginary);
            p[t] += stride;
        });
        static_for<CONJUGATE>([&](auto t) __attribute__((always_inline)) {
            const float *&q = p[DIRECT + t];
            const V filter = take_filter<G, PAIRED>(psi);
            re += filter * take_bins<G, PAIRED, true>(q);
            im -= filter * take_bins<G, PAIRED, true>(q + imaginary);
            q -= stride;
        });
        to[2 * slot[f]] = im, to[2 * slot[f] + 1] = re;
    }
}

template <int G, bool PAIRED>
SCAT_INLINE void fold_any(const scat::Segment &g, const std::ptrdiff_t *term,
                          const float *spectrum, std::ptrdiff_t stride,
                          std::ptrdiff_t imaginary, const float *&psi, const int *slot, V *to) {
    for (int f = g.begin; f < g.end; ++f) {
        V re{}, im{};
        for (int t = 0; t < g.direct + g.conjugate; ++t) {
            const V filter = take_filter<G, PAIRED>(psi);
            if (t < g.direct) {
                const float *p = spectrum + (term[t] + f * stride);
                re += filter * take_bins<G, PAIRED, false>(p);
                im += filter * take_bins<G, PAIRED, false>(p + imaginary);
            } else {
                const float *p = spectrum + (term[t] - f * stride);
                re += filter * take_bins<G, PAIRED, true>(p);
                im -= filter * take_bins<G, PAIRED, true>(p + imaginary);
            }
        }
        to[2 * slot[f]] = im, to[2 * slot[f] + 1] = re;
    }
}

// Column `block` of (spectrum x filter), folded to the output grid, with real and
// imaginary parts swapped, in the order that the first pass reads.
template <int G, bool PAIRED>
SCAT_APART void fold_column(const scat::Fold &fold, int block, const scat::Spectrum &from,
                            const float *spectrum, const int *slot, V *to) {
    const float *psi = fold.psi.data() + fold.block_psi[block];
    const std::ptrdiff_t stride = from.stride, imaginary = from.imaginary;
    for (int s = fold.block[block]; s < fold.block[block + 1]; ++s) {
        const scat::Segment &g = fold.segments[s];
        const std::ptrdiff_t *term = fold.terms.data() + g.term;
        switch (g.direct < 5 && g.conjugate < 5 ? g.direct * 5 + g.conjugate : -1) {
#define X(D, C) case D * 5 + C: \
            fold_segment<G, PAIRED, D, C>(g, term, spectrum, stride, imaginary, psi, slot, to); \
            break;
            X(0, 0) X(0, 1) X(0, 2) X(0, 3) X(0, 4) X(1, 0) X(1, 1) X(1, 2) X(1, 3) X(2, 0)
            X(2, 1) X(2, 2) X(2, 3) X(3, 0) X(3, 1) X(3, 2) X(4, 0)
#undef X
        default:
            fold_any<G, PAIRED>(g, term, spectrum, stride, imaginary, psi, slot, to);
        }
    }
}

// R rows of the half transform are finished along the rows, and put where `put` says.
template <int G, class Put>
SCAT_APART void invert_rows(const scat::Fft &f, const V *work, std::ptrdiff_t stride, int row, int blocks,
                 const Workspace &ws, const Put put) {
    constexpr int R = W / G;
    const V *from = work + 2 * (row * stride);
    if constexpr (R == 1) {
        fft(f, from, 1, f.in.data(), ws.line, ws.dense, put);
    } else {
        const int *slot = f.slot.data();
        transpose_blocks<R>(
            blocks, [&](int b, int i) { return from + 2 * (i * stride + b); },
            [&](int b, int i, V re, V im) {
                if (b * R + i < f.n) {
                    V *p = ws.line + 2 * slot[b * R + i];
                    p[0] = re, p[1] = im;
                }
            });
        fft(f, ws.line, 1, f.identity.data(), ws.line, ws.dense, put);
    }
}

// Twice the DFT of R real rows u (n of them even), columns 0..n/2, into `work`.
template <int G>
SCAT_APART void transform_rows(const scat::Fft &half, const float *unpack, V *u, std::ptrdiff_t stride,
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
    transpose_blocks<R>(
        h / R + 1, [&](int b, int i) { return y + 2 * (b * R + i); },
        [&](int b, int i, V re, V im) {
            V *p = to + 2 * (i * stride + b);
            p[0] = re, p[1] = im;
        });
}

// Lanes (column, tuple, member) of a vector become (tuple, column, member) in memory.
template <int G, int T> struct SplitMap {
    static constexpr int R = W / G;
    static constexpr int at(int i) {
        const int tuple = i / (R * T), column = i / T % R, member = i % T;
        return column * G + tuple * T + member;
    }
};
template <int G, int T> SCAT_INLINE void split_store(V v, float *to, std::ptrdiff_t step) {
    constexpr int R = W / G;
    if constexpr (G == T || (G > T && R * T == W)) {
        store(to, v);
    } else {
        alignas(64) float lanes[W];
        if constexpr (G > T)
            v = permute<SplitMap<G, T>>(v, v);
        std::memcpy(lanes, &v, sizeof v);
        constexpr int pieces = G > T ? G / T : R, size = W / pieces;
        static_for<pieces>([&](auto q) __attribute__((always_inline)) {
            std::memcpy(to + q * (G > T ? step : T), lanes + q * size, size * sizeof(float));
        });
    }
}

// Columns of `work` transformed into the half spectra of the maps in the lanes, which
// come in tuples of T: G / T of them, or the part of one that starts at `member`.
template <int G, int T>
SCAT_APART void transform_columns(const scat::Fft &f, const scat::Spectrum &s,
                                  std::ptrdiff_t stride, const Workspace &ws, int member,
                                  float *to) {
    constexpr int R = W / G;
    for (int b = 0; b * R <= s.n / 2; ++b) {
        fft(f, ws.work + 2 * b, stride, f.in.data(), ws.line, ws.dense, Strided{ws.line2, 1});
        float *p = to + s.margin + std::ptrdiff_t(b) * R * T + member;
        for (int k = 0; k <= s.m; ++k, p += s.stride) { // row m repeats row 0
            const V *z = ws.line2 + 2 * (k < s.m ? k : 0);
            split_store<G, T>(z[0], p, s.size());
            split_store<G, T>(z[1], p + s.imaginary, s.size());
        }
    }
    for (int q = 0; q < (G > T ? G / T : 1); ++q) {
        float *x = to + q * s.size();
        for (int k = 0; k <= s.m && s.extra > 0; ++k)
            for (int c = s.n / 2 + 1; c <= s.n / 2 + s.extra && c < s.n; ++c) {
                float *p = x + k * s.stride + s.margin;
                const float *o = x + (s.m - k) * s.stride + s.margin + (s.n - c);
                p[c] = o[0], p[c + s.imaginary] = -o[s.imaginary];
            }
    }
}

template <int G>
void transform_columns(const scat::Fft &f, const scat::Spectrum &s, std::ptrdiff_t stride,
                       const Workspace &ws, int member, float *to) {
    with_lanes(s.unit, [&](auto T) { transform_columns<G, T>(f, s, stride, ws, member, to); });
}

// A group of orientations of one scale, on its way from a spectrum to the maps of its
// lanes: `channel` says where each begins among the coefficients, -1 for none.
struct Pass {
    const scat::Plan &plan;
    const scat::Scale &scale;
    int group;
    const scat::Spectrum &from;
    const float *spectrum;
    std::ptrdiff_t channel[W];

    const scat::Fold &fold() const { return scale.folds[group]; }
};

// Of the first layer: an orientation a lane.
Pass first_pass(const scat::Plan &plan, const scat::First &first, int group,
                const float *spectrum) {
    const scat::Scale &scale = first.scale;
    Pass pass{plan, scale, group, plan.spectrum, spectrum, {}};
    for (int i = 0; i < W; ++i) {
        const int t = group * scale.G + i;
        pass.channel[i] = t < plan.L ? plan.area() * plan.channel1(scale.j, t) : -1;
    }
    return pass;
}

// Of the second, over the maps from t1 on of a first: an orientation t2 a lane, or T maps
// beside each other and W / T orientations of each.
Pass second_pass(const scat::Plan &plan, const scat::First &first, const scat::Scale &scale,
                 int group, int t1, const float *inner) {
    Pass pass{plan, scale, group, first.spectrum, inner, {}};
    for (int i = 0; i < W; ++i) {
        const int a = scale.paired ? t1 + i % first.T : t1;
        const int b = group * scale.G + (scale.paired ? i / first.T : i);
        pass.channel[i] = b < plan.L && a < plan.L
                              ? plan.area() * plan.channel2(first.scale.j, a, scale.j, b) : -1;
    }
    return pass;
}

// Calls f(lanes of a unit, whether lanes are paired) for a pass.
template <class F> void with_pass(const Pass &pass, const F &f) {
    if (pass.scale.paired)
        with_lanes(pass.from.unit, [&](auto T) { f(T, std::true_type{}); });
    else
        with_lanes(pass.scale.G, [&](auto G) { f(G, std::false_type{}); });
}

// |IDFT(fold(spectrum x filter))| for one group of orientations, averaged into `out`,
// and left half transformed in `work` where `descend`.
template <int G, bool PAIRED>
void propagate(const Pass &pass, const Workspace &ws, float *out, bool descend) {
    constexpr int LANE = PAIRED ? W : G, R = W / LANE;
    const scat::Plan &plan = pass.plan;
    const scat::Scale &scale = pass.scale;
    const int j = scale.j;
    const scat::Fft &column = plan.column[j], &row = plan.row[j];
    for (int b = 0; b < scale.blocks; ++b) {
        fold_column<G, PAIRED>(pass.fold(), b, pass.from, pass.spectrum, column.slot.data(),
                               ws.line);
        fft(column, ws.line, 1, column.identity.data(), ws.line, ws.dense,
            Strided{ws.work + 2 * b, scale.stride});
    }
    for (int r = 0; r < scale.m; r += R) {
        invert_rows<LANE>(row, ws.work, scale.stride, r, scale.blocks, ws, Modulus{ws.line2});
        average_row<LANE>(plan, j, ws.line2, r, ws.line, ws.average, ws.map);
        if (descend)
            transform_rows<LANE>(plan.half[j], plan.unpack[j].data(), ws.line2, scale.stride, r,
                                 ws);
    }
    average_columns<LANE>(plan, j, ws.map, ws.line, ws.result, pass.channel, out);
}

// The padded image, W rows at a time: order zero if asked for, and its half spectrum.
SCAT_APART void transform_image(const scat::Plan &plan, const float *x, float *out, const Workspace &ws,
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
        if (out != nullptr)
            average_row<1>(plan, 0, ws.line2, r, ws.line, ws.average, ws.map);
        if (descend)
            transform_rows<1>(plan.half[0], plan.unpack[0].data(), ws.line2, plan.base.stride, r, ws);
    }
    if (out != nullptr)
        average_columns<1>(plan, 0, ws.map, ws.line, ws.result, channel, out);
    if (descend)
        transform_columns<1>(plan.column[0], plan.spectrum, plan.base.stride, ws, 0, spectrum);
}

// One group of a second scale, over the maps from t1 on.
void follow_second(const scat::Plan &plan, const scat::First &first, const scat::Scale &scale,
                   int group, int t1, const float *inner, const Workspace &ws, float *out) {
    const Pass pass = second_pass(plan, first, scale, group, t1, inner);
    with_pass(pass, [&](auto G, auto paired) { propagate<G, paired>(pass, ws, out, false); });
}

Workspace workspace_of(const scat::Plan &plan, float *workspace) {
    auto at = [&](std::size_t offset) { return reinterpret_cast<V *>(workspace + offset); };
    return {at(plan.at_work),    at(plan.at_line),   at(plan.at_line2), at(plan.at_map),
            at(plan.at_average), at(plan.at_result), at(plan.at_dense)};
}

// A group of first-order maps, and their spectra in `inner` if others follow.
void follow_first(const scat::Plan &plan, const scat::First &first, int group,
                  const float *spectrum, const Workspace &ws, float *inner, float *out) {
    const scat::Scale &scale = first.scale;
    const Pass pass = first_pass(plan, first, group, spectrum);
    with_pass(pass, [&](auto G, auto paired) { propagate<G, paired>(pass, ws, out, first.descend); });
    if (first.descend)
        with_lanes(scale.G, [&](auto G) {
            transform_columns<G>(plan.column[scale.j], first.spectrum, scale.stride, ws,
                                 group * scale.G % first.T, inner);
        });
}

// A group of first-order maps, with the second-order ones of the tuples that it completes.
void follow_group(const scat::Plan &plan, const scat::First &first, int group,
                  const float *spectrum, const Workspace &ws, float *inner, float *out) {
    follow_first(plan, first, group, spectrum, ws, inner, out);
    const int begin = group * first.scale.G, end = begin + first.scale.G;
    if (!first.descend || end % first.T != 0)
        return;
    for (int t1 = begin / first.T * first.T, q = 0; t1 < (end < plan.L ? end : plan.L);
         t1 += first.T, ++q)
        for (const scat::Scale &scale : first.second)
            for (int g = 0; g < int(scale.folds.size()); ++g)
                follow_second(plan, first, scale, g, t1, inner + q * first.spectrum.size(), ws,
                              out);
}

} // namespace

namespace scat {
namespace SCAT_NAMESPACE {

void begin(const Plan &plan, const float *x, float *out, float *workspace, float *spectrum) {
    transform_image(plan, x, out, workspace_of(plan, workspace), spectrum);
}

void follow(const Plan &plan, const Branch &branch, float *spectra, float *out,
            float *workspace) {
    const Workspace ws = workspace_of(plan, workspace);
    const First &first = plan.first[branch.first];
    auto shared = [&](int t1) { // where the tuple of t1 is
        return spectra + first.at_shared + t1 / first.T * first.spectrum.size();
    };
    if (branch.second >= 0)
        return follow_second(plan, first, first.second[branch.second], branch.group, branch.t1,
                             shared(branch.t1), ws, out);
    for (int group = branch.begin; group < branch.end; ++group)
        if (first.forks)
            follow_first(plan, first, group, spectra, ws, shared(group * first.scale.G), out);
        else
            follow_group(plan, first, group, spectra, ws, workspace + plan.at_inner, out);
}

void transform(const Plan &plan, const float *x, float *out, float *workspace) {
    const Workspace ws = workspace_of(plan, workspace);
    float *spectrum = workspace + plan.at_spectrum;
    begin(plan, x, out, workspace, spectrum);
    for (const First &first : plan.first)
        for (int group = 0; group < int(first.scale.folds.size()); ++group)
            follow_group(plan, first, group, spectrum, ws, workspace + plan.at_inner, out);
}

} // namespace SCAT_NAMESPACE
} // namespace scat
#endif
