// Plans: radices, index tables, filters in the order in which they are consumed.
#include "plan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace scat {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr int largest_codelet = 16;
constexpr double negligible_filter = 1e-7;  // of the filter's maximum
constexpr double negligible_weight = 1e-8;  // of the averaging matrix's maximum
constexpr double comfortable_bytes = 512e3; // of a work array beside its filters in L2
// Of exchanging rows and columns in registers, beside the transform of the vectors. Eight
// lanes take less: with 0.02 instead of 0.04, 224² took 4 to 9 %, 200² 2 to 6 % and 512² 0 to
// 3 % less time (AVX2 of a Xeon, 2026-11-28, in turns), and smaller images the same.
double exchange_cost(int lanes) { return lanes == 8 ? 0.02 : 0.04; }

// Vector operations of one codelet; a radix above the largest is a dense prime.
double codelet_cost(int radix) {
    static const double cost[] = {0, 0, 4, 14, 16, 36, 40, 66, 56, 108, 100, 165, 116, 224,
                                  175, 195, 180};
    if (radix <= largest_codelet)
        return cost[radix];
    return 3.0 * (radix - 1) * (radix - 1) + 16.0 * radix;
}
bool is_prime(int n) {
    for (int d = 2; d * d <= n; ++d)
        if (n % d == 0)
            return false;
    return n > 1;
}
// Lengths that one codelet covers, though it is no radix of longer ones.
bool is_short_length(int n) { return n == 18 || n == 20; }
bool is_radix(int n) { return n <= largest_codelet || is_prime(n); }

struct Choice {
    double cost = 1e30;
    int radix = 0;
};
// The cheapest order of radices for n points; `top` may split without twiddles.
Choice choose(int n, bool top, std::map<int, Choice> &known) {
    const auto found = known.find(top ? -n : n);
    if (found != known.end())
        return found->second;
    constexpr double pass = 5.0;
    Choice best;
    if (is_radix(n))
        best = {codelet_cost(n) / std::max(n, 1) + pass, n};
    for (int r = 2; r < n; ++r) {
        if (n % r != 0 || !is_radix(r))
            continue;
        const bool coprime = top && std::gcd(r, n / r) == 1;
        const double cost = codelet_cost(r) / r + pass + (coprime ? 0.0 : 4.0) +
                            choose(n / r, false, known).cost;
        if (cost < best.cost)
            best = {cost, r};
    }
    return known[top ? -n : n] = best;
}

std::vector<float> dense_matrix(int p) { // cosines and sines, two outputs side by side
    const int h = (p - 1) / 2;
    std::vector<float> m(std::size_t(h + h % 2) * 2 * h, 0.0f);
    for (int k = 1; k <= h; ++k)
        for (int i = 1; i <= h; ++i) {
            const double a = 2 * pi * double(std::int64_t(k) * i % p) / p;
            float *at = &m[(std::size_t((k - 1) / 2) * h + (i - 1)) * 4 + (k - 1) % 2 * 2];
            at[0] = float(std::cos(a)), at[1] = float(std::sin(a));
        }
    return m;
}

// Natural index of each place after the passes from `first` on, which cover n points.
std::vector<int> output_order(const Fft &f, int first, int n) {
    std::vector<int> order(n);
    if (first == f.passes - 1) {
        std::iota(order.begin(), order.end(), 0);
        return order;
    }
    const int r = f.radix[first], sub = n / r;
    const std::vector<int> inner = output_order(f, first + 1, sub);
    for (int q = 0; q < r; ++q)
        for (int s = 0; s < sub; ++s) {
            int k = q + r * inner[s];
            if (!f.twiddled[first])
                for (k = inner[s]; k % r != q; k += sub) {
                }
            order[std::size_t(q) * sub + s] = k;
        }
    return order;
}

