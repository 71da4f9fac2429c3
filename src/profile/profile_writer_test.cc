#include "profile/profile_writer.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <protozero/pbf_message.hpp>
#include <utility>

#include "profile/profile_fields.h"
#include "support/seep_command.h"

namespace seep::profile {
namespace {

using protozero::pbf_message;

std::string unpacked(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string input = packed, plain;
  std::array<char, 4096> part;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    plain.append(part.data(), part.size() - stream.avail_out);
  }
  EXPECT_EQ(state, Z_STREAM_END);
  inflateEnd(&stream);
  return plain;
}

struct ReadFunction {
  std::string name, file;
};

struct ReadSample {
  std::vector<std::uint64_t> stack;
  std::vector<std::int64_t> values;
  std::map<std::string, std::int64_t> labels;
};

/// What a reader of the format finds in a file.
struct ReadProfile {
  explicit ReadProfile(const std::string& file) : bytes(unpacked(file)) {
    for (pbf_message<ProfileField> all(bytes); all.next(ProfileField::kStringTable);)
      strings.push_back(all.get_string());
    for (pbf_message<ProfileField> all(bytes); all.next();) read(all);
  }

  void read(pbf_message<ProfileField>& all) {
    switch (all.tag()) {
      case ProfileField::kSampleType:
        sample_types.push_back(type(all.get_message()));
        break;
      case ProfileField::kPeriodType:
        period_type = type(all.get_message());
        break;
      case ProfileField::kSample:
        samples.push_back(sample(all.get_message()));
        break;
      case ProfileField::kLocation:
        location(all.get_message());
        break;
      case ProfileField::kFunction:
        function(all.get_message());
        break;
      case ProfileField::kComment:
        comments.push_back(text(all.get_int64()));
        break;
      case ProfileField::kDefaultSampleType:
        default_sample_type = text(all.get_int64());
        break;
      case ProfileField::kPeriod:
      case ProfileField::kTimeNanos:
      case ProfileField::kDurationNanos:
        numbers[all.tag()] = all.get_int64();
        break;
      default:
        all.skip();
    }
  }

  std::string text(std::int64_t id) const { return strings.at(static_cast<std::size_t>(id)); }

  std::pair<std::string, std::string> type(pbf_message<ValueTypeField> message) const {
    std::pair<std::string, std::string> told;
    while (message.next())
      (message.tag() == ValueTypeField::kType ? told.first : told.second) =
          text(message.get_int64());
    return told;
  }

  ReadSample sample(pbf_message<SampleField> message) const {
    ReadSample told;
    while (message.next()) {
      if (message.tag() == SampleField::kLocationId) {
        for (std::uint64_t id : message.get_packed_uint64()) told.stack.push_back(id);
      } else if (message.tag() == SampleField::kValue) {
        for (std::int64_t value : message.get_packed_int64()) told.values.push_back(value);
      } else {
        pbf_message<LabelField> label(message.get_message());
        std::string key;
        while (label.next()) {
          std::int64_t value = label.get_int64();
          if (label.tag() == LabelField::kKey)
            key = text(value);
          else
            told.labels[key] = value;
        }
      }
    }
    return told;
  }

  void location(pbf_message<LocationField> message) {
    std::uint64_t id = 0;
    std::pair<std::uint64_t, std::int64_t> place;
    while (message.next()) {
      if (message.tag() == LocationField::kId) {
        id = message.get_uint64();
        continue;
      }
      pbf_message<LineField> line(message.get_message());
      while (line.next()) {
        if (line.tag() == LineField::kFunctionId)
          place.first = line.get_uint64();
        else
          place.second = line.get_int64();
      }
    }
    EXPECT_TRUE(locations.emplace(id, place).second) << "twice: location " << id;
  }

  void function(pbf_message<FunctionField> message) {
    std::uint64_t id = 0;
    ReadFunction told;
    while (message.next()) {
      if (message.tag() == FunctionField::kId)
        id = message.get_uint64();
      else if (message.tag() == FunctionField::kFilename)
        told.file = text(message.get_int64());
      else
        told.name = text(message.get_int64());
    }
    EXPECT_TRUE(functions.emplace(id, told).second) << "twice: function " << id;
  }

  /// "main.f a.go:1"
  std::string place(std::uint64_t id) const {
    const auto& [function_id, line] = locations.at(id);
    const ReadFunction& one = functions.at(function_id);
    return one.name + " " + one.file + ":" + std::to_string(line);
  }

