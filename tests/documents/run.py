#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Does what the documents say, as a user who reads them does.

    run.py BUILD [WALK]...

A comment before a listing says what becomes of it:

    <!-- run: WALK... -->       its commands are run; a walk is a reader's way through documents, in
                                the order of DOCUMENTS, in one shell and one copy of the tree
    <!-- output: WALK... -->    what the commands before it print (JSON is compared as such)
    <!-- file: WALK..., name: NAME -->  it is saved under that name
    <!-- not run: REASON -->    it is not run; docs/check wants one of these for all shell listings

and behind the walks of run and file: `, in: FOLDER` of the tree; `, until: REGEX`, for a server: it
is left running, once it prints that, until the next one; `, fails`, when a command may; `, started`, when the workloads
applied by then have to run.

kubectl is a stand-in, see kubectl beside this file. What was applied in a walk is started at its end
with what was put into the cluster, and its webhooks are called as kube-apiserver calls them: by the
name of the Service, as the user that the kubeconfigs have for it, with the certificate or the token
that the walk made.

Prints each listing that is not run with its reason, FAIL lines, and at last
`documents: N passed, N failed, N skipped`: listings.
"""

import fcntl
import glob
import json
import os
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
DOCUMENTS = ("docs/tutorial.md", "README.md", "CONTRIBUTING.md", "docs/patches.md",
             "docs/testing.md", "docs/operations.md", "docs/program.md",
             "docs/admwhctl.md", "docs/build.md", "docs/managed-clusters.md", "examples/README.md",
             *("examples/%s/%s" % (name, page) for name in ("rancher", "kubewarden", "runecast")
               for page in ("deploy/README.md", "README.md")))
LISTING = re.compile(r"^( *)<!-- (run|output|file|not run): (.*?) -->\n+\1```(\w*)\n(.*?)^\1```$",
                     re.S | re.M)
PRELUDE = r"""set -eu -o pipefail
set -m # a process group for each server
end() { for job in $(jobs -p); do kill -- -"$job" 2>/dev/null || true; done; wait || true; }
trap end EXIT
await() { # FILE REGEX PID
  local _
  for _ in $(seq 1200); do
    ! grep -qE -- "$2" "$1" || return 0
    kill -0 "$3" 2>/dev/null || break
    sleep 0.1
  done
  return 1
}
"""


class Listing:
    def __init__(self, document, number, match):
        indent, self.kind, mark, self.language, text = match.groups()
        self.text = re.sub("^" + indent, "", text, flags=re.M)
        self.document = document
        self.where = "%s, marked listing %d" % (document, number)
        if self.kind == "not run":
            self.reason, self.walks = mark, []
            return
        walks, *rest = re.split(r", (?=in:|until:|fails|started|name:)", mark)
        self.walks = walks.split()
        given = dict((part.split(": ", 1) + [True])[:2] for part in rest)
        self.folder = given.get("in", ".")
        self.until, self.name = given.get("until"), given.get("name")
        self.fails, self.started = "fails" in given, "started" in given


def read_listings():
    """All marked ones, in the order of DOCUMENTS, which names each document with some that are run."""
    listings = []
    for page in ("*.md", "docs/**/*.md", "examples/**/*.md"):
        for path in glob.glob(os.path.join(TOP, page), recursive=True):
            document = os.path.relpath(path, TOP)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            listings += [Listing(document, number, match)
                         for number, match in enumerate(LISTING.finditer(text), 1)]
    return sorted(listings, key=lambda listing: (
        DOCUMENTS.index(listing.document) if listing.walks else len(DOCUMENTS)))


class Walk:
    """One shell in a copy of the tree; the installed library in a prefix of its own."""

    def __init__(self, name, folder, build, prefix):
        self.name, self.build, self.prefix = name, build, prefix
        self.top, self.state = os.path.join(folder, "tree"), os.path.join(folder, "state")
        self.listings = []

    def lay_out(self):
        """The tree: its examples copied, for users write there, the rest by links."""
        os.makedirs(os.path.join(self.state, "bin"))
        os.mkdir(self.top)
        for name in os.listdir(TOP):
            path = os.path.join(TOP, name)
            if name == "examples":
                shutil.copytree(path, os.path.join(self.top, name))
            elif not name.startswith(("build", ".")):
                os.symlink(path, os.path.join(self.top, name))
        for name in ("build", "build-demo"):
            os.symlink(self.build, os.path.join(self.top, name))
        os.symlink(os.path.join(HERE, "kubectl"), os.path.join(self.state, "bin", "kubectl"))
        os.symlink(os.path.join(self.build, "tools", "admwhctl", "admwhctl"),
                   os.path.join(self.state, "bin", "admwhctl"))
        for folder, _, files in os.walk(os.path.join(self.build, "examples")):
            for name in files:
                if name.startswith("admwh-") and os.access(os.path.join(folder, name), os.X_OK):
                    os.symlink(os.path.join(folder, name), os.path.join(self.state, "bin", name))

    def _out(self, number):
        return os.path.join(self.state, "out-%d" % number)

    def script(self):
        lines, started = [PRELUDE], False
        start = "%s %s %s" % (sys.executable, shlex.quote(os.path.join(HERE, "deployed.py")),
                              shlex.quote(self.build))
        start = ("echo deployed > {s}/at; {c} >{s}/deployed 2>&1 & await {s}/deployed '^started$' $!"
                 ).format(s=shlex.quote(self.state), c=start)
        for number, listing in enumerate(self.listings):
            if listing.kind == "output":
                continue
            if listing.started and not started:
                lines.append(start)
                started = True
            out = shlex.quote(self._out(number))
            lines.append("echo %d > %s/at; cd %s" % (
                number, shlex.quote(self.state),
                shlex.quote(os.path.join(self.top, listing.folder))))
            if listing.kind == "file":
                lines.append("cat > %s <<'END OF FILE'\n%sEND OF FILE" % (listing.name,
                                                                         listing.text))
                continue
            lines.append("end" if listing.until else "")  # the server before it
            lines.append("set +e" if listing.fails else "set -e")
            lines.append("{\n%s} >%s 2>&1%s" % (listing.text, out, " &" if listing.until else ""))
            if listing.until:
                lines.append("await %s %s $!" % (out, shlex.quote(listing.until)))
        if not started:
            lines.append("set -e\n" + start)
        return "\n".join(lines) + "\necho end > %s/at\n" % shlex.quote(self.state)

    def environment(self):
        libraries = os.path.dirname(os.path.dirname(self.prefix["pc"]))
        return {**os.environ, "NO_COLOR": "1", "ADMWH_WALK": self.state, "ADMWH_TREE": self.top,
                "PATH": os.path.join(self.state, "bin") + ":" + os.environ["PATH"],
                "PKG_CONFIG_PATH": os.path.dirname(self.prefix["pc"]),
                "LD_LIBRARY_PATH": libraries}

    def run(self):
        """{place of a listing: what is wrong}"""
        self.lay_out()
        path = os.path.join(self.state, "script")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.script())
        done = subprocess.run([*apart(), "bash", path], env=self.environment(), cwd=self.top,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=900)
        at = self.read("at").strip()
        if at != "end":
            place = len(self.listings) - 1 if at == "deployed" else int(at)
            shown = self.read("deployed" if at == "deployed" else "out-%d" % place)
            return {place: "%s: fails (%s): %s%s" % (
                at, done.returncode, shown[-3000:], done.stdout.decode()[-2000:])}
        return dict(filter(lambda item: item[1], (
            (number, self._compare(number, listing))
            for number, listing in enumerate(self.listings) if listing.kind == "output")))

    def read(self, name):
        try:
            with open(os.path.join(self.state, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _compare(self, number, listing):
        """What is wrong with an output, which is that of the commands before it; or None."""
        before = max(place for place in range(number) if self.listings[place].kind == "run")
        printed, expected = self.read("out-%d" % before), listing.text
        if listing.language == "json":
            printed, expected = json.loads(printed), json.loads(expected)
        return None if printed == expected else "prints %s" % (printed,)


def apart():
    """Commands in a network of their own, where the ports of the documents are free."""
    inside = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        subprocess.run([*inside, "true"], check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [*inside, sys.executable, os.path.abspath(__file__), "--loopback"]


def loopback(command):
    """Bring the loopback up, then be the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        up_and_running = 0x41
        fcntl.ioctl(sock, 0x8914, struct.pack("16sh", b"lo", up_and_running))  # SIOCSIFFLAGS
    os.execvp(command[0], command)