Fft make_fft(int n) {
    Fft f;
    f.n = n;
    std::map<int, Choice> known;
    int rest = n, p = 0;
    do {
        const int r = is_short_length(n) ? n : choose(rest, p == 0, known).radix;
        f.radix[p] = r, f.sub[p] = rest / r;
        f.dense[p] = r > largest_codelet && !is_short_length(n);
        f.twiddled[p] = f.sub[p] > 1 && (p > 0 || std::gcd(r, f.sub[p]) != 1);
        if (f.dense[p] && r > largest_prime)
            throw std::invalid_argument("a side has a prime factor of " + std::to_string(r) +
                                        "; the kernel takes up to " +
                                        std::to_string(largest_prime));
        if (f.dense[p]) {
            f.matrix[p] = dense_matrix(r);
            f.workspace = std::max(f.workspace, 2 * (r - 1));
        }
        if (f.twiddled[p])
            for (int i = 0; i < f.sub[p]; ++i)
                for (int q = 1; q < r; ++q) {
                    const double a = 2 * pi * double(std::int64_t(i) * q % rest) / rest;
                    f.twiddles[p].push_back(float(std::cos(a)));
                    f.twiddles[p].push_back(float(std::sin(a)));
                }
        rest /= r;
        ++p;
    } while (rest > 1);
    f.passes = p;
    f.identity.resize(n), f.slot.resize(n);
    std::iota(f.identity.begin(), f.identity.end(), 0);
    f.in = f.identity;
    if (p > 1 && !f.twiddled[0])
        for (int i = 0; i < f.radix[0]; ++i)
            for (int s = 0; s < f.sub[0]; ++s)
                f.in[i * f.sub[0] + s] =
                    int((std::int64_t(f.sub[0]) * i + std::int64_t(f.radix[0]) * s) % n);
    for (int s = 0; s < n; ++s)
        f.slot[f.in[s]] = s;
    f.out = output_order(f, 0, n);
    return f;
}

// One side of a low-pass: y[o] = sum_i phi[step (o + crop) - i] x[i], with phi even and
// of period `inputs`. Row o reversed about `mirror` is row outputs - 1 - o.
struct Side {
    const double *phi;
    int inputs, outputs, step, crop;
    double at(int o, int i) const {
        const int lag = (step * (o + crop) - i) % inputs;
        return phi[lag < 0 ? lag + inputs : lag];
    }
    int mirror() const { return step * (outputs - 1 + 2 * crop) % inputs; }
    double largest() const {
        double most = 0;
        for (int i = 0; i < inputs; ++i)
            most = std::max(most, std::abs(phi[i]));
        return most;
    }
    void check_even(double tolerance) const {
        for (int i = 1; 2 * i < inputs; ++i)
            if (std::abs(phi[i] - phi[inputs - i]) > tolerance)
                throw std::invalid_argument("a low-pass is not even: phi[-u] must be phi[u]");
    }
    // The largest distance at which phi exceeds `least`.
    int reach(double least) const {
        for (int i = inputs / 2; i > 0; --i)
            if (std::abs(phi[i]) > least || std::abs(phi[inputs - i]) > least)
                return i;
        return 0;
    }
};

// Half the sum of an output's weights for two mirrored inputs, or half the difference.
double half_weight(const Side &side, int o, int left, int right, bool odd) {
    const double a = side.at(o, left), b = side.at(o, right);
    if (left == right)
        return odd ? 0.0 : a / 2;
    return (odd ? a - b : a + b) / 2;
}

// The pairs of mirrored inputs, and the one to which every input belongs.
std::vector<int> find_pairs(const Side &side, LowPass &low) {
    const int c = side.mirror(), n = side.inputs;
    std::vector<int> pair(n);
    for (int i = -((n - c) / 2); 2 * i <= c; ++i) {
        pair[(i + n) % n] = pair[(c - i) % n] = int(low.left.size());
        low.left.push_back((i + n) % n);
        low.right.push_back((c - i) % n);
    }
    return pair;
}

// The pairs that lie within `reach` of a block's outputs, in order.
std::vector<int> pairs_within(const Side &side, const LowPassBlock &block, int reach,
                              const std::vector<int> &pair) {
    const int n = side.inputs, first = side.step * (block.begin + side.crop) - reach;
    const int count = std::min(n, side.step * (block.size - 1) + 2 * reach + 1);
    std::vector<int> near;
    for (int i = 0; i < count; ++i)
        near.push_back(pair[((first + i) % n + n) % n]);
    std::sort(near.begin(), near.end());
    near.erase(std::unique(near.begin(), near.end()), near.end());
    return near;
}

