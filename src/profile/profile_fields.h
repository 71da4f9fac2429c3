// The fields of pprof's messages, by the numbers and names of
// https://github.com/google/pprof/blob/main/proto/profile.proto
#pragma once

#include <protozero/types.hpp>

namespace seep::profile {

enum class ProfileField : protozero::pbf_tag_type {
  kSampleType = 1,
  kSample = 2,
  kLocation = 4,
  kFunction = 5,
  kStringTable = 6,
  kTimeNanos = 9,
  kDurationNanos = 10,
  kPeriodType = 11,
  kPeriod = 12,
  kComment = 13,
  kDefaultSampleType = 14,
};

enum class ValueTypeField : protozero::pbf_tag_type { kType = 1, kUnit = 2 };

enum class SampleField : protozero::pbf_tag_type { kLocationId = 1, kValue = 2, kLabel = 3 };

enum class LabelField : protozero::pbf_tag_type { kKey = 1, kNumber = 3 };

enum class LocationField : protozero::pbf_tag_type { kId = 1, kLine = 4 };

enum class LineField : protozero::pbf_tag_type { kFunctionId = 1, kLine = 2 };

enum class FunctionField : protozero::pbf_tag_type {
  kId = 1,
  kName = 2,
  kSystemName = 3,
  kFilename = 4,
};

}  // namespace seep::profile
