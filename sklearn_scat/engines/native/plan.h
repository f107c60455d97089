// What a plan holds: tables made once by plan.cpp, read by the kernels.
//
// Lanes. A vector of W floats carries G orientations at R = W / G neighbouring
// columns or rows ("spatial"), or G = W / T orientations t2 of T first-order maps t1
// ("paired"). Neither mixes images, so an image's result cannot depend on its batch.
#ifndef SCAT_PLAN_H
#define SCAT_PLAN_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace scat {

constexpr int max_passes = 24;
constexpr int max_low_pass_block = 6;
constexpr int largest_prime = 4096; // of a side: its matrix then takes 32 MiB

// A DFT of length n: decimation in frequency, in place but for the last pass. Where
// the first radix is coprime to the rest the split has no twiddle factors (Good 1958)
// and both index maps are tables.
struct Fft {
    int n = 1, passes = 0, workspace = 0; // workspace: vectors for a dense radix
    int radix[max_passes] = {}, sub[max_passes] = {};
    bool twiddled[max_passes] = {}, dense[max_passes] = {};
    std::vector<float> twiddles[max_passes], matrix[max_passes];
    std::vector<int> in, slot, out, identity;
};

// Bins of one output column that share their list of aliases.
struct Segment {
    int begin, end, direct, conjugate, term;
};

// Multiply-and-fold: spectrum times filter, summed over aliases, one column at a time.
struct Fold {
    std::vector<int> block;             // first segment of each column block
    std::vector<std::size_t> block_psi; // first filter value of each column block
    std::vector<Segment> segments;
    std::vector<std::ptrdiff_t> terms; // offsets into the source spectrum
    std::vector<float> psi;
};

// Outputs begin.. and their mirror images, with the pairs of inputs that they need.
struct LowPassBlock {
    int begin, size, ranges, from[2], to[2];
    std::size_t weights; // offset; per pair: of the sums, then of the differences
};
struct LowPass {
    int outputs = 0;
    std::vector<int> left, right; // mirrored inputs; equal where one is its own image
    std::vector<LowPassBlock> blocks;
    std::vector<float> weights;
};

// How a half spectrum lies in memory: rows k1 = 0..m (row m repeats row 0), each row
// the real parts then the imaginary parts of columns 0..n/2 and a margin.
struct Spectrum {
    int m = 0, n = 0, unit = 1, extra = 0; // extra: columns beyond n/2 that are read
    std::ptrdiff_t stride = 0, imaginary = 0, margin = 0;
    std::size_t size() const { return std::size_t(m + 1) * stride; }
};

struct Scale { // one inverse transform to resolution j, for all orientations
    int j = 0, m = 0, n = 0, G = 1;
    bool paired = false;
    std::vector<Fold> folds; // one per group of orientations
    int blocks = 0;          // column blocks of the work array
    std::ptrdiff_t stride = 0; // its row stride, in complex vectors
};

struct First {
    Scale scale;
    bool descend = false;
    Spectrum spectrum; // of U1 maps
    int T = 1, tuples = 0; // spectra kept at once, each of T maps
    std::vector<Scale> second;
    bool forks = false;           // threads share the second layers of one tuple
    std::size_t at_shared = 0;    // then, of all its spectra in what threads share, in floats
};

// Work of one image that threads can share, as branches write different coefficients:
// some groups of orientations of a first scale, with the second layer that follows from
// them unless it forks; or one group of a second scale, over the maps from t1 on, which
// waits for all groups of its first.
struct Branch {
    int first, begin, end; // which of the plan's, and which groups of orientations of it
    int second = -1, group = 0, t1 = 0;
};

// A filter along the orientations t1 of the first layer: z = x + iy there becomes
// V = A x + i B y, and, unless the filter is real, V' = A x - i B y.
struct AngularFilter {
    int rows = 0;
    bool real = false;
    std::vector<float> weights; // per row and t1: A, then B, each complex
};

// The second layer of a roto-translation network. Relative angles: what t2 = 0 .. L - 1
// adds to t1; past L the wavelet is the conjugate one. All moduli of a filter are then
// summed; with absolute angles each is an output.
struct Rotation {
    bool relative = false;
    int outputs = 0; // of each t2
    std::vector<AngularFilter> filters;
};