// Find which pairs a block needs, as at most two ranges, cut at the widest gap.
void find_ranges(const std::vector<int> &used, LowPassBlock &block) {
    block.ranges = 0;
    if (used.empty())
        return;
    std::size_t cut = 0;
    for (std::size_t i = 1; i < used.size(); ++i)
        if (used[i] - used[i - 1] > (cut ? used[cut] - used[cut - 1] : 1))
            cut = i;
    block.from[0] = used.front();
    block.to[0] = used[cut ? cut - 1 : used.size() - 1] + 1;
    block.ranges = 1;
    if (cut) {
        block.from[1] = used[cut], block.to[1] = used.back() + 1;
        block.ranges = 2;
    }
}

void add_block(const Side &side, int begin, int size, double largest,
               const std::vector<int> &pair, LowPass &low) {
    const double least = negligible_weight * largest;
    LowPassBlock block{};
    block.begin = begin, block.size = size;
    auto weight = [&](int p, int i) { // of the sums, then of the differences
        return half_weight(side, begin + i % size, low.left[p], low.right[p], i >= size);
    };
    std::vector<int> used;
    for (int p : pairs_within(side, block, side.reach(least), pair)) {
        double most = 0;
        for (int i = 0; i < 2 * size; ++i)
            most = std::max(most, std::abs(weight(p, i)));
        if (most > least)
            used.push_back(p);
    }
    find_ranges(used, block);
    block.weights = low.weights.size();
    for (int r = 0; r < block.ranges; ++r)
        for (int p = block.from[r]; p < block.to[r]; ++p)
            for (int i = 0; i < 2 * size; ++i)
                low.weights.push_back(float(weight(p, i)));
    low.blocks.push_back(block);
}

LowPass make_low_pass(const Side &side) {
    LowPass low;
    low.outputs = side.outputs;
    const double largest = side.largest();
    side.check_even(1e-9 * largest);
    const std::vector<int> pair = find_pairs(side, low);
    const int half = (side.outputs + 1) / 2;
    const int count = (half + max_low_pass_block - 1) / max_low_pass_block;
    for (int b = 0, begin = 0; b < count; ++b) {
        const int size = (half - begin) / (count - b);
        add_block(side, begin, size, largest, pair, low);
        begin += size;
    }
    return low;
}

// The low-passes along both sides, or the weights of the means of what they would leave.
void make_averages(const PlanInput &in, Plan &plan) {
    for (int r = 0; r < std::max(in.J, 1); ++r) {
        const int step = 1 << (in.J - r), m = in.M >> r, n = in.N >> r;
        if (in.mean) {
            plan.down.emplace_back(in.vertical[r], in.vertical[r] + m);
            plan.across.emplace_back(in.horizontal[r], in.horizontal[r] + n);
            continue;
        }
        plan.vertical.push_back(
            make_low_pass({in.vertical[r], m, in.h, step, ((in.M >> in.J) - in.h) / 2}));
        plan.horizontal.push_back(
            make_low_pass({in.horizontal[r], n, in.w, step, ((in.N >> in.J) - in.w) / 2}));
    }
}

std::size_t aligned(std::size_t floats) { return (floats + 15) / 16 * 16; }