  std::string bytes;
  std::vector<std::string> strings, comments;
  std::vector<std::pair<std::string, std::string>> sample_types;
  std::pair<std::string, std::string> period_type;
  std::string default_sample_type;
  std::map<ProfileField, std::int64_t> numbers;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::int64_t>> locations;
  std::map<std::uint64_t, ReadFunction> functions;
  std::vector<ReadSample> samples;
};

Profile drawn() {
  Profile profile;
  profile.sample_types = {{"objects", "count"}, {"space", "bytes"}};
  profile.default_sample_type = "space";
  profile.period_type = {"space", "bytes"};
  profile.period = 524288;
  profile.time_ns = 1796000000000000000;
  profile.duration_ns = 5;
  profile.comments = {"gateway 42", "space"};
  Location leaf{"main.leaf", "a.go", 7}, other_line{"main.leaf", "a.go", 9};
  Location top{"main.main", "b.go", 3}, no_file{"main.leaf", "", 0};
  profile.samples = {{{leaf, top}, {1, 100}, {{"bytes", 100}}},
                     {{other_line, top}, {-2, 200}, {}},
                     {{no_file}, {3, 1'000'000'000'000}, {}}};
  return profile;
}

std::string encoded(const Profile& profile) {
  Result<std::string> bytes = encode_profile(profile);
  if (!bytes) ADD_FAILURE() << bytes.error().message;
  return bytes.value_or("");
}

TEST(ProfileWriterTest, everything_is_read_back) {
  ReadProfile read(encoded(drawn()));
  using Type = std::pair<std::string, std::string>;
  EXPECT_EQ(read.sample_types, (std::vector<Type>{{"objects", "count"}, {"space", "bytes"}}));
  EXPECT_EQ(read.period_type, (Type{"space", "bytes"}));
  EXPECT_EQ(read.default_sample_type, "space");
  EXPECT_EQ(read.comments, (std::vector<std::string>{"gateway 42", "space"}));
  EXPECT_EQ(read.numbers[ProfileField::kPeriod], 524288);
  EXPECT_EQ(read.numbers[ProfileField::kTimeNanos], 1796000000000000000);
  EXPECT_EQ(read.numbers[ProfileField::kDurationNanos], 5);
  ASSERT_EQ(read.samples.size(), 3u);
  ASSERT_EQ(read.samples[0].stack.size(), 2u);
  EXPECT_EQ(read.place(read.samples[0].stack[0]), "main.leaf a.go:7");
  EXPECT_EQ(read.place(read.samples[0].stack[1]), "main.main b.go:3");
  EXPECT_EQ(read.place(read.samples[1].stack[0]), "main.leaf a.go:9");
  EXPECT_EQ(read.place(read.samples[2].stack[0]), "main.leaf :0");
  EXPECT_EQ(read.samples[0].values, (std::vector<std::int64_t>{1, 100}));
  EXPECT_EQ(read.samples[1].values, (std::vector<std::int64_t>{-2, 200}));
  EXPECT_EQ(read.samples[2].values, (std::vector<std::int64_t>{3, 1'000'000'000'000}));
  EXPECT_EQ(read.samples[0].labels, (std::map<std::string, std::int64_t>{{"bytes", 100}}));
}

TEST(ProfileWriterTest, strings_functions_and_locations_are_held_once_with_dense_ids) {
  ReadProfile read(encoded(drawn()));
  ASSERT_FALSE(read.strings.empty());
  EXPECT_EQ(read.strings.front(), "");
  std::map<std::string, int> times;
  for (const std::string& text : read.strings) EXPECT_EQ(++times[text], 1) << text;
  EXPECT_EQ(read.locations.size(), 4u);
  EXPECT_EQ(read.locations.begin()->first, 1u);
  EXPECT_EQ(read.locations.rbegin()->first, 4u);
  EXPECT_EQ(read.functions.size(), 3u);  // main.leaf in a.go and without a file
  EXPECT_EQ(read.functions.rbegin()->first, 3u);
  EXPECT_EQ(read.samples[0].stack[1], read.samples[1].stack[1]);
}

TEST(ProfileWriterTest, more_than_a_buffer_of_zlib_is_written_whole) {
  Profile profile = drawn();
  std::vector<std::string> names;
  for (int i = 0; i < 50'000; ++i) names.push_back("f" + std::to_string(i * 7919 % 50'021));
  for (const std::string& name : names)
    profile.samples.push_back({{{name, "x.go", 1}}, {1, 2}, {}});
  std::string bytes = encoded(profile);
  EXPECT_GT(bytes.size(), std::size_t{1} << 17);
  ReadProfile read(bytes);
  ASSERT_EQ(read.samples.size(), 50'003u);
  EXPECT_EQ(read.place(read.samples.back().stack[0]), names.back() + " x.go:1");
}

TEST(ProfileWriterTest, values_must_fit_the_types) {
  Profile profile = drawn();
  profile.samples[1].values.pop_back();
  Result<std::string> bytes = encode_profile(profile);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().kind, ErrorKind::kInvalidArgument);
}

TEST(ProfileWriterTest, a_file_that_cannot_be_written_leaves_nothing_behind) {
  test::TemporaryFolder folder;
  ASSERT_TRUE(write_profile_file(drawn(), folder.file("x.pb.gz")));
  std::ifstream file(folder.file("x.pb.gz"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(ReadProfile(bytes).samples.size(), 3u);
  EXPECT_FALSE(write_profile_file(drawn(), folder.file("none/x.pb.gz")));
  EXPECT_FALSE(write_profile_file(drawn(), "/dev/full"));
  std::filesystem::directory_iterator entries(folder.path()), end;
  EXPECT_EQ(std::distance(entries, end), 1);
}

}  // namespace
}  // namespace seep::profile
