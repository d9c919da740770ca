#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The container images that scripts/image makes, as a container runtime uses them: each is unpacked
by umoci into a folder, which is the root of its program, run as the image's user with the args, the
env and the volumes of the example's own manifest. Each has to answer one review over TLS as its
policy decides, with a client certificate where it asks for one.

    run.py [NAME]...

Where there is no umoci, or this user may not chroot, that is said and nothing is run. The last line
is `images: N passed, N failed, N skipped`.
"""

import glob
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "examples"))

import test_deploy  # noqa: E402 (found only now)
from certificates import ORDINARY_CLIENT, Certificates  # noqa: E402
from example import Example, probe  # noqa: E402

PRIVILEGED = {"spec": {"containers": [{"name": "web", "image": "ghcr.io/x/y",
                                       "securityContext": {"privileged": True}}]}}
BACKUP = {"group": "backups.example.com", "version": "v1", "kind": "Backup"}
SETTING = {"group": "management.cattle.io", "version": "v3", "kind": "Setting"}
TOKEN = ("Authorization", "Bearer 11111111-2222-4333-8444-555555555555")
# By example: path, members of the review, whether it is allowed, and a word of the response.
REVIEWS = {
    "hello": ("/validate/pods", {}, False, "is privileged"),
    "registries": ("/validate", {}, False, "is of no registry"),
    "sidecar": ("/mutate", {}, True, "patch"),
    "limits": ("/validate", {}, True, "would be denied"),  # as its manifest begins
    "scanner": ("/validate", {}, False, "the scanner: "),  # which has no address here
    "crd": ("/validate", {"kind": BACKUP, "obj": {"spec": {"retentionDays": 0}}}, False,
            "retentionDays"),
    "rancher": ("/v1/webhook/validation/settings.management.cattle.io",
                {"kind": SETTING, "obj": {"metadata": {"name": "auth-user-session-ttl-minutes"},
                                          "value": "x"}}, False, "strconv.ParseInt"),
    "kubewarden": ("/validate/clusterwide-pod-privileged", {}, False, "rivileged"),
    "runecast": ("/rc2/api/v2/k8s-admission-policy-review/policy/2", {}, False, "ghcr.io/x/y"),
}


class Wrong(Exception):
    """What is not as expected."""


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise Wrong("%s: %s" % (" ".join(command), done.stdout.decode()[-4000:]))
    return done.stdout.decode()


def unpack(name, bundle):
    """The image's root, and its process as the runtime's configuration has it."""
    layout = os.path.join(ROOT, "build-image", "admwh-" + name)
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        tag = json.load(file)["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
    call("umoci", "unpack", "--image", "%s:%s" % (layout, tag), bundle)
    with open(os.path.join(bundle, "config.json"), encoding="utf-8") as file:
        return tag, os.path.join(bundle, "rootfs"), json.load(file)["process"]


def look_at(root, process):
    """What holds of every image."""
    user = process["user"]["uid"], process["user"]["gid"]
    if user != (65532, 65532) or process["args"] != ["/webhook"] or process["cwd"] != "/":
        raise Wrong("the process is %r" % process)
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if mode & 0o6022:
                raise Wrong("%s has mode %o" % (path, mode))
            if name in ("sh", "bash", "busybox"):
                raise Wrong("there is a shell: " + path)
    if not os.listdir(os.path.join(root, "licenses")):
        raise Wrong("there is no licence")


def container_of(name, tag):
    """The container of the example's manifest; None for hello, which has none."""
    text = dict(test_deploy.manifests()).get("examples/%s/deploy" % name)
    if not text:
        return None
    container, = test_deploy.make_cluster(text).pods()
    expected = "registry.example.org/admwh-%s:%s" % (name, tag)
    if container.container["image"] != expected:
        raise Wrong("the manifest names %s" % container.container["image"])
    return container


