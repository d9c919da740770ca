# SPDX-License-Identifier: MIT
"""docs/performance.md out of the results of a run: the tables and plots for performance.md.in."""

import os
import re
import statistics

import plot
from build import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(ROOT, "docs/performance.md")
LABELS = {
    "admwh-inline": "libadmwh, inline",
    "admwh-pool": "libadmwh, pool",
    "admwh-processes": "libadmwh, 2 processes",
    "rust": "Rust",
    "ctrl": "controller-runtime",
    "nethttp": "Go net/http",
    "node": "Node",
    "floor-software": "floor, ChaCha20",
    "floor-aes": "floor, AES",
}
SERVERS = {
    "admwh-inline": "this library, handlers on the event loop (`admwh_route_set_inline()`)",
    "admwh-pool": "this library, handlers on the worker pool: the default",
    "admwh-processes": "this library, inline, two worker processes",
    "rust": "axum, axum-server, rustls and kube: `AdmissionReview<DynamicObject>`, as kube's "
            "example has it",
    "ctrl": "Go, controller-runtime: handlers with its decoder into typed objects, "
            "`PatchResponseFromRaw()`",
    "nethttp": "Go, `net/http` and `encoding/json` with the types of k8s.io/api",
    "node": "`https` and `JSON.parse()`",
    "floor-software": "no webhook: wolfSSL as Debian builds it reads the bytes of a request and "
                      "answers with its UID",
    "floor-aes": "the same, with records of AES-128-GCM by nettle, as this library has them",
}
BODIES = {
    "tiny": "CREATE of a Lease",
    "pod11k": "CREATE of a Pod, half of it managed fields",
    "dep25k": "UPDATE of a Deployment",
    "cm100k": "CREATE of a ConfigMap",
    "cm1m": "UPDATE of a ConfigMap",
    "cm12m": 'UPDATE of a ConfigMap of 1 MB of "<", escaped',
}
POLICIES = {
    "envelope": "the namespace of the request is not `frozen`",
    "containers": "no container of a Pod or Deployment is privileged; ours by values",
    "containers-tree": "the same, ours by a jansson tree",
    "label": "adds a label to a Pod",
    "sidecar": "adds a container to a Pod; ours by `admwh_patch_edit()`",
}
# Policy, body, against which server, and the most that the ratio should be.
RATIOS = [
    ("envelope", "mix", "rust", 0.40), ("containers", "mix", "rust", 0.45),
    ("envelope", "mix", "ctrl", 0.12), ("containers", "mix", "ctrl", 0.09),
    ("envelope", "pod11k", "rust", 0.25), ("containers", "pod11k", "rust", 0.30),
    ("label", "pod11k", "rust", 0.35), ("envelope", "tiny", "rust", 0.8),
    ("envelope", "cm1m", "rust", 0.7),
]
PATCHES = [
    ("pod", "diff", "Pod, a sidecar and some labels: difference"),
    ("pod", "apply", "the same: application"),
    ("configmap", "diff", "ConfigMap of 1 MB, three of 500 entries changed: difference"),
    ("configmap", "apply", "the same: application"),
]
CODEC = {
    "envelope": "review, `envelope`", "values": "review, `containers`",
    "tree": "review, `containers-tree`", "index": "index alone",
    "jansson": "jansson: `json_loadb()`", "simdjson": "simdjson: the whole document",
    "yyjson": "yyjson: the whole document",
}
KEPT = re.compile(r"<!-- kept -->\n.*?<!-- end of kept -->\n", re.S)


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if value >= 1000:
        return "{:,.0f}".format(value)
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 1 else "%.2f" % value


def table(head, rows, texts=1):
    """The first columns are texts, the others numbers."""
    rule = ["---" if i < texts else "---:" for i in range(len(head))]
    return "\n".join("| %s |" % " | ".join(row) for row in (head, rule, *rows))


def code(names):
    return ["`%s`" % name for name in names]


def median(values):
    return statistics.median(values) if values else None


def middle(runs, *keys):
    """Medians of some figures of several runs."""
    return [median([run[key] for run in runs]) for key in keys]


def divide(a, b):
    return a / b if a and b else None


def verdict(what, value, aim):
    if value is None:
        return [what, "-", "%g" % aim, "not measured"]
    missed = "missed by %s (%.0f %%)" % (number(value - aim), 100 * (value / aim - 1))
    return [what, number(value), "%g" % aim, "met" if value <= aim else missed]


