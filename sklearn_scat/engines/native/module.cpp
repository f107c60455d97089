// The Python door: argument checks, threads, signals. Stable ABI, no NumPy headers.
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "plan.h"

namespace {

constexpr const char *capsule_name = "sklearn_scat.engines.plan";
constexpr long largest_side = 1 << 15;
// Samples of an image's maps from which a thread to share them with pays: they take some
// 0.7 ms with AVX-512, and to start it 20 to 50 us.
constexpr double least_split = 4e5;

struct Buffer { // a C-contiguous view that releases itself
    Py_buffer view{};
    bool held = false;
    bool get(PyObject *o, const char *format, int ndim, bool writable, const char *name) {
        const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
        if (PyObject_GetBuffer(o, &view, flags) != 0)
            return false;
        held = true;
        const bool same = view.format != nullptr && std::strcmp(view.format, format) == 0;
        if (!same || view.ndim != ndim) {
            PyErr_Format(PyExc_ValueError,
                         "%s must be a C-contiguous array of format '%s' with %d axes; it has "
                         "format '%s' and %d axes",
                         name, format, ndim, view.format ? view.format : "none", view.ndim);
            return false;
        }
        return true;
    }
    ~Buffer() {
        if (held)
            PyBuffer_Release(&view);
    }
};

typedef void (*Transform)(const scat::Plan &, const float *, float *, float *);
typedef void (*Begin)(const scat::Plan &, const float *, float *, float *, float *);
typedef void (*Follow)(const scat::Plan &, const scat::Branch &, float *, float *, float *);
typedef void (*Backward)(const scat::Plan &, const scat::BackwardSpace &, const float *,
                         const float *, float *, float *);
struct Floats { // 64-byte aligned, zeroed
    float *data = nullptr;
    void *block = nullptr;
    explicit Floats(std::size_t n) : block(std::calloc(n + 32, sizeof(float))) {
        if (block != nullptr)
            data = reinterpret_cast<float *>((reinterpret_cast<std::uintptr_t>(block) + 63) &
                                             ~std::uintptr_t(63));
    }
    Floats(const Floats &) = delete;
    Floats &operator=(const Floats &) = delete;
    ~Floats() { std::free(block); }
};

// One workspace is kept between calls: fresh pages cost up to a tenth of the time.
struct Spare {
    mutable std::atomic<Floats *> space{nullptr};
    std::unique_ptr<Floats> take(std::size_t floats) const {
        std::unique_ptr<Floats> kept(space.exchange(nullptr));
        if (kept == nullptr)
            kept.reset(new (std::nothrow) Floats(floats));
        return kept;
    }
    void give_back(std::unique_ptr<Floats> kept) const { delete space.exchange(kept.release()); }
    ~Spare() { delete space.load(); }
};

struct Isa {
    const char *name;
    int lanes;
    Transform transform, rotate;
    Begin begin;
    Follow follow;
    Backward backward;
};
struct Engine {
    std::unique_ptr<scat::Plan> plan;
    scat::BackwardSpace backward_space;
    const Isa *isa;
    Spare forward, backward;
};
#define SCAT_ISA(set, lanes) \
    {#set, lanes, scat::set::transform, scat::set::rotate, \
     scat::set::begin, scat::set::follow, scat::set::backward}
const Isa known[] = {
#if (defined(__x86_64__) || defined(_M_X64)) && defined(__GNUC__)
    SCAT_ISA(avx512, 16),
    SCAT_ISA(avx2, 8),
#elif defined(__aarch64__) && defined(__GNUC__)
    SCAT_ISA(neon, 4),
#endif
    SCAT_ISA(baseline, 4),
};
#undef SCAT_ISA
bool runs_here(const Isa &isa) {
#if (defined(__x86_64__) || defined(_M_X64)) && defined(__GNUC__)
    __builtin_cpu_init();
    if (isa.lanes == 16)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa.lanes == 8)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return isa.lanes == 4;
}

