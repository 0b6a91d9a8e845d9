// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts classes of the program or of its tests in a Java of their own. */
public final class JavaProcess {
  private JavaProcess() {}

  /** The command line of a class, of this test run's class path. */
  public static List<String> command(String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath(), main));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String classPath() {
    return Stream.of(
            folderOf(JavaProcess.class),
            folderOf(Reconstructor.class),
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""))
        .filter(path -> !path.isEmpty())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String folderOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /**
   * A process in whose environment no launcher says which rank it is, whatever started the build.
   */
  public static ProcessBuilder unranked(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(OMPI|PMIX?|SLURM|MASTER)_.*|(LOCAL_)?RANK|.*WORLD_SIZE"));
    return builder;
  }
}
