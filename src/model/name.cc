#include "base/limits.h"
#include "base/utf8.h"
#include "model/settings.h"

namespace godwit::model {

bool valid_name(std::string_view text) { return !text.empty() && text.size() <= kNameBytesMax && is_utf8(text); }

}  // namespace godwit::model
