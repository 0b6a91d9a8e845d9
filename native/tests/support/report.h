// SPDX-License-Identifier: Apache-2.0
//
// The table of largest errors of a test program: printed at its end, and appended as CSV to the file that the
// environment variable PCD_TEST_REPORT names (one write, so that programs may run side by side).
#ifndef PCD_TESTS_SUPPORT_REPORT_H
#define PCD_TESTS_SUPPORT_REPORT_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>

#include "support/compare.h"
#include "support/expect.h"

namespace pcd::test {

class Report {
 public:
  void add(const std::string& target, const std::string& dtype, const std::string& op, const Output& output,
           double error, double bound, const std::string& where) {
    const char* kinds[] = {"value", "gradient", "exact"};
    Row& row = rows_[{target, dtype, op, output.name, kinds[static_cast<int>(output.kind)]}];
    ++row.cases;
    if (row.where.empty() || error > row.error) row.error = error, row.bound = bound, row.where = where;
  }

  void print() const {
    if (rows_.empty()) return;
    std::printf("%-14s %-5s %-20s %-18s %-8s %10s %10s %6s  %s\n", "target", "type", "op", "tensor", "kind",
                "max error", "bound", "cases", "at");
    for (const auto& [key, row] : rows_) {
      const auto& [target, dtype, op, tensor, kind] = key;
      std::printf("%-14s %-5s %-20s %-18s %-8s %10.2e %10.2e %6d  %s\n", target.c_str(), dtype.c_str(),
                  op.c_str(), tensor.c_str(), kind.c_str(), row.error, row.bound, row.cases,
                  row.where.c_str());
    }
    print_largest_gradient();
    append();
  }

 private:
  struct Row {
    double error = 0, bound = 0;
    int cases = 0;
    std::string where;
  };
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;

  void print_largest_gradient() const {
    const std::pair<const Key, Row>* largest = nullptr;
    for (const auto& entry : rows_) {
      if (std::get<4>(entry.first) == "gradient" &&
          (largest == nullptr || entry.second.error > largest->second.error)) {
        largest = &entry;
      }
    }
    if (largest == nullptr) return;
    const auto& [target, dtype, op, tensor, kind] = largest->first;
    std::printf("largest relative gradient error of %s: %.2e (%s, %s %s, bound %.2e)\n", op.c_str(),
                largest->second.error, tensor.c_str(), target.c_str(), dtype.c_str(), largest->second.bound);
  }

  void append() const {
    const char* path = std::getenv("PCD_TEST_REPORT");
    if (path == nullptr || *path == 0) return;
    const int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) {
      fail(std::string("PCD_TEST_REPORT: cannot write ") + path);
      return;
    }
    struct stat status{};
    std::string text;
    if (fstat(file, &status) == 0 && status.st_size == 0) {
      text = "target,dtype,op,tensor,kind,max_relative_error,bound,cases,at\n";
    }
    for (const auto& [key, row] : rows_) {
      const auto& [target, dtype, op, tensor, kind] = key;
      char figures[96];
      std::snprintf(figures, sizeof figures, "%.3e,%.3e,%d", row.error, row.bound, row.cases);
      text += target + "," + dtype + "," + op + "," + tensor + "," + kind + "," + figures + ",\"" +
              row.where + "\"\n";
    }
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      fail(std::string("PCD_TEST_REPORT: short write to ") + path);
    }
    close(file);
  }

  std::map<Key, Row> rows_;
};

}  // namespace pcd::test

#endif
