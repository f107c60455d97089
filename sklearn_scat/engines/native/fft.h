// Discrete Fourier transforms of W lanes at once; real and imaginary vectors alternate.
//
// Only the forward transform exists: swapping real and imaginary parts at both ends
// makes it the (unnormalised) inverse.
#ifndef SCAT_FFT_H
#define SCAT_FFT_H

#include "lanes.h"
#include "plan.h"

namespace {

constexpr double pi = 3.14159265358979323846;

constexpr double series(double x, bool sine) { // |x| <= pi
    double term = sine ? x : 1.0, sum = term;
    for (int i = sine ? 2 : 1; i < 60; i += 2) {
        term *= -x * x / (double(i) * double(i + 1));
        sum += term;
    }
    return sum;
}
constexpr double angle(int k, int n) {
    k %= n;
    return 2.0 * pi * (2 * k > n ? k - n : k) / n;
}
constexpr float turn_cos(int k, int n) { return float(series(angle(k, n), false)); }
constexpr float turn_sin(int k, int n) { return float(series(angle(k, n), true)); }

// Multiply by exp(-2 pi i K / N).
template <int K0, int N> SCAT_INLINE void rotate(V &re, V &im) {
    constexpr int K = K0 % N;
    const V r = re, i = im;
    constexpr float half = turn_cos(1, 8);
    if constexpr (K == 0) {
    } else if constexpr (2 * K == N) {
        re = -r, im = -i;
    } else if constexpr (4 * K == N) {
        re = i, im = -r;
    } else if constexpr (4 * K == 3 * N) {
        re = -i, im = r;
    } else if constexpr (8 * K == N) {
        re = (r + i) * half, im = (i - r) * half;
    } else if constexpr (8 * K == 3 * N) {
        re = (i - r) * half, im = (r + i) * -half;
    } else if constexpr (8 * K == 5 * N) {
        re = (r + i) * -half, im = (r - i) * half;
    } else if constexpr (8 * K == 7 * N) {
        re = (r - i) * half, im = (r + i) * half;
    } else {
        constexpr float c = turn_cos(K, N), s = turn_sin(K, N);
        re = r * c + i * s, im = i * c - r * s;
    }
}

constexpr int common_divisor(int a, int b) { return b ? common_divisor(b, a % b) : a; }
constexpr int first_factor(int n) { // the split that a composite radix takes
    return n == 4 ? 2 : n == 6 ? 2 : n == 8 ? 2 : n == 9 ? 3 : n == 10 ? 2 : n == 12 ? 4
         : n == 14 ? 2 : n == 15 ? 3 : n == 16 ? 4 : n == 18 ? 2 : n == 20 ? 4 : n;
}
constexpr int residue(int k1, int a, int k2, int b) { // k = k1 mod a = k2 mod b
    for (int k = 0; k < a * b; ++k)
        if (k % a == k1 && k % b == k2)
            return k;
    return 0;
}

template <int R> SCAT_INLINE void dft(V (&re)[R], V (&im)[R]);

template <int P> SCAT_INLINE void dft_prime(V (&re)[P], V (&im)[P]) {
    constexpr int h = (P - 1) / 2;
    V ar[h], ai[h], br[h], bi[h];
    V sr = re[0], si = im[0];
    const V zr = sr, zi = si;
    static_for<h>([&](auto n) __attribute__((always_inline)) {
        ar[n] = re[n + 1] + re[P - 1 - n], ai[n] = im[n + 1] + im[P - 1 - n];
        br[n] = re[n + 1] - re[P - 1 - n], bi[n] = im[n + 1] - im[P - 1 - n];
        sr += ar[n], si += ai[n];
    });
    re[0] = sr, im[0] = si;
    static_for<h>([&](auto k) __attribute__((always_inline)) {
        V cr = zr, ci = zi, tr = bi[0] * turn_sin(k + 1, P), ti = br[0] * turn_sin(k + 1, P);
        static_for<h>([&](auto n) __attribute__((always_inline)) {
            constexpr float c = turn_cos((number<decltype(k)> + 1) * (number<decltype(n)> + 1), P);
            constexpr float s = turn_sin((number<decltype(k)> + 1) * (number<decltype(n)> + 1), P);
            cr += ar[n] * c, ci += ai[n] * c;
            if constexpr (number<decltype(n)> > 0)
                tr += bi[n] * s, ti += br[n] * s;
        });
        re[k + 1] = cr + tr, im[k + 1] = ci - ti;
        re[P - 1 - k] = cr - tr, im[P - 1 - k] = ci + ti;
    });
}

template <int A, int B> SCAT_INLINE void dft_composite(V (&re)[A * B], V (&im)[A * B]) {
    constexpr bool coprime = common_divisor(A, B) == 1;
    constexpr int N = A * B;
    V yr[N], yi[N];
    static_for<B>([&](auto b) __attribute__((always_inline)) {
        V tr[A], ti[A];
        static_for<A>([&](auto a) __attribute__((always_inline)) {
            constexpr int n = coprime ? (B * number<decltype(a)> + A * number<decltype(b)>) % N
                                      : B * number<decltype(a)> + number<decltype(b)>;
            tr[a] = re[n], ti[a] = im[n];
        });
        dft<A>(tr, ti);
        static_for<A>([&](auto a) __attribute__((always_inline)) {
            if constexpr (!coprime)
                rotate<number<decltype(a)> * number<decltype(b)>, N>(tr[a], ti[a]);
            yr[a * B + b] = tr[a], yi[a * B + b] = ti[a];
        });
    });
    static_for<A>([&](auto a) __attribute__((always_inline)) {
        V tr[B], ti[B];
        static_for<B>([&](auto b) __attribute__((always_inline)) {
            tr[b] = yr[a * B + b], ti[b] = yi[a * B + b];
        });
        dft<B>(tr, ti);
        static_for<B>([&](auto b) __attribute__((always_inline)) {
            constexpr int k = coprime ? residue(number<decltype(a)>, A, number<decltype(b)>, B)
                                      : number<decltype(a)> + A * number<decltype(b)>;
            re[k] = tr[b], im[k] = ti[b];
        });
    });
}

template <int R> SCAT_INLINE void dft(V (&re)[R], V (&im)[R]) {
    if constexpr (R == 1) {
    } else if constexpr (R == 2) {
        const V r = re[0], i = im[0];
        re[0] = r + re[1], im[0] = i + im[1];
        re[1] = r - re[1], im[1] = i - im[1];
    } else if constexpr (first_factor(R) == R) {
        dft_prime<R>(re, im);
    } else {
        dft_composite<first_factor(R), R / first_factor(R)>(re, im);
    }
}

// Where the last pass puts its results.
struct Strided { // complex, at k * stride
    V *to;
    std::ptrdiff_t stride; // in complex vectors
    SCAT_INLINE void operator()(int k, V re, V im) const {
        V *p = to + 2 * (k * stride);
        p[0] = re, p[1] = im;
    }
};
struct Modulus { // the modulus, at k
    V *to;
    SCAT_INLINE void operator()(int k, V re, V im) const {
        to[k] = root(re * re + im * im);
    }
};

template <int R>
SCAT_INLINE void twiddle_and_store(V (&re)[R], V (&im)[R], V *to, int sub, const float *tw) {
    static_for<R>([&](auto q) __attribute__((always_inline)) {
        V *p = to + 2 * std::ptrdiff_t(q * sub);
        if constexpr (number<decltype(q)> == 0) {
            p[0] = re[0], p[1] = im[0];
        } else {
            const float c = tw[2 * (q - 1)], s = tw[2 * (q - 1) + 1];
            p[0] = re[q] * c + im[q] * s, p[1] = im[q] * c - re[q] * s;
        }
    });
}
template <int R> SCAT_INLINE void plain_store(V (&re)[R], V (&im)[R], V *to, int sub) {
    static_for<R>([&](auto q) __attribute__((always_inline)) {
        to[2 * std::ptrdiff_t(q * sub)] = re[q], to[2 * std::ptrdiff_t(q * sub) + 1] = im[q];
    });
}

template <int R>
void first_pass(const V *from, std::ptrdiff_t stride, const int *in, V *buffer, int sub,
                const float *tw) {
    for (int n = 0; n < sub; ++n) {
        V re[R], im[R];
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            const V *p = from + 2 * (in[n + sub * i] * stride);
            re[i] = p[0], im[i] = p[1];
        });
        dft<R>(re, im);
        if (tw != nullptr && n != 0)
            twiddle_and_store<R>(re, im, buffer + 2 * n, sub, tw + std::ptrdiff_t(n) * 2 * (R - 1));
        else
            plain_store<R>(re, im, buffer + 2 * n, sub);
    }
}