// The filters of G orientations on the grid (m, n), a crop of the frequencies of the full
// grid, read where they lie; what is negligible is marked. Orientations beyond the last
// are zero, or the first ones again.
struct Band {
    int m, n, G, count;
    const double *psi; // of the scale
    std::vector<std::size_t> orientation, row, column;
    std::vector<char> active, active_row; // (m, n) and (m,)
    Band(const PlanInput &in, int j, int first, int G, int m, int n, bool around)
        : m(m), n(n), G(G), count(around ? G : std::min(G, in.L - first)),
          psi(in.psi + std::size_t(j) * in.L * in.M * in.N), orientation(G), row(m), column(n),
          active(std::size_t(m) * n, 0), active_row(m, 0) {
        for (int k = 0; k < m; ++k)
            row[k] = std::size_t(2 * k < m ? k : in.M - (m - k)) * in.N;
        for (int k = 0; k < n; ++k)
            column[k] = 2 * k < n ? k : in.N - (n - k);
        for (int g = 0; g < G; ++g)
            orientation[g] = std::size_t((first + g) % in.L) * in.M * in.N;
        auto peaks = [&](const std::vector<double> &all, int g, int side) {
            return all.data() + (std::size_t(j) * in.L + (first + g) % in.L) * side;
        };
        double largest = 0;
        for (int g = 0; g < count; ++g)
            largest = std::max(largest, find_largest(in, g, peaks(in.row_peaks, g, in.M), largest));
        for (int g = 0; g < count; ++g)
            mark(in, g, peaks(in.row_peaks, g, in.M), peaks(in.column_peaks, g, in.N),
                 negligible_filter * largest);
    }
    // The largest value of an orientation if it exceeds `least`. The row of the largest
    // peak comes first: few others have to be read.
    double find_largest(const PlanInput &in, int g, const double *peaks, double least) const {
        auto peak = [&](int k1) { return peaks[row[k1] / in.N]; };
        auto read = [&](int k1) {
            for (int k2 = 0; k2 < n; ++k2)
                least = std::max(least, std::abs(at(k1, k2, g)));
        };
        int top = 0;
        for (int k1 = 0; k1 < m; ++k1)
            top = peak(k1) > peak(top) ? k1 : top;
        read(top);
        for (int k1 = 0; k1 < m; ++k1)
            if (peak(k1) > least)
                read(k1);
        return least;
    }
    // Mark what exceeds `least`, in rows and columns that do.
    void mark(const PlanInput &in, int g, const double *row_peaks, const double *column_peaks,
              double least) {
        std::vector<int> used;
        for (int k2 = 0; k2 < n; ++k2)
            if (column_peaks[column[k2]] > least)
                used.push_back(k2);
        for (int k1 = 0; k1 < m; ++k1) {
            if (row_peaks[row[k1] / in.N] <= least)
                continue;
            const double *values = psi + orientation[g] + row[k1];
            char *marks = active.data() + std::size_t(k1) * n;
            active_row[k1] = 1;
            for (int k2 : used)
                marks[k2] |= std::abs(values[column[k2]]) > least;
        }
    }
    double at(int k1, int k2, int g) const { return psi[orientation[g] + row[k1] + column[k2]]; }
};

// The aliases that output column block `b` and row `f` need, out of `alias`.
void find_active(const Band &band, const Scale &scale, int R, int b, int f,
                 const std::vector<int> &alias, std::vector<char> &active) {
    const int across = band.n / scale.n, last = std::min((b + 1) * R, scale.n);
    for (std::size_t i = 0; i < alias.size(); ++i) {
        const int k1 = f + alias[i] / across * scale.m;
        active[i] = 0;
        if (!band.active_row[k1])
            continue;
        const char *marks =
            band.active.data() + std::size_t(k1) * band.n + alias[i] % across * scale.n;
        active[i] = std::memchr(marks + b * R, 1, last - b * R) != nullptr;
    }
}

void add_segment(const Scale &scale, const Spectrum &from, int R, int b, int f,
                 const std::vector<int> &alias, const std::vector<char> &active, Fold &fold) {
    const int across = from.n / scale.n;
    Segment s{f, f + 1, 0, 0, int(fold.terms.size())};
    for (std::size_t i = 0; i < alias.size(); ++i) {
        if (!active[i])
            continue;
        const std::ptrdiff_t k1 = std::ptrdiff_t(alias[i] / across) * scale.m;
        const std::ptrdiff_t k2 = b * R + alias[i] % across * scale.n;
        const bool conjugate = 2 * k2 > from.n;
        const std::ptrdiff_t row = conjugate ? from.m - k1 : k1;
        const std::ptrdiff_t column = conjugate ? from.n - k2 - (R - 1) : k2;
        ++(conjugate ? s.conjugate : s.direct);
        fold.terms.push_back(row * from.stride + column * from.unit + from.margin);
    }
    fold.segments.push_back(s);
}

// The filters' values in R columns of a row of an alias, zero beyond the last column.
void add_values(const Band &band, const Scale &scale, int k1, int column, int R, int alias,
                float unit, std::vector<float> &psi) {
    const std::size_t at = psi.size();
    psi.resize(at + std::size_t(R) * band.G, 0.0f);
    const int count = std::min(R, scale.n - column);
    for (int g = 0; g < band.count; ++g) {
        float *to = &psi[at + g];
        for (int c = 0; c < count; ++c, to += band.G)
            *to = unit * float(band.at(k1, column + alias + c, g));
    }
}

