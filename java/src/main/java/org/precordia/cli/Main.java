// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.precordia.distributed.RankLostException;
import org.precordia.distributed.RanksException;
import org.precordia.eval.EvaluationException;
import org.precordia.model.ProgramVersion;
import org.precordia.runtime.OutOfDeviceMemoryException;
import org.precordia.runtime.PrecordiaException;
import org.precordia.train.TrainingException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** The command {@code precordia}. */
@Command(
    name = "precordia",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    description = "Reconstructs the leads of a 12-lead ECG that a reduced lead set did not record.",
    footer = {
      "",
      "Exit codes: 0 done; 1 internal fault; 2 usage; 3 data, model or run cannot be used;",
      "4 native library or device cannot be used; 6 bench compare found something slower;",
      "7 another rank was lost; 8 the ranks did not come together; 130 stopped by the user."
    },
    subcommands = {
      DemoCommand.class,
      DoctorCommand.class,
      DownloadCommand.class,
      PrepareCommand.class,
      VerifyCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      StudyCommand.class,
      ReconstructCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      SynthesizeCommand.class,
      BenchCommand.class,
      AutoComplete.GenerateCompletion.class
    })
public final class Main {
  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command and returns its exit code. */
  static int run(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, command, parsed) -> explain(e, command));
    if (arguments.length == 0) {
      line.usage(System.out);
      return ExitCode.USAGE;
    }
    return line.execute(arguments);
  }

  /** One sentence for what a user can mend, a stack trace for what only we can. */
  private static int explain(Exception e, CommandLine command) {
    int code = codeOf(e);
    if (code == ExitCode.INTERNAL) {
      e.printStackTrace(command.getErr());
      command
          .getErr()
          .println("This is a fault of Precordia; please report it with the text above.");
    } else {
      String text = RankOptions.prefixOf(command) + "precordia: " + sentence(e);
      command.getErr().println(command.getColorScheme().errorText(text));
    }
    return code;
  }

  private static int codeOf(Exception e) {
    return switch (e) {
      case RankLostException lost -> ExitCode.RANK_LOST;
      case RanksException ranks -> ExitCode.RANKS;
      case PrecordiaException device -> ExitCode.DEVICE;
      case IOException data -> ExitCode.DATA;
      case UncheckedIOException data -> ExitCode.DATA;
      case TrainingException run -> ExitCode.DATA;
      case EvaluationException evaluation -> ExitCode.DATA;
      case IllegalArgumentException argument -> ExitCode.DATA;
      default -> ExitCode.INTERNAL;
    };
  }

  private static String sentence(Exception e) {
    return switch (e) {
      case NoSuchFileException missing ->
          missing.getMessage() + ": there is no such file or folder";
      case AccessDeniedException denied -> denied.getMessage() + ": access is denied";
      case OutOfDeviceMemoryException full ->
          full.getMessage()
              + ". What helps: train with --accumulate 2 or more, or a smaller batch"
              + " (docs/training.md); on a GPU, leave the data on the host with --data-on host;"
              + " raise --memory-limit where it is set";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  /** Version of the program and of the Java that runs it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "Precordia " + ProgramVersion.get(),
        "Java %s, %s, %s %s"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vm.name"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"))
      };
    }
  }
}