template <int R> void middle_pass(V *buffer, int blocks, int sub, const float *tw) {
    for (int b = 0; b < blocks; ++b, buffer += 2 * std::ptrdiff_t(R) * sub)
        for (int n = 0; n < sub; ++n) {
            V re[R], im[R], *base = buffer + 2 * n;
            static_for<R>([&](auto i) __attribute__((always_inline)) {
                re[i] = base[2 * std::ptrdiff_t(i * sub)];
                im[i] = base[2 * std::ptrdiff_t(i * sub) + 1];
            });
            dft<R>(re, im);
            if (tw != nullptr && n != 0)
                twiddle_and_store<R>(re, im, base, sub, tw + std::ptrdiff_t(n) * 2 * (R - 1));
            else
                plain_store<R>(re, im, base, sub);
        }
}

template <int R, class Put>
void last_pass(const V *buffer, int blocks, const int *out, const Put put) {
    for (int b = 0; b < blocks; ++b, buffer += 2 * R, out += R) {
        V re[R], im[R];
        static_for<R>([&](auto i) __attribute__((always_inline)) {
            re[i] = buffer[2 * i], im[i] = buffer[2 * i + 1];
        });
        dft<R>(re, im);
        static_for<R>([&](auto i) __attribute__((always_inline)) { put(out[i], re[i], im[i]); });
    }
}