PyObject *supported(PyObject *, PyObject *) {
    PyObject *list = PyList_New(0);
    for (const Isa &isa : known)
        if (list != nullptr && runs_here(isa)) {
            PyObject *name = PyUnicode_FromString(isa.name);
            if (name == nullptr || PyList_Append(list, name) != 0) {
                Py_XDECREF(name);
                Py_DECREF(list);
                return nullptr;
            }
            Py_DECREF(name);
        }
    return list;
}

void destroy(PyObject *capsule) {
    delete static_cast<Engine *>(PyCapsule_GetPointer(capsule, capsule_name));
}

bool read_side(PyObject *o, long image, long padded, const char *name, std::vector<int> &to) {
    Buffer b;
    if (!b.get(o, "i", 1, false, name))
        return false;
    const Py_ssize_t n = b.view.shape[0];
    if (n != padded) {
        PyErr_Format(PyExc_ValueError, "%s has %zd entries for a padded side of %ld", name, n,
                     padded);
        return false;
    }
    const int *p = static_cast<const int *>(b.view.buf);
    for (Py_ssize_t i = 0; i < n; ++i)
        if (p[i] < -1 || p[i] >= image) {
            PyErr_Format(PyExc_ValueError, "%s[%zd] is %d; it must be -1 or an index below %ld",
                         name, i, p[i], image);
            return false;
        }
    to.assign(p, p + n);
    return true;
}

// The filters along the first orientations: None, or (relative, [array (rows, L, 4)]).
bool read_rotation(PyObject *o, std::vector<Buffer> &held, scat::PlanInput &in) {
    if (o == nullptr || o == Py_None)
        return true;
    int relative;
    PyObject *list;
    if (!PyTuple_Check(o)) {
        PyErr_SetString(PyExc_TypeError, "rotation must be None or (relative, filters)");
        return false;
    }
    if (!PyArg_ParseTuple(o, "pO!", &relative, &PyList_Type, &list))
        return false;
    const Py_ssize_t count = PyList_Size(list);
    if (count < 1 || count > 32) {
        PyErr_Format(PyExc_ValueError, "a rotation needs 1 to 32 angular filters; got %zd", count);
        return false;
    }
    held = std::vector<Buffer>(count);
    in.rotating = true, in.relative = relative != 0;
    std::int64_t outputs = 0;
    for (Py_ssize_t k = 0; k < count; ++k) {
        Buffer &b = held[k];
        if (!b.get(PyList_GetItem(list, k), "d", 3, false, "an angular filter"))
            return false;
        const Py_ssize_t *shape = b.view.shape;
        if (shape[0] < 1 || shape[0] > in.L || shape[1] != in.L || shape[2] != 4) {
            PyErr_Format(PyExc_ValueError,
                         "angular filter %zd is %zd x %zd x %zd; it must have 1 to L = %d rows "
                         "of L x 4 weights", k, shape[0], shape[1], shape[2], in.L);
            return false;
        }
        const double *p = static_cast<const double *>(b.view.buf);
        for (Py_ssize_t i = 0; i < shape[0] * shape[1] * 4; ++i)
            if (!std::isfinite(p[i])) {
                PyErr_SetString(PyExc_ValueError, "angular filters hold NaN or infinity");
                return false;
            }
        in.angular.emplace_back(int(shape[0]), p);
        outputs += in.relative ? 1 : (k ? 2 : 1) * shape[0];
    }
    if (outputs * in.L * in.J * in.J > (1 << 28)) {
        PyErr_Format(PyExc_ValueError, "J = %d, L = %d and these filters make too many paths",
                     in.J, in.L);
        return false;
    }
    return true;
}

