// A server that nobody here wrote, under load: nats-server, fetched as a Go module. Snapshots every
// two seconds; no request may fail, the server stays unharmed, nine tenths of its heap bytes have a
// type, and its top holders are named with package paths.
//
// SEEP_SERVER_SECONDS sets how long (20 by default).
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/go_module.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using Clock = std::chrono::steady_clock;

/// A port of loopback that is free now.
int free_port() {
  int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int port = 0;
  if (bind(file, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
      getsockname(file, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port = ntohs(address.sin_port);
  }
  close(file);
  return port;
}

bool accepts_connections(int port) {
  int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  bool connected = connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(file);
  return connected;
}

int seconds_of_load() {
  const char* text = std::getenv("SEEP_SERVER_SECONDS");
  return text != nullptr ? std::max(4, std::atoi(text)) : 20;
}

/// What one `seep heap` says, checked.
double check_heap(const std::string& pid) {
  CommandResult result = run_seep({"heap", pid, "--by", "holder", "--top", "8", "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_TRUE(report.is_object()) << "status " << result.status << ": " << result.err;
  if (!report.is_object()) return 0;
  const nlohmann::json& summary = report["summary"];
  double typed = 1.0 - summary["untyped_bytes"].get<double>() /
                           std::max(1.0, summary["reachable_bytes"].get<double>());
  EXPECT_GE(typed, 0.9) << summary.dump(2);
  EXPECT_EQ(summary["goroutines"], summary["goroutines_unwound"]) << summary.dump(2);
  bool named = false;
  for (const nlohmann::json& row : report["rows"]) {
    if (row["name"].get<std::string>().find("github.com/nats-io/nats-server/v2/server.") !=
        std::string::npos) {
      named = true;
    }
  }
  EXPECT_TRUE(named) << report["rows"].dump(2);
  return typed;
}

TEST(RealServerTest, is_read_again_and_again_under_load_without_harm) {
  std::string go = go_versions().back();
  if (!has_go(go)) GTEST_SKIP() << no_go(go);
  Result<std::string> server_program = build_module(pin_of("nats-server"), go);
  if (!server_program) GTEST_SKIP() << server_program.error().message;
  Result<std::string> driver_program = build_target("nats_driver", go);
  ASSERT_TRUE(driver_program) << driver_program.error().message;

  TemporaryFolder folder;
  int port = free_port();
  TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<TargetProcess> server =
      TargetProcess::start(*server_program,
                           {"-a", "127.0.0.1", "-p", std::to_string(port), "-js", "-sd",
                            folder.path(), "-l", folder.file("server.log")},
                           options);
  ASSERT_TRUE(server) << server.error().message;
  Clock::time_point up_by = Clock::now() + std::chrono::seconds(30);
  while (!accepts_connections(port) && Clock::now() < up_by && server->alive()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  Result<TargetProcess> driver =
      TargetProcess::start(*driver_program, {"127.0.0.1:" + std::to_string(port)});
  ASSERT_TRUE(driver) << driver.error().message;

  std::string pid = std::to_string(server->pid());
  Clock::time_point end = Clock::now() + std::chrono::seconds(seconds_of_load());
  int snapshots = 0;
  double least_typed = 1;
  while (Clock::now() < end) {
    Clock::time_point next = Clock::now() + std::chrono::seconds(2);
    least_typed = std::min(least_typed, check_heap(pid));
    ++snapshots;
    std::this_thread::sleep_until(next);
  }
  CommandResult goroutines = run_seep({"goroutines", pid, "--json"});
  EXPECT_EQ(goroutines.status, 0) << "a goroutine of a healthy server is said to hang\n"
                                  << goroutines.out.substr(0, 4000) << goroutines.err;
  CommandResult diagnosis = run_seep({"diagnose", pid, "--for", "0", "--json"});
  EXPECT_EQ(diagnosis.status, 0) << diagnosis.out.substr(0, 4000) << diagnosis.err;

  ASSERT_TRUE(driver->step("stop"));
  nlohmann::json truth = nlohmann::json::parse(driver->truth());
  EXPECT_EQ(truth["failed"], 0) << driver->truth();
  EXPECT_GT(truth["requests"], 1000);
  EXPECT_TRUE(server->alive());
  EXPECT_EQ(harm_done_to(server->pid()), "");
  std::printf("%d snapshots, at least %.1f %% typed; driver: %s\n", snapshots, 100 * least_typed,
              driver->truth().c_str());
}

}  // namespace
}  // namespace seep::test
