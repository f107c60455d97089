// The kernel for neon, which every 64-bit Arm processor has.
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "plan.h"

#if defined(__aarch64__) && defined(__GNUC__)
#include <arm_neon.h>
#define LANES 4
#define SCAT_NEON
#define SCAT_NAMESPACE neon
#include "cascade.h"
#include "backward.h"
#include "rotation.h"
#endif