// The instruction set of a name, if it runs here.
const Isa *read_isa(const char *name) {
    for (const Isa &isa : known)
        if (std::strcmp(isa.name, name) == 0 && runs_here(isa))
            return &isa;
    PyErr_Format(PyExc_ValueError, "instruction set '%s' does not run here", name);
    return nullptr;
}

// The wavelets (J, L, M, N) of an order, for images of in.rows_in x in.columns_in.
bool read_filters(PyObject *o, Buffer &psi, scat::PlanInput &in) {
    if (!psi.get(o, "d", 4, false, "psi_hat"))
        return false;
    const Py_ssize_t J = psi.view.shape[0], L = psi.view.shape[1], M = psi.view.shape[2],
                     N = psi.view.shape[3];
    if (J > 15 || L < 1 || L > 1024 || M < 1 || N < 1 || M > largest_side || N > largest_side ||
        in.rows_in < 1 || in.columns_in < 1) {
        PyErr_Format(PyExc_ValueError,
                     "a plan needs J <= 15, 1 <= L <= 1024 and sides of 1 to %ld; got J=%zd, "
                     "L=%zd, padded sides %zd and %zd, image sides %d and %d",
                     largest_side, J, L, M, N, in.rows_in, in.columns_in);
        return false;
    }
    if (in.order < 0 || in.order > 2) {
        PyErr_Format(PyExc_ValueError, "max_order is %d; the native engine knows 0, 1 and 2",
                     in.order);
        return false;
    }
    if (M % (1 << J) != 0 || N % (1 << J) != 0) {
        PyErr_Format(PyExc_ValueError, "padded sides %zd and %zd must be multiples of 2^J = %d",
                     M, N, 1 << J);
        return false;
    }
    in.psi = static_cast<const double *>(psi.view.buf);
    in.J = int(J), in.L = int(L), in.M = int(M), in.N = int(N);
    if (!scat::find_peaks(in)) {
        PyErr_SetString(PyExc_ValueError, "psi_hat holds NaN or infinity in float32");
        return false;
    }
    return true;
}

// The outputs of a side: as many are cut off at its end as at its start; of means, one.
bool read_outputs(long outputs, int padded, const scat::PlanInput &in, const char *name,
                  int &to) {
    const long samples = padded >> in.J;
    if (in.mean && outputs != 1) {
        PyErr_Format(PyExc_ValueError, "%ld outputs of %s do not fit: a map has one mean", outputs,
                     name);
        return false;
    }
    if (outputs < 1 || outputs > samples || (!in.mean && (samples - outputs) % 2 != 0)) {
        PyErr_Format(PyExc_ValueError,
                     "%ld outputs of %s do not fit: a padded side of %d has %ld samples, of which "
                     "as many are cut off at either end", outputs, name, padded, samples);
        return false;
    }
    to = int(outputs);
    return true;
}

// The low-pass along a side at resolution r: one period of it.
bool read_low_pass(PyObject *o, Buffer &b, Py_ssize_t r, int padded,
                   std::vector<const double *> &to) {
    if (!b.get(o, "d", 1, false, "a low-pass"))
        return false;
    const Py_ssize_t n = b.view.shape[0], expected = padded >> r;
    if (n != expected) {
        PyErr_Format(PyExc_ValueError,
                     "a low-pass of resolution %zd has %zd samples; a padded side of %d needs %zd",
                     r, n, padded, expected);
        return false;
    }
    const double *p = static_cast<const double *>(b.view.buf);
    for (Py_ssize_t i = 0; i < n; ++i)
        if (!std::isfinite(p[i])) {
            PyErr_SetString(PyExc_ValueError, "low_passes hold NaN or infinity");
            return false;
        }
    to.push_back(p);
    return true;
}

