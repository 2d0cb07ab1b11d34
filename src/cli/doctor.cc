#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

constexpr int kSyncs = 64;
constexpr uint64_t kDescriptorsWanted = 10'064;
constexpr double kSlowSyncMs = 20;
constexpr double kFreeWantedMiB = 1024;

struct Finding {
  std::string what;
  std::string value;
  std::string advice;  ///< empty: fine
};

/// Milliseconds of a 4 KiB write with its sync, sorted; empty when the directory cannot be written.
std::vector<double> sync_times(const std::string& directory) {
  std::string path = directory + "/.godwit-doctor-XXXXXX";
  int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 4096> block{};
  std::vector<double> times;
  for (int i = 0; i < kSyncs; ++i) {
    auto begin = std::chrono::steady_clock::now();
    if (::pwrite(fd, block.data(), block.size(), 0) < 0 || ::fdatasync(fd) != 0) break;
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  ::close(fd);
  ::unlink(path.c_str());
  std::ranges::sort(times);
  return times;
}

Finding check_sync(const std::string& directory) {
  std::vector<double> times = sync_times(directory);
  if (times.empty()) return {"disk sync", "failed", fmt::format("{} cannot be written", directory)};
  double median = times[times.size() / 2];
  return {"disk sync", fmt::format("median {:.2f} ms, worst {:.2f} ms", median, times.back()),
          median > kSlowSyncMs ? "every confirm waits for a sync: a disk with a power-safe cache is faster" : ""};
}

Finding check_space(const std::string& directory) {
  struct statvfs stats{};
  if (::statvfs(directory.c_str(), &stats) != 0) return {"disk space", "unknown", "the directory cannot be looked at"};
  double free_mib = static_cast<double>(stats.f_bavail) * static_cast<double>(stats.f_frsize) / (1024 * 1024);
  return {"disk space", fmt::format("{:.0f} MiB free at {}", free_mib, directory),
          free_mib < kFreeWantedMiB ? "publishes are refused below storage.disk_reserve_bytes" : ""};
}

Finding check_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {"open files", fmt::format("{} allowed", limit.rlim_max),
          limit.rlim_max < kDescriptorsWanted ? "raise the hard limit for 10,000 connections (LimitNOFILE=, ulimit -Hn)"
                                              : ""};
}

Finding check_backlog() {
  int value = 0;
  if (std::ifstream file("/proc/sys/net/core/somaxconn"); !(file >> value)) return {"accept backlog", "unknown", ""};
  return {"accept backlog", std::to_string(value),
          value < 1024 ? "raise net.core.somaxconn for bursts of connections" : ""};
}

/// What the broker itself sees of the disk that its data is on.
void check_reserve(const json::value& totals, std::vector<Finding>& findings) {
  const json::value* free = totals.is_object() ? totals.as_object().if_contains("disk_free_bytes") : nullptr;
  const json::value* reserve = totals.is_object() ? totals.as_object().if_contains("disk_reserve_bytes") : nullptr;
  if (free == nullptr || reserve == nullptr || !free->is_number() || !reserve->is_number()) return;
  double free_mib = free->to_number<double>() / (1024 * 1024);
  double reserve_mib = reserve->to_number<double>() / (1024 * 1024);
  bool short_of_it = free_mib < reserve_mib;
  findings.push_back({"broker's disk", fmt::format("{:.0f} MiB free, {:.0f} MiB in reserve", free_mib, reserve_mib),
                      short_of_it ? "publishers are held back: consume messages, or free space" : ""});
}

void check_broker(const Options& options, std::vector<Finding>& findings) {
  auto url = parse_url(options.url);
  if (!url) return findings.push_back({"broker", "unknown", url.error().message});
  auto answer = HttpClient(*url).ask("GET", "/api/overview", "", 5'000);
  if (!answer) return findings.push_back({"broker", "not reached", answer.error().message});
  boost::system::error_code error;
  json::value overview = json::parse(answer->body, error);
  if (error || answer->status != 200 || cell(overview, "version").empty())
    return findings.push_back(
        {"broker", "unknown",
         fmt::format("{} answers with status {}, but not as a broker's admin API: is it http.port?", options.url,
                     answer->status)});
  findings.push_back({"broker", "version " + cell(overview, "version"), ""});
  const json::value* totals = overview.as_object().if_contains("totals");
  if (totals == nullptr) return;
  findings.push_back({"journal",
                      fmt::format("{} of {} bytes in use", cell(*totals, "journal_used_bytes"),
                                  cell(*totals, "journal_capacity_bytes")),
                      ""});
  check_reserve(*totals, findings);
  findings.push_back({"memory", cell(*totals, "process_resident_bytes") + " bytes resident", ""});
  bool blocked = cell(overview, "publishers_blocked") == "true";
  findings.push_back({"publishers", blocked ? "held back" : "free", blocked ? "memory or disk is short" : ""});
}

int run(Client& client, const std::string& directory) {
  std::vector<Finding> findings{check_sync(directory), check_space(directory), check_descriptors(), check_backlog()};
  check_broker(client.options(), findings);
  Table table({"CHECK", "FOUND", "ADVICE"});
  json::array list;
  for (const Finding& f : findings) {
    table.add({f.what, f.value, f.advice.empty() ? "ok" : f.advice});
    list.push_back(json::object{{"check", f.what}, {"found", f.value}, {"advice", f.advice}});
  }
  if (client.options().json)
    print_json(json::object{{"findings", std::move(list)}});
  else
    fmt::print("{}", table.text());
  return std::ranges::all_of(findings, [](const Finding& f) { return f.advice.empty(); }) ? kDone : kRefused;
}

}  // namespace

void add_doctor(CLI::App& app, Options& options, int& exit_code) {
  auto directory = std::make_shared<std::string>(".");
  add_command(app, "doctor", "Check this machine and the broker on it", options, exit_code,
              [directory](Client& client) { return run(client, *directory); })
      ->add_option("--data", *directory, "Directory on the disk to measure")
      ->capture_default_str();
}

}  // namespace godwit::cli