def install(build, folder):
    """The library as a user has it who installs it into a prefix."""
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder],
                   check=True, stdout=subprocess.DEVNULL)
    pc, = (os.path.join(where, "admwh.pc") for where, _, files in os.walk(folder)
           if "admwh.pc" in files)
    with open(pc, encoding="utf-8") as file:
        text = file.read()
    with open(pc, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^(\w+)=/", r"\1=%s/" % folder, text, flags=re.M))
    return {"pc": pc}


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) > 1 else 2
    if sys.argv[1] == "--loopback":
        loopback(sys.argv[2:])
    build, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    walks, passed, failed, skipped = {}, 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="admwh-documents-") as folder:
        prefix = install(build, os.path.join(folder, "prefix"))
        for listing in read_listings():
            if listing.kind == "not run" and not wanted:
                print("not run: %s: %s" % (listing.where, listing.reason))
                skipped += 1
            for name in listing.walks:
                if name not in walks:
                    walks[name] = Walk(name, os.path.join(folder, name), build, prefix)
                walks[name].listings.append(listing)
        for name, walk in walks.items():
            if wanted and name not in wanted:
                continue
            wrong = walk.run()
            for place, what in wrong.items():
                print("FAIL %s: walk %s: %s" % (walk.listings[place].where, name, what))
            print("walk %s: %d listings, %d wrong" % (name, len(walk.listings), len(wrong)),
                  flush=True)
            passed += len(walk.listings) - len(wrong)
            failed += len(wrong)
    print("documents: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
