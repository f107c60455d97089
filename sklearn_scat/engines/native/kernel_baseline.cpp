// The kernel for any processor: four lanes, as SSE2 has them.
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "plan.h"

#if defined(__SSE__)
#include <immintrin.h>
#endif
#define LANES 4
#define SCAT_NAMESPACE baseline
#include "cascade.h"
#include "backward.h"
#include "rotation.h"
