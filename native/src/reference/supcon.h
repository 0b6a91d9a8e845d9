// SPDX-License-Identifier: Apache-2.0
//
// Reference of the supervised contrastive loss (Khosla et al. 2020; three targets, docs/model.md section 3),
// with the N×N matrix written out.
#ifndef PCD_REFERENCE_SUPCON_H
#define PCD_REFERENCE_SUPCON_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

enum class SupConTarget { any, out, jaccard };

struct SupConProblem {
  int64_t entries, dimensions;
  SupConTarget target = SupConTarget::any;
  double temperature = 0.07;
  bool views_only = false;  // the group alone makes a positive, empty masks take part
  int64_t words = 0;
  std::vector<uint64_t> labels;  // [N, W]
  std::vector<int32_t> groups;   // [N], or empty

  bool takes_part(int64_t i) const;
  // Weight of j as a positive of i before normalisation: 1, a Jaccard index, or 0 when it is none.
  double weight(int64_t i, int64_t j) const;
};

// Of rows [begin, end), [end - begin, 4]: logsumexp over the others, over the positives, Σ weights, loss.
template <typename T>
std::vector<T> supcon_statistics(const SupConProblem& problem, const std::vector<T>& z, int64_t begin,
                                 int64_t end);

template <typename T>
struct SupConLoss {
  T mean, sum;  // over the rows' anchors; 0 without one
  int64_t anchors;
};

// From the statistics of some rows.
template <typename T>
SupConLoss<T> supcon_loss(const std::vector<T>& statistics);

// scale · dL/dz of rows [begin, end), L the mean over the anchors among all N.
template <typename T>
std::vector<T> supcon_gradient(const SupConProblem& problem, const std::vector<T>& z, int64_t begin,
                               int64_t end, T scale);

}  // namespace pcd::reference

#endif