// For the G orientations from `first` on. `psi` is scratch, which grows once rather than
// with every fold.
Fold make_fold(const PlanInput &in, const Scale &scale, int first, const Spectrum &from,
               std::vector<float> &psi, bool around = false) {
    const int R = scale.paired ? 1 : in.lanes / scale.G, G = scale.G;
    const int down = from.m / scale.m, across = from.n / scale.n;
    const Band band(in, scale.j, first, G, from.m, from.n, around);
    const float unit = float(0.5 / (double(from.m) * from.n));
    Fold fold;
    psi.clear();
    for (int b = 0; b < scale.blocks; ++b) {
        fold.block.push_back(int(fold.segments.size()));
        fold.block_psi.push_back(psi.size());
        std::vector<int> alias; // direct ones first
        for (int conjugate = 0; conjugate < 2; ++conjugate)
            for (int c = 0; c < across; ++c)
                if ((2 * (b * R + c * scale.n) > from.n) == (conjugate == 1))
                    for (int a = 0; a < down; ++a)
                        alias.push_back(a * across + c);
        std::vector<char> active(alias.size()), before;
        for (int f = 0; f < scale.m; ++f) {
            find_active(band, scale, R, b, f, alias, active);
            if (f == 0 || active != before)
                add_segment(scale, from, R, b, f, alias, active, fold);
            before = active;
            fold.segments.back().end = f + 1;
            for (std::size_t i = 0; i < alias.size(); ++i)
                if (active[i])
                    add_values(band, scale, f + alias[i] / across * scale.m, b * R, R,
                               alias[i] % across * scale.n, unit, psi);
        }
    }
    fold.psi.assign(psi.begin(), psi.end());
    fold.segments.shrink_to_fit(), fold.terms.shrink_to_fit();
    fold.block.push_back(int(fold.segments.size()));
    return fold;
}

double filled(int n, int step) { return double(n) / ((n + step - 1) / step * step); }
double crowding(double bytes) {
    return 1.0 + 0.25 * std::max(0.0, std::log2(bytes / comfortable_bytes));
}
// The numbers below (0.22, 0.06, 0.25, the exchange's 0.04, and `spread` where it is given)
// were fitted by hand to times of single sizes on one AVX-512 processor when this file was
// written; those times were not kept. They choose between layouts of equal results, so that
// a wrong one costs time alone.
// Cycles per coefficient, relative: transforms, exchanges of rows and columns in
// registers, and filter bins, of which neighbouring orientations share most but not all
// (`spread` tells how much more of the spectrum twice the orientations cover).
double lane_cost(int m, int n, int L, int G, int W, double spread, int maps = 1) {
    const int R = W / G;
    double exchange = 0, bins = 0.22;
    for (int s = 1; s < R; s *= 2)
        exchange += exchange_cost(W);
    for (int s = 1; s < G; s *= 2)
        bins += spread;
    return (1 + exchange + bins) * (0.5 / filled(n, R) + 0.5 / filled(m, R)) / filled(L, G) *
           crowding(8.0 * m * n * G * maps);
}
double paired_cost(int m, int n, int L, int T, int W) {
    double bins = 0.22;
    for (int s = 1; s < W / T; s *= 2)
        bins += 0.06;
    return (1 + bins) / filled(L, W / T) * crowding(8.0 * m * n * W);
}
int choose_lanes(int m, int n, int L, int W, double spread, int maps = 1) {
    int best = W;
    for (int G = W; G >= 1; G /= 2)
        if (lane_cost(m, n, L, G, W, spread, maps) < lane_cost(m, n, L, best, W, spread, maps))
            best = G;
    return best;
}

Scale make_scale(const PlanInput &in, int j, int G, bool paired) {
    Scale s;
    s.j = j, s.m = in.M >> j, s.n = in.N >> j, s.G = G, s.paired = paired;
    const int R = paired ? 1 : in.lanes / G;
    s.blocks = (s.n + R - 1) / R;
    s.stride = s.blocks | 1;
    return s;
}

Spectrum make_spectrum(int m, int n, int unit, int written, int read, int lanes) {
    Spectrum s;
    s.m = m, s.n = n, s.unit = unit, s.extra = read - 1, s.margin = lanes;
    const int columns = n / 2 + 1 + std::max(written, read);
    s.imaginary = std::ptrdiff_t(columns) * unit + lanes;
    s.stride = std::ptrdiff_t(aligned(std::size_t(2 * s.imaginary + lanes)));
    if (s.stride % 32 == 0)
        s.stride += 16;
    return s;
}

