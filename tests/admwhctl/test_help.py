# SPDX-License-Identifier: MIT
"""Help, man page and completion tell of the same commands and flags."""

import os
import re
import shutil
import subprocess
import unittest

from program import ADMWHCTL, ROOT, ProgramTest

MAN = os.path.join(ROOT, "docs", "man", "admwhctl.1")
BASH = os.path.join(ROOT, "tools", "admwhctl", "completion", "bash")


class Help(ProgramTest):
    def commands(self):
        found = re.findall(r"^  ([a-z]+) +\S", self.run_program("--help").stdout, re.M)
        self.assertIn("review", found)
        return found

    def flags(self, command):
        return set(re.findall(r"--[a-z][a-z0-9-]*", self.run_program(command, "--help").stdout))

    def complete(self, *words):
        """What bash offers for the last of these words."""
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _admwhctl; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, BASH, ADMWHCTL, *words], cwd=self.folder,
                              stdout=subprocess.PIPE, text=True, check=True)
        return set(done.stdout.split())

    def test_the_man_page_has_all_commands_and_their_flags(self):
        with open(MAN, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(re.findall(r"^\.Ss (\w+)$", text, re.M), self.commands())
        for command in self.commands():
            section = re.search(r"^\.Ss %s$(.*?)^\.S" % command, text, re.M | re.S)[1]
            told = {"-" + flag for line in re.findall(r"^\..*Fl.*$", section, re.M)
                    for flag in re.findall(r"(?<= )-[a-z][a-z0-9-]*", line)}
            self.assertEqual(self.flags(command) - {"--help"}, told, command)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_man_page_is_well_formed(self):
        done = subprocess.run(["groff", "-mdoc", "-Tutf8", "-ww", MAN], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=True)
        self.assertNotRegex(done.stdout, r"warning:|error:")
        self.assertIn("admwhctl", done.stdout)

    def test_bash_completes_commands_flags_words_and_files(self):
        self.assertEqual(self.complete(""), {*self.commands(), "--help", "--version"})
        self.assertEqual(self.complete("re"), {"renew", "replay", "review"})
        for command in self.commands():
            self.assertEqual(self.complete(command, "--"), self.flags(command), command)
        self.assertEqual(self.complete("test", "--output", "t"), {"text", "tap"})
        self.assertEqual(self.complete("review", "--type", ""), {"mutating", "validating"})
        self.write("pod.yaml", "")
        self.assertEqual(self.complete("review", "po"), {"pod.yaml"})

    def test_all_commands_refuse_a_wrong_flag_alike(self):
        for command in self.commands():
            for words, said in ((["--no-such-flag"], "--no-such-flag: there is no such flag"),
                                (["a", "-x", "b"], "-x: there is no such flag"),
                                (["a", "-xy"], "-x: there is no such flag")):
                with self.subTest(command, words=words):
                    self.assertEqual(
                        self.run_program(command, *words, status=2).stderr,
                        f"admwhctl {command}: {said}; --help lists the flags\n")
        for command, flag, said in (("review", "--url", "needs a value"),
                                    ("renew", "--days", "needs a value"),
                                    ("verify", "--json=1", "takes no value"),
                                    ("patch", "--yaml=1", "takes no value")):
            with self.subTest(command, flag=flag):
                self.assertIn(f"admwhctl {command}: {flag}: {said}; --help",
                              self.run_program(command, "a", flag, status=2).stderr)

    def test_no_colours_and_no_progress_without_a_terminal(self):
        for command in self.commands():
            self.assertNotIn("\033", self.run_program(command, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
