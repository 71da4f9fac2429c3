#include "profile/profile_writer.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <protozero/pbf_builder.hpp>
#include <utility>

#include "base/whole_file.h"
#include "profile/profile_fields.h"

namespace seep::profile {
namespace {

using protozero::pbf_builder;

/// Writes the message while it meets its strings, functions and locations; fields of a message may
/// stand in any order.
class ProfileEncoder {
 public:
  ProfileEncoder() : message_(bytes_) { string(""); }

  std::string encode(const Profile& profile) {
    for (const ValueType& type : profile.sample_types) value_type(ProfileField::kSampleType, type);
    for (const Sample& one : profile.samples) sample(one);
    if (!profile.period_type.type.empty())
      value_type(ProfileField::kPeriodType, profile.period_type);
    number(ProfileField::kPeriod, profile.period);
    number(ProfileField::kTimeNanos, profile.time_ns);
    number(ProfileField::kDurationNanos, profile.duration_ns);
    for (const std::string& comment : profile.comments)
      message_.add_int64(ProfileField::kComment, string(comment));
    number(ProfileField::kDefaultSampleType, string(profile.default_sample_type));
    return std::move(bytes_);
  }

 private:
  void number(ProfileField field, std::int64_t value) {
    if (value != 0) message_.add_int64(field, value);
  }

  std::int64_t string(std::string_view text) {
    auto [known, fresh] = strings_.try_emplace(std::string(text), strings_.size());
    if (fresh) message_.add_string(ProfileField::kStringTable, text.data(), text.size());
    return static_cast<std::int64_t>(known->second);
  }

  void value_type(ProfileField field, const ValueType& type) {
    std::int64_t name = string(type.type), unit = string(type.unit);
    pbf_builder<ValueTypeField> told(message_, field);
    told.add_int64(ValueTypeField::kType, name);
    told.add_int64(ValueTypeField::kUnit, unit);
  }

  std::uint64_t function(std::string_view name, std::string_view file) {
    auto [known, fresh] = functions_.try_emplace({name, file}, functions_.size() + 1);
    if (!fresh) return known->second;
    std::int64_t name_id = string(name), file_id = string(file);
    pbf_builder<FunctionField> told(message_, ProfileField::kFunction);
    told.add_uint64(FunctionField::kId, known->second);
    told.add_int64(FunctionField::kName, name_id);
    told.add_int64(FunctionField::kSystemName, name_id);
    told.add_int64(FunctionField::kFilename, file_id);
    return known->second;
  }

  std::uint64_t location(const Location& place) {
    auto [known, fresh] = locations_.try_emplace(place, locations_.size() + 1);
    if (!fresh) return known->second;
    std::uint64_t function_id = function(place.function, place.file);
    pbf_builder<LocationField> told(message_, ProfileField::kLocation);
    told.add_uint64(LocationField::kId, known->second);
    pbf_builder<LineField> line(told, LocationField::kLine);
    line.add_uint64(LineField::kFunctionId, function_id);
    line.add_int64(LineField::kLine, place.line);
    return known->second;
  }

  void sample(const Sample& sample) {
    std::vector<std::uint64_t> stack;
    for (const Location& place : sample.stack) stack.push_back(location(place));
    std::vector<std::int64_t> keys;
    for (const Label& label : sample.labels) keys.push_back(string(label.key));
    pbf_builder<SampleField> told(message_, ProfileField::kSample);
    told.add_packed_uint64(SampleField::kLocationId, stack.begin(), stack.end());
    told.add_packed_int64(SampleField::kValue, sample.values.begin(), sample.values.end());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      pbf_builder<LabelField> label(told, SampleField::kLabel);
      label.add_int64(LabelField::kKey, keys[i]);
      label.add_int64(LabelField::kNumber, sample.labels[i].number);
    }
  }

  std::string bytes_;
  pbf_builder<ProfileField> message_;
  std::map<std::string, std::size_t, std::less<>> strings_;
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> functions_;
  std::map<Location, std::uint64_t> locations_;
};

/// zlib.h: windowBits of 16 more asks for gzip's header and trailer.
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kMemoryLevel = 8;  // zlib's default
constexpr std::size_t kPart = std::size_t{1} << 16;

Result<std::string> gzipped(std::string plain) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(ErrorKind::kIo, "no memory to compress a profile");
  std::string packed, part(kPart, '\0');
  std::size_t taken = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    // zlib counts what it is given in 32 bits.
    std::size_t given = std::min(plain.size() - taken, std::size_t{1} << 30);
    stream.next_in = reinterpret_cast<Bytef*>(plain.data() + taken);
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    bool last = taken + given == plain.size();
    state = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    taken += given - stream.avail_in;
    packed.append(part, 0, part.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  if (state != Z_STREAM_END) return fail(ErrorKind::kIo, "a profile could not be compressed");
  return packed;
}

}  // namespace

Result<std::string> encode_profile(const Profile& profile) {
  for (const Sample& sample : profile.samples)
    if (sample.values.size() != profile.sample_types.size())
      return fail(ErrorKind::kInvalidArgument, "a sample has not one value for each type");
  return gzipped(ProfileEncoder().encode(profile));
}

Result<void> write_profile_file(const Profile& profile, const std::string& path) {
  std::string bytes = TRY(encode_profile(profile));
  return write_whole_file(path, [&](std::FILE* file) -> Result<void> {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size())
      return fail(ErrorKind::kIo, std::strerror(errno));
    return {};
  });
}

}  // namespace seep::profile