// The scales after `first` of a rotation: every t1 at once, each in a spectrum of its own.
void make_rotated(const PlanInput &in, First &first) {
    const int W = in.lanes, G1 = first.scale.G, j = first.scale.j;
    int narrowest = W;
    for (int j2 = j + 1; j2 < in.J; ++j2) {
        const int G = choose_lanes(in.M >> j2, in.N >> j2, in.L, W, 0.06, in.L);
        first.second.push_back(make_scale(in, j2, G, false));
        narrowest = std::min(narrowest, G);
    }
    first.tuples = (in.L + G1 - 1) / G1 * G1;
    first.spectrum = make_spectrum(in.M >> j, in.N >> j, 1, W / G1, W / narrowest, W);
}

void make_scales(const PlanInput &in, Plan &plan) {
    const int W = in.lanes, L = in.L;
    int widest = 1;
    for (int j = 0; in.order >= 1 && j < in.J; ++j) {
        First first;
        first.descend = in.order >= 2 && j + 1 < in.J;
        const int m = in.M >> j, n = in.N >> j, m2 = m / 2, n2 = n / 2;
        bool paired = false;
        int G2 = 1;
        if (first.descend && !in.rotating) {
            G2 = choose_lanes(m2, n2, L, W, 0.06);
            int T = 1;
            while (T < W && L % (2 * T) == 0)
                T *= 2;
            paired = paired_cost(m2, n2, L, T, W) < lane_cost(m2, n2, L, G2, W, 0.06);
            if (paired)
                first.T = T, G2 = W / T;
        }
        first.scale = make_scale(in, j, choose_lanes(m, n, L, W, j ? 0.03 : 0.0), false);
        widest = std::max(widest, W / first.scale.G);
        if (first.descend && in.rotating) {
            make_rotated(in, first);
        } else if (first.descend) {
            const int G = first.scale.G;
            first.tuples = std::max(G / first.T, 1);
            first.spectrum =
                make_spectrum(m, n, first.T, W / G, paired ? 1 : W / G2, W);
            for (int j2 = j + 1; j2 < in.J; ++j2)
                first.second.push_back(make_scale(in, j2, G2, paired));
        }
        plan.first.push_back(std::move(first));
    }
    plan.base = make_scale(in, 0, 1, false);
    plan.spectrum = make_spectrum(in.M, in.N, 1, W, widest, W);
    std::vector<float> psi;
    for (First &first : plan.first) {
        for (int g = 0; g * first.scale.G < L; ++g)
            first.scale.folds.push_back(
                make_fold(in, first.scale, g * first.scale.G, plan.spectrum, psi));
        for (Scale &s : first.second)
            for (int t = 0; t < L; t += in.relative ? 1 : s.G)
                s.folds.push_back(make_fold(in, s, t, first.spectrum, psi, in.relative));
    }
}

// Groups of a first scale that complete tuples of the second layer.
int groups_of_tuple(const First &first) { return std::max(first.T / first.scale.G, 1); }

// One a group of orientations, or as many groups as make the tuples that the second layer
// takes at once; these are divided again where they are few.
void make_branches(Plan &plan) {
    constexpr int enough = 4;
    std::vector<Branch> whole, forked;
    for (int f = 0; f < int(plan.first.size()); ++f) {
        First &first = plan.first[f];
        const int groups = int(first.scale.folds.size()), each = groups_of_tuple(first);
        first.forks = first.descend && (groups + each - 1) / each < enough;
        std::vector<Branch> &branches = first.forks ? plan.branches : whole;
        const int step = first.forks ? 1 : each;
        for (int g = 0; g < groups; g += step)
            branches.push_back({f, g, std::min(g + step, groups)});
        plan.awaited.push_back(groups);
        for (int s = 0; first.forks && s < int(first.second.size()); ++s)
            for (int t1 = 0; t1 < plan.L; t1 += first.T)
                for (int g = 0; g < int(first.second[s].folds.size()); ++g)
                    forked.push_back({f, 0, groups, s, g, t1});
    }
    plan.branches.insert(plan.branches.end(), whole.begin(), whole.end());
    plan.branches.insert(plan.branches.end(), forked.begin(), forked.end());
}

// What threads share of an image: its spectrum, and those of the firsts that fork. Loads
// reach some lanes beyond each.
void lay_out_shared(Plan &plan) {
    plan.shared = aligned(plan.spectrum.size() + plan.lanes);
    for (First &first : plan.first) {
        if (!first.forks)
            continue;
        const std::size_t G = std::max(first.scale.G, first.T);
        const std::size_t tuples = (plan.L + G - 1) / G * G / first.T;
        first.at_shared = plan.shared;
        plan.shared += aligned(tuples * first.spectrum.size() + plan.lanes);
    }
}

