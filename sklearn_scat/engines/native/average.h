// Averaging, subsampling and cropping as two small matrix products, A U B^T, or the mean
// of what they leave as one weighted sum, a^T U b.
#ifndef SCAT_AVERAGE_H
#define SCAT_AVERAGE_H

#include "lanes.h"
#include "plan.h"

namespace {

// Outputs o and h - 1 - o see mirrored weights, so that half the products suffice: the
// sums e and the differences d of mirrored inputs meet half the weights each.
template <int SIZE>
SCAT_INLINE void product_block(const scat::LowPass &matrix, const scat::LowPassBlock &block,
                               const V *pairs, V *y, std::ptrdiff_t y_step) {
    V even[SIZE], odd[SIZE];
    static_for<SIZE>([&](auto i) __attribute__((always_inline)) { even[i] = odd[i] = V{}; });
    const float *wt = matrix.weights.data() + block.weights;
    for (int r = 0; r < block.ranges; ++r) {
        const V *p = pairs + 2 * block.from[r];
        for (int c = block.from[r]; c < block.to[r]; ++c, p += 2, wt += 2 * SIZE) {
            const V e = p[0], d = p[1];
            static_for<SIZE>([&](auto i) __attribute__((always_inline)) {
                even[i] += e * wt[i], odd[i] += d * wt[SIZE + i];
            });
        }
    }
    static_for<SIZE>([&](auto i) __attribute__((always_inline)) {
        y[(block.begin + i) * y_step] = even[i] + odd[i];
        y[(matrix.outputs - 1 - block.begin - i) * y_step] = even[i] - odd[i];
    });
}

// y[i] = sum_c matrix[i, c] x[c]; `pairs` is scratch.
SCAT_APART void product(const scat::LowPass &matrix, const V *x, std::ptrdiff_t x_step,
                        V *pairs, V *y, std::ptrdiff_t y_step) {
    const int *left = matrix.left.data(), *right = matrix.right.data();
    for (int c = 0, n = int(matrix.left.size()); c < n; ++c) {
        const V a = x[left[c] * x_step], b = x[right[c] * x_step];
        pairs[2 * c] = a + b, pairs[2 * c + 1] = a - b;
    }
    for (const scat::LowPassBlock &block : matrix.blocks) {
        switch (block.size) {
#define X(S) case S: product_block<S>(matrix, block, pairs, y, y_step); break;
            X(1) X(2) X(3) X(4) X(5) X(6)
#undef X
        }
    }
}

// sum_c weight(c) x[c] over n vectors, in blocks: rounding grows with a block's length.
template <class Weight> SCAT_INLINE V weighted_sum(int n, const V *x, const Weight &weight) {
    constexpr int ways = 8, block = 32 * ways;
    V total{};
    for (int begin = 0; begin < n; begin += block) {
        const int end = n < begin + block ? n : begin + block;
        V sum[ways];
        static_for<ways>([&](auto i) __attribute__((always_inline)) { sum[i] = V{}; });
        int c = begin;
        for (; c + ways <= end; c += ways)
            static_for<ways>([&](auto i) __attribute__((always_inline)) {
                sum[i] += x[c + i] * weight(c + i);
            });
        for (; c < end; ++c)
            sum[0] += x[c] * weight(c);
        total += ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
    }
    return total;
}

// The sums of rows over the columns, weighted along the rows; lane g goes to channel[g].
// The last vector may have lanes beyond the last row, which are left out.
template <int G>
SCAT_APART void mean_columns(const std::vector<float> &down, const V *map,
                             const std::ptrdiff_t *channel, float *out) {
    constexpr int R = W / G;
    const int whole = int(down.size()) / R, rest = int(down.size()) % R;
    const float *weights = down.data();
    const V sum = weighted_sum(whole, map, [&](int v) __attribute__((always_inline)) {
        return spread<G>(weights + v * R);
    });
    for (int g = 0; g < G; ++g) {
        if (channel[g] < 0)
            continue;
        float total = 0.0f;
        for (int i = 0; i < R; ++i)
            total += sum[i * G + g];
        for (int i = 0; i < rest; ++i)
            total += map[whole][i * G + g] * weights[whole * R + i];
        out[channel[g]] = total;
    }
}

// Rows of U (held in lanes, R at a time) averaged along the columns.
template <int G>
SCAT_APART void average_row(const scat::Plan &plan, int resolution, const V *u, int row, V *pairs, V *line,
                 V *map) {
    constexpr int R = W / G;
    if (plan.mean) {
        const std::vector<float> &across = plan.across[resolution];
        const float *weights = across.data();
        map[row / R] = weighted_sum(int(across.size()), u, [&](int c)
                                    __attribute__((always_inline)) { return weights[c]; });
        return;
    }
    const int blocks = (plan.w + R - 1) / R;
    if constexpr (R == 1) {
        product(plan.horizontal[resolution], u, 1, pairs, map + std::ptrdiff_t(row) * blocks, 1);
    } else {
        product(plan.horizontal[resolution], u, 1, pairs, line, 1);
        for (int b = 0; b < blocks; ++b) {
            V v[R];
            static_for<R>([&](auto i) __attribute__((always_inline)) { v[i] = line[b * R + i]; });
            transpose<R>(v);
            static_for<R>([&](auto i) __attribute__((always_inline)) {
                map[std::ptrdiff_t(row + i) * blocks + b] = v[i];
            });
        }
    }
}

// Averaged along the rows and written out; lane g of a position goes to channel[g].
template <int G>
SCAT_APART void average_columns(const scat::Plan &plan, int resolution, const V *map, V *pairs, V *result,
                     const std::ptrdiff_t *channel, float *out) {
    constexpr int R = W / G;
    if (plan.mean)
        return mean_columns<G>(plan.down[resolution], map, channel, out);
    const int blocks = (plan.w + R - 1) / R, h = plan.h, w = plan.w;
    for (int b = 0; b < blocks; ++b)
        product(plan.vertical[resolution], map + b, blocks, pairs, result + b, blocks);
    const float *from = reinterpret_cast<const float *>(result);
    if constexpr (G == W) {
        const int positions = h * w;
        int p = 0;
        while (positions >= W && p < positions) {
            V v[W];
            static_for<W>([&](auto i) __attribute__((always_inline)) { v[i] = result[p + i]; });
            transpose<W>(v);
            static_for<W>([&](auto i) __attribute__((always_inline)) {
                if (channel[i] >= 0)
                    store(out + channel[i] + p, v[i]);
            });
            if (p + W == positions)
                return;
            p = p + 2 * W <= positions ? p + W : positions - W;
        }
        if (positions >= W)
            return;
    }
    for (int g = 0; g < G; ++g) {
        if (channel[g] < 0)
            continue;
        float *to = out + channel[g];
        for (int i = 0; i < h; ++i)
            for (int k = 0; k < w; ++k)
                *to++ = from[(std::ptrdiff_t(i) * blocks * R + k) * G + g];
    }
}

} // namespace
#endif
