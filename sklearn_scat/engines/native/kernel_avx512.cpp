// The kernel for avx512. Standard headers come before the target pragma, so that no
// inline function of theirs is compiled for a processor that may not be there.
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "plan.h"

#if (defined(__x86_64__) || defined(_M_X64)) && defined(__GNUC__)
#include <immintrin.h>
#if !defined(__clang__) // GCC's own intrinsics start from undefined vectors
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#define LANES 16
#define SCAT_NAMESPACE avx512
#include "cascade.h"
#include "backward.h"
#include "rotation.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
