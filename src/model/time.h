#pragma once

#include "base/time.h"

namespace godwit::model {

using godwit::Now;

}  // namespace godwit::model