template <int R, class Put>
void only_pass(const V *from, std::ptrdiff_t stride, const int *in, const Put put) {
    V re[R], im[R];
    static_for<R>([&](auto i) __attribute__((always_inline)) {
        const V *p = from + 2 * (in[i] * stride);
        re[i] = p[0], im[i] = p[1];
    });
    dft<R>(re, im);
    static_for<R>([&](auto i) __attribute__((always_inline)) {
        put(number<decltype(i)>, re[i], im[i]);
    });
}

// A radix without a codelet: the cosine and sine sums in full, four outputs at a time.
void dense_pass(V *buffer, int radix, int blocks, int sub, const float *tw,
                const float *matrix, V *scratch) {
    const int h = (radix - 1) / 2;
    V *a = scratch, *b = scratch + 2 * h;
    for (int block = 0; block < blocks; ++block, buffer += 2 * std::ptrdiff_t(radix) * sub)
        for (int n = 0; n < sub; ++n) {
            V *base = buffer + 2 * n;
            const std::ptrdiff_t step = 2 * std::ptrdiff_t(sub);
            const V zr = base[0], zi = base[1];
            V sr = zr, si = zi;
            for (int i = 0; i < h; ++i) {
                const V *p = base + step * (i + 1), *q = base + step * (radix - 1 - i);
                a[2 * i] = p[0] + q[0], a[2 * i + 1] = p[1] + q[1];
                b[2 * i] = p[0] - q[0], b[2 * i + 1] = p[1] - q[1];
                sr += a[2 * i], si += a[2 * i + 1];
            }
            base[0] = sr, base[1] = si;
            auto put = [&](int q, V re, V im) __attribute__((always_inline)) {
                V *p = base + step * q;
                if (tw != nullptr) {
                    const float *t = tw + (std::ptrdiff_t(n) * (radix - 1) + q - 1) * 2;
                    p[0] = re * t[0] + im * t[1], p[1] = im * t[0] - re * t[1];
                } else {
                    p[0] = re, p[1] = im;
                }
            };
            for (int k = 0; k < h; k += 2) { // the matrix has an even number of rows
                V cr0 = zr, ci0 = zi, tr0{}, ti0{}, cr1 = zr, ci1 = zi, tr1{}, ti1{};
                const float *m = matrix + std::ptrdiff_t(k) * 2 * h;
                for (int i = 0; i < h; ++i, m += 4) {
                    cr0 += a[2 * i] * m[0], ci0 += a[2 * i + 1] * m[0];
                    tr0 += b[2 * i + 1] * m[1], ti0 += b[2 * i] * m[1];
                    cr1 += a[2 * i] * m[2], ci1 += a[2 * i + 1] * m[2];
                    tr1 += b[2 * i + 1] * m[3], ti1 += b[2 * i] * m[3];
                }
                put(k + 1, cr0 + tr0, ci0 - ti0);
                put(radix - 1 - k, cr0 - tr0, ci0 + ti0);
                if (k + 1 < h) {
                    put(k + 2, cr1 + tr1, ci1 - ti1);
                    put(radix - 2 - k, cr1 - tr1, ci1 + ti1);
                }
            }
        }
}