// The low-passes along both sides, for each resolution.
bool read_low_passes(PyObject *list, std::vector<Buffer> &held, scat::PlanInput &in) {
    const Py_ssize_t resolutions = in.J > 1 ? in.J : 1;
    if (PyList_Size(list) != resolutions) {
        PyErr_Format(PyExc_ValueError, "low_passes has %zd pairs; J = %d needs %zd",
                     PyList_Size(list), in.J, resolutions);
        return false;
    }
    held = std::vector<Buffer>(2 * resolutions);
    for (Py_ssize_t r = 0; r < resolutions; ++r) {
        PyObject *pair = PyList_GetItem(list, r);
        if (pair == nullptr || !PyTuple_Check(pair) || PyTuple_Size(pair) != 2) {
            PyErr_SetString(PyExc_TypeError, "low_passes must be a list of pairs of arrays");
            return false;
        }
        if (!read_low_pass(PyTuple_GetItem(pair, 0), held[2 * r], r, in.M, in.vertical) ||
            !read_low_pass(PyTuple_GetItem(pair, 1), held[2 * r + 1], r, in.N, in.horizontal))
            return false;
    }
    return true;
}

PyObject *make_capsule(const scat::PlanInput &in, const Isa *isa) {
    auto engine = std::make_unique<Engine>();
    engine->plan = scat::make_plan(in);
    if (!in.rotating && !in.mean)
        engine->backward_space = scat::lay_out_backward(*engine->plan);
    engine->isa = isa;
    PyObject *capsule = PyCapsule_New(engine.get(), capsule_name, destroy);
    if (capsule != nullptr)
        engine.release();
    return capsule;
}

// build(isa, psi_hat, low_passes, rows, columns, image, outputs, max_order[, rotation[, mean]])
// -> capsule
PyObject *build(PyObject *, PyObject *args) {
    const char *isa_name;
    PyObject *psi_o, *low_o, *rows_o, *columns_o, *rotation_o = nullptr;
    long rows_in, columns_in, h, w;
    int order, mean = 0;
    if (!PyArg_ParseTuple(args, "sOO!OO(ll)(ll)i|Op", &isa_name, &psi_o, &PyList_Type, &low_o,
                          &rows_o, &columns_o, &rows_in, &columns_in, &h, &w, &order, &rotation_o,
                          &mean))
        return nullptr;
    const Isa *isa = read_isa(isa_name);
    if (isa == nullptr)
        return nullptr;
    try {
        Buffer psi;
        std::vector<Buffer> low_passes, angular;
        scat::PlanInput in{};
        in.rows_in = int(rows_in > largest_side ? -1 : rows_in);
        in.columns_in = int(columns_in > largest_side ? -1 : columns_in);
        in.order = order, in.lanes = isa->lanes, in.mean = mean != 0;
        if (!read_filters(psi_o, psi, in) || !read_outputs(h, in.M, in, "rows", in.h) ||
            !read_outputs(w, in.N, in, "columns", in.w) ||
            !read_low_passes(low_o, low_passes, in) ||
            !read_side(rows_o, in.rows_in, in.M, "rows", in.rows) ||
            !read_side(columns_o, in.columns_in, in.N, "columns", in.columns) ||
            !read_rotation(rotation_o, angular, in))
            return nullptr;
        return make_capsule(in, isa);
    } catch (const std::invalid_argument &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    } catch (const std::exception &) {
        return PyErr_NoMemory();
    }
}

struct Job {
    const Engine *engine;
    const float *x, *gradient; // gradient: of the output, or none for a transform
    float *out;
    Py_ssize_t count, x_size, gradient_size, out_size;
    // Of images that threads share: their spectra; of each its beginning, then its branches,
    // and how many of those are finished on which a second layer waits.
    std::unique_ptr<Floats> spectra{};
    std::unique_ptr<std::atomic<int>[]> finished{};
    bool begun = false;
    std::atomic<Py_ssize_t> next{0};
    std::atomic<bool> stop{false};

