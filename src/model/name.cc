#include "base/limits.h"
#include "model/settings.h"
#include "model/utf8.h"

namespace godwit::model {

bool valid_name(std::string_view text) { return !text.empty() && text.size() <= kNameBytesMax && is_utf8(text); }

}  // namespace godwit::model
