# SPDX-License-Identifier: MIT
"""The test programs that mutants are run against.

Two builds of the tree: `run`, optimized, whose programs are linked anew with the object of a mutant
before its archives; and `lines`, which counts lines, and tells which programs run which lines. What
was measured is kept as long as a program and the files that it reads stay the same.
"""
import collections
import dataclasses
import fcntl
import hashlib
import json
import math
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

SUITES = {"unit", "suites", "fuzz-corpus"}
# Read by programs, next to what they are made of.
DATA = ("tests/vectors", "tests/pki", "tests/suites", "fuzz/corpus")
# Measures and judges nothing, and takes long.
UNJUDGED = {"instructions over TLS"}
SKIPPED = 77
# A variable that a mutant leaves without its value has none that works by chance.
PATTERN = "-ftrivial-auto-var-init=pattern"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# A failed assertion of CMocka ends its program; memory comes and goes with a pattern.
ENVIRONMENT = {"CMOCKA_TEST_ABORT": "1", "MALLOC_PERTURB_": "165", "CCACHE_DISABLE": "1",
               "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:hard_rss_limit_mb=4096",
               "UBSAN_OPTIONS": "halt_on_error=1"}


class Broken(Exception):
    """What is wrong without any mutant."""


def check(command, **options):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    if result.returncode:
        raise Broken(f"{shlex.join(map(str, command))}\n{result.stdout[-4000:]}")
    return result.stdout


def linker():
    """The fastest that is there, as options of gcc."""
    for name in ("mold", "lld", "gold"):
        if shutil.which(f"ld.{name}"):
            return [f"-fuse-ld={name}"]
    return []


class Build:
    def __init__(self, top, folder, options):
        self.top, self.folder = top, folder
        if not (folder / "build.ninja").exists():
            check(["meson", "setup", folder, top, "-Ddebug=false", "-Ddefault_library=static",
                   *options], env={**os.environ, "CC": "gcc"}, cwd=top)
        check(["ninja", "-C", folder])
        units = json.loads((folder / "compile_commands.json").read_text())
        self.compile = collections.defaultdict(list)  # a file may be compiled more than once
        for unit in units:
            if unit["output"].startswith("src/"):
                self.compile[os.path.relpath(folder / unit["file"], top)].append(unit)
        self.link = self.link_commands()
        self.tests = json.loads((folder / "meson-info/intro-tests.json").read_text())

    def link_commands(self):
        """Of each program, by its path in the build folder."""
        commands = {}
        for line in check(["ninja", "-C", self.folder, "-t", "commands"]).splitlines():
            found = re.match(r"(?:ccache )?gcc +-o (\S+) ", line)
            if found and " -shared " not in line:
                commands[found[1]] = shlex.split(line)
        return commands

    def program(self, word):
        """The path in the build folder of a program that a test's command names, or None."""
        path = os.path.relpath(os.path.join(self.folder, word), self.folder)
        return path if path in self.link else None


@dataclasses.dataclass
class Test:
    name: str
    command: list
    programs: list  # what a mutant is linked into
    environment: dict
    cpu: float = 0  # seconds without a mutant
    wall: float = 0
    lines: dict = None  # those of each file that it runs


def tests_of(build):
    for test in build.tests:
        if not SUITES & {suite.split(":")[-1] for suite in test["suite"]}:
            continue
        if test["name"] in UNJUDGED:
            continue
        command = [build.program(word) or word for word in test["cmd"]]
        programs = [word for word in command if word in build.link]
        if programs:
            yield Test(test["name"], command, programs, test["env"])


def digest(build, test, data):
    made = hashlib.sha256(data)
    for program in test.programs:
        made.update((build.folder / program).read_bytes())
    return made.hexdigest()


def data_state(top):
    """Changes when a file that programs read does."""
    files = sorted(path for folder in DATA for path in (top / folder).rglob("*") if path.is_file())
    return "".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n"
                   for path in files).encode()


# Limits are set by a shell: what Python runs between fork and exec is not safe beside threads.
LIMITED = 'ulimit -c 0 -t "$0"; [ "$1" = 0 ] || ulimit -v "$1"; shift; exec "$@"'


def run(build, test, places, cpu=600, wall=900, memory=0, environment=()):
    """The exit status (negative: a signal) and CPU seconds of a test whose programs are there.

    cpu and wall are limits in seconds, memory one in KiB. The test runs in a session of its own, so that all it has started ends with it.
    """
    command = ["sh", "-c", LIMITED, str(cpu), str(memory)]
    command += [str(places.get(word, word)) for word in test.command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, cwd=build.folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **ENVIRONMENT, **test.environment,
                                    **dict(environment)},
                               start_new_session=True)
    try:
        status = process.wait(timeout=wall)
    except subprocess.TimeoutExpired:
        status = -signal.SIGALRM
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lines_run(build, test, files):
    """{file: (lines that a test runs, lines that it does not run)}, by gcov."""
    with tempfile.TemporaryDirectory() as folder:
        places = {program: build.folder / program for program in test.programs}
        run(build, test, places, environment={"GCOV_PREFIX": folder})
        counted = []
        for unit in (unit for file in files for unit in build.compile[file]):
            output = build.folder / unit["output"]
            data = pathlib.Path(folder + str(output.with_suffix(".gcda")))
            if data.exists():
                os.symlink(output.with_suffix(".gcno"), data.with_suffix(".gcno"))
                counted.append(data)
        if not counted:
            return {}
        told = subprocess.run(["gcov", "--json-format", "--stdout", *counted], check=True,
                              capture_output=True, cwd=build.folder).stdout
    counts = collections.defaultdict(collections.Counter)
    for line in told.splitlines():
        for file in json.loads(line)["files"]:
            name = os.path.relpath(os.path.join(build.folder, file["file"]), build.top)
            if name in files:
                for entry in file["lines"]:
                    counts[name][entry["line_number"]] += entry["count"]
    return {name: [[number for number, count in numbers.items() if (count > 0) == ran]
                   for ran in (True, False)] for name, numbers in counts.items()}


