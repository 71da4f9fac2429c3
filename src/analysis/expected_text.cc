// What was expected to wake goroutines, in words.
#include <string>
#include <string_view>
#include <vector>

#include "analysis/wait_partners.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::WaitKind;

constexpr std::size_t kPlaces = 3;  // of partners that are told

struct Awaited {
  std::string event;  ///< "a receive from chan int"
  std::string thing;  ///< "channel"
};

Awaited awaited_by(const GoroutineGroup& group, std::string_view reason,
                   const std::vector<std::string>& types) {
  std::string channels;
  for (const std::string& type : types) channels += (channels.empty() ? "" : ", ") + type;
  std::string of = types.size() == 1 ? channels : "the channel";
  switch (group.wait_kind) {
    case WaitKind::kMutex:
      return {reason.find("RWMutex") == std::string_view::npos ? "Unlock" : "Unlock or RUnlock",
              "lock"};
    case WaitKind::kCondition:
      return {"Signal or Broadcast", "condition variable"};
    case WaitKind::kWaitGroup:
      return {"Done", "wait group"};
    case WaitKind::kSelect:
      return {channels.empty() ? "one of the channels of the select"
                               : "one of the channels of the select (" + channels + ")",
              "channels"};
    default:
      if (reason.starts_with("chan send")) return {"a receive from " + of, "channel"};
      return {"a send to " + of + ", or its close", "channel"};
  }
}

std::string partners_text(const WaitPartners& partners, const std::string& thing) {
  std::string has = thing == "channels" ? "one of the channels" : "the " + thing;
  std::string text;
  for (std::size_t i = 0; i < partners.partners.size() && i < kPlaces; ++i) {
    const WaitPartner& partner = partners.partners[i];
    bool one = partner.goroutines == 1;
    text += (text.empty() ? "" : ", ") + counted(partner.goroutines, "goroutine") + " in " +
            partner.place;
    if (i == 0) text += (one ? " has " : " have ") + has;
    if (partner.hangs)
      text += one ? " and hangs as well" : " and hang as well";
    else if (!partner.reason.empty())
      text += " (" + partner.reason + ")";
  }
  if (partners.partners.size() > kPlaces)
    text += ", and more at " + counted(partners.partners.size() - kPlaces, "other place");
  return text;
}

std::string creator_text(const WaitPartners& partners, bool many, bool others_have_it) {
  if (partners.creator.empty()) return "";
  std::string text = partners.creator + ", which started " + (many ? "them" : "it") + ", ";
  if (partners.creators_inside == 0) return text + "has returned";
  if (partners.creators_returned == 0)
    return text + (others_have_it ? "still runs" : "still runs, but no longer has it");
  return text + "has returned for " + count_text(partners.creators_returned) + " of them";
}

}  // namespace

std::string expected_text(const Snapshot& snapshot, const GoroutineGroup& group,
                          const WaitPartners& partners) {
  if (group.wait_kind == WaitKind::kNever) return "";
  bool many = group.members.size() != 1;
  Awaited awaited =
      awaited_by(group, snapshot.strings.text(group.wait_reason), partners.waited_for);
  std::string text = awaited.event;
  std::string creator = creator_text(partners, many, !partners.partners.empty());
  if (!creator.empty()) text += "; " + creator;
  if (!partners.partners.empty()) return text + "; " + partners_text(partners, awaited.thing);
  if (partners.outside_heap) return text + "; it is a package variable, which everybody can use";
  return text + "; no other goroutine has the " + awaited.thing + " in its variables";
}

}  // namespace seep::analysis
