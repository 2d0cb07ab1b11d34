#include "cli/table.h"

#include <algorithm>

#include <fmt/format.h>

namespace godwit::cli {
namespace {

bool is_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.-") == std::string::npos;
}

/// Characters, not bytes: the continuation bytes of UTF-8 take no place.
size_t width_of(const std::string& cell) {
  return static_cast<size_t>(
      std::ranges::count_if(cell, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& cell, size_t width, bool right) {
  std::string space(width - std::min(width, width_of(cell)), ' ');
  return right ? space + cell : cell + space;
}

}  // namespace

std::string Table::text() const {
  std::vector<size_t> widths;
  std::vector<bool> right;
  for (size_t column = 0; column < heads_.size(); ++column) {
    size_t width = width_of(heads_[column]);
    for (const auto& row : rows_) width = std::max(width, width_of(row[column]));
    widths.push_back(width);
    right.push_back(!rows_.empty() &&
                    std::ranges::all_of(rows_, [&](const auto& row) { return is_number(row[column]); }));
  }
  std::string out;
  auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t column = 0; column < cells.size(); ++column)
      text += (column ? "  " : "") + padded(cells[column], widths[column], right[column]);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(heads_);
  for (const auto& row : rows_) line(row);
  return out;
}

}  // namespace godwit::cli
