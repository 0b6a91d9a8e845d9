// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.precordia.profile.Profile;
import org.precordia.profile.StepRange;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The trace of a command that computes. */
final class ProfileOption {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--profile",
      paramLabel = "FILE.json[.gz]",
      description =
          "Write a trace of the command's phases and of every native op, for ui.perfetto.dev or"
              + " chrome://tracing; docs/profiling.md.")
  Path file;

  /** A trace while it is open; none where none is wanted. */
  interface Trace extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** Lets every rank but the first one write a file of its own: {@code FILE.rank2.json}. */
  ProfileOption ofRank(int rank) {
    if (file != null && rank > 0) {
      String name = file.getFileName().toString();
      int suffix = name.toLowerCase(Locale.ROOT).lastIndexOf(".json");
      int at = suffix < 0 ? name.length() : suffix;
      file =
          file.resolveSibling(
              "%s.rank%d%s".formatted(name.substring(0, at), rank, name.substring(at)));
    }
    return this;
  }

  /** Begins the trace, if one is wanted. */
  Trace open(Output output) throws IOException {
    return open(output, StepRange.ALL, 0);
  }

  /**
   * Begins the trace, if one is wanted.
   *
   * @param steps steps of training that it is limited to
   * @param patienceSeconds how long an end of the process waits for the command's own end
   */
  Trace open(Output output, StepRange steps, long patienceSeconds) throws IOException {
    if (file == null) {
      return () -> {};
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".json") && !name.endsWith(".json.gz")) {
      throw new ParameterException(
          spec.commandLine(), "--profile: the name must end in .json or .json.gz: " + file);
    }
    Profile.Session session = Profile.start(file, spec.qualifiedName(), steps, patienceSeconds);
    return () -> {
      session.close();
      session.notes().forEach(note -> output.line("profile  " + note));
      output.line("profile  " + session.file());
    };
  }
}
