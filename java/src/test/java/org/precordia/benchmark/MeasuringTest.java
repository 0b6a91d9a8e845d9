// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.model.Precision;

/** What measuring rests on: warm-up, roofline, grids, goals, and what a machine tells. */
class MeasuringTest {
  @TempDir Path folder;

  @Test
  void passesAreSteadyWhenMediansAgree() {
    WarmUp warmUp = new WarmUp();
    for (double time : new double[] {9, 8, 7, 5, 4, 3, 2, 1.5, 1.2}) {
      warmUp.pass(time);
      assertFalse(warmUp.steady());
    }
    // One outlier in a group does not matter.
    for (double time : new double[] {1, 5, 1, 1.01, 1.02, 1, 1, 1.02, 9}) {
      warmUp.pass(time);
    }
    assertTrue(warmUp.steady());
  }

  @Test
  void theRidgeDividesMemoryFromCompute() {
    Roofline roofline = new Roofline(400, 40);
    assertEquals(10, roofline.ridge());
    Measurement stack = rates(roofline, new Cost(2e9, 1e8), 10);
    assertEquals("compute", stack.text("bound"));
    assertEquals(200, stack.value());
    assertEquals(Measurement.GFLOPS, stack.unit());
    assertEquals(50, stack.number("percent_of_ceiling"));
    Measurement film = rates(roofline, new Cost(1e8, 1e8), 5);
    assertEquals("memory", film.text("bound"));
    assertEquals(20, film.value());
    assertEquals(50, film.number("percent_of_ceiling"));
    Measurement copy = rates(roofline, Cost.moved(4e7), 1);
    assertEquals(100, copy.number("percent_of_ceiling"));
    assertFalse(copy.json().has("gflops"));
  }

  private static Measurement rates(Roofline roofline, Cost cost, double milliseconds) {
    BenchmarkCase id =
        new StepPoint(64, 1, 256, 0, Precision.FP32).of("kernels", "op", Map.of(), 0);
    return roofline.rates(Measurement.of(id), cost, milliseconds).build();
  }

  @Test
  void aGridIsAllCombinations() {
    ShapeGrid grid = ShapeGrid.parse("B=1,2;C=8,16,24");
    assertEquals(2 * 3 * 2, grid.shapes().size(), "N keeps its two defaults");
    assertTrue(grid.shapes().contains(new Shape(2, 256, 24, 512)));
    assertTrue(grid.shapes().stream().allMatch(shape -> shape.length() == 256));
    for (String bad : List.of("", "B", "B=", "B=0", "B=-1", "Q=3", "C=12", "B=9999999999", "b=1")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> ShapeGrid.parse(bad), bad);
      assertFalse(refused.getMessage().isEmpty());
    }
  }

  @Test
  void aGoalIsReachedFromItsOwnSide() {
    assertTrue(Goal.parse("pearson=0.9").reached(0.91));
    assertFalse(Goal.parse("Pearson=.9").reached(0.89));
    assertTrue(Goal.parse("rmse=0.05").reached(0.049));
    assertFalse(Goal.parse("rmse=0.05").reached(0.051));
    assertFalse(Goal.parse("pearson=0.9").reached(Double.NaN));
    for (String bad : List.of("", "pearson", "mae=1", "pearson=", "pearson=x", "rmse=-1")) {
      assertThrows(IllegalArgumentException.class, () -> Goal.parse(bad), bad);
    }
  }

  @Test
  void aSeriesChangesOneSize() {
    StepPoint point = new StepPoint(64, 128, 256, 0, Precision.BF16);
    List<StepPoint> widths = StepPoint.Scaling.WIDTH.through(point, List.of(), 2);
    assertEquals(List.of(64, 128, 256), widths.stream().map(StepPoint::width).toList());
    assertTrue(widths.stream().allMatch(each -> each.batch() == 128));
    assertEquals(
        List.of(1, 2, 4, 6),
        StepPoint.Scaling.THREADS.through(point, List.of(), 6).stream()
            .map(StepPoint.Scaling.THREADS::of)
            .toList());
    assertEquals(
        List.of(3, 5),
        StepPoint.Scaling.BATCH.through(point, List.of(3, 5), 2).stream()
            .map(StepPoint::batch)
            .toList());
  }

  @Test
  void whatLinuxTellsIsRead() throws Exception {
    write(
        "proc/cpuinfo",
        "model name\t: A Processor\n"
            + "cpu MHz\t: 2300.5\n"
            + "flags\t: sse2 avx2 avx512f fma\n"
            + "cpu MHz\t: 2400.5\n");
    write("proc/meminfo", "MemTotal:       1024 kB\nMemFree: 1 kB\n");
    write("proc/loadavg", "1.50 2.00 3.00 1/200 3\n");
    write("proc/self/status", "Name:\tjava\nVmHWM:\t     2048 kB\n");
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    write("sys/devices/system/cpu/cpu0/cache/index0/size", "48K\n");
    write("sys/devices/system/cpu/cpu0/cache/index3/size", "32768K\n");
    Machine machine = new Machine(folder);
    assertEquals("A Processor", machine.processor().orElseThrow());
    assertEquals(List.of("avx2", "avx512f", "fma"), machine.flags());
    assertEquals(2400.5, machine.megahertz().orElseThrow());
    assertEquals(1.5, machine.load().orElseThrow());
    assertEquals(1L << 20, machine.memory().orElseThrow());
    assertEquals(2L << 20, machine.peakResident().orElseThrow());
    assertEquals(32L << 20, machine.lastLevelCache().orElseThrow());
    assertEquals("performance", machine.governor().orElseThrow());
  }

  @Test
  void aMachineThatTellsNothingIsNoFault() {
    Machine machine = new Machine(folder.resolve("nothing"));
    assertTrue(machine.processor().isEmpty() && machine.governor().isEmpty());
    assertEquals(OptionalLong.empty(), machine.lastLevelCache());
    assertEquals(OptionalDouble.empty(), machine.load());
    assertEquals(List.of(), machine.flags());
    assertEquals(OptionalDouble.empty(), new Energy(folder.resolve("nothing")).joules());
  }

  @Test
  void energyIsThatOfPackagesAndItsCountersMayBeginAnew() throws Exception {
    write("intel-rapl:0/energy_uj", "900000\n");
    write("intel-rapl:0/max_energy_range_uj", "1000000\n");
    write("intel-rapl:1/energy_uj", "0\n");
    write("intel-rapl:1/max_energy_range_uj", "1000000\n");
    write("intel-rapl:0:0/energy_uj", "5\n");
    Energy energy = new Energy(folder);
    write("intel-rapl:0/energy_uj", "400000\n");
    write("intel-rapl:1/energy_uj", "250000\n");
    write("intel-rapl:0:0/energy_uj", "999\n");
    assertEquals(0.75, energy.joules().orElseThrow(), 1e-12);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