double samples_of(const Plan &plan) {
    auto area = [](const Scale &scale) { return double(scale.m) * scale.n; };
    double samples = double(plan.M) * plan.N;
    for (const First &first : plan.first) {
        samples += plan.L * area(first.scale);
        for (const Scale &scale : first.second)
            samples += double(plan.L) * plan.L * area(scale);
    }
    return samples;
}

std::unique_ptr<Rotation> make_rotation(const PlanInput &in) {
    auto rotation = std::make_unique<Rotation>();
    rotation->relative = in.relative;
    for (const auto &[rows, values] : in.angular) {
        AngularFilter filter;
        filter.rows = rows, filter.real = rotation->filters.empty();
        filter.weights.assign(values, values + std::size_t(rows) * in.L * 4);
        rotation->outputs += in.relative ? 1 : filter.real ? rows : 2 * rows;
        rotation->filters.push_back(std::move(filter));
    }
    return rotation;
}

void lay_out(Plan &plan) {
    const std::size_t W = plan.lanes, line = std::max(plan.M, plan.N) + 2 * W;
    std::size_t work = 0, inner = 0, map = 0, result = 0, dense = 0;
    std::size_t lines = 0;
    const bool rotating = plan.rotation != nullptr;
    auto visit = [&](const Scale &s, std::size_t maps = 1) {
        const std::size_t R = s.paired ? 1 : W / s.G, rows = (s.m + R - 1) / R * R;
        const std::size_t blocks = (plan.w + R - 1) / R;
        work = std::max(work, maps * rows * s.stride * 2 * W);
        map = std::max(map, rows * blocks * W);
        result = std::max(result, std::size_t(plan.h) * blocks * W);
    };
    visit(plan.base);
    for (const First &first : plan.first) {
        visit(first.scale);
        inner = std::max(inner, first.tuples * first.spectrum.size());
        for (const Scale &s : first.second) {
            visit(s, rotating ? plan.L : 1);
            lines = std::max(lines, std::size_t(s.n) + 1);
        }
    }
    for (const std::vector<Fft> *list : {&plan.column, &plan.row, &plan.half})
        for (const Fft &f : *list)
            dense = std::max(dense, std::size_t(f.workspace) * W);
    std::size_t at = 0;
    auto take = [&](std::size_t &place, std::size_t floats) {
        place = at;
        at += aligned(floats) + 16;
    };
    take(plan.at_line, 2 * line * W);
    take(plan.at_line2, 2 * line * W);
    take(plan.at_average, (plan.w + 2 * W) * W);
    take(plan.at_map, map);
    take(plan.at_result, result);
    take(plan.at_dense, dense);
    take(plan.at_spectrum, plan.first.empty() ? 0 : plan.spectrum.size() + W);
    take(plan.at_inner, inner + W);
    take(plan.at_work, plan.first.empty() ? 0 : work);
    if (rotating) {
        const std::size_t P = plan.rotation->outputs, L = plan.L;
        plan.line = 2 * lines, plan.modulus = lines, plan.map = map / W;
        take(plan.at_lines, L * plan.line * W);
        take(plan.at_moduli, P * plan.modulus * W);
        take(plan.at_maps, P * map);
        take(plan.at_signs, L * W);
        take(plan.at_orbit, L * plan.h * plan.w);
    }
    plan.total = at;
}

// Memory behind the tables of a plan.
template <class T> std::size_t bytes(const std::vector<T> &table);
template <class T> std::size_t bytes_behind(const T &) { return 0; }
template <class T> std::size_t bytes_behind(const std::vector<T> &v) { return bytes(v); }
std::size_t bytes_behind(const LowPass &low) {
    return bytes(low.left) + bytes(low.right) + bytes(low.blocks) + bytes(low.weights);
}
std::size_t bytes_behind(const Fold &fold) {
    return bytes(fold.block) + bytes(fold.block_psi) + bytes(fold.segments) + bytes(fold.terms) +
           bytes(fold.psi);
}
std::size_t bytes_behind(const Fft &f) {
    std::size_t total = bytes(f.in) + bytes(f.slot) + bytes(f.out) + bytes(f.identity);
    for (int p = 0; p < f.passes; ++p)
        total += bytes(f.twiddles[p]) + bytes(f.matrix[p]);
    return total;
}
std::size_t bytes_behind(const Scale &scale) { return bytes(scale.folds); }
std::size_t bytes_behind(const First &first) {
    return bytes_behind(first.scale) + bytes(first.second);
}
template <class T> std::size_t bytes(const std::vector<T> &table) {
    std::size_t total = table.capacity() * sizeof(T);
    if constexpr (!std::is_arithmetic_v<T>)
        for (const T &entry : table)
            total += bytes_behind(entry);
    return total;
}

} // namespace

