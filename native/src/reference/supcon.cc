// SPDX-License-Identifier: Apache-2.0
//
// s_ij = z_i·z_j/τ; p = softmax over the others that take part; t = targets. dL/dz_i = (1/τ) Σ_j (G_ij +
// G_ji) z_j with G_ij = (p_ij - t_ij)/A for anchors i, 0 for others.
#include "reference/supcon.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pcd::reference {
namespace {

int64_t bits(uint64_t word) {
  int64_t count = 0;
  for (; word != 0; word &= word - 1) ++count;
  return count;
}

// log Σ exp of the given values, shifted by their maximum; -inf for none.
template <typename T>
T log_sum_exp(const std::vector<T>& values) {
  if (values.empty()) return -std::numeric_limits<T>::infinity();
  const T largest = *std::max_element(values.begin(), values.end());
  T sum = 0;
  for (T value : values) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

template <typename T>
T similarity(const SupConProblem& problem, const std::vector<T>& z, int64_t i, int64_t j) {
  T dot = 0;
  for (int64_t d = 0; d < problem.dimensions; ++d) {
    dot += z[i * problem.dimensions + d] * z[j * problem.dimensions + d];
  }
  return dot / T(problem.temperature);
}

}  // namespace

bool SupConProblem::takes_part(int64_t i) const {
  if (views_only) return true;
  for (int64_t w = 0; w < words; ++w) {
    if (labels[i * words + w] != 0) return true;
  }
  return false;
}

double SupConProblem::weight(int64_t i, int64_t j) const {
  if (i == j || !takes_part(i) || !takes_part(j)) return 0;
  if (!groups.empty() && groups[i] == groups[j]) return 1;
  if (views_only) return 0;
  int64_t both = 0, either = 0;
  for (int64_t w = 0; w < words; ++w) {
    both += bits(labels[i * words + w] & labels[j * words + w]);
    either += bits(labels[i * words + w] | labels[j * words + w]);
  }
  if (both == 0) return 0;
  return target == SupConTarget::jaccard ? static_cast<double>(both) / static_cast<double>(either) : 1;
}

template <typename T>
std::vector<T> supcon_statistics(const SupConProblem& problem, const std::vector<T>& z, int64_t begin,
                                 int64_t end) {
  constexpr T none = -std::numeric_limits<T>::infinity();
  std::vector<T> rows;
  for (int64_t i = begin; i < end; ++i) {
    if (!problem.takes_part(i)) {
      rows.insert(rows.end(), {none, none, T(0), T(0)});
      continue;
    }
    std::vector<T> others, positives;
    T weights = 0, weighted = 0;
    for (int64_t j = 0; j < problem.entries; ++j) {
      if (j == i || !problem.takes_part(j)) continue;
      const T s = similarity(problem, z, i, j);
      const T weight = T(problem.weight(i, j));
      others.push_back(s);
      if (weight > 0) positives.push_back(s);
      weights += weight;
      weighted += weight * s;
    }
    const T all = log_sum_exp(others), positive = log_sum_exp(positives);
    T loss = 0;
    if (weights > 0) loss = all - (problem.target == SupConTarget::any ? positive : weighted / weights);
    rows.insert(rows.end(), {all, positive, weights, loss});
  }
  return rows;
}

template <typename T>
SupConLoss<T> supcon_loss(const std::vector<T>& statistics) {
  SupConLoss<T> result{0, 0, 0};
  for (size_t i = 0; i + 3 < statistics.size(); i += 4) {
    if (!(statistics[i + 2] > 0)) continue;
    ++result.anchors;
    result.sum += statistics[i + 3];
  }
  if (result.anchors > 0) result.mean = result.sum / T(result.anchors);
  return result;
}

template <typename T>
std::vector<T> supcon_gradient(const SupConProblem& problem, const std::vector<T>& z, int64_t begin,
                               int64_t end, T scale) {
  const int64_t N = problem.entries, D = problem.dimensions;
  const std::vector<T> statistics = supcon_statistics(problem, z, 0, N);
  const int64_t anchors = supcon_loss(statistics).anchors;
  std::vector<T> gradient((end - begin) * D, T(0));
  if (anchors == 0) return gradient;
  // A·G_ij
  const auto coefficient = [&](int64_t i, int64_t j) -> T {
    const T* row = statistics.data() + 4 * i;
    if (!(row[2] > 0) || !problem.takes_part(j)) return T(0);
    const T s = similarity(problem, z, i, j);
    const T weight = T(problem.weight(i, j));
    T t = 0;
    if (weight > 0) t = problem.target == SupConTarget::any ? std::exp(s - row[1]) : weight / row[2];
    return std::exp(s - row[0]) - t;
  };
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t j = 0; j < N; ++j) {
      if (j == i) continue;
      const T g = (coefficient(i, j) + coefficient(j, i)) * scale / (T(anchors) * T(problem.temperature));
      for (int64_t d = 0; d < D; ++d) gradient[(i - begin) * D + d] += g * z[j * D + d];
    }
  }
  return gradient;
}

#define PCD_INSTANTIATE(T)                                                                                  \
  template std::vector<T> supcon_statistics(const SupConProblem&, const std::vector<T>&, int64_t, int64_t); \
  template SupConLoss<T> supcon_loss(const std::vector<T>&);                                                \
  template std::vector<T> supcon_gradient(const SupConProblem&, const std::vector<T>&, int64_t, int64_t, T);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