class Page:
    """Each method of a name in performance.md.in gives what stands there."""

    def __init__(self, results, kept):
        self.results = results
        self.names = [name for name in LABELS if name in results["servers"]]
        self.kept_text = kept

    def figure(self, policy, body, server):
        cells = self.results.get("cpu", {}).get(policy, {})
        return median(cells.get(body, {}).get(server))

    def by_server(self, head, row):
        """row(name): cells, or None where there is nothing"""
        rows = [(LABELS[name], row(name)) for name in self.names]
        return table(["server", *head],
                     [[label, *map(number, cells)] for label, cells in rows if cells])

    def run(self):
        r = self.results
        text = "%s run of %s on commit %s, %.0f minutes, load average at its start %.1f." % (
            r["mode"].capitalize(), r["date"], r["commit"], r["minutes"], r["load"])
        if r["mode"] == "quick":
            text += "\nA quick run has few rounds of fractions of a second: its figures are rough."
        return text

    def machine(self):
        r = self.results["machine"]
        versions = ", ".join("%s %s" % item for item in self.results["versions"].items())
        return "%s, %d CPUs, %s; %s, Linux %s.\n%s." % (
            r["cpu"], r["cpus"], r["memory"], r["system"], r["kernel"], versions)

    def servers(self):
        missing = self.results["missing"]
        rows = [[LABELS[name], words + (". **Not run**: " + missing[name] if name in missing
                                        else "")] for name, words in SERVERS.items()]
        return table(["server", "what it is"], rows, 2)

    def policies(self):
        return table(["policy", "what it decides"], zip(code(POLICIES), POLICIES.values()), 2)

    def bodies(self):
        rows = [["`%s`" % name, words, number(self.results["bodies"][name])]
                for name, words in BODIES.items()]
        return table(["body", "what it is", "bytes"], rows, 2)

    def aims(self):
        rows = []
        for policy, body, against, aim in RATIOS:
            ours, theirs = (self.figure(policy, body, name) for name in ("admwh-inline", against))
            what = "CPU, `%s`, `%s`, against %s" % (policy, body, LABELS[against])
            rows.append(verdict(what, divide(ours, theirs), aim))
        rows.append(verdict("allocations of a review, `label`",
                            self.results.get("mallocs", {}).get("label"), 10))
        rows.append(verdict("p99 at half of saturation, against the lowest of the others",
                            self.p99_ratio(), 1))
        pod = self.results.get("patch", {}).get("pod", {})
        ours, theirs = (sum(pod.get(name, {}).values()) for name in ("admwh", "go"))
        rows.append(verdict("CPU of a patch of a Pod, difference and application, against Go",
                            divide(ours, theirs), 0.2))
        return table(["what", "measured", "aim, at most", "verdict"], rows)

    def p99_ratio(self):
        found = self.results.get("latency", {})
        p99 = {name: middle(rows["half"], "p99")[0] for name, rows in found.items()}
        others = [value for name, value in p99.items()
                  if not name.startswith(("admwh", "floor"))]
        return divide(p99.get("admwh-inline"), min(others, default=None))

    def kept(self):
        return self.kept_text

    def rounds(self):
        return str(self.results["rounds"])

    def spread(self):
        spreads = sorted((max(values) - min(values)) / median(values)
                         for cells in self.results["cpu"].values() for cell in cells.values()
                         for values in cell.values())
        return "The rounds of a cell differ by %.0f %% in the median cell, by %.0f %% at the " \
            "ninth decile." % (100 * median(spreads), 100 * spreads[int(0.9 * len(spreads))])

    def cpu(self):
        parts = []
        for policy, cells in self.results["cpu"].items():
            parts += ["`%s`: %s." % (policy, POLICIES[policy]),
                      self.by_server(code(cells), self.row(policy, cells))]
        for against in ("rust", "ctrl"):
            if against in self.names:
                parts += ["libadmwh, inline, as a share of %s:" % LABELS[against],
                          self.ratios(against)]
        return "\n\n".join(parts)

    def row(self, policy, bodies):
        def cells(name):
            found = [self.figure(policy, body, name) for body in bodies]
            return found if any(found) else None

        return cells

    def ratios(self, against):
        bodies = self.results["bodies_measured"]
        rows = []
        for policy in self.results["cpu"]:
            # Trees stand beside the one way of the others.
            theirs = "containers" if policy == "containers-tree" else policy
            ratios = [divide(self.figure(policy, body, "admwh-inline"),
                             self.figure(theirs, body, against)) for body in bodies]
            rows.append(["`%s`" % policy, *("%.2f" % ratio if ratio else "-" for ratio in ratios)])
        return table(["policy", *code(bodies)], rows)

    def throughput(self):
        found = self.results["throughput"]
        return self.by_server(["1", "16", "128", "cipher suite"], lambda name: [
            *(median(found[name][str(n)]) for n in (1, 16, 128)), found[name]["cipher"]])

    def latency(self, what):
        found = self.results["latency"]
        return self.by_server(["requests a second", "p50", "p99", "p99.9"], lambda name: middle(
            found[name][what], "rate", "p50", "p99", "p999"))

    def latency_half(self):
        return self.latency("half")

    def latency_same(self):
        return self.latency("same")

    def memory(self):
        def row(name):
            found = self.results["memory"][name]
            values = [found.get(key) for key in ("idle", "128", "1000", "before", "cm12m", "peak")]
            return [value / 1024 if isinstance(value, int) else value for value in values]

        return self.by_server(["idle", "128", "1,000", "before 12 MB", "after", "peak"], row)

    def start(self):
        found = self.results["start"]
        return self.by_server(["least", "median"],
                              lambda name: [min(found[name]), median(found[name])])

    def connect(self):
        found = self.results["connect"]
        return self.by_server(["a second", "CPU of one, µs"],
                              lambda name: middle(found[name], "rate", "cpu_us"))

    def sizes(self):
        def row(name):
            found = self.results["sizes"].get(name)
            if not found:
                return None
            links = ["%s %s" % (part, number(size / 1048576))
                     for part, size in sorted(found["links"].items())]
            return [found["program"] / 1048576, sum(found["links"].values()) / 1048576,
                    ", ".join(links) or "-"]

        return self.by_server(["program", "linked", "of which"], row)

    def mallocs(self):
        return table(["policy", "calls"], [["`%s`" % name, number(count)] for name, count
                                           in self.results["mallocs"].items()])

    def patch(self):
        rows = []
        for document, what, words in PATCHES:
            found = self.results["patch"][document]
            ours, theirs = (found.get(name, {}).get(what) for name in ("admwh", "go"))
            rows.append([words, *map(number, (ours, theirs, divide(ours, theirs)))])
        return table(["what", "libadmwh", "Go", "ratio"], rows)

    def codec(self):
        found = self.results["codec"]
        rows = [[words, *(number(found[body].get(name)) for body in found)]
                for name, words in CODEC.items() if name in found["tiny"]]
        return table(["what", *code(found)], rows)

    def handshake(self, mode):
        found = self.results["handshake"][mode]
        rows = []
        for client, row in found.items():
            own, rest = ("%.2f" % (row[key] / found["good"][key]) for key in ("own", "rest"))
            rows.append([client, number(row["own"]), own, number(row["rest"]), rest,
                         row["verdict"]])
        return table(["client", "own", "of good", "wolfSSL", "of good", "verdict"], rows)

    def handshake_require(self):
        return self.handshake("require")

    def handshake_request(self):
        return self.handshake("request")

    def processes(self):
        rows = []
        for count, row in self.results["processes"].items():
            if count != "crash_ms":
                rows.append(["none" if count == "0" else count, *map(number, (
                    row["idle"] / 1024, row["after"] / 1024, row["rate"], row["cpu_us"]))])
        return table(["worker processes", "memory idle", "after load", "answers a second",
                      "CPU of a review, µs"], rows)

    def crash(self):
        return number(median(self.results["processes"]["crash_ms"]))

    def unmeasured(self):
        missing = [part for part in re.findall(r"^%(\w+)$", template(), re.M)
                   if part not in self.results]
        return "Not measured in this run: %s.\n" % ", ".join(missing) if missing else ""

    def text(self):
        """The parts of the template that were measured, filled in."""
        parts = re.split(r"^%(\w*)\n", template(), flags=re.M)
        text = parts[0] + "".join(part for name, part in zip(parts[1::2], parts[2::2])
                                  if not name or name in self.results)
        return re.sub(r"@(\w+)@", lambda match: getattr(self, match[1])(), text).rstrip() + "\n"

    def plots(self):
        found = {}
        for policy in ("envelope", "containers"):
            cells = self.results.get("cpu", {}).get(policy, {})
            panels = {body: {name: self.figure(policy, body, name) for name in self.names
                             if name in cell} for body, cell in cells.items()}
            if panels:
                found["performance-%s.svg" % policy] = plot.bars(
                    "CPU of a review, policy “%s”, µs" % policy, panels, LABELS)
        rows = {name: [us / 1000 for us in middle(runs["half"], "p50", "p99", "p999")]
                for name, runs in self.results.get("latency", {}).items()}
        if rows:
            found["performance-latency.svg"] = plot.dots(
                "Latency at half of each server's saturation",
                "milliseconds; dots are p50, p99 and p99.9", rows, LABELS)
        return found


def template():
    with open(os.path.join(HERE, "performance.md.in"), encoding="utf-8") as file:
        return file.read()


def write(results):
    """The text between the marks of what is kept is not touched."""
    kept = "<!-- kept -->\n<!-- end of kept -->\n"
    if os.path.exists(PAGE):
        with open(PAGE, encoding="utf-8") as file:
            found = KEPT.search(file.read())
        kept = found[0] if found else kept
    page = Page(results, kept)
    for name, text in {"performance.md": page.text(), **page.plots()}.items():
        with open(os.path.join(ROOT, "docs", name), "w", encoding="utf-8") as file:
            file.write(text)
