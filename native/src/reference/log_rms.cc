// SPDX-License-Identifier: Apache-2.0
//
// Lead by lead.
#include "reference/log_rms.h"

#include <cmath>

namespace pcd::reference {

template <typename T>
std::vector<T> log_rms(const LogRmsShape& s, const std::vector<T>& input, T scale) {
  std::vector<T> h(s.batch * s.channels, T(0));
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t c = 0; c < s.leads; ++c) {
      T squares = 0;
      for (int64_t t = 0; t < s.length; ++t) {
        const T x = input[(b * s.length + t) * s.leads + c];
        squares += x * x;
      }
      const T rms = std::sqrt(squares / T(s.length));
      h[b * s.channels + c] = scale * std::log(rms < T(1e-3) ? T(1e-3) : rms);
    }
  }
  return h;
}

template std::vector<float> log_rms(const LogRmsShape&, const std::vector<float>&, float);
template std::vector<double> log_rms(const LogRmsShape&, const std::vector<double>&, double);

}  // namespace pcd::reference