class Programs:
    """The tests, what each runs, and how to link and run one with another object."""

    def __init__(self, top, folder, tell):
        folder.mkdir(exist_ok=True)
        self.lock = open(folder / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Broken(f"another run uses {folder}") from None
        tell("building")
        self.link_options = linker()
        self.build = Build(top, folder / "run", ["-Doptimization=2",
                                                 f"-Dc_link_args={','.join(self.link_options)}"])
        self.lines = Build(top, folder / "lines", ["-Doptimization=0", "-Db_coverage=true"])
        # Some are made of optimized builds alone.
        self.tests = [test for test in tests_of(self.build)
                      if all(program in self.lines.link for program in test.programs)]
        self.cache_file = folder / "measured.json"
        self.cache = json.loads(self.cache_file.read_text()) if self.cache_file.exists() else {}
        self.measure(data_state(top), tell)
        self.sane = {}

    def measure(self, data, tell):
        kept = {}
        for test in self.tests:
            key = digest(self.build, test, data) + digest(self.lines, test, data)
            if key not in self.cache:
                tell(f"measuring '{test.name}'")
                self.cache[key] = self.measure_one(test)
                self.cache_file.write_text(json.dumps(self.cache))
            kept[key] = self.cache[key]
            test.cpu, test.wall, test.lines = kept[key]
        self.cache_file.write_text(json.dumps(kept))
        self.tests = [test for test in self.tests if test.lines is not None]

    def measure_one(self, test):
        start = time.monotonic()
        places = {program: self.build.folder / program for program in test.programs}
        status, cpu = run(self.build, test, places)
        wall = time.monotonic() - start
        if status == SKIPPED:
            return cpu, wall, None
        if status:
            raise Broken(f"{test.name} fails without a mutant: {status}")
        return cpu, wall, lines_run(self.lines, test, set(self.lines.compile))

    def that_run(self, mutant):
        """The tests that run a mutant's line: of its folder, with suites and corpora; and others.

        Each most likely to fail first.
        """
        file = pathlib.PurePath(mutant.file)
        near = (file.parent.name, "suite", "corpus")

        def rank(test):
            return test.name != f"{file.parent.name} {file.stem}", test.wall

        tests = sorted((test for test in self.tests if runs(test, mutant)), key=rank)
        close = [test for test in tests if test.name.split()[0] in near]
        return close, [test for test in tests if test not in close]

    def compile(self, file, source, output, options=()):
        """False: it does not compile. A file that is compiled more than once makes one object."""
        outputs = [output.with_suffix(f".{n}.o") for n in range(len(self.build.compile[file]))]
        for unit, one in zip(self.build.compile[file], outputs):
            words = shlex.split(unit["command"])
            for flag in ("-MF", "-MQ", "-o", "-c"):
                del words[words.index(flag):words.index(flag) + 2]
            result = subprocess.run([*words, "-w", PATTERN, *options, "-o", one, "-c", source],
                                    cwd=self.build.folder, capture_output=True,
                                    env={**os.environ, **ENVIRONMENT})
            if result.returncode:
                return False
        if len(outputs) > 1:
            check(["ld", "-r", "-o", output, *outputs])
        else:
            outputs[0].replace(output)
        return True

    def link(self, program, mutant_object, output, options=()):
        """mutant_object: before the archives, whose object of that name is then not asked for."""
        words = list(self.build.link[program])
        at = words.index("-o") + 1
        words[at:at + 1] = [output, *([mutant_object] if mutant_object else ())]
        check([*words, *options], cwd=self.build.folder)

    def passes(self, test, places, sanitized=False):
        """With limits that an endless loop or a wait for nothing meets."""
        times = 5 if sanitized else 3
        status, _ = run(self.build, test, places, cpu=math.ceil(times * test.cpu) + 2 * times,
                        wall=10 * test.wall + 30, memory=0 if sanitized else 8 << 20)
        return status == 0


def runs(test, mutant):
    """Does the test run one of its lines? A line without a count belongs to the one before."""
    ran, not_run = test.lines.get(mutant.file, ((), ()))
    counted = {*ran, *not_run}
    own = counted.intersection(range(mutant.line, mutant.last_line + 1))
    if not own:
        own = {max((line for line in counted if line < mutant.line), default=0)}
    return not own.isdisjoint(ran)