#define SCAT_EACH_RADIX(X) \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)

#define SCAT_EACH_SHORT_LENGTH(X) SCAT_EACH_RADIX(X) X(18) X(20) // in one pass

template <class Put> void finish(const scat::Fft &f, V *buffer, V *scratch, const Put put) {
    const int last = f.passes - 1;
    int blocks = f.radix[0];
    for (int p = 1; p < last; ++p) {
        const float *tw = f.twiddled[p] ? f.twiddles[p].data() : nullptr;
        switch (f.dense[p] ? 0 : f.radix[p]) {
#define X(R) case R: middle_pass<R>(buffer, blocks, f.sub[p], tw); break;
            SCAT_EACH_RADIX(X)
#undef X
        default:
            dense_pass(buffer, f.radix[p], blocks, f.sub[p], tw, f.matrix[p].data(), scratch);
        }
        blocks *= f.radix[p];
    }
    switch (f.dense[last] ? 0 : f.radix[last]) {
#define X(R) case R: last_pass<R>(buffer, blocks, f.out.data(), put); break;
        SCAT_EACH_RADIX(X)
#undef X
    default:
        dense_pass(buffer, f.radix[last], blocks, 1, nullptr, f.matrix[last].data(), scratch);
        for (int i = 0; i < f.n; ++i)
            put(f.out[i], buffer[2 * i], buffer[2 * i + 1]);
    }
}

// The DFT of `from` (steps of `stride` complex vectors, read through `in`), by way of
// `buffer`; both may be the same when stride is 1 and `in` the identity.
template <class Put>
void fft(const scat::Fft &f, const V *from, std::ptrdiff_t stride, const int *in, V *buffer,
         V *scratch, const Put put) {
    if (f.passes == 1 && !f.dense[0]) {
        switch (f.radix[0]) {
#define X(R) case R: only_pass<R>(from, stride, in, put); break;
            SCAT_EACH_SHORT_LENGTH(X)
#undef X
        }
        return;
    }
    const float *tw = f.twiddled[0] ? f.twiddles[0].data() : nullptr;
    switch (f.dense[0] ? 0 : f.radix[0]) {
#define X(R) case R: first_pass<R>(from, stride, in, buffer, f.sub[0], tw); break;
        SCAT_EACH_RADIX(X)
#undef X
    default:
        if (from != buffer)
            for (int s = 0; s < f.n; ++s) {
                buffer[2 * s] = from[2 * (in[s] * stride)];
                buffer[2 * s + 1] = from[2 * (in[s] * stride) + 1];
            }
        dense_pass(buffer, f.radix[0], 1, f.sub[0], tw, f.matrix[0].data(), scratch);
        if (f.passes == 1) {
            for (int i = 0; i < f.n; ++i)
                put(f.out[i], buffer[2 * i], buffer[2 * i + 1]);
            return;
        }
    }
    finish(f, buffer, scratch, put);
}

} // namespace
#endif
