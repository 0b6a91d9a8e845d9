// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.profile.Profile;
import org.precordia.profile.StepRange;
import org.precordia.profile.TraceEvents;
import org.precordia.profile.TraceEvents.Complete;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;

/** What a trace and a flight recording tell of a training run on the CPU. */
class ProfiledTrainingTest {
  private static final int STEPS = 8;

  @TempDir static Path folder;

  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 60);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  /** Two epochs of four steps. */
  private static void train(String run, DataPlacement placement) throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.joint(), 32, STEPS / 2, 2);
    TrainingOptions options = TrainingShard.narrow().width(32).checkpointEvery(3).build();
    try (Context context = Context.open(Backend.CPU.select())) {
      Trainer.create(context, shard, recipe, options, folder.resolve(run), TrainingListener.SILENT)
          .place(placement)
          .run();
    }
  }

  private static TraceEvents trace(String run, StepRange steps, DataPlacement placement)
      throws IOException {
    Path file = folder.resolve(run + ".json.gz");
    try (Profile.Session session = Profile.start(file, "test", steps, 0)) {
      train(run, placement);
      assertEquals(List.of(), session.notes());
    }
    return TraceEvents.read(file);
  }

  private static long nanos(List<Complete> spans) {
    return spans.stream().mapToLong(span -> span.end() - span.begin()).sum();
  }

  @Test
  void everyPhaseAndEveryOpIsThere() throws IOException {
    TraceEvents trace = trace("all", StepRange.ALL, DataPlacement.DEVICE);
    List<Complete> steps = trace.named("step");
    assertEquals(STEPS, steps.size());
    assertEquals(2, trace.named("epoch").size());
    assertEquals(2, trace.named("validation").size());
    // After step 3, within the second epoch after 6, and at each epoch's end.
    assertEquals(4, trace.named("checkpoint").size());
    for (String phase : List.of("step", "validation", "checkpoint")) {
      for (Complete span : trace.named(phase)) {
        assertTrue(trace.named("epoch").stream().anyMatch(span::inside), span::toString);
      }
    }
    assertEquals(STEPS, trace.counter("windows/s").size());
    assertTrue(trace.counters().stream().anyMatch(name -> name.startsWith("native memory")));
    assertTrue(trace.counter("Java heap").stream().allMatch(bytes -> bytes > 0));

    List<Complete> ops = trace.of("op");
    List<List<String>> each = new ArrayList<>();
    for (Complete step : steps) {
      List<Complete> inside = ops.stream().filter(op -> op.inside(step)).toList();
      each.add(inside.stream().map(Complete::name).toList());
      assertEquals(1, trace.named("graph").stream().filter(graph -> graph.inside(step)).count());
      assertTrue(nanos(inside) <= step.end() - step.begin());
    }
    // The same graph each time: all ops of the step, in its order.
    assertEquals(1, each.stream().distinct().count());
    assertEquals("step_begin", each.getFirst().getFirst());
    assertEquals("metrics", each.getFirst().getLast());
    assertTrue(each.getFirst().contains("dilated_stack_backward"));

    List<Complete> insideSteps =
        ops.stream().filter(op -> steps.stream().anyMatch(op::inside)).toList();
    double share = (double) nanos(insideSteps) / nanos(steps);
    assertTrue(share > 0.5 && share <= 1, () -> "ops take " + share + " of the steps");

    Complete stack =
        insideSteps.stream().filter(op -> op.name().startsWith("dilated")).findFirst().get();
    assertEquals("F32", stack.arguments().get("precision").textValue());
    assertTrue(stack.arguments().get("shape").textValue().matches("\\[\\d+, \\d+, 32]"));
    assertTrue(stack.arguments().get("operations").asDouble() > 1e6);
    assertTrue(stack.arguments().get("bytes").asLong() > 1000);
  }

  @Test
  void streamedWindowsShowTheirThread() throws IOException {
    TraceEvents trace = trace("streamed", StepRange.ALL, DataPlacement.HOST);
    List<Complete> steps = trace.named("step");
    String row = steps.getFirst().row();
    List<Complete> prefetched = trace.named("prefetch");
    assertTrue(prefetched.size() >= STEPS, () -> prefetched.size() + " batches");
    assertTrue(prefetched.stream().noneMatch(span -> span.row().equals(row)));
    assertEquals(
        STEPS,
        trace.named("data wait").stream()
            .filter(wait -> steps.stream().anyMatch(wait::inside))
            .count());
  }

  @Test
  void aRangeOfStepsHasTheirOpsAlone() throws IOException {
    TraceEvents trace = trace("range", new StepRange(2, 3), DataPlacement.DEVICE);
    assertEquals(
        List.of(2L, 3L),
        trace.named("step").stream().map(span -> span.arguments().get("step").asLong()).toList());
    long first = trace.named("step").getFirst().begin();
    assertEquals(2, trace.named("graph").size());
    assertTrue(trace.of("op").stream().allMatch(op -> op.begin() >= first));
    assertEquals(0, trace.named("validation").size());
  }

  @Test
  void aFlightRecordingHasTheEvents() throws IOException {
    Path file = folder.resolve("run.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("org.precordia.Op");
      recording.enable("org.precordia.NativeMemory").withPeriod(Duration.ofMillis(20));
      recording.start();
      train("recorded", DataPlacement.HOST);
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("org.precordia."))
            // A file has them by threads' buffers.
            .sorted(Comparator.comparing(RecordedEvent::getStartTime))
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
    List<RecordedEvent> steps = events.get("org.precordia.Step");
    assertEquals(STEPS, steps.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(i + 1, steps.get(i).getLong("step"));
      assertTrue(steps.get(i).getInt("windows") >= 32);
      assertTrue(steps.get(i).getDuration().isPositive());
      assertEquals("joint", steps.get(i).getString("stage"));
    }
    List<RecordedEvent> validations = events.get("org.precordia.Validation");
    assertEquals(2, validations.size());
    assertTrue(Double.isFinite(validations.getFirst().getDouble("value")));
    assertTrue(validations.getFirst().getBoolean("best"));
    assertEquals(4, events.get("org.precordia.Checkpoint").size());
    // The other waits are those of the anchor's fit and of validation.
    assertEquals(
        STEPS,
        events.get("org.precordia.DataWait").stream()
            .filter(wait -> steps.stream().anyMatch(step -> lies(wait, step)))
            .count());
    List<RecordedEvent> memory = events.get("org.precordia.NativeMemory");
    assertTrue(memory.stream().anyMatch(event -> event.getLong("inUse") > 1 << 20));
    assertTrue(memory.stream().allMatch(event -> event.getLong("peak") >= event.getLong("inUse")));
    List<RecordedEvent> ops = events.get("org.precordia.Op");
    assertTrue(ops.stream().filter(op -> op.getString("kind").equals("graph")).count() >= STEPS);
    RecordedEvent stack =
        ops.stream()
            .filter(op -> op.getString("name").equals("dilated_stack_backward"))
            .findFirst()
            .get();
    assertTrue(stack.getDuration("elapsed").isPositive());
    assertTrue(stack.getLong("bytes") > 0 && stack.getDouble("operations") > 0);
  }

  private static boolean lies(RecordedEvent inner, RecordedEvent outer) {
    return !inner.getStartTime().isBefore(outer.getStartTime())
        && !inner.getEndTime().isAfter(outer.getEndTime());
  }

  @Test
  void opsAreLeftOutOfARecordingThatDoesNotAskForThem() throws IOException {
    Path file = folder.resolve("plain.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      train("plain", DataPlacement.DEVICE);
      assertFalse(Profile.wantsCalls());
      recording.stop();
      recording.dump(file);
    }
    List<String> names =
        RecordingFile.readAllEvents(file).stream().map(e -> e.getEventType().getName()).toList();
    assertTrue(names.contains("org.precordia.Step"), "events are on by default");
    assertFalse(names.contains("org.precordia.Op"));
  }
}
