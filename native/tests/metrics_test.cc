// SPDX-License-Identifier: Apache-2.0
//
// metrics on every backend: rows around the ring, with any of the losses absent.
#include "reference/metrics.h"

#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int kCapacity = 5;

Outputs outputs_of(const std::vector<pcd_metrics_row>& ring) {
  Output loss{"loss", {}}, exact{"other fields", {}, Kind::exact};
  for (pcd_metrics_row row : ring) {
    loss.values.push_back(row.loss);
    row.loss = 0;
    for (uint8_t byte : as_bytes(row)) exact.values.push_back(byte);
  }
  return {loss, exact};
}

pcd_step_state state_of(uint64_t step) {
  pcd_step_state state{};
  state.step = step;
  state.rate = 1e-3f * static_cast<float>(step);
  state.weight_reconstruction = 0.9f;
  state.weight_contrastive = 0.01f;
  state.weight_classifier = 0.02f;
  state.gradient_norm = 0.5f + static_cast<float>(step);
  state.anchors = static_cast<int32_t>(100 + step);
  state.non_finite = static_cast<int32_t>(step / 2);
  return state;
}

}  // namespace

int main() {
  Suite suite("metrics");
  for (int present = 0; present < 8; ++present) {
    const std::vector<float> reconstruction =
        (present & 1) != 0 ? std::vector<float>{0.5f, 0.55f, 0.3f} : std::vector<float>{};
    const std::vector<float> contrastive =
        (present & 2) != 0 ? std::vector<float>{6.5f, 325.0f, 100.0f} : std::vector<float>{};
    const std::vector<float> classifier =
        (present & 4) != 0 ? std::vector<float>{0.7f} : std::vector<float>{};
    const auto run = [&](Device& device) {
      auto desc = descriptor<pcd_metrics_desc>();
      if (!reconstruction.empty()) desc.reconstruction = device.input(reconstruction, {3});
      if (!contrastive.empty()) desc.contrastive = device.input(contrastive, {3});
      if (!classifier.empty()) desc.classifier = device.input(classifier, {1});
      desc.ring = device.output({kCapacity, sizeof(pcd_metrics_row)}, PCD_DTYPE_U8);
      for (uint64_t step = 1; step <= 7; ++step) {  // two rows are overwritten
        desc.state = device.input(as_bytes(state_of(step)), {sizeof(pcd_step_state)});
        device.call(pcd_metrics, desc);
      }
      const std::vector<uint8_t> raw = device.read_bytes(desc.ring);
      std::vector<pcd_metrics_row> ring(kCapacity);
      std::memcpy(ring.data(), raw.data(), raw.size());
      return outputs_of(ring);
    };
    std::vector<pcd_metrics_row> ring(kCapacity);
    for (uint64_t step = 1; step <= 7; ++step) {
      ring[(step - 1) % kCapacity] =
          reference::metrics_row(state_of(step), reconstruction, contrastive, classifier);
    }
    suite.check_outputs("losses present " + std::to_string(present), run, outputs_of(ring), outputs_of(ring),
                        kSingle);
  }
  return suite.finish();
}
