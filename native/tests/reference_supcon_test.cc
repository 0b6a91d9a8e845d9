// SPDX-License-Identifier: Apache-2.0
//
// The SupCon reference: finite differences for the three targets, and the identities of the loss.
#include <algorithm>
#include <numeric>

#include "reference/supcon.h"
#include "support/finite_difference.h"
#include "support/random.h"

namespace {

using namespace pcd::reference;
using pcd::test::dot;
using pcd::test::expect;
using pcd::test::expect_gradient;
using pcd::test::expect_near;
using pcd::test::Random;
using Values = std::vector<double>;

const std::pair<SupConTarget, const char*> kTargets[] = {
    {SupConTarget::any, "any"}, {SupConTarget::out, "out"}, {SupConTarget::jaccard, "jaccard"}};

Values unit_rows(Random& random, int64_t rows, int64_t dimensions) {
  Values z = random.normals<double>(rows * dimensions);
  for (int64_t i = 0; i < rows; ++i) {
    double square = 0;
    for (int64_t d = 0; d < dimensions; ++d) square += z[i * dimensions + d] * z[i * dimensions + d];
    for (int64_t d = 0; d < dimensions; ++d) z[i * dimensions + d] /= std::sqrt(square);
  }
  return z;
}

// Every entry has a few of 90 labels; every fifth has none.
std::vector<uint64_t> sparse_masks(Random& random, int64_t rows) {
  std::vector<uint64_t> masks(rows * 2, 0);
  for (int64_t i = 0; i < rows; ++i) {
    if (i % 5 == 4) continue;
    for (int k = 0; k < 3; ++k) {
      const int64_t label = random.below(12) * 8;
      masks[i * 2 + label / 64] |= uint64_t{1} << (label % 64);
    }
  }
  return masks;
}

double mean_loss(const SupConProblem& problem, const Values& z) {
  return supcon_loss(supcon_statistics(problem, z, 0, problem.entries)).mean;
}

void gradients() {
  Random random(11);
  for (const auto& [target, name] : kTargets) {
    for (bool views_only : {false, true}) {
      SupConProblem problem{17, 5, target, 0.2, views_only, 2, sparse_masks(random, 17), {}};
      for (int32_t i = 0; i < 17; ++i) problem.groups.push_back(i / 2);
      const Values z = unit_rows(random, 17, 5);
      const Values gradient = supcon_gradient(problem, z, 0, 17, 1.0);
      const std::string what = std::string("supcon z, ") + name + (views_only ? ", views only" : "");
      expect_gradient(what, z, gradient, [&](const Values& x) { return mean_loss(problem, x); });
      // Rows owned by several ranks make up the whole.
      Values parts;
      for (int64_t begin : {0, 4, 11}) {
        const int64_t end = begin == 0 ? 4 : begin == 4 ? 11 : 17;
        const Values part = supcon_gradient(problem, z, begin, end, 1.0);
        parts.insert(parts.end(), part.begin(), part.end());
      }
      expect(parts == gradient, what + ": gradients of row ranges are not those of the whole");
    }
  }
}

// Rotating every z at once changes no similarity, so Σ_i dL/dz_i ⊗ z_i is symmetric.
void rotation_invariance() {
  Random random(12);
  for (const auto& [target, name] : kTargets) {
    const SupConProblem problem{20, 4, target, 0.07, false, 2, sparse_masks(random, 20), {}};
    const Values z = unit_rows(random, 20, 4), g = supcon_gradient(problem, z, 0, 20, 1.0);
    for (int a = 0; a < 4; ++a) {
      for (int b = 0; b < a; ++b) {
        double difference = 0;
        for (int i = 0; i < 20; ++i) difference += g[i * 4 + a] * z[i * 4 + b] - g[i * 4 + b] * z[i * 4 + a];
        expect_near(difference, 0, 1e-12, std::string("gradient along a rotation, ") + name);
      }
    }
  }
}

void permutation_invariance() {
  Random random(13);
  for (const auto& [target, name] : kTargets) {
    const SupConProblem problem{15, 6, target, 0.07, false, 2, sparse_masks(random, 15), {}};
    const Values z = unit_rows(random, 15, 6), g = supcon_gradient(problem, z, 0, 15, 1.0);
    std::vector<int64_t> order(15);
    std::iota(order.begin(), order.end(), 0);
    for (size_t i = 14; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
    SupConProblem shuffled = problem;
    Values moved(z.size());
    for (int64_t i = 0; i < 15; ++i) {
      for (int64_t w = 0; w < 2; ++w) shuffled.labels[i * 2 + w] = problem.labels[order[i] * 2 + w];
      for (int64_t d = 0; d < 6; ++d) moved[i * 6 + d] = z[order[i] * 6 + d];
    }
    expect_near(mean_loss(shuffled, moved), mean_loss(problem, z), 1e-13,
                std::string("permuted loss, ") + name);
    const Values shuffled_g = supcon_gradient(shuffled, moved, 0, 15, 1.0);
    for (int64_t i = 0; i < 15; ++i) {
      for (int64_t d = 0; d < 6; ++d) {
        expect_near(shuffled_g[i * 6 + d], g[order[i] * 6 + d], 1e-12,
                    std::string("permuted gradient, ") + name);
      }
    }
  }
}

void without_anchors() {
  Random random(14);
  const Values z = unit_rows(random, 6, 4);
  for (const auto& [target, name] : kTargets) {
    // No two share a label; no labels at all; one entry alone.
    const SupConProblem disjoint{6, 4, target, 0.07, false, 1, {1, 2, 4, 8, 16, 32}, {}};
    const SupConProblem unlabelled{6, 4, target, 0.07, false, 1, {0, 0, 0, 0, 0, 0}, {0, 0, 1, 1, 2, 2}};
    const SupConProblem alone{1, 4, target, 0.07, false, 1, {1}, {}};
    for (const SupConProblem* problem : {&disjoint, &unlabelled, &alone}) {
      const auto loss = supcon_loss(supcon_statistics(*problem, z, 0, problem->entries));
      expect(loss.mean == 0 && loss.sum == 0 && loss.anchors == 0,
             std::string("loss without anchors, ") + name);
      for (double g : supcon_gradient(*problem, z, 0, problem->entries, 1.0)) {
        expect(g == 0, std::string("gradient without anchors, ") + name);
      }
    }
  }
}

// With one positive each, the three targets are one loss; with identical label sets Jaccard is `out`.
void targets_agree() {
  Random random(15);
  const Values z = unit_rows(random, 12, 5);
  SupConProblem pairs{12, 5, SupConTarget::any, 0.07, false, 1, {}, {}};
  for (int i = 0; i < 12; ++i) pairs.labels.push_back(uint64_t{1} << (i / 2));
  SupConProblem pairs_out = pairs, pairs_jaccard = pairs;
  pairs_out.target = SupConTarget::out;
  pairs_jaccard.target = SupConTarget::jaccard;
  expect_near(mean_loss(pairs_out, z), mean_loss(pairs, z), 1e-13, "out = any with one positive");
  expect_near(mean_loss(pairs_jaccard, z), mean_loss(pairs, z), 1e-13, "jaccard = any with one positive");
  const Values any = supcon_gradient(pairs, z, 0, 12, 1.0), out = supcon_gradient(pairs_out, z, 0, 12, 1.0);
  for (size_t i = 0; i < any.size(); ++i)
    expect_near(out[i], any[i], 1e-12, "gradient: out = any with one positive");

  SupConProblem classes{12, 5, SupConTarget::out, 0.07, false, 1, {}, {}};
  for (int i = 0; i < 12; ++i) classes.labels.push_back(uint64_t{5} << (i % 3 * 4));
  SupConProblem classes_jaccard = classes;
  classes_jaccard.target = SupConTarget::jaccard;
  expect_near(mean_loss(classes_jaccard, z), mean_loss(classes, z), 1e-13,
              "jaccard = out with equal label sets");
  // `any` never exceeds `out`: the logarithm of a mean against the mean of logarithms, up to log |P|.
  SupConProblem classes_any = classes;
  classes_any.target = SupConTarget::any;
  expect(mean_loss(classes_any, z) + std::log(3.0) <= mean_loss(classes, z) + 1e-12,
         "Jensen between any and out");
}

// All positives: `any` is 0. All embeddings equal: `out` is log(N - 1), `any` log((N - 1)/|P|).
void closed_forms() {
  Random random(16);
  const Values z = unit_rows(random, 8, 3);
  const SupConProblem same{8, 3, SupConTarget::any, 0.07, false, 1, std::vector<uint64_t>(8, 4), {}};
  expect_near(mean_loss(same, z), 0, 1e-12, "any with every pair positive");
  Values equal;
  for (int i = 0; i < 8; ++i) equal.insert(equal.end(), {0.6, 0.8, 0.0});
  SupConProblem halves{8, 3, SupConTarget::out, 0.07, false, 1, {1, 1, 1, 1, 2, 2, 2, 2}, {}};
  expect_near(mean_loss(halves, equal), std::log(7.0), 1e-12, "out of equal embeddings");
  halves.target = SupConTarget::any;
  expect_near(mean_loss(halves, equal), std::log(7.0 / 3.0), 1e-12, "any of equal embeddings");
}

// Unlabelled entries take no part: taking them away changes nothing.
void unlabelled_entries() {
  Random random(17);
  for (const auto& [target, name] : kTargets) {
    const SupConProblem problem{20, 4, target, 0.07, false, 2, sparse_masks(random, 20), {}};
    const Values z = unit_rows(random, 20, 4), g = supcon_gradient(problem, z, 0, 20, 1.0);
    SupConProblem kept{0, 4, target, 0.07, false, 2, {}, {}};
    Values kept_z, kept_g;
    for (int64_t i = 0; i < 20; ++i) {
      if (!problem.takes_part(i)) continue;
      ++kept.entries;
      kept.labels.insert(kept.labels.end(), problem.labels.begin() + i * 2,
                         problem.labels.begin() + i * 2 + 2);
      kept_z.insert(kept_z.end(), z.begin() + i * 4, z.begin() + i * 4 + 4);
      kept_g.insert(kept_g.end(), g.begin() + i * 4, g.begin() + i * 4 + 4);
    }
    expect_near(mean_loss(kept, kept_z), mean_loss(problem, z), 1e-13,
                std::string("unlabelled left out, ") + name);
    const Values direct = supcon_gradient(kept, kept_z, 0, kept.entries, 1.0);
    for (size_t i = 0; i < direct.size(); ++i) {
      expect_near(direct[i], kept_g[i], 1e-13, std::string("gradient, unlabelled left out, ") + name);
    }
  }
}

}  // namespace

int main() {
  gradients();
  rotation_invariance();
  permutation_invariance();
  without_anchors();
  targets_agree();
  closed_forms();
  unlabelled_entries();
  return pcd::test::verdict();
}
