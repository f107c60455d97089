// The kernel for NEON on the configurations that arm_cases.py wrote. Exits with status 1
// where an error is beyond its tolerance.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../sklearn_scat/engines/native/plan.h"

namespace {

constexpr double tolerance = 1e-6;          // of the largest coefficient
constexpr double gradient_tolerance = 1e-5; // of the norm: phases of small moduli differ

std::FILE *file;

template <class T> std::vector<T> read(std::size_t n) {
    std::vector<T> values(n);
    if (std::fread(values.data(), sizeof(T), n, file) != n) {
        std::fprintf(stderr, "the file ends early\n");
        std::exit(2);
    }
    return values;
}
template <class T> T read_one() { return read<T>(1)[0]; }

struct Case {
    scat::PlanInput in{};
    std::vector<double> psi;
    std::vector<std::vector<double>> low_passes, angular;
    std::size_t paths = 0, pixels = 0, samples = 0;
};

void read_case(Case &c) {
    scat::PlanInput &in = c.in;
    in.lanes = 4;
    for (int *to : {&in.J, &in.L, &in.M, &in.N, &in.rows_in, &in.columns_in, &in.h, &in.w,
                    &in.order})
        *to = int(read_one<std::int64_t>());
    in.mean = read_one<std::int64_t>() != 0;
    c.paths = std::size_t(read_one<std::int64_t>());
    in.rotating = read_one<std::int64_t>() != 0;
    in.relative = read_one<std::int64_t>() != 0;
    const auto filters = read_one<std::int64_t>();
    c.psi = read<double>(std::size_t(in.J) * in.L * in.M * in.N);
    in.psi = c.psi.data();
    for (int r = 0; r < std::max(in.J, 1); ++r)
        for (int n : {in.M, in.N})
            c.low_passes.push_back(read<double>(n >> r));
    for (std::size_t i = 0; i < c.low_passes.size(); ++i)
        (i % 2 ? in.horizontal : in.vertical).push_back(c.low_passes[i].data());
    in.rows = read<int>(in.M), in.columns = read<int>(in.N);
    for (std::int64_t i = 0; i < filters; ++i) {
        const int rows = int(read_one<std::int64_t>());
        c.angular.push_back(read<double>(std::size_t(rows) * in.L * 4));
        in.angular.emplace_back(rows, c.angular.back().data());
    }
    c.pixels = std::size_t(in.rows_in) * in.columns_in;
    c.samples = c.paths * in.h * in.w;
}

// 64-byte aligned and zeroed, as the kernel wants it.
struct Space {
    std::vector<float> floats;
    explicit Space(std::size_t n) : floats(n + 32) {}
    float *data() {
        const auto at = reinterpret_cast<std::uintptr_t>(floats.data());
        return reinterpret_cast<float *>((at + 63) & ~std::uintptr_t(63));
    }
};

double largest_error(const Case &c, const scat::Plan &plan, const std::vector<float> &x) {
    const std::vector<float> expected = read<float>(c.samples);
    std::vector<float> out(c.samples, NAN);
    Space space(plan.total);
    (c.in.rotating ? scat::neon::rotate : scat::neon::transform)(plan, x.data(), out.data(),
                                                                 space.data());
    double worst = 0, scale = 0, mean = 0;
    for (float value : x)
        mean += std::abs(value) / double(c.pixels);
    for (std::size_t i = 0; i < c.samples; ++i) {
        const double error = std::abs(double(out[i]) - expected[i]);
        worst = error <= worst ? worst : error; // NaN stays
        scale = std::max(scale, std::abs(double(expected[i])));
    }
    return worst / (scale + mean / std::sqrt(double(c.pixels)));
}

double gradient_error(const Case &c, const scat::Plan &plan, const std::vector<float> &x) {
    const std::vector<float> gradient = read<float>(c.samples), expected = read<float>(c.pixels);
    std::vector<float> out(c.pixels, NAN);
    const scat::BackwardSpace layout = scat::lay_out_backward(plan);
    Space space(layout.total);
    scat::neon::backward(plan, layout, x.data(), gradient.data(), out.data(), space.data());
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < c.pixels; ++i) {
        error += (double(out[i]) - expected[i]) * (double(out[i]) - expected[i]);
        norm += double(expected[i]) * expected[i];
    }
    return std::sqrt(error / norm);
}

} // namespace

int main(int, char **arguments) {
    file = std::fopen(arguments[1], "rb");
    if (file == nullptr)
        return 2;
    const auto count = read_one<std::int64_t>();
    double worst = 0, worst_gradient = 0;
    int gradients = 0, beyond = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        Case c;
        read_case(c);
        if (!scat::find_peaks(c.in))
            return 2;
        const auto plan = scat::make_plan(c.in);
        const std::vector<float> x = read<float>(c.pixels);
        const double error = largest_error(c, *plan, x);
        worst = std::max(worst, error), beyond += !(error <= tolerance);
        if (c.in.rotating || c.in.mean)
            continue;
        const double of_gradient = gradient_error(c, *plan, x);
        worst_gradient = std::max(worst_gradient, of_gradient);
        beyond += !(of_gradient <= gradient_tolerance), ++gradients;
    }
    std::printf("neon: %d configurations, largest error %.1e; %d gradients, %.1e; %d beyond\n",
                int(count), worst, gradients, worst_gradient, beyond);
    return beyond > 0;
}
