// Averaging, subsampling and cropping as two small matrix products, A U B^T.
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

// Rows of U (held in lanes, R at a time) averaged along the columns.
template <int G>
SCAT_APART void average_row(const scat::Plan &plan, int resolution, const V *u, int row, V *pairs, V *line,
                 V *map) {
    constexpr int R = W / G;
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
