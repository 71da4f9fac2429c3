#include "procfs/container.h"

#include <gtest/gtest.h>

namespace seep::procfs {
namespace {

const std::string kId = "3f4ac9d2b1e05678aabbccddeeff00112233445566778899aabbccddeeff0011";
const std::string kOther = "0000000000000000000000000000000000000000000000000000000000000001";

Container expect_container(const std::string& path) {
  std::optional<Container> found = parse_container("0::" + path + "\n");
  EXPECT_TRUE(found) << path;
  return found.value_or(Container{});
}

TEST(Container, docker_is_known_under_both_drivers) {
  Container expected{"docker", kId, ""};
  EXPECT_EQ(expect_container("/docker/" + kId), expected);
  EXPECT_EQ(expect_container("/system.slice/docker-" + kId + ".scope"), expected);
  EXPECT_EQ(expect_container("/system.slice/docker-" + kId + ".scope/init"), expected);
}

TEST(Container, kubernetes_tells_the_pod_too) {
  std::string uid = "0f2c1a34-0f2c-4e11-9f00-00aa11bb22cc";
  EXPECT_EQ(expect_container("/kubepods/burstable/pod" + uid + "/" + kId),
            (Container{"container", kId, uid}));
  std::string slice =
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
      "0f2c1a34_0f2c_4e11_9f00_00aa11bb22cc.slice/";
  EXPECT_EQ(expect_container(slice + "cri-containerd-" + kId + ".scope"),
            (Container{"containerd", kId, uid}));
  EXPECT_EQ(expect_container(slice + "crio-" + kId + ".scope/container"),
            (Container{"cri-o", kId, uid}));
}

TEST(Container, podman_nerdctl_lxc_and_machines_are_known) {
  EXPECT_EQ(expect_container("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" +
                             kId + ".scope/container"),
            (Container{"podman", kId, ""}));
  EXPECT_EQ(expect_container("/libpod_parent/" + kId), (Container{"podman", kId, ""}));
  EXPECT_EQ(expect_container("/system.slice/nerdctl-" + kId + ".scope"),
            (Container{"containerd", kId, ""}));
  EXPECT_EQ(expect_container("/default/" + kId), (Container{"container", kId, ""}));
  EXPECT_EQ(expect_container("/lxc.payload.web-1/system.slice/app.service"),
            (Container{"lxc", "web-1", ""}));
  EXPECT_EQ(expect_container("/lxc/web-1"), (Container{"lxc", "web-1", ""}));
  EXPECT_EQ(expect_container("/machine.slice/machine-my\\x2dbox.scope/payload"),
            (Container{"machine", "my-box", ""}));
}

TEST(Container, innermost_one_counts) {
  EXPECT_EQ(expect_container("/docker/" + kOther + "/kubelet/kubepods/besteffort/podabc/" + kId),
            (Container{"container", kId, "abc"}));
}

TEST(Container, any_hierarchy_of_version_1_tells) {
  std::optional<Container> found =
      parse_container("9:name=systemd:/\n4:memory:/docker/" + kId + "\n0::/\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, kId);
}

TEST(Container, processes_of_the_host_are_in_none) {
  for (const char* path :
       {"/", "", "/user.slice/user-0.slice/session-1.scope", "/system.slice/docker.service",
        "/init.scope", "/docker/short", "/lxc", "/lxc.monitor.web", "/../..",
        "/machine.slice/machine-.scope", "/system.slice/docker-.scope"}) {
    EXPECT_FALSE(parse_container(std::string("0::") + path + "\n")) << path;
  }
  std::string conmon = "0::/machine.slice/libpod-conmon-" + kId + ".scope\n";
  EXPECT_FALSE(parse_container(conmon));
}

TEST(Container, survives_nonsense) {
  EXPECT_FALSE(parse_container(""));
  EXPECT_FALSE(parse_container("::::\n:\nx\n0:\n"));
  EXPECT_FALSE(parse_container("0::/lxc/" + std::string(10000, 'a')));
  EXPECT_FALSE(parse_container(std::string("0::/\0/\xff", 7)));
  EXPECT_EQ(expect_container("/machine.slice/machine-a\\x2.scope").id, "a\\x2");
  EXPECT_EQ(expect_container("/machine.slice/machine-a\\xzz.scope").id, "a\\xzz");
}

TEST(Container, is_shown_by_twelve_digits_or_its_name) {
  EXPECT_EQ(short_name({"docker", kId, ""}), "3f4ac9d2b1e0");
  EXPECT_EQ(short_name({"lxc", "a-container-with-a-name", ""}), "a-container-with-a-name");
}

}  // namespace
}  // namespace seep::procfs