def lay_out(root, container, certificates):
    """What the runtime adds: devices and volumes. Their files are readable by the user's group."""
    os.makedirs(os.path.join(root, "dev"), exist_ok=True)
    device = os.path.join(root, "dev/urandom")
    os.mknod(device, 0o20666, os.makedev(1, 9))
    os.chmod(device, 0o666)
    os.mkdir(os.path.join(root, "tmp"))
    os.chmod(os.path.join(root, "tmp"), 0o1777)
    if container:
        container.lay_out(root)
        return
    for path, name in ((certificates.server, "tls.crt"), (certificates.server_key, "tls.key"),
                       (certificates.ca, "client-ca.crt")):
        shutil.copy(path, os.path.join(root, name))
        os.chmod(os.path.join(root, name), 0o644)


def arguments(container):
    """(args, env) of the container, its ports any that are free of the loopback."""
    if container:
        return container.command("/webhook", ""), container.environment("")
    return ["/webhook", "--listen=127.0.0.1:0", "--tls-cert=/tls.crt", "--tls-key=/tls.key",
            "--client-ca=/client-ca.crt", "--client-allow=cn:kube-apiserver"], {}


def ask(name, server, context):
    path, members, _, _ = REVIEWS[name]
    headers = [TOKEN] if name == "runecast" else []
    return server.ask(context, "POST", path, headers,
                      probe.review(**{"obj": PRIVILEGED, **members}))


def is_answered(name, server, context):
    _, _, allowed, word = REVIEWS[name]
    answer = ask(name, server, context)
    if answer.status != 200:
        raise Wrong("the review is answered %r" % answer)
    response = answer.json()["response"]
    if response["allowed"] != allowed or word not in json.dumps(response):
        raise Wrong("the review is answered %s" % json.dumps(response))


def is_refused(name, server, context):
    """In the handshake, or as Rancher does."""
    try:
        answer = ask(name, server, context)
    except (ssl.SSLError, ConnectionError, probe.Closed):
        return
    if answer.status != 401:
        raise Wrong("a review without a certificate is answered %r" % answer)


def runs_as(server):
    """The ids and the root of the process that runs."""
    with open("/proc/%d/status" % server.process.pid, encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return (fields["Uid"].split("\t")[1], fields["Gid"].split("\t")[1], fields["Groups"].strip(),
            os.readlink("/proc/%d/root" % server.process.pid))


def check(name, folder, certificates):
    call(os.path.join(ROOT, "scripts/image"), name)
    tag, root, process = unpack(name, os.path.join(folder, name))
    look_at(root, process)
    container = container_of(name, tag)
    lay_out(root, container, certificates)
    command, environment = arguments(container)
    # The program replaces chroot, so that signals reach it.
    server = Example(["chroot", "--userspec=65532:65532", "--groups=", root, *command], environment)
    try:
        if runs_as(server) != ("65532", "65532", "", os.path.realpath(root)):
            raise Wrong("it runs as %r" % (runs_as(server),))
        is_answered(name, server, certificates.context(ORDINARY_CLIENT))
        if name != "runecast":  # which asks for a token instead
            is_refused(name, server, certificates.context())
    finally:
        wrong = server.stop()
    if wrong:
        raise Wrong(wrong)


def cannot():
    """Why nothing can be run here."""
    if not shutil.which("umoci"):
        return "there is no umoci"
    if os.geteuid() != 0:
        return "chroot needs root"
    return None


def main():
    names = sys.argv[1:] or list(REVIEWS)
    deployed = {path.split(os.sep)[-2]
                for path in glob.glob(os.path.join(ROOT, "examples/*/deploy"))}
    if deployed - set(REVIEWS):
        print("FAIL there is no review for " + ", ".join(sorted(deployed - set(REVIEWS))))
        return 1
    why = cannot()
    if why:
        print("images: %s: not run" % why)
        print("images: 0 passed, 0 failed, %d skipped" % len(names))
        return 0
    failed = 0
    with tempfile.TemporaryDirectory(prefix="admwh-images-") as folder:
        os.chmod(folder, 0o755)
        certificates = Certificates(folder)
        test_deploy.work = type("Work", (), {"certificates": certificates})
        for name in names:
            try:
                check(name, folder, certificates)
                print("ok   the image of %s answers a review in an empty root" % name, flush=True)
            except (Wrong, RuntimeError, OSError, ValueError) as error:
                failed += 1
                print("FAIL %s: %s" % (name, error), flush=True)
    print("images: %d passed, %d failed, 0 skipped" % (len(names) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
