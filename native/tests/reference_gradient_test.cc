// SPDX-License-Identifier: Apache-2.0
//
// The gradients of the reference against central finite differences in fp64, for every differentiable op.
#include "reference/classifier.h"
#include "reference/convolution.h"
#include "reference/dilated_stack.h"
#include "reference/film.h"
#include "reference/head.h"
#include "reference/lstm.h"
#include "reference/pool_project.h"
#include "reference/reconstruction_loss.h"
#include "reference/stem.h"
#include "support/finite_difference.h"
#include "support/random.h"

namespace {

using namespace pcd::reference;
using pcd::test::dot;
using pcd::test::expect_gradient;
using pcd::test::Random;
using Values = std::vector<double>;

void stem() {
  Random random(1);
  for (int64_t length : {1, 4, 19}) {
    const StemShape shape{2, length, 3, 5};
    const Values input = random.normals<double>(2 * length * 3);
    const Values parameters = random.normals<double>(shape.parameters());
    const Values output_grad = random.normals<double>(2 * length * 5);
    expect_gradient("stem parameters, L = " + std::to_string(length), parameters,
                    stem_backward(shape, input, output_grad),
                    [&](const Values& p) { return dot(stem_forward(shape, input, p), output_grad); });
  }
}

void dilated_stack() {
  Random random(2);
  for (int64_t length : {1, 2, 13}) {
    const DilatedStackShape shape{2, length, 6, {1, 2, 32, 4}};
    const Values input = random.normals<double>(shape.elements());
    const Values parameters = random.normals<double>(shape.parameters(), 0.5);
    const Values output_grad = random.normals<double>(shape.elements());
    const auto gradients = dilated_stack_backward(shape, input, parameters, output_grad);
    const std::string name = ", L = " + std::to_string(length);
    expect_gradient("dilated_stack input" + name, input, gradients.input, [&](const Values& x) {
      return dot(dilated_stack_forward(shape, x, parameters), output_grad);
    });
    expect_gradient(
        "dilated_stack parameters" + name, parameters, gradients.parameters,
        [&](const Values& p) { return dot(dilated_stack_forward(shape, input, p), output_grad); });
  }
}

void pool_project() {
  Random random(3);
  const PoolProjectShape shape{3, 5, 7, 4};
  const Values input = random.normals<double>(3 * 5 * 7);
  const Values parameters = random.normals<double>(shape.parameters());
  const Values h_grad = random.normals<double>(3 * 7), z_grad = random.normals<double>(3 * 4);
  for (bool with_h : {true, false}) {
    for (bool with_z : {true, false}) {
      const auto value = [&](const Values& x, const Values& p) {
        const auto output = pool_project_forward(shape, x, p);
        return (with_h ? dot(output.h, h_grad) : 0) + (with_z ? dot(output.z, z_grad) : 0);
      };
      const auto gradients = pool_project_backward(shape, input, parameters, with_h ? h_grad : Values{},
                                                   with_z ? z_grad : Values{});
      const std::string name =
          std::string(with_h ? " with" : " without") + " dh," + (with_z ? " with" : " without") + " dz";
      expect_gradient("pool_project input" + name, input, gradients.input,
                      [&](const Values& x) { return value(x, parameters); });
      expect_gradient("pool_project parameters" + name, parameters, gradients.parameters,
                      [&](const Values& p) { return value(input, p); });
    }
  }
  // Below the floor of the norm z = p / 1e-12 is linear in p.
  Values tiny = parameters;
  const size_t projection = 2 * 7 + 7 * 7 + 7;
  for (size_t i = projection; i < tiny.size(); ++i) tiny[i] *= 1e-15;
  const auto gradients = pool_project_backward(shape, input, tiny, {}, z_grad);
  const auto value = [&](const Values& x) { return dot(pool_project_forward(shape, x, tiny).z, z_grad); };
  expect_gradient("pool_project input below the norm's floor", input, gradients.input, value);
}

void film() {
  Random random(4);
  const FilmShape shape{3, 5, 6};
  const Values input = random.normals<double>(3 * 5 * 6), h = random.normals<double>(3 * 6);
  const Values parameters = random.normals<double>(shape.parameters()),
               output_grad = random.normals<double>(3 * 5 * 6);
  const auto gradients = film_backward(shape, input, h, parameters, output_grad);
  expect_gradient("film input", input, gradients.input,
                  [&](const Values& x) { return dot(film_forward(shape, x, h, parameters), output_grad); });
  expect_gradient("film h", h, gradients.h, [&](const Values& x) {
    return dot(film_forward(shape, input, x, parameters), output_grad);
  });
  expect_gradient("film parameters", parameters, gradients.parameters,
                  [&](const Values& p) { return dot(film_forward(shape, input, h, p), output_grad); });
}

void head() {
  Random random(5);
  const HeadShape shape{2, 7, 6, 5, 3};
  const Values input = random.normals<double>(2 * 7 * 6), signal = random.normals<double>(2 * 7 * 3);
  const Values parameters = random.normals<double>(shape.parameters()),
               anchor = random.normals<double>(shape.anchor());
  const Values output_grad = random.normals<double>(2 * 7 * 5);
  const auto gradients = head_backward(shape, input, parameters, output_grad);
  expect_gradient("head input", input, gradients.input, [&](const Values& x) {
    return dot(head_forward(shape, x, signal, parameters, anchor), output_grad);
  });
  expect_gradient("head parameters", parameters, gradients.parameters, [&](const Values& p) {
    return dot(head_forward(shape, input, signal, p, anchor), output_grad);
  });
}

void reconstruction() {
  Random random(6);
  const ReconstructionShape shape{2, 9, 4};
  const Values target = random.normals<double>(2 * 9 * 4);
  Values prediction = target;  // errors stay away from 0, where |e| has no derivative
  for (double& p : prediction) p += (random.uniform() < 0.5 ? -1 : 1) * (0.1 + random.uniform());
  const auto result = reconstruction_loss(shape, prediction, target, 0.8, 0.2, 1.7);
  expect_gradient("reconstruction_loss prediction", prediction, result.prediction_grad, [&](const Values& p) {
    return 1.7 * reconstruction_loss(shape, p, target, 0.8, 0.2, 1.0).loss;
  });
  const auto equal = reconstruction_loss(shape, target, target, 0.8, 0.2, 1.0);
  for (double g : equal.prediction_grad) pcd::test::expect(g == 0, "derivative of |0| is not 0");
}

void classifier() {
  Random random(7);
  const ClassifierShape shape{4, 6, 70};
  const Values h = random.normals<double>(4 * 6), parameters = random.normals<double>(shape.parameters());
  std::vector<uint64_t> masks(4 * 2);
  for (uint64_t& mask : masks) mask = random.word() & random.word();
  const auto gradients =
      classifier_backward(shape, h, parameters, classifier_logits(shape, h, parameters), masks, 2, 0.3);
  expect_gradient("classifier h", h, gradients.h, [&](const Values& x) {
    return 0.3 * classifier_loss(shape, classifier_logits(shape, x, parameters), masks, 2);
  });
  expect_gradient("classifier parameters", parameters, gradients.parameters, [&](const Values& p) {
    return 0.3 * classifier_loss(shape, classifier_logits(shape, h, p), masks, 2);
  });
}

void convolution() {
  Random random(8);
  const ConvolutionShape shapes[] = {{2, 11, 5, 3, 4, 4, 2, 1, false}, {2, 7, 7, 2, 3, 1, 1, 0, false},
                                     {2, 9, 2, 3, 2, 5, 5, 2, false},  {2, 5, 11, 4, 3, 4, 2, 1, true},
                                     {2, 3, 10, 2, 3, 5, 3, 1, true}};
  for (const ConvolutionShape& shape : shapes) {
    const Values input = random.normals<double>(shape.batch * shape.length * shape.inputs);
    const Values parameters = random.normals<double>(shape.parameters());
    const Values addend = random.normals<double>(shape.batch * shape.made * shape.outputs);
    const Values output_grad = random.normals<double>(shape.batch * shape.made * shape.outputs);
    const auto gradients = convolution_backward(shape, input, parameters, output_grad);
    const std::string name = std::string(shape.transposed ? ", transposed" : "") + ", taps " +
                             std::to_string(shape.taps) + " stride " + std::to_string(shape.stride);
    const auto value = [&](const Values& x, const Values& p, const Values& a) {
      return dot(convolution_forward(shape, x, p, a), output_grad);
    };
    expect_gradient("convolution input" + name, input, gradients.input,
                    [&](const Values& x) { return value(x, parameters, addend); });
    expect_gradient("convolution parameters" + name, parameters, gradients.parameters,
                    [&](const Values& p) { return value(input, p, addend); });
    expect_gradient("convolution addend" + name, addend, output_grad,
                    [&](const Values& a) { return value(input, parameters, a); });
  }
}

void lstm() {
  Random random(9);
  for (int64_t directions : {1, 2}) {
    const LstmShape shape{2, 5, 3, 4, directions};
    const Values input = random.normals<double>(2 * 5 * 3);
    const Values parameters = random.normals<double>(shape.parameters(), 0.5);
    const Values output_grad = random.normals<double>(2 * 5 * directions * 4);
    const auto gradients = lstm_backward(shape, input, parameters, output_grad);
    const std::string name = ", directions " + std::to_string(directions);
    expect_gradient("lstm input" + name, input, gradients.input, [&](const Values& x) {
      return dot(lstm_forward(shape, x, parameters), output_grad);
    });
    expect_gradient("lstm parameters" + name, parameters, gradients.parameters, [&](const Values& p) {
      return dot(lstm_forward(shape, input, p), output_grad);
    });
  }
}

}  // namespace

int main() {
  stem();
  dilated_stack();
  pool_project();
  film();
  head();
  reconstruction();
  classifier();
  convolution();
  lstm();
  return pcd::test::verdict();
}
