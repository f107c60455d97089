// The gradient of the cascade of one image: each of its steps transposed, in reverse.
//
// The forward pass is computed anew, map by map, so that nothing but an image's spectrum
// outlives the caches. A map's gradient is that of its averages, on the map's own grid,
// times the phase V / |V| (0 where V is 0); it is transformed along the rows and down the
// columns, multiplied by the same filters, and added to the spectrum of what the map
// came from, unfolded. Sums keep one value per lane until they are complete.
#ifndef SCAT_BACKWARD_H
#define SCAT_BACKWARD_H

#include "cascade.h"

namespace {

struct BackwardWorkspace : Workspace {
    V *line3, *line4, *phase;
    float *sums, *inner_sums;
};

// 1 / |V|, or 0 where |V| is below the square root of the smallest normal number.
SCAT_INLINE V inverse_modulus(V re, V im) {
    constexpr float smallest = 1.17549435e-38f;
    const V energy = re * re + im * im;
    const VI vanishes = energy <= splat(smallest);
    return (V)((VI)(1.0f / root(energy)) & ~vanishes);
}

template <int SIZE>
SCAT_INLINE void product_block_transposed(const scat::LowPass &matrix,
                                          const scat::LowPassBlock &block, const V *y,
                                          std::ptrdiff_t y_step, V *pairs) {
    V even[SIZE], odd[SIZE];
    static_for<SIZE>([&](auto i) __attribute__((always_inline)) {
        const int mirrored = matrix.outputs - 1 - block.begin - i;
        const V a = y[(block.begin + i) * y_step], b = y[mirrored * y_step];
        const bool own = mirrored == block.begin + i; // its odd weights are 0
        even[i] = own ? a : a + b, odd[i] = own ? V{} : a - b;
    });
    const float *wt = matrix.weights.data() + block.weights;
    for (int r = 0; r < block.ranges; ++r) {
        V *p = pairs + 2 * block.from[r];
        for (int c = block.from[r]; c < block.to[r]; ++c, p += 2, wt += 2 * SIZE) {
            V e = p[0], d = p[1];
            static_for<SIZE>([&](auto i) __attribute__((always_inline)) {
                e += even[i] * wt[i], d += odd[i] * wt[SIZE + i];
            });
            p[0] = e, p[1] = d;
        }
    }
}

// x[c] = sum_i matrix[i, c] y[i]; `pairs` is scratch.
SCAT_APART void product_transposed(const scat::LowPass &matrix, const V *y, std::ptrdiff_t y_step,
                                   V *pairs, V *x, std::ptrdiff_t x_step) {
    const int *left = matrix.left.data(), *right = matrix.right.data();
    const int n = int(matrix.left.size());
    for (int c = 0; c < n; ++c)
        pairs[2 * c] = pairs[2 * c + 1] = V{};
    for (const scat::LowPassBlock &block : matrix.blocks) {
        switch (block.size) {
#define X(S) case S: product_block_transposed<S>(matrix, block, y, y_step, pairs); break;
            X(1) X(2) X(3) X(4) X(5) X(6)
#undef X
        }
    }
    for (int c = 0; c < n; ++c) {
        const V e = pairs[2 * c], d = pairs[2 * c + 1];
        if (left[c] == right[c])
            x[left[c] * x_step] = e + e;
        else
            x[left[c] * x_step] = e + d, x[right[c] * x_step] = e - d;
    }
}

// Gradients of the averages, spread along the rows of their maps into ws.map.
template <int G>
SCAT_APART void spread_columns(const scat::Plan &plan, int resolution,
                               const std::ptrdiff_t *channel, const float *gradient,
                               const BackwardWorkspace &ws) {
    constexpr int R = W / G;
    const int blocks = (plan.w + R - 1) / R, h = plan.h, w = plan.w, positions = h * w;
    bool done = false;
    if constexpr (G == W) {
        done = positions >= W;
        for (int p = 0; done; p = p + 2 * W <= positions ? p + W : positions - W) {
            V v[W];
            static_for<W>([&](auto i) __attribute__((always_inline)) {
                v[i] = channel[i] >= 0 ? load(gradient + channel[i] + p) : V{};
            });
            transpose<W>(v);
            static_for<W>([&](auto i) __attribute__((always_inline)) { ws.result[p + i] = v[i]; });
            if (p + W == positions)
                break;
        }
    }
    if (!done) {
        float *to = reinterpret_cast<float *>(ws.result);
        for (int g = 0; g < G; ++g) {
            const float *from = gradient + (channel[g] >= 0 ? channel[g] : 0);
            for (int i = 0; i < h; ++i)
                for (int k = 0; k < blocks * R; ++k)
                    to[(std::ptrdiff_t(i) * blocks * R + k) * G + g] =
                        k < w && channel[g] >= 0 ? from[std::ptrdiff_t(i) * w + k] : 0.0f;
        }
    }
    for (int b = 0; b < blocks; ++b)
        product_transposed(plan.vertical[resolution], ws.result + b, blocks, ws.line3, ws.map + b,
                           blocks);
}

// R rows of ws.map spread along the columns: the gradient of R rows of U.
template <int G>
SCAT_APART void spread_row(const scat::Plan &plan, int resolution, int row,
                           const BackwardWorkspace &ws, V *u) {
    constexpr int R = W / G;
    const int blocks = (plan.w + R - 1) / R;
    const V *map = ws.map + std::ptrdiff_t(row) * blocks;
    if constexpr (R > 1) {
        for (int b = 0; b < blocks; ++b) {
            V v[R];
            static_for<R>([&](auto i) __attribute__((always_inline)) {
                v[i] = map[std::ptrdiff_t(i) * blocks + b];
            });
            transpose<R>(v);
            static_for<R>([&](auto i) __attribute__((always_inline)) { ws.average[b * R + i] = v[i]; });
        }
        map = ws.average;
    }
    product_transposed(plan.horizontal[resolution], map, 1, ws.line3, u, 1);
}

// R rows in `z` transformed into `work`, with zeros in the lanes past the last column.
template <int G>
SCAT_APART void transform_back(const scat::Fft &f, V *z, std::ptrdiff_t stride, int row, int blocks,
                               const BackwardWorkspace &ws) {
    constexpr int R = W / G;
    V *to = ws.work + 2 * (row * stride);
    if constexpr (R == 1) {
        fft(f, z, 1, f.in.data(), ws.line, ws.dense, Strided{to, 1});
    } else {
        fft(f, z, 1, f.in.data(), ws.line, ws.dense, Strided{z, 1});
        for (int c = f.n; c < blocks * R; ++c)
            z[2 * c] = z[2 * c + 1] = V{};
        transpose_blocks<R>(
            blocks, [&](int b, int i) { return z + 2 * (b * R + i); },
            [&](int b, int i, V re, V im) {
                V *p = to + 2 * (i * stride + b);
                p[0] = re, p[1] = im;
            });
    }
}

template <int G> struct ReverseMap { // units of G lanes, last first
    static constexpr int at(int i) { return W - G - i / G * G + i % G; }
};
template <int G, bool PAIRED> SCAT_INLINE V reverse(V v) {
    if constexpr (PAIRED || G == W)
        return v;
    else
        return permute<ReverseMap<G>>(v, v);
}

// Sums for each float of the spectrum: the orientations in the lanes.
template <int G, bool PAIRED> constexpr int sums_of = PAIRED ? W / G : G;

// One bin of one term: filter times column, added where the fold took the bin from.
template <int G, bool PAIRED, bool MIRRORED>
SCAT_INLINE void unfold_bin(float *to, std::ptrdiff_t imaginary, const float *&psi, V re, V im) {
    const V filter = take_filter<G, PAIRED>(psi);
    if constexpr (MIRRORED) {
        const V mirrored = reverse<G, PAIRED>(filter);
        store(to, load(to) + mirrored * re);
        store(to + imaginary, load(to + imaginary) - mirrored * im);
    } else {
        store(to, load(to) + filter * re);
        store(to + imaginary, load(to + imaginary) + filter * im);
    }
}

template <int G, bool PAIRED, int DIRECT, int CONJUGATE>
SCAT_INLINE void unfold_segment(const scat::Segment &g, const std::ptrdiff_t *term, float *sums,
                                std::ptrdiff_t stride, std::ptrdiff_t imaginary,
                                const float *&psi, const V *z) {
    constexpr int S = sums_of<G, PAIRED>;
    float *p[DIRECT + CONJUGATE + 1];
    static_for<DIRECT>([&](auto t) __attribute__((always_inline)) {
        p[t] = sums + (term[t] * S + g.begin * stride);
    });
    static_for<CONJUGATE>([&](auto t) __attribute__((always_inline)) {
        p[DIRECT + t] = sums + (term[DIRECT + t] * S - g.begin * stride);
    });
    for (int f = g.begin; f < g.end; ++f) {
        const V re = z[2 * f], im = z[2 * f + 1];
        const V back_re = reverse<G, PAIRED>(re), back_im = reverse<G, PAIRED>(im);
        static_for<DIRECT>([&](auto t) __attribute__((always_inline)) {
            unfold_bin<G, PAIRED, false>(p[t], imaginary, psi, re, im);
            p[t] += stride;
        });
        static_for<CONJUGATE>([&](auto t) __attribute__((always_inline)) {
            unfold_bin<G, PAIRED, true>(p[DIRECT + t], imaginary, psi, back_re, back_im);
            p[DIRECT + t] -= stride;
        });
    }
}

template <int G, bool PAIRED>
SCAT_INLINE void unfold_any(const scat::Segment &g, const std::ptrdiff_t *term, float *sums,
                            std::ptrdiff_t stride, std::ptrdiff_t imaginary, const float *&psi,
                            const V *z) {
    constexpr int S = sums_of<G, PAIRED>;
    for (int f = g.begin; f < g.end; ++f) {
        const V re = z[2 * f], im = z[2 * f + 1];
        const V back_re = reverse<G, PAIRED>(re), back_im = reverse<G, PAIRED>(im);
        for (int t = 0; t < g.direct + g.conjugate; ++t)
            if (t < g.direct)
                unfold_bin<G, PAIRED, false>(sums + (term[t] * S + f * stride), imaginary, psi,
                                             re, im);
            else
                unfold_bin<G, PAIRED, true>(sums + (term[t] * S - f * stride), imaginary, psi,
                                            back_re, back_im);
    }
}

// Column `block` of a gradient's transform, times the filters, added to the bins that
// fold_column takes.
template <int G, bool PAIRED>
SCAT_APART void unfold_column(const scat::Fold &fold, int block, const scat::Spectrum &from,
                              const V *z, float *sums) {
    const float *psi = fold.psi.data() + fold.block_psi[block];
    constexpr int S = sums_of<G, PAIRED>;
    const std::ptrdiff_t stride = from.stride * S, imaginary = from.imaginary * S;
    for (int s = fold.block[block]; s < fold.block[block + 1]; ++s) {
        const scat::Segment &g = fold.segments[s];
        const std::ptrdiff_t *term = fold.terms.data() + g.term;
        switch (g.direct < 5 && g.conjugate < 5 ? g.direct * 5 + g.conjugate : -1) {
#define X(D, C) case D * 5 + C: \
            unfold_segment<G, PAIRED, D, C>(g, term, sums, stride, imaginary, psi, z); \
            break;
            X(0, 0) X(0, 1) X(0, 2) X(1, 0) X(1, 1) X(1, 2) X(2, 0) X(2, 1) X(2, 2) X(3, 0)
            X(4, 0)
#undef X
        default:
            unfold_any<G, PAIRED>(g, term, sums, stride, imaginary, psi, z);
        }
    }
}

// Sums of G adjacent units of U floats each: W floats of them, in order.
template <int U, int ODD> struct PairMap {
    static constexpr int at(int i) { return (2 * (i / U) + ODD) * U + i % U; }
};
template <int G, int U> SCAT_INLINE V sum_units(const float *p) {
    if constexpr (G == 1) {
        return load(p);
    } else {
        const V a = sum_units<G / 2, U>(p), b = sum_units<G / 2, U>(p + W * (G / 2));
        return permute<PairMap<U, 0>>(a, b) + permute<PairMap<U, 1>>(a, b);
    }
}
template <int G, int U>
SCAT_APART void gather_sums(const float *sums, std::size_t size, bool add, float *to) {
    for (std::size_t i = 0; i < size; i += W) {
        const V v = sum_units<G, U>(sums + i * G);
        store(to + i, add ? load(to + i) + v : v);
    }
}
void gather_sums(int G, int unit, const float *sums, std::size_t size, bool add, float *to) {
    with_lanes(G, [&](auto g) {
        if (unit * g == W && unit > 1)
            gather_sums<g, W / g>(sums, size, add, to);
        else
            gather_sums<g, 1>(sums, size, add, to);
    });
}

// The gradient in the bins of a half spectrum that are copies goes to the originals.
void merge_copies(const scat::Spectrum &s, float *x) {
    const float *last = x + s.m * s.stride;
    for (std::ptrdiff_t i = 0; i < s.stride; ++i)
        x[i] += last[i];
    for (int k = 0; k < s.m && s.extra > 0; ++k)
        for (int c = s.n / 2 + 1; c <= s.n / 2 + s.extra && c < s.n; ++c) {
            const float *p = x + k * s.stride + s.margin + c;
            float *o = x + (k ? s.m - k : 0) * s.stride + s.margin + (s.n - c);
            o[0] += p[0], o[s.imaginary] -= p[s.imaginary];
        }
}

// The inverse of split_store: lanes (column, tuple, member) from (tuple, column, member).
template <int G, int T> struct JoinMap {
    static constexpr int R = W / G;
    static constexpr int at(int i) {
        const int column = i / G, tuple = i % G / T, member = i % T;
        return tuple * R * T + column * T + member;
    }
};
template <int G, int T> SCAT_INLINE V join_load(const float *from, std::ptrdiff_t step) {
    constexpr int R = W / G;
    if constexpr (G == T) {
        return load(from);
    } else {
        alignas(64) float lanes[W];
        constexpr int pieces = G > T ? G / T : R, size = W / pieces;
        static_for<pieces>([&](auto q) __attribute__((always_inline)) {
            std::memcpy(lanes + q * size, from + q * (G > T ? step : T), size * sizeof(float));
        });
        const V v = load(lanes);
        if constexpr (G > T)
            return permute<JoinMap<G, T>>(v, v);
        else
            return v;
    }
}

// transform_columns transposed: half spectra into `work`, imaginary part first.
template <int G, int T>
SCAT_APART void invert_columns(const scat::Fft &f, const scat::Spectrum &s, std::ptrdiff_t stride,
                               const BackwardWorkspace &ws, int member, const float *from) {
    constexpr int R = W / G;
    const int *slot = f.slot.data();
    for (int b = 0; b * R <= s.n / 2; ++b) {
        const float *p = from + s.margin + std::ptrdiff_t(b) * R * T + member;
        for (int k = 0; k < s.m; ++k, p += s.stride) {
            ws.line[2 * slot[k]] = join_load<G, T>(p + s.imaginary, s.size());
            ws.line[2 * slot[k] + 1] = join_load<G, T>(p, s.size());
        }
        fft(f, ws.line, 1, f.identity.data(), ws.line, ws.dense, Strided{ws.work + 2 * b, stride});
    }
}
template <int G>
void invert_columns(const scat::Fft &f, const scat::Spectrum &s, std::ptrdiff_t stride,
                    const BackwardWorkspace &ws, int member, const float *from) {
    with_lanes(s.unit, [&](auto T) { invert_columns<G, T>(f, s, stride, ws, member, from); });
}

// transform_rows transposed: R rows of `work` into real ones, added to u.
template <int G>
SCAT_APART void invert_real_rows(const scat::Fft &half, const float *unpack,
                                 std::ptrdiff_t stride, int row, const BackwardWorkspace &ws,
                                 V *u) {
    constexpr int R = W / G;
    const int h = half.n;
    const V *from = ws.work + 2 * (row * stride);
    V *y = ws.line3, *z = ws.line2;
    transpose_blocks<R>(
        h / R + 1, [&](int b, int i) { return from + 2 * (i * stride + b); },
        [&](int b, int i, V im, V re) { // swapped in `work`
            y[2 * (b * R + i)] = re, y[2 * (b * R + i) + 1] = im;
        });
    z[1] = (y[0] + y[2 * h]) * 2.0f, z[0] = (y[0] - y[2 * h]) * 2.0f; // swapped, as all of z
    for (int k = 1; 2 * k <= h; ++k) {
        const V *p = y + 2 * k, *q = y + 2 * (h - k);
        const V er = p[0] + q[0], tr = p[0] - q[0], ei = p[1] - q[1], ti = -p[1] - q[1];
        const float c = unpack[2 * k], s = unpack[2 * k + 1];
        const V di = tr * c + ti * s, dr = ti * c - tr * s;
        V *a = z + 2 * k, *b = z + 2 * (h - k);
        if (2 * k == h) { // p and q, and a and b, are the same
            a[1] = er, a[0] = ti;
        } else {
            a[1] = er + dr, a[0] = ei + di;
            b[1] = er - dr, b[0] = di - ei;
        }
    }
    fft(half, z, 1, half.in.data(), ws.line, ws.dense, Strided{z, 1});
    for (int k = 0; k < h; ++k)
        u[2 * k] += z[2 * k + 1], u[2 * k + 1] += z[2 * k];
}

// Fold and invert down the columns, for one group of orientations.
template <int G, bool PAIRED> void fold_columns(const Pass &pass, const Workspace &ws) {
    const scat::Scale &scale = pass.scale;
    const scat::Fft &column = pass.plan.column[scale.j];
    for (int b = 0; b < scale.blocks; ++b) {
        fold_column<G, PAIRED>(pass.fold(), b, pass.from, pass.spectrum, column.slot.data(),
                               ws.line);
        fft(column, ws.line, 1, column.identity.data(), ws.line, ws.dense,
            Strided{ws.work + 2 * b, scale.stride});
    }
}
template <int G, bool PAIRED>
void unfold_columns(const Pass &pass, const BackwardWorkspace &ws, float *sums) {
    const scat::Scale &scale = pass.scale;
    const scat::Fft &column = pass.plan.column[scale.j];
    for (int b = 0; b < scale.blocks; ++b) {
        fft(column, ws.work + 2 * b, scale.stride, column.in.data(), ws.line, ws.dense,
            Strided{ws.line2, 1});
        unfold_column<G, PAIRED>(pass.fold(), b, pass.from, ws.line2, sums);
    }
}

// From the gradient of the averages of |V| to sums over the spectrum that V came from.
template <int G, bool PAIRED>
void pull_back(const Pass &pass, const BackwardWorkspace &ws, const float *gradient) {
    constexpr int LANE = PAIRED ? W : G, R = W / LANE;
    const scat::Plan &plan = pass.plan;
    const scat::Scale &scale = pass.scale;
    const scat::Fft &row = plan.row[scale.j];
    fold_columns<G, PAIRED>(pass, ws);
    spread_columns<LANE>(plan, scale.j, pass.channel, gradient, ws);
    for (int r = 0; r < scale.m; r += R) {
        V *u = ws.line4, *z = ws.line2;
        invert_rows<LANE>(row, ws.work, scale.stride, r, scale.blocks, ws, Strided{z, 1});
        spread_row<LANE>(plan, scale.j, r, ws, u);
        for (int c = 0; c < scale.n; ++c) { // V has its parts swapped
            const V im = z[2 * c], re = z[2 * c + 1];
            const V factor = u[c] * inverse_modulus(re, im);
            z[2 * c] = re * factor, z[2 * c + 1] = im * factor;
        }
        transform_back<LANE>(row, z, scale.stride, r, scale.blocks, ws);
    }
    unfold_columns<G, PAIRED>(pass, ws, ws.inner_sums);
}

// V of one first-order group: its phases, and half a transform of |V| to go on from.
template <int G>
void push_first(const Pass &pass, bool descend, const BackwardWorkspace &ws, V *phase) {
    constexpr int R = W / G;
    const scat::Plan &plan = pass.plan;
    const scat::Scale &scale = pass.scale;
    fold_columns<G, false>(pass, ws);
    for (int r = 0; r < scale.m; r += R, phase += 2 * scale.n) {
        V *u = ws.line2;
        invert_rows<G>(plan.row[scale.j], ws.work, scale.stride, r, scale.blocks, ws,
                       Strided{phase, 1});
        for (int c = 0; c < scale.n; ++c) {
            const V im = phase[2 * c], re = phase[2 * c + 1], inverse = inverse_modulus(re, im);
            phase[2 * c] = re * inverse, phase[2 * c + 1] = im * inverse;
            u[c] = root(re * re + im * im);
        }
        if (descend)
            transform_rows<G>(plan.half[scale.j], plan.unpack[scale.j].data(), u, scale.stride, r,
                              ws);
    }
}

// From the gradients of a group's averages and spectra to sums over the image's spectrum.
template <int G>
void pull_first(const Pass &pass, const scat::First &first, const float *inner,
                const BackwardWorkspace &ws, const V *phase, const float *gradient) {
    constexpr int R = W / G;
    const scat::Plan &plan = pass.plan;
    const scat::Scale &scale = pass.scale;
    const int j = scale.j;
    if (first.descend)
        invert_columns<G>(plan.column[j], first.spectrum, scale.stride, ws,
                          pass.group * G % first.T, inner);
    spread_columns<G>(plan, j, pass.channel, gradient, ws);
    for (int r = 0; r < scale.m; r += R, phase += 2 * scale.n) {
        V *u = ws.line4, *z = ws.line2;
        spread_row<G>(plan, j, r, ws, u);
        if (first.descend)
            invert_real_rows<G>(plan.half[j], plan.unpack[j].data(), scale.stride, r, ws, u);
        for (int c = 0; c < scale.n; ++c)
            z[2 * c] = phase[2 * c] * u[c], z[2 * c + 1] = phase[2 * c + 1] * u[c];
        transform_back<G>(plan.row[j], z, scale.stride, r, scale.blocks, ws);
    }
    unfold_columns<G, false>(pass, ws, ws.sums);
}

// Gradients of the spectra of T maps from t1 on, in place of the spectra.
void pull_second_order(const scat::Plan &plan, const scat::First &first, int t1, float *inner,
                       const BackwardWorkspace &ws, const float *gradient) {
    const int G = first.second.front().G;
    const std::size_t size = first.spectrum.size();
    std::memset(ws.inner_sums, 0, (G * size + W) * sizeof(float));
    for (const scat::Scale &scale : first.second)
        for (int group = 0; group < int(scale.folds.size()); ++group) {
            const Pass pass = second_pass(plan, first, scale, group, t1, inner);
            with_pass(pass, [&](auto G, auto paired) {
                pull_back<G, paired>(pass, ws, gradient);
            });
        }
    gather_sums(G, first.spectrum.unit, ws.inner_sums, size, false, inner);
    merge_copies(first.spectrum, inner);
}

template <int G>
void pull_first_order(const scat::Plan &plan, const scat::First &first, const float *spectrum,
                      float *inner, const BackwardWorkspace &ws, const float *gradient) {
    const scat::Scale &scale = first.scale;
    const int T = first.descend ? first.T : 1, held = T > G ? T / G : 1;
    const std::ptrdiff_t phases = std::ptrdiff_t((scale.m + W / G - 1) / (W / G)) * scale.n * 2;
    for (int group = 0; group < int(scale.folds.size()); ++group) {
        const int begin = group * G, end = begin + G;
        push_first<G>(first_pass(plan, first, group, spectrum), first.descend, ws,
                      ws.phase + group % held * phases);
        if (first.descend)
            transform_columns<G>(plan.column[scale.j], first.spectrum, scale.stride, ws,
                                 begin % T, inner);
        if (end % T != 0)
            continue;
        for (int t1 = begin / T * T, q = 0; first.descend && t1 < (end < plan.L ? end : plan.L);
             t1 += T, ++q)
            pull_second_order(plan, first, t1, inner + q * first.spectrum.size(), ws, gradient);
        for (int past = group - held + 1; past <= group; ++past)
            pull_first<G>(first_pass(plan, first, past, spectrum), first, inner, ws,
                          ws.phase + past % held * phases, gradient);
    }
}

// The gradient of the image: order zero's, its spectrum's, and the padding transposed.
SCAT_APART void pull_image(const scat::Plan &plan, const float *spectrum,
                           const BackwardWorkspace &ws, const float *gradient, float *out) {
    const bool descend = !plan.first.empty();
    const std::ptrdiff_t channel[1] = {0};
    if (descend)
        invert_columns<1, 1>(plan.column[0], plan.spectrum, plan.base.stride, ws, 0, spectrum);
    spread_columns<1>(plan, 0, channel, gradient, ws);
    std::memset(out, 0, std::size_t(plan.rows_in) * plan.columns_in * sizeof(float));
    for (int r = 0; r < plan.M; r += W) {
        V *u = ws.line4;
        spread_row<1>(plan, 0, r, ws, u);
        if (descend)
            invert_real_rows<1>(plan.half[0], plan.unpack[0].data(), plan.base.stride, r, ws, u);
        const float *from = reinterpret_cast<const float *>(u);
        for (int i = 0; i < W && r + i < plan.M; ++i) {
            if (plan.rows[r + i] < 0)
                continue;
            float *to = out + std::ptrdiff_t(plan.rows[r + i]) * plan.columns_in;
            for (int c = 0; c < plan.N; ++c)
                if (plan.columns[c] >= 0)
                    to[plan.columns[c]] += from[std::ptrdiff_t(c) * W + i];
        }
    }
}

} // namespace

