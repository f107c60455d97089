// Vectors of LANES floats, written with the compilers' vector types.
//
// Included once in each translation unit that chose LANES (16 for AVX-512, 8 for
// AVX2, 4 for NEON, with SCAT_NEON, and the baseline). Everything lives in an anonymous namespace: the same
// template compiled for two instruction sets must never be merged by the linker.
#ifndef SCAT_LANES_H
#define SCAT_LANES_H

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#define SCAT_INLINE inline __attribute__((always_inline))
#define SCAT_APART __attribute__((noinline)) // a stage of its own in a profile

namespace {

constexpr int W = LANES;
#if LANES == 16 || defined(SCAT_NEON)
constexpr int registers = 32; // of a vector each
#else
constexpr int registers = 16;
#endif
typedef float V __attribute__((vector_size(LANES * 4)));
typedef int VI __attribute__((vector_size(LANES * 4)));
typedef float VU __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

SCAT_INLINE V load(const float *p) { return *reinterpret_cast<const VU *>(p); }
SCAT_INLINE void store(float *p, V v) { *reinterpret_cast<VU *>(p) = v; }

// x - 0 is x for every x, so the subtraction disappears and a broadcast is left.
SCAT_INLINE V splat(float s) { return s - V{}; }

// The value of a static_for index, whose type may be a reference to the constant.
template <class T> constexpr int number = std::remove_reference_t<T>::value;

template <int N, class F> SCAT_INLINE void static_for(F &&f) {
    if constexpr (N > 0) {
        static_for<N - 1>(f);
        f(std::integral_constant<int, N - 1>{});
    }
}

// A permutation of the 2W lanes of (a, b) known at compile time: lane i of the
// result is lane Map::at(i), counted through a first.
template <class Map, int... I>
SCAT_INLINE V permute_impl(V a, V b, std::integer_sequence<int, I...>) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, Map::at(I)...);
#else
    return __builtin_shuffle(a, b, VI{Map::at(I)...});
#endif
}
template <class Map> SCAT_INLINE V permute(V a, V b) {
    return permute_impl<Map>(a, b, std::make_integer_sequence<int, W>{});
}

SCAT_INLINE V root(V x) {
#if LANES == 16
    return (V)_mm512_maskz_sqrt_ps(__mmask16(-1), (__m512)x);
#elif LANES == 8
    return (V)_mm256_sqrt_ps((__m256)x);
#elif defined(SCAT_NEON)
    return (V)vsqrtq_f32((float32x4_t)x);
#elif LANES == 4 && defined(__SSE__)
    return (V)_mm_sqrt_ps((__m128)x);
#else
    V r;
    for (int i = 0; i < W; ++i)
        r[i] = __builtin_sqrtf(x[i]);
    return r;
#endif
}

// W / G floats, each repeated in G adjacent lanes (REVERSED: last float first).
template <int G, bool REVERSED> struct SpreadMap {
    static constexpr int Q = W / G;
    static constexpr int at(int i) { return REVERSED ? Q - 1 - i / G : i / G; }
};
template <int G, bool REVERSED = false> SCAT_INLINE V spread(const float *p) {
    constexpr int Q = W / G;
    typedef SpreadMap<G, REVERSED> Map;
    if constexpr (Q == 1) {
        return splat(*p);
    } else if constexpr (Q == W) {
        V v = load(p);
        if constexpr (REVERSED)
            v = permute<Map>(v, v);
        return v;
    } else {
        V v;
#if LANES == 16
        if constexpr (Q == 2)
            v = (V)_mm512_broadcastsd_pd(_mm_load_sd((const double *)p));
        else if constexpr (Q == 4)
            v = (V)_mm512_broadcast_f32x4(_mm_loadu_ps(p));
        else
            v = (V)_mm512_castps256_ps512(_mm256_loadu_ps(p));
        return permute<Map>(v, v);
#elif LANES == 8
        if constexpr (Q == 2)
            v = (V)_mm256_broadcast_sd((const double *)p);
        else
            v = (V)_mm256_broadcast_ps((const __m128 *)p);
        return permute<Map>(v, v);
#elif defined(SCAT_NEON)
        const float32x2_t pair = vld1_f32(p);
        v = (V)vcombine_f32(pair, pair);
        return permute<Map>(v, v);
#else
        for (int i = 0; i < W; ++i)
            v[i] = p[Map::at(i)];
        return v;
#endif
    }
}

// G floats, the whole row of them repeated W / G times.
template <int G> SCAT_INLINE V tile(const float *p) {
    if constexpr (G == W)
        return load(p);
    else if constexpr (G == 1)
        return splat(*p);
    else {
#if LANES == 16
        if constexpr (G == 8)
            return (V)_mm512_broadcast_f32x8(_mm256_loadu_ps(p));
        else if constexpr (G == 4)
            return (V)_mm512_broadcast_f32x4(_mm_loadu_ps(p));
        else if constexpr (G == 2)
            return (V)_mm512_broadcastsd_pd(_mm_load_sd((const double *)p));
#elif LANES == 8
        if constexpr (G == 4)
            return (V)_mm256_broadcast_ps((const __m128 *)p);
        else if constexpr (G == 2)
            return (V)_mm256_broadcast_sd((const double *)p);
#elif defined(SCAT_NEON)
        const float32x2_t pair = vld1_f32(p);
        return (V)vcombine_f32(pair, pair);
#endif
        V v;
        for (int i = 0; i < W; ++i)
            v[i] = p[i % G];
        return v;
    }
}

// Transpose R x R units of G = W / R floats held in R vectors.
template <int S, int G, bool HIGH> struct SwapMap {
    static constexpr int at(int i) {
        const int unit = i / G, rest = i % G;
        const int from = HIGH ? ((unit & S) ? W + i : (unit + S) * G + rest)
                              : ((unit & S) ? W + (unit - S) * G + rest : i);
        return from;
    }
};
template <int R, int S = 1> SCAT_INLINE void transpose(V (&v)[R]) {
    if constexpr (S < R) {
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            if constexpr ((i & S) == 0) {
                const V a = v[i], b = v[i + S];
                v[i] = permute<SwapMap<S, W / R, false>>(a, b);
                v[i + S] = permute<SwapMap<S, W / R, true>>(a, b);
            }
        });
        transpose<R, S * 2>(v);
    }
}

// R x R blocks of complex numbers, n of them: `get(b, i)` gives where the pair i of block
// b is, and `put(b, i, re, im)` takes what stands there when rows and columns have changed.
template <int R, class Get, class Put>
SCAT_INLINE void transpose_blocks(int n, const Get &get, const Put &put) {
    for (int b = 0; b < n; ++b) {
        V re[R], im[R];
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            const V *p = get(b, i);
            re[i] = p[0], im[i] = p[1];
        });
        transpose<R>(re), transpose<R>(im);
        static_for<R>([&](auto i) __attribute__((always_inline)) { put(b, i, re[i], im[i]); });
    }
}

// Calls f(std::integral_constant<int, G>) for the lanes G of a unit, known at run time.
template <class F> void with_lanes(int G, const F &f) {
    switch (G) {
    case 1:
        return f(std::integral_constant<int, 1>{});
    case 2:
        return f(std::integral_constant<int, 2>{});
    case 4:
        return f(std::integral_constant<int, 4>{});
    case 8:
        if constexpr (W >= 8)
            return f(std::integral_constant<int, 8>{});
        break;
    case 16:
        if constexpr (W >= 16)
            return f(std::integral_constant<int, 16>{});
        break;
    }
}

} // namespace
#endif