struct Plan {
    int lanes = 4, J = 0, L = 1, order = 2, M = 0, N = 0, h = 0, w = 0, paths = 1;
    int rows_in = 0, columns_in = 0;
    std::vector<int> rows, columns;
    std::vector<Fft> column, row, half; // by resolution
    std::vector<LowPass> vertical, horizontal;
    bool mean = false; // of a map over space, by weights along its sides, is all that is kept
    std::vector<std::vector<float>> down, across; // these weights, by resolution
    Scale base; // the image itself, G = 1
    Spectrum spectrum;
    std::vector<First> first;
    std::vector<Branch> branches; // in all, every path; what others wait for comes first
    std::vector<int> awaited;     // how many branches the second layers of a first wait for
    std::size_t shared = 0;       // floats of an image's spectra that threads share
    double samples = 0;           // of all maps of an image, before they are averaged
    std::vector<std::vector<float>> unpack; // by resolution: real-input twiddles
    std::unique_ptr<Rotation> rotation;     // instead of the plain second layer
    // Workspace, in floats from its start, all multiples of 16.
    std::size_t at_spectrum = 0, at_work = 0, at_inner = 0, at_line = 0, at_line2 = 0,
                at_map = 0, at_average = 0, at_result = 0, at_dense = 0, total = 0;
    std::size_t at_lines = 0, at_moduli = 0, at_maps = 0, at_signs = 0, at_orbit = 0;
    std::ptrdiff_t line = 0, modulus = 0, map = 0; // steps there, in vectors

    std::ptrdiff_t area() const { return std::ptrdiff_t(h) * w; } // of one map
    int channel1(int j1, int t1) const { return 1 + j1 * L + t1; }
    int channel2(int j1, int t1, int j2, int t2) const {
        int before = 1 + J * L;
        for (int j = 0; j < j1; ++j)
            before += L * L * (J - 1 - j);
        return before + (t1 * (J - 1 - j1) + (j2 - j1 - 1)) * L + t2;
    }
};

// Output p of a rotation by absolute angle t2, or relative to the first.
inline int rotated_channel(const Plan &plan, int j1, int j2, int t2, int p) {
    const int J = plan.J, L = plan.L, P = plan.rotation->outputs;
    int before = 0; // pairs of scales
    for (int j = 0; j < j1; ++j)
        before += J - 1 - j;
    if (plan.rotation->relative)
        return 1 + J + ((before + j2 - j1 - 1) * P + p) * L + t2;
    return 1 + J * L + (before * L + t2 * (J - 1 - j1) + (j2 - j1 - 1)) * P + p;
}

struct PlanInput {
    const double *psi; // (J, L, M, N)
    std::vector<double> row_peaks, column_peaks; // of psi, by find_peaks
    int J, L, M, N, rows_in, columns_in, h, w, order, lanes;
    bool mean = false; // of maps over space: sides then have weights, not phi
    std::vector<const double *> vertical, horizontal; // phi (M / 2^r,), (N / 2^r,)
    std::vector<int> rows, columns;
    bool rotating = false, relative = false;
    std::vector<std::pair<int, const double *>> angular; // rows, (rows, L, 4); the first real
};

// Find the largest |psi| of every row (J, L, M) and column (J, L, N), so that negligible
// ones need not be read again. False if a filter is not finite in float32.
bool find_peaks(PlanInput &input);

// Throws std::bad_alloc, and std::invalid_argument where a low-pass is not even or a prime
// factor too large; the caller has validated every size.
std::unique_ptr<Plan> make_plan(const PlanInput &input);
std::size_t table_bytes(const Plan &plan);

// What the gradient needs beside the workspace of a plan, in floats from its end.
struct BackwardSpace {
    std::size_t at_phase = 0, at_sums = 0, at_inner_sums = 0, at_gradient = 0, at_line3 = 0,
                at_line4 = 0, total = 0;
};
BackwardSpace lay_out_backward(const Plan &plan);

// The kernels: one namespace an instruction set, from the same sources.
#define SCAT_KERNELS(set) \
    namespace set { \
    void transform(const Plan &plan, const float *x, float *out, float *workspace); \
    void begin(const Plan &plan, const float *x, float *out, float *workspace, \
               float *spectrum); \
    void follow(const Plan &plan, const Branch &branch, float *spectra, float *out, \
                float *workspace); \
    void rotate(const Plan &plan, const float *x, float *out, float *workspace); \
    void backward(const Plan &plan, const BackwardSpace &space, const float *x, \
                  const float *gradient, float *out, float *workspace); \
    }
SCAT_KERNELS(avx512)
SCAT_KERNELS(avx2)
SCAT_KERNELS(neon)
SCAT_KERNELS(baseline)
#undef SCAT_KERNELS

} // namespace scat
#endif
