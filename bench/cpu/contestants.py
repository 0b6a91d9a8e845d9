# SPDX-License-Identifier: Apache-2.0
"""Programs that measure in turns: each prepares once, and then measures whenever its turn comes."""

import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path


class Refused(Exception):
    """A contestant that does not run: its sentence is why."""


class Contestant:
    """What all have in common. variant, precision and threads say what is measured."""

    def __init__(self, variant, precision, threads, ours=False):
        self.variant, self.precision, self.threads, self.ours = variant, precision, threads, ours
        self.facts, self.rounds, self.values, self.peak = {}, [], [], 0
        self.refusal = None

    def prepare(self):
        pass

    def turn(self, seconds):
        """Measures for about that long and keeps the times."""
        raise NotImplementedError

    def end(self):
        pass

    def keep(self, answer):
        if "ms" in answer:
            self.rounds.append(answer["ms"])
        else:
            self.values.append(answer["value"])
        self.peak = max(self.peak, answer.get("peak_bytes", 0))


class Process(Contestant):
    """A program of the protocol of bench/native/turns.h."""

    PREPARE_S, TURN_S = 900, 600

    def __init__(self, variant, precision, threads, command, log, ours=False, environment=None):
        super().__init__(variant, precision, threads, ours)
        self.command = [str(word) for word in command]
        self.log, self.environment = log, environment or {}
        self.process = None

    def prepare(self):
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.threads), **self.environment}
        self.errors = tempfile.TemporaryFile("w+")
        try:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
                env=environment,
            )
        except OSError as error:
            raise Refused(str(error)) from error
        self.facts = self._answer(self.PREPARE_S)

    def turn(self, seconds):
        try:
            self.process.stdin.write(f"{seconds}\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Refused(self._reason()) from error
        self.keep(self._answer(self.TURN_S))

    def _answer(self, limit):
        """The next JSON line; programs may print other lines, which are skipped."""
        deadline = time.time() + limit
        while True:
            left = deadline - time.time()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.end()
                raise Refused(f"no answer within {limit} s")
            line = self.process.stdout.readline()
            if not line:
                raise Refused(self._reason())
            if line.startswith("{"):
                return json.loads(line)

    def _reason(self):
        code = self.process.wait()
        if code == -9:
            return "ended by signal 9: memory ran out"
        self.errors.seek(0)
        text = self.errors.read()
        with open(self.log, "a") as log:
            log.write(f"{' '.join(self.command)}\n{text}\n")
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1][:300] if lines else f"exit status {code}"

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Jmh(Contestant):
    """A JMH benchmark in sample-time mode, one JVM a turn."""

    def __init__(self, variant, precision, threads, root, benchmark, parameters, library, log):
        super().__init__(variant, precision, threads, ours=True)
        self.root, self.benchmark, self.parameters = Path(root), benchmark, parameters
        self.library, self.log = library, log

    def prepare(self):
        if not (self.root / "bench" / "target" / "lib").is_dir():
            raise Refused("the Java side is not built: ./mvnw package -DskipTests")

    def turn(self, seconds):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            command = [self.root / "bench" / "jmh", self.benchmark + "$", "-bm", "sample", "-tu", "ms", "-f", "0",
                       "-wi", "1", "-w", f"{max(1, round(seconds))}s", "-i", "1", "-r", f"{max(1, round(seconds))}s",
                       "-foe", "true", "-rf", "json", "-rff", file.name]
            for name, value in self.parameters.items():
                command += ["-p", f"{name}={value}"]
            environment = {**os.environ, "JDK_JAVA_OPTIONS": f"-Dprecordia.library={self.library}"}
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
            text = Path(file.name).read_text()
        if done.returncode != 0 or not text.strip():
            with open(self.log, "a") as log:
                log.write(done.stdout + done.stderr)
            reasons = [line for line in (done.stdout + done.stderr).splitlines() if "xception" in line]
            raise Refused(reasons[0][:300] if reasons else f"JMH gave no result (exit status {done.returncode})")
        histogram = json.loads(text)[0]["primaryMetric"]["rawDataHistogram"]
        self.keep({"ms": [value for fork in histogram for iteration in fork for value, count in iteration
                          for _ in range(int(count))]})
