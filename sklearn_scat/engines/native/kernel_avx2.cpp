// The kernel for avx2. Standard headers come before the target pragma, so that no
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
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define LANES 8
#define SCAT_NAMESPACE avx2
#include "cascade.h"
#include "backward.h"
#include "rotation.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