namespace scat {
namespace SCAT_NAMESPACE {

void backward(const Plan &plan, const BackwardSpace &space, const float *x,
              const float *gradient, float *out, float *workspace) {
    auto at = [&](std::size_t offset) { return reinterpret_cast<V *>(workspace + offset); };
    const BackwardWorkspace ws{
        {at(plan.at_work), at(plan.at_line), at(plan.at_line2), at(plan.at_map),
         at(plan.at_average), at(plan.at_result), at(plan.at_dense)},
        at(space.at_line3), at(space.at_line4), at(space.at_phase),
        workspace + space.at_sums, workspace + space.at_inner_sums};
    float *spectrum = workspace + plan.at_spectrum, *inner = workspace + plan.at_inner;
    float *spectrum_gradient = workspace + space.at_gradient;
    transform_image(plan, x, nullptr, ws, spectrum);
    std::memset(spectrum_gradient, 0, plan.first.empty() ? 0 : plan.spectrum.size() * sizeof(float));
    for (const First &first : plan.first) {
        const int G = first.scale.G;
        std::memset(ws.sums, 0, (G * plan.spectrum.size() + W) * sizeof(float));
        with_lanes(G, [&](auto g) {
            pull_first_order<g>(plan, first, spectrum, inner, ws, gradient);
        });
        gather_sums(G, 1, ws.sums, plan.spectrum.size(), true, spectrum_gradient);
    }
    if (!plan.first.empty())
        merge_copies(plan.spectrum, spectrum_gradient);
    pull_image(plan, spectrum_gradient, ws, gradient, out);
}

} // namespace SCAT_NAMESPACE
} // namespace scat
#endif