    Py_ssize_t items() const {
        return begun ? count * Py_ssize_t(engine->plan->branches.size()) : count;
    }
    // Makes room for what threads share. False where there is none.
    bool divide() {
        const scat::Plan &plan = *engine->plan;
        const std::size_t counters = count * plan.first.size();
        spectra.reset(new (std::nothrow) Floats(count * plan.shared));
        finished.reset(new (std::nothrow) std::atomic<int>[counters]);
        if (spectra == nullptr || spectra->data == nullptr || finished == nullptr)
            return false;
        for (std::size_t i = 0; i < counters; ++i)
            finished[i].store(0, std::memory_order_relaxed);
        return true;
    }
};

// A branch of image i, when what it waits for is finished: that was taken before it, so
// that some thread is at work on it.
void follow(Job &job, const scat::Branch &branch, Py_ssize_t i, float *out, float *space) {
    const scat::Plan &plan = *job.engine->plan;
    std::atomic<int> &finished = job.finished[i * plan.first.size() + branch.first];
    while (branch.second >= 0 &&
           finished.load(std::memory_order_acquire) < plan.awaited[branch.first]) {
        if (job.stop.load(std::memory_order_relaxed))
            return;
        std::this_thread::yield();
    }
    job.engine->isa->follow(plan, branch, job.spectra->data + i * plan.shared, out, space);
    if (branch.second < 0)
        finished.fetch_add(branch.end - branch.begin, std::memory_order_release);
}

// One image, or what there is next to do of one: all the first branches come first.
void compute(Job &job, Py_ssize_t item, float *space) {
    const Engine &engine = *job.engine;
    const scat::Plan &plan = *engine.plan;
    const Py_ssize_t i = item % job.count;
    const float *x = job.x + i * job.x_size;
    float *out = job.out + i * job.out_size;
    if (job.gradient != nullptr)
        engine.isa->backward(plan, engine.backward_space, x, job.gradient + i * job.gradient_size,
                             out, space);
    else if (job.begun)
        follow(job, plan.branches[item / job.count], i, out, space);
    else if (job.spectra != nullptr)
        engine.isa->begin(plan, x, out, space, job.spectra->data + i * plan.shared);
    else
        (plan.rotation ? engine.isa->rotate : engine.isa->transform)(plan, x, out, space);
}

// Takes items until none is left; `pause` runs between them on the calling thread.
template <class Pause> bool work(Job &job, const Pause &pause) {
    const Engine &engine = *job.engine;
    const bool forward = job.gradient == nullptr;
    const Spare &spare = forward ? engine.forward : engine.backward;
    std::unique_ptr<Floats> space =
        spare.take(forward ? engine.plan->total : engine.backward_space.total);
    if (space == nullptr || space->data == nullptr)
        return false;
    while (!job.stop.load(std::memory_order_relaxed)) {
        const Py_ssize_t i = job.next.fetch_add(1, std::memory_order_relaxed);
        if (i >= job.items())
            break;
        compute(job, i, space->data);
        pause();
    }
    spare.give_back(std::move(space));
    return true;
}

// Where helpers come in, unless it is closed: a busy machine may start one when all is
// done, and nobody should wait for that.
class Door {
    std::mutex lock;
    std::condition_variable left;
    int inside = 0;
    bool closed = false;

public:
    bool enter() {
        const std::lock_guard<std::mutex> held(lock);
        inside += !closed;
        return !closed;
    }
    void leave() {
        const std::lock_guard<std::mutex> held(lock);
        if (--inside == 0)
            left.notify_all();
    }
    void close() { // and wait for those inside
        std::unique_lock<std::mutex> held(lock);
        closed = true;
        left.wait(held, [this] { return inside == 0; });
    }
};

