// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trace file itself, without a native library. */
class ProfileTest {
  @TempDir Path folder;

  @Test
  void nothingIsRecordedWhenNothingIsAskedFor() {
    assertFalse(Profile.recording());
    try (PhaseSpan _ = new PhaseSpan("work", "nobody listens")) {
      Profile.counter("figure", 1);
    }
    assertFalse(Profile.wantsCalls());
  }

  @Test
  void spansOfSeveralThreadsNestOnRowsOfTheirOwn() throws Exception {
    Path file = folder.resolve("trace.json");
    try (Profile.Session session = Profile.start(file, "test", StepRange.ALL, 0)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(Thread.ofPlatform().name("worker-" + i).start(ProfileTest::nested));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertTrue(Profile.recording());
      assertFalse(Files.exists(file), "it has its name once it is whole");
      assertEquals(file, session.file());
    }
    assertFalse(Profile.recording());
    TraceEvents trace = TraceEvents.read(file);
    assertEquals(400, trace.named("outer").size());
    assertEquals(400, trace.named("inner").size());
    assertEquals(
        4, trace.named("outer").stream().map(TraceEvents.Complete::row).distinct().count());
    for (TraceEvents.Complete inner : trace.named("inner")) {
      assertTrue(trace.named("outer").stream().anyMatch(inner::inside));
    }
    assertFalse(Files.exists(folder.resolve("trace.json.part")));
  }

  private static void nested() {
    for (int i = 0; i < 100; i++) {
      try (PhaseSpan _ = new PhaseSpan("outer", i);
          PhaseSpan _ = new PhaseSpan("inner", i)) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void textOfAnyKindSurvives() throws IOException {
    String text = "a \"quote\", a \\, a\nline, µV, 心電図, \u0000";
    Path file = folder.resolve("folder/trace.json.gz");
    try (Profile.Session session = Profile.start(file, text, StepRange.ALL, 0);
        PhaseSpan _ = new PhaseSpan("work", text)) {
      Profile.note(text);
      Profile.note(text);
      Profile.counter("figure", 2.5);
      Profile.counter("figure", -3);
      assertEquals(List.of(text), session.notes());
    }
    TraceEvents trace = TraceEvents.read(file);
    assertEquals(text, trace.named("work").getFirst().arguments().get("subject").textValue());
    assertEquals(List.of(text), trace.notes());
    assertEquals(List.of(2.5, -3.0), trace.counter("figure"));
  }

  @Test
  void aRangeOfStepsLimitsTheTrace() throws IOException {
    Path file = folder.resolve("trace.json");
    try (Profile.Session _ = Profile.start(file, "test", StepRange.parse("3:4"), 0)) {
      for (int step = 1; step <= 6; step++) {
        Profile.step(step);
        try (StepSpan _ = new StepSpan("joint", step, 8)) {
          Profile.counter("figure", step);
        }
      }
    }
    TraceEvents trace = TraceEvents.read(file);
    assertEquals(
        List.of(3L, 4L),
        trace.named("step").stream().map(span -> span.arguments().get("step").asLong()).toList());
    assertEquals(List.of(3.0, 4.0), trace.counter("figure"));
  }

  @Test
  void rangesAreRead() {
    assertEquals(new StepRange(20, 29), StepRange.parse("20:29"));
    assertEquals(new StepRange(1, 5), StepRange.parse(":5"));
    assertEquals(new StepRange(7, Long.MAX_VALUE), StepRange.parse("7:"));
    for (String bad : List.of("", "5", "0:4", "5:4", "a:b", "-1:2", "1:2:3")) {
      IllegalArgumentException problem =
          assertThrows(IllegalArgumentException.class, () -> StepRange.parse(bad), bad);
      assertTrue(problem.getMessage().contains("FROM:TO"), problem.getMessage());
    }
  }

  @Test
  void thereIsOneTraceAtATime() throws IOException {
    try (Profile.Session _ = Profile.start(folder.resolve("a.json"), "a", StepRange.ALL, 0)) {
      assertThrows(
          IllegalStateException.class,
          () -> Profile.start(folder.resolve("b.json"), "b", StepRange.ALL, 0));
    }
  }

  @Test
  void aTraceThatIsCutOffIsWholeButForItsBracket() throws IOException {
    Path part = folder.resolve("trace.json.part");
    TraceFile trace = new TraceFile(folder.resolve("trace.json"));
    trace.process(TraceFile.HOST, "test");
    // More than the buffer, so that much of it lies in the file.
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      trace.counter("figure", System.nanoTime(), values -> values.put("value", number));
    }
    String text = Files.readString(part);
    assertTrue(text.length() > 100_000, () -> "only " + text.length() + " characters");
    Path mended = folder.resolve("mended.json");
    Files.writeString(mended, text.substring(0, text.lastIndexOf(",\n")) + "]");
    assertTrue(TraceEvents.read(mended).counter("figure").size() > 1000);
    trace.close();
    assertEquals(10_000, TraceEvents.read(folder.resolve("trace.json")).counter("figure").size());
  }
}
