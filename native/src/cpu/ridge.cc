// SPDX-License-Identifier: Apache-2.0
//
// ridge: adds a batch to the normal equations in double. Windows are split into a number of pieces that depends on
// the batch alone; their partial sums are added in order.
#include <cstdint>

#include "core/buffer.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t kPieces = 16;

// Doubles of one partial sum: gram [n+1, n+1], then moment [n+1, T].
int64_t partial_size(const pcd_ridge_desc& d) {
  const int64_t k = d.inputs.shape[2] + 1;
  return k * k + k * d.targets.shape[2];
}

int64_t pieces(const pcd_ridge_desc& d) { return least(kPieces, d.inputs.shape[0]); }

}  // namespace

uint64_t ridge_workspace(const Pool&, const pcd_ridge_desc& d) {
  return static_cast<uint64_t>(pieces(d) * partial_size(d)) * sizeof(double);
}

int32_t ridge(Pool& pool, const pcd_ridge_desc& d) {
  const int64_t batch = d.inputs.shape[0], length = d.inputs.shape[1], n = d.inputs.shape[2], k = n + 1;
  const int64_t targets = d.targets.shape[2], size = partial_size(d), count = pieces(d);
  double* partial = data<double>(d.workspace);
  pool.run(count, [&](int64_t piece) {
    double* gram = partial + piece * size;
    double* moment = gram + k * k;
    for (int64_t i = 0; i < size; ++i) gram[i] = 0.0;
    const int64_t begin = batch * piece / count * length, end = batch * (piece + 1) / count * length;
    double s[PCD_MAX_LEADS + 1];
    s[n] = 1.0;
    for (int64_t row = begin; row < end; ++row) {
      const float* x = data<const float>(d.inputs) + row * n;
      const float* y = data<const float>(d.targets) + row * targets;
      for (int64_t i = 0; i < n; ++i) s[i] = x[i];
      for (int64_t i = 0; i < k; ++i) {
        for (int64_t j = 0; j < k; ++j) gram[i * k + j] += s[i] * s[j];
        for (int64_t j = 0; j < targets; ++j) moment[i * targets + j] += s[i] * y[j];
      }
    }
  });
  double* gram = data<double>(d.gram);
  double* moment = data<double>(d.moment);
  for (int64_t piece = 0; piece < count; ++piece) {
    const double* sum = partial + piece * size;
    for (int64_t i = 0; i < k * k; ++i) gram[i] += sum[i];
    for (int64_t i = 0; i < k * targets; ++i) moment[i] += sum[k * k + i];
  }
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