bool find_peaks(PlanInput &in) {
    constexpr double too_large = 0x1.ffffffp127; // from here on float32 rounds to infinity
    constexpr int ways = 4;                      // maxima and sums that do not wait
    const std::size_t filters = std::size_t(in.J) * in.L;
    in.row_peaks.assign(filters * in.M, 0.0), in.column_peaks.assign(filters * in.N, 0.0);
    for (std::size_t r = 0; r < filters * in.M; ++r) {
        const double *p = in.psi + r * in.N;
        double *__restrict down = &in.column_peaks[r / in.M * in.N];
        for (int c = 0; c < in.N; ++c)
            down[c] = std::abs(p[c]) > down[c] ? std::abs(p[c]) : down[c];
        double along[ways] = {}, sum[ways] = {}; // no maximum shows NaN, but sums do
        int c = 0;
        for (; c + ways <= in.N; c += ways)
            for (int i = 0; i < ways; ++i) {
                const double size = std::abs(p[c + i]);
                along[i] = size > along[i] ? size : along[i];
                sum[i] += size;
            }
        for (; c < in.N; ++c)
            along[0] = std::max(along[0], std::abs(p[c])), sum[0] += std::abs(p[c]);
        in.row_peaks[r] = *std::max_element(along, along + ways);
        if (!std::isfinite(sum[0] + sum[1] + sum[2] + sum[3]) || in.row_peaks[r] >= too_large)
            return false;
    }
    return true;
}

std::unique_ptr<Plan> make_plan(const PlanInput &in) {
    auto plan = std::make_unique<Plan>();
    plan->lanes = in.lanes, plan->J = in.J, plan->L = in.L, plan->order = in.order;
    plan->M = in.M, plan->N = in.N, plan->h = in.h, plan->w = in.w;
    plan->rows_in = in.rows_in, plan->columns_in = in.columns_in;
    plan->rows = in.rows, plan->columns = in.columns, plan->mean = in.mean;
    if (in.rotating)
        plan->rotation = make_rotation(in);
    const int each = in.rotating ? plan->rotation->outputs : in.L; // for j1, j2 and t2
    plan->paths = 1 + (in.order >= 1 ? in.J * (in.relative ? 1 : in.L) : 0) +
                  (in.order >= 2 ? in.L * each * in.J * (in.J - 1) / 2 : 0);
    make_averages(in, *plan);
    for (int r = 0; in.order >= 1 && r < in.J; ++r) {
        const int n = in.N >> r;
        plan->column.push_back(make_fft(in.M >> r));
        plan->row.push_back(make_fft(n));
        plan->half.push_back(make_fft(n % 2 ? 1 : n / 2));
        std::vector<float> unpack;
        for (int k = 0; 2 * k <= n / 2; ++k) {
            unpack.push_back(float(std::cos(2 * pi * k / n)));
            unpack.push_back(float(std::sin(2 * pi * k / n)));
        }
        plan->unpack.push_back(std::move(unpack));
    }
    make_scales(in, *plan);
    make_branches(*plan);
    lay_out_shared(*plan);
    plan->samples = samples_of(*plan);
    lay_out(*plan);
    return plan;
}

std::size_t table_bytes(const Plan &plan) {
    std::size_t total = bytes(plan.rows) + bytes(plan.columns) + bytes(plan.unpack) +
                        bytes(plan.column) + bytes(plan.row) + bytes(plan.half) +
                        bytes(plan.vertical) + bytes(plan.horizontal) + bytes(plan.down) +
                        bytes(plan.across) + bytes(plan.first) + bytes(plan.branches) +
                        bytes(plan.awaited);
    if (plan.rotation)
        for (const AngularFilter &filter : plan.rotation->filters)
            total += bytes(filter.weights);
    return total;
}

} // namespace scat