// All items, by the calling thread and helpers. Late ones find the door closed, and touch
// nothing else.
template <class Pause> bool share(Job &job, long threads, const Pause &pause) {
    if (threads > job.items())
        threads = long(job.items());
    std::shared_ptr<Door> door;
    try {
        door = std::make_shared<Door>();
        for (long i = 1; i < threads; ++i)
            std::thread([door, &job] {
                if (!door->enter())
                    return;
                work(job, [] {});
                door->leave();
            }).detach();
    } catch (const std::exception &) {
        // Fewer threads than asked for: the ones that started do the work.
    }
    const bool done = job.items() == 0 || work(job, pause);
    if (door != nullptr)
        door->close();
    return done;
}

// Whether threads share each image: images alone would leave some idle for long, and are
// worth it.
bool splits(const Job &job, long threads) {
    const scat::Plan &plan = *job.engine->plan;
    const bool idle = job.count % threads != 0 && job.count < 4 * threads;
    return idle && job.gradient == nullptr && !plan.rotation && plan.branches.size() > 1 &&
           plan.samples >= least_split;
}

// The job, shared by threads, without the interpreter's lock.
PyObject *run(Job &job, long threads) {
    if (threads < 1) {
        PyErr_Format(PyExc_ValueError, "n_threads is %ld; it must be at least 1", threads);
        return nullptr;
    }
    PyThreadState *state = PyEval_SaveThread();
    bool done = true, interrupted = false;
    auto checked = std::chrono::steady_clock::now();
    auto pause = [&] {
        const auto now = std::chrono::steady_clock::now();
        if (now - checked < std::chrono::milliseconds(50))
            return;
        checked = now;
        PyEval_RestoreThread(state);
        if (PyErr_CheckSignals() != 0) {
            interrupted = true;
            job.stop = true;
        }
        state = PyEval_SaveThread();
    };
    if (splits(job, threads)) {
        done = job.divide() && share(job, threads, pause);
        job.begun = true, job.next = 0;
    }
    done = done && share(job, threads, pause);
    PyEval_RestoreThread(state);
    if (interrupted)
        return nullptr;
    if (!done)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

const Engine *read_capsule(PyObject *capsule) {
    return static_cast<const Engine *>(PyCapsule_GetPointer(capsule, capsule_name));
}

// Floats of images (n, rows, columns), or of maps (n, paths, h, w), of the plan.
bool read_floats(PyObject *o, const scat::Plan &plan, bool maps, bool writable, const char *name,
                 Buffer &to) {
    if (!to.get(o, "f", maps ? 4 : 3, writable, name))
        return false;
    const Py_ssize_t *s = to.view.shape;
    if (maps && (s[1] != plan.paths || s[2] != plan.h || s[3] != plan.w)) {
        PyErr_Format(PyExc_ValueError,
                     "the plan has maps (n, %d, %d, %d); %s is (%zd, %zd, %zd, %zd)", plan.paths,
                     plan.h, plan.w, name, s[0], s[1], s[2], s[3]);
        return false;
    }
    if (!maps && (s[1] != plan.rows_in || s[2] != plan.columns_in)) {
        PyErr_Format(PyExc_ValueError, "the plan has images (n, %d, %d); %s is (%zd, %zd, %zd)",
                     plan.rows_in, plan.columns_in, name, s[0], s[1], s[2]);
        return false;
    }
    if (reinterpret_cast<std::uintptr_t>(to.view.buf) % sizeof(float) != 0) {
        PyErr_Format(PyExc_ValueError, "%s must be aligned to 4 bytes", name);
        return false;
    }
    return true;
}
bool same_count(const Buffer &a, const Buffer &b, const char *name) {
    if (a.view.shape[0] == b.view.shape[0])
        return true;
    PyErr_Format(PyExc_ValueError, "x holds %zd images, and %s %zd", a.view.shape[0], name,
                 b.view.shape[0]);
    return false;
}

// apply(capsule, x, out, n_threads)
PyObject *apply(PyObject *, PyObject *args) {
    PyObject *capsule, *x_o, *out_o;
    long threads;
    if (!PyArg_ParseTuple(args, "OOOl", &capsule, &x_o, &out_o, &threads))
        return nullptr;
    const Engine *engine = read_capsule(capsule);
    Buffer x, out;
    if (engine == nullptr || !read_floats(x_o, *engine->plan, false, false, "x", x) ||
        !read_floats(out_o, *engine->plan, true, true, "out", out) || !same_count(x, out, "out"))
        return nullptr;
    const scat::Plan &plan = *engine->plan;
    const Py_ssize_t pixels = Py_ssize_t(plan.rows_in) * plan.columns_in;
    const Py_ssize_t samples = Py_ssize_t(plan.paths) * plan.h * plan.w;
    Job job{engine, static_cast<const float *>(x.view.buf), nullptr,
            static_cast<float *>(out.view.buf), x.view.shape[0], pixels, 0, samples};
    return run(job, threads);
}

// apply_backward(capsule, x, gradient, out, n_threads)
PyObject *apply_backward(PyObject *, PyObject *args) {
    PyObject *capsule, *x_o, *gradient_o, *out_o;
    long threads;
    if (!PyArg_ParseTuple(args, "OOOOl", &capsule, &x_o, &gradient_o, &out_o, &threads))
        return nullptr;
    const Engine *engine = read_capsule(capsule);
    if (engine != nullptr && (engine->plan->rotation || engine->plan->mean)) {
        PyErr_Format(PyExc_ValueError, "a plan %s has no gradient",
                     engine->plan->mean ? "of means" : "with angular filters");
        return nullptr;
    }
    Buffer x, gradient, out;
    if (engine == nullptr || !read_floats(x_o, *engine->plan, false, false, "x", x) ||
        !read_floats(gradient_o, *engine->plan, true, false, "gradient", gradient) ||
        !read_floats(out_o, *engine->plan, false, true, "out", out) ||
        !same_count(x, gradient, "gradient") || !same_count(x, out, "out"))
        return nullptr;
    const scat::Plan &plan = *engine->plan;
    const Py_ssize_t pixels = Py_ssize_t(plan.rows_in) * plan.columns_in;
    const Py_ssize_t samples = Py_ssize_t(plan.paths) * plan.h * plan.w;
    Job job{engine, static_cast<const float *>(x.view.buf),
            static_cast<const float *>(gradient.view.buf), static_cast<float *>(out.view.buf),
            x.view.shape[0], pixels, samples, pixels};
    return run(job, threads);
}

// nbytes(capsule)
PyObject *nbytes(PyObject *, PyObject *capsule) {
    const Engine *engine = read_capsule(capsule);
    if (engine == nullptr)
        return nullptr;
    return PyLong_FromSize_t(scat::table_bytes(*engine->plan) +
                             sizeof(float) * engine->plan->total);
}

PyMethodDef methods[] = {
    {"supported", supported, METH_NOARGS, "Instruction sets that run here, best first."},
    {"build", build, METH_VARARGS,
     "build(isa, psi_hat, low_passes, rows, columns, image, outputs, max_order, rotation=None, "
     "mean=False) -> capsule"},
    {"nbytes", nbytes, METH_O, "Bytes of a plan's tables and of the workspace that it keeps."},
    {"apply", apply, METH_VARARGS, "apply(capsule, x, out, n_threads)"},
    {"apply_backward", apply_backward, METH_VARARGS,
     "apply_backward(capsule, x, gradient, out, n_threads)"},
    {nullptr, nullptr, 0, nullptr}};
PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", nullptr, 0, methods,
                          nullptr, nullptr, nullptr, nullptr};

} // namespace

PyMODINIT_FUNC PyInit__kernel() {
    PyObject *module = PyModule_Create(&definition);
    if (module != nullptr &&
        (PyModule_AddIntConstant(module, "largest_side", largest_side) != 0 ||
         PyModule_AddIntConstant(module, "largest_prime", scat::largest_prime) != 0)) {
        Py_DECREF(module);
        return nullptr;
    }
    return module;
}
